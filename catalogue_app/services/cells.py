"""Cells of tables that people open in spreadsheet programs: the one rule by which a text never becomes a formula."""

import csv
import io
import re
from collections.abc import Iterable
from typing import Final

from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
"""What a CSV file in UTF-8 begins with, so that spreadsheet programs do not take it for GBK."""

_STARTS_FORMULA: Final = tuple("=+-@＝＋－＠")  # noqa: RUF001 — the wide forms are what is looked for
_BLANKS: Final = " \t\r\n\v\f\u00a0\u3000\ufeff"
_GUARD: Final = "'"
_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LONGEST_CELL: Final = 32_767


def harmless(text: str) -> str:
    """Write a text for a cell of a CSV file: what a program would take for a formula gets an apostrophe before it.

    A text that has such an apostrophe already gets another, so that `meant` gives back every text as it was.
    """
    return f"{_GUARD}{text}" if _is_risky(text) else text


def meant(text: str) -> str:
    """Read a cell that `harmless` wrote."""
    return text[1:] if text.startswith(_GUARD) and _is_risky(text) else text


def csv_line(cells: Iterable[str]) -> bytes:
    """Write one row of a CSV file in UTF-8, every cell harmless."""
    line = io.StringIO()
    csv.writer(line).writerow([harmless(cell.replace("\0", "")) for cell in cells])
    return line.getvalue().encode("utf-8", "replace")


def text_cell(sheet: WriteOnlyWorksheet, text: str) -> Cell:
    """Return a cell of a workbook that holds a text, whatever it begins with."""
    cell = WriteOnlyCell(sheet, sayable(text))
    cell.data_type = "s"
    return cell


def sayable(text: str) -> str:
    """Leave out what a workbook cannot hold."""
    return _NOT_IN_XML.sub("", text)[:_LONGEST_CELL]


def _is_risky(text: str) -> bool:
    begins_blank = text.lstrip(_GUARD).startswith(("\t", "\r", "\n"))
    return begins_blank or text.lstrip(_GUARD + _BLANKS).startswith(_STARTS_FORMULA)
