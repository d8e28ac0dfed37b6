"""Dates as organs write them: many forms, none guessed.

Every reader returns a date, or the reason why there is none: a code of `config/messages/problems.csv`.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

from catalogue_app.domain.text import remembered

_SHANGHAI: Final = timezone(timedelta(hours=8))
_EARLIEST_YEAR: Final = 1000
FAR_FUTURE_YEAR: Final = 2099
"""2099 and 9999 are what is written for "for ever"; nearer years are judged against the day, by the profile check."""

_TIME: Final = r"""
    (?: (?:[T ]|\s*-\s*|日\s*)
        (?P<hour>\d{1,2}) [:时] (?P<minute>\d{1,2}) (?: [:分] (?P<second>\d{1,2}) (?:[.,]\d+)? 秒? )? 分?
        \s* (?:Z|UTC|GMT)? \s* (?P<zone>[+-]\d{2}:?\d{2})? )?
"""
_WEEKDAY: Final = r"(?: (?P<weekday>[a-z]{3,9}) \.? ,? \s+ )?"


def _form(*parts: str) -> re.Pattern[str]:
    return re.compile("".join(parts), re.VERBOSE | re.IGNORECASE)


_YEAR_FIRST: Final = _form(r"(?P<year>\d{4}) (?P<mark>[-/.]) (?P<month>\d{1,2}) (?P=mark) (?P<day>\d{1,2})", _TIME)
_CHINESE: Final = _form(r"(?P<year>\d{4}) \s*年\s* (?P<month>\d{1,2}) \s*月\s* (?P<day>\d{1,2}) \s*[日号號]?", _TIME)
_MINGUO: Final = _form(
    r"(?:中[華华])? 民[國国] \s* (?P<year>\d{2,3}) \s*[年./-]\s*",
    r"(?P<month>\d{1,2}) \s*[月./-]\s* (?P<day>\d{1,2}) \s*日?",
)
_COMPACT: Final = _form(
    r"(?P<year>\d{4}) (?P<month>\d{2}) (?P<day>\d{2})",
    r"(?: T? (?P<hour>\d{2}) (?P<minute>\d{2}) (?P<second>\d{2}) Z? )?",
)
_COMPACT_HOUR: Final = _form(
    r"(?P<year>199\d|20\d\d) (?P<month>0[1-9]|1[0-2]) (?P<day>0[1-9]|[12]\d|3[01])",
    r"(?P<hour>[01]\d|2[0-3]) (?P<minute>[0-5]\d)?",
)
"""As seconds since 1970 these would lie beyond 2033."""
_EPOCH: Final = re.compile(r"\d{10}|\d{13}")
_DAY_OR_MONTH_FIRST: Final = _form(
    _WEEKDAY,
    r"(?P<first>\d{1,2}) (?P<mark>[/.-]) (?P<next>\d{1,2}) (?P=mark) (?P<year>\d{4})",
    _TIME,
)
_DAY_THEN_NAME: Final = _form(
    _WEEKDAY,
    r"(?P<day>\d{1,2}) (?:st|nd|rd|th|er|º|\.)? [\s-]+ (?:de\s+)?",
    r"(?P<name>[a-z]{3,10}) \.? [\s,-]+ (?:del?\s+)? (?P<year>\d{4})",
    _TIME,
)
_NAME_THEN_DAY: Final = _form(
    _WEEKDAY,
    r"(?P<name>[a-z]{3,10}) \.? \s+ (?P<day>\d{1,2}) (?:st|nd|rd|th)? ,? \s+ (?P<year>\d{4})",
    _TIME,
)
_INCOMPLETE: Final = re.compile(r"\d{4}|\d{4}[-/.]\d{1,2}|\d{6}|\d{4}\s*年(\s*\d{1,2}\s*月)?")
_YEAR_OR_MONTH: Final = _form(
    r"(?P<year>\d{4}) (?: (?P<month>\d{2}) | (?: \s*年\s* | [-/.] ) (?P<written>\d{1,2}) \s*月? | \s*年 | [-/.] )?"
)
"""Five digits are neither: they are a day's number in a table."""
_LABEL: Final = re.compile(r"date (?:changed|created|updated)\s+", re.IGNORECASE)
"""DKAN puts it before the date."""

_MONTHS: Final = (
    ("jan", "ene"), ("feb", "fev"), ("mar",), ("apr", "avr", "abr"), ("may", "mai"), ("jun", "juin"),
    ("jul", "juil"), ("aug", "aou", "ago"), ("sep",), ("oct",), ("nov",), ("dec", "dic"),
)  # fmt: skip
"""First letters of the months' names in English, French and Spanish, accents gone."""

