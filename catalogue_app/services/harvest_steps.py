"""The steps of a run, each a transaction or a row of small ones: read, seal, apply, close; any of them may be its last.

A run killed before its seal is discarded and done again; after it, `apply` goes on at the first record still staged.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum, unique
from typing import Final, final

from catalogue_app.domain.address import without_secrets
from catalogue_app.domain.audit import AuditEvent
from catalogue_app.domain.clock import Clock
from catalogue_app.domain.conclusion import ConclusionRules, WithdrawalReason
from catalogue_app.domain.errors import RunCancelled, SourceCutShort, SourceError
from catalogue_app.domain.harvest import Decision, Gate, HarvestRun, Problem, RunState, gate
from catalogue_app.domain.source import Source
from catalogue_app.persistence.runs import Seal
from catalogue_app.persistence.staging import Census
from catalogue_app.persistence.unit_of_work import UnitOfWork, UnitsOfWork
from catalogue_app.persistence.withdrawals import Withdrawal
from catalogue_app.services.harvest_pages import PageKeeper
from catalogue_app.services.harvest_plan import Holdings, Place, Planner
from catalogue_app.services.turns import Turns
from harvesters.pipeline import Fact, Failed, Fetched
from harvesters.port import RawRecord

READ_BATCH: Final = 1000
"""Records compared and planned at once."""

APPLY_BATCH: Final = 2000
"""Records that become entries in one transaction; short enough that nobody waits long for the writer's lock."""

_VALUE_LENGTH: Final = 200


@unique
class Stage(StrEnum):
    """What a run is busy with."""

    READING = "reading"
    APPLYING = "applying"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a run has come.

    Attributes:
        records: gathered, or applied, so far in this stage.
        total: records to be applied; None while the source is being read, whose end nobody knows.
    """

    run: HarvestRun
    stage: Stage
    records: int
    total: int | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How the reading of a source ended, when it ended well enough to be used.

    Attributes:
        cut_short: why the source did not lead to its end; none when it did.
        is_partial: it was asked only for what changed, and says nothing about the rest.
        released_by: the person who lets the plan pass the gate.
    """

    cut_short: Problem | None = None
    is_partial: bool = False
    released_by: str | None = None


