"""The queue of tasks: in the transaction of its cause, once, small before large, given back, put back."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prometheus_client import generate_latest
from sqlalchemy import text

from catalogue_app.container import Container
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.ids import SourceId, new_id
from catalogue_app.domain.source import Source, SourceKind
from catalogue_app.domain.task import LARGE, Lane, TaskKind, harvest_task, upkeep_task
from catalogue_app.jobs.queue import retry_stalled, run_worker
from catalogue_app.persistence.base import make_engine
from catalogue_app.persistence.leadership import AdvisoryLock
from catalogue_app.services.health import PartState
from tests.builders import an_event
from tests.installation import datasets
from tests.living import add_source
from tests.processes import shared_catalogue
from tests.servers import wait_until

pytestmark = pytest.mark.engines

SOON_S = 120.0


@pytest.fixture
def container(tmp_path: Path) -> Container:
    return shared_catalogue(tmp_path, jobs_stalled_s="1.5")


def a_source(container: Container, folder: Path, name: str = "list", count: int = 3) -> Source:
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"dataset": datasets(count)}), encoding="utf-8")
    return add_source(container, SourceKind.DATA_JSON, path)


def waiting(container: Container) -> dict[str, int]:
    with container.uow.reading() as look:
        return {lane: backlog.tasks for lane, backlog in look.queue.backlog().items()}


@contextmanager
def working(container: Container) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=run_worker, args=(container, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_a_task_is_queued_with_its_cause_or_not_at_all(container: Container, tmp_path: Path) -> None:
    with container.uow() as work:
        work.queue.put(upkeep_task(TaskKind.DRAIN))
        work.record(an_event())
    assert waiting(container) == {}
    a_source(container, tmp_path)
    assert waiting(container) == {"harvest": 1}


def test_the_same_task_waits_once_whoever_queues_it(container: Container, tmp_path: Path) -> None:
    a_source(container, tmp_path)
    assert container.dispatch.queue_harvests() == 0
    with container.uow() as first, container.uow() as second:
        assert first.queue.put(upkeep_task(TaskKind.EVALUATE))
        first.commit()
        assert not second.queue.put(upkeep_task(TaskKind.EVALUATE))
        second.queue.put(upkeep_task(TaskKind.RECONCILE))
        second.commit()
    assert waiting(container) == {"harvest": 1, "upkeep": 2}


def test_small_sources_go_first_and_large_ones_have_a_lane_of_their_own() -> None:
    source = SourceId(new_id())
    small, middling, unknown, large = (harvest_task(source, size) for size in (10, 5000, None, LARGE))
    assert small.priority > middling.priority > unknown.priority
    assert (small.lane, unknown.lane, large.lane) == (Lane.HARVEST, Lane.HARVEST, Lane.LARGE_HARVEST)


def test_workers_do_what_is_due_and_nothing_twice(container: Container, tmp_path: Path) -> None:
    source = a_source(container, tmp_path)
    with working(container):
        assert wait_until(lambda: container.index_feed.status().documents == 3, SOON_S)
    with container.uow() as work:
        work.queue.put(harvest_task(source.id, 3))  # an old task, whose work somebody did meanwhile
        work.commit()
    with working(container):
        assert wait_until(lambda: waiting(container) == {}, SOON_S)
    with container.uow.reading() as look:
        assert [run.state for run in look.runs.latest(source.id, 9)] == [RunState.COMPLETE]


def test_tasks_of_a_worker_without_a_sign_of_life_are_put_back(container: Container, tmp_path: Path) -> None:
    a_source(container, tmp_path)
    engine = make_engine(container.settings.database_url)
    with engine.begin() as database:
        died = database.scalar(
            text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id")
        )
        database.execute(text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = :died"), {"died": died})
    engine.dispose()
    assert waiting(container) == {}
    assert retry_stalled(container) == 1
    assert waiting(container) == {"harvest": 1}
    assert retry_stalled(container) == 0


def test_one_leads_and_another_takes_over_when_its_connection_ends(container: Container) -> None:
    engine = make_engine(container.settings.database_url)
    first, second = AdvisoryLock(engine), AdvisoryLock(engine)
    assert container.health.parts()["scheduler"] is PartState.ABSENT
    assert (first.take(), second.take()) == (True, False)
    assert container.health.parts()["scheduler"] is PartState.OK
    assert (first.is_held(), second.is_held(), second.is_anybodys()) == (True, False, True)
    with engine.begin() as database:
        ended = text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")
        database.execute(ended)
    assert wait_until(lambda: not first.is_held(), SOON_S), "a leader whose connection ended leads no more"
    assert second.take()
    second.let_go()
    assert not second.is_anybodys()
    engine.dispose()


def test_what_waits_is_among_the_figures(container: Container, tmp_path: Path) -> None:
    a_source(container, tmp_path)
    container.instruments.registry.register(container.monitoring)
    text = generate_latest(container.instruments.registry).decode()
    assert 'catalogue_queue_tasks{lane="harvest"} 1.0' in text
    assert 'catalogue_queue_seconds{lane="harvest"}' in text
