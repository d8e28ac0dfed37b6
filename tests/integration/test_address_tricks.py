"""Tricks that make a fetcher go where it must not: a listener on this machine is never reached by any of them.

Names are resolved by a table of the test's own, so that no name server is asked and each may answer as it likes; what
is no name goes to the system's resolver, which knows every way to write an IPv4 address.
"""

import re
import select
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pytest_socket import SocketConnectBlockedError

from catalogue_app.domain.errors import SourceError
from harvesters.addresses import AddressGuard
from tests.fetchers import fetcher_for
from tests.servers import Answer, Server, serving

PUBLIC = "93.184.216.34"

HERE = [
    # Plain, and everything that means this machine
    "http://127.0.0.1:{port}/", "http://127.0.0.2:{port}/", "http://127.255.255.254:{port}/", "http://0.0.0.0:{port}/",
    "http://0:{port}/", "http://localhost:{port}/", "http://LOCALHOST:{port}/", "http://localhost.:{port}/",
    "http://localhost.localdomain:{port}/", "http://ip6-loopback:{port}/", "http://sub.localhost:{port}/",
    # Other ways to write an IPv4 address: decimal, hexadecimal, octal, short, overflowing, padded, with a last dot
    "http://2130706433:{port}/", "http://0x7f000001:{port}/", "http://0x7F.0x0.0x0.0x1:{port}/",
    "http://017700000001:{port}/", "http://0177.0.0.1:{port}/", "http://00000177.0000.0.1:{port}/",
    "http://127.1:{port}/", "http://127.0.1:{port}/", "http://0x7f.1:{port}/", "http://0177.1:{port}/",
    "http://127.0.0.01:{port}/", "http://127.0.0.1.:{port}/", "http://6425673729:{port}/",
    # IPv6: itself, unspecified, mapped, compatible, NAT64, 6to4, Teredo, ISATAP, zones
    "http://[::1]:{port}/", "http://[::]:{port}/", "http://[0:0:0:0:0:0:0:1]:{port}/", "http://[0000::0001]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/", "http://[::ffff:7f00:1]:{port}/", "http://[::127.0.0.1]:{port}/",
    "http://[64:ff9b::127.0.0.1]:{port}/", "http://[64:ff9b:1::127.0.0.1]:{port}/", "http://[2002:7f00:1::]:{port}/",
    "http://[2001:0:7f00:1::80ff:fffe]:{port}/", "http://[2606:4700::5efe:127.0.0.1]:{port}/",
    "http://[::1%25lo]:{port}/", "http://[fe80::1%lo]:{port}/", "http://[::ffff:127.0.0.1%25lo]:{port}/",
    # Characters that become digits, dots and letters
    "http://１２７.０.０.１:{port}/", "http://①②⑦.⓪.⓪.①:{port}/", "http://127。0。0。1:{port}/",
    "http://127．0．0．1:{port}/", "http://127｡0｡0｡1:{port}/", "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{port}/",
    "http://ｌｏｃａｌｈｏｓｔ:{port}/", "http://loc\u00adalhost:{port}/", "http://local\u200bhost:{port}/",
    # Credentials, and texts that look like a host to one reader and not to another
    "http://user:s3cret@127.0.0.1:{port}/", "http://example.org@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}@example.org/", "http://127.0.0.1:{port}#@example.org/",
    "http://127.0.0.1:{port}\\@example.org/", "http://example.org\\@127.0.0.1:{port}/", "http:\\\\127.0.0.1:{port}/",
    "http:/127.0.0.1:{port}/", "http:127.0.0.1:{port}/", "http:///127.0.0.1:{port}/", "//127.0.0.1:{port}/",
    "http://127.0.0.1:{port}%2f@example.org/", "http://%31%32%37.0.0.1:{port}/", "http://127.0.0.1%00.example.org:{port}/",
    # Line breaks, blanks, tabs, ports
    "http://127.0.0.1%0d%0a:{port}/", "http://127.0.0.1:{port}\r\nHost: example.org/", "http://127.0.0.1\t:{port}/",
    "http://127.0.0.1 :{port}/", " http://127.0.0.1:{port}/", "http://127.0.0.1:0{port}/", "http://127.0.0.1:+{port}/",
    # Schemes
    "file:///etc/hostname", "file://127.0.0.1:{port}/etc/hostname", "gopher://127.0.0.1:{port}/_GET%20/",
    "dict://127.0.0.1:{port}/", "ftp://127.0.0.1:{port}/", "ldap://127.0.0.1:{port}/", "ws://127.0.0.1:{port}/",
    "jar:http://127.0.0.1:{port}/!/", "view-source:http://127.0.0.1:{port}/", "HTTP://127.0.0.1:{port}/",
    "https://127.0.0.1:{port}/",
    # Names that answer with it
    "http://inward.example:{port}/", "http://inward6.example:{port}/", "http://mapped.example:{port}/",
    "http://mixed.example:{port}/", "http://127.0.0.1.nip.example:{port}/",
]  # fmt: skip
ELSEWHERE = [
    # Where clouds answer, private networks, carriers' networks, everybody
    "http://169.254.169.254/latest/meta-data/", "http://2852039166/", "http://0xa9fea9fe/", "http://[::ffff:a9fe:a9fe]/",
    "http://[fd00:ec2::254]/", "http://100.100.100.200/", "http://192.0.0.192/", "http://168.63.129.16/",
    "http://[::ffff:168.63.129.16]/", "http://metadata.example/", "http://10.0.0.1/", "http://172.16.0.1/",
    "http://172.31.255.255/", "http://192.168.0.1/", "http://100.64.0.1/", "http://198.18.0.1/", "http://224.0.0.1/",
    "http://239.255.255.250:1900/", "http://240.0.0.1/", "http://255.255.255.255/", "http://[ff02::1]/",
    "http://[fc00::1]/", "http://[fec0::1]/", "http://[fe80::1]/", "http://[100::1]/", "http://[2001:db8::1]/",
]  # fmt: skip
TRICKS = [*HERE, *ELSEWHERE]
REFUSALS = {
    "address_not_public",
    "address_not_http",
    "credentials_in_address",
    "invalid_address",
    "host_not_found",
    "unreadable_file",
}
ANSWERS: dict[str, list[list[str]]] = {
    "localhost": [["127.0.0.1"]],
    "localhost.": [["127.0.0.1"]],
    "localhost.localdomain": [["127.0.0.1"]],
    "ip6-loopback": [["::1"]],
    "sub.localhost": [["127.0.0.1"]],
    "127.0.0.1.": [["127.0.0.1"]],
    "127.0.0.1.nip.example": [["127.0.0.1"]],
    "inward.example": [["127.0.0.1"]],
    "inward6.example": [["::1"]],
    "mapped.example": [["::ffff:127.0.0.1"]],
    "mixed.example": [[PUBLIC, "127.0.0.1"]],
    "metadata.example": [["169.254.169.254"]],
    "inner.example": [["10.0.0.7"]],
    "rebound.example": [[PUBLIC], ["127.0.0.1"]],
}
"""Name to what it answers the first time, the second time, and ever after."""

