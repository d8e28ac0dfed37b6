"""Harvest runs: one running at a time for each source, held by a lease, sealed once read, closed in balance."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, final
from uuid import UUID

from sqlalchemy import ForeignKey, Index, func, or_, select, text, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalogue_app.domain.errors import Conflict, NotFound, RunCancelled
from catalogue_app.domain.harvest import Decision, Gate, HarvestRun, Outcome, Problem, RunState
from catalogue_app.domain.ids import RunId, SourceId
from catalogue_app.persistence.accountability import demand_audit
from catalogue_app.persistence.base import Base, JsonDocument


class RunRow(Base):
    """One run; counts are zero until it closes."""

    __tablename__ = "harvest_run"
    __table_args__ = (
        Index("ix_harvest_run_source_id_started_at", "source_id", "started_at"),
        Index(
            "uq_harvest_run_running",
            "source_id",
            unique=True,
            sqlite_where=text("state = 'running'"),
            postgresql_where=text("state = 'running'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    source_id: Mapped[UUID] = mapped_column(ForeignKey("source.id"))
    state: Mapped[str]
    actor: Mapped[str]
    reading: Mapped[str]
    started_at: Mapped[datetime]
    holder: Mapped[str]
    heartbeat_at: Mapped[datetime]
    cancel_asked_by: Mapped[str | None]
    sealed_at: Mapped[datetime | None]
    verdict: Mapped[str | None]
    gate: Mapped[str | None]
    finished_at: Mapped[datetime | None]
    problem: Mapped[dict[str, str] | None] = mapped_column(JsonDocument)
    gathered: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    duplicate: Mapped[int] = mapped_column(default=0)
    held: Mapped[int] = mapped_column(default=0)
    unapplied: Mapped[int] = mapped_column(default=0)
    vanished: Mapped[int] = mapped_column(default=0)
    withdrawn: Mapped[int] = mapped_column(default=0)
    restored: Mapped[int] = mapped_column(default=0)
    lapsed: Mapped[int] = mapped_column(default=0)
    undoes: Mapped[UUID | None]
    undone_by: Mapped[UUID | None]
    decision: Mapped[str | None]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What the whole reading of a source allows; decided once, so that a resumed run decides the same.

    Attributes:
        verdict: the state the run will close in.
        gate: which parts of the plan may be applied.
        problem: why it is held or aborted.
        concludes: whether what was not seen may be called vanished.
    """

    verdict: RunState
    gate: Gate
    problem: Problem | None = None

    @property
    def concludes(self) -> bool:
        """Whether entries that were not seen are missing at their source."""
        return self.gate is Gate.OPEN

    @property
    def holds(self) -> bool:
        """Whether what the run would conclude waits for a named person."""
        return self.verdict is RunState.HELD


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Who is at work on a running run.

    Attributes:
        holder: name of the process.
        heartbeat_at: when it last finished a step.
        seal: present once the source has been read.
        cancel_asked_by: the person who asked the holder to stop.
    """

    run: HarvestRun
    holder: str
    heartbeat_at: datetime
    seal: Seal | None
    cancel_asked_by: str | None = None


@final
class RunRepository:
    """All harvest runs."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def open(self, run: HarvestRun, *, actor: str, holder: str, reading: str) -> None:
        """Begin a run and take the lease of its source.

        Args:
            run: in state `running`.
            actor: who asked for it.
            holder: name of the process at work on it.
            reading: stands for how records are read in this run.

        Raises:
            Conflict: another run of this source is running.
        """
        demand_audit(self._session)
        row = RunRow(
            id=run.id,
            source_id=run.source_id,
            state=run.state.value,
            actor=actor,
            reading=reading,
            started_at=run.started_at,
            holder=holder,
            heartbeat_at=run.started_at,
            undoes=run.undoes,
        )
        self._session.add(row)
        try:
            self._session.flush()
        except IntegrityError as error:
            raise Conflict("harvest_running", source=str(run.source_id)) from error

    def by_id(self, run_id: RunId) -> HarvestRun:
        """Return one run.

        Raises:
            NotFound: no run has this id.
        """
        return run_of(self._row(run_id))

    def latest(self, source_id: SourceId, limit: int = 1) -> tuple[HarvestRun, ...]:
        """Return the last runs of a source, newest first, a running one included."""
        rows = select(RunRow).where(RunRow.source_id == source_id).order_by(RunRow.started_at.desc(), RunRow.id.desc())
        return tuple(run_of(row) for row in self._session.scalars(rows.limit(limit)))

    def last_complete(self, source_id: SourceId, reading: str, *, is_whole: bool = False) -> HarvestRun | None:
        """Return the last complete run of a source that read records in this way and was not undone since.

        After an undoing the source is asked for everything that changed since the run before.

        Args:
            source_id: the source.
            reading: the way of reading.
            is_whole: leave out runs that asked for changes alone; they concluded nothing about the rest of the source,
                and no person decided about them.
        """
        rows = select(RunRow).where(
            RunRow.source_id == source_id,
            RunRow.state == RunState.COMPLETE,
            RunRow.reading == reading,
            RunRow.undone_by.is_(None),
        )
        if is_whole:
            rows = rows.where(or_(RunRow.gate == Gate.OPEN, RunRow.decision.is_not(None)))
        row = self._session.scalars(rows.order_by(RunRow.started_at.desc()).limit(1)).first()
        return run_of(row) if row else None

    def last_size(self, source_id: SourceId) -> int | None:
        """Return how many records the last complete run of a source gathered."""
        complete = (RunRow.source_id == source_id, RunRow.state == RunState.COMPLETE)
        rows = select(RunRow.gathered).where(*complete).order_by(RunRow.started_at.desc()).limit(1)
        return self._session.scalar(rows)

    def last_sizes(self) -> Mapping[SourceId, int]:
        """Return source to the records that its last complete run gathered."""
        complete = RunRow.state == RunState.COMPLETE
        last = select(RunRow.source_id, func.max(RunRow.started_at)).where(complete).group_by(RunRow.source_id)
        rows = select(RunRow.source_id, RunRow.gathered).where(complete)
        found = self._session.execute(rows.where(tuple_(RunRow.source_id, RunRow.started_at).in_(last)))
        return {SourceId(source_id): gathered for source_id, gathered in found}

    def last_states(self) -> Mapping[SourceId, RunState]:
        """Return source to the state its last run ended in.

        Runs that a person stopped, and those that undo another, say nothing about a source.
        """
        ended = RunRow.state.in_((RunState.COMPLETE, RunState.HELD, RunState.ABORTED)), RunRow.undoes.is_(None)
        last = select(RunRow.source_id, func.max(RunRow.started_at)).where(*ended).group_by(RunRow.source_id)
        rows = select(RunRow.source_id, RunRow.state).where(*ended).order_by(RunRow.id)
        found = self._session.execute(rows.where(tuple_(RunRow.source_id, RunRow.started_at).in_(last)))
        return {SourceId(source_id): RunState(state) for source_id, state in found}

    def running(self, source_id: SourceId | None = None) -> tuple[Lease, ...]:
        """Return the running runs with their leases, oldest first; of one source when it is named."""
        rows = select(RunRow).where(RunRow.state == RunState.RUNNING).order_by(RunRow.started_at)
        if source_id is not None:
            rows = rows.where(RunRow.source_id == source_id)
        return tuple(_lease(row) for row in self._session.scalars(rows))

    def take_over(self, lease: Lease, *, holder: str, at: datetime) -> None:
        """Take the lease of a run whose holder is gone.

        Raises:
            Conflict: somebody else took it first, or the holder lives.
        """
        self._hold(lease.run.id, lease.holder, {"holder": holder, "heartbeat_at": at})

    def give_up(self, run_id: RunId, *, holder: str, to: str) -> None:
        """Let go of a run that its holder cannot go on with.

        Raises:
            Conflict: it holds the run no more.
        """
        self._hold(run_id, holder, {"holder": to})

    def beat(self, run_id: RunId, *, holder: str, at: datetime) -> None:
        """Say in the transaction of a step that its holder still holds the run, and may go on.

        Raises:
            Conflict: the lease was taken over; the step must not be committed.
            RunCancelled: a person asked the run to stop; the step must not be committed.
        """
        asked_by = self._hold(run_id, holder, {"heartbeat_at": at})
        if asked_by is not None:
            raise RunCancelled(run=str(run_id), by=asked_by)

    def keep(self, run_id: RunId, *, holder: str, at: datetime) -> None:
        """Say in the transaction that ends a run that its holder still holds it, whether or not it was asked to stop.

        Raises:
            Conflict: the lease was taken over.
        """
        self._hold(run_id, holder, {"heartbeat_at": at})

    def ask_to_stop(self, run_id: RunId, by: str) -> Lease:
        """Ask the holder of a running run to stop before its next step; returns who holds it.

        Raises:
            NotFound: no run has this id.
            Conflict: the run has ended.
        """
        demand_audit(self._session)
        row = self._row(run_id)
        if row.state != RunState.RUNNING:
            raise Conflict("run_has_ended", run=str(run_id), state=row.state)
        row.cancel_asked_by = by
        self._session.flush()
        return _lease(row)

    def seal(self, run_id: RunId, seal: Seal, at: datetime) -> None:
        """Note that the source has been read and what may be done with its plan."""
        values = {"sealed_at": at, "verdict": seal.verdict.value, "gate": seal.gate.value}
        self._write(run_id, {**values, "problem": _written(seal.problem)})

    def waiting(self, source_id: SourceId | None = None) -> tuple[HarvestRun, ...]:
        """Return the held runs that nobody decided about, those held first come first; of one source when named."""
        rows = select(RunRow).where(RunRow.state == RunState.HELD, RunRow.decision.is_(None))
        if source_id is not None:
            rows = rows.where(RunRow.source_id == source_id)
        return tuple(run_of(row) for row in self._session.scalars(rows.order_by(RunRow.finished_at, RunRow.id)))

    def decide(self, run_id: RunId, decision: Decision, *, by: str, at: datetime) -> None:
        """Note what became of what a held run waited with."""
        demand_audit(self._session)
        row = self._row(run_id)
        row.decision, row.decided_by, row.decided_at = decision.value, by, at
        self._session.flush()

    def reopen(  # noqa: PLR0913 — what a decision consists of
        self, run_id: RunId, seal: Seal, decision: Decision, *, by: str, holder: str, at: datetime, vanished: int
    ) -> None:
        """Let a held run go on with what a person accepted of it, under a lease of its source.

        Args:
            run_id: the run.
            seal: how it will close now.
            decision: what the person decided.
            by: the person.
            holder: name of the process at work on it.
            at: the instant of the decision.
            vanished: entries that the decision found missing.

        Raises:
            Conflict: another run of its source is running.
        """
        self.decide(run_id, decision, by=by, at=at)
        row = self._row(run_id)
        row.state = RunState.RUNNING.value
        row.holder, row.heartbeat_at, row.cancel_asked_by = holder, at, None
        row.vanished = vanished
        try:
            self._session.flush()
        except IntegrityError as error:
            raise Conflict("harvest_running", source=str(row.source_id)) from error
        self.seal(run_id, seal, at)

    def mark_undone(self, run_id: RunId, by: RunId) -> None:
        """Note which run took a run back."""
        self._row(run_id).undone_by = by
        self._session.flush()

    def close(self, run: HarvestRun) -> None:
        """Store a run that `HarvestRun.close` has found balanced."""
        demand_audit(self._session)
        values = {
            "state": run.state.value,
            "finished_at": run.finished_at,
            "problem": _written(run.problem),
            "gathered": run.gathered,
            "vanished": run.vanished,
            "restored": run.restored,
            "lapsed": run.lapsed,
        }
        self._write(run.id, {**values, **{it.value: run.outcomes.get(it, 0) for it in Outcome}})

    def _write(self, run_id: RunId, values: Mapping[str, object]) -> None:
        """Write to a run without reading it first."""
        written = update(RunRow).where(RunRow.id == run_id).values(values)
        if self._session.connection().execute(written).rowcount == 0:
            raise NotFound("run_not_found", run=str(run_id))

    def _row(self, run_id: RunId) -> RunRow:
        row = self._session.get(RunRow, run_id, populate_existing=True)
        if row is None:
            raise NotFound("run_not_found", run=str(run_id))
        return row

    def _hold(self, run_id: RunId, holder: str, values: Mapping[str, object]) -> str | None:
        """Write to a run while this holder holds it; returns who asked it to stop."""
        mine = (RunRow.id == run_id, RunRow.holder == holder, RunRow.state == RunState.RUNNING)
        beat = update(RunRow).where(*mine).values(values).returning(RunRow.cancel_asked_by)
        held = self._session.connection().execute(beat).first()
        if held is None:
            raise Conflict("harvest_lease_lost", run=str(run_id))
        asked_by: str | None = held.cancel_asked_by
        return asked_by


