"""Which addresses a fetcher may go to: public ones over http(s), and private ones the operator has named.

The check is made on what a name resolves to, at the moment of connecting, and the connection goes to the very address
that was checked: a name that answers differently a second time (DNS rebinding) gains nothing.
"""

import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, final

import httpx

from catalogue_app.domain.errors import SourceError, SourceRefused

_IPv4: Final = tuple(
    IPv4Network(net)
    for net in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
"""IPv4 special-purpose addresses (IANA registry, RFC 6890), multicast and reserved ones."""
_IPv6_PUBLIC: Final = IPv6Network("2000::/3")
"""Global unicast; everything else in IPv6 is special, reserved or not given out yet."""
_IPv6: Final = tuple(IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "3fff::/20"))
"""Special-purpose addresses inside global unicast, Teredo among them."""
_NAT64: Final = IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Tell whether an IP address may be gone to by anybody; one that wraps an IPv4 address counts as that address."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        inner = _wrapped(ip)
        if inner is None:
            return ip in _IPv6_PUBLIC and not any(ip in net for net in _IPv6)
        ip = inner
    return not any(ip in net for net in _IPv4)


@final
class AddressGuard:
    """Says yes or no to addresses."""

    def __init__(self, allowed_private_hosts: Iterable[str] = ()) -> None:
        """Take the operator's exceptions: `host` or `host:port`, as they stand in a source's address."""
        self._allowed = frozenset(host.strip().lower() for host in allowed_private_hosts)

    def check(self, url: httpx.URL) -> None:
        """Refuse an address by its form alone.

        Raises:
            SourceRefused: not http(s), without a host, or with a name or password in it.
        """
        if url.scheme not in {"http", "https"} or not url.host:
            raise SourceRefused("address_not_http", scheme=url.scheme)
        if url.userinfo:
            raise SourceRefused("credentials_in_address", host=url.host)

    def resolve(self, host: str, port: int) -> tuple[str, ...]:
        """Return the IP addresses of a host, in the order of its resolver.

        Raises:
            SourceError: no such host.
            SourceRefused: one of its addresses is not public and the operator has not named the host.
        """
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as fault:
            raise SourceError("host_not_found", host=host) from fault
        addresses = tuple(dict.fromkeys(str(place[4][0]) for place in found))
        if not self._is_exempt(host, port) and not all(map(is_public, addresses)):
            raise SourceRefused("address_not_public", host=host)
        return addresses

    def _is_exempt(self, host: str, port: int) -> bool:
        name = host.lower().strip("[]")
        return not self._allowed.isdisjoint({name, f"{name}:{port}", f"[{name}]:{port}"})


def _wrapped(ip: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address inside a mapped (RFC 4291), 6to4 (RFC 3056) or NAT64 (RFC 6052) address."""
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour
