"""A source's secret on the wire: added to requests of one origin, to nothing that is stored or told."""

import base64
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Final, final
from urllib.parse import unquote

import httpx

from catalogue_app.domain.errors import SourceRefused


@unique
class SecretKind(StrEnum):
    """How a server wants to be shown a secret."""

    BASIC = "basic"
    """User name and password (RFC 7617)."""
    BEARER = "bearer"
    """A token (RFC 6750)."""
    HEADER = "header"
    """A header of the server's own, such as `X-Api-Key`."""
    QUERY = "query"
    """A parameter of the address."""


_AUTHORIZATION: Final = "Authorization"


def origin_of(url: httpx.URL) -> str:
    """Return scheme, host and port of an address in one form (RFC 6454), which a secret is bound to."""
    port = url.port or {"https": 443, "http": 80}.get(url.scheme, 0)
    return f"{url.scheme}://{url.host.lower()}:{port}"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """One secret and where it may go.

    Attributes:
        kind: how it is shown.
        origin: the only origin it is sent to, as `origin_of` writes it.
        name: user name, name of the header or of the parameter; empty for a bearer token.
        secret: never shown, not even by `repr`.
    """

    kind: SecretKind
    origin: str
    name: str = ""
    secret: str = field(repr=False)

    def headers(self, url: httpx.URL) -> dict[str, str]:
        """Return the headers that show it, none for other origins."""
        if origin_of(url) != self.origin:
            return {}
        match self.kind:
            case SecretKind.BASIC:
                pair = base64.b64encode(f"{self.name}:{self.secret}".encode()).decode()
                return {_AUTHORIZATION: f"Basic {pair}"}
            case SecretKind.BEARER:
                return {_AUTHORIZATION: f"Bearer {self.secret}"}
            case SecretKind.HEADER:
                return {self.name: self.secret}
            case SecretKind.QUERY:
                return {}

    def on_the_wire(self, url: httpx.URL) -> httpx.URL:
        """Return the address as it is asked for; what is stored and told is the one without."""
        if self.kind is not SecretKind.QUERY or origin_of(url) != self.origin:
            return url
        return url.copy_set_param(self.name, self.secret)

    def without(self, url: httpx.URL) -> httpx.URL:
        """Take the secret out of an address that a server sent back.

        Raises:
            SourceRefused: `secret_in_redirect`, it stands where it cannot be taken out.
        """
        if self.kind is SecretKind.QUERY and self.name in url.params:
            url = url.copy_remove_param(self.name)
        if self.secret in unquote(str(url)):
            raise SourceRefused("secret_in_redirect", host=url.host)
        return url
