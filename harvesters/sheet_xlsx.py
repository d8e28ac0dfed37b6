"""Workbooks of the Office Open XML family (xlsx, xlsm) as rows of text, streamed.

The parts are read with expat directly instead of openpyxl: its streaming mode knows no merged cells and does not tell
an uncalculated formula from a blank cell, and its full mode holds the whole workbook in memory. Macros stay closed and
formulas are never calculated: the result stored beside a formula is taken; where there is none, the cell is `NO_VALUE`.
"""

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import IO, BinaryIO, Final, final
from xml.parsers import expat

from catalogue_app.domain.errors import SourceError
from catalogue_app.domain.text import clean
from harvesters.sheet_package import feed, opened, target
from harvesters.sheet_rows import MAX_COLUMNS, NO_VALUE, Merge, Sheet, SheetRow, filled
from harvesters.sheet_values import PLAIN, NumberFormat, cell_number, format_of

_DATE_FORMATS: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""Built-in number formats that show days or times (ECMA-376 part 1, 18.8.30, East Asian ones included)."""

_REFERENCE: Final = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})")
_ESCAPED: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_WORKBOOK_TYPE: Final = "/officeDocument"
_SHEET_TYPE: Final = "/worksheet"

Attributes = Mapping[str, str]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class _Book:
    """What cells refer to: shared texts, number formats by style, and the first day of serial numbers."""

    texts: Sequence[str]
    formats: Sequence[NumberFormat]
    from_1904: bool


def read_sheets(open_body: Callable[[], BinaryIO]) -> Iterator[Sheet]:
    """Yield the visible sheets of a workbook.

    Raises:
        SourceError: not a whole workbook of this family.
        SourceRefused: unpacked it would be too large.
    """
    with opened(open_body) as package:
        workbook_part = _workbook_part(package)
        sheets, from_1904 = _sheets(package, workbook_part)
        relations = _relations(package, workbook_part)
        named = {kind.rpartition("/")[2]: part for part, kind in relations.values()}
        book = _Book(
            texts=_shared_texts(package, named.get("sharedStrings", "")),
            formats=_formats(package, named.get("styles", "")),
            from_1904=from_1904,
        )
    for name, relation in sheets:
        part, kind = relations.get(relation, ("", ""))
        if kind.endswith(_SHEET_TYPE):
            yield Sheet(name=name, rows=partial(_rows, open_body, part, book), counts_from_1904=from_1904)


def _rows(open_body: Callable[[], BinaryIO], part: str, book: _Book) -> Iterator[SheetRow]:
    with opened(open_body) as package:
        merges = list(_merges(package, part))
        with package.open(part) as stream:
            cells = _Cells(book)
            yield from filled(cells.read(stream), merges)


def _elements(package: zipfile.ZipFile, part: str, start: Callable[[str, Attributes], None]) -> Iterator[None]:
    """Read a part for its start tags; an absent part has none."""
    if part not in package.NameToInfo:
        return
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: start(name.rpartition(":")[2], attributes)
    with package.open(part) as stream:
        yield from feed(parser, stream)


def _listed(package: zipfile.ZipFile, part: str, *names: str) -> list[tuple[str, Attributes]]:
    found: list[tuple[str, Attributes]] = []

    def start(name: str, attributes: Attributes) -> None:
        if name in names:
            found.append((name, attributes))

    for _ in _elements(package, part, start):
        pass
    return found


def _relations(package: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Return relation id to (part, type) of one part."""
    folder, _, name = part.rpartition("/")
    listed = _listed(package, f"{folder}/_rels/{name}.rels".lstrip("/"), "Relationship")
    return {
        relation.get("Id", ""): (target(part, relation.get("Target", "")), relation.get("Type", ""))
        for _, relation in listed
        if relation.get("TargetMode") != "External"
    }


def _workbook_part(package: zipfile.ZipFile) -> str:
    for part, kind in _relations(package, "").values():
        if kind.endswith(_WORKBOOK_TYPE) and part.endswith(".xml") and part in package.NameToInfo:
            return part
    if "xl/workbook.xml" in package.NameToInfo:
        return "xl/workbook.xml"
    raise SourceError("unknown_workbook", parts=len(package.NameToInfo))


def _sheets(package: zipfile.ZipFile, part: str) -> tuple[list[tuple[str, str]], bool]:
    """Return (name, relation id) of the visible sheets, and whether days count from 1904."""
    sheets, from_1904 = list[tuple[str, str]](), False
    for name, attributes in _listed(package, part, "sheet", "workbookPr"):
        if name == "workbookPr":
            from_1904 = attributes.get("date1904", "0") in {"1", "true"}
        elif attributes.get("state", "visible") == "visible":
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            sheets.append((clean(attributes.get("name", "")), relation))
    return sheets, from_1904


