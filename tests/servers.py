"""A loopback web server that answers as a test says, honestly or not, and plays `data/malformed/*.server.json`."""

import socket
import socketserver
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request as it came; `number` counts from 1."""

    number: int
    target: str
    headers: Mapping[str, str]
    method: str = "GET"
    body: bytes = b""

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query))


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What to send: no header is added to those named, except the length where neither it nor chunks are.

    Attributes:
        pieces: sent one by one in place of the body, as chunks where the headers say so.
        pause_s: seconds before each piece.
    """

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    pieces: Iterator[bytes] | None = None
    pause_s: float = 0.0


ROBOTS = "/robots.txt"

Responder = Callable[[Request], Answer]


class Server:
    """A running server: where it is, what it was asked, and over how many connections."""

    def __init__(self, respond: Responder, *, has_robots: bool = False) -> None:
        self.requests: list[Request] = []
        self.connections = 0
        self._has_robots = has_robots
        self._respond = respond
        self._tcp = _Tcp(("127.0.0.1", 0), _Connection)
        self._tcp.server = self

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._tcp.server_address[1]}"

    def address(self, path: str = "/") -> str:
        return f"http://{self.host}{path}"

    def answer(self, target: str, headers: Mapping[str, str], method: str, body: bytes) -> Answer:
        if target == ROBOTS and not self._has_robots:
            return Answer(status=404)
        number = len(self.requests) + 1
        request = Request(number=number, target=target, headers=headers, method=method, body=body)
        self.requests.append(request)
        return self._respond(request)

    @contextmanager
    def running(self) -> Iterator["Server"]:
        thread = threading.Thread(target=self._tcp.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._tcp.is_over.set()
            self._tcp.shutdown()
            self._tcp.server_close()
            thread.join()


class _Tcp(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    request_queue_size = 128  # a call that finds the queue full is not answered for a second
    daemon_threads = True
    block_on_close = True
    server: Server

    def __init__(self, *where: Any) -> None:
        super().__init__(*where)
        self.is_over = threading.Event()


class _Connection(socketserver.StreamRequestHandler):
    REASONS: ClassVar[Mapping[int, str]] = {200: "OK", 302: "Found", 404: "Not Found", 429: "Too Many Requests"}
    disable_nagle_algorithm = True  # else the second part of an answer waits for the first to be confirmed
    server: _Tcp

    def handle(self) -> None:
        self.server.server.connections += 1
        if not self.connection.recv(1, socket.MSG_PEEK).isalpha():
            self.connection.recv(65_536)  # somebody speaks TLS
            self.wfile.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            return
        while self._answer_one():
            pass

    def _answer_one(self) -> bool:
        """Answer one request; says whether another may follow it."""
        head = self.rfile.readline().decode("latin-1").split(" ")
        lines = iter(lambda: self.rfile.readline().decode("latin-1").strip(), "")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if len(head) < 2:
            return False
        try:
            body = self.rfile.read(int(headers.get("content-length", "0")))
            answer = self.server.server.answer(head[1], headers, head[0], body)
            return self._send(answer) and headers.get("connection", "").lower() != "close"
        except OSError:
            return False  # the client went away, as a guarded client does

    def _send(self, answer: Answer) -> bool:
        """Send an answer; says whether it ended where it said, so that the connection may go on."""
        headers = {name.lower(): value for name, value in answer.headers.items()}
        is_chunked = headers.get("transfer-encoding") == "chunked"
        if answer.pieces is None and not is_chunked:
            headers.setdefault("content-length", str(len(answer.body)))
        lines = [f"HTTP/1.1 {answer.status} {self.REASONS.get(answer.status, 'Answer')}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.wfile.write("\r\n".join([*lines, "", ""]).encode())
        for piece in answer.pieces if answer.pieces is not None else [answer.body]:
            if self.server.is_over.wait(answer.pause_s) if answer.pause_s else self.server.is_over.is_set():
                return False
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if is_chunked else piece)
        if is_chunked:
            self.wfile.write(b"0\r\n\r\n")
        return answer.pieces is None and headers.get("content-length", "") == str(len(answer.body))


@contextmanager
def serving(respond: Responder, *, has_robots: bool = False) -> Iterator[Server]:
    """Run a server for the length of a test; unless it `has_robots`, questions for robots.txt are answered with 404."""
    with Server(respond, has_robots=has_robots).running() as server:
        yield server


def scripted(document: Mapping[str, Any], *, interval_s: float) -> Responder:
    """Play the steps of a `server.json`, with its pauses shortened to `interval_s`."""
    steps: Sequence[Mapping[str, Any]] = document["steps"]

    def respond(request: Request) -> Answer:
        step = next((it for it in steps if _is_meant(it, request)), steps[-1])
        return _played(step, interval_s)

    return respond


def _is_meant(step: Mapping[str, Any], request: Request) -> bool:
    if "path" in step:
        return bool(step["path"] == request.path)
    return bool(step.get("match") in {f"request {request.number}", f"run {request.number}"})


def _played(step: Mapping[str, Any], interval_s: float) -> Answer:
    body = str(step.get("body", "")).encode()
    headers = dict(step.get("headers", {}))
    if "send" in step:
        size = int(step["send"]["bytes_per_interval"])
        pieces = (body[at : at + size] for at in range(0, len(body), size))
        headers["Content-Length"] = str(len(body))
        return Answer(status=step["status"], headers=headers, pieces=pieces, pause_s=interval_s)
    if "body_repeat" in step:
        return Answer(status=step["status"], headers=headers, pieces=_endless(step["body_repeat"]))
    return Answer(status=step["status"], headers=headers, body=body)


def _endless(body: Mapping[str, Any]) -> Iterator[bytes]:
    yield str(body["prefix"]).encode()
    yield from repeat(str(body["unit"]).encode() * 100)


def wait_until(is_so: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Wait for what a server thread does."""
    end = time.monotonic() + seconds
    while not is_so() and time.monotonic() < end:
        time.sleep(0.01)
    return is_so()
