"""The connection to Elasticsearch: who we are, how long we wait, what is tried again, how failures are told."""

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, final

from elastic_transport import ConnectionTimeout, TransportError
from elasticsearch import ApiError, Elasticsearch
from elasticsearch.exceptions import UnsupportedProductError

from catalogue_app.domain.errors import SearchUnavailable

_BUSY: Final = (429, 502, 503, 504)
"""States of a server or proxy that pass."""
_DEAD_S: Final = 5.0
"""Longest time a node that did not answer is left alone."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Where the cluster is and how to talk to it; secrets never stand in its text.

    Attributes:
        urls: one address a node.
        user: name for basic authentication; empty for none.
        password: to the name.
        api_key: instead of name and password; empty for none.
        ca_file: certificates of the authority that signed the nodes' own; empty for the system's.
        deadline_s: seconds one try of a search may take.
        retries: tries beyond the first, each on another node where there is one.
    """

    urls: tuple[str, ...]
    user: str = ""
    password: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    ca_file: str = ""
    deadline_s: float = 10.0
    retries: int = 2

    def open(self) -> Elasticsearch:
        """Return a client; nothing is connected yet."""
        options: dict[str, object] = {}
        if self.api_key:
            options["api_key"] = self.api_key
        elif self.user:
            # Written here, for the library itself takes no other letters than ASCII; RFC 7617, section 2.1.
            options["basic_auth"] = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        if self.ca_file:
            options["ca_certs"] = self.ca_file
        return Elasticsearch(
            list(self.urls),
            request_timeout=self.deadline_s,
            max_retries=max(self.retries, len(self.urls) - 1),
            retry_on_status=_BUSY,
            retry_on_timeout=False,
            dead_node_backoff_factor=0.2,
            max_dead_node_backoff=_DEAD_S,
            **options,  # type: ignore[arg-type]  # each as its parameter wants it
        )


@contextmanager
def told() -> Iterator[None]:
    """Tell what the client raises in the catalogue's words: the kind of failure, never addresses with secrets.

    Raises:
        SearchUnavailable: the cluster does not answer, or refuses.
    """
    try:
        yield
    except ConnectionTimeout as error:
        raise SearchUnavailable(why="no answer in time") from error
    except ApiError as error:
        raise SearchUnavailable(why=reason(error.body) or error.message, status=error.status_code) from error
    except (TransportError, UnsupportedProductError) as error:
        raise SearchUnavailable(why=type(error).__name__) from error


def reason(body: object) -> str:
    """Return what kind of error an answer names, such as `no_shard_available_action_exception`."""
    error = body.get("error") if isinstance(body, Mapping) else None
    kind = error.get("type") if isinstance(error, Mapping) else error
    return str(kind) if kind else ""
