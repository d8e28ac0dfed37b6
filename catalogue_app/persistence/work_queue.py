"""The queue of tasks, in the same database and the same transaction as what causes them; PostgreSQL alone has one.

Its tables are procrastinate's. On SQLite nothing is queued: what is due is data, and the one scheduler does it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast, final

import psycopg
from procrastinate import SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job
from procrastinate.manager import JobManager
from procrastinate.types import JSONValue
from sqlalchemy import text
from sqlalchemy.orm import Session

from catalogue_app.domain.task import Task

SOURCE: Final = "source_id"
"""Name of the argument that a harvest is given."""

UPLOAD: Final = "upload_id"
"""Name of the argument that going on with an upload is given."""

_THERE: Final = text("SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = :subject AND status IN ('todo', 'doing')")
_SIZES: Final = text(
    "SELECT job.queue_name, count(DISTINCT job.id), min(event.at) FROM procrastinate_jobs job "
    "JOIN procrastinate_events event ON event.job_id = job.id AND event.type IN ('deferred', 'deferred_for_retry') "
    "WHERE job.status = 'todo' GROUP BY job.queue_name"
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits in one lane.

    Attributes:
        since: when the task that was queued first was queued.
    """

    tasks: int
    since: datetime


@final
class WorkQueue:
    """Hands tasks to whichever worker is free."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def put(self, task: Task) -> bool:
        """Queue a task once this unit commits; False where the same one is there already, or nothing is queued."""
        if not has_queue(self._session) or self._session.execute(_THERE, {"subject": task.subject}).first():
            return False
        try:
            with self._session.begin_nested():  # somebody may have queued it since: that must not undo our cause
                connection = self._session.connection().connection.driver_connection
                _DEFERRING.defer_job(_job(task), connection=cast("psycopg.Connection", connection))  # the driver's own
        except AlreadyEnqueued:
            return False
        return True

    def backlog(self) -> Mapping[str, Backlog]:
        """Return lane to what waits in it; lanes where nothing waits are left out."""
        if not has_queue(self._session):
            return {}
        return {lane: Backlog(tasks=tasks, since=since) for lane, tasks, since in self._session.execute(_SIZES)}


def has_queue(session: Session) -> bool:
    """Say whether this database shares work out."""
    return session.get_bind().dialect.name == "postgresql"


_DEFERRING: Final = JobManager(SyncPsycopgConnector())  # never opened: it writes through the connection it is given


def _job(task: Task) -> Job:
    return Job(
        queue=task.lane.value,
        priority=task.priority,
        lock=task.subject,
        queueing_lock=task.subject,
        task_name=task.kind.value,
        task_kwargs=_arguments(task),
    )


def _arguments(task: Task) -> dict[str, JSONValue]:
    named = {SOURCE: task.source_id, UPLOAD: task.upload_id}
    return {name: str(value) for name, value in named.items() if value is not None}
