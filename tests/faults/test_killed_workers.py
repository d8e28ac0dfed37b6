"""A worker killed (-9) at thirty moments of harvests from the queue: nothing lost, nothing doubled, index equal."""

import json
import random
import time
from pathlib import Path

import pytest

from catalogue_app.container import Container
from catalogue_app.domain.harvest import HarvestRun, RunState
from catalogue_app.domain.source import Source, SourceKind
from tests.installation import a_dataset
from tests.living import add_source
from tests.processes import Fleet, a_fleet, shared_catalogue
from tests.servers import wait_until

pytestmark = pytest.mark.engines

RECORDS = 1500
KILLS = 30
SOON_S = 600.0
QUICK = {"jobs_poll_s": "0.3", "jobs_drain_s": "0.3", "jobs_stalled_s": "1.5"}


def offer(path: Path, edition: int) -> None:
    records = [a_dataset(f"a-{number}", f"幼儿园名录第{number}册，第{edition}版") for number in range(RECORDS)]
    path.write_text(json.dumps({"dataset": records}), encoding="utf-8")


def runs_of(container: Container, source: Source) -> tuple[HarvestRun, ...]:
    with container.uow.reading() as look:
        return look.runs.latest(source.id, limit=200)


def fall_due(container: Container, source: Source) -> None:
    with container.uow() as work:
        work.sources.put_off(source.id, container.clock())
        work.commit()


def settle(container: Container, fleet: Fleet, source: Source, edition: int) -> None:
    """Let a worker live until the catalogue says what the source says."""
    fleet.worker()

    def is_settled() -> bool:
        with container.uow.reading() as look:
            said = {entry.metadata.title.original.rpartition("，")[2] for entry in look.entries.stream()}
            return said == {f"第{edition}版"} and look.outbox.size() == 0 and not look.runs.running(source.id)

    assert wait_until(is_settled, SOON_S)


def test_a_worker_killed_thirty_times_loses_and_doubles_nothing(tmp_path: Path) -> None:
    chance = random.Random(4)  # noqa: S311 — chance of a test
    offered = tmp_path / "data.json"
    offer(offered, 0)
    container = shared_catalogue(tmp_path)
    source = add_source(container, SourceKind.DATA_JSON, offered)
    edition, killed_at_work = 0, 0
    with a_fleet(container, tmp_path, **QUICK) as fleet:
        fleet.scheduler()
        for _ in range(KILLS):
            worker = fleet.worker()
            wait_until(lambda: bool(runs_of(container, source)[:1]), SOON_S)
            time.sleep(chance.uniform(0.0, 2.0))
            killed_at_work += runs_of(container, source)[0].state is RunState.RUNNING
            worker.kill()
            if runs_of(container, source)[0].state is RunState.COMPLETE:
                edition += 1
                offer(offered, edition)
                fall_due(container, source)
        fall_due(container, source)
        settle(container, fleet, source, edition)
    with container.uow.reading() as look:
        identifiers = [entry.identifier for entry in look.entries.stream()]
        assert sorted(identifiers) == sorted(f"a-{number}" for number in range(RECORDS))
        assert look.audit.verify().broken_at is None
    closed = [run for run in runs_of(container, source) if run.state is RunState.COMPLETE]
    assert closed
    assert all(run.gathered == sum(run.outcomes.values()) == RECORDS for run in closed)
    assert container.index_feed.verify().is_equal
    assert killed_at_work >= KILLS // 3, "kills hit work, not waiting"
