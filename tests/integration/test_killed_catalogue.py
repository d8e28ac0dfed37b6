"""The whole main job killed from outside, as an operator's machine would do it: afterwards index equals database."""

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from catalogue_app.container import Container
from catalogue_app.domain.source import SourceKind
from catalogue_app.persistence.base import make_engine
from tests.installation import datasets
from tests.living import add_source, harvest, open_catalogue, tally
from tests.shared import ROOT
from tests.stack import stack_variables

RECORDS = 10_000


def harvest_until(container: Container, source_id: object, progress: int) -> None:
    """Run `catalogue harvest` and kill it once so many rows of work are done: read, applied or indexed."""
    command = [sys.executable, "-m", "catalogue_app.cli.main", "harvest", str(source_id)]
    environment = os.environ | stack_variables(container.settings.data_dir)
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as child:
        while child.poll() is None and done(container) < progress:
            time.sleep(0.01)
        child.kill()


def done(container: Container) -> int:
    engine = make_engine(container.settings.database_url)
    with engine.connect() as database:
        read, applied, waiting = database.execute(
            text(
                "SELECT (SELECT count(*) FROM harvest_outcome), (SELECT count(*) FROM entry), "
                "(SELECT count(*) FROM outbox)"
            )
        ).one()
    engine.dispose()
    return int(read + applied + (applied - waiting))


@pytest.mark.full
@pytest.mark.parametrize("seed", range(3))
def test_a_killed_catalogue_ends_with_every_record_found_once(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 — chance of a test
    offered = tmp_path / "data.json"
    offered.write_text(json.dumps({"dataset": datasets(RECORDS)}), encoding="utf-8")
    container = open_catalogue(tmp_path / "var")
    source = add_source(container, SourceKind.DATA_JSON, offered)
    for _ in range(3):
        harvest_until(container, source.id, chance.randrange(1, 3 * RECORDS))
    harvest(container, source.id)
    assert tally(harvest(container, source.id)) == (RECORDS, 0, 0, RECORDS, 0, 0, 0)
    assert container.index_feed.verify().is_equal
    with container.uow.reading() as look:
        assert look.outbox.size() == 0
        assert sum(1 for _ in look.entries.revision_pairs()) == RECORDS
