"""The questions of one run share a connection: what is gained by it, and that nothing is lost where it ends."""

import socketserver
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from catalogue_app.domain.errors import SourceError
from harvesters.conditional import Conditions, Remembered
from harvesters.connection import KEPT_S
from harvesters.fetching import HttpFetcher, Manners
from harvesters.limits import FetchLimits
from harvesters.politeness import HostPacer, Places
from harvesters.port import Payload
from tests.fetchers import fetcher_for
from tests.servers import Answer, Request, Responder, Server, serving

NOW = datetime(2026, 11, 24, tzinfo=UTC)


class Pages:
    """Pages as they were last received, as a catalogue remembers them."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[Remembered, bytes]] = {}

    def keep(self, payload: Payload, body: bytes) -> None:
        assert payload.validators is not None
        self.kept[payload.address] = (
            Remembered(
                digest=payload.digest,
                size_bytes=payload.size_bytes,
                media_type=payload.media_type,
                charset=payload.charset,
                link=payload.link,
                validators=payload.validators,
            ),
            body,
        )

    def recall(self, address: str) -> Remembered | None:
        return self.kept[address][0] if address in self.kept else None

    def body(self, digest: str) -> Iterator[bytes]:
        yield next(body for known, body in self.kept.values() if known.digest == digest)

    def conditions(self) -> Conditions:
        return Conditions(self, lambda: NOW, timedelta(days=7))


def fetch(fetcher: HttpFetcher, address: str) -> bytes:
    with fetcher.fetch(address) as payload, payload.open() as body:
        return body.read()


def echo(request: Request) -> Answer:
    return Answer(body=request.path.encode())


def unanswered(numbers: set[int]) -> Responder:
    """Answer with the path, but end the connection at the requests of these numbers."""

    def respond(request: Request) -> Answer:
        if request.number in numbers:
            raise ConnectionResetError
        return echo(request)

    return respond


@contextmanager
def raw(answers: Mapping[bytes, bytes]) -> Iterator[str]:
    """Answer each path with its bytes, whatever they are, and leave connections open; yields the host."""

    class Connection(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(ConnectionResetError):
                while line := self.rfile.readline():
                    path = line.split()[1]
                    while line.strip():
                        line = self.rfile.readline()
                    self.wfile.write(answers[path])

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Connection) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def test_the_pages_of_a_run_come_over_one_connection() -> None:
    with serving(echo) as server, fetcher_for(server) as fetcher:
        assert [fetch(fetcher, server.address(f"/{page}")) for page in range(5)] == [b"/0", b"/1", b"/2", b"/3", b"/4"]
        assert server.connections == 1
        with fetcher.post(server.address("/5"), b"?", "text/plain") as payload, payload.open() as body:
            assert body.read() == b"/5"
        assert server.connections == 1


def test_every_run_has_connections_of_its_own() -> None:
    with serving(echo) as server:
        for _ in range(2):
            with fetcher_for(server) as fetcher:
                fetch(fetcher, server.address("/x"))
        assert server.connections == 2


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_kept_connection_that_the_server_ended_costs_no_try(method: str) -> None:
    with serving(unanswered({2})) as server, fetcher_for(server, retries=0) as fetcher:
        fetch(fetcher, server.address("/1"))
        if method == "get":
            assert fetch(fetcher, server.address("/2")) == b"/2"
        else:
            with fetcher.post(server.address("/2"), b"?", "text/plain") as payload, payload.open() as body:
                assert body.read() == b"/2"
        assert [request.path for request in server.requests] == ["/1", "/2", "/2"]
        assert server.connections == 2


def test_what_fails_on_a_connection_of_its_own_has_failed() -> None:
    with serving(unanswered({2, 3})) as server, fetcher_for(server, retries=0) as fetcher:
        fetch(fetcher, server.address("/1"))
        with pytest.raises(SourceError, match=r"incomplete_answer|no_connection"):
            fetch(fetcher, server.address("/2"))
        assert len(server.requests) == 3
        assert fetch(fetcher, server.address("/4")) == b"/4"


def test_a_server_that_ends_each_connection_without_a_word_is_read_all_the_same() -> None:
    def respond(request: Request) -> Answer:
        return Answer(headers={"Content-Length": "2"}, pieces=iter([request.path.encode()]))

    with serving(respond) as server, fetcher_for(server, retries=0) as fetcher:
        assert [fetch(fetcher, server.address(f"/{page}")) for page in range(9)] == [b"/%d" % it for it in range(9)]
        assert server.connections == 9


def test_what_an_answer_sent_too_much_is_never_the_next_answer() -> None:
    second = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong"

    def respond(request: Request) -> Answer:
        is_first = request.number == 1
        return Answer(headers={"Content-Length": "2"}, body=b"/1" + second) if is_first else echo(request)

    with serving(respond) as server, fetcher_for(server, retries=0) as fetcher:
        with pytest.raises(SourceError, match="incomplete_answer"):
            fetch(fetcher, server.address("/1"))
        assert fetch(fetcher, server.address("/2")) == b"/2"


@pytest.mark.parametrize(
    "more", [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong", b"HTTP/1.1 200 OK\r\n", b"\r\n"]
)
def test_what_follows_an_answer_of_unstated_length_is_never_the_next_answer(more: bytes) -> None:
    whole = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n/1\r\n0\r\n\r\n"
    right = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n/2"
    with (
        raw({b"/1": whole + more, b"/2": right}) as host,
        fetcher_for(allowed_private_hosts=frozenset({host})) as fetcher,
    ):
        assert [fetch(fetcher, f"http://{host}/{page}") for page in (1, 2)] == [b"/1", b"/2"]


def test_each_question_has_a_deadline_of_its_own() -> None:
    def respond(request: Request) -> Answer:
        return replace(echo(request), pause_s=0.6 if request.number < 4 else 9.0)

    with serving(respond) as server, fetcher_for(server, retries=0, deadline_s=1.5) as fetcher:
        assert [fetch(fetcher, server.address(f"/{page}")) for page in (1, 2, 3)] == [b"/1", b"/2", b"/3"]
        with pytest.raises(SourceError, match=r"deadline_exceeded|no_answer_in_time"):
            fetch(fetcher, server.address("/4"))
        assert server.connections == 1


def test_a_connection_is_kept_for_less_than_servers_keep_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = time.monotonic
    with serving(echo) as server, fetcher_for(server) as fetcher:
        fetch(fetcher, server.address("/1"))
        monkeypatch.setattr(time, "monotonic", lambda: real() + KEPT_S + 0.1)
        fetch(fetcher, server.address("/2"))
        assert server.connections == 2


def test_each_host_has_a_connection_of_its_own() -> None:
    with serving(echo) as one, serving(echo) as other, fetcher_for(one, other) as fetcher:
        for server in (one, other, one, other):
            fetch(fetcher, server.address("/x"))
        assert (one.connections, other.connections) == (1, 1)


def test_a_page_that_did_not_change_keeps_the_connection() -> None:
    def respond(request: Request) -> Answer:
        return Answer(status=304) if "if-none-match" in request.headers else Answer(headers={"ETag": '"1"'}, body=b"x")

    with serving(respond) as server:
        addresses = [server.address(f"/{page}") for page in range(4)]
        pages = Pages()
        with fetcher_for(server, conditions=pages.conditions()) as fetcher:
            for address in addresses:
                with fetcher.fetch(address) as payload, payload.open() as body:
                    pages.keep(payload, body.read())
        with fetcher_for(server, conditions=pages.conditions()) as fetcher:
            assert [fetch(fetcher, address) for address in addresses] == [b"x"] * 4
        assert [request.headers.get("if-none-match") for request in server.requests[4:]] == ['"1"'] * 4
        assert server.connections == 2


def test_a_word_of_goodbye_on_a_kept_connection_is_no_answer() -> None:
    def respond(request: Request) -> Answer:
        return Answer(status=408) if request.number == 2 else echo(request)

    with serving(respond) as server, fetcher_for(server, retries=0) as fetcher:
        assert [fetch(fetcher, server.address(f"/{page}")) for page in (1, 2)] == [b"/1", b"/2"]
        assert server.connections == 2


def test_a_host_is_spared_also_where_a_question_is_asked_again() -> None:
    began: list[float] = []

    def respond(request: Request) -> Answer:
        began.append(time.monotonic())
        if request.number == 2:
            raise ConnectionResetError
        return echo(request)

    with serving(respond) as server, fetcher_for(server, retries=0, pacer=HostPacer(0.3)) as fetcher:
        assert [fetch(fetcher, server.address(f"/{page}")) for page in (1, 2)] == [b"/1", b"/2"]
    assert min(later - earlier for earlier, later in pairwise(began)) > 0.15


def side_by_side(count: int, do: Callable[[], None]) -> None:
    threads = [threading.Thread(target=do) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_only_so_many_are_asked_at_once_and_waiting_is_no_time_of_a_run() -> None:
    lock, now, most, read = threading.Lock(), [0], [0], list[bytes]()

    def respond(request: Request) -> Answer:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        time.sleep(0.4)
        with lock:
            now[0] -= 1
        return echo(request)

    def run(server: Server, manners: Manners) -> None:
        limits = FetchLimits(allowed_private_hosts=frozenset({server.host}), retries=0, run_s=1.5)
        with HttpFetcher(limits, lambda: NOW, manners=manners) as fetcher:
            read.extend(fetch(fetcher, server.address(f"/{page}")) for page in (1, 2))

    with serving(respond, has_robots=True) as server:
        manners = Manners(asking=Places(2))
        side_by_side(8, lambda: run(server, manners))
    assert sorted(read) == [b"/1"] * 8 + [b"/2"] * 8
    assert most == [2]
