"""Releases of organs' catalogues and the entry revisions they hold; read only as far as entries may be seen today."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, final
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, and_, func, insert, literal, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.errors import NotFound
from catalogue_app.domain.ids import CatalogueCode, EntryId, OrganId
from catalogue_app.domain.metadata import from_document
from catalogue_app.domain.release import Release, ReleasedEntry, ReleaseId, ReleaseState
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.accountability import demand_audit
from catalogue_app.persistence.base import Base
from catalogue_app.persistence.entry_rows import EntryRow, RevisionRow

_PUBLIC: Final = tuple(state.value for state in EntryState if state.is_public)


class ReleaseRow(Base):
    """One release; never deleted, and never changed once it is signed."""

    __tablename__ = "release"
    __table_args__ = (Index("ix_release_organ_id_tier_number", "organ_id", "tier", "number", unique=True),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organ_id: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    tier: Mapped[str]
    number: Mapped[int | None]
    state: Mapped[str]
    note: Mapped[str]
    prepared_by: Mapped[str]
    prepared_at: Mapped[datetime]
    signed_by: Mapped[str]
    signed_at: Mapped[datetime | None]


class ReleasedRow(Base):
    """One entry of a release, by its revision."""

    __tablename__ = "release_entry"

    release_id: Mapped[UUID] = mapped_column(ForeignKey("release.id"), primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    revision: Mapped[int]


@final
class ReleaseRepository:
    """All releases."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def add(self, release: Release) -> int:
        """Store a prepared release with what its organ has published up to its tier; returns how many entries."""
        demand_audit(self._session)
        row = ReleaseRow(id=release.id)
        _fill(row, release)
        self._session.add(row)
        self._session.flush()
        held = select(literal(release.id), EntryRow.id, EntryRow.revision).where(
            EntryRow.organ_id == release.organ_id,
            EntryRow.state.in_(_PUBLIC),
            EntryRow.tier.in_(_reached(release.tier)),
        )
        columns = ["release_id", "entry_id", "revision"]
        self._session.execute(insert(ReleasedRow).from_select(columns, held))
        counted = select(func.count()).select_from(ReleasedRow).where(ReleasedRow.release_id == release.id)
        return self._session.scalar(counted) or 0

    def save(self, release: Release) -> None:
        """Store that a release was signed or given up."""
        demand_audit(self._session)
        row = self._session.get(ReleaseRow, release.id)
        if row is None:
            raise NotFound("release_not_found")
        _fill(row, release)
        self._session.flush()

    def last_number(self, organ_id: OrganId, tier: Tier) -> int:
        """Return the number of an organ's last signed release for a network; 0 before the first."""
        last = select(func.max(ReleaseRow.number)).where(ReleaseRow.organ_id == organ_id, ReleaseRow.tier == tier.value)
        return self._session.scalar(last) or 0

    def by_id(self, release_id: ReleaseId, audience: Audience) -> Release:
        """Return one release, kept from others who would sign it until this unit ends.

        Raises:
            NotFound: there is none, or this audience may not know of it: the same answer.
        """
        rows = select(ReleaseRow).where(ReleaseRow.id == release_id, *_seen(audience)).with_for_update()
        row = self._session.scalar(rows)
        if row is None:
            raise NotFound("release_not_found")
        return _release(row)

    def by_number(self, organ_id: str, tier: Tier, number: int, audience: Audience) -> Release:
        """Return one signed release.

        Raises:
            NotFound: there is none, or this audience may not know of it: the same answer.
        """
        which = (ReleaseRow.organ_id == organ_id, ReleaseRow.tier == tier.value, ReleaseRow.number == number)
        row = self._session.scalar(select(ReleaseRow).where(*which, *_seen(audience)))
        if row is None:
            raise NotFound("release_not_found")
        return _release(row)

    def of_organ(self, organ_id: str, states: Sequence[ReleaseState], audience: Audience) -> tuple[Release, ...]:
        """Return an organ's releases in some states that an audience may know of, the newest first."""
        wanted = (ReleaseRow.organ_id == organ_id, ReleaseRow.state.in_(states))
        rows = select(ReleaseRow).where(*wanted, *_seen(audience)).order_by(ReleaseRow.id.desc())
        return tuple(map(_release, self._session.scalars(rows)))

    def entries(self, release_id: ReleaseId, audience: Audience) -> tuple[ReleasedEntry, ...]:
        """Return the entries of a release as far as an audience may see them today, by their codes.

        An entry whose tier was raised since is hidden from those below; one that left the catalogue says nothing.
        """
        reached = _reached(audience.tier)
        held = and_(RevisionRow.entry_id == ReleasedRow.entry_id, RevisionRow.number == ReleasedRow.revision)
        rows = (
            select(EntryRow.id, EntryRow.code, EntryRow.state, RevisionRow)
            .join(ReleasedRow, ReleasedRow.entry_id == EntryRow.id)
            .join(RevisionRow, held)
            .where(ReleasedRow.release_id == release_id, EntryRow.tier.in_(reached), RevisionRow.tier.in_(reached))
            .order_by(EntryRow.serial)
        )
        return tuple(
            ReleasedEntry(
                entry_id=EntryId(entry_id),
                code=CatalogueCode(code),
                revision=revision.number,
                tier=Tier(revision.tier),
                recorded_at=revision.recorded_at,
                metadata=from_document(revision.document) if state in _PUBLIC else None,
            )
            for entry_id, code, state, revision in self._session.execute(rows)
        )


def _reached(tier: Tier) -> list[str]:
    return [one.value for one in Tier if one.level <= tier.level]


def _seen(audience: Audience) -> list[ColumnElement[bool]]:
    """Say in SQL which releases an audience may know of: signed ones up to its tier, others of its own organs."""
    signed = ReleaseRow.state == ReleaseState.SIGNED.value
    own = ReleaseRow.organ_id.in_(sorted(audience.organs))
    return [ReleaseRow.tier.in_(_reached(audience.tier)), or_(signed, own)]


def _fill(row: ReleaseRow, release: Release) -> None:
    row.organ_id, row.tier, row.number = release.organ_id, release.tier.value, release.number or None
    row.state, row.note = release.state.value, release.note
    row.prepared_by, row.prepared_at = release.prepared_by, release.prepared_at
    row.signed_by, row.signed_at = release.signed_by, release.signed_at


def _release(row: ReleaseRow) -> Release:
    return Release(
        id=ReleaseId(row.id),
        organ_id=OrganId(row.organ_id),
        tier=Tier(row.tier),
        state=ReleaseState(row.state),
        note=row.note,
        prepared_by=row.prepared_by,
        prepared_at=row.prepared_at,
        number=row.number or 0,
        signed_by=row.signed_by,
        signed_at=row.signed_at,
    )
