"""Writes the demo's rows in the forms organs really use: standard workbook, flat tables in old encodings, data.json."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Final

import orjson
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from catalogue_app.services.demo_rows import DemoRow

_HEADER: Final[Sequence[tuple[str, str]]] = (
    ("信息资源分类", "类"),
    ("信息资源分类", "项"),
    ("信息资源分类", "目"),
    ("信息资源分类", "细目"),
    ("", "信息资源名称"),
    ("", "信息资源代码"),
    ("", "信息资源提供方"),
    ("", "信息资源提供方代码"),
    ("", "信息资源摘要"),
    ("信息资源格式", "信息资源格式分类"),
    ("信息资源格式", "信息资源格式类型"),
    ("信息资源格式", "其他类型资源格式描述"),
    ("信息项信息", "信息项名称"),
    ("信息项信息", "数据类型"),
    ("信息项信息", "数据长度"),
    ("共享属性", "共享类型"),
    ("共享属性", "共享条件"),
    ("共享属性", "共享方式分类"),
    ("共享属性", "共享方式类型"),
    ("共享属性", "不予共享依据"),
    ("开放属性", "是否向社会开放"),
    ("开放属性", "开放类型"),
    ("开放属性", "开放条件"),
    ("", "更新周期"),
    ("", "发布日期"),
    ("", "数据更新日期"),
    ("", "关联资源代码"),
    ("", "主题领域"),
    ("", "公开目录类别"),
    ("", "空间范围"),
    ("", "涉及个人信息"),
    ("", "联系部门"),
    ("", "联系电话"),
    ("", "在线资源链接地址"),
    ("", "网络层级"),
)
_ITEM_COLUMNS: Final = ("信息项名称", "数据类型", "数据长度")
_LEGACY: Final[Mapping[str, str]] = {
    "信息资源名称": "资源名称",
    "信息资源摘要": "资源摘要",
    "信息资源提供方": "提供单位",
    "更新周期": "更新频率",
    "在线资源链接地址": "资源链接",
}
"""What older forms call the same columns."""

_ELEMENTS: Final[Mapping[str, str]] = {
    "类": "class_lei",
    "项": "class_xiang",
    "目": "class_mu",
    "信息资源代码": "resource_code",
    "信息资源提供方代码": "provider_uscc",
    "信息资源格式分类": "format_class",
    "信息资源格式类型": "format_type",
    "共享类型": "sharing_type",
    "共享条件": "sharing_condition",
    "共享方式分类": "sharing_method",
    "共享方式类型": "sharing_method_type",
    "不予共享依据": "non_sharing_basis",
    "开放类型": "open_type",
    "开放条件": "open_condition",
    "更新周期": "update_cycle",
    "公开目录类别": "disclosure_category",
    "涉及个人信息": "personal_information",
}
"""Profile elements that a DCAT-US record has no field for, by the workbook's column."""

FileWriter = Callable[[Path, str, Sequence[DemoRow]], None]


def write_workbook(path: Path, organ_name: str, rows: Sequence[DemoRow]) -> None:
    """Write the standard workbook: title rows, two-level merged header, entry cells merged over their item rows."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 — a new workbook has a worksheet
    sheet.title = "政务信息资源目录"
    _write_heading(sheet, organ_name)
    top = 5
    for row in rows:
        top = _write_entry(sheet, top, row)
    sheet.cell(top + 1, 1, "填报人：　　　　　　审核人：　　　　　　填报日期：")
    sheet.freeze_panes = "A5"
    book.save(path)


def _write_heading(sheet: Worksheet, organ_name: str) -> None:
    width = len(_HEADER)
    sheet.cell(1, 1, "政务信息资源目录").font = Font(bold=True, size=16)
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=width)
    sheet.cell(2, 1, f"填报单位：{organ_name}")
    sheet.merge_cells(start_row=2, end_row=2, start_column=1, end_column=width)
    for place, (group, column) in enumerate(_HEADER, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = 18
        sheet.cell(4, place, column).font = Font(bold=True)
        if not group:
            sheet.cell(3, place, column).font = Font(bold=True)
            sheet.cell(4, place).value = None
            sheet.merge_cells(start_row=3, end_row=4, start_column=place, end_column=place)
    for group, first, last in _groups():
        sheet.cell(3, first, group).alignment = Alignment(horizontal="center")
        sheet.merge_cells(start_row=3, end_row=3, start_column=first, end_column=last)


def _groups() -> Iterator[tuple[str, int, int]]:
    names = [group for group, _ in _HEADER]
    for group in dict.fromkeys(filter(None, names)):
        first = names.index(group) + 1
        yield group, first, first + names.count(group) - 1


def _write_entry(sheet: Worksheet, top: int, row: DemoRow) -> int:
    """Write one entry from row `top`; returns the row after it."""
    lines = list(_lines(row))
    for offset, line in enumerate(lines):
        for place, text in enumerate(line, start=1):
            if text:
                sheet.cell(top + offset, place, _typed(_HEADER[place - 1][1], text))
    if len(lines) > 1:
        for place, (_, column) in enumerate(_HEADER, start=1):
            if column not in _ITEM_COLUMNS:
                sheet.merge_cells(start_row=top, end_row=top + len(lines) - 1, start_column=place, end_column=place)
    return top + len(lines)


def _typed(column: str, text: str) -> str | date:
    """Make real date cells of the dates that are dates, as a spreadsheet program does."""
    if column not in {"发布日期", "数据更新日期"}:
        return text
    try:
        return date.fromisoformat(text)
    except ValueError:
        return text


def _lines(row: DemoRow) -> Iterator[list[str]]:
    """Yield the cell texts of an entry, one list an item; the entry's own cells stand in the first only."""
    for number in range(max(1, len(row.items))):
        item = row.items[number] if row.items else None
        own = row.cells if number == 0 else {}
        parts = dict(zip(_ITEM_COLUMNS, (item.name, item.type, item.length), strict=True)) if item else {}
        yield [parts.get(column) or own.get(column, "") for _, column in _HEADER]


