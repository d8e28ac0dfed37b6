"""Signing in at an OpenID provider: the address to send a browser to, and who came back (OpenID Connect Core 1.0).

The only file that knows Authlib, which has no types of its own. Which provider it is, its own metadata say.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, final

import httpx
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.base_client import OpenIDMixin
from authlib.oauth2.client import OAuth2Client
from joserfc.errors import JoseError

from catalogue_app.domain.errors import CatalogueError
from catalogue_app.domain.metadata import Document, JsonValue
from catalogue_app.services.secrecy import digest_of, is_secret
from catalogue_app.settings import OpenIdProvider

_TIMEOUT_S: Final = 15


class ProviderFailed(CatalogueError):
    """The OpenID provider did not answer as it must, or somebody came back without having been sent."""

    code = "openid_failed"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """One browser on its way to the provider and back.

    Attributes:
        address: where it is sent.
        kept: what must be kept until it comes back, in the browser's own session.
    """

    address: str
    kept: Mapping[str, str]


@final
class OpenId:
    """The provider of this installation, if it has one."""

    def __init__(self, provider: OpenIdProvider) -> None:
        self._provider: Final = provider

    @property
    def label(self) -> str:
        """How people call the provider; empty where there is none."""
        return self._provider.label or self._provider.issuer

    def send(self, back: str) -> Journey:
        """Begin: state, nonce and proof key are new for every journey.

        Args:
            back: address of ours that the browser comes back to.

        Raises:
            ProviderFailed: its metadata cannot be read.
        """
        nonce, verifier = generate_token(), generate_token(64)
        with self._connection() as connection:
            client = self._client(connection, back)
            address, state = client.create_authorization_url(
                self._metadata(connection)["authorization_endpoint"], code_verifier=verifier, nonce=nonce
            )
        return Journey(
            address=str(address), kept={"state": str(state), "nonce": nonce, "verifier": verifier, "back": back}
        )

    def receive(self, kept: Mapping[str, str], answer: Mapping[str, str]) -> str:
        """End: return who came back, by the subject of the identity token whose signature, nonce and times hold.

        Raises:
            ProviderFailed: the state is not the one that was sent, or the provider's answer does not hold.
        """
        if not kept or not is_secret(answer.get("state", ""), digest_of(kept["state"])) or "code" not in answer:
            raise ProviderFailed(why="state")
        with self._connection() as connection:
            metadata = self._metadata(connection)
            token = self._client(connection, kept["back"]).fetch_token(
                metadata["token_endpoint"],
                code=answer["code"],
                code_verifier=kept["verifier"],
                auth=httpx.BasicAuth(self._provider.client_id, self._provider.client_secret),
            )
            keys = connection.get(str(metadata["jwks_uri"])).raise_for_status().json()
            person = _Claims(self._provider.client_id, {**metadata, "jwks": keys}).parse_id_token(token, kept["nonce"])
        subject = person.get("sub") if person else None
        if not subject:
            raise ProviderFailed(why="subject")
        return str(subject)

    @contextmanager
    def _connection(self) -> Iterator[httpx.Client]:
        """Connect for one journey; whatever fails on the way is the provider's failure."""
        try:
            with httpx.Client(timeout=_TIMEOUT_S) as connection:
                yield connection
        except (httpx.HTTPError, AuthlibBaseError, JoseError, KeyError, ValueError, RuntimeError) as error:
            raise ProviderFailed(why=type(error).__name__) from error

    def _metadata(self, connection: httpx.Client) -> Document:
        issuer = self._provider.issuer.rstrip("/")
        found: Document = connection.get(f"{issuer}/.well-known/openid-configuration").raise_for_status().json()
        if str(found["issuer"]).rstrip("/") != issuer:
            raise ValueError("issuer")
        return found

    def _client(self, connection: httpx.Client, back: str) -> OAuth2Client:
        return OAuth2Client(
            connection,
            client_id=self._provider.client_id,
            scope="openid",
            redirect_uri=back,
            code_challenge_method="S256",
        )


class _Claims(OpenIDMixin):  # type: ignore[misc]  # Authlib has no types
    """Authlib's check of an identity token, over metadata and keys that were read already."""

    def __init__(self, client_id: str, metadata: Document) -> None:
        self.client_id = client_id
        self.server_metadata = metadata

    def load_server_metadata(self) -> Document:
        """Return what the provider says of itself, with its keys."""
        return self.server_metadata

    def fetch_jwk_set(self, force: bool = False) -> JsonValue:  # noqa: FBT001, FBT002 — Authlib's own call
        """Return the keys; they were read a moment ago, so there are none newer."""
        del force
        return self.server_metadata["jwks"]
