"""Elasticsearch loses a process at the wrong moment: no acknowledged write is lost, and index equals database after."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from catalogue_app.domain.entry import Entry
from catalogue_app.domain.errors import SearchUnavailable
from indexing.elastic.connection import Connection
from indexing.elastic.engine import ElasticEngine
from indexing.query import SearchQuery
from tests.builders import a_metadata, an_entry
from tests.feeding import Place, a_place
from tests.search_node import PATIENCE_S, SearchNode, a_cluster, a_server
from tests.searching import BOTH, EXTRANET, a_document, a_language, engines_of, system_clock

NUMBER = 200


def kindergartens(number: int) -> list[Entry]:
    return [an_entry(serial, f"第{serial}幼儿园名录") for serial in range(1, number + 1)]


def an_engine(*nodes: SearchNode, deadline_s: float = 60.0) -> ElasticEngine:
    connection = Connection(urls=tuple(node.url for node in nodes), deadline_s=deadline_s, retries=4)
    return ElasticEngine(connection, "faults", a_language, system_clock)


@contextmanager
def repeating(*calls: Callable[[], None]) -> Iterator[list[Exception]]:
    """Repeat calls, each in a thread of its own; yields what they raised."""
    stop = threading.Event()
    raised: list[Exception] = []

    def repeat(call: Callable[[], None]) -> None:
        while not stop.is_set():
            try:
                call()
            except Exception as error:  # noqa: BLE001 — whatever it is, the test must name it
                raised.append(error)

    threads = [threading.Thread(target=repeat, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    try:
        yield raised
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def drain(place: Place) -> None:
    """Drain as the scheduler does: where the engine does not answer, the rows wait for the next time."""
    try:
        place.feed.drain()
    except SearchUnavailable:
        time.sleep(0.2)


def drain_all(place: Place) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while place.waiting() and time.monotonic() < deadline:
        drain(place)
    assert place.waiting() == 0


@pytest.mark.engines
def test_a_server_killed_and_restarted_during_a_feed_loses_nothing(tmp_path: Path) -> None:
    entries = kindergartens(NUMBER)
    with a_server(heap="384m") as node, a_place(tmp_path, an_engine(node, deadline_s=5.0)) as place:
        with repeating(lambda: drain(place)) as raised:
            for turn, start in enumerate(range(0, NUMBER, 25)):
                place.save(*entries[start : start + 25])
                if turn in {2, 5}:
                    node.kill()
                    place.save(replace(entries[start], revision=2, metadata=a_metadata("托儿所名录")))
                    node.start()
                    node.wait()
        assert raised == []
        drain_all(place)
        verification = place.feed.verify()
        assert verification.is_equal, verification.document()
        assert verification.compared == NUMBER
        assert (place.total("幼儿园"), place.total("托儿所")) == (NUMBER - 2, 2)


@pytest.mark.engines
def test_a_cluster_that_loses_its_master_loses_no_write_and_fails_no_search(tmp_path: Path) -> None:
    written: list[Entry] = []
    searches: list[int] = []

    def write() -> None:
        entry = an_entry(len(written) + 1, f"第{len(written) + 1}幼儿园名录")
        place.engine.write([a_document(entry)])
        written.append(entry)

    def search() -> None:
        acknowledged = len(written)
        found = place.engine.search(SearchQuery(text="幼儿园", audience=EXTRANET)).total
        assert found >= acknowledged, "what was acknowledged is found"
        searches.append(found)

    with a_cluster(3) as nodes, a_place(tmp_path, an_engine(*nodes)) as place:
        place.engine.write([])
        nodes[0].wait("green", nodes=3)
        with repeating(write, search, search) as raised:
            _wait_until(lambda: len(written) > 20)
            master = _master(nodes)
            before = len(written), len(searches)
            master.kill()
            _wait_until(lambda: len(written) > before[0] + 20 and len(searches) > before[1] + 20)
            master.start()
            master.wait("green", nodes=3)
        assert raised == []
        assert dict(place.engine.digests()) == {entry.id: 1 for entry in written}
        assert place.total("幼儿园") == len(written)


def _master(nodes: list[SearchNode]) -> SearchNode:
    state = nodes[0].ask("/_cluster/state/master_node,nodes")
    assert state is not None
    name = state["nodes"][state["master_node"]]["name"]
    return next(node for node in nodes if node.name == name)


def _wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, "nothing moves any more"
        time.sleep(0.05)


@pytest.mark.parametrize("name", BOTH)
def test_a_rebuild_under_searches_and_edits_fails_nobody_and_misses_nothing(name: str, tmp_path: Path) -> None:
    entries = {entry.serial: entry for entry in kindergartens(NUMBER)}
    dice = iter(range(10_000))

    def edit() -> None:
        entry = entries[next(dice) % NUMBER + 1]
        entries[entry.serial] = changed = replace(entry, revision=entry.revision + 1)
        place.save(changed)
        time.sleep(0.05)

    def search() -> None:
        found = place.total("幼儿园")
        assert found == NUMBER, "every count is that of a whole index"
        time.sleep(0.01)

    with engines_of(name) as make:
        engine = make(tmp_path / "index", a_language)
        assert isinstance(engine, ElasticEngine) or name == "embedded"
        with a_place(tmp_path, engine) as place:  # type: ignore[arg-type]  # one of the two engines there are
            place.save(*entries.values())
            place.feed.drain()
            with repeating(edit, search, search, lambda: drain(place)) as raised:
                for _ in range(2):
                    edited = {serial: entry.revision for serial, entry in entries.items()}
                    place.feed.rebuild(lambda _done: None)
                    held = dict(place.engine.digests())
                    assert all(held[entries[serial].id] >= revision for serial, revision in edited.items())
            assert raised == []
            drain_all(place)
            verification = place.feed.verify()
            assert verification.is_equal, verification.document()
            assert sum(entry.revision for entry in entries.values()) > NUMBER, "there were edits"
