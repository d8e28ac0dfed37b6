"""What a fetcher may spend on one source: seconds, bytes, pages, tries, and the distance it keeps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import final

from catalogue_app.domain.errors import SourceCutShort
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.source import SourceKind
from harvesters.port import Fetcher, Harvester, Payload, RawRecord, Unreadable


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """What one fetcher may spend.

    Attributes:
        user_agent: how it introduces itself, with a way to reach whoever runs it.
        deadline_s: seconds one request may take in all, redirects included.
        run_s: seconds all requests of one run may take together, waits for the host included, storing left out.
        max_bytes: bytes of one answer, as received and after decompression.
        max_pages: requests of one source in one run.
        retries: tries beyond the first.
        host_interval_s: seconds between the starts of two requests to one host.
        max_wait_s: longest wait a server may ask for; asked for more, the source is put off.
        allowed_private_hosts: `host` or `host:port` that may be private.
    """

    user_agent: str = "MunicipalCatalogue/0.1"
    deadline_s: float = 120.0
    run_s: float = 6 * 3600.0
    max_bytes: int = 256 * 1024 * 1024
    max_pages: int = 10_000
    retries: int = 3
    host_interval_s: float = 0.0
    max_wait_s: float = 60.0
    allowed_private_hosts: frozenset[str] = field(default_factory=frozenset)


@final
class Limited:
    """A harvester that gives no more than so many records in a run; what it gave until then stands."""

    def __init__(self, harvester: Harvester, max_records: int) -> None:
        """Stand before a harvester for one run."""
        self._inner, self._left, self._limit = harvester, max_records, max_records
        self.kind: SourceKind = harvester.kind
        self.version: int = harvester.version
        self.options: Mapping[str, str] = harvester.options

    @property
    def is_partial(self) -> bool:
        """Whether only changes are asked for; an adapter may turn to everything as it gathers."""
        return self._inner.is_partial

    def gather(self, fetcher: Fetcher) -> Iterator[Payload | Unreadable]:
        """Yield the payloads of the source."""
        return self._inner.gather(fetcher)

    def split(self, payload: Payload) -> Iterator[RawRecord | Problem]:
        """Yield the records of one payload, as long as the run may have more.

        Raises:
            SourceCutShort: `too_many_records`.
        """
        for part in self._inner.split(payload):
            if self._left == 0:
                raise SourceCutShort("too_many_records", limit=self._limit)
            self._left -= 1
            yield part

    def parse(self, record: RawRecord) -> EntryMetadata:
        """Read a record."""
        return self._inner.parse(record)
