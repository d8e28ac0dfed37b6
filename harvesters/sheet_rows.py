"""What a table is once its file format is gone: sheets of numbered rows of text, merged cells filled.

Every cell is text. Two marks stand for what is no text at all: `NO_VALUE` for a formula that nobody calculated, and the
error words of spreadsheet programs (`ERROR_WORDS`), which also reach us through their CSV exports.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, final

NO_VALUE: Final = "#NO_VALUE!"
"""Stands for a formula without a stored result; formulas are never calculated here."""

ERROR_WORDS: Final = frozenset(
    {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA", "#SPILL!", "#CALC!"}
)
"""What spreadsheet programs show in place of a result that failed."""

MAX_COLUMNS: Final = 1000
"""Columns read of a sheet; a catalogue has some tens, a stray cell at the far right is no column."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """One row with at least one cell that says something.

    Attributes:
        number: number of the row as the organ sees it, from 1.
        cells: texts from the first column on, merged cells filled; blank cells are empty.
        across: columns filled from the left by a merged cell.
        below: columns filled from above by a merged cell.
        tops: columns where a merged cell begins that reaches down into further rows.
    """

    number: int
    cells: tuple[str, ...]
    across: frozenset[int] = frozenset()
    below: frozenset[int] = frozenset()
    tops: frozenset[int] = frozenset()

    def text(self, column: int) -> str:
        """Return the text of one column, empty where there is none."""
        return self.cells[column] if 0 <= column < len(self.cells) else ""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet of a file; a CSV file is one sheet without a name.

    Attributes:
        name: name of the sheet.
        rows: reads the rows from the first on; may be called again, and reads the file again each time.
        counts_from_1904: whether serial day numbers count from 1904-01-01 instead of 1899-12-30.
    """

    name: str = ""
    rows: Callable[[], Iterator[SheetRow]]
    counts_from_1904: bool = False


class Merge(NamedTuple):
    """A merged cell: first and last row and column, all inclusive, from 0."""

    top: int
    left: int
    bottom: int
    right: int


def filled(rows: Iterable[tuple[int, Mapping[int, str]]], merges: Iterable[Merge]) -> Iterator[SheetRow]:
    """Make rows of sparse cells, giving every place of a merged cell the text of its first place.

    Args:
        rows: (row, column to text), in ascending order, both from 0.
        merges: merged cells in any order.
    """
    waiting = sorted(merges, reverse=True)
    active: dict[Merge, str] = {}
    for index, cells in rows:
        active = {merge: text for merge, text in active.items() if merge.bottom >= index}
        while waiting and waiting[-1].top <= index:
            merge = waiting.pop()
            active[merge] = cells.get(merge.left, "") if merge.top == index else ""
        row = _row(index, cells, active)
        if any(row.cells):
            yield row


def _row(index: int, cells: Mapping[int, str], active: Mapping[Merge, str]) -> SheetRow:
    plain = SheetRow(number=index + 1, cells=_dense(cells))
    spread = [(merge, text) for merge, text in active.items() if text]
    if not spread:
        return plain
    all_cells, across, below, tops = dict(cells), set[int](), set[int](), set[int]()
    for merge, text in spread:
        columns = range(merge.left, min(merge.right + 1, MAX_COLUMNS))
        all_cells.update(dict.fromkeys(columns, text))
        across.update(columns[1:])
        if merge.top < index:
            below.update(columns)
        elif merge.bottom > index:
            tops.update(columns)
    return replace(
        plain, cells=_dense(all_cells), across=frozenset(across), below=frozenset(below), tops=frozenset(tops)
    )


def _dense(cells: Mapping[int, str]) -> tuple[str, ...]:
    last = max((column for column, text in cells.items() if text), default=-1)
    return tuple(cells.get(column, "") for column in range(min(last + 1, MAX_COLUMNS)))
