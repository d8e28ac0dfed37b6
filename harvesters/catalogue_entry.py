"""One entry of another instance as entry metadata: the same elements, read without trusting that they are well made."""

from dataclasses import fields, replace
from typing import Final

from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import EntryMetadata, JsonValue, UnreadValue, from_document, to_document
from catalogue_app.domain.vocabulary import Tier
from harvesters.dcat_values import mapping, plain
from harvesters.fields import Readings
from harvesters.port import RawRecord, RecordRejected
from harvesters.raw_values import Notes, text_of, unread

_ELEMENTS: Final = frozenset(field.name for field in fields(EntryMetadata)) - {"title", "unread"}
_ADDRESSED: Final = ("distributions", "online_urls")
_FLAGS: Final = frozenset({"primary_key", "sensitive", "personal_information"})
_NUMBERS: Final = frozenset({"size_bytes", "record_count"})
"""Members that are no texts."""
_FAULTS: Final = (KeyError, ValueError, TypeError, AttributeError, AssertionError, IndexError)


def read_entry(record: RawRecord, readings: Readings) -> EntryMetadata:
    """Read one item of the feed.

    Raises:
        RecordRejected: it has no title.
    """
    said = mapping(record.raw.get("metadata"))
    title = {tag: text for tag, text in mapping(said.get("title")).items() if tag and text_of(text)}
    if not title:
        raise RecordRejected(Problem(record=record.identifier, element="title", code="missing_title"))
    notes = Notes()
    document: dict[str, JsonValue] = {"title": {tag: text_of(text) for tag, text in title.items()}}
    for name in sorted(_ELEMENTS & set(said)):
        document |= _element(name, said[name], notes)
    metadata = from_document(document)
    provider = metadata.provider_name or notes.take(readings.line("provider_name", plain(record.raw.get("organ_name"))))
    unsafe = tuple(note for name in _ADDRESSED for note in _unsafe(name, metadata, readings))
    return replace(
        metadata, provider_name=provider or "", network_tier=_tier(record, metadata), unread=(*notes.unread, *unsafe)
    )


def _element(name: str, value: JsonValue, notes: Notes) -> dict[str, JsonValue]:
    """Return an element that this version understands; any other is noted and left out, and so is an empty one."""
    if not text_of(value):
        return {}
    try:
        if (
            _is_well_typed(name, value)
            and to_document(from_document({"title": {"zh": "-"}, name: value}))[name] == value
        ):
            return {name: value}
    except _FAULTS:
        pass  # noted below, like an element that reads as something else
    notes.take((None, unread(name, value, "unknown_value")))
    return {}


def _is_well_typed(name: str, value: JsonValue) -> bool:
    match value:
        case list():
            return all(_is_well_typed(name, part) for part in value)
        case dict():
            return all(_is_well_typed(key, part) for key, part in value.items())
        case bool():
            return name in _FLAGS
        case int():
            return name in _NUMBERS
    return isinstance(value, str) and bool(value.strip()) and name not in _FLAGS | _NUMBERS


def _unsafe(name: str, metadata: EntryMetadata, readings: Readings) -> list[UnreadValue]:
    links = [it.url for it in metadata.distributions] if name == "distributions" else metadata.online_urls
    return [note for link in links if (note := readings.url(name, link)[1])]


def _tier(record: RawRecord, metadata: EntryMetadata) -> Tier | None:
    """Return the higher of the tier declared and the tier it is shown on over there: nothing travels down (art. 8)."""
    stated = text_of(record.raw.get("tier"))
    shown = Tier(stated) if stated in set(Tier) else None
    declared = metadata.network_tier
    if shown is None or declared is None:
        return shown or declared
    return max(shown, declared, key=lambda tier: tier.level)
