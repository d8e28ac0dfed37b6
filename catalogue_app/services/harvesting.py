"""Harvest a source: gather, snapshot, compare, check, plan, gate, apply, close; and take up killed runs."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import datetime
from typing import Final, final

from catalogue_app.domain.audit import AuditEvent
from catalogue_app.domain.clock import Clock
from catalogue_app.domain.conclusion import ConclusionRules
from catalogue_app.domain.errors import Conflict, RunCancelled, SourceBusy, SourceError
from catalogue_app.domain.harvest import Gate, HarvestRun, Problem, RunState
from catalogue_app.domain.ids import RunId, SourceId, new_id
from catalogue_app.domain.long_work import NOBODY, WorkKind
from catalogue_app.domain.schedule import INTERRUPTED
from catalogue_app.domain.source import Source
from catalogue_app.domain.task import harvest_task
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.runs import Lease, Seal
from catalogue_app.persistence.unit_of_work import UnitOfWork, UnitsOfWork
from catalogue_app.services.attribution import KnownRegister, attribution
from catalogue_app.services.harvest_plan import Planner, ProfileCheck, reading_fingerprint
from catalogue_app.services.harvest_preview import Preview, as_it_would_end
from catalogue_app.services.harvest_report import RunProblems, RunReport
from catalogue_app.services.harvest_steps import Progress, Reading, RunSteps, Stage, problem_of
from catalogue_app.services.harvest_undo import SEAL, HarvestUndo
from catalogue_app.services.lease import is_gone, this_process
from catalogue_app.services.long_work import LongWorks, Meter
from catalogue_app.services.quarantine import Choice, Quarantine
from catalogue_app.services.turns import Turns
from harvesters import pipeline
from harvesters.pipeline import Fact
from harvesters.port import Fetcher, Harvester

MakeHarvester = Callable[[Source, datetime | None], Harvester]
"""Makes the adapter of a source's kind for one run; with an instant, one that may ask only for what changed since."""

OpenFetcher = Callable[[Source], AbstractContextManager[Fetcher]]
"""Opens the way to a source's bytes for one run."""

_INTERRUPTED: Final = Problem(code=INTERRUPTED)

_PREVIEW: Final = "preview"
"""Who acts in a throw-away database."""

_NOTHING: Final = Seal(verdict=RunState.ABORTED, gate=Gate.HOLD_VANISHED)

_FRUITLESS: Final = frozenset({RunState.ABORTED, RunState.CANCELLED})
"""States of a run taken up from a dead process after which its source is read anew."""


