"""Keeps the index equal to the database: drains the outbox, rebuilds, goes back, and proves the two equal."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, final

from catalogue_app.domain.errors import Conflict
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.organ import Organ
from catalogue_app.persistence.locks import Lock
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from catalogue_app.services.index_proof import prove
from indexing.document import SearchDocument, project
from indexing.port import Build, SearchEngine
from indexing.reconcile import Verification, compare, differences

_BATCH: Final = 2000
"""Outbox rows taken at once."""
_KEPT: Final = timedelta(days=1)
"""How long the index before is kept for a way back."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class IndexStatus:
    """What the index holds, what waits to enter it, and whether it should be rebuilt."""

    documents: int
    waiting: int
    needs_rebuild: bool

    def document(self) -> dict[str, object]:
        """Return it as JSON value."""
        return {"documents": self.documents, "waiting": self.waiting, "needs_rebuild": self.needs_rebuild}


@final
class IndexFeed:
    """The one way from the database into the index; several processes may run it, one at a time writes."""

    def __init__(self, uow: UnitsOfWork, engine: SearchEngine) -> None:
        self._uow = uow
        self._engine = engine

    def drain(self) -> int:
        """Write what waits into the index; returns how many entries were written.

        What is queued meanwhile is left for the next drain, so that this one ends however busy the catalogue is. An
        outbox row is a hint only: the entry is read again before it is written, and exactly the rows that were taken
        are deleted after. While another process writes, the rows stay for it or for the next drain.

        Raises:
            SearchUnavailable: the engine does not answer; nothing is lost.
        """
        with self._uow.reading() as look:
            last = look.outbox.last_position()
        written = 0
        with self._uow.alone(Lock.FEED) as is_alone:
            while is_alone and (taken := self._drain_batch(last)) is not None:
                written += taken
        return written

    def _drain_batch(self, last: int) -> int | None:
        """Write one batch; None when nothing waits up to a position, or somebody else is at it."""
        with self._uow.reading() as look:
            rows = [row for row in look.outbox.take(_BATCH) if row.position <= last]
            if not rows:
                return None
            organs = {organ.id: organ for organ in look.organs.all()}
            entries = look.entries.by_ids(tuple(dict.fromkeys(row.entry_id for row in rows)))
        try:
            self._engine.write([project(entry, organs[entry.organ_id]) for entry in entries])
        except Conflict:
            return None
        with self._uow() as work:
            work.outbox.done([row.position for row in rows])
            work.commit()
        return len(entries)

    def rebuild(self, progress: Callable[[int], None]) -> int:
        """Build a new index from the database and swap it in; returns how many entries it was filled with.

        Searches and edits go on meanwhile: from its first moment on, whatever is drained reaches the new index too. It
        is compared with the database before the swap; the index before is kept for `rollback`.

        Raises:
            Conflict: another index is being built.
            IndexDiffers: the new index does not hold what the database holds; the present one stays.
            SearchUnavailable: the engine does not answer; the present index stays.
        """
        with self._engine.build() as build:
            count = build.fill(self._documents(progress))
            self._swap(build)
        self.drain()
        return count

    def rollback(self) -> int:
        """Go back to the index that was searched before; returns how many entries had changed since, and were mended.

        It is brought up to the database first, so that nothing withdrawn or raised since is counted or suggested.

        Raises:
            Conflict: there is none, or another index is being built.
            IndexDiffers: it could not be brought up to the database; the present one stays.
            SearchUnavailable: the engine does not answer; the present index stays.
        """
        with self._engine.former() as build:
            count = build.fill(self._changed_since(build))
            self._swap(build)
        self.drain()
        return count

    def sweep(self, now: datetime) -> int:
        """Remove indexes that were put aside more than a day ago; returns how many.

        Raises:
            Conflict: an index is being built; they are removed another time.
        """
        return self._engine.sweep(now - _KEPT)

    def _swap(self, build: Build) -> None:
        self.drain()
        prove(self._uow, build)
        build.swap()

    def _changed_since(self, build: Build) -> Iterator[SearchDocument]:
        with self._uow.reading() as look:
            organs: dict[OrganId, Organ] = {organ.id: organ for organ in look.organs.all()}
            changed = (entry_id for _, entry_id in differences(look.entries.revision_pairs(), build.digests()))
            remaining = iter(list(changed))
            while batch := tuple(islice(remaining, _BATCH)):
                yield from (project(entry, organs[entry.organ_id]) for entry in look.entries.by_ids(batch))

    def _documents(self, progress: Callable[[int], None]) -> Iterator[SearchDocument]:
        with self._uow.reading() as look:
            organs: dict[OrganId, Organ] = {organ.id: organ for organ in look.organs.all()}
            for count, entry in enumerate(look.entries.stream(), start=1):
                yield project(entry, organs[entry.organ_id])
                if count % _BATCH == 0:
                    progress(count)

    def verify(self) -> Verification:
        """Compare (entry, revision) of database and index, streaming both."""
        with self._uow.reading() as look:
            return compare(look.entries.revision_pairs(), self._engine.digests())

    def status(self) -> IndexStatus:
        """Say what the index holds and what waits."""
        health = self._engine.health()
        with self._uow.reading() as look:
            waiting = look.outbox.size()
        return IndexStatus(documents=health.documents, waiting=waiting, needs_rebuild=health.needs_rebuild)
