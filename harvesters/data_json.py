"""Source kind `data_json`: a catalogue in DCAT-US 1.1 (project-open-data.cio.gov/v1.1/schema), one JSON document.

The address is the document itself, or a folder of such documents. What later drafts and other countries write in its
place (DCAT-US 3.0 objects for identifiers, Argentina's `field` lists, a bare list of datasets) is read as far as it
goes.
Identity is `identifier`, trimmed; a dataset without one is rejected, one without a title keeps its place but not more.
"""

from collections.abc import Iterator, Mapping
from typing import Final, final

from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import Contact, Distribution, EntryMetadata, Interval, Item, JsonValue, with_values
from catalogue_app.domain.source import Source, SourceKind
from catalogue_app.domain.vocabulary import OpenType
from harvesters.canonical import canonical, digest
from harvesters.dcat_values import (
    contact_of,
    extensions_of,
    formats_of,
    keywords_of,
    links_of,
    listed,
    mapping,
    places_of,
    plain,
)
from harvesters.fields import TITLE_LIMIT, Cycle, Readings
from harvesters.files import files_of
from harvesters.json_reading import Element, elements
from harvesters.port import Fetcher, Payload, RawRecord, RecordRejected, Unreadable
from harvesters.profile_elements import is_profile_element, profile_values
from harvesters.raw_values import NOTE_LIMIT, Notes, Reading, text_of, texts_of

IDENTIFIER_LIMIT: Final = 500
"""Characters of an identifier."""

_ENDINGS: Final = frozenset({"", "json"})
_LISTS: Final = (("dataset",), ())
_ACCESS_LEVELS: Final[Mapping[str, OpenType]] = {
    "public": OpenType.OPEN,
    "restricted public": OpenType.CONDITIONAL,
    "non-public": OpenType.NONE,
}
"""DCAT-US `accessLevel`, a closed list of that standard."""
_PROFILE_KEY: Final = "municipalProfile"
_READ: Final = frozenset({
    "@type", "@id", "identifier", "title", "description", "keyword", "issued", "modified", "accessLevel", "publisher",
    "contactPoint", "spatial", "temporal", "theme", "distribution", "landingPage", "license", "accrualPeriodicity",
    "isPartOf", _PROFILE_KEY,
})  # fmt: skip
"""Keys that have an element of the profile; all others become extensions."""


@final
class DataJsonHarvester:
    """Reads one data.json."""

    kind = SourceKind.DATA_JSON
    version = 2
    options: Mapping[str, str] = {}
    is_partial = False

    def __init__(self, source: Source, readings: Readings) -> None:
        """Remember the address and how this source writes its values."""
        self._address = source.address
        self._readings = readings

    def gather(self, fetcher: Fetcher) -> Iterator[Payload | Unreadable]:
        """Yield the document, or each document of a folder."""
        yield from files_of(fetcher, self._address, _ENDINGS)

    def split(self, payload: Payload) -> Iterator[RawRecord | Problem]:
        """Yield the datasets of one document."""
        for element in elements(payload, _LISTS):
            yield _identified(element)

    def parse(self, record: RawRecord) -> EntryMetadata:
        """Read one dataset."""
        return _Dataset(record, self._readings).read()


def _identified(element: Element) -> RawRecord | Problem:
    place = f"dataset[{element.position}]"
    raw = element.value
    if not isinstance(raw, dict):
        return Problem(record=place, code="not_a_record", value=text_of(raw)[:NOTE_LIMIT])
    identifier = text_of(plain(raw.get("identifier")))
    if not identifier:
        return Problem(
            record=place,
            element="identifier",
            code="missing_identifier",
            value=text_of(plain(raw.get("title")))[:NOTE_LIMIT],
        )
    if len(identifier) > IDENTIFIER_LIMIT:
        return Problem(record=place, element="identifier", code="identifier_too_long", value=identifier[:NOTE_LIMIT])
    return RawRecord(identifier=identifier, place=place, digest=digest(canonical(raw)), raw=raw)


