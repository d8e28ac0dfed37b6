"""One record of a JSON API as entry metadata, by the mapping of its source."""

from collections.abc import Iterator
from typing import Final

from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import Contact, Distribution, EntryMetadata, Interval, JsonValue, with_values
from harvesters.dcat_values import (
    contact_of,
    extensions_of,
    formats_of,
    keywords_of,
    links_of,
    localized_of,
    places_of,
    plain,
)
from harvesters.fields import TITLE_LIMIT, Readings
from harvesters.json_mapping import JsonMapping, first_found, spoken
from harvesters.port import RawRecord, RecordRejected
from harvesters.profile_elements import PROFILE_ELEMENTS, profile_values
from harvesters.raw_values import NOTE_LIMIT, Notes, Reading, text_of

_SEVERAL: Final = frozenset({
    "theme", "disclosure_category", "format_type", "related_resource_codes", "source_system", "source_systems",
    "legal_basis", "legal_bases", "applicable_legislation", "items",
})  # fmt: skip
"""Elements of the profile that may have several values; of all others the first counts."""


def read_record(record: RawRecord, mapping: JsonMapping, readings: Readings) -> EntryMetadata:
    """Read one record.

    Raises:
        RecordRejected: it has no title.
    """
    return _Record(record, mapping, readings).read()


class _Record:
    """One record while it is read."""

    def __init__(self, record: RawRecord, mapping: JsonMapping, readings: Readings) -> None:
        self._record, self._raw, self._mapping = record, dict(record.raw), mapping
        self._readings, self._notes = readings, Notes()

    def read(self) -> EntryMetadata:
        readings, take, texts = self._readings, self._notes.take, self._mapping.texts
        title = take(localized_of(texts("title", self._raw), readings.title))
        if title is None:
            raise RecordRejected(Problem(record=self._record.identifier, element="title", code="missing_title"))
        distributions = tuple(it for it in map(self._distribution, self._files()) if it != Distribution())
        format_types, format_class = formats_of(distributions, readings)
        metadata = EntryMetadata(
            title=title,
            abstract=take(localized_of(texts("abstract", self._raw), readings.abstract)),
            provider_name=take(readings.line("provider_name", self._one("provider_name"))) or "",
            format_class=format_class,
            format_types=format_types,
            keywords=keywords_of(self._keywords()),
            online_urls=self._notes.take_all(links_of(self._all("online_urls"), readings)),
            spatial=self._notes.take_all(places_of(map(_words, self._all("spatial")), readings)),
            temporal=take(self._temporal()),
            contact=self._contact(),
            licence=take(readings.licence(self._one("licence"))) or "",
            distributions=distributions,
        )
        return self._completed(metadata)

    def _completed(self, metadata: EntryMetadata) -> EntryMetadata:
        """Add the elements that the shared readings of the profile know, and the extensions."""
        said = {name: self._profile_value(name) for name in self._mapping.fields if name in PROFILE_ELEMENTS}
        own = profile_values(said, self._readings, self._notes)
        pairs = (
            (name, "; ".join(text_of(_words(value)) for value in first_found(paths, self._raw)))
            for name, paths in self._mapping.extensions.items()
        )
        extensions = extensions_of(pairs, self._readings, self._notes)
        return with_values(metadata, {**own, "extensions": extensions, "unread": self._notes.unread})

    def _all(self, element: str) -> list[JsonValue]:
        return self._mapping.values(element, self._raw)

    def _one(self, element: str) -> JsonValue:
        return next((_words(value) for value in self._all(element)), None)

    def _profile_value(self, element: str) -> JsonValue:
        if element == "items":
            return [value if isinstance(value, dict) else {"name": text_of(value)} for value in self._all(element)]
        return [_words(value) for value in self._all(element)] if element in _SEVERAL else self._one(element)

    def _keywords(self) -> JsonValue:
        """Return keywords as a list; a single text may hold several."""
        values = [_words(value) for value in self._all("keywords")]
        return values[0] if len(values) == 1 else values

    def _temporal(self) -> Reading[Interval]:
        return self._readings.interval("temporal", self._one("temporal"))

    def _contact(self) -> Contact | None:
        return contact_of(self._one("contact_name"), self._one("contact_email"), self._one("contact_telephone"))

    def _files(self) -> Iterator[JsonValue]:
        """Yield the parts that are files; without a path to them, the record itself where it has a file's members."""
        if "distributions" in self._mapping.fields:
            yield from self._all("distributions")
        elif self._mapping.files:
            yield self._raw

    def _distribution(self, part: JsonValue) -> Distribution:
        readings, take, element = self._readings, self._notes.take, "distributions"
        if not isinstance(part, dict):
            return Distribution(url=take(readings.url(element, part)) or "")
        said = {name: _words(plain(first_found(paths, part))) for name, paths in self._mapping.files.items()}
        media_type = text_of(said.get("media_type"))[:NOTE_LIMIT]
        known = readings.format(said.get("format"), media_type)
        return Distribution(
            url=take(readings.url(element, said.get("url"))) or "",
            title=take(readings.line(element, said.get("title"), TITLE_LIMIT)) or "",
            format=known.code if known else "",
            media_type=media_type,
            size_bytes=take(readings.count(element, said.get("size_bytes"))),
            modified_on=take(readings.date(element, said.get("modified_on"))),
            description=take(readings.line(element, said.get("description"))) or "",
        )


def _words(value: JsonValue) -> JsonValue:
    """Return a value as words: of an object with languages the Chinese ones, else the English ones, else any."""
    said = dict(spoken([value]))
    return plain(said.get("zh") or said.get("en") or next(iter(said.values()), None))
