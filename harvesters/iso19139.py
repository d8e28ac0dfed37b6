"""An ISO 19139 record as entry metadata: what it is, whose, how often renewed; ISO 19115-2 (imagery) reads the same.

Every text of the standard stands in a wrapper (`gco:CharacterString`, `gmx:Anchor`), every code in an attribute, and
translations beside the text (`PT_FreeText`); see `harvesters.xml_tree`. Ways to the content are in `iso_links`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import Contact, EntryMetadata, Interval, JsonValue
from catalogue_app.domain.text import LocalizedText
from harvesters.dcat_values import contact_of, extensions_of, places_of
from harvesters.fields import ABSTRACT_LIMIT, TITLE_LIMIT, Cycle, Readings
from harvesters.iso_constraints import read_constraints
from harvesters.iso_links import distributions_of, formats_named, pages_of
from harvesters.languages import language_tag, localized
from harvesters.port import RecordRejected
from harvesters.raw_values import Notes, Reading, unread
from harvesters.xml_tree import Node, attribute, code, first, long_value, node, nodes, value, values

_ROLES: Final = ("owner", "custodian", "publisher", "pointOfContact", "resourceProvider", "originator", "author")
"""Roles of CI_RoleCode, the one that answers for the content first."""
_PERIODS: Final = ("TimePeriod/beginPosition", "TimePeriod/begin/TimeInstant/timePosition")
_PERIOD_ENDS: Final = ("TimePeriod/endPosition", "TimePeriod/end/TimeInstant/timePosition")
_INSTANT: Final = "TimeInstant/timePosition"
_EXTENSIONS: Final[Mapping[str, str]] = {
    "alternateTitle": "citation/*/alternateTitle",
    "edition": "citation/*/edition",
    "purpose": "purpose",
    "supplementalInformation": "supplementalInformation",
    "scaleDenominator": "spatialResolution/*/equivalentScale/*/denominator",
    "thesaurus": "descriptiveKeywords/*/thesaurusName/*/title",
    "serviceType": "serviceType",
}
"""Extension to the path of its texts in the identification."""


def read_iso(identifier: str, tree: Node, readings: Readings) -> EntryMetadata:
    """Read one record.

    Args:
        identifier: of the record, for its problems.
        tree: its `MD_Metadata` or `MI_Metadata`.
        readings: of the source.

    Raises:
        RecordRejected: no title.
    """
    return _Record(identifier, tree, readings).read()


def iso_identifier(tree: Node) -> str:
    """Return what a record calls itself: its file identifier, else the identifier of the resource."""
    return first(tree, "fileIdentifier", "identificationInfo/*/citation/*/identifier/*/code", "dataSetURI")


class _Record:
    """One record while it is read."""

    def __init__(self, identifier: str, tree: Node, readings: Readings) -> None:
        self._identifier, self._tree, self._readings, self._notes = identifier, tree, readings, Notes()
        self._about = node(tree, "identificationInfo/*")
        self._locales = dict(_locales(tree))

    def read(self) -> EntryMetadata:
        readings, take = self._readings, self._notes.take
        title = self._text("title", node(self._about, "citation/*/title"), TITLE_LIMIT)
        if title is None:
            raise RecordRejected(Problem(record=self._identifier, element="title", code="missing_title"))
        cycle = take(self._cycle())
        formats = formats_named(self._tree, readings)
        classes = {it.format_class for it in formats if it.format_class}
        party = self._party()
        rights = read_constraints(self._about, readings, self._notes)
        metadata = EntryMetadata(
            title=title,
            abstract=self._text("abstract", node(self._about, "abstract"), ABSTRACT_LIMIT),
            provider_name=take(readings.line("provider_name", first(party, "organisationName", "individualName")))
            or "",
            format_class=classes.pop() if len(classes) == 1 else None,
            format_types=tuple(dict.fromkeys(it.code for it in formats)),
            open_type=rights.open_type,
            open_condition=rights.open_condition,
            update_cycle=cycle.code if cycle else None,
            update_period=cycle.period if cycle else "",
            issued_on=self._dated("issued_on", "publication", "released") or self._dated("issued_on", "creation"),
            updated_on=self._dated("updated_on", "revision", "lastUpdate", "lastRevision"),
            keywords=self._keywords(),
            online_urls=self._notes.take_all(pages_of(self._tree, readings)),
            themes=self._themes(),
            spatial=self._notes.take_all(places_of(self._places(), readings)),
            temporal=take(self._temporal()),
            contact=self._contact(party),
            licence=rights.licence,
            distributions=tuple(distributions_of(self._tree, readings, self._notes)),
        )
        extensions = extensions_of(self._rest(metadata, rights.statements), readings, self._notes)
        return replace(metadata, extensions=extensions, unread=self._notes.unread)

    def _text(self, element: str, tree: Node, limit: int) -> LocalizedText | None:
        """Read a text and its translations; what is longer than its limit is cut with a note."""
        own = code(self._tree, "language") if _is_certain(self._tree) else ""
        pairs = [(own, long_value(it)) for it in nodes(tree, "CharacterString")] or [(own, long_value(tree))]
        translations = nodes(tree, "PT_FreeText/textGroup/LocalisedCharacterString")
        pairs += [(self._locale(attribute(it, "locale")), long_value(it)) for it in translations]
        kept = [(language, " ".join(text.split()) if element == "title" else text) for language, text in pairs]
        for _, text in kept:
            if len(text) > limit:
                self._notes.take((None, unread(element, text, "too_long")))
        return localized(((language, text[:limit].rstrip()) for language, text in kept), self._readings.language)

    def _locale(self, reference: str) -> str:
        name = reference.lstrip("#")
        return self._locales.get(name, name)

    def _dated(self, element: str, *types: str) -> date | None:
        """Return the youngest day of the types of date asked for."""
        stated = [it for it in nodes(self._about, "citation/*/date/CI_Date") if code(it, "dateType") in types]
        days = [self._notes.take(self._readings.date(element, first(it, "date"))) for it in stated]
        return max((day for day in days if day), default=None)

    def _cycle(self) -> Reading[Cycle]:
        about = "resourceMaintenance/MD_MaintenanceInformation"
        stated = code(self._about, f"{about}/maintenanceAndUpdateFrequency")
        period = first(self._about, f"{about}/userDefinedMaintenanceFrequency")
        if stated == "unknown" and not period:
            return None, None
        return self._readings.cycle(period or stated)

    def _party(self) -> Node:
        """Return the party that answers for the content: of the resource before the record's own contact."""
        for path in ("pointOfContact/*", "citation/*/citedResponsibleParty/*"):
            found = [it for it in nodes(self._about, path) if first(it, "organisationName", "individualName")]
            if found:
                return min(found, key=_rank)
        return node(self._tree, "contact/*")

    def _contact(self, party: Node) -> Contact | None:
        details = node(party, "contactInfo/*")
        email = first(details, "address/*/electronicMailAddress")
        telephone = first(details, "phone/*/voice")
        name = first(party, "individualName", "positionName")
        return contact_of(name or (first(party, "organisationName") if email or telephone else ""), email, telephone)

    def _keywords(self) -> tuple[str, ...]:
        words = (word for group in nodes(self._about, "descriptiveKeywords/*") for word in values(group, "keyword"))
        return tuple(dict.fromkeys(words))

    def _themes(self) -> tuple[str, ...]:
        read = (self._readings.theme(topic)[0] for topic in self._topics())
        return tuple(dict.fromkeys(theme for theme in read if theme))

    def _topics(self) -> list[str]:
        return values(self._about, "topicCategory")

    def _places(self) -> Iterator[JsonValue]:
        for extent in nodes(self._about, "extent/EX_Extent"):
            yield from values(extent, "description")
            yield from values(extent, "geographicElement/EX_GeographicDescription/geographicIdentifier/*/code")
        for group in nodes(self._about, "descriptiveKeywords/*"):
            if code(group, "type") == "place":
                yield from values(group, "keyword")

    def _temporal(self) -> Reading[Interval]:
        for span in nodes(self._about, "extent/EX_Extent/temporalElement/*/extent"):
            start = first(span, *_PERIODS)
            end = first(span, *_PERIOD_ENDS)
            if start or end:
                return self._readings.interval("temporal", _open(start), _open(end) or "..")
            if instant := first(span, _INSTANT):
                return self._readings.interval("temporal", instant, instant)
        return None, None

    def _rest(self, metadata: EntryMetadata, statements: str) -> Iterator[tuple[str, JsonValue]]:
        """Yield what has no element of its own."""
        for name, path in _EXTENSIONS.items():
            yield name, "; ".join(dict.fromkeys(values(self._about, path)))
        yield "topicCategory", "; ".join(self._topics()) if not metadata.themes else ""
        yield "boundingBox", next(_boxes(self._about), "")
        yield "lineage", first(self._tree, "dataQualityInfo/*/lineage/*/statement")
        yield "constraints", statements
        yield "hierarchyLevel", code(self._tree, "hierarchyLevel")
        yield "parentIdentifier", first(self._tree, "parentIdentifier")
        yield "status", code(self._about, "status")
        yield "language", code(self._about, "language")


def _is_certain(tree: Node) -> bool:
    """Tell whether the record's language may be believed: a code, not the empty wrapper that many servers send."""
    return bool(language_tag(code(tree, "language")))


def _locales(tree: Node) -> Iterator[tuple[str, str]]:
    for locale in nodes(tree, "locale/PT_Locale"):
        yield attribute(locale, "id"), code(locale, "languageCode")


def _rank(party: Node) -> int:
    role = code(party, "role")
    return _ROLES.index(role) if role in _ROLES else len(_ROLES)


def _open(stated: str) -> str:
    """Return one end of a time range; `now` and its like are an open end."""
    return ".." if stated.lower() in {"now", "unknown", "present", "after", "before"} else stated


def _boxes(about: Node) -> Iterator[str]:
    sides = ("westBoundLongitude", "southBoundLatitude", "eastBoundLongitude", "northBoundLatitude")
    for box in nodes(about, "extent/*/geographicElement/EX_GeographicBoundingBox"):
        bounds = [value(node(box, side)) for side in sides]
        if all(bounds):
            yield ", ".join(bounds)
