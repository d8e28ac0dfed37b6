"""What one question sees of one state of the embedded index: whether it finds, its page, its counts, its keys."""

from typing import Final, final
from uuid import UUID

from tantivy import DocAddress, FieldType, Order, Query, Schema, Searcher, SearchResult

from catalogue_app.domain.ids import EntryId
from catalogue_app.domain.visibility import Audience
from indexing.answering import FACET_VALUES, Page, counts_of, order_of
from indexing.cursors import read_cursor, refused, write_cursor
from indexing.embedded.ranking import ranked
from indexing.embedded.schema import CHANGED, ID, REVISION, SUGGEST, TITLE_KEY, UPDATED, facet_name
from indexing.embedded.translate import filtered, must, translate, visible
from indexing.fields import FacetField, Sort
from indexing.plan import Clause, Plan
from indexing.query import SearchQuery
from indexing.results import FacetCount, Hit

_KEYS: Final = {Sort.CHANGED: CHANGED, Sort.UPDATED: UPDATED}
"""Orders that go on from the last key; the others go on from a place."""

Found = tuple[int, tuple[Hit, ...], str | None]
"""Total, hits and cursor."""


@final
class EmbeddedView:
    """`View` of one searcher: everything in it sees the same state of the index."""

    def __init__(self, searcher: Searcher, schema: Schema, query: SearchQuery, plan: Plan) -> None:
        self._searcher = searcher
        self._schema = schema
        self._query = query
        self._plan = plan
        self._seen = visible(schema, query.audience)
        self._first: tuple[Clause, Found] | None = None
        self._made: tuple[Clause, Query] | None = None

    def finds(self, clause: Clause) -> bool:
        """Say whether anything meets a clause; see `View.finds`.

        The first clause asked about is nearly always the one that is shown, so its hits are fetched along the way.
        """
        if self._first is None and not self._query.filters:
            self._first = (clause, self._look(clause))
            return bool(self._first[1][0])
        wanted = must([self._seen, self._wanted(clause)])
        return bool(self._searcher.search(wanted, limit=1, count=False).hits)

    def page(self, clause: Clause | None) -> Page:
        """Return the page; see `View.page`.

        Raises:
            InvalidCursor: it belongs to another question, or goes on after more hits than there are.
        """
        first = self._first
        total, hits, cursor = first[1] if first is not None and first[0] == clause else self._look(clause)
        if not hits and self._query.cursor is not None and order_of(self._query, clause) not in _KEYS:
            raise refused(self._query)
        return Page(total=total, hits=hits, next_cursor=cursor, facets=self._facets(clause))

    def _look(self, clause: Clause | None) -> Found:
        """Return the hits of a clause."""
        sort = order_of(self._query, clause)
        parts = self._base(clause)
        return self._keyed_page(parts, sort) if sort in _KEYS else self._numbered_page(parts, sort)

    def begun(self, beginning: str, limit: int) -> list[tuple[str, int]]:
        """Return suggestion keys; see `View.begun`."""
        return self._searcher.terms_with_prefix(SUGGEST, beginning, self._seen, limit)

    def _base(self, clause: Clause | None, without: FacetField | None = None) -> list[Query]:
        """Return what every entry of the answer meets, but for the filter of one field."""
        parts = [self._seen, *filtered(self._schema, self._query.filters, without)]
        return [*parts, self._wanted(clause)] if clause is not None else parts

    def _wanted(self, clause: Clause) -> Query:
        """Return the engine's query of a clause, of the same one the same: it is asked for hits, then for counts."""
        if self._made is None or self._made[0] is not clause:
            self._made = (clause, translate(self._schema, clause))
        return self._made[1]

    # --- the page ----------------------------------------------------------------------------------------------------

    def _numbered_page(self, parts: list[Query], sort: Sort) -> Found:
        """Return a page that goes on after a number of hits."""
        query, searcher = self._query, self._searcher
        place = read_cursor(query, sort) or 0
        if place > searcher.num_docs:  # more than the engine can hold places for, maybe
            raise refused(query)
        if sort is Sort.TITLE:
            titles = must(parts)
            found = searcher.search(titles, query.limit, offset=place, order_by_field=TITLE_KEY, order=Order.Asc)
            total, scored = _total(found), [(0, address) for _, address in found.hits]
        else:
            preferred = [translate(self._schema, clause) for clause in self._plan.preferred]
            total, scored = ranked(searcher, must(parts, preferred), place, query.limit)
        hits = self._hits(scored)
        end = place + len(hits)
        return total, hits, write_cursor(query, sort, end) if hits and end < total else None

    def _keyed_page(self, parts: list[Query], sort: Sort) -> Found:
        """Return a page in the order of a key that no two entries share: it goes on below the last key."""
        query, key = self._query, _KEYS[sort]
        below = read_cursor(query, sort)
        total = _total(self._searcher.search(must(parts), limit=1))
        rest = [below_key(self._schema, key, below)] if below is not None else []
        found = self._searcher.search(must([*parts, *rest]), limit=query.limit + 1, count=False, order_by_field=key)
        hits = self._hits([(0, address) for _, address in found.hits])
        more = len(hits) > query.limit
        last = int(found.hits[query.limit - 1][0]) if more else 0
        return total, hits[: query.limit], write_cursor(query, sort, last) if more else None

    def _hits(self, scored: list[tuple[int, DocAddress]]) -> tuple[Hit, ...]:
        pairs = read_pairs(self._searcher, [address for _, address in scored])
        return tuple(
            Hit(entry_id=entry_id, revision=revision, score=float(score))
            for (entry_id, revision), (score, _) in zip(pairs, scored, strict=True)
        )

    # --- the counts --------------------------------------------------------------------------------------------------

    def _facets(self, clause: Clause | None) -> dict[FacetField, tuple[FacetCount, ...]]:
        """Count every field asked for: those without a filter of their own in one walk, the others each in its own."""
        fields = self._query.facets
        free = tuple(field for field in fields if not self._query.filters.get(field))
        counted = self._count(self._base(clause), free) if free else {}
        for field in fields:
            if field not in counted:
                counted |= self._count(self._base(clause, without=field), (field,))
        return {field: counted[field] for field in fields}

    def _count(self, parts: list[Query], fields: tuple[FacetField, ...]) -> dict[FacetField, tuple[FacetCount, ...]]:
        asked = {field.value: {"terms": {"field": facet_name(field), "size": FACET_VALUES}} for field in fields}
        found = self._searcher.aggregate(must(parts), asked)
        return {
            field: counts_of((str(one["key"]), int(one["doc_count"])) for one in found[field.value]["buckets"])
            for field in fields
        }


def typing_view(searcher: Searcher, schema: Schema, audience: Audience) -> EmbeddedView:
    """Return the view of somebody who is still typing: no question yet, only who asks."""
    return EmbeddedView(searcher, schema, SearchQuery(audience=audience), Plan(clause=None))


def below_key(schema: Schema, key: str, bound: int) -> Query:
    """Return the query of everything whose key is smaller."""
    return Query.range_query(schema, key, FieldType.Unsigned, None, bound, include_upper=False)


def read_pairs(searcher: Searcher, addresses: list[DocAddress]) -> list[tuple[EntryId, int]]:
    """Return (entry, revision) of documents, in their order."""
    revisions = searcher.fast_field_values(REVISION, addresses) if addresses else []
    ids = (EntryId(UUID(str(searcher.doc(address).get_first(ID)))) for address in addresses)
    return [(entry_id, int(revision or 0)) for entry_id, revision in zip(ids, revisions, strict=True)]


def _total(found: SearchResult) -> int:
    return int(found.count)  # type: ignore[attr-defined]  # there, but the library's own types forget it
