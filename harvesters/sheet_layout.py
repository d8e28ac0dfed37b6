"""From the rows of a table to drafts of records: which rows belong to one entry, and which are no entries at all.

In the standard workbook (guide 1272) an entry has one row for each information item and its own cells are merged over
them; flattened, those cells stand only in its first row or are repeated. A table without item columns has one row an
entry. Page titles, column numbers, guidance, totals, remarks and signatures are no records and are not counted.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, final

from catalogue_app.domain.metadata import JsonValue
from catalogue_app.domain.text import has_han
from harvesters.sheet_rows import SheetRow
from harvesters.sheet_table import Table, column_letter, is_labelled

ITEMS: Final = "@items"
"""Key of a record's item rows: a list of objects, column name to text."""
REPEATED: Final = "@values"
"""Key of what further rows of an entry say differently in its own columns: column name to texts."""
FROM_1904: Final = "@from_1904"
"""Key present where serial day numbers of the record count from 1904."""

_ITEM: Final = "item."
_WIDE: Final = 3
_NEAR_HEADER: Final = 5
"""Rows below the header among which column numbers and guidance stand."""
_SIGNED: Final = re.compile(
    r"(填[表报報]|制表|編製|编制|审核|審核|复核|審批|审批|批准|经办|經辦|负责|負責|联系|聯絡|签|簽|单位|單位|盖章|日期|电话|電話)"
    r"[^：:]{0,12}[：:]"
)
_REMARK: Final = re.compile(
    r"(注|註|备注|備註|说明|說明|附注|附註|填表说明|填报说明|note|notes|remark|remarks)\s*\d*\s*[：:]", re.IGNORECASE
)
_TOTAL: Final = re.compile(
    r"(合\s*计|总\s*计|小\s*计|共\s*计|合\s*計|總\s*計|小\s*計|total|sum)\s*[：:]?\s*[\d,]*\s*[条條项項个個]?",
    re.IGNORECASE,
)
_COUNT: Final = re.compile(r"(共\s*)?[\d,]+\s*[条條项項个個张張]?")
_EXAMPLE: Final = re.compile(r"(填写|填报)?(示例|样例|范例|例如|範例)\s*\d*[：:]?", re.IGNORECASE)
_GUIDANCE: Final = re.compile(r"必填|选填|非必填|选择填写|下拉|不超过\d+|請填|请填|如：|如:")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A record before it has an identity.

    Attributes:
        place: where it begins, such as `row 17` or `目录 row 17`.
        raw: column name to text, blank cells included; see `ITEMS`, `REPEATED`, `FROM_1904`.
    """

    place: str
    raw: dict[str, JsonValue]

    def text(self, name: str) -> str:
        """Return the text of a column, empty where there is none."""
        value = self.raw.get(name, "")
        return value if isinstance(value, str) else ""


def drafts(table: Table) -> Iterator[Draft]:
    """Yield the drafts of a table, reading its sheet once; one draft is in memory at a time."""
    shape = _Shape(table)
    group: list[SheetRow] = []
    for row in map(_own_cells, shape.records(table.rows())):
        if group and shape.continues(group, row):
            group.append(row)
            continue
        if group:
            yield shape.draft(group)
        group = [row]
    if group:
        yield shape.draft(group)


def _own_cells(row: SheetRow) -> SheetRow:
    """Take out what a merged cell filled to the right: in a record, one text fills one column."""
    if not row.across:
        return row
    cells = tuple("" if place in row.across else text for place, text in enumerate(row.cells))
    return SheetRow(number=row.number, cells=cells, below=row.below, tops=row.tops)


class _Shape:
    """How the rows of one table make records."""

    def __init__(self, table: Table) -> None:
        columns = table.columns
        self._table = table
        self._names = table.names
        self._title = table.place_of("title")
        self._code = table.place_of("resource_code")
        self._number = table.place_of("number")
        self._keys = [table.place_of(element) for element in ("resource_code", "identifier", "provider_name")]
        item_names = {names[0] for element, names in columns.chosen.items() if element.startswith(_ITEM)}
        self._items = [place for place, name in enumerate(table.names) if name in item_names]
        self._item_name = table.place_of("item.name")
        self._has_items = self._item_name >= 0
        self._prefix = f"{table.sheet.name} row" if table.sheet.name else "row"
        self._leaves = [name.rpartition("/")[2] for name in table.names]

    def records(self, rows: Iterator[SheetRow]) -> Iterator[SheetRow]:
        """Leave out rows that are no part of any record."""
        for row in rows:
            if not self._is_no_record(row):
                yield row

    def continues(self, group: Sequence[SheetRow], row: SheetRow) -> bool:
        """Tell whether a row goes on with the entry of the rows before it."""
        if not self._has_items or self._title in row.tops:
            return False
        title = row.text(self._title)
        if title and self._title in row.below:
            return True
        first = group[0]
        same_keys = all(row.text(place) in {"", first.text(place)} for place in self._keys if place >= 0)
        if not title:
            return same_keys
        is_repeated = same_keys and title == first.text(self._title)
        return is_repeated and bool(row.text(self._item_name)) and row.cells != first.cells

    def draft(self, group: Sequence[SheetRow]) -> Draft:
        """Make the draft of one entry from its rows."""
        first = group[0]
        raw: dict[str, JsonValue] = dict(zip(self._names, first.cells, strict=False))
        for name in self._names[len(first.cells) :]:
            raw[name] = ""
        for place in range(len(self._names), len(first.cells)):
            raw[f"column {column_letter(place)}"] = first.cells[place]
        if self._has_items:
            self._add_items(raw, group)
        if self._table.sheet.counts_from_1904:
            raw[FROM_1904] = True
        return Draft(place=f"{self._prefix} {first.number}", raw=raw)

    def _add_items(self, raw: dict[str, JsonValue], group: Sequence[SheetRow]) -> None:
        own = [place for place in range(len(self._names)) if place not in self._items]
        varying = [
            place for place in own if len({row.text(place) for row in group} - {""}) > 1 and place != self._number
        ]
        columns = [*self._items, *varying]
        items = [{self._names[place]: row.text(place) for place in columns if row.text(place)} for row in group]
        raw[ITEMS] = [dict[str, JsonValue](item) for item in items if item]
        for place in self._items:
            del raw[self._names[place]]
        for place in own:
            raw[self._names[place]] = next((text for row in group if (text := row.text(place))), "")
        if varying:
            raw[REPEATED] = {self._names[place]: _each_once(group, place) for place in varying}

    def _is_no_record(self, row: SheetRow) -> bool:
        if row.number > self._table.after + _NEAR_HEADER and self._is_plain(row):
            return False
        texts = [(place, text) for place, text in enumerate(row.cells) if text and place not in row.across]
        if len(texts) == 1 and (row.across or self._is_lone_remark(*texts[0])):
            return not self._items or texts[0][0] not in self._items
        return (
            all(place == self._number for place, _ in texts)
            or self._is_signature(row, texts)
            or self._is_header_again(texts)
            or _is_numbering(texts)
            or _is_guidance(texts)
        )

    def _is_plain(self, row: SheetRow) -> bool:
        """Tell at a glance that a row far below the header is a record: its title is one, and no column repeats."""
        title = row.text(self._title)
        return (
            bool(title)
            and not row.across
            and title not in self._leaves
            and not is_labelled(title)
            and (row.cells[0] != title or _TOTAL.fullmatch(title) is None)
            and not self._is_total(row)
        )

    def _is_total(self, row: SheetRow) -> bool:
        """Tell whether a row begins as a total outside the title column and has a bare number for a title."""
        first = next((place for place, text in enumerate(row.cells) if text), self._title)
        is_count = _COUNT.fullmatch(row.text(self._title)) is not None
        return first != self._title and is_count and _TOTAL.fullmatch(row.text(first)) is not None

    def _is_lone_remark(self, place: int, text: str) -> bool:
        """Tell whether the only text of a row is a sentence beside the title column, not an item and not a code."""
        return place != self._title and place not in self._items and has_han(text) and len(self._names) > _WIDE

    def _is_signature(self, row: SheetRow, texts: Sequence[tuple[int, str]]) -> bool:
        """Tell whether a row signs, remarks, adds up or shows how to fill in, and names no entry."""
        first, title = texts[0][1], row.text(self._title)
        if _EXAMPLE.fullmatch(first) and texts[0][0] != self._title:
            return True
        if self._is_total(row):
            return True
        is_title_other = bool(title) and title != first and not is_labelled(title)
        return (not is_title_other and any(form.match(first) for form in (_SIGNED, _REMARK))) or (
            not is_title_other and _TOTAL.fullmatch(first) is not None
        )

    def _is_header_again(self, texts: Sequence[tuple[int, str]]) -> bool:
        """Tell whether the header is repeated, as on each printed page."""
        if len(texts) < 2:  # noqa: PLR2004 — one cell may say the word by chance
            return False
        return all(place < len(self._leaves) and text in self._names[place].split("/") for place, text in texts)


def _is_numbering(texts: Sequence[tuple[int, str]]) -> bool:
    """Tell whether a row numbers the columns."""
    numbers = [text.strip("()（）") for _, text in texts]
    expected = (str(number) for number in range(1, len(numbers) + 1))
    return len(numbers) >= _WIDE and all(number == wanted for number, wanted in zip(numbers, expected, strict=True))


def _is_guidance(texts: Sequence[tuple[int, str]]) -> bool:
    """Tell whether a row explains how to fill in the columns."""
    guiding = sum(1 for _, text in texts if _GUIDANCE.search(text))
    return guiding >= _WIDE and guiding * 2 >= len(texts)


def _each_once(group: Sequence[SheetRow], place: int) -> list[JsonValue]:
    return list(dict.fromkeys(text for row in group if (text := row.text(place))))
