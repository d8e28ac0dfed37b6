"""What an Elasticsearch index holds, for machines: revisions, figures, the stream of all pairs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from uuid import UUID

from elasticsearch import Elasticsearch

from catalogue_app.domain.ids import EntryId, OrganId
from catalogue_app.domain.vocabulary import Tier
from indexing.elastic.connection import told
from indexing.elastic.mapping import ID, REVISION, Json, facet_name
from indexing.fields import FacetField
from indexing.reconcile import Share, Sums

_PAGE: Final = 5000
_BATCH: Final = 1000
_KEEP_ALIVE: Final = "5m"
"""How long the cluster keeps the state of a walk between two of its pages."""
_ORGANS: Final = 10_000
"""More organs than any municipality has."""
_DEADLINE_S: Final = 60.0
_PAIR: Final[list[Json]] = [{ID: "asc"}, {REVISION: "asc"}]
"""What is sorted by comes back with each hit, without a look at the documents."""


def digests(client: Elasticsearch, index: str) -> Iterator[tuple[EntryId, int]]:
    """Yield (entry, revision) of every document, by entry id, all of one moment."""
    patient = client.options(request_timeout=_DEADLINE_S)
    with told():
        moment = patient.open_point_in_time(index=index, keep_alive=_KEEP_ALIVE)["id"]
    try:
        after: list[object] | None = None
        while True:
            with told():
                answer = patient.search(
                    pit={"id": moment, "keep_alive": _KEEP_ALIVE},
                    size=_PAGE,
                    sort=_PAIR,
                    search_after=after,
                    track_total_hits=False,
                    source=False,
                    stored_fields="_none_",
                )
            hits = answer["hits"]["hits"]
            for hit in hits:
                yield EntryId(UUID(hit["sort"][0])), int(hit["sort"][1])
            if len(hits) < _PAGE:
                return
            after, moment = hits[-1]["sort"], answer["pit_id"]
    finally:
        with told():
            client.close_point_in_time(id=moment)


def revisions(client: Elasticsearch, index: str, ids: Sequence[EntryId]) -> dict[EntryId, int]:
    """Return the revisions at which entries are kept."""
    found: dict[EntryId, int] = {}
    for start in range(0, len(ids), _BATCH):
        values = [entry_id.hex for entry_id in ids[start : start + _BATCH]]
        with told():
            answer = client.search(
                index=index,
                query={"ids": {"values": values}},
                size=len(values),
                sort=_PAIR,
                source=False,
                stored_fields="_none_",
                allow_partial_search_results=False,
            )
        found |= {EntryId(UUID(hit["sort"][0])): int(hit["sort"][1]) for hit in answer["hits"]["hits"]}
    return found


def sums(client: Elasticsearch, index: str) -> Mapping[Share, Sums]:
    """Return number and sum of revisions of each organ's documents on each tier."""
    tiers = {
        "terms": {"field": facet_name(FacetField.TIER), "size": len(Tier)},
        "aggs": {"revisions": {"sum": {"field": REVISION}}},
    }
    organs = {"terms": {"field": facet_name(FacetField.ORGAN), "size": _ORGANS}, "aggs": {"tiers": tiers}}
    with told():
        answer = client.options(request_timeout=_DEADLINE_S).search(
            index=index, size=0, aggs={"organs": organs}, allow_partial_search_results=False
        )
    return {
        (OrganId(organ["key"]), Tier(tier["key"])): (int(tier["doc_count"]), int(tier["revisions"]["value"]))
        for organ in answer["aggregations"]["organs"]["buckets"]
        for tier in organ["tiers"]["buckets"]
    }
