"""One question put to one state of the embedded index: its reading, its page, its counts, what was meant instead."""

from typing import Final, final
from uuid import UUID

from tantivy import DocAddress, FieldType, Order, Query, Schema, Searcher, SearchResult

from catalogue_app.domain.errors import InvalidCursor
from catalogue_app.domain.ids import EntryId
from indexing.embedded.cursors import read_cursor, write_cursor
from indexing.embedded.schema import CHANGED, ID, REVISION, TITLE_KEY, UPDATED, facet_name
from indexing.embedded.suggestions import like_titles, suggest
from indexing.embedded.translate import filtered, must, translate, visible
from indexing.fields import FacetField, Sort
from indexing.ladder import Reading, largest_part, read
from indexing.language import Language
from indexing.plan import Clause
from indexing.query import SearchQuery
from indexing.results import FacetCount, Hit, SearchResults

_FACET_VALUES: Final = 1000
"""Most values one facet lists; a register has a few hundred organs."""
_KEYS: Final = {Sort.CHANGED: CHANGED, Sort.UPDATED: UPDATED}
"""Orders that go on from the last key; the others go on from a place."""

Page = tuple[int, tuple[Hit, ...], str | None]
"""Total, hits and cursor."""


@final
class Answer:
    """The making of one answer; everything in it sees the same state of the index."""

    def __init__(self, searcher: Searcher, schema: Schema, language: Language, query: SearchQuery) -> None:
        self._searcher = searcher
        self._schema = schema
        self._language = language
        self._query = query
        self._seen = visible(schema, query.audience)
        self._plan = language.planner.plan(query.text)

    def results(self) -> SearchResults:
        """Return the answer.

        Raises:
            InvalidCursor: the cursor does not belong to this question.
        """
        reading = read(self._plan, self._finds)
        wanted = translate(self._schema, reading.clause) if reading.clause is not None else None
        total, hits, cursor = self._page(wanted)
        return SearchResults(
            total=total,
            hits=hits,
            facets=self._facets(wanted),
            next_cursor=cursor,
            is_relaxed=reading.is_relaxed,
            did_you_mean=self._meant() if self._asks_back(reading, total) else None,
            terms=self._plan.terms,
        )

    def _finds(self, clause: Clause) -> bool:
        wanted = must([self._seen, translate(self._schema, clause)])
        return bool(self._searcher.search(wanted, limit=1, count=False).hits)

    def _base(self, wanted: Query | None, without: FacetField | None = None) -> list[Query]:
        """Return what every entry of the answer meets, but for the filter of one field."""
        parts = [self._seen, *filtered(self._schema, self._query.filters, without)]
        return [*parts, wanted] if wanted is not None else parts

    # --- the page ----------------------------------------------------------------------------------------------------

    def _page(self, wanted: Query | None) -> Page:
        sort = self._query.sort
        if sort is Sort.RELEVANCE and wanted is None:
            sort = Sort.CHANGED
        parts = self._base(wanted)
        return self._keyed_page(parts, sort) if sort in _KEYS else self._numbered_page(parts, sort)

    def _numbered_page(self, parts: list[Query], sort: Sort) -> Page:
        """Return a page that goes on after a number of hits."""
        query, searcher = self._query, self._searcher
        place = read_cursor(query, sort) or 0
        if place > searcher.num_docs:
            raise InvalidCursor(cursor=query.cursor)
        if sort is Sort.TITLE:
            titles = must(parts)
            found = searcher.search(titles, query.limit, offset=place, order_by_field=TITLE_KEY, order=Order.Asc)
        else:
            preferred = [translate(self._schema, clause) for clause in self._plan.preferred]
            found = searcher.search(must(parts, preferred), query.limit, offset=place)
        hits = self._hits(found)
        total, end = _total(found), place + len(hits)
        return total, hits, write_cursor(query, sort, end) if hits and end < total else None

    def _keyed_page(self, parts: list[Query], sort: Sort) -> Page:
        """Return a page in the order of a key that no two entries share: it goes on below the last key."""
        query, key = self._query, _KEYS[sort]
        below = read_cursor(query, sort)
        total = _total(self._searcher.search(must(parts), limit=1))
        rest = [below_key(self._schema, key, below)] if below is not None else []
        found = self._searcher.search(must([*parts, *rest]), limit=query.limit + 1, count=False, order_by_field=key)
        hits = self._hits(found)
        more = len(hits) > query.limit
        last = int(found.hits[query.limit - 1][0]) if more else 0
        return total, hits[: query.limit], write_cursor(query, sort, last) if more else None

    def _hits(self, found: SearchResult) -> tuple[Hit, ...]:
        pairs = read_pairs(self._searcher, [address for _, address in found.hits])
        scores = (float(score) if isinstance(score, float) else 0.0 for score, _ in found.hits)
        return tuple(
            Hit(entry_id=entry_id, revision=revision, score=score)
            for (entry_id, revision), score in zip(pairs, scores, strict=True)
        )

    # --- the counts --------------------------------------------------------------------------------------------------

    def _facets(self, wanted: Query | None) -> dict[FacetField, tuple[FacetCount, ...]]:
        """Count every field asked for: those without a filter of their own in one walk, the others each in its own."""
        fields = self._query.facets
        free = tuple(field for field in fields if not self._query.filters.get(field))
        counted = self._count(self._base(wanted), free) if free else {}
        for field in fields:
            if field not in counted:
                counted |= self._count(self._base(wanted, without=field), (field,))
        return {field: counted[field] for field in fields}

    def _count(self, parts: list[Query], fields: tuple[FacetField, ...]) -> dict[FacetField, tuple[FacetCount, ...]]:
        asked = {field.value: {"terms": {"field": facet_name(field), "size": _FACET_VALUES}} for field in fields}
        answer = self._searcher.aggregate(must(parts), asked)
        return {field: _counts(answer[field.value]["buckets"]) for field in fields}

    # --- what was meant ----------------------------------------------------------------------------------------------

    def _asks_back(self, reading: Reading, total: int) -> bool:
        return bool(self._query.text.strip()) and (reading.is_generous or not total)

    def _meant(self) -> str | None:
        """Return what was probably meant: a like title, what the text is the beginning of, the part that finds most."""
        text = self._query.text
        titles = like_titles(self._searcher, self._seen, self._language, text)
        if (nearest := self._language.nearest(text, titles)) is not None:
            return nearest
        begun = suggest(self._searcher, self._seen, self._language, text, 1)
        return begun[0].text if begun else largest_part(self._plan, self._finds)


def below_key(schema: Schema, key: str, bound: int) -> Query:
    """Return the query of everything whose key is smaller."""
    return Query.range_query(schema, key, FieldType.Unsigned, None, bound, include_upper=False)


def read_pairs(searcher: Searcher, addresses: list[DocAddress]) -> list[tuple[EntryId, int]]:
    """Return (entry, revision) of documents, in their order."""
    revisions = searcher.fast_field_values(REVISION, addresses) if addresses else []
    ids = (EntryId(UUID(str(searcher.doc(address).get_first(ID)))) for address in addresses)
    return [(entry_id, int(revision or 0)) for entry_id, revision in zip(ids, revisions, strict=True)]


def _counts(buckets: list[dict[str, object]]) -> tuple[FacetCount, ...]:
    counts = [FacetCount(value=str(bucket["key"]), count=int(str(bucket["doc_count"]))) for bucket in buckets]
    return tuple(sorted(counts, key=lambda one: (-one.count, one.value)))


def _total(found: SearchResult) -> int:
    return int(found.count)  # type: ignore[attr-defined]  # there, but the library's own types forget it
