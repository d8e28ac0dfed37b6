"""The fetcher against a server that may do anything: what it brings home, what it refuses, when it gives up."""

import gzip
import json
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest

from catalogue_app.domain.errors import SourceError, SourceRefused
from harvesters.body_file import SMALL_BYTES
from harvesters.fetching import HttpFetcher
from harvesters.limits import FetchLimits
from harvesters.politeness import HostPacer
from harvesters.port import Payload, RefusedByServer
from tests.fetchers import Waits, fetcher_for
from tests.servers import Answer, Request, Responder, Server, scripted, serving

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def read(payload: Payload) -> bytes:
    with payload.open() as body:
        return body.read()


def fetch(fetcher: HttpFetcher, address: str) -> bytes:
    with fetcher.fetch(address) as payload:
        return read(payload)


def fetched(address: str, *servers: Server, **limits: Any) -> bytes:
    """Fetch one address with a fetcher of its own, which tries three times."""
    with fetcher_for(*servers, **{"retries": 2, **limits}) as fetcher:
        return fetch(fetcher, address)


def failure(respond: Responder, path: str = "/", **limits: Any) -> tuple[SourceError, Server]:
    with serving(respond) as server, pytest.raises(SourceError) as caught:
        fetched(server.address(path), server, **limits)
    return caught.value, server


@contextmanager
def played(shared_data: Path, name: str) -> Iterator[Server]:
    document = json.loads((shared_data / "malformed" / name).read_bytes())
    with serving(scripted(document, interval_s=0.05)) as server:
        yield server


def test_an_answer_comes_with_its_media_type_charset_size_and_digest() -> None:
    answer = Answer(headers={"Content-Type": 'Text/CSV; charset="GBK"'}, body=b"a,b")
    with (
        serving(lambda _: answer) as server,
        fetcher_for(server) as fetcher,
        fetcher.fetch(server.address("/x.csv"), {"q": "市 民"}) as payload,
    ):
        assert (payload.media_type, payload.charset, payload.size_bytes) == ("text/csv", "gbk", 3)
        assert len(payload.digest) == 32
        assert payload.address == server.address("/x.csv?q=%E5%B8%82+%E6%B0%91")
        assert [read(payload) for _ in range(2)] == [b"a,b", b"a,b"]
    assert server.requests[0].query == {"q": "市 民"}
    assert server.requests[0].headers["user-agent"] == FetchLimits().user_agent


@pytest.mark.parametrize("size", [1, SMALL_BYTES, SMALL_BYTES + 1, 3 * SMALL_BYTES])
def test_a_body_is_read_again_and_again_until_its_context_ends(size: int) -> None:
    body = b"x" * size
    with serving(lambda _: Answer(body=body)) as server, fetcher_for(server) as fetcher:
        with fetcher.fetch(server.address()) as payload:
            for _ in range(2):
                with payload.open() as first, payload.open() as second:
                    assert first.read() == second.read() == body
        with pytest.raises(ValueError, match="closed file"):
            payload.open()


RAW_DEFLATE = zlib.compressobj(wbits=-15)
CODINGS = {
    "gzip": gzip.compress(b"text " * 1000),
    "x-gzip": gzip.compress(b"text " * 1000),
    "deflate": zlib.compress(b"text " * 1000),
    "gzip, deflate": zlib.compress(gzip.compress(b"text " * 1000)),
    "identity": b"text " * 1000,
    "Deflate": RAW_DEFLATE.compress(b"text " * 1000) + RAW_DEFLATE.flush(),
    "": gzip.compress(b"text " * 500) + gzip.compress(b"text " * 500),
}


@pytest.mark.parametrize("coding", CODINGS)
def test_a_compressed_answer_is_decompressed(coding: str) -> None:
    headers = {"Content-Encoding": coding} if coding else {}
    pieces = [CODINGS[coding][at : at + 7] for at in range(0, len(CODINGS[coding]), 7)]
    chunked = {**headers, "Transfer-Encoding": "chunked"}
    with serving(lambda _: Answer(headers=chunked, pieces=iter(pieces))) as server:
        assert fetched(server.address(), server) == b"text " * 1000


