"""The demo municipality's entries as its organs would write them down, from the tables in `config/demo`."""

import csv
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final, final

from catalogue_app.domain.errors import ConfigurationError
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.organ import Organ

ADDRESS: Final = "https://files.catalogue.example"
"""Where the demo's files pretend to be; a reserved domain that nobody can own."""

_AGE_DAYS: Final[Mapping[str, int]] = {
    "realtime": 1, "daily": 1, "weekly": 6, "monthly": 25, "quarterly": 80, "half_yearly": 160, "yearly": 320,
    "irregular": 300, "once": 900,
}  # fmt: skip
_CYCLES: Final[Mapping[str, str]] = {
    "realtime": "实时", "daily": "每日", "weekly": "每周", "monthly": "每月", "quarterly": "每季度",
    "half_yearly": "每半年", "yearly": "每年", "irregular": "不定期", "once": "一次性",
}  # fmt: skip
_SHARING: Final[Mapping[str, str]] = {
    "unconditional": "无条件共享",
    "conditional": "有条件共享",
    "none": "不予共享",
}
_OPENING: Final[Mapping[str, str]] = {"open": "无条件开放", "conditional": "有条件开放", "none": "不予开放"}
_FORMATS: Final[Mapping[str, str]] = {
    "database": "数据库",
    "document": "电子文件",
    "service": "服务接口",
    "self_described": "自描述格式",
}
_METHODS: Final[Mapping[str, str]] = {"database": "数据库", "service": "接口"}
_CLASSES: Final[Mapping[str, str]] = {"1": "基础信息资源", "2": "主题信息资源", "3": "部门信息资源"}
_TYPES: Final[Mapping[str, str]] = {
    "C": "字符型C", "N": "数值型N", "Y": "货币型Y", "D": "日期型D", "T": "日期时间型T", "L": "逻辑型L", "M": "备注型M",
    "G": "通用型G", "B": "双精度型B", "I": "整型I", "F": "浮点型F",
}  # fmt: skip


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DemoItem:
    """One information item as a clerk writes it: name, type word, length."""

    name: str
    type: str
    length: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class DemoRow:
    """One entry as a clerk writes it.

    Attributes:
        organ_id: the organ that writes it.
        cells: column heading of the standard workbook (or an added column) to the text in it.
        items: its information items.
    """

    organ_id: OrganId
    cells: Mapping[str, str]
    items: tuple[DemoItem, ...]

    def under(self, *, title: str, code: str) -> "DemoRow":
        """Return the same row under another title and code."""
        return replace(self, cells={**self.cells, "信息资源名称": title, "信息资源代码": code})


def good_rows(folder: Path, organs: Mapping[OrganId, Organ], today: date) -> Iterator[DemoRow]:
    """Yield the good entries, dated so that each is on time today.

    Args:
        folder: `config/demo`.
        organs: the register, for names and credit codes.
        today: the day the demo is made for; the same day gives the same rows.
    """
    places = {organ_id: place for place, organ_id in enumerate(organs, start=1)}
    for line in _table(folder / "titles.csv"):
        organ = organs[OrganId(line["organ_id"])]
        yield DemoRow(
            organ_id=organ.id, cells=_cells(line, organ, places[organ.id], today), items=tuple(_items(line["items"]))
        )


def defective_rows(folder: Path, good: Mapping[str, DemoRow]) -> Iterator[DemoRow]:
    """Yield copies of good entries with the defects of `defect_rows.csv`, each under a code and title of its own.

    Args:
        folder: `config/demo`.
        good: good rows by their title.
    """
    lines = _table(folder / "defect_rows.csv")
    for number, changes in groupby(lines, key=itemgetter("no")):
        first, *others = changes
        if first["base_title"] not in good:
            raise ConfigurationError("demo_title_unknown", file="defect_rows.csv", title=first["base_title"])
        base = good[first["base_title"]]
        row = base.under(
            title=first["title"], code=f"{base.cells['信息资源代码'].partition('/')[0]}/9{int(number):05d}"
        )
        for change in (first, *others):
            row = _mutated(row, change["column"], change["value"])
        yield row


def _mutated(row: DemoRow, column: str, value: str) -> DemoRow:
    match column:
        case "":
            return row
        case "items":
            return replace(row, items=tuple(_items(value)))
        case "items+":
            return replace(row, items=(*row.items, *_items(value)))
        case _:
            return replace(row, cells={**row.cells, column: value})


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _cells(line: Mapping[str, str], organ: Organ, place: int, today: date) -> dict[str, str]:
    lei, _, xiang = line["class_code"].partition("/")
    updated = today - timedelta(days=_spread(line["title"], _AGE_DAYS[line["update_cycle"]]))
    issued = updated - timedelta(days=_spread(line["title"] + "/issued", 700))
    is_open = line["open_type"] != "none"
    return {
        "类": f"{lei}.{_CLASSES[lei]}",
        "项": xiang,
        "目": f"{place:03d}",
        "细目": "",
        "信息资源名称": line["title"],
        "信息资源代码": f"{lei}{xiang}{place:03d}/{int(line['no']):06d}",
        "信息资源提供方": organ.name.original,
        "信息资源提供方代码": organ.uscc,
        "信息资源摘要": line["abstract"],
        "信息资源格式分类": _FORMATS[line["format_class"]],
        "信息资源格式类型": "custom" if line["format_class"] == "custom" else line["format_type"],
        "其他类型资源格式描述": "地理要素文件" if line["format_class"] == "self_described" else "",
        "共享类型": _SHARING[line["sharing_type"]],
        "共享条件": line["sharing_condition"],
        "共享方式分类": "" if line["sharing_type"] == "none" else "共享平台方式",
        "共享方式类型": "" if line["sharing_type"] == "none" else _METHODS.get(line["format_class"], "文件"),
        "不予共享依据": line["sharing_condition"] if line["sharing_type"] == "none" else "",
        "是否向社会开放": "是" if is_open else "否",
        "开放类型": _OPENING[line["open_type"]],
        "开放条件": line["open_condition"],
        "更新周期": _CYCLES[line["update_cycle"]],
        "发布日期": issued.isoformat(),
        "数据更新日期": updated.isoformat(),
        "关联资源代码": "",
        "主题领域": line["theme"],
        "公开目录类别": line["disclosure_category"],
        "空间范围": line["spatial_code"],
        "涉及个人信息": "是" if line["personal_information"] == "yes" else "否",
        "联系部门": f"{organ.short_name}信息化处",
        "联系电话": f"022-8{int(_spread(organ.id, 9_999_999)):07d}",
        "在线资源链接地址": ";".join(_links(line)) if is_open else "",
    }


def _links(line: Mapping[str, str]) -> Iterator[str]:
    formats = line["open_distributions"] or {"document": "pdf", "self_described": "geojson"}.get(
        line["format_class"], "csv"
    )
    for name in formats.split(";"):
        folder = "api" if name == "rest" else "files"
        ending = "" if name == "rest" else f".{name}"
        yield f"{ADDRESS}/{folder}/{line['organ_id']}/{int(line['no']):06d}{ending}"


def _items(text: str) -> Iterator[DemoItem]:
    for part in filter(None, text.split(";")):
        name, _, kind = part.partition(":")
        yield DemoItem(name=name, type=_TYPES.get(kind[:1], kind[:1]), length=kind[1:])


def _spread(seed: str, below: int) -> int:
    """Pick a number from 0 up to, not reaching, `below`; the same seed gives the same number."""
    return int.from_bytes(hashlib.blake2b(seed.encode(), digest_size=8).digest()) % below