def _written(problem: Problem | None) -> dict[str, str] | None:
    if problem is None:
        return None
    return {"record": problem.record, "element": problem.element, "code": problem.code, "value": problem.value}


def _read(row: Mapping[str, str] | None) -> Problem | None:
    return Problem(**row) if row else None


def run_of(row: RunRow) -> HarvestRun:
    """Read a run from its row."""
    """Read a run from its row."""
    return HarvestRun(
        id=RunId(row.id),
        source_id=SourceId(row.source_id),
        state=RunState(row.state),
        started_at=row.started_at,
        finished_at=row.finished_at,
        gathered=row.gathered,
        outcomes={outcome: getattr(row, outcome.value) for outcome in Outcome},
        vanished=row.vanished,
        restored=row.restored,
        lapsed=row.lapsed,
        undoes=RunId(row.undoes) if row.undoes else None,
        undone_by=RunId(row.undone_by) if row.undone_by else None,
        decision=Decision(row.decision) if row.decision else None,
        decided_by=row.decided_by,
        problem=_read(row.problem),
    )


def _lease(row: RunRow) -> Lease:
    seal = None
    if row.verdict is not None and row.gate is not None:
        seal = Seal(verdict=RunState(row.verdict), gate=Gate(row.gate), problem=_read(row.problem))
    return Lease(
        run=run_of(row),
        holder=row.holder,
        heartbeat_at=row.heartbeat_at,
        seal=seal,
        cancel_asked_by=row.cancel_asked_by,
    )
