"""One CKAN package as entry metadata: old and new shapes of extras, tags, organisations; DKAN's dates."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import Contact, Distribution, EntryMetadata, Interval, JsonValue, with_values
from catalogue_app.domain.text import clean_line
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
from harvesters.json_reading import parse_element
from harvesters.port import RawRecord, RecordRejected
from harvesters.profile_elements import is_profile_element, profile_values
from harvesters.raw_values import NOTE_LIMIT, Notes, Reading, says_something, text_of

_CYCLE_NAMES: Final = (
    "frequency", "update_frequency", "accrual_periodicity", "accrualPeriodicity", "data_update_frequency",
    "maintenance_frequency", "frequency-of-update",
)  # fmt: skip
_UPDATED_NAMES: Final = ("modified", "data_modified", "last_modified", "date_updated", "data_last_updated", "updated")
_ISSUED_NAMES: Final = ("issued", "date_released", "release_date", "published")
_SPATIAL_NAMES: Final = ("spatial_text", "spatial_coverage", "geographic_coverage", "spatial", "spatial_uri")
_START_NAMES: Final = ("temporal_start", "temporal_coverage_from", "temporal_coverage-from", "temporal", "dataset_date")
_END_NAMES: Final = ("temporal_end", "temporal_coverage_to", "temporal_coverage-to")
_LICENCE_NAMES: Final = ("license_url", "license_title", "license_id", "license", "licence")
_PROVIDER_NAMES: Final = ("publisher_name", "publisher", "author")
_CONTACT_NAMES: Final = ("contact_name", "contact_point", "maintainer", "author")
_EMAIL_NAMES: Final = ("contact_email", "maintainer_email", "author_email")
_TELEPHONE_NAMES: Final = ("contact_phone", "contact_telephone", "maintainer_phone", "telephone")
"""Names that sites use for one meaning each, the most exact first."""

_BOOKKEEPING: Final = frozenset({
    "id", "title", "notes", "tags", "groups", "resources", "extras", "organization", "owner_org", "url",
    "metadata_created", "metadata_modified", "revision_id", "revision_timestamp", "creator_user_id", "private", "state",
    "type", "isopen", "num_tags", "num_resources", "relationships_as_object", "relationships_as_subject", "index_id",
    "indexed_ts", "site_id", "entity_type", "tracking_summary", "pageviews_last_14_days", "total_res_downloads",
    "is_fresh", "update_status", "due_date", "overdue_date", "batch", "qa", "archiver", "score", "x_resource_grouping",
})  # fmt: skip
"""Keys of a package that are read elsewhere or are the site's own bookkeeping."""


def read_package(record: RawRecord, readings: Readings) -> EntryMetadata:
    """Read one package.

    Raises:
        RecordRejected: neither title nor name.
    """
    return _Package(record, readings).read()


