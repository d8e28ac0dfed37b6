"""The polite way to bytes: guarded addresses, one deadline a request, capped sizes, bounded retries.

Answers are streamed to a temporary file; nothing of them is held in memory. Every refusal has a code of its own.
"""

import contextlib
import functools
import re
import ssl
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import IO, Final, NoReturn, final

import httpcore
import httpx

from catalogue_app.domain.clock import Clock
from catalogue_app.domain.errors import CatalogueError, SourceBusy, SourceError, SourceRefused
from harvesters.addresses import AddressGuard
from harvesters.connection import CONNECT_S, IDLE_S, Deadline, GuardedBackend
from harvesters.local_files import listed, opened
from harvesters.politeness import HostPacer, Sleep, asked_wait, back_off
from harvesters.port import Payload, RefusedByServer
from harvesters.transfer import STEP_BYTES, Body

MAX_REDIRECTS: Final = 5
LINK_LENGTH: Final = 2_000
"""Characters kept of a Link header."""
ERROR_BYTES: Final = 65_536
"""Bytes of an answer that is no success; it is read for the error that it may tell."""
ERROR_S: Final = 10.0
"""Seconds in which such an answer must come."""

_ACCEPT: Final = (
    "application/json, application/ld+json, text/turtle, application/rdf+xml;q=0.95, application/xml;q=0.9, "
    "text/csv;q=0.9, */*;q=0.8"
)
"""Servers that speak several formats are asked for one that a harvester reads."""
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_RETRIED: Final = frozenset({429, 500, 502, 503, 504})
_OK: Final = 200
_LONGEST_WAIT_S: Final = 366 * 86_400.0
"""Nobody believes a longer wait; it also keeps instants inside the calendar."""
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
"""Two letters at least: one letter and a colon is a drive."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """What one fetcher may spend.

    Attributes:
        user_agent: how it introduces itself, with a way to reach whoever runs it.
        deadline_s: seconds one request may take in all, redirects included.
        max_bytes: bytes of one answer, as received and after decompression.
        max_pages: requests of one source in one run.
        retries: tries beyond the first.
        host_interval_s: seconds between the starts of two requests to one host.
        max_wait_s: longest wait a server may ask for; asked for more, the source is put off.
        allowed_private_hosts: `host` or `host:port` that may be private.
    """

    user_agent: str = "MunicipalCatalogue/0.1"
    deadline_s: float = 120.0
    max_bytes: int = 256 * 1024 * 1024
    max_pages: int = 10_000
    retries: int = 3
    host_interval_s: float = 0.0
    max_wait_s: float = 60.0
    allowed_private_hosts: frozenset[str] = field(default_factory=frozenset)


@final
class HttpFetcher:
    """Fetches http(s) addresses, and files the operator has put on this machine; one a run."""

    def __init__(
        self,
        limits: FetchLimits,
        clock: Clock,
        *,
        pacer: HostPacer | None = None,
        sleep: Sleep = time.sleep,
    ) -> None:
        """Open nothing yet.

        Args:
            limits: what may be spent.
            clock: for waits that a server states as a date.
            pacer: shared by all fetchers of the process; one of its own where none is given.
            sleep: waits between tries.
        """
        self._limits, self._clock, self._sleep = limits, clock, sleep
        self._guard = AddressGuard(limits.allowed_private_hosts)
        self._pacer = pacer or HostPacer(limits.host_interval_s, sleep)
        self._requests = 0

    def expand(self, address: str) -> tuple[str, ...]:
        """Return the files of a folder or archive in name order, any other address as it is."""
        return (address,) if _SCHEME.match(address) else listed(address)

    @contextlib.contextmanager
    def fetch(self, address: str, parameters: Mapping[str, str] | None = None) -> Iterator[Payload]:
        """Get one address into a temporary file that lives until the context ends."""
        self._count()
        with tempfile.NamedTemporaryFile(prefix="harvest-") as file:
            if _SCHEME.match(address):
                yield self._from_web(_url(address, parameters), file)
            else:
                yield self._from_disk(address, file)

    @contextlib.contextmanager
    def post(self, address: str, body: bytes, media_type: str) -> Iterator[Payload]:
        """Send a document to one address; the answer lives as that of `fetch`. Redirects are sent the document too."""
        self._count()
        with tempfile.NamedTemporaryFile(prefix="harvest-") as file:
            yield self._from_web(_url(address, None), file, _Sent(body=body, media_type=media_type))

    def _count(self) -> None:
        self._requests += 1
        if self._requests > self._limits.max_pages:
            raise SourceRefused("too_many_pages", limit=self._limits.max_pages)

    def _from_disk(self, address: str, file: IO[bytes]) -> Payload:
        body = Body(file, max_bytes=self._limits.max_bytes)
        with opened(address) as source:
            while piece := source.read(STEP_BYTES):
                body.write(piece)
        return _payload(address, body, file, httpx.Headers())

    def _from_web(self, url: httpx.URL, file: IO[bytes], sent: "_Sent | None" = None) -> Payload:
        """Try, and try again where that may help."""
        for tries_left in range(self._limits.retries, -1, -1):
            try:
                return self._try(url, file, sent)
            except _TryAgainError as again:
                if not tries_left:
                    raise again.error from again.__cause__
                attempt = self._limits.retries - tries_left
                self._sleep(again.wait_s if again.wait_s is not None else back_off(attempt, self._limits.max_wait_s))
        raise AssertionError  # pragma: no cover — the last try returns or raises

    def _try(self, url: httpx.URL, file: IO[bytes], sent: "_Sent | None") -> Payload:
        deadline = None
        for _ in range(MAX_REDIRECTS + 1):
            self._guard.check(url)
            self._pacer.wait(url.host)
            deadline = deadline or Deadline(self._limits.deadline_s)
            answer = self._ask(url, file, deadline, sent)
            if isinstance(answer, Payload):
                return answer
            url = answer
        raise SourceError("too_many_redirects", limit=MAX_REDIRECTS)

    def _ask(self, url: httpx.URL, file: IO[bytes], deadline: Deadline, sent: "_Sent | None") -> Payload | httpx.URL:
        """Ask once; return the answer, or where it has moved to."""
        backend = GuardedBackend(self._guard, deadline)
        timeouts = {"connect": CONNECT_S, "read": IDLE_S, "write": IDLE_S, "pool": CONNECT_S}
        try:
            with (
                httpcore.ConnectionPool(ssl_context=_trust(), network_backend=backend) as pool,
                pool.stream(
                    "POST" if sent else "GET",
                    _target(url),
                    headers=self._headers(url, sent),
                    content=sent.body if sent else None,
                    extensions={"timeout": timeouts},
                ) as answer,
            ):
                headers = httpx.Headers(answer.headers)
                if answer.status in _REDIRECTS and "location" in headers:
                    return _moved(url, headers["location"])
                if answer.status != _OK:
                    deadline.shorten(ERROR_S)
                    self._refused(answer, headers, url)
                return self._receive(url, answer, headers, file, backend)
        except httpcore.TimeoutException as fault:
            deadline.limit(None)  # over: nobody tries again
            raise _TryAgainError(SourceError("no_answer_in_time", host=url.host)) from fault
        except httpcore.NetworkError as fault:
            below = fault.args[0] if fault.args else None  # httpcore keeps the cause there, not in __cause__
            if isinstance(below, ssl.SSLError):
                raise SourceError("no_secure_connection", host=url.host, reason=below.reason) from fault
            raise _TryAgainError(SourceError("no_connection", host=url.host)) from fault
        except httpcore.ProtocolError as fault:
            raise _TryAgainError(SourceError("incomplete_answer", host=url.host)) from fault

    def _receive(
        self,
        url: httpx.URL,
        answer: httpcore.Response,
        headers: httpx.Headers,
        file: IO[bytes],
        backend: GuardedBackend,
    ) -> Payload:
        body = Body(file, encoding=headers.get("content-encoding", ""), max_bytes=self._limits.max_bytes)
        for piece in answer.iter_stream():
            body.write(piece)
        if "content-length" in headers and "transfer-encoding" not in headers:
            _check_length(int(headers["content-length"]), backend)
        try:
            return _payload(str(url), body, file, headers)
        except SourceError as error:
            raise _TryAgainError(error) from error

    def _refused(self, answer: httpcore.Response, headers: httpx.Headers, url: httpx.URL) -> NoReturn:
        status = answer.status
        error = RefusedByServer(address=str(url), status=status, body=_first_bytes(answer, headers))
        if status not in _RETRIED:
            raise error
        wait_s = asked_wait(headers.get("retry-after", ""), self._clock())
        if wait_s is not None and wait_s > self._limits.max_wait_s:
            until = self._clock() + timedelta(seconds=min(wait_s, _LONGEST_WAIT_S))
            raise SourceBusy(until, host=url.host, status=status, retry_after=headers["retry-after"][:100])
        raise _TryAgainError(error, wait_s)

    def _headers(self, url: httpx.URL, sent: "_Sent | None") -> list[tuple[bytes, bytes]]:
        named = {
            "Host": url.netloc.decode(),
            "User-Agent": self._limits.user_agent,
            "Accept": _ACCEPT,
            "Accept-Encoding": "gzip, deflate",
            "Connection": "close",
            **({"Content-Type": sent.media_type, "Content-Length": str(len(sent.body))} if sent else {}),
        }
        return [(name.encode(), value.encode()) for name, value in named.items()]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """A document that goes with a request."""

    body: bytes
    media_type: str


class _TryAgainError(Exception):
    """Another try may help; `error` is what to raise when none is left."""

    def __init__(self, error: SourceError, wait_s: float | None = None) -> None:
        super().__init__(error.code)
        self.error, self.wait_s = error, wait_s


@functools.cache
def _trust() -> ssl.SSLContext:
    """Read the system's certificates, once and only where something is fetched: it takes a tenth of a second."""
    return ssl.create_default_context()


