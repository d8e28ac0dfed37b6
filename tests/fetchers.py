"""Fetchers as runs have them, allowed to ask the servers of a test, and closed when they are done."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from harvesters.conditional import Conditions
from harvesters.fetching import HttpFetcher, Manners
from harvesters.limits import FetchLimits
from harvesters.politeness import HostPacer
from tests.servers import Server

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


class Waits(list[float]):
    """Notes how long was waited, and waits not at all."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@contextmanager
def fetcher_for(
    *servers: Server,
    waits: Waits | None = None,
    pacer: HostPacer | None = None,
    conditions: Conditions | None = None,
    **limits: Any,
) -> Iterator[HttpFetcher]:
    """Open a fetcher that may ask these servers, and asks each thing once unless the limits say otherwise."""
    allowed = {"allowed_private_hosts": frozenset(server.host for server in servers)}
    manners = Manners(pacer=pacer or HostPacer(0.0), sleep=waits if waits is not None else Waits())
    named = FetchLimits(**{"retries": 0, **allowed, **limits})
    with HttpFetcher(named, lambda: NOW, manners=manners, conditions=conditions) as fetcher:
        yield fetcher