def write_gb18030(path: Path, organ_name: str, rows: Sequence[DemoRow]) -> None:
    """Write a flat CSV in GB18030, as Chinese spreadsheet programs save it."""
    path.write_bytes(_flat(organ_name, rows, ",").encode("gb18030"))


def write_unicode_text(path: Path, organ_name: str, rows: Sequence[DemoRow]) -> None:
    """Write tab-separated UTF-16 with a byte order mark: a spreadsheet's "Unicode text"."""
    path.write_bytes(_flat(organ_name, rows, "\t").encode("utf-16"))


def _flat(_organ_name: str, rows: Iterable[DemoRow], delimiter: str) -> str:
    text = StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow([column for _, column in _HEADER])
    writer.writerows(line for row in rows for line in _lines(row))
    return text.getvalue()


def write_legacy_table(path: Path, organ_name: str, rows: Sequence[DemoRow]) -> None:
    """Write a plain table under older headings, with nothing merged."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 — a new workbook has a worksheet
    sheet.title = organ_name[:30]
    sheet.append([_LEGACY.get(column, column) for _, column in _HEADER])
    for row in rows:
        for line in _lines(row):
            sheet.append(line)
    book.save(path)


def write_data_json(path: Path, organ_name: str, rows: Sequence[DemoRow]) -> None:
    """Write a DCAT-US 1.1 catalogue; what that standard has no word for stands under `municipalProfile`."""
    catalogue = {
        "@context": "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld",
        "conformsTo": "https://project-open-data.cio.gov/v1.1/schema",
        "dataset": [_dataset(organ_name, row) for row in rows],
    }
    path.write_bytes(orjson.dumps(catalogue, option=orjson.OPT_INDENT_2))


def _dataset(organ_name: str, row: DemoRow) -> dict[str, object]:
    cells = row.cells
    access = {"无条件开放": "public", "有条件开放": "restricted public"}.get(cells["开放类型"], "non-public")
    links = [link for link in cells["在线资源链接地址"].split(";") if link]
    return {
        "@type": "dcat:Dataset",
        "identifier": cells["信息资源代码"],
        "title": cells["信息资源名称"],
        "description": cells["信息资源摘要"],
        "keyword": [cells["主题领域"]],
        "issued": cells["发布日期"],
        "modified": cells["数据更新日期"],
        "accessLevel": access,
        "rights": cells["开放条件"],
        "publisher": {"@type": "org:Organization", "name": organ_name},
        "contactPoint": {"@type": "vcard:Contact", "fn": cells["联系部门"], "hasTelephone": cells["联系电话"]},
        "spatial": cells["空间范围"],
        "theme": [cells["主题领域"]],
        "distribution": [{"downloadURL": link, "format": link.rpartition(".")[2]} for link in links],
        "municipalProfile": _municipal(row),
    }


def _municipal(row: DemoRow) -> dict[str, object]:
    """Say under the profile's own element names what DCAT-US has no word for."""
    cells = row.cells
    said = {element: cells[column] for column, element in _ELEMENTS.items() if cells[column]}
    items = [{"name": item.name, "data_type": item.type, "length": item.length} for item in row.items]
    return {**said, "items": items}
