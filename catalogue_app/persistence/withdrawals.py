"""How entries leave the catalogue and come back: a tombstone keeps why, when, by whom, and in what state they were."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final, TypeVar, final
from uuid import UUID

from sqlalchemy import SQLColumnExpression, Uuid, and_, case, delete, insert, literal, select
from sqlalchemy.orm import Session

from catalogue_app.domain.conclusion import WithdrawalReason
from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.harvest import Outcome
from catalogue_app.domain.ids import EntryId, RunId, SourceId
from catalogue_app.persistence.accountability import demand_audit
from catalogue_app.persistence.base import UtcDateTime
from catalogue_app.persistence.entries import set_state
from catalogue_app.persistence.entry_rows import EntryRow, TombstoneRow
from catalogue_app.persistence.outcomes import OutcomeRow

RESTORATION: Final = "restoration"

_BATCH: Final = 1000
_BY_SOURCE: Final = (
    WithdrawalReason.VANISHED.value,
    WithdrawalReason.UNDONE.value,
    WithdrawalReason.BELOW.value,
)
"""Reasons that end when the source has the record again; what a person decided stays."""

_PENDING: Final = (EntryState.CHANGE_PENDING.value, EntryState.WITHDRAW_PENDING.value)
"""States that end with the proposal they wait for; an entry that comes back waits for nothing."""

_IS_READ: Final = OutcomeRow.outcome.in_([Outcome.ADDED, Outcome.CHANGED, Outcome.UNCHANGED])
"""Outcomes of a record that is in order: a rejected one restores nothing."""


Item = TypeVar("Item")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """What a tombstone says.

    Attributes:
        by: who withdrew: a person, or who started the run.
        note: the person's own reason, in words.
        successor_id: the entry that took its place.
        run_id: the run that concluded it.
    """

    reason: WithdrawalReason
    at: datetime
    by: str
    note: str = ""
    successor_id: EntryId | None = None
    run_id: RunId | None = None


@final
class WithdrawalRepository:
    """Tombstones; an entry has one exactly while it is withdrawn."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def withdraw(self, entry_ids: Sequence[EntryId], withdrawal: Withdrawal) -> int:
        """Withdraw entries, each with its tombstone and a revision; returns how many were not withdrawn before.

        Labels go and the index is told; code and history stay.
        """
        demand_audit(self._session)
        return sum(self._bury(part, withdrawal) for part in _parts(entry_ids))

    def withdraw_lapsed(self, source_id: SourceId, withdrawal: Withdrawal, *, runs: int, before: datetime) -> int:
        """Withdraw the entries of a source that so many complete runs did not see, and that were missing before then.

        Returns:
            How many were withdrawn.
        """
        lapsed = select(EntryRow.id).where(
            EntryRow.source_id == source_id,
            EntryRow.state != EntryState.WITHDRAWN,
            EntryRow.missing_runs >= runs,
            EntryRow.missing_since < before,
        )
        return self.withdraw([EntryId(entry_id) for entry_id in self._session.scalars(lapsed)], withdrawal)

    def restore_seen(self, run_id: RunId, source_id: SourceId, at: datetime) -> int:
        """Bring back the withdrawn entries whose record a run saw again, if it was for their source to decide."""
        back = (
            select(EntryRow.id, OutcomeRow.position)
            .join(TombstoneRow, TombstoneRow.entry_id == EntryRow.id)
            .join(OutcomeRow, and_(OutcomeRow.run_id == run_id, OutcomeRow.identifier == EntryRow.identifier))
            .where(EntryRow.source_id == source_id, TombstoneRow.reason.in_(_BY_SOURCE))
        )
        # Two steps: asked for the outcome as well, SQLite walks through all records of the run for every entry.
        places = {position: EntryId(entry_id) for entry_id, position in self._session.execute(back)}
        in_order = {places[position] for part in _parts(list(places)) for position in self._read(run_id, part)}
        return self.restore(sorted(in_order), at, run_id)

    def _read(self, run_id: RunId, positions: Sequence[int]) -> Sequence[int]:
        rows = select(OutcomeRow.position)
        at = rows.where(OutcomeRow.run_id == run_id, OutcomeRow.position.in_(positions), _IS_READ)
        return self._session.scalars(at).all()

    def restore(self, entry_ids: Sequence[EntryId], at: datetime, run_id: RunId | None = None) -> int:
        """Bring withdrawn entries back into the state they were in, as new revisions; returns how many."""
        demand_audit(self._session)
        restored = 0
        for part in _parts(entry_ids):
            rows = select(TombstoneRow.entry_id, TombstoneRow.state_before).where(TombstoneRow.entry_id.in_(part))
            by_state: dict[str, list[UUID]] = {}
            for entry_id, state in self._session.execute(rows):
                by_state.setdefault(state, []).append(entry_id)
            for state, ids in sorted(by_state.items()):
                restored += set_state(self._session, ids, EntryState(state), at, RESTORATION, run_id)
            self._session.execute(delete(TombstoneRow).where(TombstoneRow.entry_id.in_(part)))
        return restored

    def forget(self, entry_id: EntryId) -> None:
        """Take the tombstone of an entry away that is given another state by other means."""
        self._session.execute(delete(TombstoneRow).where(TombstoneRow.entry_id == entry_id))

    def _bury(self, ids: Sequence[EntryId], withdrawal: Withdrawal) -> int:
        live = (EntryRow.id.in_(ids), EntryRow.state != EntryState.WITHDRAWN)
        chosen = list(self._session.scalars(select(EntryRow.id).where(*live)))
        columns: dict[str, SQLColumnExpression[Any]] = {
            "entry_id": EntryRow.id,
            "reason": literal(withdrawal.reason.value),
            "withdrawn_at": literal(withdrawal.at, UtcDateTime()),
            "by": literal(withdrawal.by),
            "note": literal(withdrawal.note),
            "state_before": case((EntryRow.state.in_(_PENDING), EntryState.PUBLISHED.value), else_=EntryRow.state),
            "successor_id": literal(withdrawal.successor_id, Uuid()),
            "run_id": literal(withdrawal.run_id, Uuid()),
        }
        buried = select(*columns.values()).where(EntryRow.id.in_(chosen))
        self._session.execute(insert(TombstoneRow).from_select(list(columns), buried, include_defaults=False))
        reason = withdrawal.reason.value
        return set_state(self._session, chosen, EntryState.WITHDRAWN, withdrawal.at, reason, withdrawal.run_id)


def _parts(items: Sequence[Item]) -> Iterator[list[Item]]:
    rest = iter(items)
    while part := list(islice(rest, _BATCH)):
        yield part