@final
class RunSteps:
    """What one process does to the runs it holds."""

    def __init__(
        self,
        uow: UnitsOfWork,
        clock: Clock,
        turns: Turns,
        holder: str,
        rules: ConclusionRules,
        watch: Callable[[Progress], None],
    ) -> None:
        self._rules: Final = rules
        self._uow: Final = uow
        self._turns: Final = turns
        self._clock: Final = clock
        self._holder: Final = holder
        self._watch: Final = watch

    def read(self, run: HarvestRun, planner: Planner, facts: Iterable[Fact]) -> Problem | None:
        """Fold the facts of a source into snapshots and a plan.

        Returns:
            Why the source did not lead to its end, when what it gave stands even so.

        Raises:
            SourceError: the source cannot be read; nothing it gave may be applied.
        """
        with PageKeeper(self._uow, self._clock, run, self._beat) as pages:
            return self._fold(run, planner, facts, pages)

    def seal(self, run: HarvestRun, source: Source, reading: Reading) -> Seal:
        """Settle the plan and decide once what may be done with it."""
        with self._uow() as work:
            work.staging.refresh_statistics()
            work.commit()
        with self._uow() as work:
            seal = _settle(work, run, source, reading)
            if seal.verdict is RunState.HELD and reading.released_by is not None:
                work.record(_released(run, reading.released_by, seal))
                seal = Seal(verdict=RunState.COMPLETE, gate=Gate.OPEN)
            if seal.gate is Gate.HOLD_NEW:
                work.outcomes.hold_new(run.id)
                work.staging.hold_new(run.id)
            work.runs.seal(run.id, seal, self._clock())
            self._beat(work, run)
            work.commit()
        return seal

    def judge(self, run: HarvestRun, source: Source, reading: Reading) -> Seal:
        """Settle the plan and say what might be done with it; nothing is held back, and nothing may be applied."""
        with self._uow() as work:
            seal = _settle(work, run, source, reading)
            work.commit()
        return seal

    def apply(self, run: HarvestRun) -> None:
        """Turn what is still staged into entries, batch by batch."""
        applied, last, total = 0, 0, 0
        while True:
            with self._uow() as work:
                count, last = work.staged.apply_next(
                    run.id, run.source_id, self._clock(), after=last, limit=APPLY_BATCH
                )
                if count == 0:
                    return
                self._beat(work, run)
                work.commit()
            applied += count
            total = total or count + (self._left(run) if count == APPLY_BATCH else 0)
            self._watch(Progress(run=run, stage=Stage.APPLYING, records=applied, total=total))
            if count < APPLY_BATCH:
                return

    def _left(self, run: HarvestRun) -> int:
        with self._uow.reading() as look:
            return look.staging.size(run.id)

    def close(self, run: HarvestRun, source: Source, seal: Seal, actor: str) -> HarvestRun:
        """Conclude what may be concluded and close the run in balance.

        Raises:
            UnbalancedRun: some record has no outcome, or several: a fault of ours, and the run stays open.
        """
        with self._uow() as work:
            at = self._clock()
            concluded = self._conclude(work, run, seal, at, actor)
            counted = replace(concluded, gathered=work.outcomes.gathered(run.id), outcomes=work.outcomes.count(run.id))
            closed = counted.close(seal.verdict, at, seal.problem)
            self._beat(work, run)
            self._end(work, closed, source, actor)
        return closed

    def _conclude(self, work: UnitOfWork, run: HarvestRun, seal: Seal, at: datetime, actor: str) -> HarvestRun:
        """Say of entries what the whole reading says of them: back again, missing, missing for too long."""
        if run.undoes is not None:
            work.runs.mark_undone(run.undoes, by=run.id)
            return run
        work.curations.settle(run.id, at)
        restored = work.staged.mark_restored(run.id, run.source_id)
        restored += work.withdrawals.restore_seen(run.id, run.source_id, at)
        if seal.concludes or seal.holds:
            self._supersede(work, run, at, actor)
        if run.decision is None and seal.holds:
            work.held.note_absent(run.id, run.source_id)
        if not seal.concludes:
            return replace(run, restored=run.restored + restored)
        vanished = work.staged.mark_vanished(run.id, run.source_id, at)
        return replace(run, restored=restored, vanished=vanished, lapsed=self._withdraw(work, run, at, actor))

    def _supersede(self, work: UnitOfWork, run: HarvestRun, at: datetime, actor: str) -> None:
        """Let earlier runs that wait end: this one was read whole as well, and stands for the source as it is."""
        for earlier in work.runs.waiting(run.source_id):
            work.held.dismiss(earlier.id, accounted=False)
            work.runs.decide(earlier.id, Decision.SUPERSEDED, by=actor, at=at)

    def _withdraw(self, work: UnitOfWork, run: HarvestRun, at: datetime, actor: str) -> int:
        before = self._rules.lapsed_before(at)
        if before is None:
            return 0
        withdrawal = Withdrawal(reason=WithdrawalReason.VANISHED, at=at, by=actor, run_id=run.id)
        return work.withdrawals.withdraw_lapsed(run.source_id, withdrawal, runs=self._rules.absence_runs, before=before)

    def cancel(self, run: HarvestRun, source: Source, by: str, actor: str, *, is_sealed: bool) -> HarvestRun:
        """Close a run that a person stopped: what was applied stands, what was not is left out."""
        with self._uow() as work:
            if is_sealed:
                work.curations.settle(run.id, self._clock())
                work.outcomes.leave_out(run.id, work.staging.waiting(run.id))
            else:
                work.curations.forget(run.id)
                work.outcomes.discard(run.id)
            work.staging.discard(run.id)
            outcomes = work.outcomes.count(run.id)
            counted = replace(run, gathered=work.outcomes.gathered(run.id), outcomes=outcomes)
            closed = counted.close(RunState.CANCELLED, self._clock(), Problem(code=RunCancelled.code, value=by))
            work.runs.keep(run.id, holder=self._holder, at=self._clock())
            self._end(work, closed, source, actor)
        return closed

    def abandon(
        self, run: HarvestRun, source: Source, problem: Problem, actor: str, not_before: datetime | None = None
    ) -> HarvestRun:
        """Close a run whose reading proves nothing: its plan is forgotten, what it fetched stays.

        Args:
            run: still running.
            source: what was to be read.
            problem: why it was not.
            actor: who asked for the run.
            not_before: when the source itself asked to be asked again.
        """
        with self._uow() as work:
            work.staging.discard(run.id)
            work.curations.forget(run.id)
            work.outcomes.discard(run.id)
            closed = run.close(RunState.ABORTED, self._clock(), problem)
            work.runs.keep(run.id, holder=self._holder, at=self._clock())
            self._end(work, closed, source, actor, not_before)
        return closed

    def _fold(self, run: HarvestRun, planner: Planner, facts: Iterable[Fact], pages: PageKeeper) -> Problem | None:
        position, pending, cut_short = 0, list[Place](), None
        try:
            for fact in facts:
                if isinstance(fact, Fetched):
                    pages.take(fact.payload)
                    continue
                position += 1
                pending.append(
                    Place(position=position, record=fact.problem if isinstance(fact, Failed) else fact.record)
                )
                if len(pending) == READ_BATCH:
                    pages.keep_all()
                    self._plan(run, planner, pending)
                    pending = []
        except SourceCutShort as short:
            cut_short = problem_of(short)
        pages.keep_all()
        self._plan(run, planner, pending)
        return cut_short

    def _plan(self, run: HarvestRun, planner: Planner, places: Sequence[Place]) -> None:
        """Compare, read and check one batch while nothing is locked, then store its part of the plan."""
        if not places:
            return
        identifiers = [place.record.identifier for place in places if isinstance(place.record, RawRecord)]
        with self._uow.reading() as look:
            last = look.staging.last_readings(run.source_id, identifiers)
            known = look.staging.known(run.source_id, planner.to_read(places, last))
            held = Holdings(
                last=last,
                known=known,
                violations=look.staging.violations(planner.reread(places, known)),
                overrides=look.curations.held([it.entry_id for it in known.values()]),
                taken=look.staged.taken(run.source_id, _codes_carried(places)),
            )
        batch = planner.plan(places, held)
        with self._uow() as work:
            work.outcomes.add(run.id, batch.outcomes)
            work.staging.add(run.id, batch.staged)
            work.staging.confirm_reading(batch.confirmed, planner.reading)
            work.curations.see(run.id, batch.sightings)
            work.staged.suspend(batch.suspended, run.id, self._clock())
            self._beat(work, run)
            work.commit()
        self._watch(Progress(run=run, stage=Stage.READING, records=places[-1].position))

    def _beat(self, work: UnitOfWork, run: HarvestRun) -> None:
        work.runs.beat(run.id, holder=self._holder, at=self._clock())

    def _end(
        self, work: UnitOfWork, closed: HarvestRun, source: Source, actor: str, not_before: datetime | None = None
    ) -> None:
        work.runs.close(closed)
        if closed.undoes is None:
            self._turns.end(work, closed, not_before)
        action = f"harvest_{closed.state}" if closed.undoes is None else f"harvest_undo_{closed.state}"
        work.record(AuditEvent(actor=actor, action=action, subject=f"source:{source.id}", after=_figures(closed)))
        work.commit()


