"""What runs may conclude in time: when an absent entry is withdrawn, and how long a held run waits (R83 … R85)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum, unique
from typing import Final, final

from catalogue_app.domain.calendar import CalendarMissing, WorkingCalendar
from catalogue_app.domain.clock import CITY_ZONE

ABSENCE_RUNS: Final = "R84"
ABSENCE_GRACE: Final = "R85"
HOLD_TIME: Final = "R86"
"""Rows of `config/rules/deadlines.csv`."""

_DAY: Final = timedelta(days=1)


@unique
class WithdrawalReason(StrEnum):
    """Why an entry was withdrawn."""

    VANISHED = "vanished_at_source"
    """Complete runs no longer saw it, for longer than the grace."""
    UNDONE = "run_undone"
    """The run that added it was undone."""
    BELOW = "gone_below"
    """The deployment of a lower tier that it came from withdrew it, or shows it no longer."""
    DECIDED = "decided"
    """A person withdrew it."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ConclusionRules:
    """The numbers of `config/rules/deadlines.csv`, with the calendar they are counted by.

    Attributes:
        absence_runs: complete runs in a row that must not see an entry before it is withdrawn.
        absence_grace: working days it must be missing for as well.
        hold_days: working days a held run waits for a person.
        calendar: which days are worked.
    """

    absence_runs: int
    absence_grace: int
    hold_days: int
    calendar: WorkingCalendar

    def lapsed_before(self, now: datetime) -> datetime | None:
        """Return the instant since before which an entry must be missing to be past grace.

        None where the calendar does not cover the days: then nothing is withdrawn, which harms nobody.
        """
        today = now.astimezone(CITY_ZONE).date()
        day = today - _DAY
        while (last := self._last_day(day, self.absence_grace)) is not None and last >= today:
            day -= _DAY
        return None if last is None else _beginning_of(day + _DAY)

    def hold_ends_on(self, held_at: datetime) -> date | None:
        """Return the last day on which a held run may be decided; None where the calendar does not cover it yet."""
        return self._last_day(held_at.astimezone(CITY_ZONE).date(), self.hold_days)

    def has_expired(self, held_at: datetime, now: datetime) -> bool:
        """Say whether the time to decide about a held run is over."""
        last = self.hold_ends_on(held_at)
        return last is not None and now.astimezone(CITY_ZONE).date() > last

    def _last_day(self, first: date, working_days: int) -> date | None:
        try:
            return self.calendar.add_working_days(first, working_days)
        except CalendarMissing:
            return None


def _beginning_of(day: date) -> datetime:
    return datetime.combine(day, time.min, CITY_ZONE)
