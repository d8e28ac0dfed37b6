"""The embedded search engine: tantivy, one writer at a time, any number of readers in any number of processes."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, final

from tantivy import Index, IndexWriter, Query, Searcher

from catalogue_app.domain.errors import SearchUnavailable
from catalogue_app.domain.ids import EntryId
from catalogue_app.domain.visibility import Audience
from indexing.document import SearchDocument
from indexing.embedded.answer import Answer, below_key, read_pairs
from indexing.embedded.schema import ID, SERIAL, VERSION, build_schema, to_tantivy
from indexing.embedded.store import Store
from indexing.embedded.suggestions import suggest
from indexing.embedded.translate import visible
from indexing.language import Language
from indexing.query import SearchQuery
from indexing.results import EngineHealth, SearchResults, Suggestion

_HEAP_BYTES: Final = 128 << 20
_BATCH: Final = 1000


@final
class EmbeddedEngine:
    """`SearchEngine` on tantivy, in one directory."""

    def __init__(self, folder: Path, language: Callable[[], Language]) -> None:
        """Open nothing yet.

        Args:
            folder: where the index lies; made when first written to.
            language: makes the analyser and concepts from the register as it is now; asked again after a rebuild.
        """
        self._store = Store(folder)
        self._make_language = language
        self._schema = build_schema()
        self._lock = threading.Lock()
        self._open: tuple[str | None, Index, Language] | None = None

    # --- writing -----------------------------------------------------------------------------------------------------

    def write(self, documents: Sequence[SearchDocument]) -> None:
        """Keep documents durably; see `SearchEngine.write`."""
        with self._store.writing():
            generation = self._store.current() or self._first_generation()
            _, language = self._opened(generation)
            index = Index.open(str(self._store.path(generation)))
            newer = list(self._newer(index, documents))
            if newer:
                self._commit(index, language, newer)

    def rebuild(self, documents: Iterable[SearchDocument]) -> int:
        """Build a new generation and swap; see `SearchEngine.rebuild`."""
        with self._store.writing():
            language = self._make_language()
            generation = self._store.begin(self._fingerprint(language))
            index = Index(self._schema, path=str(self._store.path(generation)))
            writer = index.writer(heap_size=_HEAP_BYTES, num_threads=1)
            count = 0
            for document in documents:
                writer.add_document(to_tantivy(document, language.analyser))
                count += 1
            _finish(writer)
            self._store.swap(generation)
        return count

    def _first_generation(self) -> str:
        generation = self._store.begin(self._fingerprint(self._make_language()))
        Index(self._schema, path=str(self._store.path(generation)))
        self._store.swap(generation)
        return generation

    def _newer(self, index: Index, documents: Sequence[SearchDocument]) -> Iterator[SearchDocument]:
        """Yield the documents that are not older than what is kept; of several of one entry the newest."""
        latest: dict[EntryId, SearchDocument] = {}
        for document in documents:
            if document.entry_id not in latest or latest[document.entry_id].revision <= document.revision:
                latest[document.entry_id] = document
        known = self._revisions(index.searcher(), list(latest))
        yield from (it for it in latest.values() if known.get(it.entry_id, 0) <= it.revision)

    def _revisions(self, searcher: Searcher, ids: list[EntryId]) -> dict[EntryId, int]:
        found: dict[EntryId, int] = {}
        for start in range(0, len(ids), _BATCH):
            keys = [entry_id.hex for entry_id in ids[start : start + _BATCH]]
            query = Query.term_set_query(self._schema, ID, keys)
            addresses = [address for _, address in searcher.search(query, limit=len(keys), count=False).hits]
            found |= dict(read_pairs(searcher, addresses))
        return found

    def _commit(self, index: Index, language: Language, documents: Iterable[SearchDocument]) -> None:
        writer = index.writer(heap_size=_HEAP_BYTES, num_threads=1)
        # A writer that died before it named its files leaves them in the way of the next: same operation, same name.
        writer.garbage_collect_files()
        for document in documents:
            writer.delete_documents_by_term(ID, document.entry_id.hex)
            writer.add_document(to_tantivy(document, language.analyser))
        _finish(writer)

    # --- reading -----------------------------------------------------------------------------------------------------

    def search(self, query: SearchQuery) -> SearchResults:
        """Answer a question; see `SearchEngine.search`."""
        searcher, language = self._reader()
        if searcher is None:
            return SearchResults(total=0, hits=(), facets=dict.fromkeys(query.facets, ()))
        try:
            return Answer(searcher, self._schema, language, query).results()
        except (OSError, ValueError) as error:
            raise SearchUnavailable(why=str(error)) from error

    def suggest(self, prefix: str, audience: Audience, limit: int) -> tuple[Suggestion, ...]:
        """Complete what is being typed; see `SearchEngine.suggest`."""
        searcher, language = self._reader()
        if searcher is None:
            return ()
        return suggest(searcher, visible(self._schema, audience), language, prefix, limit)

    def digests(self) -> Iterator[tuple[EntryId, int]]:
        """Yield (entry, revision) of every document, by entry id."""
        searcher, _ = self._reader()
        if searcher is None:
            return
        pairs: list[tuple[EntryId, int]] = []
        below: int | None = None
        while True:
            query = Query.all_query() if below is None else below_key(self._schema, SERIAL, below)
            found = searcher.search(query, limit=_BATCH, count=False, order_by_field=SERIAL).hits
            if not found:
                break
            pairs += read_pairs(searcher, [address for _, address in found])
            below = int(found[-1][0])
        yield from sorted(pairs)

    def health(self) -> EngineHealth:
        """Say how it stands; see `SearchEngine.health`."""
        generation = self._store.current()
        if generation is None or not self._is_readable(generation):
            return EngineHealth(documents=0, needs_rebuild=True)
        searcher, _ = self._reader()
        is_present = self._store.fingerprint(generation) == self._fingerprint(self._make_language())
        return EngineHealth(documents=searcher.num_docs if searcher else 0, needs_rebuild=not is_present)

    def language(self) -> Language:
        """Return the language of what is searched now."""
        return self._reader()[1]

    # --- opening -----------------------------------------------------------------------------------------------------

    def _reader(self) -> tuple[Searcher | None, Language]:
        """Return a searcher of what is kept now, and the language it was built by.

        Raises:
            SearchUnavailable: the directory cannot be read.
        """
        for is_last_try in (False, True):
            generation = self._store.current()
            try:
                index, language = self._opened(generation)
                index.reload()
                return index.searcher() if generation else None, language
            except (OSError, ValueError) as error:  # swapped and cleared away since we read its name: look again
                if is_last_try:
                    raise SearchUnavailable(why=str(error)) from error
        raise AssertionError

    def _opened(self, generation: str | None) -> tuple[Index, Language]:
        """Return the index of a generation and its language, opened where they are not open yet."""
        with self._lock:
            if self._open is None or self._open[0] != generation:
                if generation and not self._is_readable(generation):
                    raise SearchUnavailable(why="the index has other fields and must be rebuilt")
                index = Index.open(str(self._store.path(generation))) if generation else Index(self._schema)
                self._open = (generation, index, self._make_language())
            return self._open[1], self._open[2]

    def _is_readable(self, generation: str) -> bool:
        """Say whether a generation has the fields of today; the engine does not take it kindly where it has not."""
        return self._store.fingerprint(generation).startswith(f"{VERSION}-")

    def _fingerprint(self, language: Language) -> str:
        return f"{VERSION}-{language.analyser.fingerprint}"


def _finish(writer: IndexWriter) -> None:
    try:
        writer.commit()
        writer.wait_merging_threads()
    except (OSError, ValueError) as error:
        raise SearchUnavailable(why=str(error)) from error
