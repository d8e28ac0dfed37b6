"""Source kind `csw`: an OGC catalogue service (CSW 2.0.2) asked for its records, or answers of it saved as files.

The address is the service, which is paged through with `GetRecords`; the address of one answer (with `startPosition` or
another parameter of that request); a file, or a folder of files. Records come as ISO 19139, or as `csw:Record` where a
service has nothing else. Identity is the file identifier, or `dc:identifier`.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Final, final

import httpx

from catalogue_app.domain.errors import SourceCutShort
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.source import Source, SourceKind
from harvesters.csw_answer import NOTHING, Page, check_exception, read_page, refused_page
from harvesters.csw_request import Asked, get_records, posted_records
from harvesters.fields import Readings
from harvesters.files import files_of
from harvesters.port import Fetcher, Payload, Poster, RawRecord, RefusedByServer, Unreadable
from harvesters.xml_record import read_record, records_of

PAGE_ROWS: Final = 50
"""Records asked for at once; services give fewer where they like, so pages are counted by what came."""

_EVERY_REQUEST: Final = frozenset({"service", "version", "request", "acceptversions", "sections", "outputformat"})
"""Parameters that people copy with the address of a service; each request has its own."""
_PAGED: Final = frozenset({"startposition", "maxrecords", "resulttype", "typenames", "id"})
"""Parameters that make an address one answer."""


@final
class CswHarvester:
    """Reads one catalogue service."""

    kind = SourceKind.CSW
    version = 2
    options: Mapping[str, str] = {
        "schema": r"iso|dc",
        "method": r"get|post",
        "rows": r"[1-9]\d{0,2}|1000",
        "constraint": r".{1,2000}",
        "total": r"trust|ignore",
    }

    def __init__(self, source: Source, readings: Readings) -> None:
        """Decide from address and options what is asked for."""
        self.is_partial = False
        self._readings, self._options = readings, source.options
        self._address, self._is_service = _service_of(source.address)

    def gather(self, fetcher: Fetcher) -> Iterator[Payload | Unreadable]:
        """Yield the pages of the service, or the saved answers."""
        if not self._is_service:
            yield from files_of(fetcher, self._address, {"xml"})
            return
        yield from _Pages(fetcher, self._address, self._options).walk()

    def split(self, payload: Payload) -> Iterator[RawRecord | Problem]:
        """Yield the records of one answer, or of a file that is one record.

        Raises:
            SourceError: an exception of the service, or nothing of a catalogue service.
        """
        page = read_page(payload)
        check_exception(payload.address, page)
        return records_of(payload)

    def parse(self, record: RawRecord) -> EntryMetadata:
        """Read one record."""
        return read_record(record, self._readings)


@final
class _Pages:
    """The pages of one service, counted by what is really in them."""

    def __init__(self, fetcher: Fetcher, address: str, options: Mapping[str, str]) -> None:
        self._fetcher, self._address = fetcher, address
        self._rows = int(options.get("rows", str(PAGE_ROWS)))
        self._constraint = options.get("constraint", "")
        self._schema = options.get("schema", "")
        self._posts = options.get("method") == "post"
        self._trusts_total = options.get("total") != "ignore"
        self._seen: set[str] = set()
        self._came = self._matched = 0

    def walk(self) -> Iterator[Payload]:
        """Yield page after page until the service has given as many as it says, or gives no more.

        Raises:
            SourceCutShort: pages repeat, or end before the number that the service states.
            SourceError: the service reports an exception.
        """
        start = 1
        while True:
            with self._asking(start) as (payload, page):
                if start == 1 and self._is_schema_refused(page):
                    self._schema = "dc"
                    continue
                self._matched = page.matched or self._matched
                if self._is_end(page, start):
                    break
                yield payload
            self._seen.update(filter(None, page.identifiers))
            self._came += len(page.identifiers)
            start = self._next(start, page)
            if self._came >= self._matched > 0 and len(page.identifiers) < self._rows:
                break
        if self._trusts_total and self._came < self._matched:
            raise SourceCutShort("fewer_than_stated", stated=self._matched, records=self._came, address=self._address)

    def _is_end(self, page: Page, start: int) -> bool:
        """Tell whether a page is behind the last one: empty, or past the stated number and an error or a repetition."""
        named = set(filter(None, page.identifiers))
        is_repeated = bool(named) and self._seen.issuperset(named)
        is_beyond = self._is_beyond(start)
        if page.exception and not is_beyond:
            check_exception(self._address, page)
        if is_repeated and not is_beyond:
            raise SourceCutShort("paging_loop", address=self._address, start=start, records=self._came)
        return bool(page.exception) or is_repeated or not page.identifiers

    def _is_beyond(self, start: int) -> bool:
        """Tell whether a page would be past what the service says it has; services answer anything there."""
        return start > 1 and self._came >= self._matched > 0

    def _next(self, start: int, page: Page) -> int:
        """Return where the next page begins: behind what came, or where the service says if that can be.

        A service that fails to write a record counts its position all the same.
        """
        after = start + len(page.identifiers)
        return page.next_record if after <= page.next_record <= start + self._rows else after

    @contextmanager
    def _asking(self, start: int) -> Iterator[tuple[Payload, Page]]:
        """Ask for one page; an exception of the service is an answer, also with a status that is no success."""
        try:
            with self._ask(start) as payload:
                yield payload, read_page(payload)
                return
        except RefusedByServer as refused:
            told = refused_page(refused) or (NOTHING if self._is_beyond(start) else None)
            if told is None:
                raise
        yield told

    def _ask(self, start: int) -> AbstractContextManager[Payload]:
        asked = Asked(start=start, rows=self._rows, is_iso=self._schema != "dc", constraint=self._constraint)
        if self._posts and isinstance(self._fetcher, Poster):
            return self._fetcher.post(self._address, posted_records(asked), "application/xml")
        return self._fetcher.fetch(self._address, get_records(asked))

    def _is_schema_refused(self, page: Page) -> bool:
        """Tell whether the service has no ISO 19139, so that its own records are asked for instead."""
        said = f"{page.exception} {page.message}".lower()
        return bool(page.exception) and not self._schema and ("schema" in said or "typename" in said)


def _service_of(address: str) -> tuple[str, bool]:
    """Return the address to ask, and whether it is a service and not one answer or a file."""
    if not address.startswith(("http://", "https://")):
        return address, False
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        return address, True
    names = {name.lower() for name in url.params}
    if names & _PAGED:
        return address, False
    kept = [(name, value) for name, value in url.params.multi_items() if name.lower() not in _EVERY_REQUEST]
    plain = url.copy_with(query=None)
    return str(plain.copy_merge_params(dict(kept)) if kept else plain), True
