"""How numbers, days and number formats of spreadsheet cells are written as text.

A day that the program shows as a day becomes ISO 8601; a bare number stays a number, and only the column it stands in
can say later that it was a serial day number.
"""

import math
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Final, NamedTuple

FIRST_SERIAL: Final = 61
"""1900-03-01. Day 60 is the false 1900-02-29, and programs do not agree on the days before it."""

LAST_SERIAL: Final = 2_958_465
"""9999-12-31, the last day spreadsheet programs know."""

_FROM_1900: Final = datetime(1899, 12, 30, tzinfo=UTC)
_FROM_1904: Final = datetime(1904, 1, 1, tzinfo=UTC)
_SILENT: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
"""Parts of a number format that are not codes: quoted text, escapes, colours and conditions, padding."""


class NumberFormat(NamedTuple):
    """What of a number format changes the text: whether it shows a day, and to how many digits zeros are put before."""

    is_date: bool = False
    digits: int = 0


PLAIN: Final = NumberFormat()


@cache
def format_of(code: str) -> NumberFormat:
    """Read a number format code such as `yyyy-mm-dd` or `000000`."""
    if re.fullmatch(r"0{2,30}", code):
        return NumberFormat(digits=len(code))
    shown = _SILENT.sub("", code.split(";", maxsplit=1)[0]).lower()
    return NumberFormat(is_date="general" not in shown and re.search(r"[dmyhse]", shown) is not None)


def cell_number(value: float, shown_as: NumberFormat, *, from_1904: bool = False) -> str:
    """Write a number as its cell shows it: a day as day, other numbers in full digits without a needless `.0`."""
    if shown_as.is_date and (text := serial_text(value, from_1904=from_1904)):
        return text
    return number_text(value).zfill(shown_as.digits)


def number_text(value: float) -> str:
    """Write a number in full digits: 3.0 as `3`, 1e21 as a 1 with 21 zeros."""
    if not math.isfinite(value):
        return ""
    if value % 1 == 0 and abs(value) < 2**53:
        return str(int(value))
    text = f"{Decimal(repr(value)):f}"
    return text.removesuffix(".0")


def serial_text(value: float, *, from_1904: bool = False) -> str:
    """Write a serial day number as ISO 8601 day, with the time where it has one; empty where it is no certain day."""
    first = 1 if from_1904 else FIRST_SERIAL
    if not first <= value <= LAST_SERIAL - 1462 * from_1904:
        return ""
    seconds = round(value * 86_400)
    moment = (_FROM_1904 if from_1904 else _FROM_1900) + timedelta(seconds=seconds)
    return f"{moment:%Y-%m-%d}" if seconds % 86_400 == 0 else f"{moment:%Y-%m-%d %H:%M:%S}"
