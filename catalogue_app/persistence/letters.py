"""Letters about sources that wait to be sent, or were: written with what they tell of, one a run and person."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, final
from uuid import UUID

from sqlalchemy import ForeignKey, Index, insert, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalogue_app.domain.ids import RunId
from catalogue_app.persistence.base import Base

_FIRST_WAIT: Final = timedelta(minutes=2)
_LONGEST_WAIT: Final = timedelta(hours=6)


class LetterRow(Base):
    """One letter to one person."""

    __tablename__ = "source_letter"
    __table_args__ = (
        Index(
            "ix_source_letter_unsent",
            "next_try_at",
            sqlite_where=text("sent_at IS NULL"),
            postgresql_where=text("sent_at IS NULL"),
        ),
    )

    run_id: Mapped[UUID] = mapped_column(ForeignKey("harvest_run.id"), primary_key=True)
    recipient: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str]
    text: Mapped[str]
    written_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    tries: Mapped[int]
    sent_at: Mapped[datetime | None]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingLetter:
    """A letter that somebody has taken to send."""

    run_id: RunId
    recipient: str
    subject: str
    text: str


@final
class LetterRepository:
    """All letters about sources."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def write(self, letter: WaitingLetter, at: datetime) -> None:
        """Put a letter into the box, in the unit of what it tells."""
        row = {
            "run_id": letter.run_id,
            "recipient": letter.recipient,
            "subject": letter.subject,
            "text": letter.text,
            "written_at": at,
            "next_try_at": at,
            "tries": 0,
            "sent_at": None,
        }
        self._session.execute(insert(LetterRow).values(row))

    def take(self, at: datetime) -> WaitingLetter | None:
        """Take the letter that waits longest; nobody else gets it for a while, longer with every try."""
        is_waiting = (LetterRow.sent_at.is_(None), LetterRow.next_try_at <= at)
        rows = select(LetterRow).where(*is_waiting).order_by(LetterRow.next_try_at).limit(1)
        row = self._session.scalars(rows.with_for_update(skip_locked=True)).first()
        if row is None:
            return None
        row.next_try_at = at + min(_FIRST_WAIT * 2 ** min(row.tries, 20), _LONGEST_WAIT)
        row.tries += 1
        self._session.flush()
        return WaitingLetter(run_id=RunId(row.run_id), recipient=row.recipient, subject=row.subject, text=row.text)

    def sent(self, letter: WaitingLetter, at: datetime) -> None:
        """Note that a letter was handed over."""
        is_it = (LetterRow.run_id == letter.run_id, LetterRow.recipient == letter.recipient)
        self._session.execute(update(LetterRow).where(*is_it).values(sent_at=at))
