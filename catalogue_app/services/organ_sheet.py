"""The standard workbook as the catalogue writes it: its columns, and what the cells of one entry say.

What stands in the cells is what the reader of tables reads back: coded values by their Chinese names, days as ISO 8601,
several values parted by semicolons. What a table has no column for is not written; an upload leaves it as it stands.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, final

from catalogue_app.domain.entry import Entry
from catalogue_app.domain.metadata import EntryMetadata, Item
from catalogue_app.domain.vocabulary import OpenType
from catalogue_app.reference import Reference
from catalogue_app.services.cells import harmless, sayable

CODE_COLUMN: Final = "条目编码"
"""Column of the catalogue's own code, by which an uploaded row knows its entry; it stands in every row of an entry."""

_PARTING: Final = ";"
_YES, _NO = "是", "否"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column.

    Attributes:
        group: what stands above it together with its neighbours; empty where it stands alone.
        name: its header.
        says: what it says of an entry, in the words of the reference tables.
    """

    group: str
    name: str
    says: Callable[[Entry, Reference], str]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ItemColumn:
    """One column about the items of an entry, one row an item."""

    group: str
    name: str
    says: Callable[[Item, Reference], str]


def rows_of(entry: Entry, reference: Reference) -> Iterator[list[str]]:
    """Yield the cells of an entry, one list an item and at least one; its own cells stand in the first only."""
    items: Sequence[Item | None] = entry.metadata.items or (None,)
    for number, item in enumerate(items):
        yield [_cell(column, entry, item, reference, is_first=number == 0) for column in COLUMNS]


def raw_of(entry: Entry, reference: Reference) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return what a reader finds in the rows of an entry: (header to text of its own, the same of each item)."""
    own = {column.name: _plain(column.says(entry, reference)) for column in COLUMNS if isinstance(column, Column)}
    columns = [column for column in COLUMNS if isinstance(column, ItemColumn)]
    items = [
        {column.name: text for column in columns if (text := _plain(column.says(item, reference)))}
        for item in entry.metadata.items
    ]
    return own, [item for item in items if item]


def _cell(column: Column | ItemColumn, entry: Entry, item: Item | None, reference: Reference, *, is_first: bool) -> str:
    if isinstance(column, ItemColumn):
        return harmless(_plain(column.says(item, reference))) if item else ""
    if is_first or column.name == CODE_COLUMN:
        return harmless(_plain(column.says(entry, reference)))
    return ""


