"""Two of every process under mixed load for a minute: no deadlock, no lost update, no error, index equal."""

from pathlib import Path

import pytest

from tests.mixed_load import run
from tests.own_postgres import a_server

pytestmark = pytest.mark.engines

SECONDS = 60


def test_two_of_every_process_share_one_database_without_harm(tmp_path: Path) -> None:
    with a_server() as server:
        report = run(tmp_path, server.address, SECONDS)
    print("\n".join(report.lines()))  # noqa: T201 — shown where it fails
    assert (report.deadlocks, report.lost_updates, report.unbalanced) == (0, 0, 0)
    assert +report.errors == {}
    assert report.is_index_equal
    assert min(report.edits, report.runs, len(report.seconds["search"])) > 10, "there was load"
