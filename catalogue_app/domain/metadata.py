"""What one entry says: the elements of the municipal metadata profile as one frozen value, and its JSON document.

Element names are those of `config/profile/profile.csv`. `None` or an empty tuple means that the organ said nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from operator import attrgetter
from typing import Final, final

from catalogue_app.domain.text import LocalizedText
from catalogue_app.domain.vocabulary import DisclosureCategory, FormatClass, OpenType, SharingType, Tier, UpdateCycle

JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]
Document = dict[str, JsonValue]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One information item (信息项) of an entry.

    Attributes:
        name: Chinese or original name, unique in the entry.
        data_type: code of `vocabularies/field_type.csv`, such as `C`; the raw word where unknown.
        length: characters, or `precision,scale` for numbers.
        code: column name in the system.
        note: meaning in words.
    """

    name: str
    data_type: str = ""
    length: str = ""
    code: str = ""
    primary_key: bool | None = None
    sensitive: bool | None = None
    sharing_type: SharingType | None = None
    note: str = ""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """Class codes 类 项 目 细目 (guide 1272): digits of 1, 2, 3 and any length."""

    lei: str
    xiang: str = ""
    mu: str = ""
    ximu: str = ""

    @property
    def code(self) -> str:
        """The class code: what stands before the slash of a resource code."""
        return self.lei + self.xiang + self.mu + self.ximu


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SharingMethod:
    """How organs get it (共享方式): class and type of `vocabularies/sharing_method.csv`."""

    method: str
    type: str = ""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """One way to the content itself: a file or a service.

    Attributes:
        url: as the source gave it; may be unsafe to link (see `is_linkable`).
        format: lower-case short name, such as `csv`.
        size_bytes: size the source states.
    """

    url: str = ""
    title: str = ""
    format: str = ""
    media_type: str = ""
    size_bytes: int | None = None
    modified_on: date | None = None
    description: str = ""

    @property
    def is_linkable(self) -> bool:
        """Whether the address may become a link: http or https only."""
        return self.url.lower().startswith(("http://", "https://"))


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to ask (联系方式)."""

    name: str = ""
    telephone: str = ""
    email: str = ""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A time range (时间范围); an open end is None."""

    start: date | None = None
    end: date | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadValue:
    """A value the source gave that could not be understood; kept so that nothing is lost and the organ can mend it.

    Attributes:
        element: profile element it was meant for.
        value: the raw text, at most 200 characters.
        code: why, such as `not_a_date`, `ambiguous_date`, `unknown_value`; a row of `config/messages/problems.csv`.
    """

    element: str
    value: str
    code: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class EntryMetadata:
    """The metadata of one entry, as one organ states it.

    Attributes:
        title: 信息资源名称.
        abstract: 信息资源摘要.
        resource_code: 信息资源代码 as the organ wrote it.
        provider_name: 信息资源提供方, as written.
        provider_uscc: 提供方代码, a unified social credit code (GB 32100-2015), normalised.
        format_types: codes of `vocabularies/format.csv`, or the raw word in lower case.
        sharing_type: 共享类型, between organs.
        open_type: 开放类型, to the public; None when the organ said nothing.
        update_period: explicit ISO 8601 period where the cycle is `other`.
        issued_on: 发布日期.
        updated_on: day of the last change of the *content* (数据更新日期); the clock of timeliness (art. 13).
        disclosure_categories: which of art. 14 (a) to (i) it serves.
        spatial: division codes (GB/T 2260), or place names as written.
        network_tier: tier the organ declares; the catalogue decides with it, see `domain.harvest.tier_of`.
        licence: address or short name of the terms of use.
        extensions: 扩展元数据: (name, value) pairs that have no element of their own.
        unread: values that could not be understood.
    """

    title: LocalizedText
    abstract: LocalizedText | None = None
    resource_code: str = ""
    provider_name: str = ""
    provider_uscc: str = ""
    provider_division: str = ""
    classification: Classification | None = None
    format_class: FormatClass | None = None
    format_types: tuple[str, ...] = ()
    format_note: str = ""
    items: tuple[Item, ...] = ()
    sharing_type: SharingType | None = None
    sharing_condition: str = ""
    sharing_methods: tuple[SharingMethod, ...] = ()
    non_sharing_basis: str = ""
    open_type: OpenType | None = None
    open_condition: str = ""
    update_cycle: UpdateCycle | None = None
    update_period: str = ""
    issued_on: date | None = None
    updated_on: date | None = None
    related_resource_codes: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    online_urls: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    disclosure_categories: tuple[DisclosureCategory, ...] = ()
    spatial: tuple[str, ...] = ()
    temporal: Interval | None = None
    data_range: str = ""
    network_tier: Tier | None = None
    contact: Contact | None = None
    licence: str = ""
    source_systems: tuple[str, ...] = ()
    legal_bases: tuple[str, ...] = ()
    data_grade: str = ""
    personal_information: bool | None = None
    authoritative_source: str = ""
    record_count: int | None = None
    distributions: tuple[Distribution, ...] = ()
    extensions: tuple[tuple[str, str], ...] = ()
    unread: tuple[UnreadValue, ...] = ()


