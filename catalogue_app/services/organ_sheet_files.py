"""An organ's catalogue as a file: the standard workbook, or the same table as CSV; written entry by entry."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum, unique
from io import StringIO
from pathlib import Path
from typing import Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from catalogue_app.domain.entry import Entry
from catalogue_app.reference import Reference
from catalogue_app.services.cells import BYTE_ORDER_MARK, text_cell
from catalogue_app.services.organ_sheet import COLUMNS, rows_of

SHEET: Final = "政务信息资源目录"

_WIDTH: Final = 18
_HEADER_ROWS: Final = 4


@unique
class SheetForm(StrEnum):
    """Forms of the table."""

    XLSX = "xlsx"
    CSV = "csv"


def write_workbook(entries: Iterable[Entry], organ_name: str, reference: Reference, path: Path) -> None:
    """Write the standard workbook: title, filling organ, two rows of headers; every cell a text, never a formula."""
    book = Workbook(write_only=True)
    sheet: WriteOnlyWorksheet = book.create_sheet(SHEET)
    for place in range(len(COLUMNS)):
        sheet.column_dimensions[get_column_letter(place + 1)].width = _WIDTH  # type: ignore[attr-defined]  # the stubs leave it out
    sheet.freeze_panes = f"A{_HEADER_ROWS + 1}"
    sheet.append([_heading(sheet, SHEET, size=16)])
    sheet.append([text_cell(sheet, f"填报单位：{organ_name}")])
    for line in _header_lines():
        sheet.append([_heading(sheet, text) if text else None for text in line])
    for area in _merged_areas():
        sheet.merged_cells.ranges.add(area)  # type: ignore[attr-defined]  # the stubs leave it out
    for entry in entries:
        for row in rows_of(entry, reference):
            sheet.append([text_cell(sheet, text) if text else None for text in row])
    book.save(path)
    book.close()


def csv_lines(entries: Iterable[Entry], reference: Reference) -> Iterator[bytes]:
    """Yield the table as CSV in UTF-8 with a mark that spreadsheet programs know it by, under one row of headers."""
    yield BYTE_ORDER_MARK + _line([column.name for column in COLUMNS])
    for entry in entries:
        for row in rows_of(entry, reference):
            yield _line(row)


def _header_lines() -> tuple[list[str], list[str]]:
    """Return the two rows of headers; one without a group stands in the first and reaches down."""
    upper, before = list[str](), ""
    for column in COLUMNS:
        upper.append("" if column.group and column.group == before else column.group or column.name)
        before = column.group
    return upper, [column.name if column.group else "" for column in COLUMNS]


def _merged_areas() -> Iterator[str]:
    width = get_column_letter(len(COLUMNS))
    yield f"A1:{width}1"
    yield f"A2:{width}2"
    top, bottom = _HEADER_ROWS - 1, _HEADER_ROWS
    groups = [column.group for column in COLUMNS]
    for group in dict.fromkeys(filter(None, groups)):
        first = groups.index(group)
        yield f"{get_column_letter(first + 1)}{top}:{get_column_letter(first + groups.count(group))}{top}"
    for place, group in enumerate(groups, start=1):
        if not group:
            yield f"{get_column_letter(place)}{top}:{get_column_letter(place)}{bottom}"


def _heading(sheet: WriteOnlyWorksheet, text: str, size: int = 11) -> Cell:
    cell = WriteOnlyCell(sheet, text)
    cell.font = Font(bold=True, size=size)
    cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    return cell


def _line(cells: Sequence[str]) -> bytes:
    line = StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode("utf-8", "replace")
