"""Sources of organs' catalogues: their rows and their repository."""

from datetime import datetime
from typing import Final, final
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalogue_app.domain.errors import NotFound
from catalogue_app.domain.ids import OrganId, SourceId
from catalogue_app.domain.schedule import Turn
from catalogue_app.domain.source import Source, SourceKind
from catalogue_app.persistence.accountability import demand_audit
from catalogue_app.persistence.base import Base, JsonDocument


class SourceRow(Base):
    """One source of one organ; ids sort by birth, so that lists are in the order of registration."""

    __tablename__ = "source"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organ_id: Mapped[str] = mapped_column(ForeignKey("organ.id"), index=True)
    kind: Mapped[str]
    address: Mapped[str]
    options: Mapped[dict[str, str]] = mapped_column(JsonDocument)
    is_enabled: Mapped[bool]
    due_at: Mapped[datetime | None]
    planned_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(server_default="0")
    told: Mapped[str] = mapped_column(server_default="good")
    asked_by: Mapped[str | None]


@final
class SourceRepository:
    """The sources, some hundreds."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def add(self, source: Source) -> None:
        """Register a source."""
        demand_audit(self._session)
        self._session.add(_row(source))
        self._session.flush()

    def replace(self, source: Source) -> None:
        """Give a source new settings."""
        demand_audit(self._session)
        self._session.merge(_row(source))
        self._session.flush()

    def by_id(self, source_id: SourceId) -> Source:
        """Return one source.

        Raises:
            NotFound: no source has this id.
        """
        row = self._session.get(SourceRow, source_id)
        if row is None:
            raise NotFound("source_not_found", source=source_id)
        return _source(row)

    def hold(self, source_id: SourceId) -> Source:
        """Return one source; nobody else changes it before the transaction ends.

        Raises:
            NotFound: no source has this id.
        """
        self._session.get(SourceRow, source_id, with_for_update=True, populate_existing=True)
        return self.by_id(source_id)

    def all(self) -> tuple[Source, ...]:
        """Return every source, oldest first."""
        return tuple(_source(row) for row in self._session.scalars(select(SourceRow).order_by(SourceRow.id)))

    def of_organ(self, organ_id: OrganId) -> tuple[Source, ...]:
        """Return the sources of one organ, oldest first."""
        rows = select(SourceRow).where(SourceRow.organ_id == organ_id).order_by(SourceRow.id)
        return tuple(_source(row) for row in self._session.scalars(rows))

    def due(self, now: datetime) -> tuple[Source, ...]:
        """Return the sources somebody asked for, and the enabled ones whose time has come, longest waiting first."""
        is_asked = SourceRow.asked_by.is_not(None)
        rows = select(SourceRow).where(_is_due(now)).order_by(is_asked.desc(), SourceRow.due_at, SourceRow.id)
        return tuple(_source(row) for row in self._session.scalars(rows))

    def is_due(self, source_id: SourceId, now: datetime) -> bool:
        """Say whether a source is among those that are due."""
        found = select(SourceRow.id).where(SourceRow.id == source_id, _is_due(now))
        return self._session.scalar(found) is not None

    def take_turn(self, source_id: SourceId, turn: Turn) -> None:
        """Say when the schedule next harvests a source after a run; the run's own event is on the audit log."""
        values = {"due_at": turn.due_at, "planned_at": turn.planned_at, "failures": turn.failures}
        self._session.execute(update(SourceRow).where(SourceRow.id == source_id).values(values))

    def begin(self, source_id: SourceId) -> None:
        """Note that a run of a source began, so that whoever asked for it need not wait longer."""
        self._session.execute(update(SourceRow).where(SourceRow.id == source_id).values(asked_by=None))

    def told(self, source_id: SourceId) -> str:
        """Return how the people of a source were told last that it stands."""
        return self._session.scalar(select(SourceRow.told).where(SourceRow.id == source_id)) or ""

    def tell(self, source_id: SourceId, standing: str) -> None:
        """Note how the people of a source were told that it stands."""
        self._session.execute(update(SourceRow).where(SourceRow.id == source_id).values(told=standing))

    def put_off(self, source_id: SourceId, until: datetime) -> None:
        """Say when the schedule next harvests a source; a matter of the clock, not of the audit log."""
        self._session.execute(update(SourceRow).where(SourceRow.id == source_id).values(due_at=until))


def _is_due(now: datetime) -> ColumnElement[bool]:
    is_due = SourceRow.is_enabled & or_(SourceRow.due_at.is_(None), SourceRow.due_at <= now)
    return SourceRow.asked_by.is_not(None) | is_due


def _row(source: Source) -> SourceRow:
    return SourceRow(
        id=source.id,
        organ_id=source.organ_id,
        kind=source.kind.value,
        address=source.address,
        options=dict(source.options),
        is_enabled=source.is_enabled,
        due_at=source.due_at,
        planned_at=source.planned_at,
        failures=source.failures,
        asked_by=source.asked_by,
    )


def _source(row: SourceRow) -> Source:
    return Source(
        id=SourceId(row.id),
        organ_id=OrganId(row.organ_id),
        kind=SourceKind(row.kind),
        address=row.address,
        options=dict(row.options),
        is_enabled=row.is_enabled,
        due_at=row.due_at,
        planned_at=row.planned_at,
        failures=row.failures,
        asked_by=row.asked_by,
    )
