"""What the search index has yet to confirm: rows written with the change of an entry, deleted one by one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, final
from uuid import UUID

from sqlalchemy import BigInteger, Integer, Select, Uuid, delete, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalogue_app.domain.ids import EntryId
from catalogue_app.persistence.base import Base


class QueuedRow(Base):
    """One entry to be indexed anew; positions are never used twice."""

    __tablename__ = "outbox"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 — SQLAlchemy's own protocol

    position: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(Uuid())


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """One row taken: the entry must be read again before it is written to the index.

    Attributes:
        position: its key; the same entry may stand at several positions.
    """

    position: int
    entry_id: EntryId


@final
class Outbox:
    """The queue between database and index.

    There is no high-water mark: whoever drains deletes exactly the rows it took, so a transaction that commits late is
    never skipped.
    """

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def take(self, limit: int) -> tuple[OutboxRow, ...]:
        """Return up to `limit` rows, oldest first; they stay until `done`."""
        rows = select(QueuedRow.position, QueuedRow.entry_id).order_by(QueuedRow.position).limit(limit)
        return tuple(
            OutboxRow(position=row.position, entry_id=EntryId(row.entry_id)) for row in self._session.execute(rows)
        )

    def done(self, positions: Sequence[int]) -> None:
        """Delete exactly the rows at these positions."""
        self._session.execute(delete(QueuedRow).where(QueuedRow.position.in_(positions)))

    def last_position(self) -> int:
        """Return the position of the newest row; 0 where nothing waits."""
        return self._session.scalar(select(func.max(QueuedRow.position))) or 0

    def waiting(self, entry_ids: Sequence[EntryId]) -> frozenset[EntryId]:
        """Return those of some entries that have a row."""
        rows = select(QueuedRow.entry_id).where(QueuedRow.entry_id.in_(entry_ids))
        return frozenset(EntryId(entry_id) for entry_id in self._session.scalars(rows))

    def size(self) -> int:
        """Return how many rows wait."""
        return self._session.scalar(select(func.count()).select_from(QueuedRow)) or 0


def append(session: Session, entry_ids: Iterable[UUID]) -> None:
    """Queue entries for the index; called by the repository of entries alone."""
    rows = [{"entry_id": entry_id} for entry_id in entry_ids]
    if rows:
        session.connection().execute(insert(QueuedRow), rows)


def append_selected(session: Session, entry_ids: Select[UUID]) -> None:
    """Queue the entries that a statement selects, in its order."""
    session.connection().execute(insert(QueuedRow).from_select(["entry_id"], entry_ids))
