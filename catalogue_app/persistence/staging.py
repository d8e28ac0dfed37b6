"""The plan of a run, compared with what is known in sets: what it would add and change, until applied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple, final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, delete, func, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.harvest import Outcome
from catalogue_app.domain.ids import CatalogueCode, EntryId, OrganId, RunId, SourceId
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.profile import Violation
from catalogue_app.domain.text import fold
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.base import Base, JsonDocument
from catalogue_app.persistence.bulk import insert_rows
from catalogue_app.persistence.entry_rows import EntryRow, attributes_of, read_violations, write_violations
from catalogue_app.persistence.outcomes import OutcomeRow, has_outcome


class StagedRow(Base):
    """One record that is new or changed, understood and checked, waiting to be applied; deleted when it is."""

    __tablename__ = "staged_entry"

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    is_new: Mapped[bool]
    entry_id: Mapped[UUID]
    identifier: Mapped[str]
    code: Mapped[str | None]
    organ_id: Mapped[str]
    state: Mapped[str]
    tier: Mapped[str]
    digest: Mapped[str]
    source_digest: Mapped[str]
    reading: Mapped[str]
    title: Mapped[str]
    title_folded: Mapped[str]
    update_cycle: Mapped[str | None]
    issued_on: Mapped[date | None]
    updated_on: Mapped[date | None]
    violation_count: Mapped[int]
    violations: Mapped[list[dict[str, str]]] = mapped_column(JsonDocument)
    attributes: Mapped[dict[str, list[str]]] = mapped_column(JsonDocument)
    document: Mapped[str]
    is_held: Mapped[bool] = mapped_column(default=False)


class LastReading(NamedTuple):
    """The record of an identifier when it was read last: its digest, and how records of its source were read then."""

    source_digest: str
    reading: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRecord:
    """What the catalogue holds of one identifier of a source.

    Attributes:
        digest: over what the entry says.
        source_digest: over the record it was read from.
        reading: how records of the source were read then.
    """

    entry_id: EntryId
    organ_id: OrganId
    tier: Tier
    digest: str
    source_digest: str
    reading: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class StagedRecord:
    """One record to be added or to change an entry.

    Attributes:
        position: its place in the run, as in its outcome row.
        is_new: whether its identifier is unknown so far.
        code: the catalogue code that it brings along; None where this deployment makes one.
        state: the state a new entry begins in.
        digest: over the metadata.
        source_digest: over the record.
        reading: how records of the source are read now.
        document: the metadata as JSON text.
    """

    position: int
    is_new: bool
    entry_id: EntryId
    identifier: str
    code: CatalogueCode | None
    organ_id: OrganId
    state: EntryState
    tier: Tier
    digest: str
    source_digest: str
    reading: str
    metadata: EntryMetadata
    document: str
    violations: tuple[Violation, ...]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """A finished reading against what is known, in numbers.

    Attributes:
        known: entries of the source that were there at the last look.
        seen: distinct identifiers gathered, rejected records included.
        gone: of those known, the ones not seen.
        new: identifiers to be added.
    """

    known: int
    seen: int
    gone: int
    new: int


@final
class StagingRepository:
    """The plans of running runs."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def last_readings(self, source_id: SourceId, identifiers: Sequence[str]) -> Mapping[str, LastReading]:
        """Return how the records of some identifiers of a source were read last; unknown ones are left out.

        It tells unchanged records, which are nearly all, from the others at a third of what `known` costs.
        """
        columns = select(EntryRow.identifier, EntryRow.source_digest, EntryRow.reading)
        rows = columns.where(EntryRow.source_id == source_id, EntryRow.identifier.in_(identifiers))
        return {
            identifier: LastReading(source_digest, reading)
            for identifier, source_digest, reading in self._session.connection().execute(rows)
        }

    def known(self, source_id: SourceId, identifiers: Sequence[str]) -> Mapping[str, KnownRecord]:
        """Return what is known of some identifiers of a source; unknown ones are left out."""
        if not identifiers:
            return {}
        columns = select(
            EntryRow.identifier,
            EntryRow.id,
            EntryRow.organ_id,
            EntryRow.tier,
            EntryRow.digest,
            EntryRow.source_digest,
            EntryRow.reading,
        )
        known = columns.where(EntryRow.source_id == source_id, EntryRow.identifier.in_(identifiers))
        rows = self._session.connection().execute(known)
        return {
            identifier: KnownRecord(
                entry_id=EntryId(entry_id),
                organ_id=OrganId(organ_id),
                tier=Tier(tier),
                digest=digest,
                source_digest=source_digest,
                reading=reading,
            )
            for identifier, entry_id, organ_id, tier, digest, source_digest, reading in rows
        }

    def violations(self, entry_ids: Sequence[EntryId]) -> Mapping[EntryId, tuple[Violation, ...]]:
        """Return the violations of some entries as stored."""
        if not entry_ids:
            return {}
        rows = select(EntryRow.id, EntryRow.violations).where(EntryRow.id.in_(entry_ids))
        return {EntryId(key): read_violations(found) for key, found in self._session.execute(rows)}

    def confirm_reading(self, entry_ids: Sequence[EntryId], reading: str) -> None:
        """Note that entries were read anew and say the same, so that they count as unchanged from now on."""
        if entry_ids:
            confirmed = update(EntryRow).where(EntryRow.id.in_(entry_ids)).values(reading=reading)
            self._session.connection().execute(confirmed)

    def add(self, run_id: RunId, records: Sequence[StagedRecord]) -> None:
        """Stage the new and changed records of one batch."""
        insert_rows(self._session.connection(), StagedRow, (_values(run_id, record) for record in records))

    def refresh_statistics(self) -> None:
        """Let PostgreSQL count what was staged: it plans by its last count, in which these tables may be empty.

        Without this, settling some hundreds of records took minutes on a new database: every join in a nested loop.
        Only columns that a plan asks for are counted: to sample the documents as well takes longer than to stage them.
        """
        if self._session.get_bind().dialect.name == "postgresql":
            self._session.execute(text("ANALYZE harvest_outcome (run_id, position, identifier, outcome)"))
            self._session.execute(text("ANALYZE staged_entry (run_id, position, entry_id, is_new, is_held)"))

    def settle_duplicates(self, run_id: RunId, source_id: SourceId) -> None:
        """Leave one record an identifier in the plan, the same one whatever the order of the source.

        The newest content date wins, then the smallest digest over the record; among equals it does not matter.
        Rejected records take no part.
        """
        if self._session.execute(_repeated(run_id).limit(1)).first() is None:
            return
        ranked = _ranked(run_id, source_id).subquery()
        losing = (OutcomeRow.run_id == run_id, OutcomeRow.position == ranked.c.position, ranked.c.place_in_line > 1)
        same = ranked.c.digest == ranked.c.winner
        verdict = {
            "outcome": Outcome.DUPLICATE.value,
            "element": "identifier",
            "code": case((same, "duplicate_record"), else_="duplicate_identifier"),
            "value": func.substr(OutcomeRow.identifier, 1, 200),
        }
        connection = self._session.connection()
        connection.execute(update(OutcomeRow).where(*losing).values(verdict))
        duplicates = select(OutcomeRow.position).where(
            OutcomeRow.run_id == run_id, OutcomeRow.outcome == Outcome.DUPLICATE
        )
        connection.execute(delete(StagedRow).where(StagedRow.run_id == run_id, StagedRow.position.in_(duplicates)))

    def census(self, run_id: RunId, source_id: SourceId) -> Census:
        """Count a plan whose duplicates are settled."""
        seen = select(func.count(OutcomeRow.identifier.distinct())).where(
            OutcomeRow.run_id == run_id, OutcomeRow.identifier != ""
        )
        new = select(func.count()).where(OutcomeRow.run_id == run_id, OutcomeRow.outcome == Outcome.ADDED)
        present = and_(is_live(source_id), EntryRow.missing_since.is_(None))
        known = select(func.count()).select_from(EntryRow).where(present)
        gone = known.where(~has_outcome(run_id, EntryRow.identifier))
        counts = {"known": known, "seen": seen, "gone": gone, "new": new}
        found = self._session.execute(select(*(count.scalar_subquery().label(it) for it, count in counts.items())))
        return Census(**found.mappings().one())

    def hold_new(self, run_id: RunId) -> None:
        """Keep every addition out of the plan until a person decides."""
        new = (StagedRow.run_id == run_id, StagedRow.is_new)
        self._session.execute(update(StagedRow).where(*new).values(is_held=True))

    def discard(self, run_id: RunId) -> None:
        """Forget what a run staged."""
        self._session.execute(delete(StagedRow).where(StagedRow.run_id == run_id))

    def waiting(self, run_id: RunId) -> Select[int]:
        """Select the positions of the records that wait to be applied."""
        return select(StagedRow.position).where(StagedRow.run_id == run_id, ~StagedRow.is_held)

    def size(self, run_id: RunId) -> int:
        """Return how many records wait to be applied."""
        return self._session.scalar(select(func.count()).where(StagedRow.run_id == run_id)) or 0


