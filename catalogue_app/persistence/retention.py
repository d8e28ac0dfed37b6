"""What is let go of with time: the record-by-record details of runs that nobody will ask for again.

Bodies as fetched are never let go (the database refuses it), nor which of them a run brought home from which a revision
was made: the raw record of every revision stays.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, final
from uuid import UUID

from sqlalchemy import Select, delete, func, or_, select
from sqlalchemy.orm import Session

from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.ids import RunId
from catalogue_app.persistence.entry_rows import RevisionRow
from catalogue_app.persistence.outcomes import OutcomeRow
from catalogue_app.persistence.runs import RunRow
from catalogue_app.persistence.snapshots import FetchRow

_ENDED: Final = (RunState.COMPLETE.value, RunState.ABORTED.value, RunState.CANCELLED.value)
"""Held runs wait for a person, and running ones for their end: their details are needed."""


@final
class Retention:
    """Finds and lets go of details."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def outlived(self, *, kept_runs: int, before: datetime, changes_before: datetime, limit: int) -> Sequence[RunId]:
        """Return ended runs whose details have had their time, oldest first.

        Args:
            kept_runs: ended runs of each source that are passed over, counted from the last.
            before: runs that ended later are passed over.
            changes_before: as `before`, for runs that changed something.
            limit: most runs returned.
        """
        place = func.row_number().over(
            partition_by=RunRow.source_id, order_by=(RunRow.started_at.desc(), RunRow.id.desc())
        )
        ended = select(RunRow.id, place.label("place")).where(RunRow.state.in_(_ENDED)).subquery()
        changed = RunRow.added + RunRow.changed + RunRow.vanished + RunRow.restored > 0
        has_outcomes = select(OutcomeRow.position).where(OutcomeRow.run_id == RunRow.id).exists()
        has_fetches = select(FetchRow.number).where(FetchRow.run_id == RunRow.id).exists()
        rows = (
            select(RunRow.id)
            .join(ended, ended.c.id == RunRow.id)
            .where(
                ended.c.place > kept_runs,
                RunRow.finished_at < before,
                or_(~changed, RunRow.finished_at < changes_before),
                or_(has_outcomes, has_fetches & RunRow.id.not_in(_made_revisions())),
            )
            .order_by(RunRow.started_at)
            .limit(limit)
        )
        return [RunId(key) for key in self._session.scalars(rows)]

    def drop(self, run_id: RunId) -> int:
        """Let go of the details of one run; its figures stay. Returns how many rows went."""
        outcomes = delete(OutcomeRow).where(OutcomeRow.run_id == run_id)
        fetches = delete(FetchRow).where(FetchRow.run_id == run_id, FetchRow.run_id.not_in(_made_revisions()))
        connection = self._session.connection()
        return connection.execute(outcomes).rowcount + connection.execute(fetches).rowcount


def _made_revisions() -> Select[UUID | None]:
    """Return the runs that revisions were made in."""
    return select(RevisionRow.run_id).where(RevisionRow.run_id.is_not(None)).distinct()