@final
class Harvesting:
    """Runs of sources. The schedule and operators may call it; everything is on the audit log.

    One run of a source at a time. A run that was killed is taken up by the next start: sealed ones go on where they
    stopped, others are closed as `aborted` (`interrupted`) and done again.
    """

    def __init__(  # noqa: PLR0913 — the parts of the main job, handed in once by the container
        self,
        uow: UnitsOfWork,
        *,
        make_harvester: MakeHarvester,
        open_fetcher: OpenFetcher,
        open_ahead: OpenFetcher,
        profile_check: ProfileCheck,
        reference_version: str,
        tier_ceiling: Tier,
        turns: Turns,
        rules: ConclusionRules,
        clock: Clock,
        works: LongWorks,
        watch: Callable[[Progress], None] = lambda _: None,
    ) -> None:
        """Keep the parts.

        Args:
            uow: opens units of work.
            make_harvester: raises InvalidInput for options the kind does not know.
            open_fetcher: what it opens is closed when the source has been read.
            open_ahead: the same for previews, that somebody waits for.
            profile_check: judges what was read.
            reference_version: stands for the tables that reading and check depend on; when it changes, records are
                read anew once.
            tier_ceiling: highest tier this deployment holds.
            turns: says what follows a run.
            rules: when absent entries are withdrawn, and how long held runs wait.
            clock: the present instant.
            works: where a run shows how far it has come.
            watch: told after every batch how far a run has come.
        """
        self._uow: Final = uow
        self._make_harvester: Final = make_harvester
        self._open_fetcher: Final = open_fetcher
        self._open_ahead: Final = open_ahead
        self._check: Final = profile_check
        self._reference_version: Final = reference_version
        self._ceiling: Final = tier_ceiling
        self._clock: Final = clock
        self._holder: Final = str(this_process())
        self._turns: Final = turns
        self._works: Final = works
        self._watch: Final = watch
        self._dropped: Final[set[RunId]] = set()
        self._meters: Final[dict[RunId, tuple[Meter, int | None]]] = {}
        self._rules: Final = rules
        self._register: Final = KnownRegister()
        self._steps: Final = RunSteps(uow, clock, turns, self._holder, rules, self._tell)
        self._quarantine: Final = Quarantine(uow, rules, clock)
        self._undo: Final = HarvestUndo(uow, clock, self._holder, profile_check)

    def run(
        self,
        source_id: SourceId,
        *,
        actor: str,
        release: str | None = None,
        when_read: Callable[[], None] = lambda: None,
    ) -> RunReport:
        """Harvest one source now, or finish its run that a killed process left sealed.

        Args:
            source_id: the source.
            actor: who asked: `scheduler` or a person.
            release: named person who lets this run's plan pass the gate that held the last one; audited.
            when_read: told once the source was read to its end, while the work on what it said goes on.

        Raises:
            NotFound: no such source.
            InvalidInput: the source has options its kind does not know.
            Conflict: the source is being harvested.
        """
        finished = self._take_up(source_id, actor)
        if finished is not None and finished.state not in _FRUITLESS and release is None:
            return self._report(finished)
        with self._uow.reading() as look:
            source = look.sources.by_id(source_id)
            expected = look.runs.last_size(source_id)
            harvester, planner = self._prepare(look, source)
        run = self._open(self._uow, source, actor, planner.reading)
        with self._at_work(run, Stage.READING, expected):
            try:
                cut_short = self._read(run, source, harvester, planner, when_read)
                reading = Reading(cut_short=cut_short, is_partial=harvester.is_partial, released_by=release)
                seal = self._steps.seal(run, source, reading)
            except SourceError as error:
                asked = error.until if isinstance(error, SourceBusy) else None
                return self._report(self._steps.abandon(run, source, problem_of(error), actor, asked))
            except RunCancelled as stop:
                return self._report(self._stop(run, source, stop, actor, is_sealed=False))
            return self._report(self._carry_out(run, source, seal, actor))

    def accept(self, run_id: RunId, choice: Choice, *, actor: str) -> RunReport:
        """Let a held run go on with what a named person accepts of it; the rest is left out.

        Raises:
            NotFound: no run has this id.
            Conflict: it does not wait, its time is over, or its source is being harvested.
            InvalidInput: nothing it waits with is chosen.
        """
        run, seal = self._quarantine.reopen(run_id, choice, by=actor, holder=self._holder)
        with self._uow.reading() as look:
            source = look.sources.by_id(run.source_id)
        with self._at_work(run):
            return self._report(self._carry_out(run, source, seal, actor))

    def undo(self, run_id: RunId, *, actor: str) -> RunReport:
        """Take back everything an ended run did to entries, as new revisions; a run of its own, resumable and audited.

        What the run added is withdrawn, what it changed says again what it said before, what it withdrew is back. The
        next harvest takes the source at its word again.

        Raises:
            NotFound: no run has this id.
            Conflict: it cannot be undone; says why, and which entries were changed since.
        """
        undoing = self._undo.open(run_id, actor)
        with self._uow.reading() as look:
            source = look.sources.by_id(undoing.source_id)
        with self._at_work(undoing):
            return self._report(self._carry_out(undoing, source, SEAL, actor))

    def begin_accept(self, run_id: RunId, choice: Choice, *, actor: str) -> HarvestRun:
        """Decide as `accept` does, and leave carrying it out to whoever harvests next; nobody waits for it.

        Raises:
            NotFound: no run has this id.
            Conflict: it does not wait, its time is over, or its source is being harvested.
            InvalidInput: nothing it waits with is chosen.
        """
        run, _ = self._quarantine.reopen(run_id, choice, by=actor, holder=self._holder)
        return self._left_open(run)

    def begin_undo(self, run_id: RunId, *, actor: str) -> HarvestRun:
        """Plan an undoing as `undo` does, and leave carrying it out to whoever harvests next; nobody waits for it.

        Raises:
            NotFound: no run has this id.
            Conflict: it cannot be undone; says why, and which entries were changed since.
        """
        return self._left_open(self._undo.open(run_id, actor))

    def _left_open(self, run: HarvestRun) -> HarvestRun:
        """Let go of a sealed run: the next look for work takes it up, as it would after a killed process."""
        with self._uow() as work:
            work.runs.give_up(run.id, holder=self._holder, to=NOBODY)
            work.queue.put(harvest_task(run.source_id, work.runs.last_sizes().get(run.source_id)))
            work.commit()
        return run

    @contextmanager
    def preview(self, source: Source) -> Iterator[Preview]:
        """Plan a run of a source in a throw-away database: it is read as a run would read it, and nothing is kept.

        Args:
            source: registered, or one that somebody considers.

        Raises:
            InvalidInput: the source has options its kind does not know.
        """
        with self._uow.reading() as look:
            harvester, planner = self._prepare(look, source)
        with self._uow.scratch(source) as scratch:
            run = self._open(scratch, source, _PREVIEW, planner.reading)
            run, seal = self._read_ahead(scratch, run, source, harvester, planner)
            yield Preview(run=run, seal=seal, catalogue=self._uow, scratch=scratch)

    def _read_ahead(
        self, scratch: UnitsOfWork, run: HarvestRun, source: Source, harvester: Harvester, planner: Planner
    ) -> tuple[HarvestRun, Seal]:
        steps = RunSteps(scratch, self._clock, self._turns, self._holder, self._rules, self._watch)
        try:
            with self._open_ahead(source) as fetcher:
                cut_short = steps.read(run, planner, pipeline.run(harvester, fetcher))
        except SourceError as error:
            return steps.abandon(run, source, problem_of(error), _PREVIEW), _NOTHING
        seal = steps.judge(run, source, Reading(cut_short=cut_short, is_partial=harvester.is_partial))
        return as_it_would_end(run, seal, scratch), seal

    def resume_all(self, *, actor: str) -> tuple[RunReport, ...]:
        """Take up every run that a killed process left, at the start of this one.

        Sealed runs are finished; the sources of all others fall due at once. Runs whose process lives are left alone.
        """
        self.let_go()
        with self._uow.reading() as look:
            left = [lease for lease in look.runs.running() if self._is_gone(lease)]
        return tuple(self._report(self._finish(lease, actor)) for lease in left)

    def cancel(self, run_id: RunId, *, actor: str) -> HarvestRun:
        """Ask a running run to stop; audited as `harvest_cancel_asked`.

        Its holder, in whatever process, ends it before its next step: what was applied stands, nothing is concluded.
        One whose holder is gone is ended here.

        Returns:
            The run, `cancelled` if it was ended here, else still `running`.

        Raises:
            NotFound: no run has this id.
            Conflict: it has ended.
        """
        with self._uow() as work:
            lease = work.runs.ask_to_stop(run_id, actor)
            subject = f"source:{lease.run.source_id}"
            work.record(AuditEvent(actor=actor, action="harvest_cancel_asked", subject=subject, after=str(run_id)))
            work.commit()
        return self._finish(lease, actor) if self._is_gone(lease) else lease.run

    def let_go(self) -> None:
        """Let go of the runs that failed here, so that any process may take them up.

        Where the database does not answer, this is for the next time: it is called again when it does.
        """
        for run_id in tuple(self._dropped):
            with suppress(Conflict), self._uow() as work:
                work.runs.give_up(run_id, holder=self._holder, to=NOBODY)
                work.commit()
            self._dropped.discard(run_id)

    def _take_up(self, source_id: SourceId, actor: str) -> HarvestRun | None:
        """Finish the run that a source was left with, if any.

        Raises:
            Conflict: it is not left: somebody is at work on it.
        """
        self.let_go()
        with self._uow.reading() as look:
            leases = look.runs.running(source_id)
        for lease in leases:
            if not self._is_gone(lease):
                raise Conflict("harvest_running", source=str(source_id), holder=lease.holder)
            return self._finish(lease, actor)
        return None

    def _is_gone(self, lease: Lease) -> bool:
        return is_gone(lease.holder, lease.heartbeat_at, self._clock())

    def _finish(self, lease: Lease, actor: str) -> HarvestRun:
        run = lease.run
        with self._uow() as work:
            work.runs.take_over(lease, holder=self._holder, at=self._clock())
            source = work.sources.by_id(run.source_id)
            work.commit()
        with self._at_work(run):
            if lease.cancel_asked_by is not None:
                return self._steps.cancel(run, source, lease.cancel_asked_by, actor, is_sealed=lease.seal is not None)
            if lease.seal is not None:
                return self._carry_out(run, source, lease.seal, actor)
            closed = self._steps.abandon(run, source, _INTERRUPTED, actor)
            with self._uow() as work:
                work.sources.put_off(source.id, self._clock())
                work.commit()
            return closed

    def _open(self, uow: UnitsOfWork, source: Source, actor: str, reading: str) -> HarvestRun:
        run = HarvestRun(
            id=RunId(new_id()),
            source_id=source.id,
            state=RunState.RUNNING,
            started_at=self._clock(),
            outcomes={},
        )
        with uow() as work:
            work.runs.open(run, actor=actor, holder=self._holder, reading=reading)
            work.sources.begin(source.id)
            work.record(
                AuditEvent(actor=actor, action="harvest_started", subject=f"source:{source.id}", after=str(run.id))
            )
            work.commit()
        return run

    def _read(
        self, run: HarvestRun, source: Source, harvester: Harvester, planner: Planner, when_read: Callable[[], None]
    ) -> Problem | None:
        def facts(fetcher: Fetcher) -> Iterator[Fact]:
            yield from pipeline.run(harvester, fetcher)
            when_read()

        with self._open_fetcher(source) as fetcher:
            return self._steps.read(run, planner, facts(fetcher))

    def _carry_out(self, run: HarvestRun, source: Source, seal: Seal, actor: str) -> HarvestRun:
        try:
            if run.undoes is None:
                self._steps.apply(run)
            else:
                self._undo.apply(run, actor)
            return self._steps.close(run, source, seal, actor)
        except RunCancelled as stop:
            return self._stop(run, source, stop, actor, is_sealed=True)

    def _stop(self, run: HarvestRun, source: Source, stop: RunCancelled, actor: str, *, is_sealed: bool) -> HarvestRun:
        return self._steps.cancel(run, source, str(stop.parameters["by"]), actor, is_sealed=is_sealed)

    def _prepare(self, look: UnitOfWork, source: Source) -> tuple[Harvester, Planner]:
        """Choose how the source is read: only one read whole in the same way, lately, is asked for changes alone."""
        harvester = self._make_harvester(source, None)
        rule = attribution(source, self._register.organs(look))
        reading = reading_fingerprint(
            source, harvester, rule.organs, ceiling=self._ceiling, reference_version=self._reference_version
        )
        last = look.runs.last_complete(source.id, reading)
        whole = last and look.runs.last_complete(source.id, reading, is_whole=True)
        if last is not None and self._turns.asks_for_changes(whole, self._clock()):
            harvester = self._make_harvester(source, last.started_at)
        planner = Planner(
            source, harvester, attribution=rule, check=self._check, tier_ceiling=self._ceiling, reading=reading
        )
        return harvester, planner

    def _report(self, run: HarvestRun) -> RunReport:
        return RunReport(run=run, problems=RunProblems(self._uow, run))

    @contextmanager
    def _at_work(self, run: HarvestRun, stage: Stage = Stage.APPLYING, expected: int | None = None) -> Iterator[None]:
        """Show the work on a run; let go of one that fails for a reason of ours, so that the next start takes it up."""
        subject = f"source:{run.source_id}"
        shown = self._works.shown(
            WorkKind.HARVEST, subject=subject, stage=stage.value, total=expected, is_often_brief=True
        )
        with shown as meter:
            self._meters[run.id] = meter, expected
            try:
                yield
            except BaseException:
                self._dropped.add(run.id)
                self.let_go()
                raise
            finally:
                del self._meters[run.id]

    def _tell(self, progress: Progress) -> None:
        """Show a step; the last complete run says how many records a source may have."""
        meter, expected = self._meters[progress.run.id]
        total = expected if progress.stage is Stage.READING else progress.total
        meter.at(progress.records, stage=progress.stage.value, total=total)
        self._watch(progress)
