"""How entries are read: single ones, lists and counts, for people only through an audience's labels."""

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique
from typing import Final, final

from sqlalchemy import ColumnElement, Select, and_, distinct, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from catalogue_app.domain.clock import CITY_ZONE
from catalogue_app.domain.entry import Entry, EntryState, Revision
from catalogue_app.domain.errors import Gone, InvalidCursor, NotFound
from catalogue_app.domain.ids import CatalogueCode, EntryId, OrganId, SourceId
from catalogue_app.domain.metadata import Document, from_document
from catalogue_app.domain.selection import EntryFilter
from catalogue_app.domain.visibility import Audience, labels_for, may_see
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.base import streamed
from catalogue_app.persistence.entry_rows import (
    CATEGORY,
    THEME,
    AttributeRow,
    EntryRow,
    LabelRow,
    RevisionRow,
    TombstoneRow,
    read_violations,
)

STREAM_BATCH: Final = 500
"""Entries held in memory at once by whoever walks all of them."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPage:
    """One page of a list.

    Attributes:
        entries: those that changed last come first.
        next_cursor: asks for the next page; None on the last.
    """

    entries: tuple[Entry, ...]
    next_cursor: str | None


@unique
class EntryFacet(StrEnum):
    """Attributes whose values a list can be counted by."""

    ORGAN = "organ"
    CATEGORY = "category"
    THEME = "theme"
    CYCLE = "cycle"
    STATE = "state"
    TIER = "tier"


class EntryReads:
    """Reading entries; what answers people takes an audience, what feeds machines says so."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def by_code(self, code: str, audience: Audience) -> Entry:
        """Return the entry with a catalogue code.

        Raises:
            NotFound: there is none, or the audience does not reach it: the same answer.
            Gone: it was withdrawn, and the audience reached it before; says why, when, and what took its place.
        """
        found = self._session.execute(_entries().where(EntryRow.code == code, seen_by(audience))).first()
        if found is not None:
            return _entry(*found)
        withdrawn = (EntryRow.code == code, EntryRow.state == EntryState.WITHDRAWN)
        rows = select(EntryRow.tier, EntryRow.organ_id, TombstoneRow)
        row = self._session.execute(rows.join(TombstoneRow, TombstoneRow.entry_id == EntryRow.id).where(*withdrawn))
        for tier, organ, tombstone in row:
            before = EntryState(tombstone.state_before)
            if may_see(audience, tier=Tier(tier), state=before, organ=OrganId(organ)):
                raise Gone(entry=code, **self._last_words(tombstone, audience))
        raise NotFound("entry_not_found", entry=code)

    def _last_words(self, tombstone: TombstoneRow, audience: Audience) -> dict[str, str]:
        day = tombstone.withdrawn_at.astimezone(CITY_ZONE).date()
        said = {"reason": tombstone.reason, "withdrawn_on": day.isoformat()}
        seen = select(EntryRow.code).where(EntryRow.id == tombstone.successor_id, seen_by(audience))
        successor = self._session.scalar(seen) if tombstone.successor_id else None
        return said | ({"successor": successor} if successor else {})

    def id_of(self, code: str) -> EntryId:
        """Return the key of the entry with a code, withdrawn or not, for people who answer for the catalogue.

        Raises:
            NotFound: no entry has this code.
        """
        entry_id = self._session.scalar(select(EntryRow.id).where(EntryRow.code == code))
        if entry_id is None:
            raise NotFound("entry_not_found", entry=code)
        return EntryId(entry_id)

    def source_digest(self, entry_id: EntryId) -> str:
        """Return the digest over the record that an entry was read from last; empty where there is none."""
        return self._session.scalar(select(EntryRow.source_digest).where(EntryRow.id == entry_id)) or ""

    def by_ids(self, ids: Sequence[EntryId]) -> tuple[Entry, ...]:
        """Return entries for the index, whatever their tier, in the order asked for; unknown ids are left out."""
        rows = self._session.execute(_entries().where(EntryRow.id.in_(ids)))
        found = {row.id: _entry(row, document) for row, document in rows}
        return tuple(found[entry_id] for entry_id in ids if entry_id in found)

    def confirm(self, ids: Sequence[EntryId], audience: Audience) -> frozenset[EntryId]:
        """Return those of the ids that the audience may see at this moment."""
        seen = select(LabelRow.entry_id).where(LabelRow.entry_id.in_(ids), LabelRow.label.in_(labels_for(audience)))
        return frozenset(EntryId(entry_id) for entry_id in self._session.scalars(seen))

    def list(self, wanted: EntryFilter, audience: Audience, cursor: str | None, limit: int) -> EntryPage:
        """Return a page of the entries wanted, those that changed last first; any depth costs the same.

        Raises:
            InvalidCursor: the cursor was not made by this list.
        """
        rows = _entries().where(seen_by(audience), *_conditions(wanted))
        if cursor is not None:
            rows = rows.where(tuple_(EntryRow.changed_at, EntryRow.serial) < tuple_(*_read_cursor(cursor)))
        rows = rows.order_by(EntryRow.changed_at.desc(), EntryRow.serial.desc()).limit(limit + 1)
        entries = [_entry(*row) for row in self._session.execute(rows)]
        more = len(entries) > limit
        return EntryPage(entries=tuple(entries[:limit]), next_cursor=_cursor(entries[limit - 1]) if more else None)

    def count(self, wanted: EntryFilter, audience: Audience) -> int:
        """Return how many of the entries wanted the audience sees."""
        found = select(func.count()).select_from(EntryRow).where(seen_by(audience), *_conditions(wanted))
        return self._session.scalar(found) or 0

    def size(self) -> int:
        """Return how many entries there are, whoever may see them: how long work on all of them will be."""
        return self._session.scalar(select(func.count()).select_from(EntryRow)) or 0

    def facet(self, facet: EntryFacet, wanted: EntryFilter, audience: Audience) -> Mapping[str, int]:
        """Count the entries wanted by the values of one attribute, most frequent first.

        What is wanted of that attribute itself is left aside, so that its other values keep their counts.
        """
        column, join = _FACETS[facet]
        conditions = [condition for name, condition in _named_conditions(wanted) if name is not facet]
        number = func.count(distinct(EntryRow.id))
        rows = select(column, number).select_from(EntryRow)
        if join is not None:
            rows = rows.join(AttributeRow, and_(AttributeRow.entry_id == EntryRow.id, AttributeRow.name == join))
        rows = rows.where(column.is_not(None), seen_by(audience), *conditions).group_by(column)
        counted = self._session.execute(rows.order_by(number.desc(), column))
        return {str(value): count for value, count in counted}

    def revisions(self, entry_id: EntryId, audience: Audience) -> tuple[Revision, ...]:
        """Return the revisions of an entry, first one first; those of a tier above the audience are left out.

        Whether the audience sees the entry at all is `by_code`'s question.
        """
        reached = [tier for tier in Tier if tier.level <= audience.tier.level]
        rows = select(RevisionRow).where(RevisionRow.entry_id == entry_id, RevisionRow.tier.in_(reached))
        return tuple(_revision(row) for row in self._session.scalars(rows.order_by(RevisionRow.number)))

    def revision_pairs(self) -> Iterator[tuple[EntryId, int]]:
        """Yield (entry, number of its current revision) in the order of ids, for reconciliation with the index."""
        rows = select(EntryRow.id, EntryRow.revision).order_by(EntryRow.id)
        for entry_id, revision in streamed(self._session, rows, STREAM_BATCH):
            yield EntryId(entry_id), revision

    def walk(self, wanted: EntryFilter, audience: Audience) -> Iterator[Entry]:
        """Yield all the entries wanted that the audience sees, by their serial numbers; memory stays flat."""
        rows = _entries().where(seen_by(audience), *_conditions(wanted)).order_by(EntryRow.serial)
        for row, document in streamed(self._session, rows, STREAM_BATCH):
            yield _entry(row, document)

    def stream(self) -> Iterator[Entry]:
        """Yield every entry in the order of ids, for the index and the evaluation of findings; memory stays flat."""
        rows = _entries().order_by(EntryRow.id)
        for row, document in streamed(self._session, rows, STREAM_BATCH):
            yield _entry(row, document)