@pytest.mark.parametrize(
    ("coding", "body", "code"),
    [
        ("br", b"whatever", "unknown_content_encoding"),
        ("gzip", b"not gzip at all", "undecodable_body"),
        ("gzip", gzip.compress(b"text " * 1000)[:-20], "incomplete_answer"),
    ],
    ids=["a coding nobody asked for", "not what it says", "cut in the middle"],
)
def test_a_body_that_cannot_be_decompressed_is_an_error(coding: str, body: bytes, code: str) -> None:
    error, _ = failure(lambda _: Answer(headers={"Content-Encoding": coding}, body=body))
    assert error.code == code


def test_a_bomb_is_stopped_while_it_unfolds(shared_data: Path) -> None:
    bomb = (shared_data / "malformed" / "04-gzip-bomb.json.gz").read_bytes()
    for limit in (64 * 1024 * 1024, FetchLimits().max_bytes):
        error, server = failure(lambda _: Answer(headers={"Content-Encoding": "gzip"}, body=bomb), max_bytes=limit)
        assert isinstance(error, SourceRefused)
        assert (error.code, len(server.requests)) == ("too_large", 1)


def test_a_bomb_in_a_file_is_stopped_as_well(shared_data: Path) -> None:
    with pytest.raises(SourceRefused, match="too_large"):
        fetched(str(shared_data / "malformed" / "04-gzip-bomb.json.gz"))


def test_a_redirect_is_followed_and_its_end_is_the_address() -> None:
    def respond(request: Request) -> Answer:
        return Answer(status=302, headers={"Location": "/b?x=1#top"}) if request.path == "/a" else Answer(body=b"here")

    with (
        serving(respond) as server,
        fetcher_for(server) as fetcher,
        fetcher.fetch(server.address("/a")) as payload,
    ):
        assert payload.address == server.address("/b?x=1")
        assert read(payload) == b"here"


def test_redirects_in_a_circle_end() -> None:
    error, server = failure(lambda _: Answer(status=301, headers={"Location": "/"}))
    assert (error.code, len(server.requests)) == ("too_many_redirects", 6)


@pytest.mark.parametrize(
    "target",
    [
        "http://xn--/",
        "http://xn--i-7iq.ws/",
        "file:///etc/passwd",
        "ftp://example.org/",
        "http://u:p@127.0.0.1/",
        "http://127.0.0.1:no/",
    ],
)
def test_a_redirect_to_what_is_no_web_address_is_refused(target: str) -> None:
    error, _ = failure(lambda _: Answer(status=302, headers={"Location": target}))
    assert isinstance(error, SourceRefused)


@pytest.mark.parametrize("path", ["/data.json", "/2.json", "/3.json"])
def test_a_redirect_to_an_inner_address_is_refused_before_connecting(shared_data: Path, path: str) -> None:
    with played(shared_data, "21-redirect-to-metadata.server.json") as server, pytest.raises(SourceRefused) as caught:
        fetched(server.address(path), server)
    assert caught.value.code == "address_not_public"
    assert len(server.requests) == 1


def test_a_private_host_nobody_named_is_refused() -> None:
    with serving(lambda _: Answer(body=b"secret")) as server, pytest.raises(SourceRefused, match="address_not_public"):
        fetched(server.address())
    assert server.requests == []


def test_a_server_that_drips_is_left_at_the_deadline(shared_data: Path) -> None:
    with played(shared_data, "22-slow-loris.server.json") as server, pytest.raises(SourceError) as caught:
        fetched(server.address("/data.json"), server, deadline_s=0.3)
    assert (caught.value.code, len(server.requests)) == ("deadline_exceeded", 1)


def test_the_time_of_a_run_is_what_its_requests_took_not_what_lies_between_them() -> None:
    with serving(lambda _: Answer(body=b"{}")) as server, fetcher_for(server, run_s=0.5) as fetcher:
        fetch(fetcher, server.address())
        time.sleep(0.6)  # as long as storing takes where many wait for one database
        assert fetch(fetcher, server.address()) == b"{}"


