"""Measures the two search engines beside each other: feeding, answering, growing; run as `python -m bench.engines`.

Elasticsearch is the one the tests use, started for the measuring with a gigabyte and thrown away.
"""

import os
import statistics
import tempfile
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

from bench.municipality import write_catalogue
from bench.pages import QUERIES
from bench.parts import Stand, set_up
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

SCALE: Final = int(os.environ.get("SCALE", "100000"))
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


def measure(folder: Path, url: str) -> None:
    """Print one line after the other."""
    write_catalogue(folder / "all.json", SCALE)
    stand = set_up(folder / "stand", folder / "all.json")
    stand.harvest()
    language = stand.container.language
    embedded = EmbeddedEngine(folder / "index", language)
    tenth = EmbeddedEngine(folder / "tenth", language)
    elastic = ElasticEngine(Connection(urls=(url,), deadline_s=60.0), "bench", language, _now)
    _feeding(stand, elastic, url)
    for engine, number in ((embedded, SCALE), (tenth, SCALE // 10), (elastic, SCALE)):
        _fill(engine, stand, number)
    ours, theirs, small = _medians((embedded, elastic, tenth))
    note = f"p50 {ours * 1000:.1f} ms against {theirs * 1000:.1f} ms, six facets"
    _line("search p50: embedded / Elasticsearch", ours / theirs, 2.0, note, at_least=False)
    note = f"p50 {small * 1000:.1f} ms → {ours * 1000:.1f} ms"
    _line(f"search p50: {SCALE:,} / {SCALE // 10:,} entries, embedded", ours / small, 8.0, note, at_least=False)


def _feeding(stand: Stand, elastic: ElasticEngine, url: str) -> None:
    """Compare the feed, terms made on the way, with a plain bulk of documents that were prepared before."""
    documents = list(_documents(stand, min(SCALE, _FED)))
    analyser = stand.container.language().analyser
    bulk = _seconds_of(lambda: _bulk(url, _prepared(documents, analyser)))
    with elastic.build() as build:
        fed = _seconds_of(lambda: build.fill(documents))
    note = f"{len(documents) / fed:,.0f} documents/s against {len(documents) / bulk:,.0f}"
    _line("Elasticsearch feed: parallel_bulk of prepared / feed", bulk / fed, 0.7, note)


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


def _line(what: str, ratio: float, goal: float, note: str, *, at_least: bool = True) -> None:
    is_met = ratio >= goal if at_least else ratio <= goal
    sign, verdict = "≥" if at_least else "≤", "met" if is_met else "MISSED"
    print(f"{what:<58} {ratio:>7.2f}  {sign} {goal:<5} {verdict:<7} {note}", flush=True)


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 — the cluster's own signs of life


def main() -> None:
    """Print the table; a miss is shown as a miss."""
    print(f"search engines, {SCALE:,} entries, one run on this machine; ratios within the run\n")
    with tempfile.TemporaryDirectory(prefix="catalogue-bench-") as folder, a_server("1g", THOROUGH) as node:
        measure(Path(folder), node.url)


if __name__ == "__main__":
    main()
