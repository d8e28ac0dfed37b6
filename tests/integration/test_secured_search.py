"""Elasticsearch behind TLS and a name with password, or an API key: what an installation's own cluster asks for."""

import base64
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from threading import Thread
from urllib.parse import quote, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from catalogue_app.domain.errors import SearchUnavailable
from indexing.elastic.connection import Connection
from indexing.elastic.engine import ElasticEngine
from tests.search_shared import search_url
from tests.searching import a_language, ask, discard, ids, keep, some_entries, system_clock

pytestmark = pytest.mark.engines

USER = "catalogue"
PASSWORD = "p@ss:word/密"  # noqa: S105 — of this test's own cluster
API_KEY = "a1b2c3:secret-of-the-key"
REFUSED = b'{"error":{"type":"security_exception","reason":"unable to authenticate"},"status":401}'


def a_certificate(folder: Path) -> tuple[Path, Path]:
    """Make a key and a certificate of 127.0.0.1 that signs itself; returns the files of both."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "search.test")])
    now = datetime.now(UTC)  # noqa: TID251 — checked by the system's clock
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    key_file, certificate_file = folder / "key.pem", folder / "certificate.pem"
    form = serialization.PrivateFormat.PKCS8
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))
    certificate_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return key_file, certificate_file


def basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


ADMITTED = {basic(USER, PASSWORD), f"ApiKey {API_KEY}"}


class Gate(BaseHTTPRequestHandler):
    """Lets whoever is admitted through to the cluster."""

    protocol_version = "HTTP/1.1"

    def pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if self.headers.get("Authorization") not in ADMITTED:
            self._answer(401, {"Content-Type": "application/json", "X-Elastic-Product": "Elasticsearch"}, REFUSED)
            return
        cluster = urlsplit(search_url())
        assert cluster.hostname is not None
        behind = HTTPConnection(cluster.hostname, cluster.port, timeout=60)
        passed = {name: value for name, value in self.headers.items() if name.lower() not in {"host", "authorization"}}
        behind.request(self.command, self.path, body, passed)
        answer = behind.getresponse()
        left_out = {"content-length", "transfer-encoding", "connection"}
        headers = {name: value for name, value in answer.getheaders() if name.lower() not in left_out}
        self._answer(answer.status, headers, answer.read())
        behind.close()

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = pass_on  # noqa: N815 — names that the library asks for

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 — the library's name
        """Say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Secured:
    """A cluster that is asked over TLS by those it knows."""

    address: str
    ca_file: Path


@contextmanager
def a_secured_cluster(folder: Path) -> Iterator[Secured]:
    key, certificate = a_certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Gate)
    server.daemon_threads = True
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Secured(address=f"https://127.0.0.1:{server.server_port}", ca_file=certificate)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(30)


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[Secured]:
    with a_secured_cluster(tmp_path) as cluster:
        yield cluster


def an_engine(connection: Connection) -> ElasticEngine:
    return ElasticEngine(connection, "secured", a_language, system_clock)


@pytest.mark.parametrize("way", ["password", "address", "key"])
def test_a_cluster_that_asks_who_it_is_is_fed_and_searched(secured: Secured, way: str) -> None:
    plain = Connection(urls=(secured.address,), ca_file=str(secured.ca_file))
    named = secured.address.replace("://", f"://{USER}:{quote(PASSWORD, safe='')}@")
    connections = {
        "password": replace(plain, user=USER, password=PASSWORD),
        "address": replace(plain, urls=(named,)),
        "key": replace(plain, api_key=API_KEY),
    }
    engine = an_engine(connections[way])
    entries = some_entries(5)
    try:
        keep(engine, *entries)
        assert set(ids(ask(engine))) == {entry.id for entry in entries}
    finally:
        discard(engine)


def test_who_is_not_known_is_told_so_and_no_secret_is_in_the_words(secured: Secured) -> None:
    plain = Connection(urls=(secured.address,), ca_file=str(secured.ca_file))
    unknown = replace(plain, user=USER, password="wrong-one")  # noqa: S106 — as above
    with pytest.raises(SearchUnavailable) as refusal:
        ask(an_engine(unknown))
    assert refusal.value.parameters == {"why": "security_exception", "status": 401}
    assert "wrong-one" not in f"{refusal.value!r} {unknown!r}"


def test_a_cluster_whose_certificate_nobody_vouches_for_is_not_talked_to(secured: Secured) -> None:
    trusting = Connection(urls=(secured.address,), user=USER, password=PASSWORD)
    with pytest.raises(SearchUnavailable) as refusal:
        ask(an_engine(trusting))
    assert refusal.value.parameters == {"why": "TlsError"}