class _Dataset:
    """One dataset while it is read."""

    def __init__(self, record: RawRecord, readings: Readings) -> None:
        self._record, self._raw, self._readings, self._notes = record, record.raw, readings, Notes()

    def read(self) -> EntryMetadata:
        raw, readings, take = self._raw, self._readings, self._notes.take
        title = take(readings.title(plain(raw.get("title"))))
        if title is None:
            raise RecordRejected(Problem(record=self._record.identifier, element="title", code="missing_title"))
        distributions = tuple(self._distribution(mapping(part)) for part in listed(raw.get("distribution")))
        format_types, format_class = formats_of(distributions, readings)
        cycle = take(self._cycle())
        opening = take(self._open_type())
        metadata = EntryMetadata(
            title=title,
            abstract=take(readings.abstract(plain(raw.get("description")))),
            provider_name=take(readings.line("provider_name", plain(raw.get("publisher")))) or "",
            format_class=format_class,
            format_types=format_types,
            items=tuple(self._items()),
            open_type=opening,
            open_condition=self._open_condition(opening),
            update_cycle=cycle.code if cycle else None,
            update_period=cycle.period if cycle else "",
            issued_on=take(readings.date("issued_on", plain(raw.get("issued")))),
            updated_on=take(readings.date("updated_on", plain(raw.get("modified")))),
            related_resource_codes=texts_of([plain(it) for it in listed(raw.get("isPartOf"))]),
            keywords=keywords_of(raw.get("keyword")),
            online_urls=self._notes.take_all(links_of(listed(raw.get("landingPage")), readings)),
            themes=self._notes.take_all(readings.theme(plain(it)) for it in listed(raw.get("theme"))),
            spatial=self._notes.take_all(places_of(listed(raw.get("spatial")), readings)),
            temporal=take(self._temporal()),
            contact=self._contact(),
            licence=take(readings.licence(plain(raw.get("license")))) or "",
            distributions=tuple(it for it in distributions if it != Distribution()),
        )
        return self._completed(metadata)

    def _completed(self, metadata: EntryMetadata) -> EntryMetadata:
        """Add what the profile's own names say, and keep everything that has no element."""
        said = mapping(self._raw.get(_PROFILE_KEY))
        own = profile_values(said, self._readings, self._notes)
        has_condition = bool(own.get("open_condition", metadata.open_condition))
        extensions = extensions_of(self._rest(said, has_condition=has_condition), self._readings, self._notes)
        return with_values(metadata, {**own, "extensions": extensions, "unread": self._notes.unread})

    def _rest(self, said: Mapping[str, JsonValue], *, has_condition: bool) -> Iterator[tuple[str, JsonValue]]:
        for name, value in self._raw.items():
            if name not in _READ and not (name == "rights" and has_condition):
                yield name, value
        for name, value in said.items():
            if not is_profile_element(name):
                yield name, value

    def _distribution(self, part: Mapping[str, JsonValue]) -> Distribution:
        readings, take = self._readings, self._notes.take
        link = plain(part.get("downloadURL")) or plain(part.get("accessURL"))
        media_type = text_of(plain(part.get("mediaType")))[:NOTE_LIMIT]
        known = readings.format(plain(part.get("format")), media_type)
        return Distribution(
            url=take(readings.url("distributions", link)) or "",
            title=take(readings.line("distributions", plain(part.get("title")), TITLE_LIMIT)) or "",
            format=known.code if known else "",
            media_type=media_type,
            size_bytes=take(readings.count("distributions", plain(part.get("byteSize")))),
            modified_on=take(readings.date("distributions", plain(part.get("modified")))),
            description=take(readings.line("distributions", plain(part.get("description")))) or "",
        )

    def _cycle(self) -> Reading[Cycle]:
        stated = plain(self._raw.get("accrualPeriodicity"))
        modified = text_of(plain(self._raw.get("modified")))
        # DCAT-US lets `modified` hold a repeating period; that is a cycle, whatever it says about a date.
        if not text_of(stated) and modified.startswith("R/P"):
            return self._readings.cycle(modified)[0], None
        return self._readings.cycle(stated)

    def _open_type(self) -> Reading[OpenType]:
        stated = plain(self._raw.get("accessLevel"))
        known = _ACCESS_LEVELS.get(text_of(stated).lower())
        return (known, None) if known else self._readings.open_type(stated)

    def _open_condition(self, opening: OpenType | None) -> str:
        if opening in {None, OpenType.OPEN}:
            return ""
        return self._notes.take(self._readings.line("open_condition", plain(self._raw.get("rights")))) or ""

    def _temporal(self) -> Reading[Interval]:
        stated = self._raw.get("temporal")
        period = mapping(stated)
        ends = plain(period.get("startDate")), plain(period.get("endDate"))
        return (
            self._readings.interval("temporal", ends[0], ends[1] or "")
            if any(ends)
            else self._readings.interval("temporal", plain(stated))
        )

    def _contact(self) -> Contact | None:
        point = mapping(self._raw.get("contactPoint"))
        publisher = mapping(self._raw.get("publisher"))
        email = point.get("hasEmail") or publisher.get("mbox")
        return contact_of(point.get("fn"), email, point.get("hasTelephone"))

    def _items(self) -> Iterator[Item]:
        """Yield the columns that a distribution lists under `field`, each name once."""
        parts = [mapping(part) for part in listed(self._raw.get("distribution"))]
        columns = {text_of(it.get("title")): it for part in parts for it in map(mapping, listed(part.get("field")))}
        for name, column in columns.items():
            if name:
                note = self._notes.take(self._readings.line("items", column.get("description"))) or ""
                yield Item(name=name[:TITLE_LIMIT], data_type=self._readings.data_type(column.get("type")), note=note)
