"""Elasticsearch is killed and comes back: all but searching goes on, and what changed meanwhile enters by itself."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from catalogue_app.container import Container
from catalogue_app.domain.source import SourceKind
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.jobs import tasks
from catalogue_app.web.app import create_app
from indexing.query import SearchQuery
from tests.living import add_source, harvest, open_catalogue
from tests.search_node import SearchNode, a_server

pytestmark = pytest.mark.engines

PORTAL = Audience.of_tier(Tier.PORTAL)
FAST = {"search_deadline_s": "5", "search_retries": "1"}


@pytest.fixture
def node() -> Iterator[SearchNode]:
    with a_server(heap="384m") as node:
        yield node


def write_list(folder: Path, *titles: str) -> Path:
    datasets = [{"identifier": title, "title": title, "accessLevel": "public"} for title in titles]
    path = folder / "list.json"
    path.write_text(json.dumps({"dataset": datasets}), encoding="utf-8")
    return path


def total(container: Container, text: str) -> int:
    return container.search.search(SearchQuery(text=text, audience=PORTAL)).total


def problem(client: FlaskClient, address: str) -> tuple[int, str]:
    answer = client.get(address, headers={"Accept": "application/problem+json"})
    return answer.status_code, str(answer.get_json()["code"])


def _goes_on(client: FlaskClient) -> None:
    for address in ("/", "/entries/TJ00000001", "/organs/edu", "/en/organs/edu", "/api/v1/entries?organ=edu"):
        assert client.get(address).status_code == 200, address
    assert client.get("/api/v1/suggest?q=幼").get_json()["items"] == []
    ready = client.get("/readyz")
    assert (ready.status_code, ready.get_json()["status"]) == (200, "degraded")
    assert ready.get_json()["parts"]["search"] == "down"
    assert client.get("/healthz").get_json() == {"status": "ok"}


def _says_so(client: FlaskClient) -> None:
    assert problem(client, "/api/v1/entries?q=幼儿园") == (503, "search_unavailable")
    for prefix, words in (("", "检索服务暂时不可用"), ("/en", "Search is not available")):
        page = client.get(f"{prefix}/search?q=幼儿园")
        assert (page.status_code, page.mimetype) == (503, "text/html")
        assert words in page.get_data(as_text=True)


def test_without_elasticsearch_all_but_searching_goes_on(node: SearchNode, tmp_path: Path) -> None:
    container = open_catalogue(tmp_path / "var", search_url=node.url, search_prefix="outage", **FAST)
    source = add_source(container, SourceKind.DATA_JSON, write_list(tmp_path, "幼儿园名录", "小学名录"), "edu")
    harvest(container, source.id)
    assert total(container, "幼儿园") == 1
    client = create_app(container).test_client()
    assert client.get("/readyz").get_json()["parts"]["search"] == "ok"

    node.kill()
    _goes_on(client)
    _says_so(client)
    write_list(tmp_path, "幼儿园名录", "小学名录", "中学名录")
    container.harvesting.run(source.id, actor="test")
    tasks.drain_outbox(container)
    tasks.reconcile(container)
    with container.uow.reading() as look:
        assert look.outbox.size() == 1, "the outbox keeps it"
    assert client.get("/entries/TJ00000003").status_code == 200
    again = open_catalogue(tmp_path / "var", search_url=node.url, search_prefix="outage", **FAST)
    assert create_app(again).test_client().get("/").status_code == 200, "a process starts without it too"

    node.start()
    node.wait()
    tasks.drain_outbox(container)
    assert total(container, "中学") == 1
    assert container.index_feed.verify().is_equal
    assert client.get("/search?q=中学").status_code == 200
    assert client.get("/readyz").get_json()["parts"]["search"] == "ok"
