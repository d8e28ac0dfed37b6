"""A CSDGM record (FGDC-STD-001-1998, the predecessor of ISO 19115 in the United States) as entry metadata."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import Distribution, EntryMetadata, Interval, JsonValue
from catalogue_app.domain.vocabulary import OpenType
from harvesters.dcat_values import contact_of, extensions_of, formats_of, links_of, places_of
from harvesters.fields import TITLE_LIMIT, Cycle, Readings
from harvesters.port import RecordRejected
from harvesters.raw_values import Notes, Reading
from harvesters.xml_tree import Node, first, long_value, node, nodes, values

_CITATION: Final = "idinfo/citation/citeinfo"
_PARTIES: Final = ("idinfo/ptcontac/cntinfo", "distinfo/distrib/cntinfo", "metainfo/metc/cntinfo")
_OPTIONS: Final = "distinfo/stdorder/digform"
_OPEN: Final = frozenset({"none", "none."})
"""The value that the standard itself gives for access without constraints (element 1.7)."""
_EXTENSIONS: Final[Mapping[str, str]] = {
    "purpose": "idinfo/descript/purpose",
    "supplementalInformation": "idinfo/descript/supplinf",
    "thesaurus": "idinfo/keywords/theme/themekt",
    "constraints": "idinfo/useconst",
    "credit": "idinfo/datacred",
    "lineage": "dataqual/lineage/procstep/procdesc",
    "status": "idinfo/status/progress",
}


def fgdc_identifier(tree: Node) -> str:
    """Return what a record calls itself: the standard has no element for it, only a later profile has."""
    return first(tree, "metainfo/metextns/metprof/datsetid", "idinfo/datsetid", "datasetid")


def read_fgdc(identifier: str, tree: Node, readings: Readings) -> EntryMetadata:
    """Read one record.

    Args:
        identifier: of the record, for its problems.
        tree: its `metadata`.
        readings: of the source.

    Raises:
        RecordRejected: no title.
    """
    notes = Notes()
    take = notes.take
    title = take(readings.title(first(tree, f"{_CITATION}/title")))
    if title is None:
        raise RecordRejected(Problem(record=identifier, element="title", code="missing_title"))
    distributions = tuple(_distributions(tree, readings, notes))
    format_types, format_class = formats_of(distributions, readings)
    cycle = take(_cycle(tree, readings))
    party = next((it for path in _PARTIES if (it := node(tree, path)) is not None), None)
    provider = first(tree, f"{_CITATION}/origin", f"{_CITATION}/pubinfo/publish")
    metadata = EntryMetadata(
        title=title,
        abstract=take(readings.abstract(long_value(node(tree, "idinfo/descript/abstract")))),
        provider_name=take(readings.line("provider_name", provider)) or "",
        format_class=format_class,
        format_types=format_types,
        open_type=OpenType.OPEN if first(tree, "idinfo/accconst").lower() in _OPEN else None,
        open_condition=take(readings.line("open_condition", _condition(tree))) or "",
        update_cycle=cycle.code if cycle else None,
        update_period=cycle.period if cycle else "",
        issued_on=take(readings.date("issued_on", first(tree, f"{_CITATION}/pubdate"))),
        keywords=tuple(dict.fromkeys(values(tree, "idinfo/keywords/theme/themekey"))),
        online_urls=notes.take_all(links_of([*values(tree, f"{_CITATION}/onlink")], readings)),
        spatial=notes.take_all(places_of([*values(tree, "idinfo/keywords/place/placekey")], readings)),
        temporal=take(_temporal(tree, readings)),
        contact=contact_of(
            first(party, "cntperp/cntper", "cntorgp/cntorg"), first(party, "cntemail"), first(party, "cntvoice")
        ),
        distributions=distributions,
    )
    return replace(metadata, extensions=extensions_of(_rest(tree), readings, notes), unread=notes.unread)


def _condition(tree: Node) -> str:
    stated = first(tree, "idinfo/accconst")
    return "" if stated.lower() in _OPEN else stated


def _cycle(tree: Node, readings: Readings) -> Reading[Cycle]:
    stated = first(tree, "idinfo/status/update")
    return (None, None) if stated.lower() == "unknown" else readings.cycle(stated)


def _temporal(tree: Node, readings: Readings) -> Reading[Interval]:
    start, end = (
        first(tree, "idinfo/timeperd/timeinfo/rngdates/begdate"),
        first(tree, "idinfo/timeperd/timeinfo/rngdates/enddate"),
    )
    if start or end:
        return readings.interval("temporal", start, ".." if end.lower() in {"present", "unknown", ""} else end)
    single = first(tree, "idinfo/timeperd/timeinfo/sngdate/caldate")
    return readings.interval("temporal", single, single) if single else (None, None)


def _distributions(tree: Node, readings: Readings, notes: Notes) -> Iterator[Distribution]:
    for form in nodes(tree, _OPTIONS):
        known = readings.format(first(form, "digtinfo/formname"))
        for link in values(form, "digtopt/onlinopt/computer/networka/networkr"):
            yield Distribution(
                url=notes.take(readings.url("distributions", link)) or "",
                title=first(form, "digtinfo/formcont", "digtinfo/formname")[:TITLE_LIMIT],
                format=known.code if known else "",
            )


def _rest(tree: Node) -> Iterator[tuple[str, JsonValue]]:
    for name, path in _EXTENSIONS.items():
        yield name, "; ".join(dict.fromkeys(values(tree, path)))
    sides = [first(tree, f"idinfo/spdom/bounding/{side}") for side in ("westbc", "southbc", "eastbc", "northbc")]
    yield "boundingBox", ", ".join(sides) if all(sides) else ""
