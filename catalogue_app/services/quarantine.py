"""Held runs wait for a named person: what they wait with, and what the person may decide."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, unique
from itertools import islice
from typing import Final, final

from catalogue_app.domain.audit import AuditEvent
from catalogue_app.domain.clock import Clock
from catalogue_app.domain.conclusion import ConclusionRules
from catalogue_app.domain.diff import FieldChange, compare
from catalogue_app.domain.errors import Conflict, InvalidInput
from catalogue_app.domain.harvest import Decision, Gate, HarvestRun, RunState
from catalogue_app.domain.ids import RunId
from catalogue_app.persistence.held import Renamed
from catalogue_app.persistence.plans import PlannedEntry
from catalogue_app.persistence.runs import Seal
from catalogue_app.persistence.unit_of_work import UnitOfWork, UnitsOfWork
from catalogue_app.services.harvest_preview import Change, EntryChange, absence_of

SCHEDULE: Final = "scheduler"
_BATCH: Final = 500


@unique
class Part(StrEnum):
    """What a person may accept of a held run."""

    ADDED = "added"
    """The additions it waits with."""
    VANISHED = "vanished"
    """That entries it did not see are missing."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a person accepts; everything unless narrowed.

    Attributes:
        parts: kinds of change.
        identifiers: records and entries by what their source calls them; None for all.
        as_renamed: entries that their source seems to have renamed keep code and history, and take the new names;
            everything else is accepted as it is.
    """

    parts: frozenset[Part] = frozenset(Part)
    identifiers: frozenset[str] | None = None
    as_renamed: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return self.identifiers is None and self.parts == frozenset(Part)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRun:
    """A run that waits.

    Attributes:
        decide_by: last day of the time to decide (R86); None where the calendar does not cover it.
        additions: records that would be added.
        absences: entries that would be missing.
        renamed: pairs of both that seem to be the same.
    """

    run: HarvestRun
    decide_by: date | None
    additions: int
    absences: int
    renamed: int


@final
class Quarantine:
    """Use cases of the desk around held runs; updates of the rest never wait for them."""

    def __init__(self, uow: UnitsOfWork, rules: ConclusionRules, clock: Clock) -> None:
        self._uow: Final = uow
        self._rules: Final = rules
        self._clock: Final = clock

    def waiting(self) -> tuple[HeldRun, ...]:
        """Return the runs that wait, those held first come first."""
        with self._uow.reading() as look:
            return tuple(self._view(look, run) for run in look.runs.waiting())

    def one(self, run_id: RunId) -> HeldRun:
        """Return one run that waits.

        Raises:
            NotFound: no run has this id.
            Conflict: it does not wait; says in which state it is.
        """
        with self._uow.reading() as look:
            return self._view(look, _waiting(look, run_id))

    def changes(self, run_id: RunId) -> Iterator[EntryChange]:
        """Yield what a held run waits with: additions, entries that seem renamed, entries that would be missing."""
        with self._uow.reading() as look:
            pairs = {pair.position: pair for pair in look.held.renamed(run_id)}
            planned = look.plans.held(run_id)
            while batch := list(islice(planned, _BATCH)):
                met = [pairs[one.position].entry_id for one in batch if one.position in pairs]
                known = {entry.id: entry for entry in look.entries.by_ids(met)}
                for one in batch:
                    pair = pairs.get(one.position)
                    before = known[pair.entry_id].metadata if pair else None
                    fields = compare(before, one.metadata) if before else ()
                    yield _addition(one, pair, fields)
            renamed = {pair.entry_id for pair in pairs.values()}
            yield from (absence_of(gone) for gone in look.held.absent(run_id) if gone.entry_id not in renamed)

    def reopen(self, run_id: RunId, choice: Choice, *, by: str, holder: str) -> tuple[HarvestRun, Seal]:
        """Put what a person accepts into the plan of a held run, and take its lease; the caller carries it out.

        Audited as `harvest_accepted`.

        Raises:
            NotFound: no run has this id.
            Conflict: it does not wait, its time is over, or its source is being harvested.
            InvalidInput: nothing it waits with is chosen.
        """
        with self._uow() as work:
            at = self._clock()
            run = _waiting(work, run_id)
            if run.finished_at is not None and self._rules.has_expired(run.finished_at, at):
                raise Conflict("hold_is_over", run=str(run_id))
            pairs = work.held.renamed(run_id) if choice.as_renamed else ()
            work.held.move_identifiers(run_id, pairs, at, by)
            work.curations.curate_staged(run_id, [pair.entry_id for pair in pairs])
            added = work.held.let_in(run_id, run.source_id, choice.identifiers) if Part.ADDED in choice.parts else 0
            missing = work.held.find_missing(run_id, at, choice.identifiers) if Part.VANISHED in choice.parts else 0
            if (choice.as_renamed and not pairs) or not (choice.is_whole or added or missing):
                raise InvalidInput("nothing_chosen", run=str(run_id))
            work.held.dismiss(run_id, accounted=True)
            decision = _decision(choice)
            verdict = RunState.HELD if decision is Decision.ACCEPTED_IN_PART else RunState.COMPLETE
            seal = Seal(verdict=verdict, gate=Gate.HOLD_VANISHED, problem=run.problem)
            work.runs.reopen(run_id, seal, decision, by=by, holder=holder, at=at, vanished=missing)
            figures = f"run={run_id} {decision} renamed={len(pairs)} added={added} vanished={missing}"
            subject = f"source:{run.source_id}"
            work.record(AuditEvent(actor=by, action="harvest_accepted", subject=subject, after=figures))
            reopened = work.runs.by_id(run_id)
            work.commit()
        return reopened, seal

    def reject(self, run_id: RunId, *, by: str, reason: str = "") -> HarvestRun:
        """Let a held run end without what it waits with; the next run plans anew. Audited as `harvest_rejected`.

        Raises:
            NotFound: no run has this id.
            Conflict: it does not wait.
        """
        with self._uow() as work:
            run = _waiting(work, run_id)
            self._end(work, run, Decision.REJECTED, by, reason)
            decided = work.runs.by_id(run_id)
            work.commit()
        return decided

    def expire(self) -> int:
        """End every held run whose time to decide is over, concluding nothing; returns how many.

        Audited as `harvest_expired`.
        """
        with self._uow.reading() as look:
            waiting = look.runs.waiting()
        now = self._clock()
        over = [run for run in waiting if run.finished_at and self._rules.has_expired(run.finished_at, now)]
        for run in over:
            with self._uow() as work:
                self._end(work, _waiting(work, run.id), Decision.EXPIRED, SCHEDULE, "")
                work.commit()
        return len(over)

    def _end(self, work: UnitOfWork, run: HarvestRun, decision: Decision, by: str, reason: str) -> None:
        work.held.dismiss(run.id, accounted=False)
        work.runs.decide(run.id, decision, by=by, at=self._clock())
        words = f"run={run.id} {reason}".rstrip()
        work.record(AuditEvent(actor=by, action=f"harvest_{decision}", subject=f"source:{run.source_id}", after=words))

    def _view(self, look: UnitOfWork, run: HarvestRun) -> HeldRun:
        additions, absences = look.held.counts(run.id)
        return HeldRun(
            run=run,
            decide_by=self._rules.hold_ends_on(run.finished_at) if run.finished_at else None,
            additions=additions,
            absences=absences,
            renamed=len(look.held.renamed(run.id)) if additions and absences else 0,
        )


def _waiting(look: UnitOfWork, run_id: RunId) -> HarvestRun:
    run = look.runs.by_id(run_id)
    if not run.is_waiting:
        raise Conflict("run_does_not_wait", run=str(run_id), state=run.decision or run.state)
    return run


def _decision(choice: Choice) -> Decision:
    if choice.as_renamed:
        return Decision.REIDENTIFIED
    return Decision.ACCEPTED if choice.is_whole else Decision.ACCEPTED_IN_PART


def _addition(planned: PlannedEntry, pair: Renamed | None, fields: tuple[FieldChange, ...]) -> EntryChange:
    return EntryChange(
        change=Change.RENAMED if pair else Change.HELD,
        code=pair.code if pair else None,
        identifier=planned.identifier,
        former_identifier=pair.former_identifier if pair else "",
        title=planned.metadata.title.original,
        organ_id=planned.organ_id,
        tier=planned.tier,
        fields=fields,
        violations=planned.violations,
    )
