"""Source kind `schema_org`: web pages that describe datasets in schema.org's words, as JSON-LD in the page.

The address is a sitemap or an index of sitemaps, compressed or not (sitemaps.org), a site (its `/sitemap.xml` is
taken), one page, a file, or a folder or archive of files. Pages on the host of the source are read; other addresses
are named and passed over. Options:

- `pages=TEXT` reads only pages whose address has this in it, such as `/dataset/`.

Identity is the dataset's `@id` where it is an address, else its `identifier`, its `url`, or the address of its page.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Final, final
from urllib.parse import urlsplit

from catalogue_app.domain.errors import SourceCutShort, SourceError
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.source import Source, SourceKind
from harvesters.canonical import canonical, digest
from harvesters.fields import Readings
from harvesters.files import files_of
from harvesters.links import is_near
from harvesters.port import Fetcher, Part, Payload, RawRecord, Unreadable
from harvesters.raw_values import NOTE_LIMIT
from harvesters.schema_dataset import read_dataset
from harvesters.schema_page import datasets_of
from harvesters.sitemap import Sitemap, is_sitemap, read_sitemap

SITEMAP_LIMIT: Final = 1_000
"""Sitemaps of one source."""
PAGE_LIMIT: Final = 200_000
"""Pages of one source; `harvest.max_pages` is usually lower."""
IDENTIFIER_LIMIT: Final = 500
"""Characters of an identifier."""

_ENDINGS: Final = frozenset({"html", "htm", "xhtml", "json", "jsonld"})


@final
class SchemaOrgHarvester:
    """Reads the pages of one site."""

    kind = SourceKind.SCHEMA_ORG
    version = 2
    options: Mapping[str, str] = {"pages": r"\S.{0,199}"}
    is_partial = False

    def __init__(self, source: Source, readings: Readings) -> None:
        """Remember the address and how this source writes its values."""
        self._address = _sitemap_address(source.address)
        self._wanted = source.options.get("pages", "")
        self._readings = readings

    def gather(self, fetcher: Fetcher) -> Iterator[Payload | Unreadable]:
        """Yield the pages that the sitemaps name, or the one page, or the files."""
        if not self._address.startswith(("http://", "https://")):
            yield from files_of(fetcher, self._address, _ENDINGS)
            return
        with fetcher.fetch(self._address) as payload:
            if not is_sitemap(payload):
                yield payload
                return
            first = read_sitemap(payload)
        for address in self._pages(fetcher, first):
            yield from self._page(fetcher, address)

    def split(self, payload: Payload) -> Iterator[RawRecord | Problem]:
        """Yield the datasets of one page; most pages have none."""
        for identifier, raw in datasets_of(payload):
            if len(identifier) > IDENTIFIER_LIMIT:
                yield Problem(record=identifier[:NOTE_LIMIT], element="identifier", code="identifier_too_long")
            else:
                yield RawRecord(
                    identifier=identifier, place=payload.address[:NOTE_LIMIT], digest=digest(canonical(raw)), raw=raw
                )

    def parse(self, record: RawRecord) -> EntryMetadata:
        """Read one dataset."""
        return read_dataset(record, self._readings)

    def _pages(self, fetcher: Fetcher, first: Sitemap) -> Iterator[str]:
        """Yield the addresses of wanted pages, each once.

        Raises:
            SourceCutShort: more sitemaps or pages than allowed, or a sitemap on another host.
            SourceError: a sitemap cannot be read.
        """
        waiting, seen, pages = [first], {self._address}, dict.fromkeys(self._chosen(first))
        while waiting:
            for address in waiting.pop().sitemaps:
                if address in seen:
                    continue
                seen.add(address)
                if len(seen) > SITEMAP_LIMIT:
                    raise SourceCutShort("too_many_links", address=self._address, limit=SITEMAP_LIMIT)
                if not self._is_near(address):
                    raise SourceCutShort("link_elsewhere", address=address)
                with fetcher.fetch(address) as payload:
                    sitemap = read_sitemap(payload)
                waiting.append(sitemap)
                pages.update(dict.fromkeys(self._chosen(sitemap)))
                if len(pages) > PAGE_LIMIT:
                    raise SourceCutShort("too_many_links", address=self._address, limit=PAGE_LIMIT)
        yield from pages

    def _chosen(self, sitemap: Sitemap) -> Iterator[str]:
        return (address for address in sitemap.pages if self._wanted in address)

    def _page(self, fetcher: Fetcher, address: str) -> Iterator[Payload | Unreadable]:
        part = Part(name=address, is_expected=self._is_near(address))
        if not part.is_expected:
            yield Unreadable(part=part, error=SourceError("link_elsewhere", address=address))
            return
        with ExitStack() as opened:
            try:
                payload = opened.enter_context(fetcher.fetch(address))
            except SourceError as error:
                yield Unreadable(part=part, error=error)
                return
            yield replace(payload, part=part)

    def _is_near(self, address: str) -> bool:
        return is_near(address, self._address)


def _sitemap_address(address: str) -> str:
    """Return where the sitemap of a whole site stands; any other address as it is."""
    is_site = address.startswith(("http://", "https://")) and urlsplit(address).path in {"", "/"}
    return f"{address.rstrip('/')}/sitemap.xml" if is_site and not urlsplit(address).query else address