NUMERIC = re.compile(r"[0-9a-fx.:%]+(?:lo)?", re.IGNORECASE)


class Names:
    """Resolves names by the table, and counts how often each was asked for."""

    def __init__(self, real: Callable[..., Any]) -> None:
        self._real = real
        self.asked: list[str] = []

    def __call__(self, host: str, port: int, *rest: Any, **more: Any) -> Any:
        if host in ANSWERS:
            answers = ANSWERS[host]
            answer = answers[min(self.asked.count(host), len(answers) - 1)]
            self.asked.append(host)
            return [place for address in answer for place in self._real(address, port, *rest, **more)]
        if NUMERIC.fullmatch(host):
            return self._real(host, port, *rest, **more)
        raise socket.gaierror(socket.EAI_NONAME, "no such name")


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    names = Names(socket.getaddrinfo)
    monkeypatch.setattr(socket, "getaddrinfo", names)
    return names


@contextmanager
def listening() -> Iterator[socket.socket]:
    """Listen on every address of this machine, of both families where it has both."""
    is_dual = socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if is_dual else socket.AF_INET
    with socket.create_server(("", 0), family=family, dualstack_ipv6=is_dual) as listener:
        yield listener


def port_of(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])


def is_reached(listener: socket.socket) -> bool:
    """Tell whether anybody connected."""
    return bool(select.select([listener], [], [], 0)[0])


def refusal(address: str, *servers: Server, **limits: Any) -> SourceError:
    limited = {"deadline_s": 5.0, **limits}
    with fetcher_for(*servers, **limited) as fetcher, pytest.raises(SourceError) as caught, fetcher.fetch(address):
        pass
    return caught.value


def test_there_are_enough_tricks() -> None:
    assert len(set(TRICKS)) == len(TRICKS) >= 60


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("trick", TRICKS)
def test_a_trick_reaches_nothing(trick: str) -> None:
    with listening() as listener:
        error = refusal(trick.replace("{port}", str(port_of(listener))))
        assert not is_reached(listener)
    assert error.code in REFUSALS
    assert "s3cret" not in str(error)


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("hops", [1, 2, 4])
@pytest.mark.parametrize("trick", [trick for trick in TRICKS if not re.search(r"[\r\n\t]|^ ", trick)])
def test_a_redirect_to_a_trick_reaches_nothing(trick: str, hops: int) -> None:
    with listening() as listener:
        target = trick.replace("{port}", str(port_of(listener)))

        def location(number: int) -> str:
            return target if number == hops else f"/{number}"

        with serving(lambda it: Answer(status=302, headers={"Location": location(it.number)})) as server:
            # A target without a host of its own stays on the server, which is asked until redirects run out.
            error = refusal(server.address(), server)
            assert not is_reached(listener)
    assert error.code in REFUSALS | {"too_many_redirects"}


def test_the_listener_would_be_reached() -> None:
    with listening() as listener:
        host = f"127.0.0.1:{port_of(listener)}"
        error = refusal(f"http://{host}/", allowed_private_hosts=frozenset({host}), deadline_s=0.3)
        assert is_reached(listener)
    assert error.code in {"deadline_exceeded", "no_answer_in_time"}


def test_a_name_that_changes_its_answer_gains_nothing(names: Names) -> None:
    with listening() as listener:
        with pytest.raises(SocketConnectBlockedError, match=PUBLIC):
            refusal(f"http://rebound.example:{port_of(listener)}/")
        assert names.asked == ["rebound.example"], "it is asked once, and what was checked is what is connected to"
        assert refusal(f"http://rebound.example:{port_of(listener)}/").code == "address_not_public"
        assert not is_reached(listener)


@pytest.mark.usefixtures("names")
def test_a_name_that_may_be_private_may_not_be_this_machine_or_a_clouds() -> None:
    guard = AddressGuard(["inner.example", "inward.example", "metadata.example", "mapped.example", "ip6-loopback"])
    assert guard.resolve("inner.example", 80) == ("10.0.0.7",)
    for name in ("inward.example", "metadata.example", "mapped.example", "ip6-loopback"):
        with pytest.raises(SourceError, match="address_not_public"):
            guard.resolve(name, 80)


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "169.254.169.254"])
def test_an_address_that_the_operator_names_is_allowed(host: str) -> None:
    assert AddressGuard([host]).resolve(host, 80)
