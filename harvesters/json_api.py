"""Source kind `json_api`: any JSON API or JSON file whose members are mapped to elements by options of the source.

The address is the API, a file, or a folder or archive of files: one JSON document, or JSON Lines, compressed or not.
Both are read as streams, however long they are. Options:

- `field.ELEMENT=PATH` says where an element stands in a record; `field.identifier` and `field.title` are required.
  `field.title.en=PATH` and `field.abstract.en=PATH` give another language. See `json_mapping` for paths.
- `file.MEMBER=PATH` says where the parts of a distribution stand, in each value of `field.distributions`.
- `extension.NAME=PATH` keeps a member under a name of its own.
- `list=PATH` leads to the list of records; without it the document itself is the list, or one record a line.
- `ignore=NAME,NAME` names members that change although the record does not, such as counters.
- `paging=page|offset|cursor|next` says how the next page is asked for, with `page_parameter`, `first_page`,
  `size_parameter`, `page_size`, `total`; `cursor` and `cursor_parameter`; `next`.
"""

from collections.abc import Iterator, Mapping
from typing import Final, final

from catalogue_app.domain.errors import SourceCutShort
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import EntryMetadata, JsonValue
from catalogue_app.domain.source import Source, SourceKind
from harvesters.canonical import canonical, digest
from harvesters.dcat_values import plain
from harvesters.fields import Readings
from harvesters.files import files_of
from harvesters.json_mapping import PATH, PATHS, JsonMapping, first_found, steps_of
from harvesters.json_reading import Element, elements, in_sequence, whole
from harvesters.json_record import read_record
from harvesters.links import is_near, joined
from harvesters.port import Fetcher, Payload, RawRecord, Unreadable
from harvesters.raw_values import NOTE_LIMIT, text_of

IDENTIFIER_LIMIT: Final = 500
"""Characters of an identifier."""

_ENDINGS: Final = frozenset({"", "json", "jsonl", "ndjson", "geojson"})
_NAME: Final = r"[\w.\[\]$-]{1,60}"
_NUMBERED: Final[Mapping[str, tuple[str, str]]] = {"page": ("page", "1"), "offset": ("offset", "0")}
"""Style of paging to the usual name of its parameter and its first value."""


