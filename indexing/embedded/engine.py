"""The embedded search engine: tantivy, one writer at a time, any number of readers in any number of processes."""

import base64
import binascii
import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final, final
from uuid import UUID

from tantivy import DocAddress, FieldType, Index, IndexWriter, Order, Query, Searcher, SearchResult

from catalogue_app.domain.errors import InvalidCursor, SearchUnavailable
from catalogue_app.domain.ids import EntryId
from catalogue_app.domain.visibility import Audience
from indexing.document import SearchDocument
from indexing.embedded.schema import (
    CHANGED,
    ID,
    REVISION,
    SEPARATOR,
    SERIAL,
    SUGGEST,
    TITLE_KEY,
    UPDATED,
    VERSION,
    build_schema,
    facet_name,
    to_tantivy,
)
from indexing.embedded.store import Store
from indexing.embedded.translate import filtered, must, translate, visible
from indexing.fields import FacetField, Sort
from indexing.ladder import largest_part, read
from indexing.language import Language
from indexing.plan import Clause, Plan
from indexing.query import SearchQuery
from indexing.results import EngineHealth, FacetCount, Hit, SearchResults, Suggestion

_HEAP_BYTES: Final = 128 << 20
_BATCH: Final = 1000
_FACET_VALUES: Final = 1000
"""Most values one facet lists; a register has a few hundred organs."""
_KEYS: Final = {Sort.CHANGED: CHANGED, Sort.UPDATED: UPDATED}
"""Orders that go on from the last key; the others go on from a place."""


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
        self._open: tuple[str, Index, Language] | None = None

    # --- writing -----------------------------------------------------------------------------------------------------

    def write(self, documents: Sequence[SearchDocument]) -> None:
        """Keep documents durably; see `SearchEngine.write`."""
        with self._store.writing():
            generation = self._store.current() or self._first_generation()
            index = Index.open(str(self._store.path(generation)))
            language = self._language(generation)
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
            found |= dict(self._pairs(searcher, addresses))
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
            return SearchResults(total=0, hits=())
        plan = language.planner.plan(query.text)
        finds = partial(self._finds, searcher, query)
        reading = read(plan, finds)
        clause = reading.clause
        facets = {field: self._count(searcher, query, clause, field) for field in query.facets}
        page = self._page(searcher, query, plan, clause)
        total, hits, cursor = page
        return SearchResults(
            total=total,
            hits=hits,
            facets=facets,
            next_cursor=cursor,
            is_relaxed=reading.is_relaxed,
            did_you_mean=None if total and not reading.is_generous else self._meant(searcher, language, query, plan),
            terms=plan.terms,
        )

    def _finds(self, searcher: Searcher, query: SearchQuery, clause: Clause) -> bool:
        wanted = must([visible(self._schema, query.audience), translate(self._schema, clause)])
        return bool(searcher.search(wanted, limit=1, count=False).hits)

    def _base(self, query: SearchQuery, clause: Clause | None, without: FacetField | None = None) -> list[Query]:
        parts = [visible(self._schema, query.audience), *filtered(self._schema, query.filters, without)]
        return [*parts, translate(self._schema, clause)] if clause is not None else parts

    def _page(
        self, searcher: Searcher, query: SearchQuery, plan: Plan, clause: Clause | None
    ) -> tuple[int, tuple[Hit, ...], str | None]:
        """Return total, hits and cursor of one page."""
        sort = Sort.CHANGED if query.sort is Sort.RELEVANCE and clause is None else query.sort
        place = _read_cursor(query, sort)
        parts = self._base(query, clause)
        if sort in _KEYS:
            return self._keyed_page(searcher, parts, query, sort, place)
        preferred = [translate(self._schema, it) for it in plan.preferred] if sort is Sort.RELEVANCE else []
        wanted = must(parts, preferred)
        if sort is Sort.TITLE:
            found = searcher.search(wanted, query.limit, True, TITLE_KEY, place, Order.Asc)  # noqa: FBT003 — count too
        else:
            found = searcher.search(wanted, query.limit, offset=place)
        hits = self._hits(searcher, found.hits)
        total, end = _total(found), place + len(hits)
        return total, hits, _write_cursor(query, sort, end) if hits and end < total else None

    def _keyed_page(
        self, searcher: Searcher, parts: list[Query], query: SearchQuery, sort: Sort, below: int
    ) -> tuple[int, tuple[Hit, ...], str | None]:
        """Return a page in the order of a key that no two entries share: goes on below the last key."""
        key = _KEYS[sort]
        total = _total(searcher.search(must(parts), limit=1))
        rest = (
            [Query.range_query(self._schema, key, FieldType.Unsigned, None, below, include_upper=False)]
            if below
            else []
        )
        found = searcher.search(must([*parts, *rest]), limit=query.limit + 1, count=False, order_by_field=key)
        hits = self._hits(searcher, found.hits[: query.limit])
        more = len(found.hits) > query.limit
        return total, hits, _write_cursor(query, sort, int(found.hits[query.limit - 1][0])) if more else None

    def _below(self, key: str, bound: int) -> Query:
        return Query.range_query(self._schema, key, FieldType.Unsigned, None, bound, include_upper=False)

    def _hits(self, searcher: Searcher, found: list[tuple[object, DocAddress]]) -> tuple[Hit, ...]:
        pairs = self._pairs(searcher, [address for _, address in found])
        scores = (float(score) if isinstance(score, int | float) else 0.0 for score, _ in found)
        return tuple(
            Hit(entry_id=entry_id, revision=revision, score=score)
            for (entry_id, revision), score in zip(pairs, scores, strict=True)
        )

    def _pairs(self, searcher: Searcher, addresses: list[DocAddress]) -> list[tuple[EntryId, int]]:
        revisions = searcher.fast_field_values(REVISION, addresses) if addresses else []
        ids = (EntryId(UUID(str(searcher.doc(address).get_first(ID)))) for address in addresses)
        return [(entry_id, int(revision or 0)) for entry_id, revision in zip(ids, revisions, strict=True)]

    def _count(
        self, searcher: Searcher, query: SearchQuery, clause: Clause | None, field: FacetField
    ) -> tuple[FacetCount, ...]:
        wanted = {field.value: {"terms": {"field": facet_name(field), "size": _FACET_VALUES}}}
        answer = searcher.aggregate(must(self._base(query, clause, field)), wanted)
        counts = [FacetCount(value=str(it["key"]), count=int(it["doc_count"])) for it in answer[field.value]["buckets"]]
        return tuple(sorted(counts, key=lambda it: (-it.count, it.value)))

    def _meant(self, searcher: Searcher, language: Language, query: SearchQuery, plan: Plan) -> str | None:
        """Return what was probably meant: a like title, what the text is the beginning of, the part that finds most."""
        nearest = language.nearest(query.text, self._titles(searcher, query.audience, language, query.text))
        begun = self.suggest(query.text, query.audience, 1)
        return nearest or (begun[0].text if begun else largest_part(plan, partial(self._finds, searcher, query)))

    def _titles(self, searcher: Searcher, audience: Audience, language: Language, text: str) -> set[str]:
        """Return visible titles and names that share a beginning with one of the words, or its sound."""
        folded = language.analyser.normalise(text)
        starts = {folded[:1], *(word[:1] for word in language.analyser.cut(folded))} - {""}
        sounds = {"".join(language.analyser.sounds(folded)[:2])} - {""}
        seen = visible(self._schema, audience)
        found = (searcher.terms_with_prefix(SUGGEST, start, seen, 200) for start in starts | sounds)
        return {term.rpartition(SEPARATOR)[2] for terms in found for term, count in terms if count}

    def suggest(self, prefix: str, audience: Audience, limit: int) -> tuple[Suggestion, ...]:
        """Complete what is being typed; see `SearchEngine.suggest`."""
        searcher, language = self._reader()
        folded = language.analyser.normalise(prefix).strip()
        if searcher is None or not folded:
            return ()
        seen = visible(self._schema, audience)
        terms = searcher.terms_with_prefix(SUGGEST, folded, seen, limit * 8)
        found: dict[str, Suggestion] = {}
        for term, count in sorted(terms, key=lambda it: (-it[1], len(it[0]))):
            _, kind, text = term.split(SEPARATOR, 2)
            if count and text not in found:
                found[text] = Suggestion(text=text, kind=kind)
        return tuple(found.values())[:limit]

    def digests(self) -> Iterator[tuple[EntryId, int]]:
        """Yield (entry, revision) of every document, by entry id."""
        searcher, _ = self._reader()
        if searcher is None:
            return
        pairs: list[tuple[EntryId, int]] = []
        below: int | None = None
        while True:
            query = Query.all_query() if below is None else self._below(SERIAL, below)
            found = searcher.search(query, limit=_BATCH, count=False, order_by_field=SERIAL).hits
            if not found:
                break
            pairs += self._pairs(searcher, [address for _, address in found])
            below = int(found[-1][0])
        yield from sorted(pairs)

    def health(self) -> EngineHealth:
        """Say how it stands; see `SearchEngine.health`."""
        searcher, _ = self._reader()
        generation = self._store.current()
        if searcher is None or generation is None:
            return EngineHealth(documents=0, needs_rebuild=True)
        built_by = self._store.fingerprint(generation)
        return EngineHealth(
            documents=searcher.num_docs, needs_rebuild=built_by != self._fingerprint(self._make_language())
        )

    def language(self) -> Language:
        """Return the language of what is searched now."""
        return self._reader()[1]

    # --- opening -----------------------------------------------------------------------------------------------------

    def _reader(self) -> tuple[Searcher | None, Language]:
        """Return a searcher of what is kept now, and the language it was built by.

        Raises:
            SearchUnavailable: the directory cannot be read.
        """
        generation = self._store.current()
        if generation is None:
            return None, self._language("")
        try:
            language = self._language(generation)
            assert self._open is not None  # noqa: S101 — just opened
            index = self._open[1]
            index.reload()
            return index.searcher(), language
        except (OSError, ValueError) as error:
            raise SearchUnavailable(why=str(error)) from error

    def _language(self, generation: str) -> Language:
        """Return the language of a generation, opening the index where it is not open yet."""
        with self._lock:
            if self._open is None or self._open[0] != generation:
                path = self._store.path(generation)
                index = Index.open(str(path)) if generation else Index(self._schema)
                self._open = (generation, index, self._make_language())
            return self._open[2]

    def _fingerprint(self, language: Language) -> str:
        return f"{VERSION}-{language.analyser.fingerprint}"