class _Package:
    """One package while it is read; `_said` holds its extras and its own keys as one mapping."""

    def __init__(self, record: RawRecord, readings: Readings) -> None:
        self._record, self._raw, self._readings, self._notes = record, record.raw, readings, Notes()
        own = {name: value for name, value in record.raw.items() if says_something(value)}
        said = {**dict(_extras(record.raw.get("extras"))), **own}
        self._said = {name: value for name, value in said.items() if name in own or says_something(value)}
        self._used: set[str] = set()

    def read(self) -> EntryMetadata:
        raw, readings, take = self._raw, self._readings, self._notes.take
        title = take(readings.title(plain(raw.get("title")) or plain(raw.get("title_translated"))))
        if title is None:
            raise RecordRejected(Problem(record=self._record.identifier, element="title", code="missing_title"))
        distributions = tuple(self._distribution(mapping(part)) for part in listed(raw.get("resources")))
        format_types, format_class = formats_of(distributions, readings)
        cycle = take(self._cycle())
        metadata = EntryMetadata(
            title=title,
            abstract=take(readings.abstract(plain(raw.get("notes")))),
            provider_name=self._provider(),
            format_class=format_class,
            format_types=format_types,
            update_cycle=cycle.code if cycle else None,
            update_period=cycle.period if cycle else "",
            issued_on=take(readings.date("issued_on", self._first(_ISSUED_NAMES) or raw.get("metadata_created"))),
            updated_on=self._updated_on(),
            keywords=keywords_of(raw.get("tags")),
            online_urls=self._notes.take_all(links_of([raw.get("url")], readings)),
            themes=self._themes(),
            spatial=self._notes.take_all(places_of(listed(self._first(_SPATIAL_NAMES)), readings)),
            temporal=take(self._temporal()),
            contact=self._contact(),
            licence=take(readings.licence(self._first(_LICENCE_NAMES))) or "",
            distributions=tuple(it for it in distributions if it != Distribution()),
        )
        return self._completed(metadata)

    def _completed(self, metadata: EntryMetadata) -> EntryMetadata:
        """Add what the profile's own names say, and keep everything that has no element."""
        own = {name: value for name, value in self._said.items() if is_profile_element(name)}
        values = profile_values(own, self._readings, self._notes)
        known = (_BOOKKEEPING, self._used, own)
        rest = ((name, value) for name, value in self._said.items() if not any(name in names for names in known))
        extensions = extensions_of(rest, self._readings, self._notes)
        return with_values(metadata, {**values, "extensions": extensions, "unread": self._notes.unread})

    def _first(self, names: tuple[str, ...]) -> JsonValue:
        """Return the value under the first name that has one; names left over become extensions."""
        for name in names:
            if name in self._said:
                self._used.add(name)
                return self._said[name]
        return None

    def _provider(self) -> str:
        label = _label(self._raw.get("organization")) or self._first(_PROVIDER_NAMES)
        return self._notes.take(self._readings.line("provider_name", plain(label))) or ""

    def _updated_on(self) -> date | None:
        """Return when the content changed: as the organ says, else its youngest file; never the metadata's day."""
        stated = self._first(_UPDATED_NAMES)
        if text_of(stated):
            return self._notes.take(self._readings.date("updated_on", stated))
        files = (self._file_day(mapping(part)) for part in listed(self._raw.get("resources")))
        return max((day for day in files if day), default=None)

    def _file_day(self, part: Mapping[str, JsonValue]) -> date | None:
        return self._readings.date("distributions", part.get("last_modified") or part.get("created"))[0]

    def _distribution(self, part: Mapping[str, JsonValue]) -> Distribution:
        readings, take = self._readings, self._notes.take
        media_type = text_of(part.get("mimetype"))[:NOTE_LIMIT]
        known = readings.format(part.get("format"), media_type)
        return Distribution(
            url=take(readings.url("distributions", part.get("url"))) or "",
            title=take(readings.line("distributions", part.get("name") or part.get("title"), TITLE_LIMIT)) or "",
            format=known.code if known else "",
            media_type=media_type,
            size_bytes=take(readings.count("distributions", part.get("size"))),
            modified_on=take(readings.date("distributions", part.get("last_modified") or part.get("created"))),
            description=take(readings.line("distributions", part.get("description"))) or "",
        )

    def _cycle(self) -> Reading[Cycle]:
        return self._readings.cycle(plain(self._first(_CYCLE_NAMES)))

    def _themes(self) -> tuple[str, ...]:
        return self._notes.take_all(self._readings.theme(_label(group)) for group in listed(self._raw.get("groups")))

    def _temporal(self) -> Reading[Interval]:
        return self._readings.interval("temporal", self._first(_START_NAMES), self._first(_END_NAMES) or "")

    def _contact(self) -> Contact | None:
        return contact_of(self._first(_CONTACT_NAMES), self._first(_EMAIL_NAMES), self._first(_TELEPHONE_NAMES))


def _label(value: JsonValue) -> JsonValue:
    """Return the name an organisation or group shows people; its technical name where it has no other."""
    shown = mapping(value)
    return next((shown[name] for name in ("display_name", "title", "name") if text_of(shown.get(name))), None) or (
        value if isinstance(value, str) else None
    )


def _extras(value: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    """Yield extras from CKAN 1's object or CKAN 2's list of key and value."""
    if isinstance(value, dict):
        yield from ((clean_line(name), _unfolded(part)) for name, part in value.items())
    for part in map(mapping, value if isinstance(value, list) else []):
        if name := text_of(part.get("key")):
            yield name, _unfolded(part.get("value"))


def _unfolded(value: JsonValue) -> JsonValue:
    """Read an extra that holds JSON written as text; CKAN's extras know texts only."""
    if not isinstance(value, str) or not value.startswith(("[", '"')):
        return value
    try:
        return parse_element(value.encode())
    except ValueError:
        return value
