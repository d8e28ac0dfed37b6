"""A source as operators and organs see it: its state, its next turn, and how its last runs went."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique
from typing import Final, final

from catalogue_app.domain.address import without_secrets
from catalogue_app.domain.clock import CITY_ZONE
from catalogue_app.domain.harvest import HarvestRun, Outcome, RunState
from catalogue_app.domain.metadata import Document
from catalogue_app.domain.source import Source

LATEST_RUNS: Final = 20
"""Runs that a trend is made of."""


@unique
class SourceState(StrEnum):
    """How a source is doing."""

    NEW = "new"
    """Never harvested to an end."""
    GOOD = "good"
    FAILING = "failing"
    """Its last run failed; it is tried again."""
    HELD = "held"
    """Its last run waits for a person."""
    PAUSED = "paused"
    """Out of the schedule."""


_STATES: Final[Mapping[RunState, SourceState]] = {
    RunState.ABORTED: SourceState.FAILING,
    RunState.HELD: SourceState.HELD,
    RunState.COMPLETE: SourceState.GOOD,
}


def state_of(source: Source, last: RunState | None) -> SourceState:
    """Say how a source is doing, by the state its last run ended in; None where none was read to an end."""
    if not source.is_enabled:
        return SourceState.PAUSED
    return _STATES[last] if last is not None else SourceState.NEW


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """A source and its last runs, newest first, a running one included."""

    source: Source
    runs: tuple[HarvestRun, ...]

    @property
    def ended(self) -> tuple[HarvestRun, ...]:
        """Its ended runs, newest first."""
        return tuple(run for run in self.runs if run.state in _STATES)

    @property
    def readings(self) -> tuple[HarvestRun, ...]:
        """Its ended runs that asked the source; an undoing asks nobody."""
        return tuple(run for run in self.ended if run.undoes is None)

    @property
    def state(self) -> SourceState:
        """How it is doing."""
        return state_of(self.source, self.readings[0].state if self.readings else None)

    @property
    def running(self) -> HarvestRun | None:
        """The run that is going on, if any."""
        return next((run for run in self.runs if run.state is RunState.RUNNING), None)

    @property
    def waiting(self) -> HarvestRun | None:
        """The run that waits for a person, if any."""
        return next((run for run in self.runs if run.is_waiting), None)

    @property
    def last_good_at(self) -> datetime | None:
        """When it was last read to its end, among the runs looked at."""
        return next((run.finished_at for run in self.readings if run.state is not RunState.ABORTED), None)

    def trend(self) -> Document:
        """Return what the last readings come to: how many, how many good, seconds and records on average."""
        ended = self.readings
        good = [run for run in ended if run.state is RunState.COMPLETE]
        changes = sum(run.outcomes.get(kind, 0) for run in ended for kind in (Outcome.ADDED, Outcome.CHANGED))
        return {
            "runs": len(ended),
            "complete": len(good),
            "failed": sum(run.state is RunState.ABORTED for run in ended),
            "seconds": round(sum(map(_seconds, ended)) / len(ended), 1) if ended else None,
            "gathered": round(sum(run.gathered for run in good) / len(good)) if good else None,
            "added_or_changed": changes,
        }

    def document(self) -> Document:
        """Write it as one JSON object; instants in the city's time."""
        source = self.source
        return {
            "id": str(source.id),
            "organ": source.organ_id,
            "kind": source.kind.value,
            "address": without_secrets(source.address),
            "options": dict(source.options),
            "state": self.state.value,
            "schedule": source.schedule,
            "due_at": _instant(source.due_at),
            "planned_at": _instant(source.planned_at),
            "failures": source.failures,
            "last_good_at": _instant(self.last_good_at),
            "trend": self.trend(),
            "runs": [*self.run_documents()],
        }

    def run_documents(self) -> tuple[Document, ...]:
        """Write its runs as JSON objects, newest first."""
        return tuple(map(_run, self.runs))


def _run(run: HarvestRun) -> Document:
    return {
        "run": str(run.id),
        "state": run.state.value,
        "started_at": _instant(run.started_at),
        "seconds": round(_seconds(run), 1) if run.finished_at else None,
        "gathered": run.gathered,
        **{outcome.value: run.outcomes.get(outcome, 0) for outcome in Outcome},
        "vanished": run.vanished,
        "restored": run.restored,
        "problem": f"{run.problem.code} {run.problem.value}".strip() if run.problem else "",
    }


def _seconds(run: HarvestRun) -> float:
    return (run.finished_at - run.started_at).total_seconds() if run.finished_at else 0.0


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(CITY_ZONE).isoformat(timespec="seconds") if at else None
