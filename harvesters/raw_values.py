"""Raw values of a source: any JSON value as text, and the notes on what could not be read."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, TypeVar, final

import orjson

from catalogue_app.domain.metadata import JsonValue, UnreadValue
from catalogue_app.domain.text import clean_line

T = TypeVar("T")
Reading = tuple[T | None, UnreadValue | None]
"""A value when it was understood; a note when something was not, or was cut."""

NOTE_LIMIT: Final = 200
"""Characters of a raw value kept in a note."""


@final
class Notes:
    """What one record left unread, collected while it is read."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._notes: list[UnreadValue] = []

    def take(self, reading: Reading[T]) -> T | None:
        """Keep the note of a reading and return its value."""
        value, note = reading
        if note is not None:
            self._notes.append(note)
        return value

    def take_all(self, readings: Iterable[Reading[T]]) -> tuple[T, ...]:
        """Keep the notes of many readings and return the distinct values in their order."""
        values = [self.take(reading) for reading in readings]
        return tuple(dict.fromkeys(value for value in values if value is not None))

    @property
    def unread(self) -> tuple[UnreadValue, ...]:
        """The notes in order, each once."""
        return tuple(dict.fromkeys(self._notes))


def text_of(value: JsonValue) -> str:
    """Write any JSON value as one cleaned line: whole floats without `.0`, objects and lists as JSON."""
    match value:
        case None:
            return ""
        case str():
            return clean_line(value)
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case int() | float():
            return str(value)
        case _:
            return orjson.dumps(value).decode() if value else ""


def says_something(value: JsonValue) -> bool:
    """Tell whether a value is written as any text at all, without writing it."""
    return bool(value) if isinstance(value, (list, dict)) else bool(text_of(value))


def texts_of(value: JsonValue, separators: str = "") -> tuple[str, ...]:
    """Read a list of texts, or one text that may hold several; empty ones left out, each once.

    Args:
        value: a list, one text, or nothing.
        separators: characters that part a single text.
    """
    if isinstance(value, list):
        parts = [text_of(part) for part in value]
    elif text := text_of(value):
        parts = [part.strip() for part in _parting(separators).split(text)] if separators else [text]
    else:
        return ()
    return tuple(dict.fromkeys(part for part in parts if part))


@lru_cache(maxsize=64)
def _parting(separators: str) -> re.Pattern[str]:
    return re.compile(f"[{re.escape(separators)}]")


def unread(element: str, value: JsonValue, code: str) -> UnreadValue:
    """Note a value that could not be read."""
    return UnreadValue(element=element, value=text_of(value)[:NOTE_LIMIT], code=code)
