"""Source kind `waf`: a folder of ISO 19139 or FGDC records, listed by a web server or on this machine.

The address is the page on which a web server (Apache, nginx, IIS) lists the folder, or the path of a folder or archive.
Folders in it are followed to a depth (`depth`), never to another host and never upwards. A file that cannot be read is
named and costs the others nothing. Identity is a record's file identifier, else the path of its file inside the folder.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Final, final

from catalogue_app.domain.errors import SourceError, SourceRefused
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.source import Source, SourceKind
from harvesters.fields import Readings
from harvesters.files import files_of
from harvesters.listing import Listing, is_within, name_in, read_listing
from harvesters.port import Fetcher, Part, Payload, RawRecord, Unreadable
from harvesters.xml_record import read_record, records_of

FOLDER_DEPTH: Final = 3
"""Folders inside folders that are followed, unless the source says otherwise."""
FOLDER_LIMIT: Final = 1_000
"""Folders of one source."""


@final
class WafHarvester:
    """Reads one folder of records."""

    kind = SourceKind.WAF
    version = 2
    options: Mapping[str, str] = {"depth": r"\d|10"}

    def __init__(self, source: Source, readings: Readings) -> None:
        """Remember the address and how deep to look."""
        self.is_partial = False
        self._address, self._readings = source.address, readings
        self._depth = int(source.options.get("depth", str(FOLDER_DEPTH)))

    def gather(self, fetcher: Fetcher) -> Iterator[Payload | Unreadable]:
        """Yield the files of the folder, each a part of its own."""
        if self._address.startswith(("http://", "https://")):
            yield from _Folder(fetcher, self._address, self._depth).walk()
        else:
            yield from files_of(fetcher, self._address, {"xml"})

    def split(self, payload: Payload) -> Iterator[RawRecord | Problem]:
        """Yield the record of a file, or all that stand in it.

        Raises:
            SourceError: not XML, or XML without a record of a standard that is read.
        """
        name = payload.part.name if payload.part else payload.address.rstrip("/").rpartition("/")[2]
        is_any = False
        for record in records_of(payload, otherwise=name):
            is_any = True
            yield record
        if not is_any:
            raise SourceError("no_record_in_file", address=payload.address)

    def parse(self, record: RawRecord) -> EntryMetadata:
        """Read one record."""
        return read_record(record, self._readings)


@final
class _Folder:
    """One folder of a web server, with the folders in it."""

    def __init__(self, fetcher: Fetcher, address: str, depth: int) -> None:
        self._fetcher, self._base, self._depth = fetcher, address, depth
        self._folders: set[str] = set()
        self._files: set[str] = set()

    def walk(self) -> Iterator[Payload | Unreadable]:
        """Yield every file, folder by folder in name order.

        Raises:
            SourceError: the folder itself cannot be read, or is no listing.
        """
        top = self._listing(self._base)
        self._base = top.address
        self._folders.add(top.address)
        if not top.files and not top.folders:
            raise SourceError("empty_listing", title=top.title, address=self._base)
        yield from self._below(top, self._depth)

    def _below(self, listing: Listing, depth: int) -> Iterator[Payload | Unreadable]:
        for address in listing.files:
            if address not in self._files:
                self._files.add(address)
                yield from self._file(address)
        for folder in listing.folders if depth else ():
            if folder not in self._folders:
                yield from self._folder(folder, depth - 1)

    def _folder(self, address: str, depth: int) -> Iterator[Payload | Unreadable]:
        if len(self._folders) >= FOLDER_LIMIT:
            raise SourceRefused("too_many_pages", limit=FOLDER_LIMIT)
        self._folders.add(address)
        try:
            listing = self._listing(address)
        except SourceError as error:
            yield Unreadable(part=Part(name=name_in(self._base, address), is_expected=True), error=error)
            return
        yield from self._below(listing, depth)

    def _listing(self, address: str) -> Listing:
        with self._fetcher.fetch(address) as payload:
            return read_listing(payload, self._base if self._folders else payload.address)

    def _file(self, address: str) -> Iterator[Payload | Unreadable]:
        part = Part(name=name_in(self._base, address), is_expected=True)
        with ExitStack() as opened:
            try:
                payload = opened.enter_context(self._fetcher.fetch(address))
                if not is_within(self._base, payload.address, same_folder=False):
                    raise SourceRefused("link_elsewhere", address=payload.address)
            except SourceError as error:
                yield Unreadable(part=part, error=error)
                return
            yield replace(payload, part=part)
