"""A generation of the embedded index that is not searched yet."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, final

from tantivy import Schema, Searcher

from catalogue_app.domain.ids import EntryId
from indexing.analysis import Analyser
from indexing.document import SearchDocument
from indexing.embedded.generation import Generation, digests, revisions, sums
from indexing.embedded.journal import Journal
from indexing.embedded.store import Store
from indexing.reconcile import Share, Sums

_PATIENCE_S: Final = 300.0
"""Longest wait for a writer to finish its batch."""


@final
class EmbeddedBuild:
    """`Build` on tantivy: what others write meanwhile stands in its journal, and is taken over from there."""

    def __init__(self, store: Store, generation: str, schema: Schema, analyser: Analyser) -> None:
        self._store = store
        self._name = generation
        self._schema = schema
        self._generation = Generation(store.path(generation), schema, analyser)
        self._journal = Journal(store.path(generation))

    def fill(self, documents: Iterable[SearchDocument]) -> int:
        """Keep documents; see `Build.fill`."""
        return self._generation.fill(documents)

    def digests(self) -> Iterator[tuple[EntryId, int]]:
        """Yield what it holds; see `Build.digests`."""
        yield from digests(self._searcher(), self._schema)

    def sums(self) -> Mapping[Share, Sums]:
        """Return what it holds in figures; see `Build.sums`."""
        return sums(self._searcher())

    def revisions(self, ids: Sequence[EntryId]) -> Mapping[EntryId, int]:
        """Return at which revisions; see `Build.revisions`."""
        return revisions(self._searcher(), self._schema, ids)

    def swap(self) -> None:
        """Become the current generation; see `Build.swap`."""
        self._take_over()
        with self._store.writing(_PATIENCE_S):
            self._take_over()
            self._store.swap(self._name)
            self._store.announce(None)

    def _searcher(self) -> Searcher:
        self._take_over()
        return self._generation.searcher()

    def _take_over(self) -> None:
        """Write what others wrote to the current generation since this was done last."""
        if news := self._journal.news():
            self._generation.write(news)