def _plain(text: str) -> str:
    """Write a text as every form of table can hold it: one kind of line break, no longer than a cell."""
    return sayable(text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _own(column: str, says: Callable[[EntryMetadata], str], group: str = "") -> Column:
    return Column(group=group, name=column, says=lambda entry, _: says(entry.metadata))


def _named(column: str, vocabulary: str, says: Callable[[EntryMetadata], StrEnum | None], group: str = "") -> Column:
    def written(entry: Entry, reference: Reference) -> str:
        code = says(entry.metadata)
        return reference.name(vocabulary, code.value, "zh") if code else ""

    return Column(group=group, name=column, says=written)


def _class(level: str, column: str) -> Column:
    def written(said: EntryMetadata) -> str:
        return str(getattr(said.classification, level)) if said.classification else ""

    return _own(column, written, "信息资源分类")


def _joined(texts: Sequence[str]) -> str:
    return _PARTING.join(texts)


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _flag(flag: bool | None) -> str:  # noqa: FBT001 — the one thing that is written
    return "" if flag is None else _YES if flag else _NO


def _is_open(said: EntryMetadata) -> str:
    return _flag(None if said.open_type is None else said.open_type is not OpenType.NONE)


def _cycle(entry: Entry, reference: Reference) -> str:
    """Write the cycle; one of another length by its period, which is all that tells it."""
    said = entry.metadata
    if said.update_cycle is None:
        return ""
    return said.update_period or reference.name("update_cycle", said.update_cycle.value, "zh")


def _methods(part: str) -> Callable[[Entry, Reference], str]:
    """Write the ways of sharing: a type says its class, so that the class is written only where all have the same."""

    def written(entry: Entry, reference: Reference) -> str:
        methods = entry.metadata.sharing_methods
        if part == "type":
            return _joined([reference.name("sharing_method", one.type, "zh") for one in methods if one.type])
        classes = list(dict.fromkeys(one.method for one in methods))
        return classes[0] if len(classes) == 1 else ""

    return written


def _themes(entry: Entry, reference: Reference) -> str:
    return _joined([reference.name("theme", code, "zh") for code in entry.metadata.themes])


def _places(entry: Entry, reference: Reference) -> str:
    divisions = reference.divisions
    return _joined([divisions[code].zh if code in divisions else code for code in entry.metadata.spatial])


def _tier(entry: Entry, reference: Reference) -> str:
    return reference.name("tier", entry.tier.value, "zh")


def _contact(part: str) -> Callable[[EntryMetadata], str]:
    return lambda said: str(getattr(said.contact, part)) if said.contact else ""


def _type(item: Item, reference: Reference) -> str:
    return reference.name("field_type", item.data_type, "zh") if item.data_type else ""


def _item_sharing(item: Item, reference: Reference) -> str:
    return reference.name("sharing_type", item.sharing_type.value, "zh") if item.sharing_type else ""


_FORMAT, _ITEMS, _SHARING, _OPENING = "信息资源格式", "信息项信息", "共享属性", "开放属性"

COLUMNS: Final[tuple[Column | ItemColumn, ...]] = (
    Column(group="", name=CODE_COLUMN, says=lambda entry, _: entry.code),
    _class("lei", "类"),
    _class("xiang", "项"),
    _class("mu", "目"),
    _class("ximu", "细目"),
    _own("信息资源名称", lambda said: said.title.original),
    _own("信息资源代码", lambda said: said.resource_code),
    _own("信息资源提供方", lambda said: said.provider_name),
    _own("信息资源提供方代码", lambda said: said.provider_uscc),
    _own("信息资源摘要", lambda said: said.abstract.original if said.abstract else ""),
    _named("信息资源格式分类", "format_class", lambda said: said.format_class, _FORMAT),
    _own("信息资源格式类型", lambda said: _joined(said.format_types), _FORMAT),
    _own("其他类型资源格式描述", lambda said: said.format_note, _FORMAT),
    ItemColumn(group=_ITEMS, name="信息项名称", says=lambda item, _: item.name),
    ItemColumn(group=_ITEMS, name="数据类型", says=_type),
    ItemColumn(group=_ITEMS, name="数据长度", says=lambda item, _: item.length),
    ItemColumn(group=_ITEMS, name="信息项英文名", says=lambda item, _: item.code),
    ItemColumn(group=_ITEMS, name="是否主键", says=lambda item, _: _flag(item.primary_key)),
    ItemColumn(group=_ITEMS, name="是否敏感", says=lambda item, _: _flag(item.sensitive)),
    ItemColumn(group=_ITEMS, name="信息项共享类型", says=_item_sharing),
    ItemColumn(group=_ITEMS, name="信息项描述", says=lambda item, _: item.note),
    _named("共享类型", "sharing_type", lambda said: said.sharing_type, _SHARING),
    _own("共享条件", lambda said: said.sharing_condition, _SHARING),
    Column(group=_SHARING, name="共享方式分类", says=_methods("class")),
    Column(group=_SHARING, name="共享方式类型", says=_methods("type")),
    _own("不予共享依据", lambda said: said.non_sharing_basis, _SHARING),
    _own("是否向社会开放", _is_open, _OPENING),
    _named("开放类型", "open_type", lambda said: said.open_type, _OPENING),
    _own("开放条件", lambda said: said.open_condition, _OPENING),
    Column(group="", name="更新周期", says=_cycle),
    _own("发布日期", lambda said: _day(said.issued_on)),
    _own("数据更新日期", lambda said: _day(said.updated_on)),
    _own("关联资源代码", lambda said: _joined(said.related_resource_codes)),
    Column(group="", name="主题领域", says=_themes),
    _own("关键字说明", lambda said: _joined(said.keywords)),
    _own("公开目录类别", lambda said: _joined([category.value for category in said.disclosure_categories])),
    Column(group="", name="空间范围", says=_places),
    _own("涉及个人信息", lambda said: _flag(said.personal_information)),
    _own("数据分级", lambda said: said.data_grade),
    _own("记录数", lambda said: "" if said.record_count is None else str(said.record_count)),
    _own("来源信息系统", lambda said: _joined(said.source_systems)),
    _own("收集依据", lambda said: _joined(said.legal_bases)),
    _own("数源部门", lambda said: said.authoritative_source),
    _own("许可", lambda said: said.licence),
    _own("联系部门", _contact("name")),
    _own("联系电话", _contact("telephone")),
    _own("电子邮箱", _contact("email")),
    _own("在线资源链接地址", lambda said: _joined(said.online_urls)),
    Column(group="", name="网络层级", says=_tier),
)
"""In the order of the standard workbook (guide 1272), what the municipality asks besides behind it."""

COLUMN_OF: Final[Mapping[str, str]] = {
    "title": "信息资源名称",
    "resource_code": "信息资源代码",
    "resource_classification": "类",
    "classification": "类",
    "provider_name": "信息资源提供方",
    "provider_uscc": "信息资源提供方代码",
    "abstract": "信息资源摘要",
    "format_class": "信息资源格式分类",
    "format_type": "信息资源格式类型",
    "format_types": "信息资源格式类型",
    "format_note": "其他类型资源格式描述",
    "items": "信息项名称",
    "items[].name": "信息项名称",
    "items[].data_type": "数据类型",
    "items[].length": "数据长度",
    "items[].code": "信息项英文名",
    "sharing_type": "共享类型",
    "sharing_condition": "共享条件",
    "sharing_method": "共享方式类型",
    "non_sharing_basis": "不予共享依据",
    "open_type": "开放类型",
    "open_condition": "开放条件",
    "update_cycle": "更新周期",
    "issued_on": "发布日期",
    "updated_on": "数据更新日期",
    "theme": "主题领域",
    "themes": "主题领域",
    "disclosure_category": "公开目录类别",
    "disclosure_categories": "公开目录类别",
    "spatial": "空间范围",
    "personal_information": "涉及个人信息",
    "data_grade": "数据分级",
    "licence": "许可",
    "contact": "联系电话",
    "online_url": "在线资源链接地址",
    "network_tier": "网络层级",
    "identifier": CODE_COLUMN,
}
"""Element that a problem names, to the column where it is mended."""
