"""Workbooks and text files become rows of text; nothing is opened, calculated or unpacked without measure."""

import io
import zipfile
from datetime import date, datetime

import pytest

from catalogue_app.domain.errors import SourceError, SourceRefused
from harvesters import sheet_package
from harvesters.sheet_reading import read_sheets
from harvesters.sheet_rows import SheetRow
from harvesters.sheet_values import cell_number, format_of, number_text, serial_text
from tests.harvesting import payload_of
from tests.sheets import Rows, csv_bytes, part_of, read_all, with_part, xls_bytes, xlsx_bytes

HEADER = ["信息资源代码", "信息资源名称", "发布日期"]


def rows_of(body: bytes) -> list[SheetRow]:
    return [row for sheet in read_sheets(payload_of(body), "", lambda _: False) for row in sheet.rows()]


def texts_of(body: bytes) -> list[tuple[str, ...]]:
    return [row.cells for row in rows_of(body)]


def code_of(body: bytes, **options: str) -> str:
    with pytest.raises(SourceError) as caught:
        read_all(body, **options)
    return caught.value.code


def test_the_name_of_a_file_or_its_media_type_says_nothing() -> None:
    rows = [HEADER, ["1", "宠物登记", "2026-01-05"]]
    assert texts_of(xlsx_bytes({"目录": rows})) == texts_of(xls_bytes(rows)) == texts_of(csv_bytes(rows))


def test_numbers_are_written_without_a_needless_fraction() -> None:
    assert [number_text(value) for value in (3.0, 0.1, -5.0, 1e21, 45047.75)] == [
        "3",
        "0.1",
        "-5",
        "1" + "0" * 21,
        "45047.75",
    ]


def test_a_number_shown_with_leading_zeros_keeps_them() -> None:
    def shape(book: object) -> None:
        book.worksheets[0]["A1"].number_format = "000000"  # type: ignore[attr-defined]  # openpyxl's workbook

    assert texts_of(xlsx_bytes({"目录": [[42]]}, shape=shape)) == [("000042",)]


def test_real_days_are_iso_days_in_both_kinds_of_workbook() -> None:
    rows: Rows = [HEADER, ["1", "甲", date(2023, 5, 1)], ["2", "乙", datetime(2023, 5, 1, 18, 0)]]  # noqa: DTZ001 — cells know no zone
    assert [row[2] for row in texts_of(xlsx_bytes({"目录": rows}))] == ["发布日期", "2023-05-01", "2023-05-01 18:00:00"]
    assert [row[2] for row in texts_of(xls_bytes(rows))] == ["发布日期", "2023-05-01", "2023-05-01 18:00:00"]


@pytest.mark.parametrize("serial", [-5, 0, 1, 60, 3_000_000, float("inf"), float("nan")])
def test_a_serial_number_that_is_no_certain_day_is_none(serial: float) -> None:
    assert serial_text(serial) == ""


def test_serial_days_count_from_the_day_their_workbook_says() -> None:
    assert (serial_text(45047), serial_text(43585, from_1904=True)) == ("2023-05-01", "2023-05-01")


@pytest.mark.parametrize(
    ("code", "is_date"),
    [("yyyy-mm-dd", True), ('yyyy"年"m"月"', True), ("[$-804]m月d日", True), ("h:mm", True), ("General", False),
     ("0.00", False), ('0"天"', False), ('#,##0"days"', False), ("[Red]0", False), ("@", False)],
)  # fmt: skip
def test_number_formats_of_days_are_known(code: str, *, is_date: bool) -> None:
    assert format_of(code).is_date is is_date


def test_a_format_changes_no_number_beyond_its_range() -> None:
    assert cell_number(60, format_of("yyyy-mm-dd")) == "60"


def test_merged_cells_fill_their_whole_range_in_both_kinds_of_workbook() -> None:
    rows = [["甲", None, "乙"], [None, None, "丙"], ["丁", "戊", None]]
    for body in (xlsx_bytes({"目录": rows}, ["A1:B2"]), xls_bytes(rows, [(0, 1, 0, 1)])):
        first, second, _ = rows_of(body)
        assert (first.cells, second.cells) == (("甲", "甲", "乙"), ("甲", "甲", "丙"))
        assert (first.across, first.below, first.tops) == (frozenset({1}), frozenset(), frozenset({0, 1}))
        assert (second.across, second.below) == (frozenset({1}), frozenset({0, 1}))


def test_a_huge_merged_cell_costs_nothing() -> None:
    body = xlsx_bytes({"目录": [["甲"], ["乙"]]}, ["A1:B2"])
    sheet = part_of(body, "xl/worksheets/sheet1.xml").replace(b'ref="A1:B2"', b'ref="A1:XFD1048576"')
    assert [len(row.cells) for row in rows_of(with_part(body, "xl/worksheets/sheet1.xml", sheet))] == [1000, 1000]


def test_a_formula_is_never_calculated_and_its_absence_is_marked() -> None:
    assert texts_of(xlsx_bytes({"目录": [["=1+1", "x"]]})) == [("#NO_VALUE!", "x")]


def test_the_stored_result_of_a_formula_is_taken() -> None:
    body = xlsx_bytes({"目录": [["=1+1", '=""']]})
    sheet = part_of(body, "xl/worksheets/sheet1.xml")
    first, second = b"<f>1+1</f><v></v>", b'<c r="B1"><f>""</f><v></v>'
    if second not in sheet:
        second = b'<c r="B1"><f>&quot;&quot;</f><v></v>'
    sheet = sheet.replace(first, b"<f>1+1</f><v>2</v>").replace(second, second.replace(b'r="B1"', b'r="B1" t="str"'))
    assert texts_of(with_part(body, "xl/worksheets/sheet1.xml", sheet)) == [("2",)]


