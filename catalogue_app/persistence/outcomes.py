"""What became of every gathered record: one row a record, from which the figures of a run are counted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, final
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, SQLColumnExpression, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from catalogue_app.domain.harvest import Outcome, Problem
from catalogue_app.domain.ids import RunId, SourceId
from catalogue_app.domain.profile import Violation
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.base import Base, streamed
from catalogue_app.persistence.bulk import insert_rows
from catalogue_app.persistence.entry_rows import EntryRow, read_violations

_BATCH: Final = 500

_ABOVE_CEILING: Final = "above_ceiling"
"""Problem of a record of which nothing was kept; not even its name is for everybody."""


class OutcomeRow(Base):
    """One gathered record of a run; `identifier` is empty where the record has none."""

    __tablename__ = "harvest_outcome"
    __table_args__ = (
        Index("ix_harvest_outcome_run_id_identifier", "run_id", "identifier"),
        {"sqlite_with_rowid": False},
    )

    run_id: Mapped[UUID] = mapped_column(ForeignKey("harvest_run.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    identifier: Mapped[str]
    place: Mapped[str]
    digest: Mapped[str]
    outcome: Mapped[str]
    element: Mapped[str]
    code: Mapped[str]
    value: Mapped[str]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOutcome:
    """What became of one record.

    Attributes:
        position: 1 for the first record of the run.
        identifier: what its source calls it; empty when it has no identity.
        place: where it stands in the source.
        digest: over its canonical form; empty when it has no identity.
        problem: why it was rejected or is a duplicate.
    """

    position: int
    identifier: str
    place: str
    digest: str
    outcome: Outcome
    problem: Problem | None = None


class LocatedProblem(NamedTuple):
    """A problem of a record, with the record's position in the run and its place in the source."""

    position: int
    place: str
    problem: Problem


