"""When a source is harvested next: by its plan, later after failures, never all in one second; due-ness is a value."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, final

from catalogue_app.domain.harvest import HarvestRun, RunState
from catalogue_app.domain.source import Source

INTERRUPTED: Final = "interrupted"
"""Problem of a run that ended with our own process; it says nothing about the source."""

_RETRY_SPREAD: Final = 0.25
"""Share of a retry's wait that chance may add, so that sources of one broken host do not come back together."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestRules:
    """Numbers of harvesting, rows of `config/rules/harvest.csv`.

    Attributes:
        first_retry: wait after the first failure; it doubles with every further one.
        longest_retry: cap of that wait, and of what a server may ask for.
        start_spread: within so long after its planned time a source starts, each at a moment of its own.
        full_read: after so long a page is read unconditionally, whatever the server says about its changes.
        kept_runs: ended runs of a source whose details are kept, counted from the last.
        kept_days: days for which the details of every run are kept.
        kept_changes_days: days for which the details of a run that changed something are kept.
        kept_upload_days: days for which uploaded tables are kept after the last that happened to them, and files that
            were handed in and that no source names.
    """

    first_retry: timedelta
    longest_retry: timedelta
    start_spread: timedelta
    full_read: timedelta
    kept_runs: int
    kept_days: int
    kept_changes_days: int
    kept_upload_days: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """When a source is harvested next, and why then.

    Attributes:
        due_at: when the schedule takes it up.
        planned_at: when its plan would; differs from `due_at` while it is tried again after a failure.
        failures: failed runs since the last good one.
    """

    due_at: datetime
    planned_at: datetime
    failures: int


def next_turn(
    source: Source,
    ended: HarvestRun,
    planned_at: datetime,
    rules: HarvestRules,
    not_before: datetime | None = None,
) -> Turn:
    """Decide what follows a run.

    A good run, a held one too, sets the failures back: the source did answer. After a failed one the source is tried
    again after `first_retry`, doubling with every failure up to `longest_retry`, whatever its plan says. A run that a
    person cancelled, or that ended with our own process, changes nothing.

    Args:
        source: as it stood before the run ended.
        ended: the run, closed.
        planned_at: the first time of the source's plan after the run.
        rules: the numbers.
        not_before: when the source itself asked to be asked again; held to `longest_retry`.
    """
    if ended.state in {RunState.COMPLETE, RunState.HELD}:
        return Turn(due_at=planned_at, planned_at=planned_at, failures=0)
    if ended.state is not RunState.ABORTED or (ended.problem is not None and ended.problem.code == INTERRUPTED):
        return Turn(due_at=planned_at, planned_at=planned_at, failures=source.failures)
    failures = source.failures + 1
    ended_at = ended.finished_at or ended.started_at
    again_at = ended_at + retry_wait(source, failures, rules)
    if not_before is not None:
        again_at = max(again_at, min(not_before, ended_at + rules.longest_retry))
    return Turn(due_at=again_at, planned_at=planned_at, failures=failures)


def retry_wait(source: Source, failures: int, rules: HarvestRules) -> timedelta:
    """Return how long a source that failed so often in a row is left alone; the same whenever it is asked."""
    doublings = min(failures - 1, 30)
    plain: timedelta = min(rules.first_retry * (1 << doublings), rules.longest_retry)
    return min(plain * (1 + _RETRY_SPREAD * share(source, f"retry {failures}")), rules.longest_retry)


def share(source: Source, occasion: str) -> float:
    """Return a number in [0, 1) that is a source's own on an occasion: chance that does not change when asked twice."""
    digest = hashlib.blake2b(source.id.bytes + occasion.encode(), digest_size=8).digest()
    return int.from_bytes(digest) / (1 << 64)


def next_in_step(anchor: datetime, period: timedelta, after: datetime) -> datetime:
    """Return the first of `anchor`, `anchor + period`, … after an instant; times that were missed are left out."""
    if anchor > after:
        return anchor
    return anchor + ((after - anchor) // period + 1) * period
