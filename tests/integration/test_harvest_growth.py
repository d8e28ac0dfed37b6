"""What a harvest costs the database grows with its records, not with their square; counted, not timed."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, event

from catalogue_app.domain.source import SourceKind
from tests.living import add_source, open_catalogue, tally

_STEPS: Final = 100
"""Instructions of SQLite's machine between two calls of its progress handler."""


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Count the instructions that SQLite spends on connections opened meanwhile, in hundreds."""
    steps: Counter[str] = Counter()

    def attach(connection: sqlite3.Connection, _record: object) -> None:
        connection.set_progress_handler(lambda: steps.update(all=1), _STEPS)

    event.listen(Engine, "connect", attach)
    try:
        yield steps
    finally:
        event.remove(Engine, "connect", attach)


def steps_of(folder: Path, records: int) -> tuple[int, int]:
    """Harvest so many records twice; returns what the first harvest cost, and the one that finds nothing new."""
    folder.mkdir()
    rows = [{"identifier": f"r-{number}", "title": f"第{number}号名录"} for number in range(records)]
    (folder / "data.json").write_text(json.dumps({"dataset": rows}), encoding="utf-8")
    with counted() as steps:
        container = open_catalogue(folder / "var", database_url="")
        source = add_source(container, SourceKind.DATA_JSON, folder / "data.json")
        before = steps["all"]
        assert tally(container.harvesting.run(source.id, actor="test"))[1] == records
        first = steps["all"]
        assert tally(container.harvesting.run(source.id, actor="test"))[3] == records
    return first - before, steps["all"] - first


def test_four_times_the_records_cost_about_four_times_the_work(tmp_path: Path) -> None:
    few, many = steps_of(tmp_path / "few", 1_000), steps_of(tmp_path / "many", 4_000)
    assert many[0] < 6 * few[0]
    assert many[1] < 6 * few[1]
