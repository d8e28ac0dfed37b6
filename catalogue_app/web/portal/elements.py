"""What elements of a metadata document say, in words of the page: names for codes, yes and no, days, parts by name."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Final

from catalogue_app.domain.metadata import JsonValue
from catalogue_app.web.messages import mark, say, write_day, write_number
from catalogue_app.web.portal import terms, words

Writer = Callable[[JsonValue], str]

_NAMES_OF_A_TEXT: Final = frozenset({"zh", "en", "name"})


def written(value: JsonValue, element: str = "") -> str:
    """Write the value of an element for people, its codes by their names in the language of the page.

    Args:
        value: as the document writes it; what no vocabulary knows is written as it stands.
        element: its name; empty for what is of no element, such as a field of a raw record: all of it as it stands.
    """
    return say(mark("；")).join(each_written(value, element))


def each_written(value: JsonValue, element: str = "") -> tuple[str, ...]:
    """Write each value of an element that may have several; see `written`."""
    write = _WRITERS.get(element, _named if element else _plain)
    return () if value is None else tuple(map(write, value if isinstance(value, list) else [value]))


def _plain(value: JsonValue) -> str:
    match value:
        case list() | None:
            return written(value)
        case dict() if value.keys() <= _NAMES_OF_A_TEXT:
            return " / ".join(dict.fromkeys(map(_plain, value.values())))  # each language: any may have changed
        case dict():
            return _labelled([(name, _plain(part)) for name, part in value.items()])
    return str(value)


def _named(value: JsonValue) -> str:
    return words.yes_no(value) if isinstance(value, bool) else _plain(value)


def _labelled(parts: Iterable[tuple[str, str]]) -> str:
    return say(mark("、")).join(f"{label}{say(mark('：'))}{text}" for label, text in parts)


def _coded(name_of: Callable[[str], str]) -> Writer:
    return lambda value: name_of(value) if isinstance(value, str) else _named(value)


def _parts(first: str, labels: Mapping[str, str]) -> Writer:
    """Return what writes an object: its first part alone, the others with their names in brackets behind it."""

    def write(value: JsonValue) -> str:
        if not isinstance(value, dict):
            return _named(value)
        head = _plain(value.get(first))
        others = [(name, written(part, name)) for name, part in value.items() if name != first]
        rest = _labelled((say(labels[name]) if name in labels else name, text) for name, text in others)
        return say(mark("%(name)s（%(parts)s）"), name=head, parts=rest) if head and rest else head or rest

    return write


def _theme(code: str) -> str:
    return terms.theme(code) or code


def _category(code: str) -> str:
    return f"{words.category_mark(code)} {words.category_short(code)}" if words.is_category(code) else code


def _day(text: str) -> str:
    try:
        return write_day(date.fromisoformat(text))
    except ValueError:
        return text


def _count(value: JsonValue) -> str:
    return write_number(value) if isinstance(value, int) and not isinstance(value, bool) else _named(value)


def _classification(value: JsonValue) -> str:
    if not isinstance(value, dict):
        return _named(value)
    return terms.resource_class("".join(_plain(value.get(part)) for part in ("lei", "xiang", "mu", "ximu")))


def _method(value: JsonValue) -> str:
    if not isinstance(value, dict):
        return _named(value)
    return terms.sharing_type_of(_plain(value.get("type") or value.get("method")))


def _interval(value: JsonValue) -> str:
    if not isinstance(value, dict):
        return _named(value)
    start, end = (_day(_plain(value.get(part))) for part in ("start", "end"))
    if start and end:
        return say(mark("%(start)s至%(end)s"), start=start, end=end)
    if start:
        return say(mark("%(start)s起"), start=start)
    return say(mark("截至%(end)s"), end=end) if end else ""


def _pair(value: JsonValue) -> str:
    """Write an extension, a name and a value."""
    return say(mark("：")).join(map(_plain, value)) if isinstance(value, list) else _plain(value)


def _unread(value: JsonValue) -> str:
    if not isinstance(value, dict):
        return _named(value)
    return f"{terms.element(_plain(value.get('element')))}{say(mark('：'))}{_plain(value.get('value'))}"


_ITEM: Final = {
    "data_type": mark("类型"),
    "length": mark("长度"),
    "code": mark("字段代码"),
    "primary_key": mark("主键"),
    "sensitive": mark("敏感"),
    "sharing_type": mark("共享"),
    "note": mark("说明"),
}
_CONTACT: Final = {"telephone": mark("电话"), "email": mark("邮箱")}
_WAY: Final = {
    "url": mark("地址"),
    "format": mark("格式"),
    "media_type": mark("媒体类型"),
    "size_bytes": mark("字节数"),
    "modified_on": mark("修改日期"),
    "description": mark("说明"),
}
_WRITERS: Final[Mapping[str, Writer]] = {
    "classification": _classification,
    "contact": _parts("name", _CONTACT),
    "data_type": _coded(terms.item_type),
    "disclosure_categories": _coded(_category),
    "distributions": _parts("title", _WAY),
    "extensions": _pair,
    "format_class": _coded(terms.format_class),
    "issued_on": _coded(_day),
    "items": _parts("name", _ITEM),
    "modified_on": _coded(_day),
    "network_tier": _coded(terms.tier),
    "open_type": _coded(terms.opening),
    "record_count": _count,
    "sharing_methods": _method,
    "sharing_type": _coded(terms.sharing),
    "size_bytes": _count,
    "spatial": _coded(terms.division),
    "temporal": _interval,
    "themes": _coded(_theme),
    "unread": _unread,
    "update_cycle": _coded(terms.cycle),
    "updated_on": _coded(_day),
}
"""Elements, and parts of them, whose values are not written as they stand in the document."""
