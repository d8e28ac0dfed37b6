"""Secrets of sources, sealed: what they are for is told, what they are is not."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, final
from uuid import UUID

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalogue_app.domain.ids import SourceId
from catalogue_app.persistence.accountability import demand_audit
from catalogue_app.persistence.base import Base


class SourceSecretRow(Base):
    """The secret of one source, unreadable without the key that is kept outside the database."""

    __tablename__ = "source_secret"

    source_id: Mapped[UUID] = mapped_column(ForeignKey("source.id"), primary_key=True)
    kind: Mapped[str]
    origin: Mapped[str]
    name: Mapped[str]
    sealed: Mapped[str]
    set_at: Mapped[datetime]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SealedSecret:
    """A secret as it is stored.

    Attributes:
        kind: how it is shown: `basic`, `bearer`, `header`, `query`.
        origin: the only origin it may be sent to.
        name: user name, header or parameter.
        sealed: opens with the key outside the database.
        set_at: when it was set.
    """

    source_id: SourceId
    kind: str
    origin: str
    name: str
    sealed: str
    set_at: datetime


@final
class SourceSecretRepository:
    """The secrets of all sources, at most one each."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def keep(self, secret: SealedSecret) -> None:
        """Set or replace the secret of a source."""
        demand_audit(self._session)
        self._session.merge(
            SourceSecretRow(
                source_id=secret.source_id,
                kind=secret.kind,
                origin=secret.origin,
                name=secret.name,
                sealed=secret.sealed,
                set_at=secret.set_at,
            )
        )
        self._session.flush()

    def find(self, source_id: SourceId) -> SealedSecret | None:
        """Return the secret of a source, if it has one."""
        row = self._session.get(SourceSecretRow, source_id)
        return _secret(row) if row else None

    def all(self) -> tuple[SealedSecret, ...]:
        """Return every secret, in the order of sources."""
        rows = self._session.scalars(select(SourceSecretRow).order_by(SourceSecretRow.source_id))
        return tuple(map(_secret, rows))

    def drop(self, source_id: SourceId) -> bool:
        """Forget the secret of a source; returns whether it had one."""
        rows = delete(SourceSecretRow).where(SourceSecretRow.source_id == source_id)
        had_one = self._session.execute(rows.returning(SourceSecretRow.source_id)).first() is not None
        if had_one:
            demand_audit(self._session)
        return had_one


def _secret(row: SourceSecretRow) -> SealedSecret:
    return SealedSecret(
        source_id=SourceId(row.source_id),
        kind=row.kind,
        origin=row.origin,
        name=row.name,
        sealed=row.sealed,
        set_at=row.set_at,
    )
