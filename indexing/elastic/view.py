"""What one question sees of an Elasticsearch index: whether it finds, its page, its counts, its keys."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final, final
from uuid import UUID

from elasticsearch import Elasticsearch

from catalogue_app.domain.errors import SearchUnavailable
from catalogue_app.domain.ids import EntryId
from indexing.answering import FACET_VALUES, Page, counts_of, order_of
from indexing.cursors import read_cursor, read_place, refused, write_cursor
from indexing.elastic.connection import told
from indexing.elastic.mapping import CHANGED, ID, REVISION, SERIAL, SUGGEST, TITLE_KEY, UPDATED, Json, facet_name
from indexing.elastic.translate import conditions, filtered, translate, visible
from indexing.fields import Sort
from indexing.keys import SERIAL_BITS
from indexing.plan import Clause, Plan
from indexing.query import SearchQuery
from indexing.results import FacetCount, Hit

_ORDERS: Final[Mapping[Sort, list[Json]]] = {
    Sort.RELEVANCE: [{"_score": "desc"}, {SERIAL: "desc"}],
    Sort.CHANGED: [{CHANGED: "desc"}],
    Sort.UPDATED: [{UPDATED: "desc"}],
    Sort.TITLE: [{TITLE_KEY: "asc"}],
}
_SAMPLE: Final = 5000
"""Entries whose keys are counted for a beginning: the newest that have it, enough in a catalogue of any size."""
_LONGEST_BEGINNING: Final = 100
"""Characters; nobody types more before looking."""
_KEY_BITS: Final = 63
_SERIAL: Final = (1 << SERIAL_BITS) - 1

Body = dict[str, Any]


@final
class ElasticView:
    """`View` of one index by its own name, so that a swap in the middle of an answer changes nothing."""

    def __init__(self, client: Elasticsearch, index: str, query: SearchQuery, plan: Plan) -> None:
        self._client = client
        self._index = index
        self._query = query
        self._plan = plan
        self._seen = visible(query.audience)
        self._first: tuple[Clause, Page, bool] | None = None

    def finds(self, clause: Clause) -> bool:
        """Say whether anything meets a clause; see `View.finds`.

        The first clause asked about is nearly always the one that is shown, so its page is fetched along the way.
        """
        if self._first is None:
            self._first = (clause, *self._look(clause))
            return self._first[2]
        query: Json = {"bool": {"must": [translate(clause)], "filter": [self._seen]}}
        answer = self._search({"query": query, "size": 0, "terminate_after": 1, "track_total_hits": True})
        return bool(answer["hits"]["total"]["value"])

    def page(self, clause: Clause | None) -> Page:
        """Return the page; see `View.page`."""
        if self._first is not None and self._first[0] == clause:
            return self._first[1]
        return self._look(clause)[0]

    def begun(self, beginning: str, limit: int) -> Sequence[tuple[str, int]]:
        """Return suggestion keys; see `View.begun`."""
        if len(beginning) > _LONGEST_BEGINNING:
            return ()
        pattern = "".join(it if it.isalnum() else f"\\{it}" for it in beginning) + ".*"
        order = [{"_count": "desc"}, {"_key": "asc"}]
        keys = {"field": SUGGEST, "include": pattern, "size": limit, "execution_hint": "map", "order": order}
        sample = {"sampler": {"shard_size": _SAMPLE}, "aggs": {"keys": {"terms": keys}}}
        seen = conditions([self._seen, {"prefix": {SUGGEST: beginning}}])
        # Of like scores the sample would take what stands first in the files, which what others wrote decides too.
        newest: Json = {"query": seen, "field_value_factor": {"field": SERIAL}, "boost_mode": "replace"}
        query: Json = {"function_score": newest}
        answer = self._search({"query": query, "size": 0, "track_total_hits": False, "aggs": {"sample": sample}})
        buckets = answer["aggregations"]["sample"]["keys"]["buckets"]
        return [(str(bucket["key"]), int(bucket["doc_count"])) for bucket in buckets]

    # --- the page ----------------------------------------------------------------------------------------------------

    def _look(self, clause: Clause | None) -> tuple[Page, bool]:
        """Return the page of a clause, and whether anything at all meets it, whatever the filters."""
        query, sort = self._query, order_of(self._query, clause)
        scored = [translate(one) for one in self._plan.preferred] if sort is Sort.RELEVANCE else []
        wanted = [translate(clause)] if clause is not None else []
        asked: Body = {"bool": {"must": wanted, "filter": [self._seen], "should": scored, "minimum_should_match": 0}}
        after = self._after(sort)
        body: Body = {
            "query": asked,
            "post_filter": conditions(filtered(query.filters)),
            "aggs": self._facets() | {"found": {"filter": {"match_all": {}}}},
            "sort": _ORDERS[sort],
            "size": query.limit + 1,
            "track_total_hits": True,
            "docvalue_fields": [ID, REVISION],
            "stored_fields": "_none_",
        }
        answer = self._search(body | ({"search_after": after} if after else {}))
        hits, counted = answer["hits"]["hits"], answer["aggregations"]
        more = len(hits) > query.limit
        shown = hits[: query.limit]
        page = Page(
            total=int(answer["hits"]["total"]["value"]),
            hits=tuple(_hit(hit) for hit in shown),
            next_cursor=write_cursor(query, sort, _place(sort, shown[-1]["sort"])) if more else None,
            facets={field: _counts(counted[field.value]) for field in query.facets},
        )
        return page, bool(counted["found"]["doc_count"])

    def _facets(self) -> Body:
        """Return one aggregation a field asked for, each under the filters of all other fields."""
        return {
            field.value: {
                "filter": conditions(filtered(self._query.filters, without=field)),
                "aggs": {"values": {"terms": {"field": facet_name(field), "size": FACET_VALUES}}},
            }
            for field in self._query.facets
        }

    def _after(self, sort: Sort) -> list[object] | None:
        """Return the sort values of the last hit of the page before; None on the first page.

        Raises:
            InvalidCursor: the cursor does not belong to this question.
        """
        if sort is Sort.TITLE:
            place = read_place(self._query, sort)
            return [place] if place is not None else None
        number = read_cursor(self._query, sort)
        if number is None:
            return None
        if number >> _KEY_BITS:
            raise refused(self._query)
        return [number] if sort is not Sort.RELEVANCE else [float(number >> SERIAL_BITS), number & _SERIAL]

    def _search(self, body: Body) -> Body:
        """Ask the cluster; an answer that is not whole counts as none.

        Raises:
            SearchUnavailable: no answer, or only a part of one.
        """
        # The same question goes to the same copy of the index: copies may see what was written a little later.
        copy = hashlib.blake2b(self._query.text.encode(), digest_size=6).hexdigest()
        with told():
            answer = self._client.search(
                index=self._index, body=body, allow_partial_search_results=False, preference=copy
            )
        if answer["timed_out"]:
            raise SearchUnavailable(why="no whole answer in time")
        return dict(answer.body)


def _hit(hit: Mapping[str, Any]) -> Hit:
    fields = hit["fields"]
    return Hit(
        entry_id=EntryId(UUID(fields[ID][0])), revision=int(fields[REVISION][0]), score=float(hit.get("_score") or 0.0)
    )


def _place(sort: Sort, keys: Sequence[Any]) -> int | str:
    """Return where a hit stands in an order, as one number or text."""
    if sort is Sort.TITLE:
        return str(keys[0])
    return int(keys[0]) << SERIAL_BITS | int(keys[1]) if sort is Sort.RELEVANCE else int(keys[0])


def _counts(counted: Mapping[str, Any]) -> tuple[FacetCount, ...]:
    return counts_of((str(one["key"]), int(one["doc_count"])) for one in counted["values"]["buckets"])
