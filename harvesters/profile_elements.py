"""Elements of the municipal profile that a foreign format carries under the profile's own names.

DCAT-US and CKAN have no word for sharing types, credit codes or information items; organs put them under the names of
`config/profile/profile.csv`: in data.json under `municipalProfile`, in CKAN as extras.
"""

from collections.abc import Callable, Mapping
from typing import Final

from catalogue_app.domain.metadata import Classification, Interval, Item, JsonValue, SharingMethod
from catalogue_app.domain.text import fold, remembered
from catalogue_app.domain.vocabulary import OpenType
from harvesters.fields import Readings
from harvesters.raw_values import Notes, says_something, text_of, texts_of

Said = Mapping[str, JsonValue]

_SEPARATORS: Final = ";；、\n"
_CLASS_LEVELS: Final = ("class_lei", "class_xiang", "class_mu", "class_ximu")
_LINES: Final[Mapping[str, str]] = {
    "resource_code": "resource_code",
    "provider_division": "provider_division",
    "format_note": "format_note",
    "sharing_condition": "sharing_condition",
    "non_sharing_basis": "non_sharing_basis",
    "open_condition": "open_condition",
    "data_range": "data_range",
    "data_grade": "data_grade",
    "source_organ": "authoritative_source",
    "authoritative_source": "authoritative_source",
}
"""Name an organ may use to the field of one text."""
_LISTS: Final[Mapping[str, str]] = {
    "related_resource_codes": "related_resource_codes",
    "source_system": "source_systems",
    "source_systems": "source_systems",
    "legal_basis": "legal_bases",
    "legal_bases": "legal_bases",
    "applicable_legislation": "legal_bases",
}
"""Name to the field of several texts."""


def profile_values(said: Said, readings: Readings, notes: Notes) -> Mapping[str, object]:
    """Return what the organ says under the profile's names, field to value; that is more exact than the format."""
    elements = {_element_of(name): value for name, value in said.items() if says_something(value)}
    read: dict[str, object] = {}
    for name, reader in _READERS.items():
        if name in elements:
            read |= reader(elements, readings, notes)
    for name, field in _LINES.items():
        if name in elements:
            read[field] = notes.take(readings.line(field, elements[name])) or read.get(field)
    for name, field in _LISTS.items():
        if name in elements:
            read[field] = texts_of(elements[name], _SEPARATORS) or read.get(field)
    return {field: value for field, value in read.items() if value not in (None, (), "")}


def is_profile_element(name: str) -> bool:
    """Tell whether a name is one of the profile's own, and read by `profile_values`."""
    return _element_of(name) in PROFILE_ELEMENTS


@remembered(1024)
def _element_of(name: str) -> str:
    return fold(name).replace(" ", "_")


def _classification(said: Said, _readings: Readings, _notes: Notes) -> dict[str, object]:
    lei, *rest = (text_of(said.get(level)).partition(".")[0].strip() for level in _CLASS_LEVELS)
    xiang, mu, ximu = rest
    return {"classification": Classification(lei=lei, xiang=xiang, mu=mu, ximu=ximu)}


def _provider_uscc(said: Said, _readings: Readings, _notes: Notes) -> dict[str, object]:
    return {"provider_uscc": fold(text_of(said["provider_uscc"])).upper().replace(" ", "").replace("-", "")}


def _format_class(said: Said, readings: Readings, notes: Notes) -> dict[str, object]:
    return {"format_class": notes.take(readings.format_class(said["format_class"]))}


def _format_types(said: Said, readings: Readings, _notes: Notes) -> dict[str, object]:
    formats = (readings.format(word) for word in texts_of(said["format_type"], _SEPARATORS + ",，/"))
    return {"format_types": tuple(dict.fromkeys(found.code for found in formats if found))}


def _sharing_type(said: Said, readings: Readings, notes: Notes) -> dict[str, object]:
    return {"sharing_type": notes.take(readings.sharing_type(said["sharing_type"]))}


def _sharing_methods(said: Said, readings: Readings, notes: Notes) -> dict[str, object]:
    method = notes.take(readings.sharing_method(said["sharing_method"], said.get("sharing_method_type")))
    return {"sharing_methods": (method,) if isinstance(method, SharingMethod) else ()}


