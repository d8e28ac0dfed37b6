"""Keeps the index equal to the database: drains the outbox, rebuilds, and proves the two equal."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, final

from catalogue_app.domain.errors import Conflict
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.organ import Organ
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from indexing.document import SearchDocument, project
from indexing.port import SearchEngine
from indexing.reconcile import Verification, compare

_BATCH: Final = 2000
"""Outbox rows taken at once."""


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
        """Write what changed into the index until nothing waits; returns how many entries were written.

        An outbox row is a hint only: the entry is read again before it is written, and exactly the rows that were taken
        are deleted after. While another process writes, the rows stay for it or for the next drain.

        Raises:
            SearchUnavailable: the engine does not answer; nothing is lost.
        """
        written = 0
        while True:
            taken = self._drain_batch()
            if taken is None:
                return written
            written += taken

    def _drain_batch(self) -> int | None:
        """Write one batch; None when nothing waits, or somebody else is at it."""
        with self._uow.reading() as look:
            rows = look.outbox.take(_BATCH)
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
        """Build a new index from the database and swap it in; returns how many entries it holds.

        Searches go on meanwhile. What changes meanwhile stays in the outbox and is written again after the swap.

        Raises:
            Conflict: another process is writing.
        """
        count = self._engine.rebuild(self._documents(progress))
        self.drain()
        return count

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
