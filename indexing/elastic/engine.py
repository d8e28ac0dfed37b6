"""The search engine of a production deployment: Elasticsearch, any number of writers and readers on any machines."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Final, TypeVar, final

from elasticsearch import NotFoundError

from catalogue_app.domain.clock import Clock
from catalogue_app.domain.errors import Conflict, SearchUnavailable
from catalogue_app.domain.ids import EntryId
from catalogue_app.domain.visibility import Audience
from indexing.answering import answer, complete
from indexing.document import SearchDocument
from indexing.elastic.build import ElasticBuild
from indexing.elastic.connection import Connection, told
from indexing.elastic.contents import digests
from indexing.elastic.feed import IndexGone, feed
from indexing.elastic.indexes import Indexes, Known
from indexing.elastic.mapping import VERSION, operation
from indexing.elastic.view import ElasticView
from indexing.language import IndexLanguage, Language
from indexing.plan import Plan
from indexing.query import SearchQuery
from indexing.results import EngineHealth, SearchResults, Suggestion

_FRESH_S: Final = 1.0
"""How long the name of the index that is searched is believed; after a swap the one before is kept, so none fails."""
_TRIES: Final = 3
_HEALTH_S: Final = 3.0

Made = TypeVar("Made")


@final
class ElasticEngine:
    """`SearchEngine` on Elasticsearch."""

    def __init__(self, connection: Connection, prefix: str, language: Callable[[], Language], clock: Clock) -> None:
        """Connect to nothing yet.

        Args:
            connection: where the cluster is.
            prefix: what the names of this catalogue's indexes begin with.
            language: returns the language of the register as it is now; asked before every search.
            clock: the present instant.
        """
        self._client = connection.open()
        self._indexes = Indexes(self._client, prefix, clock)
        self._make_language = language
        self._lock = threading.Lock()
        self._seen: tuple[Known, IndexLanguage, float] | None = None

    # --- writing -----------------------------------------------------------------------------------------------------

    def write(self, documents: Sequence[SearchDocument]) -> None:
        """Keep documents durably; see `SearchEngine.write`."""
        for is_last_try in (False,) * (_TRIES - 1) + (True,):
            try:
                for known in self._targets():
                    analyser = self._language_of(known).analyser
                    feed(self._client, known.name, (operation(it, analyser) for it in documents))
                    self._indexes.show(known.name)
            except IndexGone as error:  # swapped or thrown away since we read its name: look again
                if is_last_try:
                    raise SearchUnavailable(why="the index was taken away") from error
            else:
                return

    def _targets(self) -> list[Known]:
        """Return the indexes that are to be written to: the one that is searched, and one that is being built."""
        known = self._indexes.all()
        if not any(it.is_current for it in known):
            with suppress(Conflict):
                self._indexes.create(self._make_language().analyser.fingerprint, is_first=True)
            known = self._indexes.all()
        if any(it.is_current and not it.is_readable for it in known):
            raise SearchUnavailable(why="the index has other fields and must be rebuilt")
        return [it for it in known if it.is_current or (it.is_building and it.is_readable)]

    @contextmanager
    def build(self) -> Iterator[ElasticBuild]:
        """Begin a new index; see `SearchEngine.build`."""
        self._indexes.remove([it for it in self._indexes.all() if it.is_building and self._indexes.is_dead(it)])
        language = self._make_language()
        name = self._indexes.create(language.analyser.fingerprint)
        build = ElasticBuild(self._client, self._indexes, name, language.analyser)
        try:
            yield build
        finally:
            self._forget()
            if not build.is_swapped:
                with suppress(SearchUnavailable):  # what made the build fail is the error that counts
                    self._indexes.remove([it for it in self._indexes.all() if it.name == name])

    @contextmanager
    def former(self) -> Iterator[ElasticBuild]:
        """Take up the index before; see `SearchEngine.former`."""
        retired = [it for it in self._indexes.all() if it.is_retired and it.is_readable and not it.is_current]
        if not retired:
            raise Conflict("index_has_no_former")
        known = max(retired, key=lambda it: (it.at is not None and it.at.timestamp(), it.name))
        self._indexes.take_up(known.name)
        build = ElasticBuild(self._client, self._indexes, known.name, self._language_of(known).analyser)
        try:
            yield build
        finally:
            self._forget()
            if not build.is_swapped:
                with suppress(SearchUnavailable):
                    self._indexes.leave(known.name)

    def sweep(self, retired_before: datetime) -> int:
        """Remove old indexes; see `SearchEngine.sweep`."""
        aside = [it for it in self._indexes.all() if not it.is_current and not it.is_building]
        dead = [it for it in self._indexes.all() if it.is_building and self._indexes.is_dead(it)]
        old = [it for it in aside if it.at is None or it.at < retired_before]
        self._indexes.remove([*old, *dead])
        return len(old) + len(dead)

    # --- reading -----------------------------------------------------------------------------------------------------

    def search(self, query: SearchQuery) -> SearchResults:
        """Answer a question; see `SearchEngine.search`."""

        def ask(index: str, language: Language) -> SearchResults:
            plan = language.planner.plan(query.text)
            return answer(query, plan, language, ElasticView(self._client, index, query, plan))

        nothing = SearchResults(total=0, hits=(), facets=dict.fromkeys(query.facets, ()))
        return self._asked(ask, nothing)

    def suggest(self, prefix: str, audience: Audience, limit: int) -> tuple[Suggestion, ...]:
        """Complete what is being typed; see `SearchEngine.suggest`."""
        query = SearchQuery(audience=audience)

        def ask(index: str, language: Language) -> tuple[Suggestion, ...]:
            view = ElasticView(self._client, index, query, Plan(clause=None))
            return complete(language, view, prefix, limit)

        return self._asked(ask, ())

    def digests(self) -> Iterator[tuple[EntryId, int]]:
        """Yield (entry, revision) of every document, by entry id."""
        if (current := self._indexes.current()) is not None:
            self._indexes.show(current.name)
            yield from digests(self._client, current.name)

    def health(self) -> EngineHealth:
        """Say how it stands; see `SearchEngine.health`."""
        current = self._indexes.current()
        if current is None or not current.is_readable:
            return EngineHealth(documents=0, needs_rebuild=True)
        client = self._client.options(request_timeout=_HEALTH_S, max_retries=0)
        with told():
            state = client.cluster.health(index=current.name, timeout="1s")["status"]
            if state == "red":
                raise SearchUnavailable(why="the index has no copy that works")
            documents = int(client.count(index=current.name)["count"])
        is_present = current.fingerprint == f"v{VERSION}-{self._make_language().analyser.fingerprint}"
        return EngineHealth(documents=documents, needs_rebuild=not is_present)

    def language(self) -> Language:
        """Return the language of what is searched now."""
        return self._asked(lambda _index, language: language, None) or self._make_language()

    # --- which index -------------------------------------------------------------------------------------------------

    def _asked(self, ask: Callable[[str, Language], Made], nothing: Made) -> Made:
        """Ask the index that is searched; where it was swapped away for long, the one that is searched now.

        Raises:
            SearchUnavailable: the cluster does not answer, or the index has other fields.
        """
        for is_last_try in (False, True):
            seen = self._reader()
            if seen is None:
                return nothing
            try:
                return ask(*seen)
            except SearchUnavailable as error:
                if is_last_try or not isinstance(error.__cause__, NotFoundError):
                    raise
                self._forget()
        raise AssertionError

    def _reader(self) -> tuple[str, Language] | None:
        """Return the index that is searched and its language; believed for a moment, longer while nobody answers."""
        seen = self._seen
        if seen is not None and time.monotonic() - seen[2] < _FRESH_S:
            return seen[0].name, seen[1].now()
        try:
            current = self._indexes.current()
        except SearchUnavailable:
            if seen is None:
                raise
            with self._lock:
                self._seen = (seen[0], seen[1], time.monotonic())
            return seen[0].name, seen[1].now()
        if current is None:
            return None
        if not current.is_readable:
            raise SearchUnavailable(why="the index has other fields and must be rebuilt")
        return current.name, self._language_of(current).now()

    def _language_of(self, known: Known) -> IndexLanguage:
        """Return the language of an index: the one it was first opened with, for the one that is searched."""
        with self._lock:
            seen = self._seen
            if seen is not None and seen[0].name == known.name:
                language = seen[1]
            else:
                language = IndexLanguage(self._make_language(), self._make_language)
            if known.is_current:
                self._seen = (known, language, time.monotonic())
            return language

    def _forget(self) -> None:
        with self._lock:
            self._seen = None
