"""The cells of one record by element, with notes on those that say nothing readable."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeVar, final

from catalogue_app.domain.metadata import JsonValue, UnreadValue
from harvesters.fields import Readings
from harvesters.port import RawRecord
from harvesters.raw_values import NOTE_LIMIT, Notes, Reading, text_of, unread
from harvesters.sheet_headers import MANY, Columns, Headers
from harvesters.sheet_identity import SHARED_CODE
from harvesters.sheet_layout import FROM_1904, REPEATED
from harvesters.sheet_rows import ERROR_WORDS, NO_VALUE

T = TypeVar("T")

_JOINED: Final = frozenset({"open_type", "is_open", "sharing_type", "sharing_method", "sharing_method_type", *MANY})
"""Elements that may differ between the rows of one entry; of any other the first text counts."""


@final
class Cells:
    """The cells of one record while it is read."""

    def __init__(self, record: RawRecord, headers: Headers, readings: Readings) -> None:
        """Find the column of each element; formulas without a value are noted and say nothing."""
        self.raw = record.raw
        self._readings = readings
        self.notes = Notes()
        self._columns: Columns = headers.columns(tuple(name for name in record.raw if not name.startswith("@")))
        repeated = record.raw.get(REPEATED)
        self._repeated: Mapping[str, JsonValue] = repeated if isinstance(repeated, dict) else {}
        self._said = dict(self._chosen())
        if SHARED_CODE in record.raw:
            self.note("resource_code", self.text("resource_code"), "repeated_code")

    @property
    def counts_from_1904(self) -> bool:
        """Whether serial day numbers count from 1904."""
        return FROM_1904 in self.raw

    @property
    def unread(self) -> tuple[UnreadValue, ...]:
        """The notes in order, each once."""
        return self.notes.unread

    def take(self, reading: Reading[T]) -> T | None:
        """Keep the note of a reading and return its value."""
        return self.notes.take(reading)

    def note(self, element: str, text: str, code: str) -> None:
        """Note a text that could not be read."""
        self.notes.take((None, unread(element, text, code)))

    def text(self, element: str) -> str:
        """Return what the record says for an element, in its first row and best column; empty where nothing."""
        return self._said.get(element, "")

    def has_column(self, element: str) -> bool:
        """Tell whether the table has a column for an element, filled or not."""
        return element in self._columns.chosen

    def has(self, *elements: str) -> bool:
        """Tell whether the record says something for any of the elements."""
        return any(element in self._said for element in elements)

    def texts(self, element: str) -> tuple[str, ...]:
        """Return all texts for an element: of every column that fills it, and of every row of the entry."""
        names = self._columns.chosen.get(element, ())
        if element not in self._said and len(names) < 2:  # noqa: PLR2004 — no other column
            return ()
        if len(names) == 1 and not self._repeated:
            return (self._said[element],)
        texts = list[str]()
        for name in names:
            rows = self._repeated.get(name)
            texts += [text_of(text) for text in rows] if isinstance(rows, list) else [self._own(element, name)]
        return tuple(dict.fromkeys(filter(None, texts)))

    def read(self, element: str, reading: Callable[[str], Reading[T]]) -> T | None:
        """Read the text for an element where there is one, keeping the note of the reading."""
        text = self._said.get(element)
        return self.notes.take(reading(text)) if text else None

    def line(self, element: str) -> str:
        """Return the text for an element on one line, cut with a note where it is too long."""
        text = self._said.get(element)
        return (self.take(self._readings.line(element, text)) or "") if text else ""

    def extensions(self) -> Iterator[tuple[str, str]]:
        """Yield (header, text) of what has no element: unknown columns, and rivals of chosen ones that differ."""
        for name in self._columns.unknown:
            text = self._own(name, name)
            better = self._columns.rivals.get(name)
            if text and (better is None or text != self.raw.get(better)):
                yield name, self.take(self._readings.line(name, text)) or ""

    def name_of(self, element: str) -> str:
        """Return the header of the column for an element."""
        return self._columns.name_of(element)

    def _chosen(self) -> Iterator[tuple[str, str]]:
        for element, names in self._columns.chosen.items():
            if text := self._own(element, names[0]):
                yield element, text
            if names[0] in self._repeated and element not in _JOINED:
                self._note_others(element, text, self._repeated[names[0]])

    def _own(self, element: str, name: str) -> str:
        text = self.raw.get(name)
        if not isinstance(text, str):
            return ""
        if not text.startswith("#") or (text != NO_VALUE and text not in ERROR_WORDS):
            return text
        self.note(element[:NOTE_LIMIT], text, "formula_without_value" if text == NO_VALUE else "formula_error")
        return ""

    def _note_others(self, element: str, text: str, others: JsonValue) -> None:
        for other in others if isinstance(others, list) else ():
            if other != text:
                self.note(element, text_of(other), "differing_values")
