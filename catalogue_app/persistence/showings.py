"""Who could once see an entry: what makes it possible to say that an entry is gone to those who knew it, and no others.

One row for each entry and tier it was ever published on, kept for ever. `entries.relabel` is the only caller of
`note`, `entries.label_new` of `begin`, so that every door into the entries leaves the same rows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Select,
    and_,
    case,
    func,
    insert,
    literal,
    select,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.ids import CatalogueCode, EntryId, OrganId
from catalogue_app.domain.visibility import Audience, labels_of
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.base import Base
from catalogue_app.persistence.bulk import insert_rows
from catalogue_app.persistence.entry_rows import EntryRow, LabelRow

_PUBLISHED: Final = {
    label: tier for tier in Tier for label in labels_of(tier=tier, state=EntryState.PUBLISHED, organ=OrganId(""))
}
"""Label of a published entry to its tier."""


class ShowingRow(Base):
    """One tier an entry is or was published on; `left_at` is when it stopped, none while it lasts."""

    __tablename__ = "entry_showing"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 — SQLAlchemy's own protocol

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    tier: Mapped[str] = mapped_column(primary_key=True)
    left_at: Mapped[datetime | None] = mapped_column(index=True)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class EntryChange:
    """One step of the feed of changes.

    Attributes:
        code: catalogue code.
        at: when it last changed, or went out of sight.
        serial: orders what changed at one instant.
        entry_id: the entry; none where it is gone for this audience.
    """

    code: CatalogueCode
    at: datetime
    serial: int
    entry_id: EntryId | None


@final
class Showings:
    """The feed of changes, for an audience."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def changes(
        self, audience: Audience, since: datetime | None, after: tuple[datetime, int] | None, limit: int
    ) -> Sequence[EntryChange]:
        """Return what changed for an audience, oldest first: entries it sees, and those it no longer sees.

        Args:
            audience: who asks.
            since: only what changed at this instant or later; none for everything.
            after: instant and serial of the last step known.
            limit: most steps returned.
        """
        feed = union_all(_present(audience), _gone(audience)).subquery()
        rows = select(feed)
        if since is not None:
            rows = rows.where(feed.c.at >= since)
        if after is not None:
            rows = rows.where(tuple_(feed.c.at, feed.c.serial) > tuple_(*after))
        rows = rows.order_by(feed.c.at, feed.c.serial).limit(limit)
        return tuple(
            EntryChange(
                code=CatalogueCode(row.code),
                at=row.at,
                serial=row.serial,
                entry_id=EntryId(row.id) if row.is_present else None,
            )
            for row in self._session.execute(rows)
        )

    def gone(self, audience: Audience, since: datetime | None) -> int:
        """Return how many entries went out of an audience's sight at an instant or later."""
        feed = _gone(audience).subquery()
        counted = select(func.count()).select_from(feed)
        return self._session.scalar(counted.where(feed.c.at >= since) if since is not None else counted) or 0


def note(session: Session, among: ColumnElement[bool]) -> None:
    """Note where some entries are published now, and where no longer; their labels are already as they shall be."""
    chosen = select(EntryRow.id).where(among)
    shown = select(LabelRow.entry_id).where(
        LabelRow.entry_id == ShowingRow.entry_id, LabelRow.label == _label_of(ShowingRow.tier)
    )
    mine = ShowingRow.entry_id.in_(chosen)
    left_at = select(EntryRow.changed_at).where(EntryRow.id == ShowingRow.entry_id).scalar_subquery()
    over = update(ShowingRow).where(mine, ShowingRow.left_at.is_(None), ~shown.exists()).values(left_at=left_at)
    back = update(ShowingRow).where(mine, ShowingRow.left_at.is_not(None), shown.exists()).values(left_at=None)
    session.execute(over, execution_options={"synchronize_session": False})
    session.execute(back, execution_options={"synchronize_session": False})
    tier = case(_PUBLISHED, value=LabelRow.label)
    known = select(ShowingRow.entry_id).where(ShowingRow.entry_id == LabelRow.entry_id, ShowingRow.tier == tier)
    new = select(LabelRow.entry_id, tier).where(
        LabelRow.entry_id.in_(chosen), LabelRow.label.in_(sorted(_PUBLISHED)), ~known.exists()
    )
    session.execute(insert(ShowingRow).from_select(["entry_id", "tier"], new))


def begin(session: Session, labels: Iterable[tuple[UUID, str]]) -> None:
    """Note where entries that are new are published, from their (entry, label)."""
    shown = ((entry_id, _PUBLISHED[label].value, None) for entry_id, label in labels if label in _PUBLISHED)
    insert_rows(session.connection(), ShowingRow, shown)


def _label_of(tier: InstrumentedAttribute[str]) -> ColumnElement[str]:
    return case({it.value: label for label, it in _PUBLISHED.items()}, value=tier)


def _present(audience: Audience) -> Select[UUID, str, int, datetime, int]:
    seen = select(LabelRow.entry_id).where(LabelRow.entry_id == EntryRow.id, LabelRow.label.in_(_labels(audience)))
    columns = (
        EntryRow.id,
        EntryRow.code,
        EntryRow.serial,
        EntryRow.changed_at.label("at"),
        literal(1).label("is_present"),
    )
    return select(*columns).where(seen.exists())


def _gone(audience: Audience) -> Select[UUID, str, int, datetime | None, int]:
    """Select the entries that were published within an audience's reach once, and are not any more."""
    reached = [tier.value for tier in Tier if tier.level <= audience.tier.level]
    seen = select(LabelRow.entry_id).where(LabelRow.entry_id == EntryRow.id, LabelRow.label.in_(_labels(audience)))
    at = func.max(ShowingRow.left_at).label("at")
    columns = (EntryRow.id, EntryRow.code, EntryRow.serial, at, literal(0).label("is_present"))
    joined = select(*columns).join(ShowingRow, and_(ShowingRow.entry_id == EntryRow.id, ShowingRow.tier.in_(reached)))
    return joined.where(~seen.exists()).group_by(EntryRow.id, EntryRow.code, EntryRow.serial)


def _labels(audience: Audience) -> list[str]:
    """Return the labels of published entries within reach: what is not published is nobody's change yet."""
    return [label for label, tier in _PUBLISHED.items() if tier.level <= audience.tier.level]