def _entries() -> Select[EntryRow, Document]:
    current = and_(RevisionRow.entry_id == EntryRow.id, RevisionRow.number == EntryRow.revision)
    return select(EntryRow, RevisionRow.document).join(RevisionRow, current)


def seen_by(audience: Audience) -> ColumnElement[bool]:
    """Say in SQL whether an audience sees an entry: their labels meet."""
    """Return the condition that an audience may see an entry: their labels meet."""
    labels = sorted(labels_for(audience))
    return select(LabelRow.entry_id).where(LabelRow.entry_id == EntryRow.id, LabelRow.label.in_(labels)).exists()


_FACETS: Final[
    Mapping[EntryFacet, tuple[InstrumentedAttribute[str] | InstrumentedAttribute[str | None], str | None]]
] = {
    EntryFacet.ORGAN: (EntryRow.organ_id, None),
    EntryFacet.CATEGORY: (AttributeRow.value, CATEGORY),
    EntryFacet.THEME: (AttributeRow.value, THEME),
    EntryFacet.CYCLE: (EntryRow.update_cycle, None),
    EntryFacet.STATE: (EntryRow.state, None),
    EntryFacet.TIER: (EntryRow.tier, None),
}


def _conditions(wanted: EntryFilter) -> tuple[ColumnElement[bool], ...]:
    return tuple(condition for _, condition in _named_conditions(wanted))


