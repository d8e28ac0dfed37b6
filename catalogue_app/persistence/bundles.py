"""Senders of bundles and their rows; and what a bundle is made of beside entries and organs."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple, final
from uuid import UUID

from sqlalchemy import ForeignKey, and_, exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalogue_app.domain.bundle import Sender
from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.errors import NotFound
from catalogue_app.domain.ids import EntryId, OrganId, SourceId
from catalogue_app.domain.visibility import Audience, may_see
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.accountability import demand_audit
from catalogue_app.persistence.base import Base, streamed
from catalogue_app.persistence.entries import take_numbers
from catalogue_app.persistence.entry_reads import STREAM_BATCH, seen_by
from catalogue_app.persistence.entry_rows import EntryRow, TombstoneRow
from catalogue_app.persistence.showings import ShowingRow


class BundleSenderRow(Base):
    """One deployment that was ever trusted; kept for ever, so that no serial number is taken twice."""

    __tablename__ = "bundle_sender"

    name: Mapped[str] = mapped_column(primary_key=True)
    public_key: Mapped[str] = mapped_column(unique=True)
    source_id: Mapped[UUID] = mapped_column(ForeignKey("source.id"), unique=True)
    serial: Mapped[int]
    digest: Mapped[str]
    is_done: Mapped[bool]
    is_trusted: Mapped[bool]


@final
class Tombstone(NamedTuple):
    """What a bundle says of an entry that was withdrawn.

    Attributes:
        code: its catalogue code.
        successor: code of the entry that took its place, where those above may know it.
    """

    code: str
    reason: str
    withdrawn_at: datetime
    successor: str | None


@final
class BundleRepository:
    """What bundles are judged by and made of."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def senders(self) -> tuple[Sender, ...]:
        """Return every sender by name."""
        return tuple(map(_sender, self._session.scalars(select(BundleSenderRow).order_by(BundleSenderRow.name))))

    def by_name(self, name: str) -> Sender:
        """Return one sender.

        Raises:
            NotFound: nobody of this name was ever trusted.
        """
        row = self._session.get(BundleSenderRow, name, populate_existing=True)
        if row is None:
            raise NotFound("bundle_sender_unknown", sender=name)
        return _sender(row)

    def save(self, sender: Sender) -> None:
        """Add a sender, or say how it stands now."""
        demand_audit(self._session)
        self._session.merge(_row(sender))
        self._session.flush()

    def next_serial(self, to_tier: Tier) -> int:
        """Take the serial number of the next bundle to a tier."""
        demand_audit(self._session)
        return take_numbers(self._session, f"bundle_serial:{to_tier}", 1)

    def tombstones(self, audience: Audience) -> Iterator[Tombstone]:
        """Yield the withdrawn entries that an audience once saw, oldest first; who withdrew them is not told."""
        reached = [tier.value for tier in Tier if tier.level <= audience.tier.level]
        was_shown = exists().where(ShowingRow.entry_id == EntryRow.id, ShowingRow.tier.in_(reached))
        rows = (
            select(EntryRow.code, EntryRow.tier, EntryRow.organ_id, TombstoneRow)
            .join(TombstoneRow, TombstoneRow.entry_id == EntryRow.id)
            .where(EntryRow.state == EntryState.WITHDRAWN, was_shown)
            .order_by(EntryRow.id)
        )
        for code, tier, organ, row in streamed(self._session, rows, STREAM_BATCH):
            before = EntryState(row.state_before)
            if may_see(audience, tier=Tier(tier), state=before, organ=OrganId(organ)):
                yield Tombstone(code, row.reason, row.withdrawn_at, self._code_of(row.successor_id, audience))

    def live(self, source_id: SourceId, codes: Sequence[str]) -> Mapping[str, EntryId]:
        """Return code to key of the entries of a source among some codes that are not withdrawn."""
        here = and_(EntryRow.source_id == source_id, EntryRow.code.in_(codes), EntryRow.state != EntryState.WITHDRAWN)
        rows = self._session.execute(select(EntryRow.code, EntryRow.id).where(here))
        return {code: EntryId(entry_id) for code, entry_id in rows}

    def ids_of(self, codes: Sequence[str]) -> Mapping[str, EntryId]:
        """Return code to key of the entries that have some codes."""
        rows = self._session.execute(select(EntryRow.code, EntryRow.id).where(EntryRow.code.in_(codes)))
        return {code: EntryId(entry_id) for code, entry_id in rows}

    def _code_of(self, entry_id: UUID | None, audience: Audience) -> str | None:
        if entry_id is None:
            return None
        return self._session.scalar(select(EntryRow.code).where(EntryRow.id == entry_id, seen_by(audience)))


def _sender(row: BundleSenderRow) -> Sender:
    return Sender(
        name=row.name,
        public_key=row.public_key,
        source_id=SourceId(row.source_id),
        serial=row.serial,
        digest=row.digest,
        is_done=row.is_done,
        is_trusted=row.is_trusted,
    )


def _row(sender: Sender) -> BundleSenderRow:
    return BundleSenderRow(
        name=sender.name,
        public_key=sender.public_key,
        source_id=sender.source_id,
        serial=sender.serial,
        digest=sender.digest,
        is_done=sender.is_done,
        is_trusted=sender.is_trusted,
    )
