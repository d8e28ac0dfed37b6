"""Plans of sources: cron expressions in the city's time, or so many hours; nothing drifts."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final, final

from croniter import CroniterBadDateError, croniter

from catalogue_app.domain.clock import CITY_ZONE
from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.schedule import HarvestRules, next_in_step, share
from catalogue_app.domain.source import Source

_FIELDS: Final = ("minute", "hour", "day of month", "month", "day of week")
_FIELD: Final = re.compile(
    r"(?:[\d*/,-]|mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)+", re.IGNORECASE
)
"""What crontab(5) knows: further letters are extensions of one library, and a plan must read the same everywhere."""

_SPREAD_SHARE: Final = 0.1
"""A source never starts later than this share of its period, however long the spread is."""


@final
class Timetable:
    """Says when sources come next by their plans."""

    def __init__(self, rules: HarvestRules) -> None:
        self._rules: Final = rules

    def next_planned(self, source: Source, after: datetime) -> datetime:
        """Return the first planned time of a source after an instant.

        With a `schedule` it is the next time its expression names, in the city's zone, plus the source's own small
        delay. Without one it is a whole number of `every_hours` after the time last planned. Times that passed while
        nobody looked are not made up for: whoever was missed runs once.
        """
        if source.schedule is None:
            return next_in_step(source.planned_at or after, timedelta(hours=source.every_hours), after)
        first = _next(source.schedule, after)
        gap = _next(source.schedule, first) - first
        delay = min(self._rules.start_spread, gap * _SPREAD_SHARE) * share(source, "start")
        return _next(source.schedule, after - delay) + delay


def check_schedule(expression: str) -> None:
    """Refuse what is no cron expression of five fields, or names a day that never comes.

    Raises:
        InvalidInput: says what is wrong with which field.
    """
    fields = expression.split()
    if len(fields) != len(_FIELDS):
        raise InvalidInput("schedule_fields", value=expression, count=len(fields))
    for place, name in enumerate(_FIELDS):
        alone = ["*"] * len(_FIELDS)
        alone[place] = fields[place]
        if not _FIELD.fullmatch(fields[place]) or not croniter.is_valid(" ".join(alone)):
            raise InvalidInput("schedule_field", value=fields[place], field=name)
    try:
        _next(expression, datetime(2026, 1, 1, tzinfo=UTC))
    except CroniterBadDateError as error:
        raise InvalidInput("schedule_never", value=expression) from error


def _next(expression: str, after: datetime) -> datetime:
    found: datetime = croniter(expression, after.astimezone(CITY_ZONE)).get_next(datetime)
    return found.astimezone(UTC)
