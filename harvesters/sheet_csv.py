"""CSV and its relatives as rows: the delimiter is found by what it yields, quoted line breaks are kept.

The file is streamed: memory holds one row, however long the file is.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import BinaryIO, Final

from catalogue_app.domain.errors import SourceError
from catalogue_app.domain.text import clean
from harvesters.sheet_encoding import known_codec, undecodable_at
from harvesters.sheet_rows import MAX_COLUMNS, SheetRow

DELIMITERS: Final = (",", "\t", ";", "|")
"""Delimiters that are looked for, the likelier first."""

_SAMPLE_ROWS: Final = 30
_CELL_CHARACTERS: Final = 16 * 1024 * 1024
"""Most of one cell; readings cut what is too long for its element, so that one such cell costs no other."""
csv.field_size_limit(_CELL_CHARACTERS)
_DECLARATION: Final = re.compile(r'"?sep=(.)"?\s*')
"""First line by which a spreadsheet program notes its delimiter."""


def read_rows(open_body: Callable[[], BinaryIO], codec: str, is_header: Callable[[str], bool]) -> Iterator[SheetRow]:
    """Yield the rows of a text file.

    Args:
        open_body: opens the file at its start; may be called again.
        codec: name of its encoding.
        is_header: whether a text is a known column header; tells delimiters apart where counting cannot.

    Raises:
        SourceError: bytes the encoding does not have, a quote that never ends, a cell beyond all measure.
    """
    delimiter, declared_lines = _delimiter(open_body, codec, is_header)
    with _lines(open_body, codec) as text:
        lines = _QuoteCount(islice(text, declared_lines, None))
        try:
            yield from _rows(csv.reader(lines, delimiter=delimiter), lines)
        except UnicodeDecodeError as fault:
            offset = undecodable_at(open_body, codec)
            raise SourceError("undecodable_bytes", encoding=codec, byte=offset) from fault
        except csv.Error as fault:
            raise SourceError("broken_csv", line=lines.number + declared_lines, reason=str(fault)) from fault


class _QuoteCount:
    """Counts lines, and quotes since the last whole row: an odd number at the end is a quote that never closed."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = lines
        self.number = self.quotes = self.row_lines = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.number += 1
            self.row_lines += 1
            self.quotes += line.count('"')
            yield line

    def end_row(self) -> tuple[int, bool]:
        """Return how many lines the row had and whether a quote is still open; start the next row."""
        seen = self.row_lines, self.quotes % 2 == 1
        self.row_lines = self.quotes = 0
        return seen


def _rows(records: Iterable[list[str]], lines: _QuoteCount) -> Iterator[SheetRow]:
    is_open, height, number = False, 0, 0
    for number, record in enumerate(records, start=1):
        height, is_open = lines.end_row()
        cells = tuple(map(clean, record[:MAX_COLUMNS]))
        if any(cells):
            yield SheetRow(number=number, cells=cells)
    if is_open and height > 1:
        raise SourceError("unclosed_quote", row=number)


def _lines(open_body: Callable[[], BinaryIO], codec: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(open_body(), encoding=known_codec(codec), newline="")


def _delimiter(open_body: Callable[[], BinaryIO], codec: str, is_header: Callable[[str], bool]) -> tuple[str, int]:
    """Return the delimiter, and how many lines at the start only declare it."""
    with _lines(open_body, codec) as text:
        try:
            sample = list(islice(text, _SAMPLE_ROWS))
        except UnicodeDecodeError as fault:
            raise SourceError("undecodable_bytes", encoding=codec, byte=undecodable_at(open_body, codec)) from fault
    if sample and (declared := _DECLARATION.fullmatch(sample[0].lstrip("\ufeff"))):
        return declared[1], 1
    return max(DELIMITERS, key=lambda delimiter: _rating(sample, delimiter, is_header)), 0


def _rating(sample: list[str], delimiter: str, is_header: Callable[[str], bool]) -> tuple[int, float, int]:
    """Rate a delimiter: header words in one row, then how alike the widths of rows are, then the width."""
    try:
        rows = [row for row in csv.reader(sample, delimiter=delimiter) if any(row)]
    except csv.Error:
        return 0, 0.0, 0
    headers = max((sum(map(is_header, row)) for row in rows), default=0)
    width, count = max(Counter(map(len, rows)).items(), key=lambda pair: (pair[1], pair[0]), default=(1, 0))
    return headers, count / len(rows) if width > 1 else 0.0, width
