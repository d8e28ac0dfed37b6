"""Reads reference tables from CSV, and says file, row and mend where one is broken."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, TypeVar, final

from catalogue_app.domain.errors import ConfigurationError

if TYPE_CHECKING:
    import _csv

Member = TypeVar("Member", bound=StrEnum)

_CELL_CHARACTERS: Final = 131_072
"""Most of one cell; a quote that never ends would fill it."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a table.

    Attributes:
        file: path of the table below `config/`, as an operator would look for it.
        number: line of the file, headings being line 1.
        cells: heading to text; empty text for headings that the file lacks.
        headings: those that the file has.
    """

    file: str
    number: int
    cells: dict[str, str]
    headings: frozenset[str] = frozenset()

    def completed(self, cells: Mapping[str, str]) -> "Row":
        """Return the row with texts for headings that its file lacks; what the file says, also nothing, stays."""
        return replace(self, cells=self.cells | {key: cells[key] for key in cells if key not in self.headings})

    def fail(self, column: str, why: str) -> NoReturn:
        """Refuse the table because of this cell.

        Raises:
            ConfigurationError: always.
        """
        where = {"file": self.file, "row": self.number, "column": column, "value": self.cells.get(column, "")}
        raise ConfigurationError("table_broken", **where, why=why)

    def text(self, column: str) -> str:
        """Return a cell, empty or not."""
        return self.cells[column]

    def required(self, column: str) -> str:
        """Return a cell that may not be empty."""
        return self.cells[column] or self.fail(column, "must not be empty")

    def many(self, column: str, separator: str = ";") -> tuple[str, ...]:
        """Return the parts of a cell that lists several values."""
        return tuple(part.strip() for part in self.cells[column].split(separator) if part.strip())

    def day(self, column: str) -> date:
        """Return a date cell."""
        try:
            return date.fromisoformat(self.required(column))
        except ValueError:
            self.fail(column, "must be a date like 2026-03-05")

    def number_or(self, column: str, default: int) -> int:
        """Return a whole number, or the default where the cell is empty."""
        text = self.cells[column]
        if text and not text.isdigit():
            self.fail(column, "must be a whole number")
        return int(text or default)

    def flag(self, column: str) -> bool:
        """Return a yes-or-no cell."""
        text = self.required(column)
        if text not in {"yes", "no"}:
            self.fail(column, "must be yes or no")
        return text == "yes"

    def member(self, column: str, kind: type[Member]) -> Member:
        """Return a member of a closed list."""
        try:
            return kind(self.required(column))
        except ValueError:
            self.fail(column, f"must be one of {', '.join(kind)}")

    def pattern(self, column: str) -> re.Pattern[str]:
        """Return a cell that is a regular expression; letters match in either case."""
        try:
            return re.compile(self.required(column), re.IGNORECASE)
        except re.error as error:
            self.fail(column, f"must be a regular expression: {error}")


def read_table(path: Path, columns: Sequence[str], optional: Sequence[str] = (), key: str = "") -> list[Row]:
    """Read a whole table.

    Args:
        path: the CSV file, UTF-8 with or without byte order mark.
        columns: headings it must have.
        optional: headings it may lack; their cells are then empty. `source` is always allowed.
        key: heading whose values must differ from row to row.

    Raises:
        ConfigurationError: the file, a heading or a row is not as it must be.
    """
    file = table_name(path)
    rows = list(rows_of(_text(path, file), file, columns, optional))
    seen: dict[str, int] = {}
    for row in rows if key else ():
        check_key(row, key, seen)
    return rows


def check_key(row: Row, key: str, seen: dict[str, int]) -> None:
    """See to it that a row has a key that no row before it has, and remember it.

    Raises:
        ConfigurationError: it has none, or another one has it.
    """
    if (first := seen.setdefault(row.required(key), row.number)) != row.number:
        row.fail(key, f"stands already in row {first}")


def table_name(path: Path) -> str:
    """Return how complaints name a table: its folder below `config/` and its file."""
    return f"{path.parent.name}/{path.name}"


def _text(path: Path, file: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError("table_unreadable", file=file, why=str(error)) from error


def rows_of(text: str, file: str, columns: Sequence[str], optional: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of a table given as text; arguments and errors as of `read_table`."""
    lines = csv.reader(text.splitlines(keepends=True))
    rows = _whole(lines, file)
    headings = next(rows, [])
    if missing := [name for name in columns if name not in headings]:
        raise ConfigurationError("table_column_missing", file=file, row=1, columns=", ".join(missing))
    allowed = {*columns, *optional, "source"}
    if unknown := [name for name in headings if name not in allowed]:
        raise ConfigurationError(
            "table_column_unknown", file=file, row=1, columns=", ".join(unknown), known=", ".join(sorted(allowed))
        )
    blank = dict.fromkeys(allowed, "")
    for cells in filter(any, rows):
        if len(cells) != len(headings):
            why = f"has {len(cells)} cells where {len(headings)} are wanted; quote cells that hold a comma"
            raise ConfigurationError("table_row_broken", file=file, row=lines.line_num, why=why)
        stripped = (cell.strip() for cell in cells)
        filled = blank | dict(zip(headings, stripped, strict=True))
        yield Row(file=file, number=lines.line_num, cells=filled, headings=frozenset(headings))


def _whole(lines: "_csv.Reader", file: str) -> Iterator[list[str]]:
    """Yield the rows, or refuse the one that is no CSV."""
    try:
        for cells in lines:
            if any(len(cell) > _CELL_CHARACTERS for cell in cells):
                why = f"field larger than {_CELL_CHARACTERS} characters"
                raise ConfigurationError("table_row_broken", file=file, row=lines.line_num, why=why)
            yield cells
    except csv.Error as error:
        raise ConfigurationError("table_row_broken", file=file, row=lines.line_num, why=str(error)) from error
