"""Only public addresses are gone to, whatever they are wrapped in."""

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.errors import SourceError, SourceRefused
from harvesters.addresses import AddressGuard, is_public

PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104 — an address to refuse
    "224.0.0.1", "255.255.255.255", "240.0.0.1", "198.18.0.1", "192.0.2.1", "192.0.0.8",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1", "100::1",
    "::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::",
    "2001:0:1::1",
]  # fmt: skip
PUBLIC = [
    "8.8.8.8",
    "101.6.15.130",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "240e::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_a_special_address_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_an_ordinary_address_is_public(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_no_wrapping_makes_an_ipv4_address_public(inner: object) -> None:
    number = int.from_bytes(bytes(map(int, str(inner).split("."))))
    for wrapped in (f"::ffff:{inner}", f"2002:{number >> 16:x}:{number & 0xFFFF:x}::", f"64:ff9b::{inner}"):
        assert is_public(wrapped) == is_public(str(inner))


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("ftp://example.org/", "address_not_http"),
        ("file:///etc/passwd", "address_not_http"),
        ("http:///nowhere", "address_not_http"),
        ("https://user:word@example.org/", "credentials_in_address"),
        ("https://user@example.org/", "credentials_in_address"),
    ],
)
def test_an_address_is_refused_by_its_form(address: str, code: str) -> None:
    with pytest.raises(SourceRefused, match=code):
        AddressGuard().check(httpx.URL(address))


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "::1", "::ffff:127.0.0.1", "169.254.169.254"]
)
def test_a_name_is_judged_by_what_it_resolves_to(host: str) -> None:
    with pytest.raises(SourceError, match=r"address_not_public|host_not_found"):
        AddressGuard().resolve(host, 80)


@pytest.mark.parametrize("allowed", ["127.0.0.1", "127.0.0.1:8080", " 127.0.0.1:8080 "])
def test_the_operator_may_name_a_private_host(allowed: str) -> None:
    assert AddressGuard([allowed]).resolve("127.0.0.1", 8080) == ("127.0.0.1",)


def test_an_exception_is_for_its_port_and_its_host_alone() -> None:
    guard = AddressGuard(["127.0.0.1:8080"])
    for host, port in (("127.0.0.1", 9200), ("localhost", 8080), ("::ffff:127.0.0.1", 8080)):
        with pytest.raises(SourceRefused):
            guard.resolve(host, port)
