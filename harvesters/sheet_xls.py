"""Legacy workbooks (BIFF, .xls) as rows of text: the one file that knows xlrd.

xlrd reads a workbook whole, which its format forces (sheets refer to records scattered over the file); the fetcher's
size limit bounds it. Macros are never opened, and formulas carry their stored results.
"""

import io
from collections.abc import Callable, Iterator
from functools import partial
from itertools import starmap
from typing import Any, BinaryIO, Final

import xlrd

from catalogue_app.domain.errors import SourceError
from catalogue_app.domain.text import clean
from harvesters.sheet_rows import MAX_COLUMNS, Merge, Sheet, SheetRow, filled
from harvesters.sheet_values import PLAIN, NumberFormat, cell_number, format_of

_VISIBLE: Final = 0
_ENCRYPTED: Final = "encrypted"


def read_sheets(open_body: Callable[[], BinaryIO]) -> Iterator[Sheet]:
    """Yield the visible sheets of a workbook.

    Raises:
        SourceError: not a whole workbook of this family, or one with a password.
    """
    book = _open(open_body)
    for sheet in _sheets(book):
        yield Sheet(name=clean(sheet.name), rows=partial(_rows, book, sheet), counts_from_1904=book.datemode == 1)


def _open(open_body: Callable[[], BinaryIO]) -> Any:
    """Read the book with its cell formats, for merged cells and days are told by them."""
    with open_body() as body:
        content = body.read()
    try:
        return xlrd.open_workbook(file_contents=content, formatting_info=True, logfile=io.StringIO())
    except Exception as fault:  # xlrd raises whatever a broken file leads it to: struct, index, assertion errors
        reason = f"{type(fault).__name__}: {fault}"
        code = "encrypted_workbook" if _ENCRYPTED in reason else "broken_workbook"
        raise SourceError(code, reason=reason[:200]) from fault


def _sheets(book: Any) -> list[Any]:
    return [sheet for sheet in book.sheets() if sheet.visibility == _VISIBLE]


def _rows(book: Any, sheet: Any) -> Iterator[SheetRow]:
    merges = starmap(_merge, sheet.merged_cells)
    return filled(((row, _cells(book, sheet, row)) for row in range(sheet.nrows)), merges)


def _merge(top: int, below: int, left: int, beyond: int) -> Merge:
    return Merge(top, left, below - 1, beyond - 1)


def _cells(book: Any, sheet: Any, row: int) -> dict[int, str]:
    cells = sheet.row(row)[:MAX_COLUMNS]
    texts = ((column, _text(book, cell)) for column, cell in enumerate(cells))
    return {column: text for column, text in texts if text}


def _text(book: Any, cell: Any) -> str:
    match cell.ctype:
        case xlrd.XL_CELL_TEXT:
            return clean(cell.value)
        case xlrd.XL_CELL_NUMBER | xlrd.XL_CELL_DATE:
            is_date = cell.ctype == xlrd.XL_CELL_DATE
            shown_as = NumberFormat(is_date=True) if is_date else _format(book, cell.xf_index)
            return cell_number(float(cell.value), shown_as, from_1904=book.datemode == 1)
        case xlrd.XL_CELL_BOOLEAN:
            return "TRUE" if cell.value else "FALSE"
        case xlrd.XL_CELL_ERROR:
            return str(xlrd.error_text_from_code.get(cell.value, "#VALUE!"))
        case _:
            return ""


def _format(book: Any, xf_index: int | None) -> NumberFormat:
    styles = book.xf_list[xf_index : xf_index + 1] if xf_index is not None else []
    codes = [book.format_map[style.format_key].format_str for style in styles if style.format_key in book.format_map]
    return format_of(codes[0]) if codes else PLAIN