def test_shared_texts_leave_out_phonetic_readings() -> None:
    body = xlsx_bytes({"目录": [["占位"]]})
    sheet = part_of(body, "xl/worksheets/sheet1.xml")
    shared = '<sst xmlns="x"><si><r><t>宠物</t></r><r><t>登记</t></r><rPh><t>ちょう</t></rPh></si></sst>'.encode()
    cell = sheet[sheet.index(b"<c ") : sheet.index(b"</c>") + 4]
    body = with_part(body, "xl/worksheets/sheet1.xml", sheet.replace(cell, b'<c r="A1" t="s"><v>0</v></c>'))
    body = with_part(body, "xl/sharedStrings.xml", shared)
    relations = part_of(body, "xl/_rels/workbook.xml.rels").replace(
        b"</Relationships>",
        b'<Relationship Id="s" Type="x/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    )
    assert texts_of(with_part(body, "xl/_rels/workbook.xml.rels", relations)) == [("宠物登记",)]


def test_hidden_sheets_are_left_out() -> None:
    def hide(book: object) -> None:
        book.worksheets[1].sheet_state = "hidden"  # type: ignore[attr-defined]  # openpyxl's workbook

    body = xlsx_bytes({"目录": [HEADER, ["1", "甲", ""]], "字典": [HEADER, ["2", "乙", ""]]}, shape=hide)
    assert [entry.resource_code for entry in read_all(body)] == ["1"]


def test_a_package_of_too_many_parts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_package, "MAX_PARTS", 5)
    with pytest.raises(SourceRefused):
        read_all(xlsx_bytes({"目录": [HEADER]}))


def test_a_package_that_unpacks_into_too_much_is_refused_before_it_is_unpacked() -> None:
    body = with_part(xlsx_bytes({"目录": [HEADER]}), "xl/worksheets/sheet1.xml", b" " * 64 * 1024 * 1024)
    assert code_of(body) == "workbook_packed_too_well"


def test_a_directory_of_a_million_parts_is_refused_before_it_is_read() -> None:
    end = b"PK\x05\x06" + b"\0" * 4 + (65535).to_bytes(2, "little") * 2 + (50_000_000).to_bytes(4, "little") + b"\0" * 6
    assert code_of(b"PK\x03\x04" + b"\0" * 100 + end) == "workbook_too_large"


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "_rels/.rels"])
def test_document_types_are_refused_in_every_part(part: str) -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><a>&b;</a>'
    assert code_of(with_part(xlsx_bytes({"目录": [HEADER]}), part, bomb)) == "document_type_refused"


def test_a_zip_that_is_no_workbook_is_named_so() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("content.xml", "<x/>")
    assert code_of(target.getvalue()) == "unknown_workbook"


def test_a_page_in_place_of_a_table_tells_its_title() -> None:
    with pytest.raises(SourceError) as caught:
        read_all("<html><head><title>系统维护中</title></head></html>".encode("gb18030"))
    assert (caught.value.code, caught.value.parameters["page_title"]) == ("markup_instead_of_table", "系统维护中")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    rows = [["信息资源名称", "信息资源摘要"], ["甲,乙;丙|丁", "戊，己；庚"]]
    [entry] = read_all(csv_bytes(rows, delimiter=delimiter))
    assert entry.title.original == "甲,乙;丙|丁"


def test_a_declared_delimiter_is_no_row() -> None:
    assert [entry.title.original for entry in read_all("sep=;\r\n信息资源名称;备注\r\n甲;乙\r\n".encode())] == ["甲"]


def test_quoted_line_breaks_stay_inside_their_cell() -> None:
    [entry] = read_all('信息资源名称,信息资源摘要\n甲,"第一行\n第二行"\n'.encode())
    assert entry.abstract is not None
    assert entry.abstract.original == "第一行\n第二行"


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_any_line_ending_ends_a_row(ending: str) -> None:
    body = ending.join(["信息资源名称,备注", "甲,1", "乙,2", ""]).encode()
    assert [entry.title.original for entry in read_all(body)] == ["甲", "乙"]


def test_a_quote_that_never_closes_swallows_no_rows_in_silence() -> None:
    assert code_of('信息资源名称,备注\n甲,1\n乙,"2\n丙,3\n丁,4\n'.encode()) == "unclosed_quote"


def test_a_quote_inside_a_cell_is_only_a_quote() -> None:
    assert [entry.title.original for entry in read_all('信息资源名称,备注\n甲,5" 屏\n乙,2\n'.encode())] == ["甲", "乙"]


def test_a_cell_beyond_all_measure_ends_the_run_with_its_line() -> None:
    assert code_of(("信息资源名称,备注\n甲," + "x" * 17_000_000 + "\n").encode()) == "broken_csv"


def test_a_long_cell_costs_no_other_row() -> None:
    body = ("信息资源名称,信息资源摘要\n甲," + "长" * 300_000 + "\n乙,短\n").encode()
    first, second = read_all(body)
    assert (first.title.original, second.title.original) == ("甲", "乙")
    assert "too_long" in {it.code for it in first.unread}


@pytest.mark.parametrize(
    "body", [b"", b"\n\n", b"%PDF-1.7", b"\x1f\x8b\x08", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]
)
def test_what_is_no_table_is_a_source_error(body: bytes) -> None:
    with pytest.raises(SourceError):
        read_all(body)
