"""Working days follow the official table, months are clamped to their ends, and a missing year is said."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.calendar import CalendarMissing, WorkingCalendar, add_months
from catalogue_app.domain.flagging.stale import FreshnessState, freshness
from catalogue_app.domain.vocabulary import UpdateCycle
from catalogue_app.reference import load_reference

REFERENCE = load_reference(Path(__file__).parents[3] / "config")
CALENDAR: WorkingCalendar = REFERENCE.calendar


def test_every_worked_case_of_working_days_holds(shared_reference: Path) -> None:
    with (shared_reference / "cases_working_days.csv").open(encoding="utf-8", newline="") as file:
        cases = list(csv.DictReader(file))
    assert len(cases) == 16
    for case in cases:
        received, count = date.fromisoformat(case["received_on"]), int(case["working_days"])
        if case["last_day"].startswith("unknown"):
            with pytest.raises(CalendarMissing, match="2027"):
                CALENDAR.add_working_days(received, count)
        else:
            assert CALENDAR.add_working_days(received, count).isoformat() == case["last_day"], case


def test_every_worked_case_of_update_cycles_holds(shared_reference: Path) -> None:
    with (shared_reference / "cases_update_cycle.csv").open(encoding="utf-8", newline="") as file:
        cases = list(csv.DictReader(file))
    assert len(cases) == 21
    for case in cases:
        cycle, updated = UpdateCycle(case["update_cycle"]), date.fromisoformat(case["last_updated"])
        found = freshness(cycle, updated, None, date(2026, 11, 22), REFERENCE.cycles)
        due = found.due_on.isoformat() if found.due_on else ""
        stale_from = found.stale_from.isoformat() if found.stale_from else "never"
        assert (due, stale_from, found.state.value) == (
            case["due_on"],
            case["stale_from"],
            case["state_on_2026_11_22"],
        ), case


@given(st.dates(date(2025, 1, 1), date(2026, 10, 31)), st.integers(1, 20))
def test_a_limit_ends_on_a_working_day_and_counts_exactly_so_many(received: date, count: int) -> None:
    last = CALENDAR.add_working_days(received, count)
    span = [received + timedelta(days=step) for step in range(1, (last - received).days + 1)]
    assert CALENDAR.is_working_day(last)
    assert sum(map(CALENDAR.is_working_day, span)) == count


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 240))
def test_months_keep_the_day_or_the_end_of_the_month(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later + timedelta(days=1)).day == 1)


@given(
    st.sampled_from(UpdateCycle),
    st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    st.integers(0, 400),
)
def test_time_alone_never_makes_content_fresher(cycle: UpdateCycle, updated: date, day: date, more: int) -> None:
    order = [FreshnessState.FRESH, FreshnessState.DUE, FreshnessState.STALE, FreshnessState.UNCONFIRMED]
    now = freshness(cycle, updated, None, day, REFERENCE.cycles).state
    later = freshness(cycle, updated, None, day + timedelta(days=more), REFERENCE.cycles).state
    if now is not FreshnessState.UNKNOWN:
        assert order.index(later) >= order.index(now)


def test_content_of_unknown_date_or_cycle_is_neither_on_time_nor_late() -> None:
    day = date(2026, 11, 22)
    assert freshness(None, day, None, day, REFERENCE.cycles).state is FreshnessState.UNKNOWN
    assert freshness(UpdateCycle.MONTHLY, None, None, day, REFERENCE.cycles).state is FreshnessState.UNKNOWN
    assert freshness(UpdateCycle.OTHER, day, None, day, REFERENCE.cycles).state is FreshnessState.UNKNOWN


def test_a_confirmation_restarts_the_clock() -> None:
    long_ago, day = date(2024, 1, 1), date(2026, 11, 22)
    assert freshness(UpdateCycle.IRREGULAR, long_ago, day, day, REFERENCE.cycles).state is FreshnessState.FRESH


def test_an_explicit_period_counts_for_other_cycles() -> None:
    found = freshness(UpdateCycle.OTHER, date(2024, 1, 31), None, date(2026, 1, 31), REFERENCE.cycles, "P2Y")
    assert (found.state, found.due_on) == (FreshnessState.FRESH, date(2026, 1, 31))


@pytest.mark.parametrize("period", ["", "P", "PT", "two weeks", "P1X", "P99999D"])
def test_a_strange_period_is_unknown_or_far_and_never_a_crash(period: str) -> None:
    found = freshness(UpdateCycle.OTHER, date(9999, 12, 1), None, date(2026, 1, 1), REFERENCE.cycles, period)
    assert found.state in {FreshnessState.UNKNOWN, FreshnessState.FRESH}
