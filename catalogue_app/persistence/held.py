"""What held runs wait with: additions kept in the plan, entries that would be missing, and who seems to be whom."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Select,
    Uuid,
    and_,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.harvest import Outcome
from catalogue_app.domain.ids import EntryId, RunId, SourceId
from catalogue_app.persistence.base import Base
from catalogue_app.persistence.entry_rows import EntryRow
from catalogue_app.persistence.outcomes import OutcomeRow
from catalogue_app.persistence.plans import AbsentEntry, absent_entry, is_absent
from catalogue_app.persistence.scratch import table_of
from catalogue_app.persistence.staging import StagedRow

_BATCH: Final = 1000


class HeldAbsenceRow(Base):
    """One entry that a held run did not see; kept apart from its outcomes, which do not live as long."""

    __tablename__ = "held_absence"

    run_id: Mapped[UUID] = mapped_column(ForeignKey("harvest_run.id"), primary_key=True)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entry.id"), primary_key=True)


class FormerIdentifierRow(Base):
    """What a source called an entry before a person found that it had renamed it."""

    __tablename__ = "former_identifier"

    entry_id: Mapped[UUID] = mapped_column(ForeignKey("entry.id"), primary_key=True)
    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    identifier: Mapped[str]
    moved_at: Mapped[datetime]
    by: Mapped[str]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """One entry that its source seems to call by another name now.

    Attributes:
        position: place of the record in the held run.
        by_content: whether both say the very same; else title and organ agree, and no other record's do.
    """

    position: int
    identifier: str
    entry_id: EntryId
    code: str
    former_identifier: str
    by_content: bool


@final
class HeldRepository:
    """The quarantine of held runs."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def note_absent(self, run_id: RunId, source_id: SourceId) -> None:
        """Keep which entries a run that is held would find missing."""
        absent = select(literal(run_id, Uuid()), EntryRow.id).where(is_absent(run_id, source_id))
        self._session.execute(insert(HeldAbsenceRow).from_select(["run_id", "entry_id"], absent))

    def absent(self, run_id: RunId) -> Iterator[AbsentEntry]:
        """Yield the entries that a held run would find missing, in the order of codes; memory stays flat."""
        rows = select(EntryRow).where(_waits(run_id)).order_by(EntryRow.serial)
        for row in self._session.scalars(rows.execution_options(yield_per=_BATCH)):
            yield absent_entry(row)

    def counts(self, run_id: RunId) -> tuple[int, int]:
        """Return how many (additions, absences) a held run waits with."""
        additions = select(func.count()).where(StagedRow.run_id == run_id, StagedRow.is_held)
        absences = select(func.count()).where(HeldAbsenceRow.run_id == run_id)
        return self._session.scalar(additions) or 0, self._session.scalar(absences) or 0

    def renamed(self, run_id: RunId) -> tuple[Renamed, ...]:
        """Match what would be added with what would be missing, in the order of the source.

        First those that say the very same, then those of the same title and organ; only where exactly one addition
        meets exactly one absence.
        """
        by_content = self._pairs(run_id, ("digest",), frozenset(), frozenset(), by_content=True)
        positions = frozenset(pair.position for pair in by_content)
        entries = frozenset(pair.entry_id for pair in by_content)
        by_title = self._pairs(run_id, ("title_folded", "organ_id"), positions, entries, by_content=False)
        return tuple(sorted((*by_content, *by_title), key=lambda pair: pair.position))

    def move_identifiers(self, run_id: RunId, pairs: Sequence[Renamed], at: datetime, by: str) -> None:
        """Give entries the names their source uses now; their records become changes of them, to be applied."""
        connection = self._session.connection()
        rename = update(table_of(EntryRow)).where(EntryRow.id == bindparam("key")).values(identifier=bindparam("name"))
        for start in range(0, len(pairs), _BATCH):
            part = pairs[start : start + _BATCH]
            moves = [
                {
                    "entry_id": one.entry_id,
                    "run_id": run_id,
                    "identifier": one.former_identifier,
                    "moved_at": at,
                    "by": by,
                }
                for one in part
            ]
            connection.execute(insert(FormerIdentifierRow), moves)
            connection.execute(rename, [{"key": one.entry_id, "name": one.identifier} for one in part])
            self._become_changes(run_id, part)

    def former(self, run_id: RunId, entry_ids: Sequence[EntryId]) -> dict[EntryId, str]:
        """Return what a source called entries before a run renamed them; those it did not are left out."""
        rows = select(FormerIdentifierRow.entry_id, FormerIdentifierRow.identifier).where(
            FormerIdentifierRow.run_id == run_id, FormerIdentifierRow.entry_id.in_(entry_ids)
        )
        return {EntryId(entry_id): identifier for entry_id, identifier in self._session.execute(rows)}

    def former_of(self, entry_id: EntryId) -> tuple[str, ...]:
        """Return what a source called an entry before, oldest first."""
        rows = select(FormerIdentifierRow.identifier).where(FormerIdentifierRow.entry_id == entry_id)
        return tuple(self._session.scalars(rows.order_by(FormerIdentifierRow.moved_at)))

    def let_in(self, run_id: RunId, source_id: SourceId, identifiers: frozenset[str] | None) -> int:
        """Put additions back into the plan: all, or those of some identifiers; returns how many.

        One whose identifier was added by other means meanwhile is left out.
        """
        chosen = and_(StagedRow.run_id == run_id, StagedRow.is_held, ~_is_known(source_id))
        if identifiers is not None:
            chosen = and_(chosen, StagedRow.identifier.in_(sorted(identifiers)))
        positions = list(self._session.scalars(select(StagedRow.position).where(chosen)))
        for start in range(0, len(positions), _BATCH):
            self._let_in(run_id, positions[start : start + _BATCH])
        return len(positions)

    def find_missing(self, run_id: RunId, at: datetime, identifiers: frozenset[str] | None) -> int:
        """Call absences missing from now on: all, or those of some identifiers; returns how many."""
        chosen = and_(_waits(run_id), EntryRow.missing_since.is_(None))
        if identifiers is not None:
            chosen = and_(chosen, EntryRow.identifier.in_(sorted(identifiers)))
        marked = update(EntryRow).where(chosen).values(missing_since=at, missing_runs=1)
        return self._session.connection().execute(marked).rowcount

    def dismiss(self, run_id: RunId, *, accounted: bool) -> None:
        """Forget what a run still waits with.

        Args:
            run_id: the run.
            accounted: note its additions as left out; else they stay `held` in its figures.
        """
        held = and_(StagedRow.run_id == run_id, StagedRow.is_held)
        if accounted:
            left = select(StagedRow.position).where(held)
            chosen = and_(OutcomeRow.run_id == run_id, OutcomeRow.position.in_(left))
            self._session.execute(update(OutcomeRow).where(chosen).values(outcome=Outcome.UNAPPLIED.value))
        self._session.execute(delete(StagedRow).where(held))
        self._session.execute(delete(HeldAbsenceRow).where(HeldAbsenceRow.run_id == run_id))

    def _pairs(
        self,
        run_id: RunId,
        names: tuple[str, ...],
        positions: frozenset[int],
        entries: frozenset[EntryId],
        *,
        by_content: bool,
    ) -> list[Renamed]:
        """Pair what is alike in some columns and stands alone with it; what is matched already takes no part."""
        additions = _alone(
            (row[2:], row[:2]) for row in self._session.execute(_additions(run_id, names)) if row[0] not in positions
        )
        absences = _alone(
            (row[3:], row[:3]) for row in self._session.execute(_absences(run_id, names)) if row[0] not in entries
        )
        return [
            Renamed(
                position=position,
                identifier=identifier,
                entry_id=EntryId(absences[key][0]),
                code=absences[key][1],
                former_identifier=absences[key][2],
                by_content=by_content,
            )
            for key, (position, identifier) in additions.items()
            if key in absences
        ]

    def _become_changes(self, run_id: RunId, pairs: Sequence[Renamed]) -> None:
        staged = update(table_of(StagedRow)).where(StagedRow.run_id == run_id, StagedRow.position == bindparam("place"))
        named = staged.values(is_new=False, is_held=False, entry_id=bindparam("key"))
        places = [{"place": one.position, "key": one.entry_id} for one in pairs]
        self._session.connection().execute(named, places)
        positions = (OutcomeRow.run_id == run_id, OutcomeRow.position.in_([one.position for one in pairs]))
        self._session.execute(update(OutcomeRow).where(*positions).values(outcome=Outcome.CHANGED.value))
        gone = (HeldAbsenceRow.run_id == run_id, HeldAbsenceRow.entry_id.in_([one.entry_id for one in pairs]))
        self._session.execute(delete(HeldAbsenceRow).where(*gone))

    def _let_in(self, run_id: RunId, positions: Sequence[int]) -> None:
        staged = (StagedRow.run_id == run_id, StagedRow.position.in_(positions))
        self._session.execute(update(StagedRow).where(*staged).values(is_held=False))
        planned = (OutcomeRow.run_id == run_id, OutcomeRow.position.in_(positions))
        self._session.execute(update(OutcomeRow).where(*planned).values(outcome=Outcome.ADDED.value))


