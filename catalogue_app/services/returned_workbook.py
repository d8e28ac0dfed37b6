"""The organ's own workbook, given back: everything as it was, and beside each row what is wrong with it."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Final, Protocol
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.harvest import Problem
from catalogue_app.messages import Messages
from catalogue_app.services.cells import sayable
from catalogue_app.services.run_reports import ProblemRow

HEADING: Final = "问题 problems"
SUMMARY: Final = "采集报告 report"

_PLACE: Final = re.compile(r"(?P<sheet>.+) row (?P<row>\d+)")
_RED: Final = "FFC00000"
_WIDTH: Final = 60

_Rows = Mapping[str, Mapping[int, list[str]]]


class Annotated(Protocol):
    """What was read of a workbook: the workbook itself, where its records stand, and what is wrong with them."""

    def workbook(self) -> AbstractContextManager[IO[bytes]]:
        """Lend the workbook as its organ handed it in."""
        ...

    def places(self) -> Iterator[str]:
        """Yield where the records stand, good ones too."""
        ...

    def rows(self) -> Iterator[ProblemRow]:
        """Yield every problem with where its record stands."""
        ...


def write_returned_workbook(report: Annotated, messages: Messages, path: Path) -> None:
    """Write the workbook that was read with a last column of problems on each of its sheets.

    Styles, formulas and other sheets stay; macros do not. What cannot be put beside a row stands on a sheet of its own.

    Raises:
        InvalidInput: `no_workbook`, no workbook was read.
    """
    with report.workbook() as file:
        try:
            book = load_workbook(file)
        except (BadZipFile, KeyError, ValueError, OSError) as error:
            raise InvalidInput("no_workbook", value=type(error).__name__) from error
    first_rows = _first_rows(report.places())
    by_sheet: defaultdict[str, defaultdict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    others: list[str] = []
    for place, problem in report.rows():
        found = _PLACE.fullmatch(place)
        if found and found["sheet"] in book.sheetnames:
            by_sheet[found["sheet"]][int(found["row"])].append(sentence_of(problem, messages))
        else:
            others.append(f"{place} {sentence_of(problem, messages)}".strip())
    for name, rows in by_sheet.items():
        _annotate(book[name], rows, first_rows.get(name, min(rows)))
    if others:
        _append_sheet(book, others)
    book.save(path)


def _first_rows(places: Iterable[str]) -> dict[str, int]:
    """Return the first row of records on each sheet: the heading of the new column stands above it."""
    first: dict[str, int] = {}
    for place in places:
        if found := _PLACE.fullmatch(place):
            row = int(found["row"])
            first[found["sheet"]] = min(row, first.get(found["sheet"], row))
    return first


def _annotate(sheet: Worksheet, rows: Mapping[int, list[str]], first_row: int) -> None:
    column = sheet.max_column + 1
    if first_row > 1:
        _write(sheet.cell(first_row - 1, column), HEADING, is_heading=True)
    for row, sentences in rows.items():
        _write(sheet.cell(row, column), "\n".join(sentences))
    sheet.column_dimensions[get_column_letter(column)].width = _WIDTH


def _append_sheet(book: Workbook, sentences: list[str]) -> None:
    sheet = book.create_sheet(SUMMARY)
    sheet.column_dimensions["A"].width = 2 * _WIDTH
    for row, sentence in enumerate(sentences, start=1):
        _write(sheet.cell(row, 1), sentence)


def _write(cell: Cell | MergedCell, text: str, *, is_heading: bool = False) -> None:
    """Write a text that no spreadsheet program takes for a formula."""
    if isinstance(cell, MergedCell):
        return  # shown by the first cell of its area
    cell.value = sayable(text)
    cell.data_type = "s"
    cell.font = Font(color=_RED, bold=is_heading)
    cell.alignment = Alignment(wrap_text=True, vertical="top")


def sentence_of(problem: Problem, messages: Messages) -> str:
    """Say in both languages what is wrong and how to mend it."""
    zh, mend_zh = messages.problem(
        problem.code, "zh", value=problem.value, element=problem.element, entry=problem.value
    )
    en, mend_en = messages.problem(
        problem.code, "en", value=problem.value, element=problem.element, entry=problem.value
    )
    element = f"{problem.element}: " if problem.element else ""
    return f"{element}{zh}。{mend_zh}。 / {en}; {mend_en}"
