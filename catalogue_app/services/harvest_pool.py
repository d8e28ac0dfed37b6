"""Harvests due sources side by side: so many at once, few of one host, so that a slow one holds nobody up."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, final
from urllib.parse import urlsplit

from catalogue_app.domain.ids import SourceId
from catalogue_app.domain.source import Source

HarvestOne = Callable[[Source, Callable[[], None]], None]
"""Harvests one source, and calls what it is given once the source itself is needed no more.

Whatever goes wrong it reports by itself.
"""

_RUNS_TO_A_PLACE: Final = 2
"""Runs under way to a place for asking: while one waits for its source, another works on what it has read."""


@final
class HarvestPool:
    """The runs of one process.

    How many sources are asked at once is for the fetchers to keep (`Manners.asking`); here is decided which runs are
    under way. A run leaves its host as soon as it has read its source, and ends without.

    What waits is not a queue that could grow stale: it is the last list of due sources that was offered, in its order,
    and when there is room the first of them starts whose host has room too.
    """

    def __init__(self, *, places: int, of_one_host: int) -> None:
        """Begin with nothing under way.

        Args:
            places: sources asked at once; twice as many runs may be under way.
            of_one_host: sources of one host read at once; files count as one host each.
        """
        self._runs: Final = _RUNS_TO_A_PLACE * places
        self._of_one_host: Final = of_one_host
        self._change: Final = threading.Condition()
        self._waiting: list[tuple[Source, HarvestOne]] = []
        self._reading: dict[SourceId, str] = {}
        self._running: set[SourceId] = set()

    def offer(self, due: Sequence[Source], harvest: HarvestOne) -> None:
        """Take the sources that are due now in place of those offered before; returns at once.

        Args:
            due: longest waiting first; those at work already are passed over.
            harvest: does one of them.
        """
        with self._change:
            self._waiting = [(source, harvest) for source in due if source.id not in self._running]
            self._fill()

    def wait(self) -> None:
        """Drop what waits, and return when what runs has ended."""
        with self._change:
            self._waiting = []
            self._change.wait_for(lambda: not self._running)

    def finish(self) -> None:
        """Return when everything offered has been harvested."""
        with self._change:
            self._change.wait_for(lambda: not self._running and not self._waiting)

    def _fill(self) -> None:
        """Start what there is room for; the caller holds the lock."""
        left, hosts = [], Counter(self._reading.values())
        for source, harvest in self._waiting:
            host = host_of(source)
            if len(self._running) < self._runs and hosts[host] < self._of_one_host:
                self._running.add(source.id)
                self._reading[source.id] = host
                hosts[host] += 1
                threading.Thread(target=self._run, args=(source, harvest), name=f"harvest-{source.id}").start()
            else:
                left.append((source, harvest))
        self._waiting = left

    def _run(self, source: Source, harvest: HarvestOne) -> None:
        try:
            harvest(source, partial(self._leave_host, source.id))
        finally:
            with self._change:
                self._running.discard(source.id)
                self._leave_host(source.id)
                self._change.notify_all()

    def _leave_host(self, source_id: SourceId) -> None:
        """Give a run's part of its host to the next, if that was not done, and start what there is room for now."""
        with self._change:
            self._reading.pop(source_id, None)
            self._fill()


def host_of(source: Source) -> str:
    """Return whom a run of a source burdens: its host, or the file itself."""
    return urlsplit(source.address).netloc.lower() if "://" in source.address else source.address
