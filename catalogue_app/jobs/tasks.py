"""The scheduled sweeps: each is one call into a service, safe to repeat and safe to miss."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final
from uuid import UUID

import structlog

from catalogue_app.container import Container
from catalogue_app.domain.errors import CatalogueError, Conflict, GivenBack
from catalogue_app.domain.ids import SourceId
from catalogue_app.domain.source import Source
from catalogue_app.domain.upload import UploadId

ACTOR: Final = "scheduler"
"""Who the audit log says acted."""

_log = structlog.get_logger()


def harvest_due(container: Container) -> None:
    """Take up runs that killed processes left, then hand every source whose time has come to the places for reading.

    Returns while they are harvested: a slow source holds up neither the others nor those that fall due meanwhile.
    """
    with _reported("resume_runs"):
        for report in container.harvesting.resume_all(actor=ACTOR):
            _log.info("harvest_run_taken_up", source_id=str(report.source_id), state=report.state.value)
    with _reported("harvest_due"):
        container.harvest_pool.offer(container.sources.due(), partial(_harvest, container))


def _harvest(container: Container, source: Source, when_read: Callable[[], None]) -> None:
    with _reported("harvest_due", source_id=str(source.id)):
        actor = container.dispatch.who_wants(source.id, schedule=ACTOR)
        if actor is None:
            return  # harvested between the look at what is due and now
        report = container.harvesting.run(source.id, actor=actor, when_read=when_read)
        _log.info("harvest_run_ended", source_id=str(source.id), state=report.state.value, **report.tallies())


def harvest_source(container: Container, source_id: str) -> None:
    """Harvest one source, if that is still wanted: the task may have waited, or been done by another since.

    Raises:
        GivenBack: this process is to stop; the task waits for another.
    """
    with _reported("harvest_source", source_id=source_id):
        source = SourceId(UUID(source_id))
        if (actor := container.dispatch.who_wants(source, schedule=ACTOR)) is not None:
            report = container.harvesting.run(source, actor=actor)
            _log.info("harvest_run_ended", source_id=source_id, state=report.state.value, **report.tallies())
            container.dispatch.queue_drain()


def take_up_uploads(container: Container) -> None:
    """Go on with uploaded tables that a killed process left."""
    with _reported("take_up_uploads"):
        if taken_up := container.uploads.take_up():
            _log.info("uploads_taken_up", uploads=taken_up)


def go_on_with_upload(container: Container, upload_id: str) -> None:
    """Look at one uploaded table, or take its rows: whichever it waits for."""
    with _reported("go_on_with_upload", upload_id=upload_id):
        upload = container.uploads.go_on(UploadId(UUID(upload_id)))
        _log.info("upload_gone_on_with", upload_id=upload_id, state=upload.state.value, taken=upload.taken)
        container.dispatch.queue_drain()


def drain_outbox(container: Container) -> None:
    """Bring what changed into the index."""
    with _reported("drain_outbox"):
        container.index_feed.drain()


def send_letters(container: Container) -> None:
    """Send the letters that wait."""
    with _reported("send_letters"):
        if sent := container.letter_sender.send_waiting():
            _log.info("letters_sent", sent=sent)


def drop_details(container: Container) -> None:
    """Let go of the details of runs that have had their time."""
    with _reported("drop_details"):
        if runs := container.run_retention.sweep(actor=ACTOR):
            _log.info("harvest_details_dropped", runs=runs)


def sweep_uploads(container: Container) -> None:
    """Let go of uploaded tables and of files that nobody needs any more."""
    with _reported("sweep_uploads"):
        if tables := container.upload_retention.sweep_tables(actor=ACTOR):
            _log.info("uploads_swept", uploads=tables)
        if files := container.upload_retention.sweep_files(actor=ACTOR):
            _log.info("source_files_swept", files=files)


def evaluate_findings(container: Container) -> None:
    """End held runs that nobody decided about in time; open, update and close findings by the present day's rules."""
    with _reported("expire_held_runs"):
        if expired := container.quarantine.expire():
            _log.info("held_runs_expired", expired=expired)
    with _reported("evaluate_findings"):
        evaluation = container.upkeep.evaluate_findings()
        _log.info("findings_evaluated", opened=evaluation.opened, closed=evaluation.closed, open=evaluation.open)


def reconcile(container: Container) -> None:
    """Compare index and database; where they differ, or the index was built by other words, rebuild it."""
    with _reported("reconcile"):
        container.index_feed.drain()
        verification = container.index_feed.verify()
        _log.info("index_verified", **verification.document())
        if not verification.is_equal or container.index_feed.status().needs_rebuild:
            container.upkeep.rebuild_index()


def sweep_indexes(container: Container) -> None:
    """Remove search indexes that were put aside more than a day ago."""
    with _reported("sweep_indexes"):
        if removed := container.index_feed.sweep(container.clock()):
            _log.info("indexes_swept", removed=removed)


@contextmanager
def _reported(task: str, **bound: str) -> Iterator[None]:
    """Keep the schedule going whatever one sweep meets; the next sweep tries again.

    Raises:
        GivenBack: this process is to stop.
    """
    try:
        yield
    except GivenBack:
        _log.info("task_given_back", task=task, **bound)
        raise
    except Conflict as error:
        _log.info("task_left_to_another", task=task, why=error.code, **bound)
    except CatalogueError as error:
        _log.warning("task_failed", task=task, why=error.code, **bound)
    except Exception:  # noqa: BLE001 — one sweep never stops the schedule
        _log.exception("task_failed", task=task, **bound)
