"""Working days from the official holiday table, and calendar steps of months and years."""

import calendar as _gregorian
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, final

from catalogue_app.domain.errors import CatalogueError

_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5


class CalendarMissing(CatalogueError):
    """The holiday table does not cover the year asked for; guessing would be wrong both ways."""

    code = "calendar_missing"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingCalendar:
    """The State Council's yearly notices: which weekdays rest and which weekend days work.

    Attributes:
        years: years the table covers.
        rest_days: weekdays or weekend days off by the notice.
        make_up_days: weekend days that are worked.
    """

    years: frozenset[int]
    rest_days: AbstractSet[date]
    make_up_days: AbstractSet[date]

    def is_working_day(self, day: date) -> bool:
        """Say whether administrative organs work on a day.

        Raises:
            CalendarMissing: the table does not cover its year.
        """
        if day.year not in self.years:
            raise CalendarMissing(year=day.year)
        if day in self.make_up_days:
            return True
        return day.weekday() < _SATURDAY and day not in self.rest_days

    def add_working_days(self, received_on: date, count: int) -> date:
        """Return the last day of a limit in working days; the day of receipt is not counted.

        Raises:
            CalendarMissing: the limit reaches into a year the table does not cover.
        """
        day = received_on
        for _ in range(count):
            day += _DAY
            while not self.is_working_day(day):
                day += _DAY
        return day


def add_months(day: date, months: int) -> date:
    """Return the same day some months later, clamped to the end of its month (31 January + 1 = 28 or 29 February)."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, _gregorian.monthrange(year, month)[1]))
