"""Asking only for what changed: unchanged pages come from the store, and a server that lies is found out."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from catalogue_app.container import Container, build
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.source import Source, SourceKind
from catalogue_app.settings import load_settings
from tests.living import add_source, codes, harvest, tally
from tests.servers import ROBOTS, Answer, Request, Server, serving

START = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
DAYS_UNTIL_READ_WHOLE = 7


class Clock:
    """A clock that moves by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


class Page:
    """A list of datasets behind an address that knows its validators."""

    def __init__(self, *titles: str) -> None:
        self.titles = list(titles)
        self.tag: Callable[[], str] = lambda: f'"{len(self.titles)}"'
        self.always_304 = False

    def __call__(self, request: Request) -> Answer:
        asked = request.headers.get("if-none-match", "")
        if asked and (self.always_304 or asked == self.tag()):
            return Answer(status=304, headers={"ETag": self.tag()})
        datasets = [{"identifier": it, "title": it, "accessLevel": "public"} for it in self.titles]
        headers = {"Content-Type": "application/json", "ETag": self.tag()}
        return Answer(headers=headers, body=json.dumps({"dataset": datasets}).encode())


def open_for(server: Server, folder: Path, clock: Clock, **options: str) -> tuple[Container, Source]:
    variables = {"CATALOGUE_DATA_DIR": str(folder / "var"), "CATALOGUE_ALLOWED_PRIVATE_HOSTS": server.host}
    container = build(load_settings(variables), clock)
    container.upgrade()
    container.organs.seed(actor="test")
    source = add_source(container, SourceKind.DATA_JSON, server.address("/data.json"), **options)
    return container, source


def conditions(server: Server) -> list[str]:
    """Return what each request asked for: its If-None-Match, empty for the whole page."""
    return [request.headers.get("if-none-match", "") for request in server.requests if request.path != ROBOTS]


def snapshots(container: Container, source: Source) -> list[str]:
    with container.uow.reading() as look:
        [run] = look.runs.latest(source.id)
        return [fetch.digest for fetch in look.snapshots.of_run(run.id)]


def test_an_unchanged_page_comes_from_the_store_with_every_record_accounted_for(tmp_path: Path) -> None:
    page, clock = Page("幼儿园名录", "公园名录"), Clock()
    with serving(page) as server:
        container, source = open_for(server, tmp_path, clock)
        assert tally(harvest(container, source.id)) == (2, 2, 0, 0, 0, 0, 0)
        first = snapshots(container, source)
        for _ in range(2):
            assert tally(harvest(container, source.id)) == (2, 0, 0, 2, 0, 0, 0)
        assert snapshots(container, source) == first
        page.titles.append("停车场名录")
        assert tally(harvest(container, source.id)) == (3, 1, 0, 2, 0, 0, 0)
        assert conditions(server) == ["", '"2"', '"2"', '"2"']


def test_an_unchanged_page_is_read_anew_when_reading_changes(tmp_path: Path) -> None:
    page = Page("幼儿园名录")
    with serving(page) as server:
        container, source = open_for(server, tmp_path, Clock())
        harvest(container, source.id)
        container.sources.change(source.id, {"tier": "portal"}, actor="test")
        assert tally(harvest(container, source.id))[:1] == (1,)
        assert conditions(server) == ["", '"1"'], "the page was read from the store, by the new settings"


def test_a_vanished_record_is_seen_through_304_as_well(tmp_path: Path) -> None:
    page = Page("幼儿园名录", "公园名录")
    with serving(page) as server:
        container, source = open_for(server, tmp_path, Clock())
        harvest(container, source.id)
        page.titles.pop()
        assert tally(harvest(container, source.id))[-1] == 1
        assert tally(harvest(container, source.id))[-1] == 1
        assert conditions(server)[-1] == '"1"'


def test_a_server_that_always_says_unchanged_is_found_out_by_the_weekly_reading(tmp_path: Path) -> None:
    page, clock = Page("幼儿园名录"), Clock()
    page.tag, page.always_304 = lambda: '"constant"', True
    with serving(page) as server:
        container, source = open_for(server, tmp_path, clock)
        harvest(container, source.id)
        page.titles.append("公园名录")
        assert tally(harvest(container, source.id)) == (1, 0, 0, 1, 0, 0, 0), "believed for now"
        clock.now += timedelta(days=DAYS_UNTIL_READ_WHOLE)
        assert tally(harvest(container, source.id)) == (2, 1, 0, 1, 0, 0, 0)
        page.titles.append("停车场名录")
        assert tally(harvest(container, source.id)) == (3, 1, 0, 2, 0, 0, 0), "believed no more"
        assert conditions(server) == ["", '"constant"', "", ""]


def test_a_confirmation_does_not_put_the_weekly_reading_off(tmp_path: Path) -> None:
    page, clock = Page("幼儿园名录"), Clock()
    with serving(page) as server:
        container, source = open_for(server, tmp_path, clock)
        for _ in range(9):
            harvest(container, source.id)
            clock.now += timedelta(days=1)
        assert conditions(server) == ["", *['"1"'] * 6, "", '"1"']


def test_a_304_that_nobody_asked_for_is_no_answer(tmp_path: Path) -> None:
    with serving(lambda _: Answer(status=304)) as server:
        container, source = open_for(server, tmp_path, Clock())
        report = harvest(container, source.id)
        assert (report.state, codes(report)) == (RunState.ABORTED, ["http_status"])


def test_a_source_may_be_read_whole_every_time(tmp_path: Path) -> None:
    with serving(Page("幼儿园名录")) as server:
        container, source = open_for(server, tmp_path, Clock(), conditional="no")
        for _ in range(3):
            harvest(container, source.id)
        assert conditions(server) == ["", "", ""]


def test_dates_serve_where_there_is_no_tag(tmp_path: Path) -> None:
    day = "Wed, 25 Nov 2026 01:00:00 GMT"

    def respond(request: Request) -> Answer:
        if request.headers.get("if-modified-since") == day:
            return Answer(status=304)
        body = b'{"dataset": [{"identifier": "a", "title": "\\u516c\\u56ed\\u540d\\u5f55"}]}'
        return Answer(headers={"Last-Modified": day}, body=body)

    with serving(respond) as server:
        container, source = open_for(server, tmp_path, Clock())
        assert tally(harvest(container, source.id))[1] == 1
        assert tally(harvest(container, source.id))[3] == 1
        assert [request.headers.get("if-modified-since") for request in server.requests] == [None, day]
