"""What the desk lets entries say instead of their source: kept for ever, held while nobody ends it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, final
from uuid import UUID

import orjson
from sqlalchemy import ForeignKey, Index, delete, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalogue_app.domain.curation import Curation, curated
from catalogue_app.domain.ids import EntryId, RunId, new_id
from catalogue_app.domain.metadata import JsonValue, from_document
from catalogue_app.domain.text import fold
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.accountability import demand_audit
from catalogue_app.persistence.base import Base, JsonDocument
from catalogue_app.persistence.entry_rows import EntryRow, attributes_of, write_document
from catalogue_app.persistence.staging import StagedRow

SAME_AS_SOURCE: Final = "same_as_source"
"""Note on a curation that ended because its source came to say the same."""

Overrides = Mapping[EntryId, Mapping[str, JsonValue]]
"""Entry to element to the value that holds."""


class CurationRow(Base):
    """One curated element of an entry."""

    __tablename__ = "curation"
    __table_args__ = (
        Index(
            "uq_curation_held",
            "entry_id",
            "element",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entry.id"))
    element: Mapped[str]
    value: Mapped[JsonValue] = mapped_column(JsonDocument, nullable=True)
    source_value: Mapped[JsonValue] = mapped_column(JsonDocument, nullable=True)
    tier: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
    reason: Mapped[str]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str]
    note: Mapped[str]


class SightingRow(Base):
    """What a run read for a curated element; settled when the run ends, so that a run that fails concludes nothing."""

    __tablename__ = "curation_sighting"

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(primary_key=True)
    element: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[JsonValue] = mapped_column(JsonDocument, nullable=True)


@final
class CurationRepository:
    """All curations."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def add(self, curation: Curation) -> None:
        """Let an element say something else from now on; the one that held before must have been ended."""
        demand_audit(self._session)
        row = CurationRow(
            id=new_id(),
            entry_id=curation.entry_id,
            element=curation.element,
            value=curation.value,
            source_value=curation.source_value,
            tier=curation.tier.value,
            by=curation.by,
            at=curation.at,
            reason=curation.reason,
            ended_by="",
            note="",
        )
        self._session.add(row)
        self._session.flush()

    def end(self, entry_id: EntryId, element: str, *, by: str, at: datetime, note: str) -> Curation | None:
        """End the curation that holds for an element; returns it as it was, None where there is none."""
        demand_audit(self._session)
        held = select(CurationRow).where(CurationRow.entry_id == entry_id, CurationRow.element == element, _HOLDS)
        row = self._session.scalars(held).first()
        if row is None:
            return None
        before = _curation(row)
        row.ended_at, row.ended_by, row.note = at, by, note
        self._session.flush()
        return before

    def of_entry(self, entry_id: EntryId, audience: Audience) -> tuple[Curation, ...]:
        """Return the curations of an entry, also ended ones, oldest first; those above the audience are left out."""
        rows = select(CurationRow).where(CurationRow.entry_id == entry_id).order_by(CurationRow.at, CurationRow.id)
        found = map(_curation, self._session.scalars(rows))
        return tuple(one for one in found if one.tier.level <= audience.tier.level)

    def held(self, entry_ids: Sequence[EntryId]) -> Overrides:
        """Return what holds for some entries; those without a curation are left out."""
        if not entry_ids:
            return {}
        rows = select(CurationRow.entry_id, CurationRow.element, CurationRow.value)
        found: dict[EntryId, dict[str, JsonValue]] = {}
        for entry_id, element, value in self._session.execute(rows.where(CurationRow.entry_id.in_(entry_ids), _HOLDS)):
            found.setdefault(EntryId(entry_id), {})[element] = value
        return found

    def see(self, run_id: RunId, seen: Mapping[tuple[EntryId, str], JsonValue]) -> None:
        """Note what a run read for curated elements."""
        for (entry_id, element), value in seen.items():
            self._session.merge(SightingRow(run_id=run_id, entry_id=entry_id, element=element, value=value))
        self._session.flush()

    def settle(self, run_id: RunId, at: datetime) -> int:
        """Keep what sources say now of curated elements, and end curations that say the same; returns how many ended.

        Answered for by the audit event of the run.
        """
        same = (SightingRow.entry_id == CurationRow.entry_id, SightingRow.element == CurationRow.element)
        rows = select(CurationRow, SightingRow, EntryRow.tier).where(*same, SightingRow.run_id == run_id, _HOLDS)
        ended = 0
        for row, sighting, tier in self._session.execute(rows.join(EntryRow, EntryRow.id == CurationRow.entry_id)):
            row.source_value = sighting.value
            row.tier = max(Tier(row.tier), Tier(tier), key=lambda one: one.level).value
            if sighting.value == row.value:
                row.ended_at, row.note = at, SAME_AS_SOURCE
                ended += 1
        self._session.flush()
        self.forget(run_id)
        return ended

    def forget(self, run_id: RunId) -> None:
        """Forget what a run read that concludes nothing."""
        self._session.execute(delete(SightingRow).where(SightingRow.run_id == run_id))

    def curate_staged(self, run_id: RunId, entry_ids: Sequence[EntryId]) -> None:
        """Let staged records of renamed entries, planned as if they were new, say what the desk says."""
        overrides = self.held(entry_ids)
        rows = select(StagedRow).where(StagedRow.run_id == run_id, StagedRow.entry_id.in_(list(overrides)))
        for row in self._session.scalars(rows):
            metadata = curated(from_document(orjson.loads(row.document)), overrides[EntryId(row.entry_id)])
            row.document, row.digest = write_document(metadata)
            row.title, row.title_folded = metadata.title.original, fold(metadata.title.original)
            row.update_cycle = metadata.update_cycle.value if metadata.update_cycle else None
            row.issued_on, row.updated_on = metadata.issued_on, metadata.updated_on
            row.attributes = attributes_of(metadata)
        self._session.flush()


_HOLDS: Final = CurationRow.ended_at.is_(None)


def _curation(row: CurationRow) -> Curation:
    return Curation(
        entry_id=EntryId(row.entry_id),
        element=row.element,
        value=row.value,
        source_value=row.source_value,
        tier=Tier(row.tier),
        by=row.by,
        at=row.at,
        reason=row.reason,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
        note=row.note,
    )
