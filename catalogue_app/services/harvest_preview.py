"""What a run would do, as a diff of entries: planned in a throw-away database, so that nothing else is touched."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum, unique
from itertools import islice
from typing import Final, final

from catalogue_app.domain.diff import FieldChange, compare
from catalogue_app.domain.entry import Entry
from catalogue_app.domain.harvest import Gate, HarvestRun, Outcome, Problem
from catalogue_app.domain.ids import EntryId, OrganId
from catalogue_app.domain.profile import Violation
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.plans import AbsentEntry, PlannedEntry
from catalogue_app.persistence.runs import Seal
from catalogue_app.persistence.unit_of_work import UnitsOfWork

_BATCH: Final = 500


@unique
class Change(StrEnum):
    """What would become of an entry."""

    ADDED = "added"
    CHANGED = "changed"
    HELD = "held"
    """It would be added, and waits for a person."""
    RENAMED = "renamed"
    """It would be added, and seems to be an entry that its source calls by another name now."""
    VANISHED = "vanished"
    """Its source no longer has it; it would be flagged, and stay."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class EntryChange:
    """What a run would do to one entry.

    Attributes:
        code: catalogue code; None for an entry there is not yet.
        former_identifier: what its source called it before, where it seems renamed.
        fields: what it would say differently, element by element; empty but for changed and renamed entries.
        violations: where it would depart from the profile.
    """

    change: Change
    code: str | None
    identifier: str
    title: str
    organ_id: OrganId
    tier: Tier
    former_identifier: str = ""
    fields: tuple[FieldChange, ...] = ()
    violations: tuple[Violation, ...] = ()


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A run as it would end; lives while the throw-away database does.

    Attributes:
        run: with its figures, in the state it would close in.
        seal: what the gate would say.
        catalogue: what there is.
        scratch: the throw-away database of the plan.
    """

    run: HarvestRun
    seal: Seal
    catalogue: UnitsOfWork
    scratch: UnitsOfWork

    def changes(self) -> Iterator[EntryChange]:
        """Yield what would happen to entries: additions and changes in the order of the source, then what vanished."""
        with self.scratch.reading() as plan, self.catalogue.reading() as look:
            planned = plan.plans.entries(self.run.id)
            while batch := list(islice(planned, _BATCH)):
                ids = [one.entry_id for one in batch if not one.is_new]
                known = {entry.id: entry for entry in look.entries.by_ids(ids)}
                yield from (self._of_planned(one, known) for one in batch)
            if self.seal.concludes or self.seal.holds:
                for gone in plan.plans.absent(self.run.id, self.run.source_id):
                    yield absence_of(gone)

    def problems(self) -> Iterator[Problem]:
        """Yield why the run would be held or aborted, then each record rejected or standing more than once."""
        if self.run.problem is not None:
            yield self.run.problem
        with self.scratch.reading() as plan:
            yield from (one.problem for one in plan.outcomes.of_run(self.run.id) if one.problem is not None)

    def _of_planned(self, planned: PlannedEntry, known: Mapping[EntryId, Entry]) -> EntryChange:
        change = Change.CHANGED
        if planned.is_new:
            change = Change.HELD if self.seal.gate is Gate.HOLD_NEW else Change.ADDED
        before = known.get(planned.entry_id)
        return EntryChange(
            change=change,
            code=before.code if before else None,
            identifier=planned.identifier,
            title=planned.metadata.title.original,
            organ_id=planned.organ_id,
            tier=planned.tier,
            fields=compare(before.metadata, planned.metadata) if before else (),
            violations=planned.violations,
        )


def absence_of(gone: AbsentEntry) -> EntryChange:
    """Say of an entry that a run did not see it."""
    return EntryChange(
        change=Change.VANISHED,
        code=gone.code,
        identifier=gone.identifier,
        title=gone.title,
        organ_id=gone.organ_id,
        tier=gone.tier,
    )


def as_it_would_end(run: HarvestRun, seal: Seal, scratch: UnitsOfWork) -> HarvestRun:
    """Count a plan that was sealed in a throw-away database, as its run would close."""
    with scratch.reading() as plan:
        outcomes = dict(plan.outcomes.count(run.id))
        if seal.gate is Gate.HOLD_NEW:
            outcomes[Outcome.HELD] = outcomes.pop(Outcome.ADDED, 0)
        return replace(
            run,
            state=seal.verdict,
            gathered=plan.outcomes.gathered(run.id),
            outcomes=outcomes,
            vanished=_length(plan.plans.absent(run.id, run.source_id)) if seal.concludes else 0,
            restored=plan.plans.returned(run.id, run.source_id),
            problem=seal.problem,
        )


def _length(found: Iterator[object]) -> int:
    return sum(1 for _ in found)
