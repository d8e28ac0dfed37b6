"""Connections that are guarded at the moment of connecting, end at one deadline, and know what went over them."""

import re
import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any, Final, final

import httpcore

from catalogue_app.domain.errors import SourceError
from harvesters.addresses import AddressGuard

CONNECT_S: Final = 15.0
KEPT_S: Final = 4.0
"""A connection is used again only so long after its last use: many servers end it after five seconds."""
IDLE_S: Final = 30.0
"""Longest silence between two pieces of an answer; the deadline holds beside it."""

_HEAD_END: Final = b"\r\n\r\n"
_HEAD_BYTES: Final = 262_144
_INTERIM: Final = re.compile(rb"HTTP/\S+ 1\d\d")


@final
class Deadline:
    """One instant by which a whole request must be over, however slowly it drips."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin to count."""
        self._clock = clock
        self._end = clock() + seconds

    @property
    def left_s(self) -> float:
        """Seconds that are left; 0 or less when it is over."""
        return self._end - self._clock()

    def limit(self, seconds: float | None) -> float:
        """Return how long one step may take: what was asked for, or what is left.

        Raises:
            SourceError: `deadline_exceeded`, nothing is left.
        """
        left = self.left_s
        if left <= 0:
            raise SourceError("deadline_exceeded")
        return left if seconds is None else min(seconds, left)

    def shorten(self, seconds: float) -> None:
        """Leave at most so many seconds from now."""
        self._end = min(self._end, self._clock() + seconds)


@final
class Watch:
    """What is watched over one request.

    Attributes:
        deadline: its end.
        traffic: what was received for it.
        is_first: it is the first on its connection, or on none; else the connection had served another before.
    """

    def __init__(self, deadline: Deadline) -> None:
        """Begin with nothing received."""
        self.deadline: Final = deadline
        self.traffic: Final = Traffic()
        self.is_first = False


@final
class GuardedBackend(httpcore.NetworkBackend):
    """Connects to checked addresses only; every step on its connections belongs to the request under way."""

    def __init__(self, guard: AddressGuard) -> None:
        """Connect to nothing yet."""
        self._guard = guard
        self._plain = httpcore.SyncBackend()
        self.watch = Watch(Deadline(0.0))

    def begin(self, deadline: Deadline) -> Watch:
        """Begin a request; what connections do from now on is done for it."""
        self.watch = Watch(deadline)
        return self.watch

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address of the host that answers, all of them having been checked."""
        self.watch.is_first = True
        fault: httpcore.NetworkError | httpcore.TimeoutException | None = None
        for address in self._guard.resolve(host, port):
            limit = self.watch.deadline.limit(timeout)
            try:
                stream = self._plain.connect_tcp(address, port, limit, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                fault = error
                continue
            return WatchedStream(stream, self)
        raise fault or httpcore.ConnectError(host)


@final
class Traffic:
    """What was received for one request: bytes in all, and where the answer's head ended."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.received = 0
        self.head = 0
        self._start = b""

    def add(self, piece: bytes) -> None:
        """Count a piece; interim answers (status 1xx) count as head."""
        self.received += len(piece)
        if self.head or len(self._start) > _HEAD_BYTES:
            return
        self._start += piece
        while (end := self._start.find(_HEAD_END)) >= 0:
            head, self._start = self._start[:end], self._start[end + len(_HEAD_END) :]
            if not _INTERIM.match(head):
                self.head, self._start = self.received - len(self._start), b""
                return

    @property
    def body(self) -> int:
        """Bytes received after the head."""
        return self.received - self.head


@final
class WatchedStream(httpcore.NetworkStream):
    """A stream whose every step ends by the deadline of the request under way and is counted for it."""

    def __init__(self, stream: httpcore.NetworkStream, backend: GuardedBackend) -> None:
        """Wrap a connected stream."""
        self._stream, self._backend = stream, backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read a piece."""
        watch = self._backend.watch
        piece = self._stream.read(max_bytes, watch.deadline.limit(timeout))
        watch.traffic.add(piece)
        return piece

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it."""
        self._stream.write(buffer, self._backend.watch.deadline.limit(timeout))

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Go on encrypted; the name is checked against the certificate, the address was checked before."""
        inner = self._stream.start_tls(ssl_context, server_hostname, self._backend.watch.deadline.limit(timeout))
        self._stream = inner
        return self

    def get_extra_info(self, info: str) -> Any:
        """Ask the stream below."""
        return self._stream.get_extra_info(info)
