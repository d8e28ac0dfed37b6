"""Sources that nobody can rely on: failed three times in a row (R82), or held for a person to decide."""

from dataclasses import dataclass
from typing import Final, final

from catalogue_app.domain.clock import CITY_ZONE
from catalogue_app.domain.finding import Condition, FindingKind
from catalogue_app.domain.harvest import HarvestRun, RunState
from catalogue_app.domain.ids import OrganId, SourceId

FAILURES: Final = 3
"""Failed runs in a row after which a source counts as failing."""

_ANSWERS: Final = "R82"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecord:
    """How a source has answered of late.

    Attributes:
        runs: its last ended runs, newest first; at least `FAILURES` of them where it has so many.
    """

    source_id: SourceId
    organ_id: OrganId
    runs: tuple[HarvestRun, ...]


def unreliable(record: SourceRecord) -> Condition | None:
    """Say what is wrong with a source; one alarm a source, however many entries it has."""
    runs = record.runs
    if runs and runs[0].state is RunState.HELD:
        return _condition(record, FindingKind.HARVEST_HELD, runs[0])
    failed = [run for run in runs[:FAILURES] if run.state is RunState.ABORTED]
    return _condition(record, FindingKind.HARVEST_FAILING, runs[0]) if len(failed) == FAILURES else None


def _condition(record: SourceRecord, kind: FindingKind, last: HarvestRun) -> Condition:
    problem = last.problem
    words = f"{problem.code} {problem.value}".rstrip() if problem else ""
    return Condition(
        kind=kind,
        subject=f"source:{record.source_id}",
        organ_id=record.organ_id,
        rule=_ANSWERS,
        evidence=(("last_run_on", last.started_at.astimezone(CITY_ZONE).date().isoformat()), ("problem", words)),
    )