@pytest.mark.parametrize("path", ["/data.json", "/short.json"])
def test_an_answer_of_another_length_than_it_says_is_retried_then_failed(shared_data: Path, path: str) -> None:
    waits = Waits()
    with played(shared_data, "23-content-length-lie.server.json") as server, pytest.raises(SourceError) as caught:
        fetched(server.address(path), server, waits=waits)
    assert (caught.value.code, len(server.requests), len(waits)) == ("incomplete_answer", 3, 2)


def test_an_endless_answer_is_stopped_at_the_size_limit(shared_data: Path) -> None:
    with played(shared_data, "24-endless-chunked.server.json") as server, pytest.raises(SourceRefused) as caught:
        fetched(server.address("/data.json"), server, max_bytes=1_000_000)
    assert caught.value.code == "too_large"


def test_a_server_that_asks_for_a_long_wait_puts_the_source_off(shared_data: Path) -> None:
    waits = Waits()
    with played(shared_data, "25-rate-limit-429.server.json") as server, pytest.raises(SourceError) as caught:
        fetched(server.address(), server, waits=waits, retries=5)
    assert caught.value.code == "rate_limited"
    assert caught.value.parameters["retry_after"] == "Wed, 21 Oct 2099 07:28:00 GMT"
    assert (waits, len(server.requests)) == ([2.0], 2)


@pytest.mark.parametrize("asked", ["-1", "soon", "", "Wed, 21 Oct 2015 07:28:00 GMT"])
def test_a_wait_that_makes_no_sense_becomes_a_growing_one(asked: str) -> None:
    def respond(request: Request) -> Answer:
        return Answer(status=429, headers={"Retry-After": asked}) if request.number < 3 else Answer(body=b"at last")

    waits = Waits()
    with serving(respond) as server:
        assert fetched(server.address(), server, waits=waits) == b"at last"
    assert 0.5 <= waits[0] <= 1.0 <= waits[1] <= 2.0


def test_a_wait_stated_as_a_date_is_kept() -> None:
    date = "Tue, 24 Nov 2026 08:00:30 GMT"
    waits = Waits()
    error, server = failure(lambda _: Answer(status=503, headers={"Retry-After": date}), retries=1, waits=waits)
    assert (error.code, error.parameters["status"], waits, len(server.requests)) == ("http_status", 503, [30.0], 2)


@pytest.mark.parametrize(("status", "tries"), [(404, 1), (403, 1), (204, 1), (500, 3), (502, 3)])
def test_only_failures_that_pass_are_tried_again(status: int, tries: int) -> None:
    error, server = failure(lambda _: Answer(status=status))
    assert (error.code, error.parameters["status"], len(server.requests)) == ("http_status", status, tries)


def test_a_connection_that_breaks_is_tried_again() -> None:
    def respond(request: Request) -> Answer:
        if request.number == 1:
            raise ConnectionResetError
        return Answer(body=b"whole")

    with serving(respond) as server:
        assert fetched(server.address(), server) == b"whole"


def test_nobody_listening_is_an_error() -> None:
    with serving(lambda _: Answer()) as server:
        pass
    with pytest.raises(SourceError, match="no_connection"):
        fetched(server.address(), server)


def test_a_connection_that_cannot_be_made_secure_is_not_tried_again() -> None:
    with serving(lambda _: Answer(body=b"plain")) as server, pytest.raises(SourceError) as caught:
        fetched(f"https://{server.host}/", server)
    assert caught.value.code == "no_secure_connection"


def test_an_unknown_host_is_an_error() -> None:
    with pytest.raises(SourceError, match="host_not_found"):
        fetched("http://no-such-host.invalid/")


def test_pages_of_one_source_are_counted() -> None:
    with serving(lambda _: Answer(body=b"x")) as server, fetcher_for(server, max_pages=2) as fetcher:
        fetch(fetcher, server.address())
        fetch(fetcher, server.address())
        with pytest.raises(SourceRefused, match="too_many_pages"):
            fetch(fetcher, server.address())


