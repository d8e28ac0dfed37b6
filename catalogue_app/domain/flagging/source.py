"""Sources that nobody can rely on: failed so often in a row (R82), or held for a person to decide."""

from dataclasses import dataclass
from typing import Final, final

from catalogue_app.domain.clock import CITY_ZONE
from catalogue_app.domain.finding import Condition, FindingKind
from catalogue_app.domain.harvest import HarvestRun
from catalogue_app.domain.ids import OrganId, SourceId

ANSWERS: Final = "R82"
"""Rule of this catalogue: sources answer. Its limit says how many failures in a row make one failing."""


KINDS: Final = frozenset({FindingKind.HARVEST_FAILING, FindingKind.HARVEST_HELD})
"""What may be found about a source."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRecord:
    """How a source has answered of late.

    Attributes:
        failures: failed runs since the last good one.
        last: its last ended run.
    """

    source_id: SourceId
    organ_id: OrganId
    failures: int
    last: HarvestRun


def unreliable(record: SourceRecord, failing_after: int) -> Condition | None:
    """Say what is wrong with a source; one alarm a source, however many entries it has.

    Args:
        record: how it has answered of late.
        failing_after: failed runs in a row after which it counts as failing.
    """
    if record.last.is_waiting:
        return _condition(record, FindingKind.HARVEST_HELD)
    return _condition(record, FindingKind.HARVEST_FAILING) if record.failures >= failing_after else None


def subject_of(source_id: SourceId) -> str:
    """Return what findings about a source are about."""
    return f"source:{source_id}"


def _condition(record: SourceRecord, kind: FindingKind) -> Condition:
    last, problem = record.last, record.last.problem
    words = f"{problem.code} {problem.value}".rstrip() if problem else ""
    return Condition(
        kind=kind,
        subject=subject_of(record.source_id),
        organ_id=record.organ_id,
        rule=ANSWERS,
        evidence=(("last_run_on", last.started_at.astimezone(CITY_ZONE).date().isoformat()), ("problem", words)),
    )