def is_live(source_id: SourceId) -> ColumnElement[bool]:
    """Say in SQL whether an entry belongs to a source and was not withdrawn."""
    return and_(EntryRow.source_id == source_id, EntryRow.state != EntryState.WITHDRAWN)


def _ranked(run_id: RunId, source_id: SourceId) -> Select[int, str, int, str]:
    """Rank the records of each repeated identifier; the first in line wins."""
    staged = and_(StagedRow.run_id == OutcomeRow.run_id, StagedRow.position == OutcomeRow.position)
    stored = and_(EntryRow.source_id == source_id, EntryRow.identifier == OutcomeRow.identifier)
    content_date = case((StagedRow.position.is_not(None), StagedRow.updated_on), else_=EntryRow.updated_on)
    order = (content_date.desc().nulls_last(), OutcomeRow.digest, OutcomeRow.position)
    line = func.row_number().over(partition_by=OutcomeRow.identifier, order_by=order)
    winner = func.first_value(OutcomeRow.digest).over(partition_by=OutcomeRow.identifier, order_by=order)
    ranked = select(OutcomeRow.position, OutcomeRow.digest, line.label("place_in_line"), winner.label("winner"))
    ranked = ranked.outerjoin(StagedRow, staged).outerjoin(EntryRow, stored)
    return ranked.where(_takes_part(run_id), OutcomeRow.identifier.in_(_repeated(run_id)))


def _repeated(run_id: RunId) -> Select[str]:
    of_one = select(OutcomeRow.identifier).where(_takes_part(run_id)).group_by(OutcomeRow.identifier)
    return of_one.having(func.count() > 1)


def _takes_part(run_id: RunId) -> ColumnElement[bool]:
    return and_(OutcomeRow.run_id == run_id, OutcomeRow.identifier != "", OutcomeRow.outcome != Outcome.REJECTED)


def _values(run_id: RunId, record: StagedRecord) -> tuple[object, ...]:
    """Write one staged record in the order of the table's columns."""
    metadata = record.metadata
    title = metadata.title.original
    return (
        run_id,
        record.position,
        record.is_new,
        record.entry_id,
        record.identifier,
        record.code,
        record.organ_id,
        record.state.value,
        record.tier.value,
        record.digest,
        record.source_digest,
        record.reading,
        title,
        fold(title),
        metadata.update_cycle.value if metadata.update_cycle else None,
        metadata.issued_on,
        metadata.updated_on,
        len(record.violations),
        write_violations(record.violations),
        attributes_of(metadata),
        record.document,
        False,  # nothing is held before the gate
    )
