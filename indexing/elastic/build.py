"""An Elasticsearch index that is not searched yet."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import final

from elasticsearch import Elasticsearch

from catalogue_app.domain.errors import SearchUnavailable
from catalogue_app.domain.ids import EntryId
from indexing.analysis import Analyser
from indexing.document import SearchDocument
from indexing.elastic.contents import digests, revisions, sums
from indexing.elastic.feed import IndexGone, feed
from indexing.elastic.indexes import Indexes
from indexing.elastic.mapping import operation
from indexing.reconcile import Share, Sums


@final
class ElasticBuild:
    """`Build` on Elasticsearch: every writer finds it by its alias and writes to it too.

    Attributes:
        is_swapped: it has become the index that is searched.
    """

    def __init__(self, client: Elasticsearch, indexes: Indexes, name: str, analyser: Analyser) -> None:
        self._client = client
        self._indexes = indexes
        self._name = name
        self._analyser = analyser
        self.is_swapped = False

    def fill(self, documents: Iterable[SearchDocument]) -> int:
        """Keep documents; see `Build.fill`."""
        operations = (operation(document, self._analyser) for document in documents)
        try:
            return feed(self._client, self._name, operations, lambda: self._indexes.beat(self._name))
        except IndexGone as error:
            raise SearchUnavailable(why="the index was taken away while it was built") from error

    def digests(self) -> Iterator[tuple[EntryId, int]]:
        """Yield what it holds; see `Build.digests`."""
        self._refresh()
        yield from digests(self._client, self._name)

    def sums(self) -> Mapping[Share, Sums]:
        """Return what it holds in figures; see `Build.sums`."""
        self._refresh()
        return sums(self._client, self._name)

    def revisions(self, ids: Sequence[EntryId]) -> Mapping[EntryId, int]:
        """Return at which revisions; see `Build.revisions`."""
        self._refresh()
        return revisions(self._client, self._name, ids)

    def swap(self) -> None:
        """Become the index that is searched; see `Build.swap`."""
        self._indexes.swap(self._name)
        self.is_swapped = True

    def _refresh(self) -> None:
        self._indexes.beat(self._name)
        self._indexes.show(self._name)
