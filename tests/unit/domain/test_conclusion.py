"""When absence is long enough and a hold is over: working days of the city, never a guess beyond the calendar."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from catalogue_app.domain.calendar import WorkingCalendar
from tests.builders import RULES

RESTING = replace(
    RULES,
    absence_grace=3,
    hold_days=2,
    calendar=WorkingCalendar(
        years=frozenset({2026}), rest_days=frozenset({date(2026, 5, 4), date(2026, 5, 5)}), make_up_days=frozenset()
    ),
)
"""Three working days of grace, two to decide, and a holiday on Monday 4 and Tuesday 5 May 2026."""


def at(day: int, hour: int = 4, month: int = 5) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (at(12), datetime(2026, 5, 6, 16, tzinfo=UTC)),  # missing since Wednesday 6: Thursday, Friday, Monday are over
        (at(11), datetime(2026, 5, 5, 16, tzinfo=UTC)),  # Tuesday 5: Wednesday, Thursday, Friday are over
        (at(8), datetime(2026, 4, 30, 16, tzinfo=UTC)),  # Thursday 30 April: the holiday does not count
        (at(11, 16), datetime(2026, 5, 6, 16, tzinfo=UTC)),  # in the city it is Tuesday 12 already
    ],
)
def test_grace_is_counted_in_working_days_of_the_city(now: datetime, before: datetime) -> None:
    assert RESTING.lapsed_before(now) == before


def test_nothing_lapses_where_the_calendar_ends() -> None:
    assert RESTING.lapsed_before(datetime(2027, 3, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize(("now", "expected"), [(at(6), False), (at(7, 15), False), (at(7, 16), True), (at(8), True)])
def test_a_hold_is_over_after_its_last_day(now: datetime, *, expected: bool) -> None:
    held_at = at(5)
    assert RESTING.hold_ends_on(held_at) == date(2026, 5, 7)
    assert RESTING.has_expired(held_at, now) is expected


def test_a_hold_whose_last_day_nobody_knows_goes_on() -> None:
    assert not RESTING.has_expired(at(31, month=12), datetime(2027, 6, 1, tzinfo=UTC))
