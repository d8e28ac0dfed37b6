"""The way to a source's bytes for one run: its limits under the deployment's, what is remembered of it, its manners."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import Final, final

from catalogue_app.domain.clock import Clock
from catalogue_app.domain.schedule import HarvestRules
from catalogue_app.domain.source import Source
from catalogue_app.persistence.snapshots import Fetch
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from catalogue_app.services.source_secrets import SourceSecrets
from harvesters.conditional import Conditions, Remembered
from harvesters.fetching import HttpFetcher, Manners
from harvesters.limits import FetchLimits
from harvesters.politeness import Places
from harvesters.port import Fetcher

_LOOKED_BACK: Final = 5
"""Runs whose answers are remembered: a source that failed for some runs still knows what it had before."""


@final
class SourceAccess:
    """Opens sources for runs."""

    def __init__(
        self,
        uow: UnitsOfWork,
        secrets: SourceSecrets,
        *,
        limits: FetchLimits,
        manners: Manners,
        rules: HarvestRules,
        clock: Clock,
    ) -> None:
        """Keep the parts.

        Args:
            uow: opens units of work.
            secrets: opens a source's secret.
            limits: the ceiling of this deployment.
            manners: shared by all runs of this process.
            rules: numbers of harvesting.
            clock: the present instant.
        """
        self._uow: Final = uow
        self._secrets: Final = secrets
        self._limits: Final = limits
        self._manners: Final = manners
        self._rules: Final = rules
        self._clock: Final = clock

    def in_turn(self, places: Places) -> "SourceAccess":
        """Return the same way for runs that share places for asking; what a person waits for takes none."""
        return SourceAccess(
            self._uow,
            self._secrets,
            limits=self._limits,
            manners=replace(self._manners, asking=places),
            rules=self._rules,
            clock=self._clock,
        )

    @contextmanager
    def open(self, source: Source) -> Iterator[Fetcher]:
        """Open the way to one source; it closes when the source has been read.

        Raises:
            SourceRefused: its secret is for another host, or cannot be opened.
        """
        limits = replace(
            self._limits,
            max_bytes=source.limit("max_bytes", self._limits.max_bytes),
            max_pages=source.limit("max_pages", self._limits.max_pages),
            run_s=source.limit("max_seconds", int(self._limits.run_s)),
        )
        manners = self._manners if source.obeys_robots else replace(self._manners, robots=None)
        conditions = Conditions(_StoredPages(self._uow, source), self._clock, self._rules.full_read)
        credential = self._secrets.credential(source)
        with HttpFetcher(limits, self._clock, manners=manners, conditions=conditions, credential=credential) as fetcher:
            yield fetcher


@final
class _StoredPages:
    """What the last runs of a source brought home; looked up when the first page is asked for."""

    def __init__(self, uow: UnitsOfWork, source: Source) -> None:
        self._uow, self._source = uow, source

    def recall(self, address: str) -> Remembered | None:
        """Return the page of an address as it was last received."""
        fetch = self._pages.get(address)
        if fetch is None or fetch.validators is None:
            return None
        return Remembered(
            digest=fetch.digest,
            size_bytes=fetch.size_bytes,
            media_type=fetch.media_type,
            charset=fetch.charset,
            link=fetch.link,
            validators=fetch.validators,
        )

    def body(self, digest: str) -> Iterator[bytes]:
        """Yield a stored body in parts."""
        with self._uow.reading() as look:
            yield from look.snapshots.chunks(digest)

    @cached_property
    def _pages(self) -> Mapping[str, Fetch]:
        if not self._source.is_asked_for_changes:
            return {}
        with self._uow.reading() as look:
            return look.snapshots.remembered(self._source.id, _LOOKED_BACK)