def with_values(metadata: EntryMetadata, values: Mapping[str, object]) -> EntryMetadata:
    """Return the metadata with other values of some elements: `dataclasses.replace`, in half its time."""
    names, parts_of = _SHAPES[EntryMetadata]
    said = {**dict(zip(names, parts_of(metadata), strict=True)), **values}
    return EntryMetadata(**said)  # type: ignore[arg-type]  # the values are those of their elements


def to_document(metadata: EntryMetadata) -> Document:
    """Write the JSON document: element name to value, what the organ did not say left out."""
    return _object(metadata)


def from_document(document: Mapping[str, JsonValue]) -> EntryMetadata:
    """Read a JSON document that `to_document` wrote.

    Raises:
        KeyError: the document has no title, or an element this version does not know.
        ValueError: a value outside its closed list.
    """
    read = {name: _READERS[name](value) if name in _READERS else value for name, value in document.items()}
    return EntryMetadata(**read)  # type: ignore[arg-type]  # names and shapes are those of `to_document`


def stated(value: object) -> Mapping[str, object]:
    """Return what metadata, or a part of them, say: element to value, one level deep, in the order of the profile.

    It is what a JSON writer that knows enums, dates and tuples itself must be told to write the very document of
    `to_document`.
    """
    if isinstance(value, LocalizedText):
        return value.to_mapping()
    names, parts_of = _SHAPES[type(value)]
    return {name: part for name, part in zip(names, parts_of(value), strict=True) if part or part is False or part == 0}


def _object(value: object) -> Document:
    return {name: _plain(part) for name, part in stated(value).items()}


def _plain(value: object) -> JsonValue:
    if type(value) in _SHAPES:
        return _object(value)
    match value:
        case str():
            return str(value)
        case tuple():
            return [_plain(part) for part in value]
        case bool() | int() | float():
            return value
        case date():
            return value.isoformat()
        case LocalizedText():
            return dict[str, JsonValue](value.to_mapping())
    raise TypeError(type(value).__name__)


def _shape(kind: type) -> tuple[tuple[str, ...], Callable[[object], tuple[object, ...]]]:
    names = tuple(field.name for field in fields(kind))
    return names, attrgetter(*names)


_SHAPES: Final[Mapping[type, tuple[tuple[str, ...], Callable[[object], tuple[object, ...]]]]] = {
    kind: _shape(kind)
    for kind in (
        EntryMetadata,
        Item,
        Classification,
        SharingMethod,
        Distribution,
        Contact,
        Interval,
        UnreadValue,
    )
}
"""Kind of object to the names of its elements and what takes all their values at once; documents are written by the
hundred thousand."""


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(part) for part in _list(value))


def _list(value: object) -> list[JsonValue]:
    assert isinstance(value, list)  # noqa: S101 — the document is our own
    return value


def _mapping(value: object) -> dict[str, JsonValue]:
    assert isinstance(value, dict)  # noqa: S101 — the document is our own
    return value


def _localized(value: object) -> LocalizedText:
    return LocalizedText.from_mapping({tag: str(text) for tag, text in _mapping(value).items()})


def _date(value: object) -> date:
    return date.fromisoformat(str(value))


def _item(value: object) -> Item:
    part = _mapping(value)
    sharing = {"sharing_type": SharingType(str(part["sharing_type"]))} if "sharing_type" in part else {}
    return Item(**(part | sharing))  # type: ignore[arg-type]  # shape of `_object`


def _distribution(value: object) -> Distribution:
    part = _mapping(value)
    modified = {"modified_on": _date(part["modified_on"])} if "modified_on" in part else {}
    return Distribution(**(part | modified))  # type: ignore[arg-type]  # shape of `_object`


def _interval(value: object) -> Interval:
    return Interval(**{name: _date(day) for name, day in _mapping(value).items()})


def _extension(value: object) -> tuple[str, str]:
    name, text = _list(value)
    return str(name), str(text)


_READERS: Final[Mapping[str, Callable[[object], object]]] = {
    "title": _localized,
    "abstract": _localized,
    "classification": lambda value: Classification(**_mapping(value)),  # type: ignore[arg-type]  # shape of `_object`
    "format_class": lambda value: FormatClass(str(value)),
    "format_types": _texts,
    "items": lambda value: tuple(_item(part) for part in _list(value)),
    "sharing_type": lambda value: SharingType(str(value)),
    "sharing_methods": lambda value: tuple(SharingMethod(**_mapping(part)) for part in _list(value)),  # type: ignore[arg-type]  # shape of `_object`
    "open_type": lambda value: OpenType(str(value)),
    "update_cycle": lambda value: UpdateCycle(str(value)),
    "issued_on": _date,
    "updated_on": _date,
    "related_resource_codes": _texts,
    "keywords": _texts,
    "online_urls": _texts,
    "themes": _texts,
    "disclosure_categories": lambda value: tuple(DisclosureCategory(part) for part in _texts(value)),
    "spatial": _texts,
    "temporal": _interval,
    "network_tier": lambda value: Tier(str(value)),
    "contact": lambda value: Contact(**_mapping(value)),  # type: ignore[arg-type]  # shape of `_object`
    "source_systems": _texts,
    "legal_bases": _texts,
    "distributions": lambda value: tuple(_distribution(part) for part in _list(value)),
    "extensions": lambda value: tuple(_extension(part) for part in _list(value)),
    "unread": lambda value: tuple(UnreadValue(**_mapping(part)) for part in _list(value)),  # type: ignore[arg-type]  # shape of `_object`
}
