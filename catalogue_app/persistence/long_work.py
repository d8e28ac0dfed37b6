"""Long work by rows: written beside the work itself, so that others see how far it has come."""

from dataclasses import fields
from datetime import datetime
from typing import Final, final
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalogue_app.domain.ids import WorkId
from catalogue_app.domain.long_work import LongWork, WorkKind, WorkState, may_be_told
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.base import Base


class LongWorkRow(Base):
    """One piece of work; its row is kept for a while after it has ended."""

    __tablename__ = "long_work"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]
    stage: Mapped[str]
    state: Mapped[str]
    holder: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(index=True)
    stage_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    done: Mapped[int]
    total: Mapped[int | None]


@final
class LongWorkRepository:
    """What goes on and what went on lately; nobody answers for it, so it is not audited."""

    def __init__(self, session: Session, ceiling: Tier) -> None:
        self._session: Final = session
        self._ceiling: Final = ceiling

    def begin(self, work: LongWork) -> None:
        """Store a piece of work that nobody was told of before."""
        self._session.connection().execute(insert(LongWorkRow), _values(work))

    def keep(self, work: LongWork) -> None:
        """Store how a piece of work stands now."""
        connection, values = self._session.connection(), _values(work)
        stored = connection.execute(update(LongWorkRow).where(LongWorkRow.id == work.id).values(values))
        if stored.rowcount == 0:
            connection.execute(insert(LongWorkRow), values)

    def lose_earlier(self, work: LongWork) -> None:
        """Call lost what says that it is the same work and still running: it has begun anew."""
        same = (LongWorkRow.kind == work.kind, LongWorkRow.subject == work.subject, LongWorkRow.id != work.id)
        running = LongWorkRow.state == WorkState.RUNNING.value
        lost = update(LongWorkRow).where(*same, running)
        self._session.execute(lost.values(state=WorkState.LOST.value, ended_at=work.started_at))

    def forget_before(self, at: datetime) -> None:
        """Delete what began before an instant."""
        self._session.execute(delete(LongWorkRow).where(LongWorkRow.started_at < at))

    def tells(self, audience: Audience) -> bool:
        """Say whether an audience is told of the work going on."""
        return may_be_told(audience, self._ceiling)

    def latest(self, audience: Audience, limit: int) -> tuple[LongWork, ...]:
        """Return the work begun last, newest first; nothing for an audience that is not told."""
        if not self.tells(audience):
            return ()
        rows = select(LongWorkRow).order_by(LongWorkRow.started_at.desc(), LongWorkRow.id.desc()).limit(limit)
        return tuple(_work(row) for row in self._session.scalars(rows))

    def running(self, kind: WorkKind, subject: str) -> LongWork | None:
        """Return how far one piece of work has come, while it goes on."""
        same = (LongWorkRow.kind == kind, LongWorkRow.subject == subject, LongWorkRow.state == WorkState.RUNNING)
        rows = select(LongWorkRow).where(*same).order_by(LongWorkRow.started_at.desc()).limit(1)
        row = self._session.scalars(rows).first()
        return _work(row) if row else None


def _values(work: LongWork) -> dict[str, object]:
    return {field.name: getattr(work, field.name) for field in fields(work)}


def _work(row: LongWorkRow) -> LongWork:
    return LongWork(
        id=WorkId(row.id),
        kind=WorkKind(row.kind),
        subject=row.subject,
        stage=row.stage,
        state=WorkState(row.state),
        holder=row.holder,
        started_at=row.started_at,
        stage_at=row.stage_at,
        updated_at=row.updated_at,
        ended_at=row.ended_at,
        done=row.done,
        total=row.total,
    )
