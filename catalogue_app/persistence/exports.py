"""Everything an audience sees as a stream of rows; documents stay the text they are stored as."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Final, NamedTuple, final

from sqlalchemy import String, and_, cast, select
from sqlalchemy.orm import Session

from catalogue_app.domain.visibility import Audience
from catalogue_app.persistence.base import streamed
from catalogue_app.persistence.entry_reads import STREAM_BATCH, seen_by
from catalogue_app.persistence.entry_rows import EntryRow, RevisionRow


@final
class WholeRow(NamedTuple):
    """One entry as it stands, with all that is said of it.

    Attributes:
        document: its metadata as JSON text.
    """

    code: str
    organ_id: str
    tier: str
    revision: int
    changed_at: datetime
    document: str


@final
class ListRow(NamedTuple):
    """What lists show of one entry."""

    code: str
    title: str
    organ_id: str
    update_cycle: str | None
    issued_on: date | None
    updated_on: date | None
    changed_at: datetime


@final
class Exports:
    """Reading the whole catalogue for people: every entry an audience sees, oldest first, of one state of the database.

    Only what is written is read, in batches: memory stays flat.
    """

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def whole(self, audience: Audience) -> Iterator[WholeRow]:
        """Yield entries with their metadata."""
        current = and_(RevisionRow.entry_id == EntryRow.id, RevisionRow.number == EntryRow.revision)
        rows = select(
            EntryRow.code,
            EntryRow.organ_id,
            EntryRow.tier,
            EntryRow.revision,
            EntryRow.changed_at,
            cast(RevisionRow.document, String),
        ).join(RevisionRow, current)
        seen = rows.where(seen_by(audience)).order_by(EntryRow.id)
        yield from map(WholeRow._make, streamed(self._session, seen, STREAM_BATCH))

    def listed(self, audience: Audience) -> Iterator[ListRow]:
        """Yield entries as lists show them."""
        rows = select(
            EntryRow.code,
            EntryRow.title,
            EntryRow.organ_id,
            EntryRow.update_cycle,
            EntryRow.issued_on,
            EntryRow.updated_on,
            EntryRow.changed_at,
        )
        seen = rows.where(seen_by(audience)).order_by(EntryRow.id)
        yield from map(ListRow._make, streamed(self._session, seen, STREAM_BATCH))
