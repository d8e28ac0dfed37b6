"""Proposals of organs: their rows and their repository; read only up to the tier of who asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, final
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalogue_app.domain.errors import AboveCeiling, Conflict, NotFound
from catalogue_app.domain.ids import CatalogueCode, EntryId, OrganId
from catalogue_app.domain.metadata import JsonValue, from_document, to_document
from catalogue_app.domain.proposal import Proposal, ProposalId, ProposalKind, ProposalState
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.accountability import demand_audit
from catalogue_app.persistence.base import Base, JsonDocument
from catalogue_app.persistence.bulk import insert_rows
from catalogue_app.persistence.dialects import insert_new


class ProposalRow(Base):
    """One proposal; never deleted."""

    __tablename__ = "proposal"
    __table_args__ = (
        Index("ix_proposal_state_submitted_at", "state", "submitted_at"),
        Index("ix_proposal_organ_id_state", "organ_id", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organ_id: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("entry.id"), index=True)
    code: Mapped[str | None]
    kind: Mapped[str]
    state: Mapped[str]
    tier: Mapped[str]
    document: Mapped[dict[str, JsonValue]] = mapped_column(JsonDocument)
    base_revision: Mapped[int]
    version: Mapped[int]
    authors: Mapped[list[str]] = mapped_column(JsonDocument)
    submitted_by: Mapped[str]
    submitted_at: Mapped[datetime | None]
    statement: Mapped[str]
    reason: Mapped[str]
    decided_by: Mapped[str]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalFilter:
    """Which proposals are wanted; an empty set asks for all."""

    states: frozenset[ProposalState] = frozenset()
    entry_id: EntryId | None = None


@final
class ProposalRepository:
    """All proposals; an organ sees its own, the desk all, both up to their tier."""

    def __init__(self, session: Session, ceiling: Tier) -> None:
        self._session: Final = session
        self._ceiling: Final = ceiling

    def add_once(self, proposal: Proposal) -> bool:
        """Store a new proposal unless there is one of its id; returns whether it was stored.

        Raises:
            AboveCeiling: its tier may not be held here.
        """
        self._check(proposal.tier)
        demand_audit(self._session)
        row = ProposalRow(id=proposal.id)
        _fill(row, proposal)
        values = {column.key: getattr(row, column.key) for column in ProposalRow.__table__.columns}
        insert = insert_new(self._session.connection(), ProposalRow).values(values).returning(ProposalRow.id)
        return self._session.execute(insert).first() is not None

    def add_all(self, proposals: Sequence[Proposal]) -> None:
        """Store many new proposals at once.

        Raises:
            AboveCeiling: the tier of one may not be held here; none is stored.
        """
        for proposal in proposals:
            self._check(proposal.tier)
        demand_audit(self._session)
        names = [column.key for column in ProposalRow.__table__.columns]
        rows = (_filled(ProposalRow(id=proposal.id), proposal) for proposal in proposals)
        insert_rows(
            self._session.connection(), ProposalRow, (tuple(getattr(row, name) for name in names) for row in rows)
        )

    def replace(self, proposal: Proposal) -> None:
        """Store the next version of a proposal.

        Raises:
            AboveCeiling: its tier may not be held here.
            Conflict: its version does not follow the stored one: somebody else was faster.
        """
        self._check(proposal.tier)
        demand_audit(self._session)
        row = self._session.get(ProposalRow, proposal.id, with_for_update=True, populate_existing=True)
        if row is None or row.version + 1 != proposal.version:
            raise Conflict("proposal_changed_meanwhile")
        _fill(row, proposal)
        self._session.flush()

    def by_id(self, proposal_id: ProposalId, audience: Audience) -> Proposal:
        """Return one proposal.

        Raises:
            NotFound: there is none, or this audience may not know of it: the same answer.
        """
        row = self._session.get(ProposalRow, proposal_id)
        proposal = None if row is None else _proposal(row)
        if proposal is None or not _is_seen(proposal, audience):
            raise NotFound("proposal_not_found")
        return proposal

    def list(self, wanted: ProposalFilter, audience: Audience, limit: int) -> tuple[Proposal, ...]:
        """Return proposals that an audience may know of, those handed in first first, then the oldest."""
        rows = select(ProposalRow).where(*_conditions(wanted, audience))
        rows = rows.order_by(ProposalRow.submitted_at.asc().nulls_last(), ProposalRow.created_at, ProposalRow.id)
        return tuple(map(_proposal, self._session.scalars(rows.limit(limit))))

    def count(self, wanted: ProposalFilter, audience: Audience) -> int:
        """Return how many there are."""
        rows = select(func.count()).select_from(ProposalRow).where(*_conditions(wanted, audience))
        return self._session.scalar(rows) or 0

    def _check(self, tier: Tier) -> None:
        if tier.level > self._ceiling.level:
            raise AboveCeiling(tier=tier.value, ceiling=self._ceiling.value)


def _conditions(wanted: ProposalFilter, audience: Audience) -> list[ColumnElement[bool]]:
    reached = [tier.value for tier in Tier if tier.level <= audience.tier.level]
    conditions: list[ColumnElement[bool]] = [ProposalRow.tier.in_(reached)]
    if not audience.supervises:
        conditions.append(ProposalRow.organ_id.in_(sorted(audience.organs)))
    if wanted.states:
        conditions.append(ProposalRow.state.in_(sorted(wanted.states)))
    if wanted.entry_id is not None:
        conditions.append(ProposalRow.entry_id == wanted.entry_id)
    return conditions


def _is_seen(proposal: Proposal, audience: Audience) -> bool:
    is_theirs = audience.supervises or proposal.organ_id in audience.organs
    return is_theirs and proposal.tier.level <= audience.tier.level


def _fill(row: ProposalRow, proposal: Proposal) -> None:
    row.organ_id = proposal.organ_id
    row.entry_id = proposal.entry_id
    row.code = proposal.code
    row.kind = proposal.kind.value
    row.state = proposal.state.value
    row.tier = proposal.tier.value
    row.document = to_document(proposal.metadata)
    row.base_revision = proposal.base_revision
    row.version = proposal.version
    row.authors = list(proposal.authors)
    row.submitted_by = proposal.submitted_by
    row.submitted_at = proposal.submitted_at
    row.statement = proposal.statement
    row.reason = proposal.reason
    row.decided_by = proposal.decided_by
    row.created_at = proposal.created_at
    row.changed_at = proposal.changed_at


def _filled(row: ProposalRow, proposal: Proposal) -> ProposalRow:
    _fill(row, proposal)
    return row


def _proposal(row: ProposalRow) -> Proposal:
    return Proposal(
        id=ProposalId(row.id),
        organ_id=OrganId(row.organ_id),
        entry_id=EntryId(row.entry_id) if row.entry_id else None,
        code=CatalogueCode(row.code) if row.code else None,
        kind=ProposalKind(row.kind),
        state=ProposalState(row.state),
        tier=Tier(row.tier),
        metadata=from_document(row.document),
        base_revision=row.base_revision,
        version=row.version,
        authors=tuple(row.authors),
        submitted_by=row.submitted_by,
        submitted_at=row.submitted_at,
        statement=row.statement,
        reason=row.reason,
        decided_by=row.decided_by,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )
