"""What tests of tables need: small workbooks and text files written in place, one oddity each."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import openpyxl
import xlwt

from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.source import SourceKind
from harvesters.port import Harvester
from tests.harvesting import entries, harvester_of, payload_of

Rows = Sequence[Sequence[object]]

STANDARD: Rows = [
    [
        "信息资源分类", None, None, None, "信息资源名称", "信息资源代码", "信息资源提供方", "信息资源摘要",
        "信息资源格式", None, "信息项信息", None, None, "共享属性", None, None, None, "开放属性", None,
        "更新周期", "发布日期", "关联资源代码",
    ],
    [
        "类", "项", "目", "细目", None, None, None, None,
        "信息资源格式分类", "信息资源格式类型", "信息项名称", "数据类型", "数据长度",
        "共享类型", "共享条件", "共享方式分类", "共享方式类型", "是否向社会开放", "开放条件", None, None, None,
    ],
]  # fmt: skip
"""The two header rows of the standard workbook (guide 1272); None where a merged cell covers the place."""

STANDARD_MERGES = ("A3:D3", "I3:J3", "K3:M3", "N3:Q3", "R3:S3", *(f"{column}3:{column}4" for column in "EFGHTUV"))


def csv_bytes(rows: Rows, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def xlsx_bytes(
    sheets: Mapping[str, Rows], merges: Iterable[str] = (), shape: Callable[[Any], None] | None = None
) -> bytes:
    """Write a workbook; `merges` and `shape` are for the first sheet and the workbook."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    for merge in merges:
        book.worksheets[0].merge_cells(merge)
    if shape is not None:
        shape(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def xls_bytes(rows: Rows, merges: Iterable[tuple[int, int, int, int]] = (), date_format: str = "YYYY-MM-DD") -> bytes:
    """Write a legacy workbook; merges are (first row, last row, first column, last column), from 0."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("目录")
    dates = xlwt.easyxf(num_format_str=date_format)
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            if value is not None and not any(
                number >= top and place >= left and number <= bottom and place <= right
                for top, bottom, left, right in merges
            ):
                style = dates if hasattr(value, "year") else xlwt.Style.default_style
                sheet.write(number, place, value, style)
    for top, bottom, left, right in merges:
        sheet.write_merge(top, bottom, left, right, rows[top][left])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def standard_rows(*entry_rows: Sequence[object]) -> Rows:
    """Put title, reporting organ and header above the rows of entries, as the standard workbook has them."""
    return [["政务信息资源目录"], ["填报单位：市教委"], *STANDARD, *entry_rows]


def with_part(package: bytes, part: str, content: bytes) -> bytes:
    """Replace one part of a workbook, or add it."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        new.writestr(part, content)
    return target.getvalue()


def part_of(package: bytes, part: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(package)) as opened:
        return opened.read(part)


def sheet_harvester(**options: str) -> Harvester:
    return harvester_of(SourceKind.SHEET, "memory", **options)


def read_all(body: bytes, charset: str = "", **options: str) -> list[EntryMetadata]:
    return list(entries(sheet_harvester(**options), payload_of(body, charset)))