_WEEKDAYS: Final = (
    ("mon", "lun"), ("tue", "mar"), ("wed", "mer", "mie"), ("thu", "jeu", "jue"), ("fri", "ven", "vie"),
    ("sat", "sam", "sab"), ("sun", "dim", "dom"),
)  # fmt: skip


@remembered(4096)
def read_date(text: str, order: str = "") -> tuple[date | None, str]:
    """Read one day.

    The day is the one the source wrote; only instants without a calendar day (epoch seconds or milliseconds) are placed
    in Asia/Shanghai, where the catalogue's legal days are counted.

    Args:
        text: cleaned, not empty.
        order: `dmy` or `mdy` where the operator knows how the source writes 01/05/2023; empty: not guessed. A weekday
            beside it decides by itself.

    Returns:
        the date and an empty code; or no date and `not_a_date`, `ambiguous_date` or `incomplete_date`; or a date and
        `far_future_date`.
    """
    plain = _LABEL.sub("", _plain(text))
    for form, reader in _FORMS.items():
        if found := form.fullmatch(plain):
            return _judged(*reader(found, order)) if _is_time(found) else (None, "not_a_date")
    return None, "incomplete_date" if _INCOMPLETE.fullmatch(plain) else "not_a_date"


def read_bound(text: str, *, is_end: bool) -> date | None:
    """Read one end of a time range, where a year or month alone is exact: its first or its last day."""
    found = _YEAR_OR_MONTH.fullmatch(_plain(text))
    if found is None:
        return read_date(text)[0]
    year, month = int(found["year"]), int(found["month"] or found["written"] or (12 if is_end else 1))
    first = _day(year, month, 1)
    if first is None or not is_end:
        return first
    return _day(year, month, 31) or _day(year, month, 30) or _day(year, month, 29) or _day(year, month, 28)


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.strip())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _judged(day: date | None, code: str) -> tuple[date | None, str]:
    if day is not None and day.year >= FAR_FUTURE_YEAR:
        return day, "far_future_date"
    return day, code


def _is_time(found: re.Match[str]) -> bool:
    parts = found.groupdict()
    hour, minute, second = (int(parts.get(name) or 0) for name in ("hour", "minute", "second"))
    zone = (parts.get("zone") or "+0000").replace(":", "")
    return hour <= 24 and minute <= 59 and second <= 60 and int(zone[1:3]) <= 14 and int(zone[3:]) <= 59  # noqa: PLR2004 — clock


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day) if year >= _EARLIEST_YEAR else None
    except ValueError:
        return None


def _certain(day: date | None) -> tuple[date | None, str]:
    return day, "" if day else "not_a_date"


def _numbers(found: re.Match[str], _order: str) -> tuple[date | None, str]:
    return _certain(_day(int(found["year"]), int(found["month"]), int(found["day"])))


def _minguo(found: re.Match[str], _order: str) -> tuple[date | None, str]:
    return _certain(_day(int(found["year"]) + 1911, int(found["month"]), int(found["day"])))


def _epoch(found: re.Match[str], _order: str) -> tuple[date | None, str]:
    seconds = int(found[0][:10])
    return (datetime.fromtimestamp(seconds, UTC).astimezone(_SHANGHAI).date()), ""


def _named(found: re.Match[str], _order: str) -> tuple[date | None, str]:
    month = _place(found["name"], _MONTHS)
    return _certain(_day(int(found["year"]), month + 1, int(found["day"])) if month is not None else None)


def _day_or_month_first(found: re.Match[str], order: str) -> tuple[date | None, str]:
    year, first, second = int(found["year"]), int(found["first"]), int(found["next"])
    by_order = {"dmy": _day(year, second, first), "mdy": _day(year, first, second)}
    possible = {day for day in by_order.values() if day}
    weekday = _place(found["weekday"] or "", _WEEKDAYS)
    if weekday is not None:
        possible = {day for day in possible if day.weekday() == weekday}
    if len(possible) == 1:
        return possible.pop(), ""
    if possible and order in by_order:
        return by_order[order], ""
    return None, "ambiguous_date" if possible else "not_a_date"


def _place(name: str, names: tuple[tuple[str, ...], ...]) -> int | None:
    folded = name.casefold()
    places = [place for place, starts in enumerate(names) if folded.startswith(starts)]
    return places[0] if places else None


_FORMS: Final[Mapping[re.Pattern[str], Callable[[re.Match[str], str], tuple[date | None, str]]]] = {
    _YEAR_FIRST: _numbers,
    _CHINESE: _numbers,
    _MINGUO: _minguo,
    _COMPACT: _numbers,
    _COMPACT_HOUR: _numbers,
    _EPOCH: _epoch,
    _DAY_OR_MONTH_FIRST: _day_or_month_first,
    _DAY_THEN_NAME: _named,
    _NAME_THEN_DAY: _named,
}
