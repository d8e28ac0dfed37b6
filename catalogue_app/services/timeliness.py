"""Put the rule of timeliness (art. 13) to use on one day: for single entries, and as days a database can compare."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final, final

from catalogue_app.domain.entry import Entry
from catalogue_app.domain.flagging.stale import CycleRule, Freshness, FreshnessState, content_day, freshness
from catalogue_app.domain.vocabulary import UpdateCycle
from catalogue_app.persistence.reports import LastLateDays, Rhythm

_OLDEST: Final = date(1900, 1, 1)
"""Content older than this is as late as content of this day."""


@final
class Timekeeper:
    """Judges entries on one day."""

    def __init__(self, cycles: Mapping[UpdateCycle, CycleRule], day: date) -> None:
        self._cycles: Final = cycles
        self._day: Final = day

    def judge(self, entry: Entry) -> Freshness:
        """Judge one entry."""
        said = entry.metadata
        changed_on = content_day(said.updated_on, said.issued_on)
        return freshness(said.update_cycle, changed_on, entry.confirmed_on, self._day, self._cycles, said.update_period)

    def last_late_days(self, own_periods: Iterable[str]) -> LastLateDays:
        """Return for each rhythm the last content day that is late on this day.

        A later change is never later than an earlier one, so that the border is found by halving.
        """
        rhythms: list[Rhythm] = [(cycle, "") for cycle in UpdateCycle if cycle is not UpdateCycle.OTHER]
        rhythms += [(UpdateCycle.OTHER, period) for period in own_periods]
        borders = ((rhythm, self._border(rhythm)) for rhythm in rhythms)
        return {rhythm: border for rhythm, border in borders if border is not None}

    def _border(self, rhythm: Rhythm) -> date | None:
        if not self._is_late(rhythm, _OLDEST):
            return None
        days = range(_OLDEST.toordinal(), self._day.toordinal() + 1)
        first_good = bisect_left(days, True, key=lambda day: not self._is_late(rhythm, date.fromordinal(day)))  # noqa: FBT003 — the value sought
        return date.fromordinal(days[first_good - 1])

    def _is_late(self, rhythm: Rhythm, changed_on: date) -> bool:
        cycle, period = rhythm
        found = freshness(cycle, changed_on, None, self._day, self._cycles, period)
        return found.state is FreshnessState.STALE
