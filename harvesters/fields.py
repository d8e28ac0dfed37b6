"""Shared readings: what organs write for dates, cycles, codes and addresses, turned into values of the profile.

Every reading returns `(value, note)`: a value when it was understood, a note when something was not or was cut; the
note keeps the raw text. Nothing is guessed and nothing is lost; an empty value gives neither.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, final

from catalogue_app.domain.metadata import Interval, JsonValue, SharingMethod, UnreadValue
from catalogue_app.domain.text import LocalizedText, clean, fold, remembered
from catalogue_app.domain.vocabulary import DisclosureCategory, FormatClass, OpenType, SharingType, Tier, UpdateCycle
from harvesters.dates import read_bound, read_date
from harvesters.raw_values import NOTE_LIMIT, Reading, text_of, unread

READING_OPTIONS: Final[Mapping[str, str]] = {"date_order": r"dmy|mdy", "code.*": r".+"}
"""Options that every adapter understands because the shared readings do."""

TITLE_LIMIT: Final = 500
"""Characters of a title; the rest is cut with a note."""
ABSTRACT_LIMIT: Final = 100_000
"""Characters of an abstract; the longest real one met so far has 57,000."""
LINE_LIMIT: Final = 2_000
"""Characters of any other text."""

_BARE_NUMBER: Final = re.compile(r"\d{1,3}(\.0+)?")
_NUMBERED: Final = re.compile(r"^\s*\d{1,3}\s*[.、．:：)）\-\s]\s*(?=\D)")
_UNIT: Final = r"[-\s]*(?:个|個)?(?:年|季|季度|月|旬|周|週|日|天|小时|小時|years?|months?|weeks?|days?|hours?)\s*$"
_LISTED: Final = re.compile(rf"^\s*\d{{1,3}}(?:\s*[.、．:：)）]\s*(?=\D)|[-\s]+(?=\D)(?!{_UNIT}))")
"""A place in a list of cycles, such as `1 每年`; before a bare unit a number is part of it: `2 年` is no 年."""
_COUNT: Final = re.compile(r"\d{1,3}(?:[,，]\d{3}){1,5}(?:\.0+)?|\d{1,18}(?:\.0+)?")
_OUT_OF_RANGE: Final = re.compile(r"[+-]?(?:NaN|Infinity|\d{40,}(?:\.\d*)?|\d+(?:\.\d+)?[eE]\+?\d{3,})")
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_UNSAFE_SCHEMES: Final = frozenset({"javascript", "data", "vbscript", "file", "blob", "about", "view-source"})
_PERIOD: Final = re.compile(r"(?:R\d*/)?(P(?=[\dT])(?:[\d.]+[YMWD])*(?:T(?:[\d.]+[HMS])+)?)", re.IGNORECASE)
_PERIOD_CODES: Final[Mapping[str, UpdateCycle]] = {
    "P1D": UpdateCycle.DAILY,
    "P1W": UpdateCycle.WEEKLY,
    "P7D": UpdateCycle.WEEKLY,
    "P1M": UpdateCycle.MONTHLY,
    "P3M": UpdateCycle.QUARTERLY,
    "P6M": UpdateCycle.HALF_YEARLY,
    "P1Y": UpdateCycle.YEARLY,
    "P12M": UpdateCycle.YEARLY,
}
"""ISO 8601 periods that are a cycle of the profile; any other stays itself, beside `other`."""
_PARTINGS: Final = (r"\s*/\s*", r"\s+(?:to|TO|a|à)\s+", r"\s*(?:至|到|～|~|—|–)+\s*", r"(?<=^\d{4})\s*-\s*(?=\d{4}$)")
"""What stands between the two ends of a time range."""
_YES: Final = frozenset({"是", "有", "含", "包含", "涉及", "yes", "true", "y"})
_NO: Final = frozenset({"否", "无", "無", "不含", "不包含", "不涉及", "no", "false", "n"})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingTables:
    """The vocabularies in the form readings look them up; made once, with `of`.

    Attributes:
        terms: element to (folded written form to code). Elements: `update_cycle`, `update_period` (words whose cycle is
            only an ISO 8601 period), `sharing_type`, `open_type`, `network_tier`, `data_type`, `format_class`,
            `format_type`, `sharing_method`, `sharing_method_type`, `theme`, `division`, `disclosure_category`,
            `licence`.
        format_classes: code of a format to its class.
        method_classes: type of a sharing method (`api`) to its class (`platform`).
        headers: (column header as written, element) pairs of `config/sheets/header_aliases.csv`; earlier rows win.
    """

    terms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    format_classes: Mapping[str, FormatClass] = field(default_factory=dict)
    method_classes: Mapping[str, str] = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = ()

    @staticmethod
    def of(
        *,
        terms: Iterable[tuple[str, str, str]],
        format_classes: Mapping[str, FormatClass],
        method_classes: Mapping[str, str],
        headers: Iterable[tuple[str, str]] = (),
    ) -> "ReadingTables":
        """Fold written forms for comparison.

        Args:
            terms: (element, written form, code) triples: codes themselves, names in every language, aliases.
            format_classes: as the attribute.
            method_classes: as the attribute.
            headers: as the attribute.
        """
        folded: dict[str, dict[str, str]] = {}
        for element, written, code in terms:
            folded.setdefault(element, {})[fold(written)] = code
        return ReadingTables(
            terms=folded, format_classes=format_classes, method_classes=method_classes, headers=tuple(headers)
        )


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """An update cycle; `period` is its ISO 8601 period where no code of the profile says it."""

    code: UpdateCycle
    period: str = ""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format: code of `vocabularies/format.csv` with its class, else the raw word in lower case without one."""

    code: str
    format_class: FormatClass | None = None


