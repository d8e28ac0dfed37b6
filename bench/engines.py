"""The two search engines beside each other: feeding, answering, growing.

Elasticsearch is the one the tests use, started for the measuring with a gigabyte and thrown away.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

import orjson
from elasticsearch import Elasticsearch
from elasticsearch.helpers import parallel_bulk

from bench.line import Line
from bench.pages import QUERIES
from bench.parts import Stand
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from indexing.analysis import Analyser
from indexing.document import SearchDocument, project
from indexing.elastic.connection import Connection
from indexing.elastic.engine import ElasticEngine
from indexing.elastic.mapping import mappings, operation, settings
from indexing.embedded.engine import EmbeddedEngine
from indexing.fields import FacetField
from indexing.port import SearchEngine
from indexing.query import SearchQuery
from tests.search_node import THOROUGH, a_server

_FED: Final = 100_000
"""Most documents of which feeding is measured; all of them stand in memory."""
_ROUNDS: Final = 3
_FACETS: Final = (
    FacetField.ORGAN,
    FacetField.THEME,
    FacetField.CATEGORY,
    FacetField.SHARING,
    FacetField.CYCLE,
    FacetField.FORMAT,
)


def engine_lines(folder: Path, stand: Stand, scale: int) -> Iterator[Line]:
    """Measure the feed of Elasticsearch, and questions to it, to the index of a catalogue and to one of a tenth."""
    with a_server("1g", THOROUGH) as node:
        language = stand.container.language
        tenth = EmbeddedEngine(folder / "tenth", language)
        elastic = ElasticEngine(Connection(urls=(node.url,), deadline_s=60.0), "bench", language, _now)
        yield _feed_line(stand, elastic, node.url)
        _fill(tenth, stand, scale // 10)
        _fill(elastic, stand, scale)
        ours, theirs, small = _medians((stand.container.engine, elastic, tenth))
    note = f"p50 {ours * 1000:.1f} ms against {theirs * 1000:.1f} ms, six facets"
    yield Line(what="search p50: embedded / Elasticsearch", ratio=ours / theirs, goal=2.0, at_least=False, note=note)
    note = f"p50 {small * 1000:.1f} ms → {ours * 1000:.1f} ms"
    what = f"search p50, embedded: {scale:,} / {scale // 10:,} entries"
    yield Line(what=what, ratio=ours / small, goal=8.0, at_least=False, note=note)


def _feed_line(stand: Stand, elastic: ElasticEngine, url: str) -> Line:
    """Compare the feed, terms made on the way, with a plain bulk of documents that were prepared before."""
    documents = list(_documents(stand, _FED))
    analyser = stand.container.language().analyser
    bulk = _seconds_of(lambda: _bulk(url, _prepared(documents, analyser)))
    with elastic.build() as build:
        fed = _seconds_of(lambda: build.fill(documents))
    note = f"{len(documents) / fed:,.0f} documents/s against {len(documents) / bulk:,.0f}"
    return Line(what="Elasticsearch feed: parallel_bulk of prepared / feed", ratio=bulk / fed, goal=0.7, note=note)


def _prepared(documents: Sequence[SearchDocument], analyser: Analyser) -> list[dict[str, object]]:
    lines = (operation(document, analyser).split(b"\n") for document in documents)
    return [
        {**orjson.loads(head)["index"], "_index": "plain", "_op_type": "index", "_source": orjson.loads(body)}
        for head, body in lines
    ]


def _bulk(url: str, actions: list[dict[str, object]]) -> None:
    with Elasticsearch(url, request_timeout=120) as client:
        client.indices.create(index="plain", mappings=mappings(), settings=settings())
        for is_kept, item in parallel_bulk(client, actions, thread_count=2, chunk_size=1000):
            assert is_kept, item  # noqa: S101 — a bulk that loses documents measures nothing
        client.indices.delete(index="plain")


def _documents(stand: Stand, number: int) -> Iterator[SearchDocument]:
    return islice(_all(stand), number)


def _all(stand: Stand) -> Iterator[SearchDocument]:
    with stand.container.uow.reading() as look:
        organs = {organ.id: organ for organ in look.organs.all()}
        for entry in look.entries.stream():
            yield project(entry, organs[entry.organ_id])


def _fill(engine: SearchEngine, stand: Stand, number: int) -> None:
    with engine.build() as build:
        build.fill(_documents(stand, number))
        build.swap()


def _medians(engines: Sequence[SearchEngine]) -> list[float]:
    """Return the median seconds of a page, engine by engine, asked in turns."""
    taken: list[list[float]] = [[] for _ in engines]
    for _ in range(_ROUNDS):
        for text in QUERIES:
            query = SearchQuery(text=text, audience=Audience.of_tier(Tier.EXTRANET), facets=_FACETS)
            for engine, seconds in zip(engines, taken, strict=True):
                seconds.append(_seconds_of(partial(engine.search, query)))
    return [statistics.median(seconds) for seconds in taken]


def _seconds_of(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 — the cluster's own signs of life
