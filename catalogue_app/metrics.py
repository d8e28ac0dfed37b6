"""The instruments of one process: what it counts and times itself, for a monitor to read; no registry is global."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Final, final

from prometheus_client import CollectorRegistry, Counter, Histogram

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@final
class Instruments:
    """Counters and histograms; safe to use from every thread."""

    def __init__(self) -> None:
        self.registry: Final = CollectorRegistry()
        self._requests: Final = Counter(
            "catalogue_http_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self._request_seconds: Final = Histogram(
            "catalogue_http_request_seconds", "Time to an answer.", ("route",), buckets=_SECONDS, registry=self.registry
        )
        self._search_seconds: Final = Histogram(
            "catalogue_search_seconds",
            "Time the search engine takes.",
            ("asked", "outcome"),
            buckets=_SECONDS,
            registry=self.registry,
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request by the pattern of its route, never by its path."""
        self._requests.labels(method, route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    @contextmanager
    def searching(self, asked: str) -> Iterator[None]:
        """Time a question to the engine: `search` or `suggest`."""
        began, outcome = perf_counter(), "failed"
        try:
            yield
            outcome = "answered"
        finally:
            self._search_seconds.labels(asked, outcome).observe(perf_counter() - began)