@final
class Readings:
    """The readings of one source: the shared tables, seen through the source's own options.

    Options: `date_order` (`dmy` or `mdy`), `language`, and `code.ELEMENT.VALUE=CODE`, the source's own code map. A bare
    number without such a map is never understood: the same digit means opposite things in different systems.
    """

    def __init__(self, tables: ReadingTables, options: Mapping[str, str]) -> None:
        """Read the source's code maps once."""
        self._tables = tables
        self._order = options.get("date_order", "")
        self._language = options.get("language")
        maps = ([*name.split(".", 2), code] for name, code in options.items() if name.startswith("code."))
        self._maps = {(element, fold(value)): code for _, element, value, code in maps}
        known = remembered(8192)
        self._code = known(self._find_code)
        self._coded = known(self._read_code)
        self._truth = known(self._read_truth)
        self._format = known(self._find_format)

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Written column headers and the elements they mean; see `ReadingTables.headers`."""
        return self._tables.headers

    @property
    def language(self) -> str:
        """Language tag of texts that say none themselves, as the source is set; empty where it is not."""
        return self._language or ""

    def title(self, value: JsonValue) -> Reading[LocalizedText]:
        """Read a title; beyond 500 characters it is cut with a note `too_long`."""
        return self._localized("title", text_of(value), TITLE_LIMIT)

    def abstract(self, value: JsonValue) -> Reading[LocalizedText]:
        """Read an abstract, line breaks kept; beyond 100,000 characters it is cut with a note `too_long`."""
        return self._localized("abstract", clean(value) if isinstance(value, str) else text_of(value), ABSTRACT_LIMIT)

    def line(self, element: str, value: JsonValue, limit: int = LINE_LIMIT) -> Reading[str]:
        """Read any other text; numbers out of every range are not kept, too long ones are cut, both with a note."""
        text = text_of(value)
        if _OUT_OF_RANGE.fullmatch(text):
            return None, unread(element, text, "number_out_of_range")
        if len(text) > limit:
            return text[:limit].rstrip(), unread(element, text, "too_long")
        return text or None, None

    def date(self, element: str, value: JsonValue) -> Reading[date]:
        """Read a day; see `harvesters.dates.read_date` for forms and codes."""
        text = text_of(value)
        if not text:
            return None, None
        day, code = read_date(text, self._order)
        return day, unread(element, text, code) if code else None

    def interval(self, element: str, start: JsonValue, end: JsonValue = None) -> Reading[Interval]:
        """Read a time range from two ends, or from one text that holds both (`a/b`, `a to b`, `a 至 b`).

        Args:
            element: what is read.
            start: its beginning; without an end, the whole of it.
            end: its end; an empty one is open.
        """
        first, last = text_of(start), text_of(end)
        whole = f"{first}/{last}" if last else first
        if not whole:
            return None, None
        if not last:
            single = _two_ends(first)
            first, last = (first, "..") if end is not None and single[0] == single[1] else single
        ends = read_bound(first, is_end=False) if first else None, read_bound(last, is_end=True) if last else None
        is_read = all((day is None) is (text in {"", "..", "*"}) for day, text in zip(ends, (first, last), strict=True))
        interval = Interval(start=ends[0], end=ends[1]) if any(ends) else None
        return interval, None if is_read and interval else unread(element, whole, "not_an_interval")

    def cycle(self, value: JsonValue) -> Reading[Cycle]:
        """Read an update cycle: words, ISO 8601 periods, repeated or not, addresses of EU and DC frequencies.

        Organs choose from the profile's list: a Chinese word for any other period (每两周) is not understood.
        """
        text = text_of(value)
        code, problem = self._code("update_cycle", _last_segment(text))
        if code:
            return Cycle(code=UpdateCycle(code)), None
        period = self._tables.terms.get("update_period", {}).get(fold(_last_segment(text))) or _period_of(text)
        if not period:
            return None, self._note("update_cycle", text, problem)
        known = UpdateCycle.REALTIME if period.startswith("PT") else _PERIOD_CODES.get(period, UpdateCycle.OTHER)
        return Cycle(code=known, period=period if known is UpdateCycle.OTHER else ""), None

    def sharing_type(self, value: JsonValue) -> Reading[SharingType]:
        """Read a sharing type."""
        code, note = self.coded("sharing_type", value)
        return SharingType(code) if code else None, note

    def open_type(self, value: JsonValue) -> Reading[OpenType]:
        """Read an opening attribute."""
        code, note = self.coded("open_type", value)
        return OpenType(code) if code else None, note

    def network_tier(self, value: JsonValue) -> Reading[Tier]:
        """Read the tier an organ declares."""
        code, note = self.coded("network_tier", value)
        return Tier(code) if code else None, note

    def disclosure_category(self, value: JsonValue) -> Reading[DisclosureCategory]:
        """Read a category of art. 14."""
        code, note = self.coded("disclosure_category", value)
        return DisclosureCategory(code) if code else None, note

    def format_class(self, value: JsonValue) -> Reading[FormatClass]:
        """Read a class of formats."""
        code, note = self.coded("format_class", value)
        return FormatClass(code) if code else None, note

    def sharing_method(self, method: JsonValue, method_type: JsonValue = None) -> Reading[SharingMethod]:
        """Read a way of sharing from its class and type; a type alone says its class."""
        kind, kind_note = self.coded("sharing_method_type", method_type)
        name, note = self.coded("sharing_method", method)
        if name is None and not kind:
            kind, _ = self.coded("sharing_method_type", method)
        name = name or self._tables.method_classes.get(kind or "")
        return (SharingMethod(method=name, type=kind or ""), kind_note) if name else (None, note or kind_note)

    def theme(self, value: JsonValue) -> Reading[str]:
        """Read a theme; its code."""
        return self.coded("theme", value, "themes")

    def data_type(self, value: JsonValue) -> str:
        """Read the type of an information item: its code, else the word as written."""
        text = text_of(value)
        return self._code("data_type", text)[0] or text

    def place(self, value: JsonValue) -> Reading[str]:
        """Read a place: the code of a division of the municipality, else the name as written."""
        text = text_of(value)
        code, _ = self._code("division", text)
        return (code, None) if code else self.line("spatial", text, NOTE_LIMIT)

    def format(self, value: JsonValue, media_type: JsonValue = None) -> Format | None:
        """Read a format from its name or media type; an unknown one is kept as its word in lower case."""
        return self._format(text_of(value), text_of(media_type))

    def licence(self, value: JsonValue) -> Reading[str]:
        """Read terms of use: the code of a known licence, else the address or name as written."""
        text = text_of(value)
        code, _ = self._code("licence", text)
        return (code, None) if code else self.line("licence", text, TITLE_LIMIT)

    def is_true(self, element: str, value: JsonValue) -> Reading[bool]:
        """Read a yes or no."""
        if isinstance(value, bool):
            return value, None
        return self._truth(element, text_of(value))

    def count(self, element: str, value: JsonValue) -> Reading[int]:
        """Read a whole number that is not negative, with or without thousands' commas."""
        text = text_of(value)
        if _COUNT.fullmatch(text):
            return int(text.replace(",", "").replace("，", "").partition(".")[0]), None
        return None, self._note(element, text, "not_a_number")

    def url(self, element: str, value: JsonValue) -> Reading[str]:
        """Read an address: trimmed and kept as text; one that must never be a link is noted `unsafe_url`."""
        text = text_of(value)
        # Browsers ignore blanks and control characters inside a scheme.
        found = _SCHEME.match("".join(text.split()))
        if _OUT_OF_RANGE.fullmatch(text):
            return None, unread(element, text, "number_out_of_range")
        is_unsafe = found is not None and found[1].lower() in _UNSAFE_SCHEMES
        if not is_unsafe and len(text) > LINE_LIMIT:
            return None, unread(element, text, "too_long")
        return text[:LINE_LIMIT] or None, unread(element, text, "unsafe_url") if is_unsafe else None

    def coded(self, vocabulary: str, value: JsonValue, element: str = "") -> Reading[str]:
        """Read a code of a vocabulary: the source's own map first, then codes, names and aliases."""
        return self._coded(vocabulary, text_of(value), element or vocabulary)

    def _find_code(self, vocabulary: str, text: str) -> tuple[str | None, str]:
        folded = fold(text)
        if mapped := self._maps.get((vocabulary, folded)):
            return mapped, ""
        if _BARE_NUMBER.fullmatch(folded):
            return None, "code_without_map"
        terms = self._tables.terms.get(vocabulary, {})
        number = _LISTED if vocabulary == "update_cycle" else _NUMBERED
        return terms.get(folded) or terms.get(number.sub("", folded)), "unknown_value"

    def _read_code(self, vocabulary: str, text: str, element: str) -> Reading[str]:
        code, problem = self._find_code(vocabulary, text)
        return code, None if code else self._note(element, text, problem)

    def _read_truth(self, element: str, text: str) -> Reading[bool]:
        word = self._maps.get((element, fold(text)), fold(_NUMBERED.sub("", text)))
        if word in _YES | _NO:
            return word in _YES, None
        return None, self._note(element, text, "code_without_map" if _BARE_NUMBER.fullmatch(word) else "unknown_value")

    def _find_format(self, name: str, media_type: str) -> Format | None:
        words = [word for word in (_format_word(name), _format_word(media_type)) if word]
        codes = [code for word in words if (code := self._find_code("format_type", word)[0])]
        if not words:
            return None
        code = codes[0] if codes else words[0][:NOTE_LIMIT]
        return Format(code=code, format_class=self._tables.format_classes.get(code))

    def _localized(self, element: str, text: str, limit: int) -> Reading[LocalizedText]:
        if not text:
            return None, None
        if _OUT_OF_RANGE.fullmatch(text):
            return None, unread(element, text, "number_out_of_range")
        note = unread(element, text, "too_long") if len(text) > limit else None
        return LocalizedText.of(text[:limit].rstrip(), self._language), note

    def _note(self, element: str, text: str, code: str) -> UnreadValue | None:
        return unread(element, text, code) if text else None


def _two_ends(text: str) -> tuple[str, str]:
    plain = text.strip("[]() ")
    for parting in (
        r"\s*/\s*",
        r"\s+(?:to|TO|bis|à|a)\s+",
        r"\s*(?:至|到|～|~|—|–)+\s*",
        r"(?<=\d{4})\s*-\s*(?=\d{4}$)",
    ):
        parts = re.split(parting, plain)
        if len(parts) == 2:  # noqa: PLR2004 — two ends
            return parts[0], parts[1]
    return plain, plain


def _last_segment(text: str) -> str:
    """Return the last part of a vocabulary address, else the text itself."""
    return re.split(r"[/#]", text.rstrip("/"))[-1] if text.lower().startswith(("http://", "https://")) else text


def _period_of(text: str) -> str:
    found = _PERIOD.fullmatch(text.strip())
    return found[1].upper() if found else ""


def _format_word(text: str) -> str:
    """Return a format's name without parameters, address of its vocabulary, leading dot or case."""
    word = text.partition(";")[0].strip()
    if "://" in word:
        media = re.search(r"(?:media-types?)/([\w.+-]+/[\w.+-]+)/?$", word)
        word = media[1] if media else _last_segment(word)
    return fold(word).lstrip(".")
