"""Ways to the content that an ISO 19139 record names: files, services, pages; and the formats it comes in."""

import re
from collections.abc import Iterator
from typing import Final

from catalogue_app.domain.metadata import Distribution
from harvesters.dcat_values import links_of
from harvesters.fields import TITLE_LIMIT, Format, Readings
from harvesters.raw_values import NOTE_LIMIT, Notes, Reading
from harvesters.xml_tree import Node, attribute, code, first, node, nodes, values

DISTRIBUTION_COUNT: Final = 5_000
"""Distributions kept of one entry; a real one has 4,040."""

_TRANSFERS: Final = (
    "distributionInfo/*/transferOptions/*",
    "distributionInfo/*/distributor/*/distributorTransferOptions/*",
)
_OPERATIONS: Final = "identificationInfo/*/containsOperations/*/connectPoint/*"
_FORMATS: Final = ("distributionInfo/*/distributionFormat/*", "distributionInfo/*/distributor/*/distributorFormat/*")
_SERVICE: Final = re.compile(r"OGC[:\s-]*(WMS|WFS|WCS|WMTS|CSW|SOS|WPS|TMS)", re.IGNORECASE)
_EXTENSION: Final = re.compile(r"\.([A-Za-z0-9]{2,7})(?:\.(?:zip|gz|7z|bz2))?(?:[?#].*)?$")
_PAGES: Final = frozenset({"information", "search"})
"""Functions of CI_OnLineFunctionCode that lead to people's pages, not to the content."""
_MEGABYTE: Final = 1_000_000


def distributions_of(tree: Node, readings: Readings, notes: Notes) -> Iterator[Distribution]:
    """Yield the ways to the content, each address once."""
    seen: set[tuple[str, str]] = set()
    for transfer, link in _online(tree):
        if code(link, "function") in _PAGES:
            continue
        distribution = _distribution(transfer, link, readings, notes)
        key = (distribution.url, distribution.title)
        if distribution.url and key not in seen and len(seen) < DISTRIBUTION_COUNT:
            seen.add(key)
            yield distribution


def pages_of(tree: Node, readings: Readings) -> Iterator[Reading[str]]:
    """Yield addresses of pages about the resource."""
    informing = (first(link, "linkage") for _, link in _online(tree) if code(link, "function") in _PAGES)
    own = (address for address in values(tree, "dataSetURI") if address.lower().startswith(("http://", "https://")))
    return links_of([*own, *informing], readings)


def formats_named(tree: Node, readings: Readings) -> list[Format]:
    """Return the formats that the record names or that its links show, those that are known."""
    named = (readings.format(name) for path in _FORMATS for name in values(tree, f"{path}/name"))
    shown = (_format_of(link, readings) for _, link in _online(tree) if code(link, "function") not in _PAGES)
    return list(dict.fromkeys(it for it in (*named, *shown) if it and it.format_class))


def _online(tree: Node) -> Iterator[tuple[Node, Node]]:
    """Yield (transfer options, online resource); of a service, its operations."""
    for path in _TRANSFERS:
        for transfer in nodes(tree, path):
            for link in nodes(transfer, "onLine/*"):
                yield transfer, link
    for link in nodes(tree, _OPERATIONS):
        yield None, link


def _distribution(transfer: Node, link: Node, readings: Readings, notes: Notes) -> Distribution:
    known = _format_of(link, readings)
    return Distribution(
        url=notes.take(readings.url("distributions", first(link, "linkage"))) or "",
        title=notes.take(readings.line("distributions", first(link, "name"), TITLE_LIMIT)) or "",
        format=known.code if known else "",
        media_type=_media_type(link),
        size_bytes=_size(transfer),
        description=notes.take(readings.line("distributions", first(link, "description"))) or "",
    )


def _format_of(link: Node, readings: Readings) -> Format | None:
    """Return the format that a link's protocol or the ending of its address shows, if it is a known one."""
    service = _SERVICE.search(first(link, "protocol"))
    ending = _EXTENSION.search(first(link, "linkage"))
    words = [service[1] if service else "", _media_type(link), ending[1] if ending else ""]
    found = (readings.format(word) for word in words if word)
    return next((it for it in found if it and it.format_class), None)


def _media_type(link: Node) -> str:
    """Return the media type of `gmx:MimeFileType` or of a protocol such as `WWW:DOWNLOAD:application/zip`."""
    kinds = (attribute(node(link, "name/MimeFileType"), "type"), first(link, "protocol"))
    found = (re.search(r"\b[a-z]+/[a-z0-9.+-]+$", kind, re.IGNORECASE) for kind in kinds)
    return next((it[0].lower()[:NOTE_LIMIT] for it in found if it), "")


def _size(transfer: Node) -> int | None:
    """Return the size that is stated in megabytes, where it is of one file alone."""
    stated = first(transfer, "transferSize")
    if not re.fullmatch(r"\d{1,9}(?:\.\d{1,9})?", stated) or len(list(nodes(transfer, "onLine/*"))) != 1:
        return None
    return round(float(stated) * _MEGABYTE)