def _named_conditions(wanted: EntryFilter) -> Iterator[tuple[EntryFacet | None, ColumnElement[bool]]]:
    restrictions: tuple[tuple[EntryFacet | None, AbstractSet[object], Callable[[], ColumnElement[bool]]], ...] = (
        (None, wanted.codes, lambda: EntryRow.code.in_(sorted(wanted.codes))),
        (EntryFacet.ORGAN, wanted.organs, lambda: EntryRow.organ_id.in_(sorted(wanted.organs))),
        (EntryFacet.CATEGORY, wanted.categories, lambda: _has(CATEGORY, sorted(wanted.categories))),
        (EntryFacet.THEME, wanted.themes, lambda: _has(THEME, sorted(wanted.themes))),
        (EntryFacet.CYCLE, wanted.cycles, lambda: EntryRow.update_cycle.in_(sorted(wanted.cycles))),
        (EntryFacet.STATE, wanted.states, lambda: EntryRow.state.in_(sorted(wanted.states))),
        (EntryFacet.TIER, wanted.tiers, lambda: EntryRow.tier.in_(sorted(wanted.tiers))),
        (None, wanted.titles, lambda: EntryRow.title_folded.in_(sorted(wanted.titles))),
        (None, wanted.sources, lambda: EntryRow.source_id.in_(sorted(wanted.sources))),
    )
    return ((facet, condition()) for facet, values, condition in restrictions if values)


def _has(name: str, values: Sequence[str]) -> ColumnElement[bool]:
    holds = (AttributeRow.entry_id == EntryRow.id, AttributeRow.name == name, AttributeRow.value.in_(values))
    return select(AttributeRow.entry_id).where(*holds).exists()


def _cursor(entry: Entry) -> str:
    return base64.urlsafe_b64encode(f"{entry.changed_at.isoformat()} {entry.serial}".encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, int]:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
        instant, serial = text.split(" ")
        changed_at = datetime.fromisoformat(instant)
        number = int(serial)
    except (ValueError, binascii.Error) as error:
        raise InvalidCursor(cursor=cursor[:80]) from error
    if changed_at.tzinfo is None or not 0 < number < 1 << 31:
        raise InvalidCursor(cursor=cursor[:80])
    return changed_at, number


def _entry(row: EntryRow, document: Document) -> Entry:
    return Entry(
        id=EntryId(row.id),
        serial=row.serial,
        code=CatalogueCode(row.code),
        organ_id=OrganId(row.organ_id),
        source_id=SourceId(row.source_id) if row.source_id else None,
        identifier=row.identifier,
        state=EntryState(row.state),
        tier=Tier(row.tier),
        revision=row.revision,
        metadata=from_document(document),
        violations=read_violations(row.violations),
        created_at=row.created_at,
        changed_at=row.changed_at,
        missing_since=row.missing_since,
        confirmed_on=row.confirmed_on,
    )


def _revision(row: RevisionRow) -> Revision:
    return Revision(
        number=row.number,
        tier=Tier(row.tier),
        metadata=from_document(row.document),
        recorded_at=row.recorded_at,
        cause=row.cause,
        run_id=str(row.run_id) if row.run_id else None,
    )
