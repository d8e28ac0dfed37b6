"""One DCAT dataset, written as a tree, as entry metadata."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import Contact, Distribution, EntryMetadata, Interval, JsonValue
from catalogue_app.domain.vocabulary import OpenType
from harvesters.dcat_document import CYCLE_KEY
from harvesters.dcat_values import contact_of, extensions_of, formats_of, links_of, localized_of, places_of
from harvesters.fields import TITLE_LIMIT, Cycle, Readings
from harvesters.port import RawRecord, RecordRejected
from harvesters.raw_values import NOTE_LIMIT, Notes, Reading, text_of, texts_of, unread
from harvesters.rdf_values import Tree, address_of, ends_of, label_of, labels_of, listed, objects_of, texts_in

_TITLE: Final = ("dct:title", "dc:title", "schema:name", "rdfs:label")
_ABSTRACT: Final = ("dct:description", "dct:abstract", "dc:description", "schema:description")
_PROVIDER: Final = ("dct:publisher", "dc:publisher", "dct:rightsHolder", "dct:creator")
_CONTACT: Final = ("dcat:contactPoint", "adms:contactPoint")
_PAGES: Final = ("dcat:landingPage", "foaf:page", "foaf:homepage")
_PARTS_OF: Final = ("dct:isPartOf", "dcat:inSeries")
_THEMES: Final = ("dcat:theme",)
_RIGHTS: Final = ("dct:accessRights", "pod:accessLevel")
_LAWS: Final = ("dcatap:applicableLegislation",)
_READ: Final = frozenset({
    *_TITLE, *_ABSTRACT, *_PROVIDER, *_CONTACT, *_PAGES, *_PARTS_OF, *_THEMES, *_RIGHTS, *_LAWS, CYCLE_KEY, "@id",
    "@type", "dct:identifier", "dct:issued", "dct:modified", "dct:accrualPeriodicity", "dct:license", "dct:spatial",
    "dct:temporal", "dcat:keyword", "dcat:distribution",
})  # fmt: skip
"""Properties that have an element of the profile; all others become extensions."""

_ACCESS: Final[Mapping[str, OpenType]] = {
    "public": OpenType.OPEN,
    "restricted": OpenType.CONDITIONAL,
    "restricted public": OpenType.CONDITIONAL,
    "non_public": OpenType.NONE,
    "non-public": OpenType.NONE,
    "confidential": OpenType.NONE,
    "sensitive": OpenType.NONE,
}
"""The EU authority table access-right by its last segments, and `accessLevel` of DCAT-US: closed lists of both."""


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
        readings, take = self._readings, self._notes.take
        title = take(localized_of(labels_of(self._said(*_TITLE)), readings.title))
        if title is None:
            raise RecordRejected(Problem(record=self._record.identifier, element="title", code="missing_title"))
        distributions = tuple(self._distribution(part) for part in objects_of(self._said("dcat:distribution")))
        format_types, format_class = formats_of(distributions, readings)
        cycle = take(self._cycle())
        self._note_cycle()
        metadata = EntryMetadata(
            title=title,
            abstract=take(localized_of(labels_of(self._said(*_ABSTRACT)), readings.abstract)),
            provider_name=take(readings.line("provider_name", label_of(self._said(*_PROVIDER)))) or "",
            format_class=format_class,
            format_types=format_types,
            open_type=take(self._open_type()),
            update_cycle=cycle.code if cycle else None,
            update_period=cycle.period if cycle else "",
            issued_on=self._day("issued_on", "dct:issued"),
            updated_on=self._day("updated_on", "dct:modified"),
            related_resource_codes=texts_of([address_of(part) for part in self._said(*_PARTS_OF)]),
            keywords=texts_of([text for _, text in labels_of(self._said("dcat:keyword"))]),
            online_urls=self._notes.take_all(links_of(map(address_of, self._said(*_PAGES)), readings)),
            themes=self._notes.take_all(self._theme(part) for part in self._said(*_THEMES)),
            spatial=self._notes.take_all(self._places()),
            temporal=take(self._temporal()),
            contact=self._contact(),
            licence=take(readings.licence(self._licence())) or "",
            legal_bases=texts_of([label_of([part]) for part in self._said(*_LAWS)]),
            distributions=tuple(it for it in distributions if it != Distribution()),
        )
        rest = ((name, texts_in(value)) for name, value in self._raw.items() if name not in _READ)
        extensions = extensions_of(rest, readings, self._notes)
        return replace(metadata, extensions=extensions, unread=self._notes.unread)

    def _said(self, *names: str) -> list[JsonValue]:
        """Return the values of several properties that mean the same, the most exact first."""
        return [part for name in names for part in listed(self._raw.get(name))]

    def _day(self, element: str, name: str) -> date | None:
        """Return the latest of the days stated; one that cannot be read is noted."""
        read = [self._notes.take(self._readings.date(element, text)) for _, text in labels_of(self._said(name))]
        return max((day for day in read if day), default=None)

    def _cycle(self) -> Reading[Cycle]:
        """Read the first thing said of the cycle that is understood: an address of a frequency, or words."""
        said = self._said("dct:accrualPeriodicity")
        tries = [address_of(part) for part in said] + [text for _, text in labels_of(said)]
        readings = [self._readings.cycle(text) for text in tries if text]
        return next((it for it in readings if it[0]), readings[0] if readings else (None, None))

    def _open_type(self) -> Reading[OpenType]:
        said = self._said(*_RIGHTS)
        if not said:
            return None, None
        words = [address_of(said[0]).rstrip("/").rpartition("/")[2], label_of(said)]
        known = next((_ACCESS[word.lower()] for word in words if word.lower() in _ACCESS), None)
        return (known, None) if known else self._readings.open_type(words[1])

    def _theme(self, part: JsonValue) -> Reading[str]:
        """Read a theme by its code in the EU table (the last segment of its address), else by its name."""
        by_code = self._readings.theme(address_of(part).rstrip("/#").rpartition("/")[2])
        return by_code if by_code[0] else self._readings.theme(label_of([part]))

    def _places(self) -> Iterator[Reading[str]]:
        return places_of((label_of([part]) for part in self._said("dct:spatial")), self._readings)

    def _temporal(self) -> Reading[Interval]:
        said = self._said("dct:temporal")
        for part in objects_of(said):
            start, end = ends_of(part)
            if start or end:
                return self._readings.interval("temporal", start, end or "..")
        return self._readings.interval("temporal", next((text for _, text in labels_of(said)), None))

    def _contact(self) -> Contact | None:
        point: Tree = next(iter(objects_of(self._said(*_CONTACT))), {})
        publisher: Tree = next(iter(objects_of(self._said("dct:publisher"))), {})
        name = label_of([dict(point)]) if set(point) - {"@id"} else ""
        email = _first(point, "vcard:hasEmail", "vcard:email") or _first(publisher, "foaf:mbox")
        return contact_of(name, email, _first(point, "vcard:hasTelephone", "vcard:tel", "vcard:telephone"))

    def _licence(self) -> str:
        """Return the terms of the dataset; where it states none, those that its files agree on."""
        stated = [address_of(part) or label_of([part]) for part in self._said("dct:license")]
        if not any(stated):
            parts = objects_of(self._said("dcat:distribution"))
            own = {_first(part, "dct:license") for part in parts}
            stated = list(own) if len(own) == 1 else []
        return next((text for text in stated if text), "")

    def _distribution(self, part: Tree) -> Distribution:
        readings, take = self._readings, self._notes.take
        element = "distributions"
        media_type = _media(_first(part, "dcat:mediaType"))
        known = readings.format(_first(part, "dct:format", "dc:format"), media_type)
        title = take(localized_of(labels_of(listed(part.get("dct:title"))), readings.title))
        return Distribution(
            url=take(readings.url(element, _first(part, "dcat:downloadURL", "dcat:accessURL"))) or "",
            title=take(readings.line(element, title.original if title else "", TITLE_LIMIT)) or "",
            format=known.code if known else "",
            media_type=media_type,
            size_bytes=take(readings.count(element, _first(part, "dcat:byteSize"))),
            modified_on=take(readings.date(element, _first(part, "dct:modified"))),
            description=take(readings.line(element, label_of(listed(part.get("dct:description"))))) or "",
        )

    def _note_cycle(self) -> None:
        circle = self._raw.get(CYCLE_KEY)
        if isinstance(circle, list):
            named = " → ".join(map(text_of, circle))
            self._notes.take((None, unread("related_resource_codes", named, "relation_cycle")))


def _first(part: Tree, *names: str) -> str:
    """Return the first thing said under one of several names: an address, else words."""
    values: Iterable[JsonValue] = (value for name in names for value in listed(part.get(name)))
    return next((text for value in values if (text := address_of(value) or label_of([value]))), "")


def _media(text: str) -> str:
    """Return a media type, also from its address at IANA."""
    return text.rpartition("/media-types/")[2][:NOTE_LIMIT]
