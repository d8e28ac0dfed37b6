"""Figures for the monitor: true, complete where there is nothing, given at an address of their own or not at all."""

import json
import socket
from pathlib import Path

import httpx
import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from catalogue_app.cli.figures import serve_figures
from catalogue_app.container import Container
from catalogue_app.domain.source import SourceKind
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.web.app import create_app
from indexing.query import SearchQuery
from tests.living import add_source, open_catalogue


def figures(container: Container) -> dict[tuple[str, ...], float]:
    """Return (name, label values …) to value, of the catalogue and of this process."""
    registry = container.instruments.registry
    registry.register(container.monitoring)
    try:
        text = generate_latest(registry).decode()
    finally:
        registry.unregister(container.monitoring)
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def container(tmp_path: Path) -> Container:
    return open_catalogue(tmp_path / "var")


def test_the_figures_are_those_of_the_catalogue(container: Container, tmp_path: Path) -> None:
    records = [
        {"identifier": "1", "title": "幼儿园名录", "accessLevel": "public"},
        {"identifier": "2", "title": "公园名录"},
    ]
    path = tmp_path / "list.json"
    path.write_text(json.dumps({"dataset": records}), encoding="utf-8")
    source = add_source(container, SourceKind.DATA_JSON, path)
    before = figures(container)
    assert (before["catalogue_sources_due",], before["catalogue_harvest_records_total", "added"]) == (1, 0)
    container.harvesting.run(source.id, actor="test")
    waiting = figures(container)
    assert waiting["catalogue_outbox_rows",] == 2
    assert waiting["catalogue_outbox_seconds",] > 0
    assert waiting["catalogue_harvest_runs_total", "complete"] == 1
    assert waiting["catalogue_harvest_records_total", "added"] == 2
    assert waiting["catalogue_entries", "published", "extranet"] == 1
    assert waiting["catalogue_sources_due",] == 0
    container.index_feed.drain()
    container.flagging.evaluate()
    after = figures(container)
    assert (after["catalogue_outbox_rows",], after["catalogue_outbox_seconds",]) == (0, 0)
    assert after["catalogue_findings_open", "organ_without_catalogue"] > 0
    assert (after["catalogue_part_up", "search"], after["catalogue_part_up", "scheduler"]) == (1, 0)


def test_answers_and_searches_are_counted_by_route_and_timed(container: Container) -> None:
    client = create_app(container).test_client()
    client.get("/api/v1/entries/TJ99999999")
    client.get("/made/up")
    container.search.search(SearchQuery(text="幼儿园", audience=Audience.of_tier(Tier.PORTAL)))
    counted = figures(container)
    assert counted["catalogue_http_requests_total", "GET", "/api/v1/entries/<code>", "404"] == 1
    assert counted["catalogue_http_requests_total", "GET", "none", "404"] == 1
    assert counted["catalogue_search_seconds_count", "search", "answered"] == 1
    assert not any("TJ99999999" in part or "made" in part for key in counted for part in key)


@pytest.mark.embedded
def test_without_a_database_the_monitor_is_told_that_it_is_down(container: Container, tmp_path: Path) -> None:
    for file in (tmp_path / "var").glob("catalogue.sqlite3*"):
        file.write_bytes(b"spoilt")
    told = figures(container)
    assert told["catalogue_part_up", "database"] == 0
    assert ("catalogue_outbox_rows",) not in told


def test_the_public_address_gives_no_figures(container: Container) -> None:
    assert create_app(container).test_client().get("/metrics").status_code == 404


def test_figures_have_an_address_of_their_own_and_none_unless_asked(tmp_path: Path) -> None:
    serve_figures(open_catalogue(tmp_path / "quiet"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    container = open_catalogue(tmp_path / "var", metrics_port=str(port))
    serve_figures(container)
    answer = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False)
    assert 'catalogue_part_up{part="database"} 1.0' in answer.text
    serve_figures(open_catalogue(tmp_path / "var", metrics_port=str(port)))  # taken: logged, and nothing else happens
