"""The polite way to bytes: guarded addresses, one deadline a request, capped sizes, bounded retries.

Large answers are streamed to a temporary file, small ones stand in memory. Every refusal has a code of its own.
"""

import contextlib
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Self, final

import httpx

from catalogue_app.domain.clock import Clock
from catalogue_app.domain.errors import SourceCutShort, SourceError, SourceRefused
from harvesters.addresses import AddressGuard
from harvesters.body_file import BodyFile
from harvesters.conditional import Conditions, unconditional
from harvesters.connection import Deadline
from harvesters.credentials import Credential
from harvesters.exchange import Exchange, KeptConnectionOverError, Sent, TryAgainError, payload_of
from harvesters.limits import FetchLimits
from harvesters.links import named
from harvesters.local_files import listed, opened
from harvesters.politeness import HostPacer, Sleep, back_off
from harvesters.port import Payload
from harvesters.robots import Robots
from harvesters.transfer import STEP_BYTES, Body

MAX_REDIRECTS: Final = 5

ROBOTS_S: Final = 15.0
ROBOTS_BYTES: Final = 1024 * 1024
"""RFC 9309 §2.5 asks for at least 500 KiB."""

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
"""Two letters at least: one letter and a colon is a drive."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How hosts are treated; shared by all fetchers of a process.

    Attributes:
        pacer: keeps the distance between requests to one host.
        robots: what hosts ask of robots; none where nobody asks them.
        sleep: waits between tries.
        asking: held while a server is asked, until its answer is here, where only so many may be asked at once.
    """

    pacer: HostPacer = field(default_factory=lambda: HostPacer(0.0))
    robots: Robots | None = None
    sleep: Sleep = time.sleep
    asking: contextlib.AbstractContextManager[object] = field(default_factory=contextlib.nullcontext)


@final
class HttpFetcher:
    """Fetches http(s) addresses, and files the operator has put on this machine; one a run, closed with its context."""

    def __init__(
        self,
        limits: FetchLimits,
        clock: Clock,
        *,
        manners: Manners | None = None,
        conditions: Conditions | None = None,
        credential: Credential | None = None,
    ) -> None:
        """Open nothing yet; the time of the run counts while something is asked for, not while it is stored.

        Args:
            limits: what may be spent.
            clock: for waits that a server states as a date.
            manners: shared by all fetchers of the process; of its own where none are given.
            conditions: which pages are asked for only if they changed; every one is read whole where none are given.
            credential: shown to its own origin alone.
        """
        self._limits, self._clock = limits, clock
        self._manners = manners or Manners(pacer=HostPacer(limits.host_interval_s))
        self._guard = AddressGuard(limits.allowed_private_hosts)
        self._exchange = Exchange(limits, self._guard, clock, conditions or unconditional(clock), credential)
        self._left_s = limits.run_s
        self._requests = 0

    def __enter__(self) -> Self:
        """Enter the reading of a source."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the connections that were kept."""
        self._exchange.close()

    def expand(self, address: str) -> tuple[str, ...]:
        """Return the files of a folder or archive in name order, any other address as it is."""
        return (address,) if _SCHEME.match(address) else listed(address)

    @contextlib.contextmanager
    def fetch(self, address: str, parameters: Mapping[str, str] | None = None) -> Iterator[Payload]:
        """Get one address; its body lives until the context ends."""
        self._count()
        with BodyFile() as file:
            if _SCHEME.match(address):
                yield self._from_web(_url(address, parameters), file)
            else:
                yield self._from_disk(address, file)

    @contextlib.contextmanager
    def post(self, address: str, body: bytes, media_type: str) -> Iterator[Payload]:
        """Send a document to one address; the answer lives as that of `fetch`. Redirects are sent the document too."""
        self._count()
        with BodyFile() as file:
            yield self._from_web(_url(address, None), file, Sent(body=body, media_type=media_type))

    def _count(self) -> None:
        self._requests += 1
        if self._requests > self._limits.max_pages:
            raise SourceRefused("too_many_pages", limit=self._limits.max_pages)
        if self._left_s <= 0:
            raise SourceCutShort("run_too_long", limit_s=round(self._limits.run_s))

    def _from_disk(self, address: str, file: BodyFile) -> Payload:
        body = Body(file, max_bytes=self._limits.max_bytes)
        with opened(address) as source:
            while piece := source.read(STEP_BYTES):
                body.write(piece)
        digest = body.end()
        return payload_of(address, file, httpx.Headers(), (digest, body.size_bytes))

    def _from_web(self, url: httpx.URL, file: BodyFile, sent: Sent | None = None) -> Payload:
        """Ask for as long as the run may still ask; what lies between two requests is not the source's time."""
        with self._manners.asking:
            run = Deadline(self._left_s)
            try:
                return self._try_again(url, file, sent, run)
            finally:
                self._left_s = run.left_s

    def _try_again(self, url: httpx.URL, file: BodyFile, sent: Sent | None, run: Deadline) -> Payload:
        """Try, and try again where that may help."""
        for tries_left in range(self._limits.retries, -1, -1):
            try:
                return self._try(url, file, sent, run)
            except TryAgainError as again:
                attempt = self._limits.retries - tries_left
                wait_s = again.wait_s if again.wait_s is not None else back_off(attempt, self._limits.max_wait_s)
                if not tries_left or wait_s >= run.left_s:
                    raise again.error from again.__cause__
                self._manners.sleep(wait_s)
        raise AssertionError  # pragma: no cover — the last try returns or raises

    def _try(self, url: httpx.URL, file: BodyFile, sent: Sent | None, run: Deadline) -> Payload:
        deadline = None
        for _ in range(MAX_REDIRECTS + 1):
            self._guard.check(url)
            if self._manners.robots is not None:
                self._manners.robots.check(url, self._read_robots)
            self._manners.pacer.wait(url.host)
            deadline = deadline or Deadline(min(self._limits.deadline_s, run.left_s))
            try:
                answer = self._exchange.ask(url, file, deadline, sent)
            except KeptConnectionOverError:  # servers end connections when they like (RFC 9112 §9.3.1): no failed try
                self._manners.pacer.wait(url.host)
                answer = self._exchange.ask(url, file, deadline, sent)
            if isinstance(answer, Payload):
                return answer
            url = answer
        raise SourceError("too_many_redirects", limit=MAX_REDIRECTS)

    def _read_robots(self, url: httpx.URL) -> str:
        """Read a host's robots.txt, within limits of its own and without any secret."""
        limits = replace(
            self._limits,
            deadline_s=min(ROBOTS_S, self._limits.deadline_s),
            max_bytes=min(ROBOTS_BYTES, self._limits.max_bytes),
            retries=0,
        )
        manners = replace(self._manners, robots=None, asking=contextlib.nullcontext())  # it is held already
        with (
            HttpFetcher(limits, self._clock, manners=manners) as alone,
            alone.fetch(str(url)) as payload,
            payload.open() as body,
        ):
            return body.read().decode("utf-8", errors="replace")


def _url(address: str, parameters: Mapping[str, str] | None) -> httpx.URL:
    try:
        url = named(httpx.URL(address))
        return url.copy_merge_params(parameters) if parameters else url
    except httpx.InvalidURL as fault:
        raise SourceRefused("invalid_address") from fault