def _codes_carried(places: Sequence[Place]) -> list[str]:
    records = (place.record for place in places if isinstance(place.record, RawRecord))
    return [record.carried.code for record in records if record.carried is not None]


def problem_of(error: SourceError) -> Problem:
    """Put a failure of a source into the form its organ reads."""
    words = ", ".join(f"{name}={value}" for name, value in error.parameters.items())
    return Problem(code=error.code, value=without_secrets(words)[:_VALUE_LENGTH])


def _settle(work: UnitOfWork, run: HarvestRun, source: Source, reading: Reading) -> Seal:
    work.staging.settle_duplicates(run.id, source.id)
    return _verdict(source, work.staging.census(run.id, source.id), reading)


def _verdict(source: Source, census: Census, reading: Reading) -> Seal:
    if reading.cut_short is not None:
        return Seal(verdict=RunState.ABORTED, gate=Gate.HOLD_VANISHED, problem=reading.cut_short)
    if reading.is_partial:
        return Seal(verdict=RunState.COMPLETE, gate=Gate.HOLD_VANISHED)
    opened, problem = gate(source, known=census.known, seen=census.seen, gone=census.gone, new=census.new)
    verdict = RunState.COMPLETE if opened is Gate.OPEN else RunState.HELD
    return Seal(verdict=verdict, gate=opened, problem=problem)


def _released(run: HarvestRun, person: str, seal: Seal) -> AuditEvent:
    why = f"{seal.problem.code} {seal.problem.value}" if seal.problem else ""
    return AuditEvent(actor=person, action="harvest_released", subject=f"source:{run.source_id}", before=why)


def _figures(run: HarvestRun) -> str:
    counts = {outcome.value: number for outcome, number in run.outcomes.items() if number}
    words = {"run": run.id, "gathered": run.gathered, **counts, "vanished": run.vanished, "restored": run.restored}
    words |= {"lapsed": run.lapsed} if run.lapsed else {}
    words |= {"undoes": run.undoes} if run.undoes else {}
    return " ".join(f"{name}={value}" for name, value in words.items())