def test_requests_to_one_host_keep_their_distance() -> None:
    waits = Waits()
    pacer = HostPacer(5.0, waits)
    for host in ("a", "b", "a", "a"):
        pacer.wait(host)
    assert [round(wait) for wait in waits] == [5, 10]


@pytest.mark.parametrize("address", ["file:///etc/hosts", "ftp://x/y", "gopher://x"])
def test_an_address_of_another_scheme_is_refused(address: str) -> None:
    with pytest.raises(SourceRefused, match="address_not_http"):
        fetched(address)


def test_files_and_folders_are_read_in_name_order(tmp_path: Path) -> None:
    for name in ("b.json", "a.json", ".hidden"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    (tmp_path / "sub").mkdir()
    with fetcher_for() as fetcher:
        assert [fetch(fetcher, address) for address in fetcher.expand(str(tmp_path))] == [b"a.json", b"b.json"]
        assert fetcher.expand("https://example.org/x") == ("https://example.org/x",)


def test_an_empty_folder_a_missing_file_and_a_device_are_errors(tmp_path: Path) -> None:
    with fetcher_for() as fetcher, pytest.raises(SourceError, match="empty_folder"):
        fetcher.expand(str(tmp_path))
    with pytest.raises(SourceError, match="unreadable_file"):
        fetched(str(tmp_path / "none.csv"))
    with pytest.raises(SourceRefused, match="not_a_file"):
        fetched("/dev/zero")


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * 2000)
    with pytest.raises(SourceRefused, match="too_large"):
        fetched(str(tmp_path / "big"), max_bytes=1000)


def test_an_interim_answer_is_not_counted_as_body() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"ok"

    with serving(lambda _: Answer(status=103, headers={"Link": "</s.css>"}, pieces=_then_final(pieces()))) as server:
        assert fetched(server.address(), server) == b"ok"


def _then_final(body: Iterator[bytes]) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    yield from body


def test_silence_without_end_is_bounded() -> None:
    error, _ = failure(
        lambda _: Answer(headers={"Content-Length": "9"}, pieces=repeat(b"", 1000), pause_s=0.01), deadline_s=0.2
    )
    assert error.code == "deadline_exceeded"


@pytest.mark.parametrize(("status", "coding"), [(422, ""), (404, "gzip"), (503, "")])
def test_what_a_server_says_when_it_refuses_is_kept_for_who_understands_it(status: int, coding: str) -> None:
    body = gzip.compress(b"<error/>") if coding else b"<error/>"
    headers = {"Content-Encoding": coding} if coding else {}
    error, _ = failure(lambda _: Answer(status=status, headers=headers, body=body), retries=0)
    assert isinstance(error, RefusedByServer)
    assert (error.code, error.status, error.body) == ("http_status", status, b"<error/>")
    assert "<error/>" not in str(error)


def test_of_a_refusal_only_its_beginning_is_read() -> None:
    endless = repeat(b"x" * 10_000)
    error, _ = failure(lambda _: Answer(status=404, headers={"Transfer-Encoding": "chunked"}, pieces=endless))
    assert isinstance(error, RefusedByServer)
    assert len(error.body) <= 65_536


def test_a_refusal_that_drips_is_a_refusal_all_the_same() -> None:
    error, _ = failure(
        lambda _: Answer(status=404, headers={"Content-Length": "99"}, pieces=repeat(b"x", 99), pause_s=0.05),
        deadline_s=0.3,
    )
    assert error.code == "http_status"


def test_a_document_may_be_sent_and_goes_along_with_a_redirect() -> None:
    def respond(request: Request) -> Answer:
        moved = Answer(status=307, headers={"Location": "/b"})
        return moved if request.path == "/a" else Answer(body=request.body)

    with serving(respond) as server, fetcher_for(server) as fetcher:
        with fetcher.post(server.address("/a"), "<q>民</q>".encode(), "application/xml") as payload:
            assert read(payload) == "<q>民</q>".encode()
        assert [request.method for request in server.requests] == ["POST", "POST"]
        assert server.requests[1].headers["content-type"] == "application/xml"
