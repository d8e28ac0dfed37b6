"""What went wrong in a run as a file that its organ can work through: CSV, workbook or JSON; complete and streamed."""

from collections.abc import Iterator, Sequence
from enum import StrEnum, unique
from pathlib import Path
from typing import Final

import orjson
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from catalogue_app.messages import Messages
from catalogue_app.services.cells import BYTE_ORDER_MARK, csv_line, text_cell
from catalogue_app.services.harvest_report import in_words
from catalogue_app.services.run_reports import ProblemRow, WrittenReport

HEADINGS: Final = (
    "位置 place",
    "记录 record",
    "要素 element",
    "问题代码 code",
    "填写内容 value",
    "问题",
    "如何修改",
    "what is wrong",
    "how to mend it",
)
SHEET_ROWS: Final = 1_000_000
"""Rows of one sheet; a sheet holds 1,048,576."""

_WIDTHS: Final = (16, 30, 18, 22, 30, 44, 44, 44, 44)


@unique
class ReportForm(StrEnum):
    """Forms of a report."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"
    WORKBOOK = "workbook"
    """The organ's own workbook with a column of what is wrong with each row."""


def csv_lines(report: WrittenReport, messages: Messages) -> Iterator[bytes]:
    """Yield the report as CSV in UTF-8 with a mark that spreadsheet programs know it by, every cell harmless."""
    yield BYTE_ORDER_MARK + csv_line(HEADINGS)
    for row in report.rows():
        yield csv_line(_cells(row, messages))


def json_lines(report: WrittenReport, messages: Messages) -> Iterator[bytes]:
    """Yield the report as one JSON document, as `catalogue harvest --json` writes it, however many problems it has."""
    head = orjson.dumps(report.head())
    yield head[:-1] + b',"problems":['
    for number, row in enumerate(report.rows()):
        yield (b"," if number else b"") + orjson.dumps({"place": row.place, **in_words(row.problem, messages)})
    yield b"]}\n"


def write_workbook(report: WrittenReport, messages: Messages, path: Path) -> None:
    """Write the report as a workbook; every cell is a text, never a formula."""
    book = Workbook(write_only=True)
    sheet = _new_sheet(book, 1)
    for number, row in enumerate(report.rows(), start=1):
        if number % SHEET_ROWS == 0:
            sheet = _new_sheet(book, number // SHEET_ROWS + 1)
        sheet.append([text_cell(sheet, text) for text in _cells(row, messages)])
    book.save(path)
    book.close()


def _new_sheet(book: Workbook, number: int) -> WriteOnlyWorksheet:
    sheet: WriteOnlyWorksheet = book.create_sheet(f"问题 {number}" if number > 1 else "问题")
    for letter, width in zip("ABCDEFGHI", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width  # type: ignore[attr-defined]  # the stubs leave it out
    sheet.freeze_panes = "A2"
    headings = [WriteOnlyCell(sheet, heading) for heading in HEADINGS]
    for heading in headings:
        heading.font = Font(bold=True)
    sheet.append(headings)
    return sheet


def _cells(row: ProblemRow, messages: Messages) -> Sequence[str]:
    said = in_words(row.problem, messages)
    names = ("record", "element", "code", "value", "message_zh", "mend_zh", "message", "mend")
    return [row.place, *(str(said[name]) for name in names)]
