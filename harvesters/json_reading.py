"""Strict streaming JSON: the elements of one list, each read by itself, however long the list is.

Brackets are found by one regular expression, so nothing nests and nothing is read twice; each element is then parsed on
its own. What JSON allows but no program can hold (5,000-digit integers, 1e999) and what it forbids but programs write
(NaN, Infinity) becomes the text that the source wrote; lone surrogates become U+FFFD. Memory is that of one element.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NoReturn, final

import orjson

from catalogue_app.domain.errors import SourceError, SourceRefused
from catalogue_app.domain.metadata import JsonValue
from harvesters.json_text import CHUNK_BYTES, Reader, text_reader
from harvesters.port import Payload

NESTING_LIMIT: Final = 64
"""Levels of brackets inside one element; real records have ten at most."""
ELEMENT_BYTES: Final = 64 * 1024 * 1024
"""Bytes of one element; the largest real one met so far has 1.3 million."""
NUMBER_TEXT: Final = 200
"""Characters kept of a number that is out of range."""

Path = tuple[str, ...]
"""Keys from the top of the document to a list; empty for the document itself."""

_BLANKS: Final = re.compile(rb"[ \t\r\n]*")
_QUOTED: Final = rb'"(?:[^"\\]++|\\.)*+"'
_STRING: Final = re.compile(_QUOTED, re.DOTALL)
_SCALAR: Final = re.compile(rb'[^ \t\r\n,:"\[\]{}]+')
_BRACKET: Final = re.compile(rb'(?:[^"{}\[\]]++|' + _QUOTED + rb")*+([{}\[\]])", re.DOTALL)
"""Everything up to and including the next bracket that is outside a string."""


def _shallow(levels: int) -> re.Pattern[bytes]:
    """Match a whole value of at most so many levels at once, which is nearly every record."""
    inside = rb'[^"{}\[\]]++|' + _QUOTED
    for _ in range(levels - 1):
        inside = rb'[^"{}\[\]]++|' + _QUOTED + rb"|[{\[](?:" + inside + rb")*+[}\]]"
    return re.compile(rb"[{\[](?:" + inside + rb")*+[}\]]", re.DOTALL)


_SHALLOW: Final = _shallow(5)
_LONG_NUMBER: Final = re.compile(rb"[:\[,]\s*-?\d{17}")
"""A number that floating point may not hold exactly; orjson would round it without a word."""
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element of the list.

    Attributes:
        position: its place in the list, from 0.
        offset: byte at which it begins, counted in the answer (in its UTF-8 form where it came in another encoding).
    """

    position: int
    offset: int
    value: JsonValue


def elements(payload: Payload, paths: Sequence[Path]) -> Iterator[Element]:
    """Yield the elements of the list that stands at one of the paths.

    Raises:
        SourceError: not JSON, cut off, or without such a list (`missing_list`); names the byte.
        SourceRefused: nested too deep, or one element too large.
    """
    with payload.open() as body:
        document = _Document(payload, *text_reader(payload, body))
        yield from document.walk((), frozenset(paths))
        document.end()
        if not document.is_found:
            raise SourceError("missing_list", address=payload.address, expected=" | ".join(map(".".join, paths)))


def in_sequence(payload: Payload) -> Iterator[Element]:
    """Yield the elements of a document that is a list, or one value after another, as in JSON Lines.

    Raises:
        SourceError: not JSON, or cut off; names the byte.
        SourceRefused: nested too deep, or one element too large.
    """
    with payload.open() as body:
        yield from _Document(payload, *text_reader(payload, body)).sequence()


def whole(payload: Payload) -> JsonValue:
    """Read a small document as one value.

    Raises:
        SourceError: not JSON, or cut off; names the byte.
        SourceRefused: nested too deep, or larger than one element may be.
    """
    with payload.open() as body:
        document = _Document(payload, *text_reader(payload, body))
        element = document.element(0)
        document.end()
        return element.value


def parse_element(text: bytes) -> JsonValue:
    """Parse one JSON value whose nesting is known to be shallow.

    Raises:
        ValueError: not JSON.
    """
    if _LONG_NUMBER.search(text) is None:
        try:
            return orjson.loads(text)  # type: ignore[no-any-return]  # a JSON value by definition
        except orjson.JSONDecodeError:
            pass  # said exactly below, where odd numbers and surrogates are known
    parsed = json.loads(text.decode(), parse_int=_integer, parse_float=_float, parse_constant=str)
    return _without_surrogates(parsed)


