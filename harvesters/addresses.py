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
        "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32",
    )
)  # fmt: skip
"""IPv4 special-purpose addresses (IANA registry, RFC 6890), multicast and reserved ones; and the one address of the
public range at which a cloud answers its own machines about themselves."""
_IPv4_NEVER: Final = tuple(
    IPv4Network(net)
    for net in ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32")
)
_IPv6_NEVER: Final = tuple(IPv6Network(net) for net in ("::/127", "fe80::/10", "ff00::/8", "fd00:ec2::254/128"))
"""What a name may not lead to even where the operator has let it be private: this machine, its link, everybody, and
where clouds answer. Who needs one of these names the address itself."""
_IPv6_PUBLIC: Final = IPv6Network("2000::/3")
"""Global unicast; everything else in IPv6 is special, reserved or not given out yet."""
_IPv6: Final = tuple(IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "3fff::/20"))
"""Special-purpose addresses inside global unicast, Teredo among them."""
_NAT64: Final = IPv6Network("64:ff9b::/96")
_ISATAP: Final = frozenset({0x00005EFE, 0x02005EFE})
"""Third quarter of an address that carries an IPv4 address in its last one (RFC 5214)."""


def is_public(address: str) -> bool:
    """Tell whether an IP address may be gone to by anybody; one that wraps an IPv4 address counts as that address."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        inner = _wrapped(ip)
        if inner is None:
            return ip in _IPv6_PUBLIC and not any(ip in net for net in _IPv6)
        ip = inner
    return not any(ip in net for net in _IPv4)


def is_never_meant(address: str) -> bool:
    """Tell whether an IP address is one that no name of a source may lead to, whatever the operator allowed."""
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address):
        inner = _wrapped(ip)
        if inner is None:
            return any(ip in net for net in _IPv6_NEVER)
        ip = inner
    return any(ip in net for net in _IPv4_NEVER)


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
            SourceRefused: one of its addresses is not public and the operator has not named the host; or it is a name
                that the operator let be private, and leads to this machine, its link, or where clouds answer.
        """
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as fault:
            raise SourceError("host_not_found", host=host) from fault
        addresses = tuple(dict.fromkeys(str(place[4][0]) for place in found))
        is_exempt = self._is_exempt(host, port)
        is_allowed = all(map(is_public, addresses)) or (is_exempt and not any(map(is_never_meant, addresses)))
        if not is_allowed and not (is_exempt and _is_itself(host)):
            raise SourceRefused("address_not_public", host=host)
        return addresses

    def _is_exempt(self, host: str, port: int) -> bool:
        name = host.lower().strip("[]")
        return not self._allowed.isdisjoint({name, f"{name}:{port}", f"[{name}]:{port}"})


def _is_itself(host: str) -> bool:
    """Tell whether a host is an address, or the name of this machine, and so leads nowhere but where it says."""
    name = host.lower().strip("[]")
    if name == "localhost":
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def _wrapped(ip: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address inside a mapped (RFC 4291), 6to4 (RFC 3056), NAT64 (RFC 6052) or ISATAP address."""
    if ip in _NAT64 or (int(ip) >> 32) & 0xFFFFFFFF in _ISATAP:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour
