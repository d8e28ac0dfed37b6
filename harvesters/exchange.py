"""One question to a server and its answer: the status judged, the body brought in, its validators kept.

The questions of a run go over one connection as long as the server keeps it (RFC 9112 §9.3): to connect anew for each
costs both sides more than most answers do.
"""

import contextlib
import functools
import re
import ssl
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, NoReturn, final

import httpcore
import httpx

from catalogue_app.domain.clock import Clock
from catalogue_app.domain.errors import CatalogueError, SourceBusy, SourceError, SourceRefused
from catalogue_app.domain.validators import Validators
from harvesters.addresses import AddressGuard
from harvesters.body_file import BodyFile
from harvesters.conditional import Conditions, Remembered
from harvesters.connection import CONNECT_S, IDLE_S, KEPT_S, Deadline, GuardedBackend, Traffic
from harvesters.credentials import Credential
from harvesters.limits import FetchLimits
from harvesters.links import named
from harvesters.politeness import asked_wait
from harvesters.port import Payload, RefusedByServer
from harvesters.transfer import STEP_BYTES, Body

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
_TIMEOUTS: Final = {"connect": CONNECT_S, "read": IDLE_S, "write": IDLE_S, "pool": CONNECT_S}
_OK: Final = 200
_NOT_MODIFIED: Final = 304
_TIRED_OF_WAITING: Final = 408
"""What a server may say as it ends a connection without use (RFC 9110 §15.5.9); it can cross with a question."""
_LONGEST_WAIT_S: Final = 366 * 86_400.0
"""Nobody believes a longer wait; it also keeps instants inside the calendar."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A document that goes with a request."""

    body: bytes
    media_type: str


class TryAgainError(Exception):
    """Another try may help; `error` is what to raise when none is left."""

    def __init__(self, error: SourceError, wait_s: float | None = None) -> None:
        """Keep the failure and how long the server asks to wait."""
        super().__init__(error.code)
        self.error, self.wait_s = error, wait_s


class KeptConnectionOverError(Exception):
    """A kept connection was over before it gave an answer; the same question may be asked on one of its own."""


@final
class Exchange:
    """Asks servers, one question at a time, over connections that it keeps until it is closed."""

    def __init__(
        self,
        limits: FetchLimits,
        guard: AddressGuard,
        clock: Clock,
        conditions: Conditions,
        credential: Credential | None,
    ) -> None:
        """Keep the parts.

        Args:
            limits: what may be spent.
            guard: checks where connections go.
            clock: for waits that a server states as a date.
            conditions: decides which pages are asked for only if they changed.
            credential: shown to its own origin alone.
        """
        self._limits, self._clock = limits, clock
        self._conditions, self._credential = conditions, credential
        self._backend: Final = GuardedBackend(guard)
        self._pool: httpcore.ConnectionPool | None = None

    def close(self) -> None:
        """End the connections that are kept; the next question makes one anew."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.close()

    def ask(self, url: httpx.URL, file: BodyFile, deadline: Deadline, sent: Sent | None = None) -> Payload | httpx.URL:
        """Ask once; return the answer, or where it has moved to.

        What is answered to a document is never asked for conditionally: its address alone does not say what it is.

        Raises:
            TryAgainError: this time it failed; another try may help.
            KeptConnectionOverError: it was not answered, for a reason that lies before it; never twice in a row.
            SourceError: it failed, and will again.
        """
        try:
            return self._ask(url, file, deadline, sent)
        except BaseException:
            self.close()  # what went wrong on a connection must not reach the next answer
            raise

    def _ask(self, url: httpx.URL, file: BodyFile, deadline: Deadline, sent: Sent | None) -> Payload | httpx.URL:
        pool = self._pool = self._pool or httpcore.ConnectionPool(
            ssl_context=_trust(), keepalive_expiry=KEPT_S, network_backend=self._backend
        )
        watch, has_answered = self._backend.begin(deadline), False
        known = None if sent else self._conditions.known(url)
        conditions = self._conditions.headers(known)
        wire = self._credential.on_the_wire(url) if self._credential else url
        try:
            with pool.stream(
                "POST" if sent else "GET",
                _target(wire),
                headers=self._headers(url, conditions, sent),
                content=sent.body if sent else None,
                extensions={"timeout": _TIMEOUTS},
            ) as answer:
                has_answered = watch.is_first or (watch.traffic.received > 0 and answer.status != _TIRED_OF_WAITING)
                if not has_answered:
                    raise KeptConnectionOverError
                headers = httpx.Headers(answer.headers)
                if answer.status in _REDIRECTS and "location" in headers:
                    return self._moved(url, headers["location"])
                if answer.status == _NOT_MODIFIED and known is not None and conditions:
                    answer.read()  # nothing, which ends the answer and keeps the connection
                    return self._unchanged(url, known, file)
                if answer.status != _OK:
                    deadline.shorten(ERROR_S)
                    self._refused(answer, headers, url)
                payload = self._receive(url, answer, known, file, watch.traffic)
                return replace(payload, validators=None) if sent else payload
        except httpcore.TimeoutException as fault:
            deadline.limit(None)  # over: nobody tries again
            raise TryAgainError(SourceError("no_answer_in_time", host=url.host)) from fault
        except (httpcore.NetworkError, httpcore.ProtocolError) as fault:
            if has_answered or watch.is_first:
                raise _broken(fault, url) from fault
            raise KeptConnectionOverError from fault

    def _receive(
        self,
        url: httpx.URL,
        answer: httpcore.Response,
        known: Remembered | None,
        file: BodyFile,
        traffic: Traffic,
    ) -> Payload:
        headers = httpx.Headers(answer.headers)
        body = Body(file, encoding=headers.get("content-encoding", ""), max_bytes=self._limits.max_bytes)
        for piece in answer.iter_stream():
            body.write(piece)
        if "content-length" in headers and "transfer-encoding" not in headers:
            _check_length(int(headers["content-length"]), answer, traffic)
        try:
            digest = body.end()
        except SourceError as error:
            raise TryAgainError(error) from error
        validators = self._conditions.learned(headers, known, digest, url.host)
        return payload_of(str(url), file, headers, (digest, body.size_bytes), validators)

    def _unchanged(self, url: httpx.URL, known: Remembered, file: BodyFile) -> Payload:
        """Give the stored page that its server calls unchanged."""
        self._conditions.bring_back(known, file)
        return Payload(
            address=str(url),
            media_type=known.media_type,
            charset=known.charset,
            size_bytes=known.size_bytes,
            digest=known.digest,
            open=file.open,
            link=known.link,
            validators=known.validators,
        )

    def _refused(self, answer: httpcore.Response, headers: httpx.Headers, url: httpx.URL) -> NoReturn:
        status = answer.status
        error = RefusedByServer(address=str(url), status=status, body=_first_bytes(answer, headers))
        if status not in _RETRIED:
            raise error
        wait_s = asked_wait(headers.get("retry-after", ""), self._clock())
        if wait_s is not None and wait_s > self._limits.max_wait_s:
            until = self._clock() + timedelta(seconds=min(wait_s, _LONGEST_WAIT_S))
            raise SourceBusy(until, host=url.host, status=status, retry_after=headers["retry-after"][:100])
        raise TryAgainError(error, wait_s)

    def _headers(self, url: httpx.URL, conditions: dict[str, str], sent: Sent | None) -> list[tuple[bytes, bytes]]:
        named = {
            "Host": url.netloc.decode(),
            "User-Agent": self._limits.user_agent,
            "Accept": _ACCEPT,
            "Accept-Encoding": "gzip, deflate",
            **({"Content-Type": sent.media_type, "Content-Length": str(len(sent.body))} if sent else {}),
            **conditions,
            **(self._credential.headers(url) if self._credential else {}),
        }
        return [(name.encode(), value.encode()) for name, value in named.items()]

    def _moved(self, url: httpx.URL, location: str) -> httpx.URL:
        try:
            there = named(url.join(location).copy_with(fragment=None))
        except httpx.InvalidURL as fault:
            raise SourceRefused("invalid_address") from fault
        if url.scheme == "https" and there.scheme == "http":
            raise SourceRefused("redirect_to_plain_http", host=there.host)
        return self._credential.without(there) if self._credential else there


def _first_bytes(answer: httpcore.Response, headers: httpx.Headers) -> bytes:
    """Return the beginning of an answer that is no success; none where it does not come or cannot be unpacked."""
    with BodyFile() as file, contextlib.suppress(CatalogueError, httpcore.NetworkError):
        body = Body(file, encoding=headers.get("content-encoding", ""), max_bytes=ERROR_BYTES)
        with contextlib.suppress(SourceRefused, httpcore.TimeoutException, httpcore.ProtocolError):
            for piece in answer.iter_stream():
                body.write(piece)
        return file.open().read()
    return b""


def payload_of(
    address: str, file: BodyFile, headers: httpx.Headers, body: tuple[str, int], validators: Validators | None = None
) -> Payload:
    """Describe a body that has come in.

    Args:
        address: where it came from.
        file: holds it.
        headers: the answer's; empty for files.
        body: its digest and its length.
        validators: what the server said of its state.
    """
    digest, size_bytes = body
    media_type, _, rest = headers.get("content-type", "").partition(";")
    charset = re.search(r"charset\s*=\s*\"?([\w.:-]+)", rest, re.IGNORECASE)
    return Payload(
        address=address,
        media_type=media_type.strip().lower(),
        charset=charset[1].lower() if charset else "",
        size_bytes=size_bytes,
        digest=digest,
        open=file.open,
        link=headers.get("link", "")[:LINK_LENGTH],
        validators=validators,
    )


@functools.cache
def _trust() -> ssl.SSLContext:
    """Read the system's certificates, once and only where something is fetched: it takes a tenth of a second."""
    return ssl.create_default_context()


def _target(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


def _broken(fault: httpcore.NetworkError | httpcore.ProtocolError, url: httpx.URL) -> Exception:
    """Say what the end of a connection means."""
    if isinstance(fault, httpcore.ProtocolError):
        return TryAgainError(SourceError("incomplete_answer", host=url.host))
    below = fault.args[0] if fault.args else None  # httpcore keeps the cause there, not in __cause__
    if isinstance(below, ssl.SSLError):
        return SourceError("no_secure_connection", host=url.host, reason=below.reason)
    return TryAgainError(SourceError("no_connection", host=url.host))


def _check_length(stated: int, answer: httpcore.Response, traffic: Traffic) -> None:
    """Refuse an answer longer than it says; a shorter one has failed already."""
    stream = answer.extensions["network_stream"]
    if stream.get_extra_info("is_readable"):
        with contextlib.suppress(httpcore.NetworkError, httpcore.TimeoutException):
            stream.read(STEP_BYTES, timeout=1.0)
    if traffic.head and traffic.body > stated:
        raise TryAgainError(SourceError("incomplete_answer", stated_bytes=stated, received_bytes=traffic.body))
