"""Where a table begins in a sheet: the header, of up to three rows, below titles and `填报单位` lines."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, final

from catalogue_app.domain.text import clean_line
from harvesters.sheet_headers import Columns, Headers, distinct, path_name
from harvesters.sheet_rows import Sheet, SheetRow

SEARCHED_ROWS: Final = 40
"""Rows searched for a header; what stands above a table is a page of words at most."""

_TALLEST: Final = 3
_LONGEST_GROUP: Final = 30
_LABELLED: Final = re.compile(r"[：:]\s*\S|[：:]$")
_CHILD_ELEMENTS: Final = ("item.name", "distribution.url", "distribution.title")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table found in a sheet.

    Attributes:
        sheet: where it stands.
        names: names of its columns, from the first column on; columns without a header are named by their letter.
        columns: what the columns mean.
        after: number of the last row of the header, 0 where there is none.
        score: how many different elements the header names, a little more for a header that has groups.
    """

    sheet: Sheet
    names: tuple[str, ...]
    columns: Columns
    after: int
    score: float

    def rows(self) -> Iterator[SheetRow]:
        """Yield the rows below the header."""
        return (row for row in self.sheet.rows() if row.number > self.after)

    def place_of(self, element: str) -> int:
        """Return the place of the column for an element, -1 where there is none."""
        name = self.columns.name_of(element)
        return self.names.index(name) if name else -1

    @property
    def has_entries(self) -> bool:
        """Whether its rows are entries, not items or files of entries in another sheet."""
        return "title" in self.columns.chosen and not self.is_child

    @property
    def is_child(self) -> bool:
        """Whether its rows belong to the entries of another sheet, by their identifier."""
        if "identifier" not in self.columns.chosen:
            return False
        has_files = any(element.startswith("distribution.") for element in self.columns.chosen)
        return has_files or ("item.name" in self.columns.chosen and "title" not in self.columns.chosen)


def find_table(sheet: Sheet, headers: Headers) -> Table | None:
    """Find the header that names most elements; none where no row looks like one."""
    rows = list(islice(sheet.rows(), SEARCHED_ROWS))
    found = [table for table in _candidates(sheet, rows, headers) if _is_plausible(table, rows[0])]
    return max(found, key=lambda table: table.score, default=None)


def table_of_option(sheet: Sheet, names: Sequence[str], headers: Headers, first_row: int = 0) -> Table:
    """Make the table that an operator's list of columns describes.

    Args:
        sheet: where it stands.
        names: elements or known headers, column by column; an empty one is skipped.
        headers: the alias table.
        first_row: number of the first row with a record; 0: a header row is known by its words and skipped.
    """
    named = tuple(distinct(name.strip() or column_letter(place) for place, name in enumerate(names)))
    columns = headers.columns(named)
    after = first_row - 1 if first_row else _header_of(sheet, headers)
    return Table(sheet=sheet, names=named, columns=columns, after=after, score=len(named))


def column_letter(place: int) -> str:
    """Return the letters under which spreadsheet programs show a column, `A` for place 0."""
    letters = ""
    number = place + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def is_labelled(text: str) -> bool:
    """Tell whether a text is a label with its value, such as `填报单位：市教委`."""
    return _LABELLED.search(text) is not None


def _header_of(sheet: Sheet, headers: Headers) -> int:
    """Return the number of the first row where it is a header, else 0."""
    first = next(iter(sheet.rows()), None)
    return first.number if first is not None and _is_header_row(first, headers) else 0


def _is_header_row(row: SheetRow, headers: Headers) -> bool:
    texts = [text for text in row.cells if text]
    known = sum(map(headers.is_header, texts))
    return known == len(texts) or (known > 1 and known * 2 >= len(texts))


def _candidates(sheet: Sheet, rows: Sequence[SheetRow], headers: Headers) -> Iterator[Table]:
    for bottom in range(len(rows)):
        if not any(map(headers.is_header, rows[bottom].cells)):
            continue
        for top in range(bottom, max(bottom - _TALLEST, -1), -1):
            block = rows[top : bottom + 1]
            if top < bottom and not _is_group_row(rows[top], headers):
                break
            yield _table(sheet, block, headers)


def _table(sheet: Sheet, block: Sequence[SheetRow], headers: Headers) -> Table:
    width = max(len(row.cells) for row in block)
    grouped = [_spread(row, block[-1], width) for row in block[:-1]]
    lines = [*grouped, [block[-1].text(place) for place in range(width)]]
    paths = [path_name([clean_line(line[place]) for line in lines]) for place in range(width)]
    names = tuple(distinct(name or column_letter(place) for place, name in enumerate(paths)))
    columns = headers.columns(names)
    # A taller header wins only by naming more, or the same more exactly, by groups.
    depth = 0.01 * (len(block) - 1)
    return Table(sheet=sheet, names=names, columns=columns, after=block[-1].number, score=_score(columns) + depth)


def _score(columns: Columns) -> float:
    return float(len(columns.chosen))


def _spread(row: SheetRow, leaf: SheetRow, width: int) -> list[str]:
    """Give a group's name to the columns on its right that have a header below and none of their own here.

    Tables saved as text have lost their merged cells, yet keep this form.
    """
    texts, last = list[str](), ""
    for place in range(width):
        own = row.text(place)
        last = own or (last if leaf.text(place) and place not in row.across else "")
        texts.append(last)
    return texts


def _is_group_row(row: SheetRow, headers: Headers) -> bool:
    """Tell whether a row can be the upper part of a header: several short names, none of them a label with a value."""
    texts = {text for text in row.cells if text}
    if len(texts) < 2 or any(len(text) > _LONGEST_GROUP or is_labelled(text) for text in texts):  # noqa: PLR2004 — a title row has one
        return False
    return bool(row.across or row.tops) or any(map(headers.is_header, texts))


def _is_plausible(table: Table, first: SheetRow) -> bool:
    """Tell whether a header is more than one known word met by chance; in the first row one word is enough."""
    if not (table.has_entries or table.is_child):
        return False
    return table.score >= 2 or table.after == first.number  # noqa: PLR2004 — two words are no chance
