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
class ExportRow(NamedTuple):
    """One entry as it stands.

    Attributes:
        document: its metadata as JSON text.
    """

    code: str
    organ_id: str
    tier: str
    revision: int
    changed_at: datetime
    title: str
    update_cycle: str | None
    issued_on: date | None
    updated_on: date | None
    document: str


@final
class Exports:
    """Reading the whole catalogue for people."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def entries(self, audience: Audience) -> Iterator[ExportRow]:
        """Yield every entry an audience sees, oldest first, from one state of the database; memory stays flat."""
        current = and_(RevisionRow.entry_id == EntryRow.id, RevisionRow.number == EntryRow.revision)
        rows = (
            select(
                EntryRow.code,
                EntryRow.organ_id,
                EntryRow.tier,
                EntryRow.revision,
                EntryRow.changed_at,
                EntryRow.title,
                EntryRow.update_cycle,
                EntryRow.issued_on,
                EntryRow.updated_on,
                cast(RevisionRow.document, String),
            )
            .join(RevisionRow, current)
            .where(seen_by(audience))
            .order_by(EntryRow.id)
        )
        yield from map(ExportRow._make, streamed(self._session, rows, STREAM_BATCH))
