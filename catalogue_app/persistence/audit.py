"""Who did what: the insert-only audit log, each line sealed by a digest over itself and the line before."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, final

from sqlalchemy import BigInteger, ColumnElement, Index, Integer, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalogue_app.domain.audit import OF_NOBODYS_TIER, AuditEvent, AuditFilter
from catalogue_app.persistence.base import Base, streamed, to_json
from catalogue_app.persistence.locks import Lock, hold

_BATCH: Final = 1000


class AuditRow(Base):
    """One line of the log."""

    __tablename__ = "audit_event"

    __table_args__ = (
        Index("ix_audit_event_actor_position", "actor", "position"),
        Index("ix_audit_event_recorded_at", "recorded_at"),
    )

    position: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    recorded_at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    before: Mapped[str]
    after: Mapped[str]
    digest: Mapped[str]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One event as the log holds it.

    Attributes:
        position: 1 for the first line, without gaps.
        digest: 32 hexadecimal characters over this line and the digest of the one before.
    """

    position: int
    recorded_at: datetime
    event: AuditEvent
    digest: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ChainVerdict:
    """What a walk along the chain found.

    Attributes:
        lines: lines that were looked at.
        broken_at: position of the first line that was altered, or before which one is missing; None when all hold.
        head: digest of the last good line; kept elsewhere, it proves that no line was cut off the end.
    """

    lines: int
    broken_at: int | None
    head: str


@final
class AuditLog:
    """The log; lines are only ever added."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def extend(self, events: Sequence[tuple[AuditEvent, datetime]]) -> None:
        """Add lines, each with its instant, at the end of the chain, which is held until the transaction ends."""
        if not events:
            return
        hold(self._session, Lock.AUDIT)
        end = select(AuditRow.position, AuditRow.digest).order_by(AuditRow.position.desc()).limit(1)
        last = self._session.execute(end).first()
        position, before = last or (0, "")
        for event, at in events:
            position += 1
            line = AuditLine(position=position, recorded_at=at, event=event, digest="")
            row = _row(line, _seal(line, before))
            self._session.add(row)
            before = row.digest
        self._session.flush()

    def lines(self, subject: str | None = None) -> Iterator[AuditLine]:
        """Yield the lines, oldest first; those about one subject when one is named."""
        rows = select(AuditRow).order_by(AuditRow.position)
        if subject is not None:
            rows = rows.where(AuditRow.subject == subject)
        for (row,) in streamed(self._session, rows, _BATCH):
            yield _line(row)

    def backwards(self, subject: str | None = None, before: int | None = None) -> Iterator[AuditLine]:
        """Yield the lines, newest first: those about one subject, those before a position, where one is given."""
        rows = select(AuditRow).order_by(AuditRow.position.desc()).execution_options(yield_per=_BATCH)
        if subject is not None:
            rows = rows.where(AuditRow.subject == subject)
        if before is not None:
            rows = rows.where(AuditRow.position < before)
        yield from map(_line, self._session.scalars(rows))

    def page(self, wanted: AuditFilter, before: int | None, limit: int, *, is_whole: bool) -> tuple[AuditLine, ...]:
        """Return the lines wanted, newest first, those before a position where one is given.

        Args:
            wanted: restrictions.
            before: a position.
            limit: most lines.
            is_whole: whether lines about what may be held higher up are among them.
        """
        rows = select(AuditRow).where(*_conditions(wanted, is_whole=is_whole)).order_by(AuditRow.position.desc())
        if before is not None:
            rows = rows.where(AuditRow.position < before)
        return tuple(map(_line, self._session.scalars(rows.limit(limit))))

    def chosen(self, wanted: AuditFilter, *, is_whole: bool) -> Iterator[AuditLine]:
        """Yield all lines wanted, oldest first; memory stays flat."""
        rows = select(AuditRow).where(*_conditions(wanted, is_whole=is_whole)).order_by(AuditRow.position)
        for (row,) in streamed(self._session, rows, _BATCH):
            yield _line(row)

    def about(self, subjects: Collection[str], limit: int) -> tuple[AuditLine, ...]:
        """Return the newest lines about any of these subjects, newest first."""
        rows = select(AuditRow).where(AuditRow.subject.in_(sorted(subjects))).order_by(AuditRow.position.desc())
        return tuple(map(_line, self._session.scalars(rows.limit(limit))))

    def last_at(self, subject: str, action: str) -> datetime | None:
        """Return when an act was last done to a subject."""
        rows = select(AuditRow.recorded_at).where(AuditRow.subject == subject, AuditRow.action == action)
        return self._session.scalar(rows.order_by(AuditRow.position.desc()).limit(1))

    def verify(self) -> ChainVerdict:
        """Walk the whole chain and compare every digest."""
        before, count = "", 0
        for line in self.lines():
            if line.position != count + 1 or line.digest != _seal(line, before):
                return ChainVerdict(lines=count + 1, broken_at=count + 1, head=before)
            before, count = line.digest, line.position
        return ChainVerdict(lines=count, broken_at=None, head=before)


def _conditions(wanted: AuditFilter, *, is_whole: bool) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if not is_whole:
        conditions.append(or_(*(AuditRow.subject.startswith(word, autoescape=True) for word in OF_NOBODYS_TIER)))
    if wanted.actor:
        conditions.append(AuditRow.actor.in_([wanted.actor, f"account:{wanted.actor}"]))
    if wanted.action:
        conditions.append(AuditRow.action == wanted.action)
    if wanted.subject:
        conditions.append(AuditRow.subject.startswith(wanted.subject, autoescape=True))
    if wanted.since is not None:
        conditions.append(AuditRow.recorded_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(AuditRow.recorded_at < wanted.until)
    return conditions


def _seal(line: AuditLine, before: str) -> str:
    event = line.event
    text = to_json(
        [
            before,
            line.position,
            line.recorded_at.isoformat(),
            event.actor,
            event.action,
            event.subject,
            event.before,
            event.after,
        ]
    )
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _row(line: AuditLine, digest: str) -> AuditRow:
    event = line.event
    return AuditRow(
        position=line.position,
        recorded_at=line.recorded_at,
        actor=event.actor,
        action=event.action,
        subject=event.subject,
        before=event.before,
        after=event.after,
        digest=digest,
    )


def _line(row: AuditRow) -> AuditLine:
    event = AuditEvent(actor=row.actor, action=row.action, subject=row.subject, before=row.before, after=row.after)
    return AuditLine(position=row.position, recorded_at=row.recorded_at, event=event, digest=row.digest)
