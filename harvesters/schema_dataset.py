"""One schema.org Dataset (schema.org/Dataset) as entry metadata."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import Contact, Distribution, EntryMetadata, Interval, Item, JsonValue
from harvesters.dcat_values import (
    contact_of,
    extensions_of,
    formats_of,
    keywords_of,
    links_of,
    listed,
    localized_of,
    mapping,
    places_of,
    plain,
)
from harvesters.fields import TITLE_LIMIT, Readings
from harvesters.port import RawRecord, RecordRejected
from harvesters.raw_values import NOTE_LIMIT, Notes, Reading, text_of, texts_of
from harvesters.schema_page import PAGE_KEY

_PROVIDERS: Final = ("publisher", "sourceOrganization", "provider", "maintainer", "creator", "author")
_READ: Final = frozenset({
    *_PROVIDERS, PAGE_KEY, "@type", "@id", "@context", "name", "headline", "description", "abstract", "identifier",
    "url", "dateModified", "datePublished", "dateCreated", "keywords", "license", "spatialCoverage", "temporalCoverage",
    "distribution", "variableMeasured", "isPartOf", "includedInDataCatalog", "conditionsOfAccess", "contactPoint",
    "mainEntityOfPage",
})  # fmt: skip
"""Words that have an element of the profile or say nothing of the content; all others become extensions."""


def read_dataset(record: RawRecord, readings: Readings) -> EntryMetadata:
    """Read one dataset.

    Raises:
        RecordRejected: it has no title.
    """
    return _Dataset(record, readings).read()


class _Dataset:
    """One dataset while it is read."""

    def __init__(self, record: RawRecord, readings: Readings) -> None:
        self._record, self._raw, self._readings, self._notes = record, record.raw, readings, Notes()

    def read(self) -> EntryMetadata:
        raw, readings, take = self._raw, self._readings, self._notes.take
        title = take(localized_of(_spoken(raw.get("name") or raw.get("headline")), readings.title))
        if title is None:
            raise RecordRejected(Problem(record=self._record.identifier, element="title", code="missing_title"))
        distributions = tuple(self._distribution(part) for part in listed(raw.get("distribution")))
        format_types, format_class = formats_of(distributions, readings)
        metadata = EntryMetadata(
            title=title,
            abstract=take(localized_of(_spoken(raw.get("description") or raw.get("abstract")), readings.abstract)),
            provider_name=self._provider(),
            format_class=format_class,
            format_types=format_types,
            items=tuple(self._items()),
            open_condition=take(readings.line("open_condition", plain(raw.get("conditionsOfAccess")))) or "",
            issued_on=take(readings.date("issued_on", plain(raw.get("datePublished") or raw.get("dateCreated")))),
            updated_on=take(readings.date("updated_on", plain(raw.get("dateModified")))),
            related_resource_codes=texts_of([_address(part) for part in listed(raw.get("isPartOf"))]),
            keywords=keywords_of(raw.get("keywords")),
            online_urls=self._notes.take_all(links_of(self._pages(), readings)),
            spatial=self._notes.take_all(places_of(listed(raw.get("spatialCoverage")), readings)),
            temporal=take(self._temporal()),
            contact=self._contact(),
            licence=take(readings.licence(self._licence())) or "",
            distributions=tuple(it for it in distributions if it != Distribution()),
        )
        rest = ((name, _words(value)) for name, value in raw.items() if name not in _READ)
        return replace(metadata, extensions=extensions_of(rest, readings, self._notes), unread=self._notes.unread)

    def _organ(self) -> Mapping[str, JsonValue]:
        return next((found for name in _PROVIDERS if (found := mapping(self._raw.get(name)))), {})

    def _provider(self) -> str:
        stated = next((said for name in _PROVIDERS if text_of(said := _words(self._raw.get(name)))), None)
        return self._notes.take(self._readings.line("provider_name", stated)) or ""

    def _pages(self) -> list[JsonValue]:
        page = text_of(self._raw.get(PAGE_KEY))
        stated = [_address(part) for part in listed(self._raw.get("url"))]
        return [it for it in stated if it] or [page] * page.startswith(("http://", "https://"))

    def _temporal(self) -> Reading[Interval]:
        return self._readings.interval("temporal", plain(self._raw.get("temporalCoverage")))

    def _licence(self) -> JsonValue:
        stated = next(iter(listed(self._raw.get("license"))), None)
        return _address(stated) or _words(stated)

    def _contact(self) -> Contact | None:
        point = mapping(self._raw.get("contactPoint")) or mapping(self._organ().get("contactPoint"))
        source = point or self._organ()
        name = point.get("name") or point.get("contactType")
        return contact_of(_words(name), _words(source.get("email")), _words(source.get("telephone")))

    def _items(self) -> Iterator[Item]:
        """Yield what the dataset measures, each name once."""
        named = {text_of(_words(part)): mapping(part) for part in listed(self._raw.get("variableMeasured"))}
        for name, part in named.items():
            if name:
                note = self._notes.take(self._readings.line("items", _words(part.get("description")))) or ""
                yield Item(name=name[:TITLE_LIMIT], note=note)

    def _distribution(self, value: JsonValue) -> Distribution:
        readings, take, element = self._readings, self._notes.take, "distributions"
        part = mapping(value)
        stated = text_of(_words(part.get("encodingFormat") or part.get("fileFormat")))
        media_type = stated[:NOTE_LIMIT] if "/" in stated and "://" not in stated else ""
        known = readings.format(stated, media_type)
        link = (
            _address(part.get("contentUrl")) or _address(part.get("url")) or (value if isinstance(value, str) else "")
        )
        return Distribution(
            url=take(readings.url(element, link)) or "",
            title=take(readings.line(element, _words(part.get("name")), TITLE_LIMIT)) or "",
            format=known.code if known else "",
            media_type=media_type,
            modified_on=take(readings.date(element, plain(part.get("dateModified")))),
            description=take(readings.line(element, _words(part.get("description")))) or "",
        )


def _spoken(value: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    for part in listed(value):
        said = part if isinstance(part, dict) else {}
        yield text_of(said.get("@language")), plain(said.get("@value", part))


def _words(value: JsonValue) -> JsonValue:
    """Return a value as words: in Chinese, else in English, else whatever stands first."""
    spoken = [(tag.partition("-")[0], text) for tag, text in _spoken(value) if text_of(text)]
    ranked = sorted(spoken, key=lambda pair: {"zh": 0, "en": 1}.get(pair[0], 2))
    return ranked[0][1] if ranked else None


def _address(value: JsonValue) -> str:
    """Return the address a value is or has."""
    said = mapping(value)
    return text_of(said.get("url") or said.get("@id")) if said else text_of(value if isinstance(value, str) else None)
