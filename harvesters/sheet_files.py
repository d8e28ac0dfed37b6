"""Where the content of an entry lies, as its cells say: formats, addresses, and the rows of a sheet of files."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from catalogue_app.domain.metadata import Distribution, JsonValue
from catalogue_app.domain.vocabulary import FormatClass
from harvesters.fields import Format, Readings
from harvesters.raw_values import text_of
from harvesters.sheet_cells import Cells
from harvesters.sheet_elements import addresses_of, day_of, ending_of, listed
from harvesters.sheet_headers import Headers
from harvesters.sheet_linked import DISTRIBUTIONS

_WEB: Final = ("http://", "https://")
_FORMAT_LISTING: Final = ";；、,，/|\n "


def formats_of(cells: Cells, readings: Readings) -> tuple[tuple[Format, ...], FormatClass | None]:
    """Read the types of format and their class; a class that no cell states is that of the types."""
    words = listed(cells.texts("format_types"), _FORMAT_LISTING)
    formats = tuple(dict.fromkeys(found for word in words if (found := readings.format(word))))
    stated = cells.read("format_class", readings.format_class)
    return formats, stated or next((found.format_class for found in formats if found.format_class), None)


def addresses(cells: Cells, element: str, readings: Readings) -> tuple[str, ...]:
    """Read the addresses in the cells for an element."""
    parts = [part for text in cells.texts(element) for part in addresses_of(text)]
    read = [cells.take(readings.url(element, part)) for part in parts]
    return tuple(dict.fromkeys(address for address in read if address))


def distributions_of(
    cells: Cells, links: Sequence[str], formats: Sequence[Format], readings: Readings, headers: Headers
) -> tuple[Distribution, ...]:
    """Read the ways to the content: rows of a sheet of files, else each web address of the record.

    Args:
        cells: the record.
        links: addresses of its page or content.
        formats: formats the record states; a single one is that of every address without an ending.
        readings: how the source writes values.
        headers: what the columns of a sheet of files mean.
    """
    rows = cells.raw.get(DISTRIBUTIONS)
    if isinstance(rows, list):
        return tuple(_of_row(row, cells, readings, headers) for row in rows if isinstance(row, dict))
    only = formats[0].code if len(formats) == 1 else ""
    downloads = addresses(cells, "download", readings)
    return tuple(_of_address(address, only, readings) for address in _web(downloads or links))


def _web(found: Sequence[str]) -> Iterator[str]:
    return (address for address in found if address.lower().startswith(_WEB))


def _of_address(address: str, only: str, readings: Readings) -> Distribution:
    ending = readings.format(ending_of(address))
    known = ending.code if ending and ending.format_class else ""
    return Distribution(url=address, format=known or only)


def _of_row(row: Mapping[str, JsonValue], cells: Cells, readings: Readings, headers: Headers) -> Distribution:
    columns = headers.columns(tuple(row))
    said = {element.rpartition(".")[2]: text_of(row[names[0]]) for element, names in columns.chosen.items()}
    take, element = cells.take, "distributions"
    found = readings.format(said.get("format"), said.get("media_type"))
    return Distribution(
        url=take(readings.url(element, said.get("url"))) or "",
        title=take(readings.line(element, said.get("title"))) or "",
        format=found.code if found else "",
        media_type=said.get("media_type", "").lower(),
        size_bytes=take(readings.count(element, said.get("size_bytes"))),
        modified_on=take(day_of(readings, element, said.get("modified_on", ""), from_1904=cells.counts_from_1904)),
        description=take(readings.line(element, said.get("description"))) or "",
    )
