"""Time as an argument: the clock that is handed in, and the city's own day."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
"""Returns the present instant, aware, in UTC."""

CITY_ZONE: Final = ZoneInfo("Asia/Shanghai")
"""Legal days begin and end by this zone."""


def today(clock: Clock) -> date:
    """Return the city's present day."""
    return clock().astimezone(CITY_ZONE).date()
