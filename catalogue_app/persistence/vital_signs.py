"""Read models of monitoring: how much there is, waits, runs and is wrong; for operators, never for visitors."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, final

from sqlalchemy import func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from catalogue_app.domain.finding import FindingState
from catalogue_app.domain.harvest import Outcome, RunState
from catalogue_app.domain.long_work import WorkState
from catalogue_app.persistence.entry_rows import EntryRow
from catalogue_app.persistence.findings import FindingRow
from catalogue_app.persistence.long_work import LongWorkRow
from catalogue_app.persistence.outbox import QueuedRow
from catalogue_app.persistence.runs import RunRow
from catalogue_app.persistence.sources import SourceRow


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class VitalSigns:
    """The figures of one instant, of all tiers together or by tier.

    Attributes:
        entries: (state, tier) to entries.
        runs: state to harvest runs, of all time.
        outcomes: outcome to records, of all closed runs.
        findings: kind to open findings.
        sources_due: enabled sources whose time has come and that nobody harvests.
        due_since: when the first of them fell due.
        outbox_rows: what the index has yet to confirm.
        outbox_since: when the entry at the head of the outbox last changed.
        work: kind to long work that runs.
    """

    entries: Mapping[tuple[str, str], int]
    runs: Mapping[str, int]
    outcomes: Mapping[Outcome, int]
    findings: Mapping[str, int]
    sources_due: int
    due_since: datetime | None
    outbox_rows: int
    outbox_since: datetime | None
    work: Mapping[str, int]


@final
class VitalSignsReader:
    """Counts; about ten statements, the largest over the entries."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def at(self, now: datetime) -> VitalSigns:
        """Return the figures of the database as it is now."""
        sources_due, due_since = self._due(now)
        entries = select(EntryRow.state, EntryRow.tier, func.count()).group_by(EntryRow.state, EntryRow.tier)
        return VitalSigns(
            entries={(state, tier): number for state, tier, number in self._session.execute(entries)},
            runs=self._by(RunRow.state),
            outcomes=self._outcomes(),
            findings=self._by(FindingRow.kind, FindingRow.state == FindingState.OPEN.value),
            sources_due=sources_due,
            due_since=due_since,
            outbox_rows=self._session.scalar(select(func.count()).select_from(QueuedRow)) or 0,
            outbox_since=self._outbox_since(),
            work=self._by(LongWorkRow.kind, LongWorkRow.state == WorkState.RUNNING.value),
        )

    def _by(self, column: InstrumentedAttribute[str], condition: object = None) -> dict[str, int]:
        rows = select(column, func.count()).where(true() if condition is None else condition).group_by(column)  # type: ignore[arg-type]  # a condition of ours
        return {value: number for value, number in self._session.execute(rows)}  # noqa: C416 — rows are no pairs to mypy

    def _outcomes(self) -> dict[Outcome, int]:
        sums = [func.coalesce(func.sum(getattr(RunRow, outcome.value)), 0) for outcome in Outcome]
        return dict(zip(Outcome, map(int, self._session.execute(select(*sums)).one()), strict=True))

    def _due(self, now: datetime) -> tuple[int, datetime | None]:
        """Count the sources that wait; one that was never harvested waits, but not since a known instant."""
        running = select(RunRow.id).where(RunRow.source_id == SourceRow.id, RunRow.state == RunState.RUNNING.value)
        is_due = or_(SourceRow.due_at.is_(None), SourceRow.due_at <= now)
        rows = select(func.count(), func.min(SourceRow.due_at)).where(SourceRow.is_enabled, is_due, ~running.exists())
        number, since = self._session.execute(rows).one()
        return number, since

    def _outbox_since(self) -> datetime | None:
        head = select(QueuedRow.entry_id).order_by(QueuedRow.position).limit(1).scalar_subquery()
        return self._session.scalar(select(EntryRow.changed_at).where(EntryRow.id == head))