def _formats(package: zipfile.ZipFile, part: str) -> list[NumberFormat]:
    """Return the number format of each cell style, in the order cells count them."""
    own, formats, section = dict[int, NumberFormat](), list[NumberFormat](), ""
    for name, attributes in _listed(package, part, "numFmt", "cellStyleXfs", "cellXfs", "xf", "dxfs"):
        if name == "numFmt":
            own[int(attributes.get("numFmtId", "0"))] = format_of(attributes.get("formatCode", ""))
        elif name == "xf" and section == "cellXfs":
            number = int(attributes.get("numFmtId", "0"))
            formats.append(own.get(number) or (NumberFormat(is_date=True) if number in _DATE_FORMATS else PLAIN))
        elif name != "xf":
            section = name
    return formats


def _shared_texts(package: zipfile.ZipFile, part: str) -> list[str]:
    if part not in package.NameToInfo:
        return []
    texts = list[str]()
    gathered = _Text()

    def end(name: str) -> None:
        if gathered.end(name) == "si":
            texts.append(gathered.take())

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = gathered.start, end
    parser.CharacterDataHandler = gathered.add
    with package.open(part) as stream:
        for _ in feed(parser, stream):
            pass
    return texts


def _merges(package: zipfile.ZipFile, part: str) -> Iterator[Merge]:
    for _, attributes in _listed(package, part, "mergeCell"):
        first, _, last = attributes.get("ref", "").partition(":")
        top, left = place_of(first)
        bottom, right = place_of(last or first)
        yield Merge(top, left, bottom, right)


def _place(text: str) -> int:
    """Read the number of a shared text; a negative one would name another, counted from the end."""
    place = int(text)
    if place < 0:
        raise ValueError(f"no shared text: {text[:20]}")
    return place


def place_of(reference: str) -> tuple[int, int]:
    """Return row and column, from 0, of a reference such as `BC12`."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise ValueError(f"no cell reference: {reference[:20]}")
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]) - 1, column - 1


@dataclass(slots=True)
class _Text:
    """Gathers the text of `t` and `v` elements, leaving out phonetic readings (`rPh`)."""

    parts: list[str] = field(default_factory=list)
    is_open: bool = False
    is_phonetic: bool = False

    def start(self, name: str, _: Attributes) -> None:
        local = name.rpartition(":")[2]
        if local == "rPh":
            self.is_phonetic = True
        elif local in {"t", "v"}:
            self.is_open = not self.is_phonetic

    def add(self, text: str) -> None:
        if self.is_open:
            self.parts.append(text)

    def end(self, name: str) -> str:
        local = name.rpartition(":")[2]
        self.is_open = False
        if local == "rPh":
            self.is_phonetic = False
        return local

    def take(self) -> str:
        """Return the text gathered since the last taking, control characters written `_x000D_` put back."""
        text = "".join(self.parts)
        self.parts.clear()
        return clean(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text)


class _Cells:
    """Reads the cells of one sheet part, row by row."""

    def __init__(self, book: _Book) -> None:
        self._book = book
        self._text = _Text()
        self._ready: list[tuple[int, dict[int, str]]] = []
        self._row, self._column = -1, -1
        self._cells: dict[int, str] = {}
        self._kind, self._style = "n", ""
        self._has_formula = self._has_value = False

    def read(self, part: IO[bytes]) -> Iterator[tuple[int, dict[int, str]]]:
        """Yield (row, column to text) of every row the part holds."""
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text.add
        for _ in feed(parser, part):
            yield from self._ready
            self._ready.clear()

    def _start(self, name: str, attributes: Attributes) -> None:
        match name.rpartition(":")[2]:
            case "row":
                self._row = int(attributes.get("r", self._row + 2)) - 1
                self._column, self._cells = -1, {}
            case "c":
                reference = attributes.get("r")
                self._column = place_of(reference)[1] if reference else self._column + 1
                self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
                self._has_formula = self._has_value = False
            case "f":
                self._has_formula = True
            case "v" | "is":
                self._has_value = True
        self._text.start(name, attributes)

    def _end(self, name: str) -> None:
        match self._text.end(name):
            case "c":
                if text := self._cell(self._text.take()):
                    self._cells[self._column] = text
            case "row":
                self._ready.append((self._row, self._cells))

    def _cell(self, text: str) -> str:
        if self._column >= MAX_COLUMNS:
            return ""
        if not text:
            is_blank_text = self._kind == "str" and self._has_value
            return NO_VALUE if self._has_formula and not is_blank_text else ""
        match self._kind:
            case "s":
                return self._book.texts[_place(text)]
            case "n":
                return cell_number(float(text), self._format(), from_1904=self._book.from_1904)
            case "b":
                return "TRUE" if text == "1" else "FALSE"
            case _:
                return text

    def _format(self) -> NumberFormat:
        place = int(self._style or 0)
        return self._book.formats[place] if place < len(self._book.formats) else PLAIN
