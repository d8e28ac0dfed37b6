"""Who may have an entry, as its cells say: sharing between organs, opening to the public, network tier."""

from itertools import zip_longest
from typing import Final

from catalogue_app.domain.metadata import SharingMethod
from catalogue_app.domain.vocabulary import OpenType, SharingType, Tier
from harvesters.fields import Readings
from harvesters.sheet_cells import Cells
from harvesters.sheet_elements import is_condition, listed, secrecy_of

_BY_RESTRICTION: Final = (OpenType.OPEN, OpenType.CONDITIONAL, OpenType.NONE)
_BY_WIDTH: Final = (SharingType.UNCONDITIONAL, SharingType.CONDITIONAL, SharingType.NONE)


def sharing_type_of(cells: Cells, readings: Readings) -> SharingType | None:
    """Read the sharing type; where its items differ, the widest, for no item is shared wider than its entry (8.7)."""
    types = {cells.take(readings.sharing_type(text)) for text in cells.texts("sharing_type")}
    return next((kind for kind in _BY_WIDTH if kind in types), None)


def sharing_methods_of(cells: Cells, readings: Readings) -> tuple[SharingMethod, ...]:
    """Read the ways of sharing: the cells for class and type, several in one cell pair up in order."""
    classes, types = (listed(cells.texts(element)) for element in ("sharing_method", "sharing_method_type"))
    if len(classes) == 1:
        classes *= max(1, len(types))
    pairs = zip_longest(classes, types)
    methods = [cells.take(readings.sharing_method(method, kind)) for method, kind in pairs]
    return tuple(dict.fromkeys(method for method in methods if method))


def open_type_of(cells: Cells, readings: Readings) -> OpenType | None:
    """Read the opening attribute from 开放类型 and 是否向社会开放.

    Where the two contradict each other, or rows of one entry differ, the stricter one counts.
    """
    types = _opening(cells, readings, "open_type")
    flags = _opening(cells, readings, "is_open")
    strictest = _strictest(types or flags)
    if types and flags and (OpenType.NONE in flags) != (strictest is OpenType.NONE):
        cells.note("open_type", f"{cells.text('is_open')} / {cells.text('open_type')}", "contradicting_values")
        return OpenType.NONE
    if strictest is OpenType.OPEN and not cells.has_column("open_type") and is_condition(cells.text("open_condition")):
        return OpenType.CONDITIONAL
    return strictest


def declared_tier_of(cells: Cells, readings: Readings) -> Tier | None:
    """Read the tier an organ declares, by network or by a mark of secrecy; the higher one counts."""
    declared = cells.read("network_tier", readings.network_tier)
    secret = secrecy_of(cells.text("secrecy"))
    return secret or declared


def _opening(cells: Cells, readings: Readings, element: str) -> set[OpenType]:
    read = (cells.take(readings.open_type(text)) for text in cells.texts(element))
    return {kind for kind in read if kind}


def _strictest(types: set[OpenType]) -> OpenType | None:
    return max(types, key=_BY_RESTRICTION.index, default=None)
