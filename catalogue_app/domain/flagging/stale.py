"""Timeliness (art. 13): content overdue against its declared update cycle, and irregular content nobody confirms."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum, unique
from typing import Final, final

from catalogue_app.domain.calendar import add_months
from catalogue_app.domain.finding import Condition, FindingKind
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.vocabulary import UpdateCycle

_CONFIRM_PERIOD: Final = "P1Y"
"""Irregular content is confirmed by its organ once a year."""

_RENEWS: Final = "R80"
"""Row of `config/rules/deadlines.csv`: content follows its declared cycle."""

_LAST_YEAR: Final = 2200
"""Days beyond it are slips of the pen, and no period is added to them."""

_PERIOD: Final = re.compile(r"P(?:(\d{1,3})Y)?(?:(\d{1,3})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T\S+)?")


@unique
class FreshnessState(StrEnum):
    """How content stands on one day."""

    FRESH = "fresh"
    DUE = "due"
    """Past its due day, still within grace."""
    STALE = "stale"
    UNCONFIRMED = "unconfirmed"
    """Irregular, and nobody confirmed it within a year and grace."""
    UNKNOWN = "unknown"
    """Cycle or day of the last change is not known: neither on time nor late."""


_KINDS: Final[Mapping[FreshnessState, FindingKind]] = {
    FreshnessState.STALE: FindingKind.STALE,
    FreshnessState.UNCONFIRMED: FindingKind.UNCONFIRMED,
}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CycleRule:
    """What a cycle means in days; a row of `config/vocabularies/update_cycle.csv`.

    Attributes:
        period: calendar period between two changes, ISO 8601 (`P1M`); empty where no day is due.
        grace_days: calendar days after the due day before the content is stale.
    """

    period: str
    grace_days: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How content stands.

    Attributes:
        due_on: last day on which the next change is on time; None when no day is due.
        stale_from: first day on which it is stale or unconfirmed; None when it never is.
    """

    state: FreshnessState
    due_on: date | None = None
    stale_from: date | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What timeliness looks at in one entry.

    Attributes:
        code: of the entry.
        period: explicit ISO 8601 period, where the cycle is `other`.
        changed_on: day of the last change of the content, see `content_day`.
        confirmed_on: day its organ last confirmed it unchanged.
    """

    code: str
    organ_id: OrganId
    cycle: UpdateCycle | None
    period: str = ""
    changed_on: date | None = None
    confirmed_on: date | None = None


def content_day(updated_on: date | None, issued_on: date | None) -> date | None:
    """Return the day an organ's content last changed, by the organ's own word (decision 11).

    Where it names no day of the last change (数据更新日期), the content is as old as its publication (发布日期):
    leaving one date out silences nothing.
    """
    return updated_on or issued_on


def overdue(content: Content, day: date, rules: Mapping[UpdateCycle, CycleRule]) -> Condition | None:
    """Say that content is stale or unconfirmed on a day, with the days it counts from; None when it is neither."""
    cycle, since = content.cycle, content.changed_on
    found = freshness(cycle, since, content.confirmed_on, day, rules, content.period)
    kind = _KINDS.get(found.state)
    if kind is None or cycle is None:
        return None
    days = {"changed_on": since, "confirmed_on": content.confirmed_on, "stale_from": found.stale_from}
    dated = tuple((name, known.isoformat()) for name, known in days.items() if known is not None)
    return Condition(
        kind=kind,
        subject=f"entry:{content.code}",
        organ_id=content.organ_id,
        rule=_RENEWS,
        evidence=(("update_cycle", f"{cycle} {content.period}".rstrip()), *dated),
        due_on=found.due_on,
        entry_code=content.code,
    )


def freshness(
    cycle: UpdateCycle | None,
    updated_on: date | None,
    confirmed_on: date | None,
    day: date,
    rules: Mapping[UpdateCycle, CycleRule],
    period: str = "",
) -> Freshness:
    """Judge content on a day.

    The clock runs on the day of the last change of the *content*, or the day its organ last confirmed it unchanged,
    whichever is later; never on an edit of its description, and never on a harvest.

    Args:
        cycle: declared cycle; None when the organ said nothing.
        updated_on: day of the last change of the content.
        confirmed_on: day its organ last confirmed it unchanged.
        day: the day it is judged by.
        rules: what each cycle means.
        period: explicit ISO 8601 period, where the cycle is `other`.
    """
    if cycle is UpdateCycle.ONCE:
        return Freshness(state=FreshnessState.FRESH)
    since = max((known for known in (updated_on, confirmed_on) if known is not None), default=None)
    if cycle is None or since is None:
        return Freshness(state=FreshnessState.UNKNOWN)
    rule = rules[cycle]
    late = FreshnessState.STALE
    wanted = period if cycle is UpdateCycle.OTHER else rule.period
    if cycle is UpdateCycle.IRREGULAR:
        wanted, late = _CONFIRM_PERIOD, FreshnessState.UNCONFIRMED
    due = _step(since, wanted)
    if due is None:
        return Freshness(state=FreshnessState.UNKNOWN)
    stale_from = due + timedelta(days=rule.grace_days + 1)
    return Freshness(state=_state(day, due, stale_from, late), due_on=due, stale_from=stale_from)


def _state(day: date, due: date, stale_from: date, late: FreshnessState) -> FreshnessState:
    if day >= stale_from:
        return late
    return FreshnessState.DUE if day > due else FreshnessState.FRESH


def _step(day: date, period: str) -> date | None:
    """Return the day one period later; None where the text is no period. Hours and less count as the same day."""
    found = _PERIOD.fullmatch(period)
    if found is None or period == "P" or day.year > _LAST_YEAR:
        return None
    years, months, weeks, days = (int(part or 0) for part in found.groups())
    return add_months(day, years * 12 + months) + timedelta(weeks=weeks, days=days)
