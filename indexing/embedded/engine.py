"""The embedded search engine: tantivy, one writer at a time, any number of readers in any number of processes."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import final

from tantivy import Index, Searcher

from catalogue_app.domain.errors import Conflict, SearchUnavailable
from catalogue_app.domain.ids import EntryId
from catalogue_app.domain.visibility import Audience
from indexing.answering import answer, complete
from indexing.document import SearchDocument
from indexing.embedded.build import EmbeddedBuild
from indexing.embedded.generation import Generation, digests
from indexing.embedded.journal import Journal
from indexing.embedded.schema import VERSION, build_schema
from indexing.embedded.store import Store
from indexing.embedded.view import EmbeddedView, typing_view
from indexing.language import IndexLanguage, Language
from indexing.query import SearchQuery
from indexing.results import EngineHealth, SearchResults, Suggestion


@final
class EmbeddedEngine:
    """`SearchEngine` on tantivy, in one directory."""

    def __init__(self, folder: Path, language: Callable[[], Language]) -> None:
        """Open nothing yet.

        Args:
            folder: where the index lies; made when first written to.
            language: returns the language of the register as it is now; asked before every search.
        """
        self._store = Store(folder)
        self._make_language = language
        self._schema = build_schema()
        self._lock = threading.Lock()
        self._open: tuple[str | None, Index, IndexLanguage] | None = None

    # --- writing -----------------------------------------------------------------------------------------------------

    def write(self, documents: Sequence[SearchDocument]) -> None:
        """Keep documents durably; see `SearchEngine.write`."""
        with self._store.writing():
            generation = self._store.current() or self._first_generation()
            _, language = self._opened(generation)
            if (building := self._store.building()) is not None:
                Journal(self._store.path(building)).append(documents)
            Generation(self._store.path(generation), self._schema, language.analyser).write(documents)

    @contextmanager
    def build(self) -> Iterator[EmbeddedBuild]:
        """Begin a new generation; see `SearchEngine.build`."""
        with self._store.alone():
            self._store.clear_leftovers()
            language = self._make_language()
            with self._taken_up(self._store.begin(self._fingerprint(language)), language) as build:
                yield build

    @contextmanager
    def former(self) -> Iterator[EmbeddedBuild]:
        """Take up the generation before; see `SearchEngine.former`."""
        with self._store.alone():
            generation = self._store.former()
            if generation is None or not self._is_readable(generation):
                raise Conflict("index_has_no_former")
            with self._taken_up(generation, self._make_language()) as build:
                yield build

    def sweep(self, retired_before: datetime) -> int:
        """Remove old generations; see `SearchEngine.sweep`."""
        with self._store.alone():
            return self._store.sweep(retired_before)

    @contextmanager
    def _taken_up(self, generation: str, language: Language) -> Iterator[EmbeddedBuild]:
        Journal(self._store.path(generation)).clear()
        build = EmbeddedBuild(self._store, generation, self._schema, language.analyser)
        self._store.announce(generation)
        try:
            yield build
        finally:
            self._store.announce(None)

    def _first_generation(self) -> str:
        language = self._make_language()
        generation = self._store.begin(self._fingerprint(language))
        Generation(self._store.path(generation), self._schema, language.analyser)
        self._store.swap(generation)
        return generation

    # --- reading -----------------------------------------------------------------------------------------------------

    def search(self, query: SearchQuery) -> SearchResults:
        """Answer a question; see `SearchEngine.search`."""
        searcher, language = self._reader()
        if searcher is None:
            return SearchResults(total=0, hits=(), facets=dict.fromkeys(query.facets, ()))
        plan = language.planner.plan(query.text)
        try:
            return answer(query, plan, language, EmbeddedView(searcher, self._schema, query, plan))
        except (OSError, ValueError) as error:
            raise SearchUnavailable(why=str(error)) from error

    def suggest(self, prefix: str, audience: Audience, limit: int) -> tuple[Suggestion, ...]:
        """Complete what is being typed; see `SearchEngine.suggest`."""
        searcher, language = self._reader()
        if searcher is None:
            return ()
        return complete(language, typing_view(searcher, self._schema, audience), prefix, limit)

    def digests(self) -> Iterator[tuple[EntryId, int]]:
        """Yield (entry, revision) of every document, by entry id."""
        searcher, _ = self._reader()
        if searcher is not None:
            yield from digests(searcher, self._schema)

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
        """Return a searcher of what is kept now, and the language to ask it in.

        Raises:
            SearchUnavailable: the directory cannot be read.
        """
        for is_last_try in (False, True):
            generation = self._store.current()
            try:
                index, language = self._opened(generation)
                index.reload()
                return index.searcher() if generation else None, language.now()
            except (OSError, ValueError) as error:  # swapped and cleared away since we read its name: look again
                if is_last_try:
                    raise SearchUnavailable(why=str(error)) from error
        raise AssertionError

    def _opened(self, generation: str | None) -> tuple[Index, IndexLanguage]:
        """Return the index of a generation and its language, opened where they are not open yet."""
        with self._lock:
            if self._open is None or self._open[0] != generation:
                if generation and not self._is_readable(generation):
                    raise SearchUnavailable(why="the index has other fields and must be rebuilt")
                index = Index.open(str(self._store.path(generation))) if generation else Index(self._schema)
                self._open = (generation, index, IndexLanguage(self._make_language(), self._make_language))
            return self._open[1], self._open[2]

    def _is_readable(self, generation: str) -> bool:
        """Say whether a generation has the fields of today; the engine does not take it kindly where it has not."""
        return self._store.fingerprint(generation).startswith(f"{VERSION}-")

    def _fingerprint(self, language: Language) -> str:
        return f"{VERSION}-{language.analyser.fingerprint}"
