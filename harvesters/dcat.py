"""Source kind `dcat`: a catalogue in DCAT (2 or 3, DCAT-AP and its national profiles), in any common syntax of RDF.

The address is a document on the web, a file, or a folder or archive of files; Turtle, N-Triples, RDF/XML and JSON-LD
are told by content. On the web, pages (Hydra, LDP) are followed to the last, and so are datasets and catalogues that
are named in the document and described in one of their own, within the same host. Options:

- `follow=no` does not read documents of their own; what is only named there is then no record.

Identity is the dataset's address. A node without one is known by its `dct:identifier`, else by a digest of what it
says.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Final, final

from catalogue_app.domain.errors import SourceCutShort, SourceError
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.source import Source, SourceKind
from harvesters.canonical import canonical, digest
from harvesters.dcat_dataset import read_dataset
from harvesters.dcat_document import DcatDocument
from harvesters.fields import Readings
from harvesters.files import files_of
from harvesters.links import is_near
from harvesters.port import Fetcher, Part, Payload, RawRecord, Unreadable
from harvesters.raw_values import NOTE_LIMIT
from harvesters.rdf_reading import read_graph

LINK_LIMIT: Final = 5_000
"""Documents of their own that one source may lead to."""
IDENTIFIER_LIMIT: Final = 500
"""Characters of an identifier."""

_ENDINGS: Final = frozenset({"", "ttl", "nt", "rdf", "xml", "owl", "jsonld", "json", "n3"})


@final
class DcatHarvester:
    """Reads one DCAT catalogue."""

    kind = SourceKind.DCAT
    version = 2
    options: Mapping[str, str] = {"follow": r"yes|no"}
    is_partial = False

    def __init__(self, source: Source, readings: Readings) -> None:
        """Remember the address and how this source writes its values."""
        self._address = source.address
        self._follows = source.options.get("follow", "yes") == "yes"
        self._readings = readings
        self._last: tuple[str, DcatDocument] | None = None

    def gather(self, fetcher: Fetcher) -> Iterator[Payload | Unreadable]:
        """Yield the pages of the catalogue and the documents they lead to, or the files."""
        if not self._address.startswith(("http://", "https://")):
            yield from files_of(fetcher, self._address, _ENDINGS)
            return
        walk = _Walk(self._address)
        while walk.pages:
            address = walk.pages.popleft()
            with fetcher.fetch(address) as payload:
                yield payload
                walk.turn(address, self._document(payload))
        if self._follows:
            yield from self._linked(fetcher, walk)
        walk.end()

    def split(self, payload: Payload) -> Iterator[RawRecord | Problem]:
        """Yield the datasets of one document."""
        for dataset in self._document(payload).datasets():
            name = dataset.identifier
            if len(name) > IDENTIFIER_LIMIT:
                yield Problem(record=name[:NOTE_LIMIT], element="identifier", code="identifier_too_long")
            else:
                yield RawRecord(
                    identifier=name, place=name[:NOTE_LIMIT], digest=digest(canonical(dataset.tree)), raw=dataset.tree
                )

    def parse(self, record: RawRecord) -> EntryMetadata:
        """Read one dataset."""
        return read_dataset(record, self._readings)

    def _document(self, payload: Payload) -> DcatDocument:
        """Read a document once, although paging and splitting both ask for it."""
        key = f"{payload.address} {payload.digest}"
        if self._last is None or self._last[0] != key:
            self._last = None  # a graph is large: the old one goes before the new one comes
            self._last = key, DcatDocument(read_graph(payload), payload.address, payload.link)
        return self._last[1]

    def _linked(self, fetcher: Fetcher, walk: "_Walk") -> Iterator[Payload | Unreadable]:
        while walk.links:
            address = walk.links.popleft()
            part = Part(name=address, is_expected=walk.is_near(address))
            with ExitStack() as opened:
                try:
                    payload = opened.enter_context(fetcher.fetch(walk.within(address)))
                except SourceError as error:
                    yield Unreadable(part=part, error=error)
                    continue
                yield replace(payload, part=part)
                try:
                    walk.follow(self._document(payload))
                except SourceError:
                    continue  # reported already, as what it is: a bad part


class _Walk:
    """Where a catalogue on the web led so far, so that no way is gone twice."""

    def __init__(self, address: str) -> None:
        self.pages, self.links = deque([address]), deque[str]()
        self._start, self._seen, self._names, self._total = address, {address}, set[str](), 0

    def is_near(self, address: str) -> bool:
        """Tell whether an address is on the host of the source; others are named and not asked."""
        return is_near(address, self._start)

    def within(self, address: str) -> str:
        """Return an address that may be asked.

        Raises:
            SourceError: `link_elsewhere`.
        """
        if not self.is_near(address):
            raise SourceError("link_elsewhere", address=address)
        return address

    def turn(self, address: str, page: DcatDocument) -> None:
        """Go on from one page to the next.

        Raises:
            SourceCutShort: the next page was there before, or is on another host.
        """
        self.follow(page)
        following = page.next_page()
        if not following:
            return
        if following in self._seen:
            raise SourceCutShort("paging_loop", address=address, next=following)
        if not self.is_near(following):
            raise SourceCutShort("link_elsewhere", address=following)
        self._seen.add(following)
        self.pages.append(following)

    def follow(self, document: DcatDocument) -> None:
        """Note what a document holds and what it names."""
        self._names |= document.names()
        self._total = max(self._total, document.total())
        for address in document.elsewhere():
            if address not in self._seen and address.startswith(("http://", "https://")):
                self._seen.add(address)
                self.links.append(address)
        if len(self.links) > LINK_LIMIT:
            raise SourceCutShort("too_many_links", address=self._start, limit=LINK_LIMIT)

    def end(self) -> None:
        """Hold what was found against what the catalogue says of itself.

        Raises:
            SourceCutShort: fewer datasets came than there are.
        """
        if len(self._names) < self._total:
            raise SourceCutShort("fewer_than_stated", stated=self._total, records=len(self._names))