@final
class OutcomeRepository:
    """The outcome rows of all runs; while a run is running they are its plan."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def add(self, run_id: RunId, outcomes: Sequence[RecordOutcome]) -> None:
        """Add the outcomes of one batch."""
        insert_rows(self._session.connection(), OutcomeRow, (_values(run_id, outcome) for outcome in outcomes))

    def count(self, run_id: RunId) -> Mapping[Outcome, int]:
        """Return how many records of a run ended in which outcome."""
        rows = select(OutcomeRow.outcome, func.count()).where(OutcomeRow.run_id == run_id).group_by(OutcomeRow.outcome)
        return {Outcome(outcome): number for outcome, number in self._session.execute(rows)}

    def gathered(self, run_id: RunId) -> int:
        """Return how many records a run gathered: the place of its last one, which numbers them without gaps."""
        return self._session.scalar(select(func.max(OutcomeRow.position)).where(OutcomeRow.run_id == run_id)) or 0

    def of_run(self, run_id: RunId) -> Iterator[RecordOutcome]:
        """Yield the outcomes of a run in the order of its source; memory stays flat."""
        rows = select(OutcomeRow).where(OutcomeRow.run_id == run_id).order_by(OutcomeRow.position)
        for (row,) in streamed(self._session, rows, _BATCH):
            yield _outcome(row)

    def problems(self, run_id: RunId, source_id: SourceId) -> Iterator[Problem]:
        """Yield every problem of the records of a run in the order of its source; complete, whatever their number.

        For records that are in the catalogue these are the violations of their entries as they stand.
        """
        return (located.problem for located in self.located(run_id, source_id))

    def located(
        self, run_id: RunId, source_id: SourceId, audience: Audience | None = None, after: int = 0
    ) -> Iterator[LocatedProblem]:
        """Yield every problem of the records of a run, each with where its record stands in the source.

        Args:
            run_id: the run.
            source_id: its source.
            audience: who reads it; records whose entries lie above its reach are left out. None leaves out nothing.
            after: position behind which it begins.
        """
        entry = (EntryRow.source_id == source_id) & (EntryRow.identifier == OutcomeRow.identifier)
        in_catalogue = OutcomeRow.outcome.in_((Outcome.ADDED, Outcome.CHANGED, Outcome.UNCHANGED))
        rows = (
            select(OutcomeRow, EntryRow.violations)
            .outerjoin(EntryRow, entry & in_catalogue & (EntryRow.violation_count > 0))
            .where(OutcomeRow.run_id == run_id, (OutcomeRow.code != "") | (EntryRow.violation_count > 0))
            .where(OutcomeRow.position > after)
            .order_by(OutcomeRow.position)
        )
        if audience is not None:
            rows = rows.where(~_is_above(audience, source_id))
        for row, violations in streamed(self._session, rows, _BATCH):
            own = _problem(row)
            if own is not None:
                is_unnamed = audience is not None and own.code == _ABOVE_CEILING
                yield LocatedProblem(row.position, row.place, replace(own, record=row.place) if is_unnamed else own)
            for violation in read_violations(violations or []):
                yield LocatedProblem(row.position, row.place, _of_violation(row.identifier, violation))

    def hold_new(self, run_id: RunId) -> None:
        """Turn every addition of the plan into a held one."""
        planned = (OutcomeRow.run_id == run_id, OutcomeRow.outcome == Outcome.ADDED)
        self._session.execute(update(OutcomeRow).where(*planned).values(outcome=Outcome.HELD.value))

    def leave_out(self, run_id: RunId, positions: Select[int]) -> None:
        """Note that records of the plan at these positions were never applied."""
        chosen = (OutcomeRow.run_id == run_id, OutcomeRow.position.in_(positions))
        self._session.execute(update(OutcomeRow).where(*chosen).values(outcome=Outcome.UNAPPLIED.value))

    def discard(self, run_id: RunId) -> None:
        """Forget the plan of a run whose reading proves nothing."""
        self._session.execute(delete(OutcomeRow).where(OutcomeRow.run_id == run_id))


def has_outcome(run_id: RunId, identifier: SQLColumnExpression[str]) -> ColumnElement[bool]:
    """Say in SQL whether a run gathered a record of this identifier, whatever became of it."""
    return select(OutcomeRow.position).where(OutcomeRow.run_id == run_id, OutcomeRow.identifier == identifier).exists()


def _is_above(audience: Audience, source_id: SourceId) -> ColumnElement[bool]:
    """Say in SQL whether a record is that of an entry that an audience does not reach."""
    above = [tier.value for tier in Tier if tier.level > audience.tier.level]
    owner = aliased(EntryRow)
    same = (owner.source_id == source_id, owner.identifier == OutcomeRow.identifier, owner.tier.in_(above))
    return select(owner.id).where(*same).exists()


def _values(run_id: RunId, outcome: RecordOutcome) -> tuple[object, ...]:
    """Write one outcome in the order of the table's columns."""
    problem = outcome.problem
    words = (problem.element, problem.code, problem.value) if problem else ("", "", "")
    return (
        run_id,
        outcome.position,
        outcome.identifier,
        outcome.place,
        outcome.digest,
        outcome.outcome.value,
        *words,
    )


def _outcome(row: OutcomeRow) -> RecordOutcome:
    return RecordOutcome(
        position=row.position,
        identifier=row.identifier,
        place=row.place,
        digest=row.digest,
        outcome=Outcome(row.outcome),
        problem=_problem(row),
    )


def _problem(row: OutcomeRow) -> Problem | None:
    if not row.code:
        return None
    by_place = row.outcome == Outcome.DUPLICATE or not row.identifier
    return Problem(
        record=row.place if by_place else row.identifier, element=row.element, code=row.code, value=row.value
    )


def _of_violation(identifier: str, violation: Violation) -> Problem:
    return Problem(record=identifier, element=violation.element, code=violation.code, value=violation.value)