def _url(address: str, parameters: Mapping[str, str] | None) -> httpx.URL:
    try:
        url = httpx.URL(address)
        return url.copy_merge_params(parameters) if parameters else url
    except httpx.InvalidURL as fault:
        raise SourceRefused("invalid_address") from fault


def _target(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


def _moved(url: httpx.URL, location: str) -> httpx.URL:
    try:
        there = url.join(location).copy_with(fragment=None)
    except httpx.InvalidURL as fault:
        raise SourceRefused("invalid_address") from fault
    if url.scheme == "https" and there.scheme == "http":
        raise SourceRefused("redirect_to_plain_http", host=there.host)
    return there


def _check_length(stated: int, backend: GuardedBackend) -> None:
    """Refuse an answer longer than it says; a shorter one has failed already."""
    stream = backend.stream
    if stream is not None and stream.get_extra_info("is_readable"):
        with contextlib.suppress(httpcore.NetworkError, httpcore.TimeoutException):
            stream.read(STEP_BYTES, timeout=1.0)
    if backend.traffic.head and backend.traffic.body > stated:
        raise _TryAgainError(SourceError("incomplete_answer", stated_bytes=stated, received_bytes=backend.traffic.body))


def _first_bytes(answer: httpcore.Response, headers: httpx.Headers) -> bytes:
    """Return the beginning of an answer that is no success; none where it does not come or cannot be unpacked."""
    with tempfile.TemporaryFile() as file, contextlib.suppress(CatalogueError, httpcore.NetworkError):
        body = Body(file, encoding=headers.get("content-encoding", ""), max_bytes=ERROR_BYTES)
        with contextlib.suppress(SourceRefused, httpcore.TimeoutException, httpcore.ProtocolError):
            for piece in answer.iter_stream():
                body.write(piece)
        file.seek(0)
        return file.read()
    return b""


def _payload(address: str, body: Body, file: IO[bytes], headers: httpx.Headers) -> Payload:
    digest = body.end()
    media_type, _, rest = headers.get("content-type", "").partition(";")
    charset = re.search(r"charset\s*=\s*\"?([\w.:-]+)", rest, re.IGNORECASE)
    return Payload(
        address=address,
        media_type=media_type.strip().lower(),
        charset=charset[1].lower() if charset else "",
        size_bytes=body.size_bytes,
        digest=digest,
        open=lambda: Path(file.name).open("rb"),
        link=headers.get("link", "")[:LINK_LENGTH],
    )