@final
class JsonApiHarvester:
    """Reads one JSON API."""

    kind = SourceKind.JSON_API
    version = 2
    options: Mapping[str, str] = {
        "list": PATH,
        "field.*": PATHS,
        "file.*": PATHS,
        "extension.*": PATHS,
        "ignore": r"[^,\s][^,]*(?:,[^,\s][^,]*)*",
        "paging": r"none|page|offset|cursor|next",
        "page_parameter": _NAME,
        "first_page": r"\d{1,9}",
        "size_parameter": _NAME,
        "page_size": r"[1-9]\d{0,4}",
        "total": PATH,
        "cursor": PATH,
        "cursor_parameter": _NAME,
        "next": PATH,
    }
    is_partial = False

    def __init__(self, source: Source, readings: Readings) -> None:
        """Read the mapping."""
        self._address, self._options, self._readings = source.address, source.options, readings
        self._mapping = JsonMapping.of(source.options)
        self._volatile = frozenset(part.strip() for part in source.options.get("ignore", "").split(",") if part.strip())
        self._list = steps_of(source.options["list"]) if "list" in source.options else None

    def gather(self, fetcher: Fetcher) -> Iterator[Payload | Unreadable]:
        """Yield the pages of the API, or the files."""
        if not self._address.startswith(("http://", "https://")):
            yield from files_of(fetcher, self._address, _ENDINGS)
            return
        style = self._options.get("paging", "none")
        if style in _NUMBERED:
            yield from self._numbered(fetcher, *_NUMBERED[style])
        else:
            yield from self._chained(fetcher, style)

    def split(self, payload: Payload) -> Iterator[RawRecord | Problem]:
        """Yield the records of one page."""
        for element in self._elements(payload):
            yield self._identified(element)

    def parse(self, record: RawRecord) -> EntryMetadata:
        """Read one record."""
        return read_record(record, self._mapping, self._readings)

    def _elements(self, payload: Payload) -> Iterator[Element]:
        return in_sequence(payload) if self._list is None else elements(payload, (self._list,))

    def _identified(self, element: Element) -> RawRecord | Problem:
        place, raw = f"record[{element.position}]", element.value
        if not isinstance(raw, dict):
            return Problem(record=place, code="not_a_record", value=text_of(raw)[:NOTE_LIMIT])
        identifier = self._identifier(raw)
        if not identifier:
            title = next((value for _, value in self._mapping.texts("title", raw)), None)
            value = text_of(plain(title))[:NOTE_LIMIT]
            return Problem(record=place, element="identifier", code="missing_identifier", value=value)
        if len(identifier) > IDENTIFIER_LIMIT:
            value = identifier[:NOTE_LIMIT]
            return Problem(record=place, element="identifier", code="identifier_too_long", value=value)
        form = canonical(raw, volatile=self._volatile)
        return RawRecord(identifier=identifier, place=place, digest=digest(form), raw=raw)

    def _identifier(self, raw: JsonValue) -> str:
        return next((text_of(plain(value)) for value in self._mapping.values("identifier", raw)), "")

    def _numbered(self, fetcher: Fetcher, name: str, first: str) -> Iterator[Payload]:
        """Ask for page after page, by number or by offset, until one is empty, short, or fills the total.

        Raises:
            SourceCutShort: a page holds nothing new, or fewer records came than the API says it has.
        """
        parameter, number = self._options.get("page_parameter", name), int(self._options.get("first_page", first))
        size, seen, total = int(self._options.get("page_size", "0")), set[str](), 0
        while True:
            with fetcher.fetch(self._address, {**self._sized(), parameter: str(number)}) as page:
                found = self._identifiers(page)
                if found and seen.issuperset(found):
                    raise SourceCutShort("paging_loop", address=self._address, page=number, records=len(seen))
                yield page
                total = self._total(page) or total
            seen.update(found)
            number += len(found) if name == "offset" else 1
            if not found or (total and len(seen) >= total) or (not total and len(found) < size):
                break
        if len(seen) < total:
            raise SourceCutShort("fewer_than_stated", stated=total, records=len(seen))

    def _chained(self, fetcher: Fetcher, style: str) -> Iterator[Payload]:
        """Go from each page to the one that it names, by a token or an address, until it names none.

        Raises:
            SourceCutShort: it names a page that was there before, or one on another host.
        """
        address, parameters, seen = self._address, self._sized(), set[str]()
        while True:
            with fetcher.fetch(address, parameters) as page:
                yield page
                named = self._named(page, style)
            if not named:
                return
            if named in seen:
                raise SourceCutShort("paging_loop", address=self._address, page=named[:NOTE_LIMIT])
            seen.add(named)
            if style == "cursor":
                parameters = {**self._sized(), self._options.get("cursor_parameter", "cursor"): named}
                continue
            address, parameters = joined(address, named), {}
            if not is_near(address, self._address):
                raise SourceCutShort("link_elsewhere", address=address)

    def _sized(self) -> dict[str, str]:
        """Return the parameter that asks for so many records at once, where both are set."""
        size, parameter = self._options.get("page_size"), self._options.get("size_parameter")
        return {parameter: size} if size and parameter else {}

    def _named(self, page: Payload, style: str) -> str:
        if style == "none":
            return ""
        found = first_found([steps_of(self._options[style])], whole(page))
        return text_of(found[0]) if found and not isinstance(found[0], bool) else ""

    def _identifiers(self, page: Payload) -> list[str]:
        """Return what tells the records of a page from others: what they are called, else what they say."""
        values = (element.value for element in self._elements(page))
        return [self._identifier(value) or digest(canonical({"record": value})) for value in values]

    def _total(self, page: Payload) -> int:
        found = first_found([steps_of(self._options["total"])], whole(page)) if "total" in self._options else []
        text = text_of(found[0]) if found else ""
        return int(text) if text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004 — a count, not a number of any size
