"""Runs against hosts with wishes of their own: robots.txt, Retry-After, and limits that a source sets for itself."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from catalogue_app.container import Container
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.source import Source, SourceKind
from tests.living import add_source, codes, harvest, open_catalogue, tally
from tests.servers import ROBOTS, Answer, Request, Responder, Server, serving


def datasets(count: int) -> Answer:
    rows = [{"identifier": f"d-{number}", "title": f"第{number}号名录"} for number in range(count)]
    return Answer(body=json.dumps({"dataset": rows}).encode())


def with_robots(text: str | Answer, count: int = 1) -> Responder:
    robots = Answer(body=text.encode()) if isinstance(text, str) else text
    return lambda request: robots if request.path == ROBOTS else datasets(count)


def opened(server: Server, folder: Path, **options: str) -> tuple[Container, Source]:
    container = open_catalogue(folder / "var", allowed_private_hosts=server.host, harvest_retries="0")
    return container, add_source(container, SourceKind.DATA_JSON, server.address("/data.json"), **options)


@pytest.mark.parametrize(
    ("robots", "state", "told"),
    [
        ("User-agent: *\nDisallow: /private", RunState.COMPLETE, []),
        ("User-agent: *\nDisallow: /data", RunState.ABORTED, ["robots_disallow"]),
        ("User-agent: *\nDisallow: /\n\nUser-agent: MunicipalCatalogue\nAllow: /", RunState.COMPLETE, []),
        (Answer(status=503), RunState.ABORTED, ["robots_unreachable"]),
        (Answer(status=403), RunState.COMPLETE, []),
        (Answer(body=b"x" * 2_000_000), RunState.ABORTED, ["robots_unreachable"]),
    ],
)
def test_a_host_decides_what_robots_may_read(
    tmp_path: Path, robots: str | Answer, state: RunState, told: list[str]
) -> None:
    with serving(with_robots(robots), has_robots=True) as server:
        container, source = opened(server, tmp_path)
        report = harvest(container, source.id)
        assert report.state is state
        assert codes(report)[: len(told)] == told
        pages = [request.path for request in server.requests]
        assert pages == ([ROBOTS, "/data.json"] if state is RunState.COMPLETE else [ROBOTS])
        assert all("MunicipalCatalogue" in request.headers["user-agent"] for request in server.requests)


def test_an_organ_may_consent_to_be_read_in_spite_of_it(tmp_path: Path) -> None:
    with serving(with_robots("User-agent: *\nDisallow: /"), has_robots=True) as server:
        container, source = opened(server, tmp_path, robots="ignore")
        assert harvest(container, source.id).state is RunState.COMPLETE
        assert [request.path for request in server.requests] == ["/data.json"]


def test_a_redirect_asks_the_robots_rules_of_where_it_leads(tmp_path: Path) -> None:
    with serving(with_robots("User-agent: *\nDisallow: /data"), has_robots=True) as there:
        moved = Answer(status=302, headers={"Location": there.address("/data.json")})
        with serving(lambda _: moved) as here:
            hosts = f"{here.host},{there.host}"
            container = open_catalogue(tmp_path / "var", allowed_private_hosts=hosts)
            source = add_source(container, SourceKind.DATA_JSON, here.address("/x.json"))
            assert codes(harvest(container, source.id)) == ["robots_disallow"]
            assert [request.path for request in there.requests] == [ROBOTS]


def test_the_introduction_says_whom_to_ask(tmp_path: Path) -> None:
    with serving(lambda _: datasets(1)) as server:
        container = open_catalogue(
            tmp_path / "var", allowed_private_hosts=server.host, municipality_contact="data@example.cn"
        )
        source = add_source(container, SourceKind.DATA_JSON, server.address())
        harvest(container, source.id)
        assert server.requests[0].headers["user-agent"] == "MunicipalCatalogue/0.1 (data@example.cn)"


@pytest.mark.parametrize(("asked_s", "waited"), [(7200, timedelta(hours=2)), (10**12, timedelta(days=1))])
def test_a_server_that_asks_for_hours_is_put_off_not_waited_for(
    tmp_path: Path, asked_s: int, waited: timedelta
) -> None:
    busy = Answer(status=429, headers={"Retry-After": str(asked_s)})
    with serving(lambda _: busy) as server:
        container, source = opened(server, tmp_path)
        report = harvest(container, source.id)
        assert (report.state, codes(report)) == (RunState.ABORTED, ["rate_limited"])
        assert len(server.requests) == 1
        found = container.sources.view(source.id).source
        assert report.run.finished_at is not None
        assert found.due_at is not None
        assert abs(found.due_at - report.run.finished_at - waited) < timedelta(minutes=1)
        assert found.id not in {due.id for due in container.sources.due()}


def test_records_beyond_the_limit_are_left_out_and_nothing_is_concluded(tmp_path: Path) -> None:
    with serving(lambda _: datasets(10)) as server:
        container, source = opened(server, tmp_path)
        harvest(container, source.id)
        container.sources.change(source.id, {"max_records": "4"}, actor="test")
        report = harvest(container, source.id)
        assert (report.state, codes(report)[0]) == (RunState.ABORTED, "too_many_records")
        assert tally(report) == (4, 0, 0, 4, 0, 0, 0)


def test_a_run_has_so_many_seconds_whatever_its_pages_take(tmp_path: Path) -> None:
    def respond(request: Request) -> Answer:
        start = int(request.query.get("start", 0))
        rows = [
            {"id": f"p-{start + at}", "name": f"p-{start + at}", "title": f"第{start + at}号名录"} for at in range(1)
        ]
        body = {"success": True, "result": {"count": 1000, "results": rows}}
        return Answer(body=json.dumps(body).encode(), pause_s=0.3)

    with serving(respond) as server:
        container = open_catalogue(tmp_path / "var", allowed_private_hosts=server.host)
        source = add_source(container, SourceKind.CKAN, server.address(), rows="1", max_seconds="1")
        report = harvest(container, source.id)
        assert report.state is RunState.ABORTED
        assert codes(report)[0] in {"run_too_long", "deadline_exceeded"}
        assert len(server.requests) < 20


def test_bytes_are_limited_by_the_source_under_the_deployments_ceiling(tmp_path: Path) -> None:
    with serving(lambda _: datasets(50)) as server:
        container, source = opened(server, tmp_path, max_bytes="100")
        assert codes(harvest(container, source.id)) == ["too_large"]
