"""Reports as files: complete, harmless in a spreadsheet program, and the organ's own workbook with its faults."""

import csv
import io
import json
from pathlib import Path
from uuid import UUID

import openpyxl
import pytest
from openpyxl.styles import Font, PatternFill

from catalogue_app.container import Container
from catalogue_app.domain.errors import InvalidInput, NotFound
from catalogue_app.domain.ids import RunId
from catalogue_app.domain.source import SourceKind
from catalogue_app.services.report_files import HEADINGS, csv_lines, json_lines, write_workbook
from catalogue_app.services.returned_workbook import HEADING, SUMMARY, write_returned_workbook
from catalogue_app.services.run_reports import WrittenReport
from tests.living import add_source, harvest, open_catalogue

HOSTILE = '=HYPERLINK("http://x","点")'


def report_of(container: Container, kind: SourceKind, path: Path) -> WrittenReport:
    source = add_source(container, kind, path)
    return container.run_reports.find(harvest(container, source.id).run.id)


def json_report(tmp_path: Path, *datasets: dict[str, str]) -> tuple[Container, WrittenReport]:
    path = tmp_path / "list.json"
    path.write_text(json.dumps({"dataset": datasets}), encoding="utf-8")
    container = open_catalogue(tmp_path / "var")
    return container, report_of(container, SourceKind.DATA_JSON, path)


def read_csv(lines: bytes) -> list[dict[str, str]]:
    assert lines.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(lines.decode("utf-8-sig"))))


def test_a_report_as_csv_has_every_problem_in_both_languages(tmp_path: Path) -> None:
    bad = [{"identifier": f"e-{number}"} for number in range(1500)]
    container, report = json_report(tmp_path, {"identifier": "a", "title": "幼儿园名录"}, *bad)
    rows = read_csv(b"".join(csv_lines(report, container.reference.messages)))
    assert tuple(rows[0]) == HEADINGS
    assert {row["记录 record"] for row in rows} == {"a", *(f"e-{number}" for number in range(1500))}
    for row in rows[:5]:
        assert all(row[name] for name in ("问题", "如何修改", "what is wrong", "how to mend it"))
        assert row["位置 place"].startswith("dataset[")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_a_csv_is_taken_for_a_formula(tmp_path: Path, start: str) -> None:
    container, report = json_report(tmp_path, {"identifier": f"{start}1+1"}, {"identifier": "b", "modified": HOSTILE})
    rows = read_csv(b"".join(csv_lines(report, container.reference.messages)))
    assert rows
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_a_workbook_holds_texts_only(tmp_path: Path) -> None:
    container, report = json_report(tmp_path, {"identifier": HOSTILE}, {"identifier": "b\x01"}, {"title": "x" * 40_000})
    write_workbook(report, container.reference.messages, tmp_path / "report.xlsx")
    [sheet] = openpyxl.load_workbook(tmp_path / "report.xlsx").worksheets
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert HOSTILE in {cell.value for cell in cells}
    assert sheet.max_row > 2


def test_a_report_as_json_is_one_document(tmp_path: Path) -> None:
    container, report = json_report(tmp_path, {"identifier": "a"}, {"identifier": "b"})
    document = json.loads(b"".join(json_lines(report, container.reference.messages)))
    assert (document["state"], document["gathered"], document["rejected"]) == ("complete", 2, 2)
    assert {problem["record"] for problem in document["problems"]} == {"a", "b"}
    assert all(problem["mend_zh"] and problem["place"] for problem in document["problems"])


def a_workbook(path: Path) -> None:
    """Write a sheet as an organ does: a title row, styled headers, a formula, a second sheet that is no catalogue."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "目录"
    sheet.append(["市教委政务信息资源目录"])
    sheet.append(["信息资源代码", "信息资源名称", "信息资源摘要", "更新周期"])
    sheet.append(["", "幼儿园名录", "全市幼儿园的名称和地址，供家长查询", "每年"])
    sheet.append(["", "", "没有名称的一行", "每年"])
    sheet.append(["", "公园名录", "全市公园的名称、位置和开放时间", "偶尔"])
    for cell in sheet[2]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="FFDDEEFF")
    notes = book.create_sheet("说明")
    notes["A1"], notes["A2"] = "=1+1", "填报说明"
    book.save(path)


def test_the_organ_gets_its_own_workbook_back(tmp_path: Path) -> None:
    a_workbook(tmp_path / "目录.xlsx")
    container = open_catalogue(tmp_path / "var")
    report = report_of(container, SourceKind.SHEET, tmp_path / "目录.xlsx")
    write_returned_workbook(report, container.reference.messages, tmp_path / "back.xlsx")
    back = openpyxl.load_workbook(tmp_path / "back.xlsx")
    sheet = back["目录"]
    assert back.sheetnames[:2] == ["目录", "说明"]
    assert sheet["A2"].font.bold
    assert sheet["A2"].fill.fgColor.rgb == "FFDDEEFF"
    assert back["说明"]["A1"].value == "=1+1"
    assert sheet["E2"].value == HEADING
    assert [sheet.cell(row, 2).value for row in (3, 4, 5)] == ["幼儿园名录", None, "公园名录"]
    unnamed, odd = str(sheet["E4"].value), str(sheet["E5"].value)
    assert "identifier" in unnamed
    assert "请" in unnamed
    assert "偶尔" in odd
    assert SUMMARY not in back.sheetnames or back[SUMMARY].max_row >= 1


def test_who_read_no_workbook_gets_none_back(tmp_path: Path) -> None:
    container, report = json_report(tmp_path, {"identifier": "a"})
    with pytest.raises(InvalidInput, match="no_workbook"):
        write_returned_workbook(report, container.reference.messages, tmp_path / "back.xlsx")


def test_an_unknown_run_has_no_report(tmp_path: Path) -> None:
    container = open_catalogue(tmp_path / "var")
    with pytest.raises(NotFound, match="run_not_found"):
        container.run_reports.find(RunId(UUID(int=1)))
