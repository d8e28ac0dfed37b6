"""The whole main job killed from outside, as an operator's machine would do it: afterwards index equals database."""

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from catalogue_app.domain.source import SourceKind
from tests.installation import datasets
from tests.living import add_source, harvest, open_catalogue, tally
from tests.shared import ROOT

RECORDS = 10_000


def harvest_until(data_dir: Path, source_id: object, progress: int) -> None:
    """Run `catalogue harvest` and kill it once so many rows of work are done: read, applied or indexed."""
    command = [sys.executable, "-m", "catalogue_app.cli.main", "harvest", str(source_id)]
    environment = {**os.environ, "CATALOGUE_DATA_DIR": str(data_dir)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as child:
        while child.poll() is None and done(data_dir) < progress:
            time.sleep(0.01)
        child.kill()


def done(data_dir: Path) -> int:
    with closing(sqlite3.connect(data_dir / "catalogue.sqlite3")) as database:
        [(read, applied, waiting)] = database.execute(
            "SELECT (SELECT count(*) FROM harvest_outcome), (SELECT count(*) FROM entry), (SELECT count(*) FROM outbox)"
        )
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
        harvest_until(tmp_path / "var", source.id, chance.randrange(1, 3 * RECORDS))
    harvest(container, source.id)
    assert tally(harvest(container, source.id)) == (RECORDS, 0, 0, RECORDS, 0, 0, 0)
    assert container.index_feed.verify().is_equal
    with container.uow.reading() as look:
        assert look.outbox.size() == 0
        assert sum(1 for _ in look.entries.revision_pairs()) == RECORDS
