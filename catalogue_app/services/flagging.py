"""Evaluate the rules of every duty: open findings, keep their evidence true, close them when their cause is gone."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Final, final

from catalogue_app.domain.audit import AuditEvent
from catalogue_app.domain.clock import Clock, today
from catalogue_app.domain.finding import OPEN_FINDINGS, Condition, Finding, FindingFilter, FindingKind
from catalogue_app.domain.flagging.missing import (
    disclosure_gaps,
    missing_at_source,
    organ_closed,
    organs_without_catalogue,
)
from catalogue_app.domain.flagging.nonconforming import nonconforming, unknown_relations
from catalogue_app.domain.flagging.source import unreliable
from catalogue_app.domain.flagging.stale import overdue
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.visibility import Audience
from catalogue_app.persistence.findings import OpenFinding
from catalogue_app.persistence.unit_of_work import UnitOfWork, UnitsOfWork
from catalogue_app.reference import Reference

_BATCH: Final = 500
"""Conditions compared with the register at once."""

_ACTOR: Final = "scheduler"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What an evaluation of all rules found.

    Attributes:
        as_of: the day it judged by.
        open: conditions that hold on that day.
        opened: findings it opened.
        updated: open findings whose evidence changed.
        closed: findings whose condition is gone.
        by_kind: conditions by kind; every kind is there, also with 0.
    """

    as_of: date
    open: int
    opened: int = 0
    updated: int = 0
    closed: int = 0
    by_kind: Mapping[FindingKind, int]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FindingList:
    """One page of a list of findings.

    Attributes:
        total: findings of the whole list that this audience is told of.
        findings: those of this page, opened last first.
        next_cursor: asks for the next page; None on the last.
    """

    total: int
    findings: tuple[Finding, ...]
    next_cursor: str | None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FindingSummary:
    """Findings at a glance, in the figures of one audience.

    Attributes:
        by_kind: every kind the audience is told of to its findings, also 0.
        by_organ: organ to kind to findings; organs and kinds without findings are left out.
    """

    total: int
    by_kind: Mapping[FindingKind, int]
    by_organ: Mapping[OrganId, Mapping[FindingKind, int]]


@final
class Flagging:
    """Use cases around findings."""

    def __init__(self, uow: UnitsOfWork, reference: Reference, clock: Clock) -> None:
        self._uow: Final = uow
        self._reference: Final = reference
        self._clock: Final = clock

    def evaluate(
        self, as_of: date | None = None, *, actor: str = _ACTOR, progress: Callable[[int], None] = lambda _: None
    ) -> Evaluation:
        """Evaluate every rule in one transaction; audited as `findings_evaluated` where something changed.

        Asked about another day than the present one, it only counts what would hold on that day: the register keeps
        speaking of the present.

        Args:
            as_of: the day; the present one unless given.
            actor: who asked.
            progress: told from time to time how many conditions were compared with the register.
        """
        day, now = as_of or today(self._clock), self._clock()
        if day != today(self._clock):
            by_kind = Counter(condition.kind for condition in self.conditions(day))
            return Evaluation(as_of=day, open=by_kind.total(), by_kind=_every_kind(by_kind))
        with self._uow() as work:
            evaluation = _bring_up_to_date(work, _counted(self._conditions(work, day), progress), day, now)
            changes = f"opened={evaluation.opened} updated={evaluation.updated} closed={evaluation.closed}"
            if evaluation.opened or evaluation.updated or evaluation.closed:
                event = AuditEvent(actor=actor, action="findings_evaluated", subject="findings", after=changes)
                work.record(event)
            work.commit()
        return evaluation

    def conditions(self, as_of: date | None = None) -> Iterator[Condition]:
        """Yield, for the operator, what the open findings say; on another day than today, what would hold on it."""
        with self._uow.reading() as work:
            if as_of is None or as_of == today(self._clock):
                yield from work.findings.open_conditions()
            else:
                yield from self._conditions(work, as_of)

    def findings(
        self, wanted: FindingFilter, audience: Audience, cursor: str | None = None, limit: int = 20
    ) -> FindingList:
        """Return a page of findings.

        Raises:
            InvalidCursor: the cursor is not one of this list.
        """
        with self._uow.reading() as work:
            page = work.findings.list(wanted, audience, cursor, limit)
            total = work.findings.count(wanted, audience)
        return FindingList(total=total, findings=page.findings, next_cursor=page.next_cursor)

    def summary(self, audience: Audience, wanted: FindingFilter = OPEN_FINDINGS) -> FindingSummary:
        """Count the findings wanted by kind and by organ."""
        with self._uow.reading() as work:
            counts = work.findings.counts(wanted, audience)
            told = work.findings.kinds_told(audience)
        by_kind: Counter[FindingKind] = Counter()
        by_organ: dict[OrganId, dict[FindingKind, int]] = {}
        for (organ, kind), number in counts.items():
            by_kind[kind] += number
            by_organ.setdefault(organ, {})[kind] = number
        return FindingSummary(total=by_kind.total(), by_kind={kind: by_kind[kind] for kind in told}, by_organ=by_organ)

    def _conditions(self, work: UnitOfWork, day: date) -> Iterator[Condition]:
        """Yield every condition that holds on a day, each once; a handful of statements, however many entries."""
        seen = work.observations
        register = work.organs.all()
        organs = [organ for organ in register if not organ.is_closed(day)]
        closed = {organ.id: organ.valid_to for organ in register if organ.is_closed(day) and organ.successor is None}
        yield from organs_without_catalogue(organs, seen.organs_with_entries())
        yield from disclosure_gaps(organs, seen.disclosed())
        yield from filter(None, (overdue(content, day, self._reference.cycles) for content in seen.contents()))
        for gone in seen.disappearances():
            yield missing_at_source(gone.code, gone.organ_id, gone.identifier, gone.since)
        for code, organ_id in seen.entries_of(closed.keys()):
            yield organ_closed(code, organ_id, closed[organ_id] or day)
        yield from _departures(work, day)
        yield from filter(None, (unreliable(one, self._reference.failing_after) for one in seen.source_records()))