def _is_open(said: Said, readings: Readings, notes: Notes) -> dict[str, object]:
    is_open = notes.take(readings.is_true("open_type", said["is_open"]))
    return {"open_type": OpenType.NONE} if is_open is False else {}


def _open_type(said: Said, readings: Readings, notes: Notes) -> dict[str, object]:
    return {"open_type": notes.take(readings.open_type(said["open_type"]))}


def _update_cycle(said: Said, readings: Readings, notes: Notes) -> dict[str, object]:
    cycle = notes.take(readings.cycle(said["update_cycle"]))
    return {"update_cycle": cycle.code, "update_period": cycle.period} if cycle else {}


def _disclosure(said: Said, readings: Readings, notes: Notes) -> dict[str, object]:
    categories = texts_of(said["disclosure_category"], _SEPARATORS + ",，")
    return {"disclosure_categories": notes.take_all(readings.disclosure_category(part) for part in categories)}


def _themes(said: Said, readings: Readings, notes: Notes) -> dict[str, object]:
    return {"themes": notes.take_all(readings.theme(part) for part in texts_of(said["theme"], _SEPARATORS + ",，"))}


def _network_tier(said: Said, readings: Readings, notes: Notes) -> dict[str, object]:
    return {"network_tier": notes.take(readings.network_tier(said["network_tier"]))}


def _personal(said: Said, readings: Readings, notes: Notes) -> dict[str, object]:
    name = "personal_information"
    return {name: notes.take(readings.is_true(name, said[name]))}


def _record_count(said: Said, readings: Readings, notes: Notes) -> dict[str, object]:
    return {"record_count": notes.take(readings.count("record_count", said["record_count"]))}


def _issued_on(said: Said, readings: Readings, notes: Notes) -> dict[str, object]:
    return {"issued_on": notes.take(readings.date("issued_on", said["issued_on"]))}


def _updated_on(said: Said, readings: Readings, notes: Notes) -> dict[str, object]:
    return {"updated_on": notes.take(readings.date("updated_on", said["updated_on"]))}


def _temporal(said: Said, readings: Readings, notes: Notes) -> dict[str, object]:
    interval = notes.take(readings.interval("temporal", said.get("temporal_start"), said.get("temporal_end")))
    return {"temporal": interval} if isinstance(interval, Interval) else {}


def _items(said: Said, readings: Readings, notes: Notes) -> dict[str, object]:
    parts = said["items"]
    named = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    rows = ((text_of(part.get("name")), part) for part in named)
    return {"items": tuple(_item(name, part, readings, notes) for name, part in rows if name)}


def _item(name: str, part: Said, readings: Readings, notes: Notes) -> Item:
    return Item(
        name=name,
        data_type=readings.data_type(part.get("data_type")),
        length=text_of(part.get("length")),
        code=text_of(part.get("code")),
        primary_key=notes.take(readings.is_true("items", part.get("primary_key"))),
        sensitive=notes.take(readings.is_true("items", part.get("sensitive"))),
        sharing_type=notes.take(readings.sharing_type(part.get("sharing_type"))),
        note=notes.take(readings.line("items", part.get("note"))) or "",
    )


_READERS: Final[Mapping[str, Callable[[Said, Readings, Notes], dict[str, object]]]] = {
    "class_lei": _classification,
    "provider_uscc": _provider_uscc,
    "format_class": _format_class,
    "format_type": _format_types,
    "sharing_type": _sharing_type,
    "sharing_method": _sharing_methods,
    "is_open": _is_open,
    "open_type": _open_type,
    "update_cycle": _update_cycle,
    "disclosure_category": _disclosure,
    "theme": _themes,
    "network_tier": _network_tier,
    "personal_information": _personal,
    "record_count": _record_count,
    "issued_on": _issued_on,
    "updated_on": _updated_on,
    "temporal_start": _temporal,
    "temporal_end": _temporal,
    "items": _items,
}
"""Name to its reading; a later one wins over an earlier one of the same field."""

PROFILE_ELEMENTS: Final = frozenset({*_READERS, *_LINES, *_LISTS, *_CLASS_LEVELS, "sharing_method_type"})
