"""Many sources at once on one SQLite file: all are harvested, none fails at a lock, a dripping one holds up nobody."""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path

import pytest

from catalogue_app.container import Container
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.source import Source, SourceKind
from catalogue_app.jobs import tasks
from tests.living import add_source, open_catalogue
from tests.servers import Answer, Request, Responder, Server, serving, wait_until

PLACES = 32
PAGES = 5
LATENCY_S = 0.1


def paged(of_a_page: int, pause_s: float) -> Responder:
    """Answer as a CKAN site of five pages behind every first part of the path."""

    def respond(request: Request) -> Answer:
        start, site = int(request.query.get("start", 0)), request.path.split("/")[1]
        ids = [f"{site}-{at}" for at in range(start, min(start + of_a_page, PAGES * of_a_page))]
        rows = [{"id": it, "name": it, "title": f"第{it}号名录"} for it in ids]
        body = {"success": True, "result": {"count": PAGES * of_a_page, "results": rows}}
        return Answer(headers={"Content-Type": "application/json"}, body=json.dumps(body).encode(), pause_s=pause_s)

    return respond


def opened(server: Server, folder: Path, count: int, of_a_page: int) -> tuple[Container, list[Source]]:
    container = open_catalogue(
        folder / "var",
        allowed_private_hosts="127.0.0.1",
        harvest_runs=str(PLACES),
        harvest_host_runs=str(PLACES),
        harvest_host_per_minute="0",
        harvest_retries="0",
    )
    rows = str(of_a_page)
    addresses = [server.address(f"/site{number}") for number in range(count)]
    return container, [add_source(container, SourceKind.CKAN, it, rows=rows, robots="ignore") for it in addresses]


def outcomes(container: Container, sources: list[Source]) -> Counter[tuple[RunState, int]]:
    found: Counter[tuple[RunState, int]] = Counter()
    with container.uow.reading() as look:
        for source in sources:
            found.update((run.state, run.gathered) for run in look.runs.latest(source.id, 9))
    return found


def test_thirty_two_threads_share_one_file(tmp_path: Path) -> None:
    with serving(paged(4, 0.01)) as server:
        container, sources = opened(server, tmp_path, 64, 4)
        tasks.harvest_due(container)
        container.harvest_pool.finish()
        assert outcomes(container, sources) == {(RunState.COMPLETE, PAGES * 4): 64}
        with container.uow.reading() as look:
            assert sum(1 for _ in look.entries.stream()) == 64 * PAGES * 4


def dripping() -> Iterator[bytes]:
    yield from repeat(b" ")


def test_a_dripping_source_changes_nothing_for_the_rest(tmp_path: Path) -> None:
    drip = Answer(headers={"Content-Length": "100000"}, pieces=dripping(), pause_s=0.05)
    with serving(paged(2, 0.0)) as server, serving(lambda _: drip) as slow:
        container, sources = opened(server, tmp_path, 12, 2)
        loris = add_source(container, SourceKind.DATA_JSON, slow.address("/list.json"), max_seconds="3")
        tasks.harvest_due(container)
        assert wait_until(lambda: outcomes(container, sources) == {(RunState.COMPLETE, PAGES * 2): 12}, 120.0)
        container.harvest_pool.finish()
        assert outcomes(container, [loris]) == {(RunState.ABORTED, 0): 1}


@pytest.mark.full
def test_three_hundred_sources_are_fetched_as_fast_as_places_and_latency_allow(tmp_path: Path) -> None:
    with serving(paged(20, LATENCY_S)) as server:
        container, sources = opened(server, tmp_path, 300, 20)
        began = time.monotonic()
        tasks.harvest_due(container)
        container.harvest_pool.finish()
        took_s = time.monotonic() - began
        assert outcomes(container, sources) == {(RunState.COMPLETE, PAGES * 20): 300}
    bound_s = len(sources) * PAGES * LATENCY_S / PLACES
    sys.stderr.write(
        f"\n300 sources x {PAGES} pages: {took_s:.1f} s, bound {bound_s:.1f} s, ratio {bound_s / took_s:.2f}\n"
    )
