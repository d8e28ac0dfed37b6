"""Harvests due sources side by side: so many at once, few of one host, so that a slow one holds nobody up."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final, final
from urllib.parse import urlsplit

from catalogue_app.domain.ids import SourceId
from catalogue_app.domain.source import Source

HarvestOne = Callable[[Source], None]
"""Harvests one source; whatever goes wrong it reports by itself."""


@final
class HarvestPool:
    """The places of one process for runs.

    What waits is not a queue that could grow stale: it is the last list of due sources that was offered, in its order,
    and each free place takes the first of them whose host has room.
    """

    def __init__(self, *, places: int, of_one_host: int) -> None:
        """Begin with all places free.

        Args:
            places: sources harvested at once.
            of_one_host: of these, at most so many of one host; files count as one host each.
        """
        self._places: Final = places
        self._of_one_host: Final = of_one_host
        self._change: Final = threading.Condition()
        self._waiting: list[tuple[Source, HarvestOne]] = []
        self._running: set[SourceId] = set()
        self._hosts: Counter[str] = Counter()

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
        left = []
        for source, harvest in self._waiting:
            host = host_of(source)
            if len(self._running) < self._places and self._hosts[host] < self._of_one_host:
                self._running.add(source.id)
                self._hosts[host] += 1
                threading.Thread(target=self._run, args=(source, harvest, host), name=f"harvest-{source.id}").start()
            else:
                left.append((source, harvest))
        self._waiting = left

    def _run(self, source: Source, harvest: HarvestOne, host: str) -> None:
        try:
            harvest(source)
        finally:
            with self._change:
                self._running.discard(source.id)
                self._hosts[host] -= 1
                if not self._hosts[host]:
                    del self._hosts[host]
                self._fill()
                self._change.notify_all()


def host_of(source: Source) -> str:
    """Return whom a run of a source burdens: its host, or the file itself."""
    return urlsplit(source.address).netloc.lower() if "://" in source.address else source.address
