"""What an entry says beside that for which its page has a place of its own: element and values, in words."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeVar

from catalogue_app.domain.metadata import EntryMetadata, Interval, to_document
from catalogue_app.web.messages import mark, say, write_day, write_number
from catalogue_app.web.portal import terms, words
from catalogue_app.web.portal.passages import written

_SHOWN_ABOVE: Final = frozenset(
    {
        *("title", "abstract", "provider_division", "contact", "themes", "disclosure_categories", "items"),
        *("update_cycle", "update_period", "updated_on", "sharing_type", "sharing_condition", "sharing_methods"),
        *("non_sharing_basis", "open_type", "open_condition", "licence", "distributions", "online_urls"),
    }
)

Value = TypeVar("Value")
Row = tuple[str, tuple[str, ...]]


def remainder_of(metadata: EntryMetadata) -> list[Row]:
    """Return (name of the element, its values) in the order of the profile."""
    return [row for row in _rows(metadata) if any(row[1])]


def _rows(metadata: EntryMetadata) -> Iterator[Row]:
    document = to_document(metadata)
    for name in document:
        if name not in _SHOWN_ABOVE | {"extensions", "unread"}:
            yield terms.element(name), _values(name, metadata)
    yield from ((name, (value,)) for name, value in metadata.extensions)
    unread = tuple(f"{terms.element(each.element)}: {each.value}" for each in metadata.unread)
    yield terms.element("unread"), unread


def _values(name: str, metadata: EntryMetadata) -> tuple[str, ...]:
    if name in _WRITERS:
        return tuple(_WRITERS[name](metadata))
    value = to_document(metadata)[name]
    return tuple(map(written, value)) if isinstance(value, list) else (written(value),)


def _some(value: Value | None) -> tuple[Value, ...]:
    return () if value is None else (value,)


def _interval(interval: Interval) -> str:
    if interval.start and interval.end:
        return say(mark("%(start)s至%(end)s"), start=write_day(interval.start), end=write_day(interval.end))
    if interval.start:
        return say(mark("%(start)s起"), start=write_day(interval.start))
    return say(mark("截至%(end)s"), end=write_day(interval.end)) if interval.end else ""


_WRITERS: Final[Mapping[str, Callable[[EntryMetadata], Iterator[str]]]] = {
    "issued_on": lambda said: map(write_day, _some(said.issued_on)),
    "spatial": lambda said: map(terms.division, said.spatial),
    "temporal": lambda said: map(_interval, _some(said.temporal)),
    "classification": lambda said: (found.code for found in _some(said.classification)),
    "format_class": lambda said: map(terms.format_class, _some(said.format_class)),
    "network_tier": lambda said: map(terms.tier, _some(said.network_tier)),
    "record_count": lambda said: map(write_number, _some(said.record_count)),
    "personal_information": lambda said: map(words.yes_no, _some(said.personal_information)),
}
"""Elements whose values are written in words of the language rather than as they stand in the document."""
