"""From the cells of one record to the metadata of an entry: each element from its column, the rest as extensions."""

from collections.abc import Iterator
from datetime import date
from functools import partial
from typing import Final, final

from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import Classification, EntryMetadata, Interval, Item
from catalogue_app.domain.organ import normalise_uscc
from catalogue_app.domain.text import clean_line, has_han
from catalogue_app.domain.vocabulary import DisclosureCategory
from harvesters.fields import Readings
from harvesters.port import RawRecord, RecordRejected
from harvesters.sheet_access import declared_tier_of, open_type_of, sharing_methods_of, sharing_type_of
from harvesters.sheet_cells import Cells
from harvesters.sheet_elements import LISTING, bound_of, classification_of, contact_of, day_of, listed, organ_of
from harvesters.sheet_files import addresses, distributions_of, formats_of
from harvesters.sheet_headers import Headers
from harvesters.sheet_items import ItemReader
from harvesters.sheet_layout import ITEMS

_CODES: Final = ";；、,，| \n"
_TEXTS: Final = ";；、\n"
_SENTENCES: Final = ";；\n"
PROVIDER_CODE: Final = "provider_code"
"""Extension that keeps a code written beside the provider's name."""


@final
class EntryReader:
    """Reads the records of one source."""

    def __init__(self, readings: Readings, headers: Headers) -> None:
        """Keep how the source writes its values and what its headers mean."""
        self._readings = readings
        self._headers = headers
        self._items = ItemReader(readings, headers)

    def read(self, record: RawRecord) -> EntryMetadata:
        """Read one record.

        Raises:
            RecordRejected: it has no title.
        """
        cells = Cells(record, self._headers, self._readings)
        read, readings, text = cells.read, self._readings, cells.text
        title = read("title", readings.title)
        if title is None:
            code = next((note.code for note in cells.unread if note.element == "title"), "missing_title")
            raise RecordRejected(Problem(record=record.identifier, element="title", code=code))
        provider = organ_of(text("provider_name"))
        cycle = read("update_cycle", readings.cycle)
        formats, format_class = formats_of(cells, readings)
        links = addresses(cells, "link", readings)
        return EntryMetadata(
            title=title,
            abstract=read("abstract", readings.abstract),
            resource_code=clean_line(text("resource_code")),
            provider_name=provider.name,
            provider_uscc=normalise_uscc(text("provider_uscc")),
            provider_division=cells.line("provider_division"),
            classification=self._classification(cells),
            format_class=format_class,
            format_types=tuple(dict.fromkeys(found.code for found in formats)),
            format_note=cells.line("format_note"),
            items=self._items_of(cells),
            sharing_type=sharing_type_of(cells, readings),
            sharing_condition=cells.line("sharing_condition"),
            sharing_methods=sharing_methods_of(cells, readings),
            non_sharing_basis=cells.line("non_sharing_basis"),
            open_type=open_type_of(cells, readings),
            open_condition=cells.line("open_condition"),
            update_cycle=cycle.code if cycle else None,
            update_period=cycle.period if cycle else "",
            issued_on=self._day(cells, "issued_on"),
            updated_on=self._day(cells, "updated_on"),
            related_resource_codes=listed(cells.texts("related_resource_codes"), _CODES),
            keywords=listed(cells.texts("keywords")),
            online_urls=links,
            themes=self._themes(cells),
            disclosure_categories=self._disclosure_categories(cells),
            spatial=self._spatial(cells),
            temporal=self._temporal(cells),
            data_range=cells.line("data_range"),
            network_tier=declared_tier_of(cells, readings),
            contact=contact_of(text("contact_name"), text("contact_telephone"), text("contact_email"), text("contact")),
            licence=read("licence", readings.licence) or "",
            source_systems=listed((text("source_systems"),), _TEXTS),
            legal_bases=listed(cells.texts("legal_bases"), _SENTENCES),
            data_grade=cells.line("data_grade"),
            personal_information=read("personal_information", partial(readings.is_true, "personal_information")),
            authoritative_source=organ_of(text("authoritative_source")).name,
            record_count=read("record_count", partial(readings.count, "record_count")),
            distributions=distributions_of(cells, links, formats, readings, self._headers),
            extensions=tuple(_extensions(cells, provider.code)),
            unread=cells.unread,
        )

    def _classification(self, cells: Cells) -> Classification | None:
        lei, xiang, mu, ximu = (cells.text(f"class_{level}") for level in ("lei", "xiang", "mu", "ximu"))
        found = classification_of((lei, xiang, mu, ximu), cells.text("class_code"))
        if found is None and (written := lei or cells.text("class_code")):
            cells.note("classification", written, "unknown_value")
        return found

    def _items_of(self, cells: Cells) -> tuple[Item, ...]:
        notes = cells.notes
        rows = self._items.rows(cells.raw.get(ITEMS), notes)
        return rows or self._items.listed(cells.text("items"), notes)

    def _day(self, cells: Cells, element: str) -> date | None:
        return cells.read(element, partial(day_of, self._readings, element, from_1904=cells.counts_from_1904))

    def _themes(self, cells: Cells) -> tuple[str, ...]:
        return cells.notes.take_all(map(self._readings.theme, listed(cells.texts("themes"))))

    def _disclosure_categories(self, cells: Cells) -> tuple[DisclosureCategory, ...]:
        words = listed((cells.text("disclosure_categories"),), LISTING + " ")
        return cells.notes.take_all(map(self._readings.disclosure_category, words))

    def _spatial(self, cells: Cells) -> tuple[str, ...]:
        # A comma parts Chinese places, but stands inside those of other languages: "Ann Arbor, Michigan".
        parts = (
            part for text in cells.texts("spatial") for part in listed((text,), LISTING if has_han(text) else _TEXTS)
        )
        return cells.notes.take_all(map(self._readings.place, parts))

    def _temporal(self, cells: Cells) -> Interval | None:
        if cells.has("temporal_start", "temporal_end"):
            start, end = (
                bound_of(cells.text(element), from_1904=cells.counts_from_1904)
                for element in ("temporal_start", "temporal_end")
            )
            return cells.take(self._readings.interval("temporal", start, end))
        return cells.read("temporal", partial(self._readings.interval, "temporal"))


def _extensions(cells: Cells, provider_code: str) -> Iterator[tuple[str, str]]:
    """Yield what has no element of its own: what the source calls the record, codes of organs, unknown columns."""
    if provider_code:
        yield PROVIDER_CODE, provider_code
    for element in ("identifier", "secrecy", "note"):
        if text := cells.text(element):
            yield cells.name_of(element), clean_line(text)
    yield from cells.extensions()
