"""Many sources at once on one SQLite file: all are harvested, none fails at a lock, a dripping one holds up nobody."""

import sys
import threading
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
from tests.paged_site import PAGES, paged, site_apart
from tests.servers import Answer, Request, serving, wait_until

LATENCY_S = 0.1


def opened(site: str, folder: Path, count: int, of_a_page: int, **settings: str) -> tuple[Container, list[Source]]:
    """Open a catalogue with so many sources of one paged site, whose host is not spared."""
    container = open_catalogue(
        folder / "var",
        allowed_private_hosts="127.0.0.1",
        harvest_host_runs="1000",
        harvest_host_per_minute="0",
        harvest_retries="0",
        **settings,
    )
    rows = str(of_a_page)
    addresses = [f"{site}site{number}" for number in range(count)]
    return container, [add_source(container, SourceKind.CKAN, it, rows=rows, robots="ignore") for it in addresses]


def outcomes(container: Container, sources: list[Source]) -> Counter[tuple[RunState, int]]:
    found: Counter[tuple[RunState, int]] = Counter()
    with container.uow.reading() as look:
        for source in sources:
            found.update((run.state, run.gathered) for run in look.runs.latest(source.id, 9))
    return found


def test_thirty_two_threads_share_one_file(tmp_path: Path) -> None:
    with serving(paged(4, 0.01)) as server:
        container, sources = opened(server.address(), tmp_path, 64, 4, harvest_runs="32")
        tasks.harvest_due(container)
        container.harvest_pool.finish()
        assert outcomes(container, sources) == {(RunState.COMPLETE, PAGES * 4): 64}
        with container.uow.reading() as look:
            assert sum(1 for _ in look.entries.stream()) == 64 * PAGES * 4


def test_a_process_asks_so_many_at_once_and_works_on_as_many_more(tmp_path: Path) -> None:
    lock, asked, most = threading.Lock(), Counter[str](), Counter[str]()
    answer_one = paged(2, 0.0)

    def respond(request: Request) -> Answer:
        site = request.path.split("/")[1]
        with lock:
            asked[site] += 1
            asked["now"] += 1
            most["asked"] = max(most["asked"], asked["now"])
            begun = [name for name, pages in asked.items() if name.startswith("site") and pages <= PAGES]
            most["under way"] = max(most["under way"], len(begun))
        time.sleep(0.1)
        with lock:
            asked["now"] -= 1
        return answer_one(request)

    with serving(respond) as server:
        container, sources = opened(server.address(), tmp_path, 12, 2, harvest_runs="3")
        tasks.harvest_due(container)
        container.harvest_pool.finish()
        assert outcomes(container, sources) == {(RunState.COMPLETE, PAGES * 2): 12}
    assert most["asked"] == 3
    assert most["under way"] > 3


def dripping() -> Iterator[bytes]:
    yield from repeat(b" ")


def test_a_dripping_source_changes_nothing_for_the_rest(tmp_path: Path) -> None:
    drip = Answer(headers={"Content-Length": "100000"}, pieces=dripping(), pause_s=0.05)
    with serving(paged(2, 0.0)) as server, serving(lambda _: drip) as slow:
        container, sources = opened(server.address(), tmp_path, 12, 2)
        loris = add_source(container, SourceKind.DATA_JSON, slow.address("/list.json"), max_seconds="3")
        tasks.harvest_due(container)
        assert wait_until(lambda: outcomes(container, sources) == {(RunState.COMPLETE, PAGES * 2): 12}, 120.0)
        container.harvest_pool.finish()
        assert outcomes(container, [loris]) == {(RunState.ABORTED, 0): 1}


@pytest.mark.full
def test_three_hundred_sources_are_fetched_as_fast_as_places_and_latency_allow(tmp_path: Path) -> None:
    with site_apart(20, LATENCY_S) as site:
        container, sources = opened(site, tmp_path, 300, 20)
        began = time.monotonic()
        tasks.harvest_due(container)
        container.harvest_pool.finish()
        took_s = time.monotonic() - began
        assert outcomes(container, sources) == {(RunState.COMPLETE, PAGES * 20): 300}
    a_page_s = len(sources) * LATENCY_S / container.settings.harvest.runs
    bound_s, asked_s = PAGES * a_page_s, (PAGES + 1) * a_page_s  # full pages end with an empty one
    sys.stderr.write(
        f"\n300 sources x {PAGES} pages: {took_s:.1f} s, bound {bound_s:.1f} s, ratio {bound_s / took_s:.2f}"
        f" (of the {PAGES + 1} questions asked: {asked_s / took_s:.2f})\n"
    )
