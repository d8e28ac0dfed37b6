"""Running numbers of entries: every tier counts for itself, so that no gap below tells of what lies above (art. 8)."""

from collections.abc import Mapping
from typing import Final

from catalogue_app.domain.vocabulary import Tier

SERIES: Final[Mapping[Tier, range]] = {
    Tier.PORTAL: range(1, 70_000_000),
    Tier.EXTRANET: range(70_000_000, 90_000_000),
    Tier.INTRANET: range(90_000_000, 100_000_000),
}
"""The numbers that entries of each tier are given, in their order, when they are new. Codes have eight digits."""


def place_in_series(serial: int) -> int:
    """Return the place of a running number among all, as if the series took turns: 1 and up, unlike for each number.

    Sorting by it puts of two entries of one series the newer after the older, and of two series neither.
    """
    turn, numbers = next((turn, numbers) for turn, numbers in enumerate(SERIES.values()) if serial in numbers)
    return (serial - numbers.start) * len(SERIES) + turn + 1
