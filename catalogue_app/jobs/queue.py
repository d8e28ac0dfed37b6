"""A worker: takes tasks off the queue in PostgreSQL and does them, until it is told to stop.

Lanes are served side by side, so that nothing small waits behind something large. Lost connections are taken up again;
tasks of a process that died are put back by `retry_stalled`, and every task may be done twice.
"""

import asyncio
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

import structlog
from procrastinate import App, PsycopgConnector, RetryStrategy
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import DeleteJobCondition, Status
from procrastinate.worker import Worker
from psycopg import AsyncConnection, OperationalError
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from catalogue_app.container import Container
from catalogue_app.domain.errors import GivenBack
from catalogue_app.domain.task import Lane, TaskKind
from catalogue_app.jobs import tasks

_PAUSE_S: Final = 1.0
"""Seconds before a database that went away is tried again."""

_LOOK_S: Final = 0.2
"""Seconds between two looks whether the worker should stop."""

_CONNECT_S: Final = 10
"""Seconds to wait for a connection."""

_POLL_S: Final = 2.0
"""Seconds between two looks for tasks; a notice of the database comes sooner as a rule."""

_log = structlog.get_logger()


def run_worker(container: Container, stop: threading.Event) -> None:
    """Do tasks until told to stop; then finish what is in hand, or give it back at its next step."""
    asyncio.run(_work(container, stop))


def retry_stalled(container: Container) -> int:
    """Put back the tasks of workers that gave no sign of life; returns how many."""
    return asyncio.run(_retry_stalled(container))


async def _work(container: Container, stop: threading.Event) -> None:
    while not stop.is_set():
        app = _app(container)
        try:
            async with app.open_async():
                _log.info("worker_ready")
                await _serve_lanes(app, container, stop)
        except (ConnectorException, DBAPIError, OperationalError, OSError) as error:
            _log.warning("worker_lost_database", why=type(error).__name__)
        except Exception as error:  # noqa: BLE001 — whatever a lost database raises, the worker comes back
            _log.warning("worker_interrupted", why=type(error).__name__)
        if not stop.is_set():
            await asyncio.sleep(_PAUSE_S)


async def _serve_lanes(app: App, container: Container, stop: threading.Event) -> None:
    """Serve every lane; when one of them ends, for whatever reason, all do."""
    heartbeat_s = container.settings.jobs.stalled_s / 3
    workers = [
        Worker(
            app,
            queues=[lane.value],
            name=f"catalogue-{lane}",
            concurrency=places,
            fetch_job_polling_interval=_POLL_S,
            delete_jobs=DeleteJobCondition.SUCCESSFUL,
            install_signal_handlers=False,
            update_heartbeat_interval=heartbeat_s,
            stalled_worker_timeout=container.settings.jobs.stalled_s,
        )
        for lane, places in _places(container).items()
    ]
    running = [asyncio.create_task(worker.run()) for worker in workers]  # type: ignore[no-untyped-call]  # as below
    ended = asyncio.Event()
    for task in running:
        task.add_done_callback(lambda _: ended.set())
    watches = [asyncio.create_task(_told_to(stop, ended)), asyncio.create_task(_watch_database(container, ended))]
    await ended.wait()
    for worker in workers:
        worker.stop()  # type: ignore[no-untyped-call]  # the library leaves these two without annotations
    for outcome in await asyncio.gather(*running, *watches, return_exceptions=True):
        if isinstance(outcome, Exception):
            raise outcome


async def _told_to(stop: threading.Event, ended: asyncio.Event) -> None:
    """Pass word of a stop, which comes to a thread, on to the loop."""
    await asyncio.to_thread(_wait_for_either, stop, ended)
    ended.set()


def _wait_for_either(stop: threading.Event, ended: asyncio.Event) -> None:
    while not ended.is_set() and not stop.wait(_LOOK_S):
        pass


async def _watch_database(container: Container, ended: asyncio.Event) -> None:
    """End the session when its own connection does: the database was away.

    What was done meanwhile could not be noted, and such tasks would stay in the hand of a worker that lives; the next
    session is another worker to the queue. Runs that failed meanwhile are let go of, so that anybody may go on.
    """
    try:
        address = _address(container)
        async with await AsyncConnection.connect(address, autocommit=True, connect_timeout=_CONNECT_S) as own:
            while not ended.is_set():
                await own.execute("SELECT 1")
                await asyncio.to_thread(container.harvesting.let_go)
                with suppress(TimeoutError):
                    await asyncio.wait_for(ended.wait(), _POLL_S)
    finally:
        ended.set()


def _places(container: Container) -> Mapping[Lane, int]:
    return {
        Lane.HARVEST: container.settings.jobs.harvests,
        Lane.LARGE_HARVEST: 1,
        Lane.FEED: 1,
        Lane.UPKEEP: 1,
        Lane.UPLOAD: 1,
    }


def _app(container: Container) -> App:
    app = App(connector=_connector(container, connections=2 * len(Lane) + container.settings.jobs.harvests))
    again = RetryStrategy(retry_exceptions={GivenBack})

    def harvest(source_id: str) -> None:
        tasks.harvest_source(container, source_id)

    def upload(upload_id: str) -> None:
        tasks.go_on_with_upload(container, upload_id)

    def drain() -> None:
        tasks.drain_outbox(container)

    def evaluate() -> None:
        tasks.evaluate_findings(container)

    def reconcile() -> None:
        tasks.reconcile(container)

    functions: dict[TaskKind, Callable[..., None]] = {
        TaskKind.HARVEST: harvest,
        TaskKind.DRAIN: drain,
        TaskKind.EVALUATE: evaluate,
        TaskKind.RECONCILE: reconcile,
        TaskKind.UPLOAD: upload,
    }
    for kind, function in functions.items():
        app.task(name=kind.value, retry=again)(function)
    return app


def _connector(container: Container, *, connections: int) -> PsycopgConnector:
    return PsycopgConnector(conninfo=_address(container), min_size=1, max_size=connections, timeout=float(_CONNECT_S))


def _address(container: Container) -> str:
    address = make_url(container.settings.database_url).set(drivername="postgresql")
    return address.render_as_string(hide_password=False)


async def _retry_stalled(container: Container) -> int:
    app = App(connector=_connector(container, connections=1))
    async with app.open_async():
        manager = app.job_manager
        stalled = list(await manager.get_stalled_jobs(seconds_since_heartbeat=container.settings.jobs.stalled_s))
        for job in stalled:
            _log.warning("task_stalled", task=job.task_name, attempts=job.attempts)
            try:
                await manager.retry_job(job)
            except UniqueViolation:  # the same task waits already
                await manager.finish_job(job, Status.ABORTED, delete_job=True)
    return len(stalled)
