"""What is let go of with time: details of old runs, never what a revision was made from, never the last runs."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalogue_app.container import Container, build
from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.ids import RunId
from catalogue_app.domain.source import Source, SourceKind
from catalogue_app.settings import load_settings
from tests.living import add_source, harvest

KEPT_RUNS = 10


class Clock:
    """A clock that moves by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


def opened(folder: Path, clock: Clock) -> tuple[Container, Source, Path]:
    container = build(load_settings({"CATALOGUE_DATA_DIR": str(folder / "var")}), clock)
    container.upgrade()
    container.organs.seed(actor="test")
    path = folder / "list.json"
    write(path, 20)
    return container, add_source(container, SourceKind.DATA_JSON, path), path


def write(path: Path, count: int) -> None:
    rows = [{"identifier": f"d-{number}", "title": f"第{number}号名录"} for number in range(count)]
    path.write_text(json.dumps({"dataset": rows}), encoding="utf-8")


def daily(container: Container, source: Source, clock: Clock, days: int) -> list[RunId]:
    runs = []
    for _ in range(days):
        runs.append(harvest(container, source.id).run.id)
        clock.now += timedelta(days=1)
        container.run_retention.sweep(actor="test")
    return runs


def details(container: Container, runs: list[RunId]) -> tuple[list[int], list[int]]:
    """Return how many outcomes and fetches each run still has."""
    with container.uow.reading() as look:
        outcomes = [sum(look.outcomes.count(run).values()) for run in runs]
        return outcomes, [len(look.snapshots.of_run(run)) for run in runs]


def test_the_storage_of_an_unchanged_source_stays_constant(tmp_path: Path) -> None:
    clock = Clock()
    container, source, _ = opened(tmp_path, clock)
    runs = daily(container, source, clock, 40)
    outcomes, fetches = details(container, runs)
    assert outcomes[0] == 20, "the run that added them is kept for long"
    assert outcomes[1:] == [0] * (39 - KEPT_RUNS) + [20] * KEPT_RUNS
    assert fetches == [1] + [0] * (39 - KEPT_RUNS) + [1] * KEPT_RUNS
    assert len(container.sources.view(source.id, 100).runs) == 40, "figures of every run stay"


def test_what_a_revision_was_made_from_is_kept_for_good(tmp_path: Path) -> None:
    clock = Clock()
    container, source, path = opened(tmp_path, clock)
    [first] = daily(container, source, clock, 1)
    write(path, 21)
    [second] = daily(container, source, clock, 1)
    clock.now += timedelta(days=2000)
    daily(container, source, clock, 15)
    outcomes, fetches = details(container, [first, second])
    assert outcomes == [0, 0]
    assert fetches == [1, 1]
    with container.uow.reading() as look:
        for run in (first, second):
            [fetch] = look.snapshots.of_run(run)
            assert b"d-19" in b"".join(look.snapshots.chunks(fetch.digest))


def test_a_held_run_keeps_its_details(tmp_path: Path) -> None:
    clock = Clock()
    container, source, path = opened(tmp_path, clock)
    daily(container, source, clock, 1)
    write(path, 2)
    held = daily(container, source, clock, 1)
    write(path, 20)
    daily(container, source, clock, 30)
    assert details(container, held)[0] == [2]


def test_a_report_whose_details_are_gone_says_so(tmp_path: Path) -> None:
    clock = Clock()
    container, source, _ = opened(tmp_path, clock)
    runs = daily(container, source, clock, 30)
    with pytest.raises(InvalidInput, match="details_dropped"):
        container.run_reports.find(runs[5])