def _departures(work: UnitOfWork, day: date) -> Iterator[Condition]:
    """Yield what is wrong with single entries, related codes that nobody has among it."""
    lost = dict(work.observations.unknown_relations())
    for entry in work.observations.departures():
        relations = unknown_relations(lost.pop((entry.code, entry.organ_id), frozenset()))
        yield from nonconforming(entry.code, entry.organ_id, (*entry.violations, *relations), day)
    for (code, organ_id), codes in sorted(lost.items()):
        yield from nonconforming(code, organ_id, unknown_relations(codes), day)


def _bring_up_to_date(work: UnitOfWork, conditions: Iterable[Condition], day: date, now: datetime) -> Evaluation:
    """Make the open findings those of the conditions."""
    evaluation = work.findings.next_evaluation()
    by_kind: Counter[FindingKind] = Counter()
    opened = updated = 0
    for batch in _batches(conditions):
        known = work.findings.open_among(batch)
        new = [condition for condition in batch if (condition.kind, condition.subject) not in known]
        lasting = [
            (known[key], condition) for condition in batch if (key := (condition.kind, condition.subject)) in known
        ]
        changed = [OpenFinding(one.id, condition) for one, condition in lasting if one.condition != condition]
        work.findings.open(new, evaluation, now)
        work.findings.refresh(changed, now)
        work.findings.see([one for one, _ in lasting], evaluation)
        by_kind.update(condition.kind for condition in batch)
        opened, updated = opened + len(new), updated + len(changed)
    closed = work.findings.close_unseen(evaluation, now)
    return Evaluation(
        as_of=day,
        open=by_kind.total(),
        opened=opened,
        updated=updated,
        closed=closed,
        by_kind=_every_kind(by_kind),
    )


def _counted(conditions: Iterable[Condition], progress: Callable[[int], None]) -> Iterator[Condition]:
    for number, condition in enumerate(conditions, start=1):
        yield condition
        if number % _BATCH == 0:
            progress(number)


def _batches(conditions: Iterable[Condition]) -> Iterator[Sequence[Condition]]:
    rest = iter(conditions)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _every_kind(counted: Mapping[FindingKind, int]) -> dict[FindingKind, int]:
    return {kind: counted.get(kind, 0) for kind in FindingKind}
