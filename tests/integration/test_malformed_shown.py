"""What bad catalogues look like from outside: text stays text, no address runs, every answer is valid."""

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, NoReturn

import feedparser
import pytest
from flask.testing import FlaskClient

from catalogue_app.web.app import create_app
from tests.living import add_source, harvest, open_catalogue
from tests.malformed import DATA_JSON, House, entries_of, meet_all

SCRIPTS = "19-script-tags.json"
LINKS = "20-javascript-url.json"
RUNS = ("javascript:", "data:", "vbscript:")
"""Schemes that a click would run."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return meet_all(tmp_path_factory.mktemp("malformed"))


@pytest.fixture(scope="module")
def client(house: House) -> FlaskClient:
    return create_app(house.container).test_client()


@pytest.fixture(scope="module")
def codes(house: House) -> dict[str, list[str]]:
    """Return file to the codes of its entries."""
    return {name: [entry.code for entry in found.entries.values()] for name, found in house.by_file.items()}


class Elements(HTMLParser):
    """Collects what a browser would act on: elements with their attributes, and the text it would show."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    def addresses(self) -> Iterator[str]:
        names = {"href", "src", "action", "formaction", "data", "poster", "srcset"}
        yield from (given[name] for _, given in self.found for name in names & given.keys())


def get(client: FlaskClient, path: str, **query: str) -> str:
    answer = client.get(path, query_string=query or None)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.get_data(as_text=True)


def pages_of(codes: list[str]) -> Iterator[tuple[str, dict[str, str]]]:
    for code in codes:
        yield from ((f"{prefix}/entries/{code}{page}", {}) for prefix in ("", "/en") for page in ("", "/history"))
    for prefix in ("", "/en"):
        yield f"{prefix}/", {}
        yield f"{prefix}/organs/data", {}
        yield f"{prefix}/findings", {}
        yield from (
            (f"{prefix}/search", {"q": question}) for question in ("标题", "script", "危险链接", "onerror", "7*7")
        )


def strictly(text: str) -> Any:
    """Read JSON as RFC 8259 has it: NaN and Infinity are no numbers."""

    def refuse(word: str) -> NoReturn:
        raise AssertionError(word)

    return json.loads(text, parse_constant=refuse)


def strings(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield (member, text) of every text in a document."""
    if isinstance(value, dict):
        for member, below in value.items():
            yield from strings(below, member)
    elif isinstance(value, list):
        for below in value:
            yield from strings(below, name)
    elif isinstance(value, str):
        yield name, value


@pytest.mark.parametrize("file", [SCRIPTS, LINKS])
def test_no_page_runs_what_a_source_wrote(client: FlaskClient, codes: dict[str, list[str]], file: str) -> None:
    for path, query in pages_of(codes[file]):
        page = Elements(get(client, path, **query))
        for tag, given in page.found:
            assert not [name for name in given if name.startswith("on")], (path, tag, given)
            assert tag not in {"iframe", "object", "embed", "base"}, path
            assert tag != "script" or given.get("src", "").startswith("/") or "ld+json" in given.get("type", ""), path
            assert tag != "img" or given["src"].startswith("/"), path
        assert not [it for it in page.addresses() if it.strip().lower().startswith(RUNS)], path


def test_markup_and_templates_are_shown_as_they_were_written(
    client: FlaskClient, codes: dict[str, list[str]], house: House
) -> None:
    marked, templated = codes[SCRIPTS]
    assert house.by_file[SCRIPTS].entry("x-1").metadata.title.original == "<script>alert(1)</script>标题"
    assert "<script>alert(1)</script>标题" in Elements(get(client, f"/entries/{marked}")).text
    assert "{{7*7}}${7*7}<%= 7*7 %>" in Elements(get(client, f"/entries/{templated}")).text
    assert "{{7*7}}${7*7}<%= 7*7 %>" in Elements(get(client, f"/en/entries/{templated}")).text


def test_a_match_is_marked_without_setting_markup_free(client: FlaskClient) -> None:
    page = Elements(get(client, "/search", q="alert 标题"))
    assert "<script>alert(1)</script>标题" in page.text
    assert "mark" in {tag for tag, _ in page.found}


@pytest.mark.parametrize("path", ["/feeds/changes.atom", "/en/feeds/changes.atom", "/feeds/organs/data.atom"])
def test_a_feed_stays_sound(client: FlaskClient, path: str) -> None:
    feed = feedparser.parse(client.get(path).data, sanitize_html=False)
    assert not feed.bozo
    assert feed.entries
    kinds = {entry.title_detail.type for entry in feed.entries}
    assert kinds == {"text/plain"}, "a title is text: no reader takes it for markup"
    assert not [entry.link for entry in feed.entries if not entry.link.startswith("http")]


def test_every_answer_of_the_api_is_json_and_no_address_in_it_runs(
    client: FlaskClient, codes: dict[str, list[str]]
) -> None:
    own = [code for those in codes.values() for code in those]
    paths = [f"/api/v1/entries/{code}{part}" for code in own for part in ("", "/revisions")]
    for path in [*paths, "/api/v1/entries?limit=100", "/api/v1/findings?limit=100", "/api/v1/organs/data"]:
        document = strictly(get(client, path))
        running = [(name, text) for name, text in strings(document) if text.strip().lower().startswith(RUNS)]
        assert {name for name, _ in running} <= {"value"}, (path, "only as what was found, never as an address")


def test_an_address_that_ran_once_stays_out_of_the_history(tmp_path: Path) -> None:
    live = tmp_path / "data.json"
    container = open_catalogue(tmp_path / "var")
    live.touch()
    source = add_source(container, DATA_JSON, live)
    for address in ("java\tscript:alert(1)", "https://example.org/a.csv", "javascript:alert(2)"):
        dataset = {"identifier": "u-1", "title": "名录", "accessLevel": "public", "landingPage": address}
        live.write_text(json.dumps({"dataset": [{**dataset, "distribution": [{"downloadURL": address}]}]}), "utf-8")
        harvest(container, source.id)
    [code] = [entry.code for entry in entries_of(container, source.id).values()]
    text = get(create_app(container).test_client(), f"/api/v1/entries/{code}/revisions")
    assert "https://example.org/a.csv" in text
    assert {name for name, said in strings(strictly(text)) if "script:" in said} == {"value"}, "as what was found"


def test_json_in_pages_is_json(client: FlaskClient, codes: dict[str, list[str]]) -> None:
    for file in (SCRIPTS, LINKS, "17-nan-infinity.json", "16-huge-int.json", "18-lone-surrogate.json"):
        for code in codes[file]:
            html = get(client, f"/entries/{code}")
            for part in html.split('<script type="application/ld+json">')[1:]:
                document = strictly(part.partition("</script>")[0])
                assert not [text for _, text in strings(document) if text.strip().lower().startswith(RUNS)]


def test_pages_stay_small_whatever_a_title_was(client: FlaskClient, codes: dict[str, list[str]]) -> None:
    big, _ = codes["30-ten-megabyte-title.json"]
    for path in (
        f"/entries/{big}",
        "/search?q=长长",
        "/organs/data",
        "/feeds/changes.atom",
        "/api/v1/entries?limit=100",
    ):
        assert len(get(client, path)) < 300_000, path


def test_nothing_of_the_machine_is_told_to_visitors(client: FlaskClient, house: House) -> None:
    places = {str(house.container.settings.data_dir), "malformed/"}
    for path in ("/findings", "/api/v1/findings?limit=100", "/organs/data", "/en/findings"):
        html = get(client, path)
        assert not [place for place in places if place in html], path
