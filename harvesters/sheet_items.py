"""Information items (信息项) of a record: one row each, or all of them listed in one cell."""

import re
from collections.abc import Iterator, Mapping
from typing import Final, final

from catalogue_app.domain.metadata import Item, JsonValue
from catalogue_app.domain.text import clean_line
from harvesters.fields import Readings
from harvesters.raw_values import Notes, unread
from harvesters.sheet_headers import Headers

LONGEST_NAME: Final = 100
"""Characters of a listed item; what is longer is a sentence and no name."""

_OPENING: Final = "(（[【「『“《"
_CLOSING: Final = ")）]】」』”》"
_LISTING: Final = "、;；\n"
_LISTING_TOO: Final = ",，"
_TYPED: Final = re.compile(r"([A-Z])(\d+(?:[.,]\d+)?)?")
_NOTED: Final = re.compile(r"(?P<name>[^(（]+?)\s*[(（](?P<note>.*)[)）]\s*")
_LABELLED: Final = re.compile(r"(?P<name>[^:：]{1,60})[:：]\s*(?P<note>.+)", re.DOTALL)
_LENGTH: Final = re.compile(r"(\d+)(?:\s*[,，.]\s*(\d+))?")


@final
class ItemReader:
    """Reads items as one source writes them."""

    def __init__(self, readings: Readings, headers: Headers) -> None:
        """Keep how the source writes its values and what its headers mean."""
        self._readings = readings
        self._headers = headers

    def rows(self, rows: JsonValue, notes: Notes) -> tuple[Item, ...]:
        """Read item rows: a list of objects, column name to text."""
        items = [self._row(row, notes) for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
        named = [item for item in items if item is not None]
        if len(named) == 1 and named[0] == Item(name=named[0].name):
            return self.listed(named[0].name, notes)
        return tuple(named)

    def listed(self, text: str, notes: Notes) -> tuple[Item, ...]:
        """Read items listed in one cell, such as `年度、金额(元)`, `name:C50;date:D`."""
        items = dict.fromkeys(item for part in _parts(text) if (item := self._listed(part, notes)))
        return tuple(items)

    def _row(self, row: Mapping[str, JsonValue], notes: Notes) -> Item | None:
        columns = self._headers.columns(tuple(row))
        said = {element: str(row[names[0]]) for element, names in columns.chosen.items()}
        name = clean_line(said.get("item.name", ""))
        if not name:
            self._note_nameless(said, notes)
            return None
        readings, take = self._readings, notes.take
        return Item(
            name=name,
            data_type=readings.data_type(said.get("item.data_type")),
            length=_length(said.get("item.length", "")),
            code=clean_line(said.get("item.code", "")),
            primary_key=take(readings.is_true("items", said.get("item.primary_key"))),
            sensitive=take(readings.is_true("items", said.get("item.sensitive"))),
            sharing_type=take(readings.sharing_type(said.get("item.sharing_type") or said.get("sharing_type"))),
            note=take(readings.line("items", said.get("item.note"))) or "",
        )

    def _note_nameless(self, said: Mapping[str, str], notes: Notes) -> None:
        texts = " ".join(text for element, text in said.items() if element.startswith("item."))
        if texts:
            notes.take((None, unread("items", texts, "item_without_name")))

    def _listed(self, part: str, notes: Notes) -> Item | None:
        found = _NOTED.fullmatch(part) or _LABELLED.fullmatch(part)
        name, note = (found["name"], found["note"]) if found else (part, "")
        name, note = (clean_line(text.strip("「」『』“”\"'·.．。 \n")) for text in (name, note))
        if len(name) > LONGEST_NAME:
            notes.take((None, unread("items", part, "not_an_item")))
            return None
        if typed := _TYPED.fullmatch(note):
            return Item(name=name, data_type=self._readings.data_type(typed[1]), length=_length(typed[2] or ""))
        return Item(name=name, note="" if note == name else note) if name else None


def _length(text: str) -> str:
    """Write a length as digits, or `precision,scale`; anything else as it stands."""
    found = _LENGTH.fullmatch(text.strip())
    if found is None:
        return clean_line(text)
    is_whole = found[2] is None or text.strip().endswith(".0")
    return found[1] if is_whole else f"{found[1]},{found[2]}"


def _parts(text: str) -> Iterator[str]:
    """Yield the parts of a list; brackets are never parted, and commas part only what nothing else does."""
    listing = _LISTING if any(mark in text for mark in _LISTING) else _LISTING_TOO
    depth, start = 0, 0
    for place, character in enumerate(text):
        if character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth = max(0, depth - 1)
        elif depth == 0 and character in listing:
            yield from filter(None, [text[start:place].strip()])
            start = place + 1
    yield from filter(None, [text[start:].strip()])
