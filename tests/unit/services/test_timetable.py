"""Plans of sources: cron in the city's zone, refused in words where it is none, each source a little later."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from catalogue_app.domain.clock import CITY_ZONE
from catalogue_app.domain.errors import InvalidInput
from catalogue_app.services.timetable import Timetable, check_schedule
from tests.builders import NOW, a_source, harvest_rules

PUNCTUAL = Timetable(harvest_rules(start_spread=timedelta(0)))


def city(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=CITY_ZONE)  # type: ignore[arg-type, misc]  # year to minute


def planned(schedule: str, after: datetime) -> datetime:
    return PUNCTUAL.next_planned(a_source(options={"schedule": schedule}), after)


@pytest.mark.parametrize(
    ("schedule", "after", "next_at"),
    [
        ("30 2 * * *", city(2026, 11, 25, 2, 29), city(2026, 11, 25, 2, 30)),
        ("30 2 * * *", city(2026, 11, 25, 2, 30), city(2026, 11, 26, 2, 30)),
        ("0 3 1 * *", city(2026, 11, 25, 0, 0), city(2026, 12, 1, 3, 0)),
        ("0 3 * * mon", city(2026, 11, 25, 0, 0), city(2026, 11, 30, 3, 0)),
        ("0 3 * * 0", city(2026, 11, 25, 0, 0), city(2026, 11, 29, 3, 0)),
        ("0 3 * * 7", city(2026, 11, 25, 0, 0), city(2026, 11, 29, 3, 0)),
        ("0 3 13 * fri", city(2026, 11, 25, 0, 0), city(2026, 11, 27, 3, 0)),
        ("*/15 9-17 * * 1-5", city(2026, 11, 27, 17, 46), city(2026, 11, 30, 9, 0)),
        ("0 0 29 2 *", city(2026, 11, 25, 0, 0), city(2028, 2, 29, 0, 0)),
    ],
)
def test_a_schedule_is_read_in_the_citys_zone(schedule: str, after: datetime, next_at: datetime) -> None:
    assert planned(schedule, after) == next_at


def test_a_time_missed_for_days_comes_once() -> None:
    assert planned("0 2 * * *", city(2026, 11, 25, 9, 0)) == city(2026, 11, 26, 2, 0)


@pytest.mark.parametrize(
    ("schedule", "code", "named"),
    [
        ("daily", "schedule_fields", "1"),
        ("@daily", "schedule_fields", "1"),
        ("0 2 * * * *", "schedule_fields", "6"),
        ("60 2 * * *", "schedule_field", "minute"),
        ("0 24 * * *", "schedule_field", "hour"),
        ("0 2 0 * *", "schedule_field", "day of month"),
        ("0 2 l * *", "schedule_field", "day of month"),
        ("0 2 * 13 *", "schedule_field", "month"),
        ("0 2 * * 星期一", "schedule_field", "day of week"),
        ("0 2 * * mon#1", "schedule_field", "day of week"),
        ("h 2 * * *", "schedule_field", "minute"),
        ("0 2 30 2 *", "schedule_never", "30 2"),
    ],
)
def test_what_is_no_schedule_is_refused_in_words(schedule: str, code: str, named: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        check_schedule(schedule)
    assert refusal.value.code == code
    assert named in map(str, refusal.value.parameters.values()) or named in str(refusal.value)


def test_sources_of_one_schedule_start_one_by_one_within_the_spread() -> None:
    timetable, at = Timetable(harvest_rules()), city(2026, 11, 25, 2, 0)
    sources = [a_source(options={"schedule": "0 2 * * *"}) for _ in range(300)]
    starts = [timetable.next_planned(source, at - timedelta(hours=1)) for source in sources]
    assert all(at <= start < at + timedelta(minutes=10) for start in starts)
    assert max(Counter(start.replace(microsecond=0) for start in starts).values()) < 10


def test_a_source_keeps_its_own_moment_from_day_to_day() -> None:
    timetable, source = Timetable(harvest_rules()), a_source(options={"schedule": "0 2 * * *"})
    first = timetable.next_planned(source, NOW)
    assert timetable.next_planned(source, first) == first + timedelta(days=1)
    assert timetable.next_planned(source, first - timedelta(microseconds=1)) == first


def test_short_periods_are_not_drowned_in_the_spread() -> None:
    timetable, at = Timetable(harvest_rules()), city(2026, 11, 25, 2, 0)
    source = a_source(options={"schedule": "*/5 * * * *"})
    assert timetable.next_planned(source, at - timedelta(seconds=1)) < at + timedelta(seconds=30)


def test_hours_are_counted_from_the_time_last_planned() -> None:
    source = a_source(options={"every_hours": "6"}, planned_at=NOW)
    late = NOW + timedelta(hours=13, minutes=7)
    assert PUNCTUAL.next_planned(source, late) == NOW + timedelta(hours=18)
    assert PUNCTUAL.next_planned(a_source(options={"every_hours": "6"}), NOW) == NOW + timedelta(hours=6)