class _Document:
    """A position in a JSON text that is read piece by piece."""

    def __init__(self, payload: Payload, read: Reader, offset: int) -> None:
        self.is_found = False
        self._payload, self._read, self._base = payload, read, offset
        self._buffer, self._at, self._start = b"", 0, 0

    def walk(self, here: Path, wanted: frozenset[Path]) -> Iterator[Element]:
        """Yield the elements of wanted lists at or below a path, in the order of the document; skip all else."""
        first = self._peek()
        if first == b"[" and here in wanted:
            self.is_found = True
            yield from self._list()
        elif first == b"{" and any(path[: len(here)] == here and path != here for path in wanted):
            for key in self._keys():
                yield from self.walk((*here, key), wanted)
        else:
            self._pass_value(keep=False)

    def sequence(self) -> Iterator[Element]:
        """Yield the elements of a list, or else every value that stands here."""
        if self._peek() == b"[":
            yield from self._list()
            self.end()
            return
        position = 0
        while self._peek():
            yield self.element(position)
            position += 1

    def element(self, position: int) -> Element:
        """Read the next value whole."""
        self._peek()
        offset = self._base + self._at
        start, end = self._pass_value(keep=True)
        text = self._buffer[start:end]
        try:
            return Element(position=position, offset=offset, value=parse_element(text))
        except (ValueError, RecursionError) as fault:
            self._fail(offset + getattr(fault, "pos", 0), fault)

    def end(self) -> None:
        """Make sure that nothing stands after the document."""
        if self._peek():
            self._fail(self._base + self._at)

    def _list(self) -> Iterator[Element]:
        self._at += 1
        position = 0
        while self._peek() != b"]":
            if position:
                self._take(b",")
            yield self.element(position)
            position += 1
        self._at += 1

    def _keys(self) -> Iterator[str]:
        self._at += 1
        is_first = True
        while self._peek() != b"}":
            if not is_first:
                self._take(b",")
            is_first = False
            if self._peek() != b'"':
                self._fail(self._base + self._at)
            key = self.element(0).value
            self._take(b":")
            yield str(key)
        self._at += 1

    def _peek(self) -> bytes:
        """Return the next byte that is not blank; none at the end."""
        while True:
            blanks = _BLANKS.match(self._buffer, self._at)
            self._at = blanks.end() if blanks else self._at
            if self._at < len(self._buffer) or not self._more():
                return self._buffer[self._at : self._at + 1]

    def _take(self, byte: bytes) -> None:
        if self._peek() != byte:
            self._fail(self._base + self._at)
        self._at += 1

    def _pass_value(self, *, keep: bool) -> tuple[int, int]:
        """Go past the next value; return where it stands in the buffer, if it was to be kept."""
        first = self._peek()
        if first in {b"{", b"["}:
            self._pass_brackets(keep=keep)
        else:
            self._pass_pattern(_STRING if first == b'"' else _SCALAR)
        return self._start, self._at

    def _pass_brackets(self, *, keep: bool) -> None:
        self._start = self._at
        if found := _SHALLOW.match(self._buffer, self._at):
            self._at = found.end()
            return
        scan, depth = self._at, 0
        while True:
            found = _BRACKET.match(self._buffer, scan)
            if found is None:
                scan = self._extend(scan, keep=keep)
                continue
            scan = found.end()
            depth += 1 if found[1] in b"{[" else -1
            if depth > NESTING_LIMIT:
                raise SourceRefused("too_deep", address=self._payload.address, offset=self._base + scan)
            if depth == 0:
                self._at = scan
                return

    def _pass_pattern(self, pattern: re.Pattern[bytes]) -> None:
        self._start = self._at
        while True:
            found = pattern.match(self._buffer, self._at)
            if found and (found.end() < len(self._buffer) or not self._grow()):
                self._at = found.end()
                return
            if found is None and (pattern is _SCALAR or not self._grow()):
                self._fail(self._base + (self._at if pattern is _SCALAR else len(self._buffer)))

    def _extend(self, scan: int, *, keep: bool) -> int:
        """Read on inside brackets; return where the scan goes on."""
        if not keep:
            self._at = self._start = scan
        done = scan - self._at
        if not self._grow():
            self._fail(self._base + len(self._buffer))
        return self._at + done

    def _grow(self) -> bool:
        is_more = self._more()
        self._start = self._at
        return is_more

    def _more(self) -> bool:
        """Drop what lies behind and read on, in growing steps, so that long strings are not scanned over and over."""
        rest = self._buffer[self._at :]
        if len(rest) > ELEMENT_BYTES:
            raise SourceRefused("record_too_large", address=self._payload.address, offset=self._base + self._at)
        chunk = self._read(max(CHUNK_BYTES, len(rest)))
        if chunk:
            self._base += self._at
            self._buffer, self._at = rest + chunk, 0
        return bool(chunk)

    def _fail(self, offset: int, cause: Exception | None = None) -> NoReturn:
        raise SourceError("invalid_json", address=self._payload.address, offset=offset) from cause


def _integer(digits: str) -> int | str:
    value = int(digits) if len(digits) <= len("-9223372036854775808") else None
    is_exact = value is not None and -(2**63) <= value < 2**64
    return value if value is not None and is_exact else digits[:NUMBER_TEXT]


def _float(written: str) -> float | str:
    value = float(written)
    return written[:NUMBER_TEXT] if value in {float("inf"), float("-inf")} else value


def _without_surrogates(value: JsonValue) -> JsonValue:
    match value:
        case str():
            return _SURROGATE.sub("\ufffd", value)
        case list():
            return [_without_surrogates(part) for part in value]
        case dict():
            return {_SURROGATE.sub("\ufffd", key): _without_surrogates(part) for key, part in value.items()}
        case _:
            return value