def _waits(run_id: RunId) -> ColumnElement[bool]:
    """Say in SQL whether an entry is one that a held run would find missing."""
    waits = (HeldAbsenceRow.run_id == run_id, HeldAbsenceRow.entry_id == EntryRow.id)
    return and_(EntryRow.state != EntryState.WITHDRAWN, select(HeldAbsenceRow.entry_id).where(*waits).exists())


def _is_known(source_id: SourceId) -> ColumnElement[bool]:
    same = (EntryRow.source_id == source_id, EntryRow.identifier == StagedRow.identifier)
    return select(EntryRow.id).where(*same).exists()


def _additions(run_id: RunId, names: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    columns = (StagedRow.position, StagedRow.identifier, *(getattr(StagedRow, name) for name in names))
    return select(*columns).where(StagedRow.run_id == run_id, StagedRow.is_held)


def _absences(run_id: RunId, names: tuple[str, ...]) -> Select[*tuple[Any, ...]]:
    columns = (EntryRow.id, EntryRow.code, EntryRow.identifier, *(getattr(EntryRow, name) for name in names))
    return select(*columns).where(_waits(run_id))


def _alone(found: Iterable[tuple[Sequence[Any], Sequence[Any]]]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Return key to value of what shares its key with nothing else."""
    values: dict[tuple[Any, ...], tuple[Any, ...] | None] = {}
    for key, value in found:
        name = tuple(key)
        values[name] = None if name in values else tuple(value)
    return {key: value for key, value in values.items() if value is not None}
