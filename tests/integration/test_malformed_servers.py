"""Servers that misbehave as `data/malformed/*.server.json` says: no run hangs, nothing is lost, others go on."""

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from catalogue_app.container import Container
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.source import Source, SourceKind
from tests.living import add_source, codes, harvest, open_catalogue, tally
from tests.malformed import ABORTED, COMPLETE, DATA_JSON, NOTHING, entries_of, write_datasets
from tests.servers import Answer, Request, Responder, Server, scripted, serving
from tests.shared import shared_path

QUICK = {"harvest_deadline_s": "4", "harvest_retries": "1", "harvest_max_wait_s": "2", "harvest_max_bytes": "1000000"}
"""Limits that end a bad server's answer soon; the limits themselves are settings."""


def played(name: str) -> Responder:
    return scripted(json.loads(shared_path(f"data/malformed/{name}").read_bytes()), interval_s=9)


def datasets(count: int) -> bytes:
    listed = [{"identifier": f"s-{number}", "title": f"第{number}号名录册"} for number in range(count)]
    return json.dumps({"dataset": listed}).encode()


class Turning:
    """A server that is honest until it turns."""

    def __init__(self, count: int, then: Responder) -> None:
        self._good = Answer(body=datasets(count), headers={"Content-Type": "application/json"})
        self._then = then
        self.has_turned = False

    def __call__(self, request: Request) -> Answer:
        return self._then(request) if self.has_turned else self._good


@contextmanager
def standing(
    folder: Path, responder: Responder, path: str = "/data.json"
) -> Iterator[tuple[Container, Source, Server]]:
    """Run a server and a catalogue that may reach it, with a source on it."""
    with serving(responder) as server:
        container = open_catalogue(folder / "var", allowed_private_hosts=server.host, **QUICK)
        yield container, add_source(container, DATA_JSON, server.address(path)), server


def lie(path: str) -> Callable[[], Responder]:
    """Play 23 at another path of its script."""

    def make() -> Responder:
        respond = played("23-content-length-lie.server.json")
        return lambda request: respond(Request(number=request.number, target=path, headers=request.headers))

    return make


def bomb() -> Responder:
    body = shared_path("data/malformed/04-gzip-bomb.json.gz").read_bytes()
    return lambda _: Answer(body=body, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})


def maintenance() -> Responder:
    body = shared_path("data/malformed/29-maintenance-page-200.html").read_bytes()
    return lambda _: Answer(body=body, headers={"Content-Type": "application/json"})


def cut_and_packed() -> Responder:
    body = gzip.compress(datasets(500))[:-40]
    return lambda _: Answer(body=body, headers={"Content-Encoding": "gzip"})


TURNS: dict[str, tuple[Callable[[], Responder], str]] = {
    "a bomb": (bomb, "too_large"),
    "a redirect inwards": (lambda: played("21-redirect-to-metadata.server.json"), "address_not_public"),
    "a slow drip": (lambda: played("22-slow-loris.server.json"), "deadline_exceeded"),
    "more than was sent": (lie("/data.json"), "incomplete_answer"),
    "less than was sent": (lie("/short.json"), "incomplete_answer"),
    "an endless answer": (lambda: played("24-endless-chunked.server.json"), "too_large"),
    "come back in 2099": (lambda: played("25-rate-limit-429.server.json"), "rate_limited"),
    "a maintenance page": (maintenance, "html_instead_of_json"),
    "half a packed answer": (cut_and_packed, "incomplete_answer"),
    "an error": (lambda: lambda _: Answer(status=500, body=b"{}"), "http_status"),
}


@pytest.mark.parametrize("turn", TURNS)
def test_a_server_that_turns_bad_costs_no_entry_and_holds_up_nobody(turn: str, tmp_path: Path) -> None:
    make, code = TURNS[turn]
    server_side = Turning(20, make())
    with standing(tmp_path, server_side) as (container, source, _):
        assert tally(harvest(container, source.id)) == (20, 20, 0, 0, 0, 0, 0)
        before = entries_of(container, source.id)
        server_side.has_turned = True
        failed = harvest(container, source.id)
        assert (failed.state, tally(failed), codes(failed)) == (ABORTED, NOTHING, [code])
        assert entries_of(container, source.id) == before
        good = add_source(container, DATA_JSON, write_datasets(tmp_path / "good.json", {"g-1": "幼儿园名录"}))
        assert tally(harvest(container, good.id))[:2] == (1, 1)
        assert container.index_feed.verify().is_equal


@pytest.mark.parametrize("turn", ["a redirect inwards", "a maintenance page", "come back in 2099"])
def test_why_a_server_was_left_is_told_in_words(turn: str, tmp_path: Path) -> None:
    make, _ = TURNS[turn]
    with standing(tmp_path, make()) as (container, source, _):
        document: Any = harvest(container, source.id).document(container.reference.messages)
    [problem] = document["problems"]
    named = {"a redirect inwards": "169.254", "a maintenance page": "系统维护", "come back in 2099": "2099"}
    assert named[turn] in problem["message"] or named[turn] in problem["value"], problem
    assert problem["mend"]


def test_a_source_that_may_be_asked_later_is_put_off(tmp_path: Path) -> None:
    with standing(tmp_path, played("25-rate-limit-429.server.json")) as (container, source, server):
        harvest(container, source.id)
        assert len(server.requests) <= 2, "tries are bounded, and a far date is not waited for"
        assert source.id not in [due.id for due in container.sources.due()]


def test_paging_that_goes_in_a_circle_is_left_with_what_it_gave(tmp_path: Path) -> None:
    packages = [{"id": f"p-{number}", "name": f"p-{number}", "title": f"第{number}号名录册"} for number in range(100)]
    body = json.dumps({"success": True, "result": {"count": 5000, "results": packages}}).encode()
    with serving(lambda _: Answer(body=body, headers={"Content-Type": "application/json"})) as server:
        container = open_catalogue(tmp_path / "var", allowed_private_hosts=server.host, **QUICK)
        source = add_source(container, SourceKind.CKAN, server.address())
        first, second = harvest(container, source.id), harvest(container, source.id)
    assert "paging_loop" in codes(first)
    assert (tally(first)[:2], tally(second)[:4]) == ((100, 100), (100, 0, 0, 100))
    assert (tally(first)[6], tally(second)[6]) == (0, 0)
    assert len(entries_of(container, source.id)) == 100


def test_a_catalogue_that_is_suddenly_empty_is_held_and_comes_back_whole(tmp_path: Path) -> None:
    empty = json.loads(shared_path("data/malformed/28-delete-100-percent.server.json").read_bytes())["steps"][1]["body"]
    server_side = Turning(200, lambda _: Answer(body=empty.encode()))
    with standing(tmp_path, server_side) as (container, source, _):
        harvest(container, source.id)
        before = entries_of(container, source.id)
        server_side.has_turned = True
        held = harvest(container, source.id)
        assert (held.state, tally(held), codes(held)) == (RunState.HELD, NOTHING, ["too_few_records"])
        assert entries_of(container, source.id) == before
        server_side.has_turned = False
        again = harvest(container, source.id)
        assert (again.state, tally(again)) == (COMPLETE, (200, 0, 0, 200, 0, 0, 0))
        assert entries_of(container, source.id) == before