def _total(found: SearchResult) -> int:
    return int(found.count)  # type: ignore[attr-defined]  # there, but the library's own types forget it


def _finish(writer: IndexWriter) -> None:
    try:
        writer.commit()
        writer.wait_merging_threads()
    except (OSError, ValueError) as error:
        raise SearchUnavailable(why=str(error)) from error


def _question(query: SearchQuery, sort: Sort) -> str:
    """Return a digest of what a cursor belongs to: the question without its page."""
    filters = sorted((field.value, sorted(values)) for field, values in query.filters.items())
    text = json.dumps([query.text, filters, sort.value, query.audience.tier.value])
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


def _write_cursor(query: SearchQuery, sort: Sort, place: int) -> str:
    return base64.urlsafe_b64encode(f"{_question(query, sort)}:{place}".encode()).decode().rstrip("=")


def _read_cursor(query: SearchQuery, sort: Sort) -> int:
    if query.cursor is None:
        return 0
    try:
        padded = query.cursor + "=" * (-len(query.cursor) % 4)
        question, _, place = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii").partition(":")
    except (binascii.Error, ValueError) as error:
        raise InvalidCursor(cursor=query.cursor[:80]) from error
    if question != _question(query, sort) or not place.isdigit() or len(place) > 20:  # noqa: PLR2004 — digits of 64 bits
        raise InvalidCursor(cursor=query.cursor[:80])
    return int(place)
