"""Organs of the register: their rows and their repository."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final, final

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalogue_app.domain.errors import Conflict, NotFound
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.text import LocalizedText
from catalogue_app.domain.vocabulary import DisclosureCategory, OrganKind
from catalogue_app.persistence.accountability import demand_audit
from catalogue_app.persistence.base import Base, JsonDocument, OrderedJson
from catalogue_app.persistence.locks import Lock, hold


class OrganRow(Base):
    """One organ; `position` keeps the order of the register.

    Rows are never deleted, so that parent and successor, which `domain.register` checks, are always there.
    """

    __tablename__ = "organ"

    id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    name: Mapped[dict[str, str]] = mapped_column(OrderedJson)
    kind: Mapped[str]
    short_name: Mapped[str]
    aliases: Mapped[list[str]] = mapped_column(JsonDocument)
    district_code: Mapped[str]
    uscc: Mapped[str]
    main_theme: Mapped[str]
    obligations: Mapped[list[str]] = mapped_column(JsonDocument)
    parent_id: Mapped[str | None]
    contact: Mapped[str] = mapped_column(server_default="")
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    successor_id: Mapped[str | None]
    former_usccs: Mapped[str] = mapped_column(server_default="")
    version: Mapped[int] = mapped_column(server_default="1")


@final
class OrganRepository:
    """The register of organs, some hundreds; read whole."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def hold(self) -> None:
        """Let nobody else change the register until this unit ends: what is read of it now stays so."""
        hold(self._session, Lock.REGISTER)

    def save(self, organ: Organ) -> None:
        """Add an organ at the end of the register, or replace the one of the same id in its place.

        Raises:
            Conflict: its version is not the stored one: somebody else was faster.
        """
        demand_audit(self._session)
        known = self._session.get(OrganRow, organ.id, populate_existing=True)
        if organ.version != (known.version if known else 0):
            raise Conflict("organ_changed_meanwhile", organ=organ.id)
        position = known.position if known else self._session.scalar(select(func.count()).select_from(OrganRow)) or 0
        self._session.merge(_row(organ, position))
        self._session.flush()

    def stamp(self) -> tuple[int, int]:
        """Return what is another whenever anything in the register is: how many organs, and how often they were saved.

        Organs are never taken out, and every save counts, so that no stamp comes twice.
        """
        number, saves = self._session.execute(select(func.count(), func.sum(OrganRow.version))).one()
        return int(number), int(saves or 0)

    def by_id(self, organ_id: OrganId) -> Organ:
        """Return one organ.

        Raises:
            NotFound: no organ has this id.
        """
        row = self._session.get(OrganRow, organ_id)
        if row is None:
            raise NotFound("organ_not_found", organ=organ_id)
        return _organ(row)

    def by_ids(self, ids: Iterable[OrganId]) -> Mapping[OrganId, Organ]:
        """Return the organs of these ids; unknown ones are left out."""
        rows = self._session.scalars(select(OrganRow).where(OrganRow.id.in_(set(ids))))
        return {organ.id: organ for organ in map(_organ, rows)}

    def names(self) -> Mapping[OrganId, LocalizedText]:
        """Return the name of every organ in the order of the register; for lists that show names and nothing else."""
        rows = self._session.execute(select(OrganRow.id, OrganRow.name).order_by(OrganRow.position))
        return {OrganId(row.id): LocalizedText.from_mapping(row.name) for row in rows}

    def all(self) -> tuple[Organ, ...]:
        """Return every organ in the order of the register."""
        rows = select(*OrganRow.__table__.columns).order_by(OrganRow.position)  # no need to watch them for changes
        return tuple(map(_organ, self._session.execute(rows)))


def _row(organ: Organ, position: int) -> OrganRow:
    return OrganRow(
        id=organ.id,
        position=position,
        name=organ.name.to_mapping(),
        kind=organ.kind.value,
        short_name=organ.short_name,
        aliases=list(organ.aliases),
        district_code=organ.district_code,
        uscc=organ.uscc,
        main_theme=organ.main_theme,
        obligations=sorted(category.value for category in organ.obligations),
        parent_id=organ.parent,
        contact=organ.contact,
        valid_from=organ.valid_from,
        valid_to=organ.valid_to,
        successor_id=organ.successor,
        former_usccs=" ".join(organ.former_usccs),
        version=organ.version + 1,
    )


def _organ(row: OrganRow | Row[*tuple[object, ...]]) -> Organ:
    return Organ(
        id=OrganId(row.id),
        name=LocalizedText.from_mapping(row.name),
        kind=OrganKind(row.kind),
        short_name=row.short_name,
        aliases=tuple(row.aliases),
        district_code=row.district_code,
        uscc=row.uscc,
        main_theme=row.main_theme,
        obligations=frozenset(DisclosureCategory(category) for category in row.obligations),
        parent=OrganId(row.parent_id) if row.parent_id else None,
        contact=row.contact,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        successor=OrganId(row.successor_id) if row.successor_id else None,
        former_usccs=tuple(row.former_usccs.split()),
        version=row.version,
    )
