"""One generation of the embedded index: writing documents into it, and what it holds."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final, final

from tantivy import Index, IndexWriter, Query, Schema, Searcher

from catalogue_app.domain.errors import SearchUnavailable
from catalogue_app.domain.ids import EntryId, OrganId
from catalogue_app.domain.vocabulary import Tier
from indexing.analysis import Analyser
from indexing.document import SearchDocument
from indexing.embedded.schema import ID, REVISION, SERIAL, facet_name, to_tantivy
from indexing.embedded.view import below_key, read_pairs
from indexing.fields import FacetField
from indexing.reconcile import Share, Sums

_HEAP_BYTES: Final = 128 << 20
_BATCH: Final = 1000
_ORGANS: Final = 100_000
"""More organs than any municipality has."""


@final
class Generation:
    """The index in one directory, as it stands when it is opened; whoever writes holds the right to."""

    def __init__(self, path: Path, schema: Schema, analyser: Analyser) -> None:
        """Open it.

        Raises:
            ValueError: there is no index, or none with these fields.
        """
        self._schema = schema
        self._analyser = analyser
        self._index = Index(schema, path=str(path))

    def write(self, documents: Iterable[SearchDocument]) -> None:
        """Keep documents that are not older than what is kept; of several of one entry the newest."""
        latest: dict[EntryId, SearchDocument] = {}
        for document in documents:
            if document.entry_id not in latest or latest[document.entry_id].revision <= document.revision:
                latest[document.entry_id] = document
        known = revisions(self.searcher(), self._schema, list(latest))
        newer = [it for it in latest.values() if known.get(it.entry_id, 0) <= it.revision]
        if newer:
            self._commit(newer)

    def fill(self, documents: Iterable[SearchDocument]) -> int:
        """Keep many documents; returns how many were given. Into an empty index they go in one commit, unlooked at."""
        if self.searcher().num_docs:
            count = 0
            remaining = iter(documents)
            while batch := list(islice(remaining, _BATCH)):
                self.write(batch)
                count += len(batch)
            return count
        writer = self._index.writer(heap_size=_HEAP_BYTES, num_threads=1)
        count = 0
        for document in documents:
            writer.add_document(to_tantivy(document, self._analyser))
            count += 1
        _finish(writer)
        return count

    def searcher(self) -> Searcher:
        """Return a searcher of what is kept now."""
        self._index.reload()
        return self._index.searcher()

    def _commit(self, documents: Iterable[SearchDocument]) -> None:
        writer = self._index.writer(heap_size=_HEAP_BYTES, num_threads=1)
        # A writer that died before it named its files leaves them in the way of the next: same operation, same name.
        writer.garbage_collect_files()
        for document in documents:
            writer.delete_documents_by_term(ID, document.entry_id.hex)
            writer.add_document(to_tantivy(document, self._analyser))
        _finish(writer)


def digests(searcher: Searcher, schema: Schema) -> Iterator[tuple[EntryId, int]]:
    """Yield (entry, revision) of every document, by entry id."""
    pairs: list[tuple[EntryId, int]] = []
    below: int | None = None
    while True:
        query = Query.all_query() if below is None else below_key(schema, SERIAL, below)
        found = searcher.search(query, limit=_BATCH, count=False, order_by_field=SERIAL).hits
        if not found:
            break
        pairs += read_pairs(searcher, [address for _, address in found])
        below = int(found[-1][0])
    yield from sorted(pairs)


def revisions(searcher: Searcher, schema: Schema, ids: Sequence[EntryId]) -> dict[EntryId, int]:
    """Return the revisions at which entries are kept."""
    found: dict[EntryId, int] = {}
    for start in range(0, len(ids), _BATCH):
        keys = [entry_id.hex for entry_id in ids[start : start + _BATCH]]
        query = Query.term_set_query(schema, ID, keys)
        addresses = [address for _, address in searcher.search(query, limit=len(keys), count=False).hits]
        found |= dict(read_pairs(searcher, addresses))
    return found


def sums(searcher: Searcher) -> dict[Share, Sums]:
    """Return number and sum of revisions of each organ's documents on each tier."""
    tiers = {
        "terms": {"field": facet_name(FacetField.TIER), "size": len(Tier)},
        "aggs": {"revisions": {"sum": {"field": REVISION}}},
    }
    organs = {"terms": {"field": facet_name(FacetField.ORGAN), "size": _ORGANS}, "aggs": {"tiers": tiers}}
    answer: dict[str, Any] = searcher.aggregate(Query.all_query(), {"organs": organs})
    return {
        (OrganId(organ["key"]), Tier(tier["key"])): (int(tier["doc_count"]), int(tier["revisions"]["value"]))
        for organ in answer["organs"]["buckets"]
        for tier in organ["tiers"]["buckets"]
    }


def _finish(writer: IndexWriter) -> None:
    try:
        writer.commit()
        writer.wait_merging_threads()
    except (OSError, ValueError) as error:
        raise SearchUnavailable(why=str(error)) from error
