"""What belongs to an organ, and its way to the organ that succeeds it: in sets, within one transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, final
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from catalogue_app.domain.finding import FindingState
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.ids import CatalogueCode, EntryId, OrganId
from catalogue_app.domain.proposal import ProposalState
from catalogue_app.domain.release import ReleaseState
from catalogue_app.domain.upload import UploadState
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence import outbox
from catalogue_app.persistence.accountability import demand_audit
from catalogue_app.persistence.accounts import AccountRow
from catalogue_app.persistence.entries import relabel, repeat_revision
from catalogue_app.persistence.entry_reads import seen_by
from catalogue_app.persistence.entry_rows import EntryRow
from catalogue_app.persistence.findings import RESOLVED, FindingRow
from catalogue_app.persistence.proposals import ProposalRow
from catalogue_app.persistence.releases import ReleaseRow
from catalogue_app.persistence.runs import RunRow
from catalogue_app.persistence.source_reach import hidden_sources
from catalogue_app.persistence.sources import SourceRow
from catalogue_app.persistence.staging import StagedRow
from catalogue_app.persistence.uploads import UploadRecord

CAUSE: Final = "succession"
"""Of the revision that says that an entry went to another organ."""

OrganColumn = InstrumentedAttribute[str] | InstrumentedAttribute[str | None]

_BATCH: Final = 1000
_OPEN: Final = [state.value for state in ProposalState if state.is_open]
_AT_WORK: Final = [state.value for state in UploadState if state.is_at_work]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Belongings:
    """How much belongs to an organ, as far as an audience may know: withdrawn entries are not counted."""

    entries: int
    sources: int
    accounts: int
    proposals: int

    def document(self) -> dict[str, int]:
        """Return it as JSON value."""
        return {
            "entries": self.entries,
            "sources": self.sources,
            "accounts": self.accounts,
            "proposals": self.proposals,
        }

    def __bool__(self) -> bool:
        return any(self.document().values())


@final
class SuccessionRepository:
    """Moves what belongs to one organ to another."""

    def __init__(self, session: Session, tier_ceiling: Tier) -> None:
        self._session: Final = session
        self._ceiling: Final = tier_ceiling

    def belongings(self, organ_id: OrganId, audience: Audience) -> Belongings:
        """Count what an audience may know of that belongs to an organ; proposals are those that are open."""
        tiers = [tier.value for tier in Tier if tier.level <= audience.tier.level]
        return Belongings(
            entries=self._count(EntryRow.organ_id, EntryRow.organ_id == organ_id, seen_by(audience)),
            sources=self._count(
                SourceRow.organ_id,
                SourceRow.organ_id == organ_id,
                SourceRow.id.not_in(hidden_sources(audience, self._ceiling)),
            ),
            accounts=self._count(AccountRow.organ_id, AccountRow.organ_id == organ_id),
            proposals=self._count(
                ProposalRow.organ_id,
                ProposalRow.organ_id == organ_id,
                ProposalRow.tier.in_(tiers),
                ProposalRow.state.in_(_OPEN),
            ),
        )

    def is_busy(self, organ_id: OrganId) -> bool:
        """Say whether a harvest writes for an organ now, or a table of it is being looked at or taken."""
        running = select(SourceRow.organ_id, SourceRow.options).join(RunRow, RunRow.source_id == SourceRow.id)
        sources = self._session.execute(running.where(RunRow.state == RunState.RUNNING.value))
        if any(row.organ_id == organ_id or row.options.get("organ_by") == "provider" for row in sources):
            return True  # a source whose records name their organs may be about to write for any
        uploading = exists().where(UploadRecord.organ_id == organ_id, UploadRecord.state.in_(_AT_WORK))
        return bool(self._session.scalar(select(uploading)))

    def move_entries(self, old: OrganId, new: OrganId, at: datetime) -> Iterator[list[CatalogueCode]]:
        """Give every entry of an organ to another, also withdrawn ones; yields the codes of each batch it moved.

        Code, id and what it says stay; each gets a revision that says whose it is now, its labels, and a row in the
        outbox. Batches bound the memory; nothing of it is true before the unit commits.
        """
        demand_audit(self._session)
        chosen = (
            select(EntryRow.id, EntryRow.code)
            .where(EntryRow.organ_id == old)
            .order_by(EntryRow.serial)
            .limit(_BATCH)
            .with_for_update()
        )
        while batch := self._session.execute(chosen).all():
            self._move([EntryId(row.id) for row in batch], new, at)
            yield [CatalogueCode(row.code) for row in batch]

    def _move(self, ids: Sequence[UUID], new: OrganId, at: datetime) -> None:
        values = {"organ_id": new, "revision": EntryRow.revision + 1, "changed_at": at}
        among = EntryRow.id.in_(ids)
        self._session.execute(
            update(EntryRow).where(among).values(values), execution_options={"synchronize_session": False}
        )
        repeat_revision(self._session, ids, CAUSE, at)
        relabel(self._session, among)
        outbox.append(self._session, ids)

    def move_belongings(self, old: OrganId, new: OrganId, at: datetime) -> None:
        """Give sources, people, their papers and what waits in held runs to another organ; see the succession.

        Signed releases stay with the organ that signed them. Ones that wait for a signature are given up, for nobody
        is left to sign them. Findings about entries and sources go along; those about the old organ itself are over.
        """
        demand_audit(self._session)
        for column in (SourceRow.organ_id, AccountRow.organ_id, UploadRecord.organ_id, StagedRow.organ_id):
            self._give(column, new, column == old)
        mine = ProposalRow.organ_id == old
        self._give(ProposalRow.organ_id, new, mine, ProposalRow.state.not_in(_OPEN))
        counted = {"organ_id": new, "version": ProposalRow.version + 1}  # who has one open now is told
        self._session.execute(update(ProposalRow).where(mine).values(counted))
        waiting = (ReleaseRow.organ_id == old, ReleaseRow.state == ReleaseState.PREPARED.value)
        self._session.execute(update(ReleaseRow).where(*waiting).values(state=ReleaseState.DISCARDED.value))
        about_itself = or_(FindingRow.subject == f"organ:{old}", FindingRow.subject.startswith(f"organ:{old}/"))
        is_open = (FindingRow.organ_id == old, FindingRow.state == FindingState.OPEN.value)
        over = {"state": FindingState.CLOSED.value, "closed_at": at, "cause": RESOLVED}
        self._session.execute(update(FindingRow).where(*is_open, about_itself).values(over))
        self._give(FindingRow.organ_id, new, *is_open)

    def _give(self, column: OrganColumn, new: OrganId, *which: ColumnElement[bool]) -> None:
        rows = update(column.class_).where(*which).values({column.key: new})
        self._session.execute(rows, execution_options={"synchronize_session": False})

    def _count(self, column: OrganColumn, *which: ColumnElement[bool]) -> int:
        return self._session.scalar(select(func.count(column)).where(*which)) or 0
