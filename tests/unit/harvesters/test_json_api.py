"""Any JSON API by a mapping: paths, languages, files, streams, and every way of paging to its end."""

import tracemalloc
from collections.abc import Mapping
from datetime import date
from io import BytesIO

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.errors import InvalidInput, SourceCutShort, SourceError
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import JsonValue
from catalogue_app.domain.source import SourceKind
from catalogue_app.domain.vocabulary import UpdateCycle
from harvesters.pipeline import Gathered, read, run
from harvesters.port import Fetcher, Harvester, Payload
from harvesters.registry import check_options
from tests.harvesting import Web, entries, harvester_of, json_payload, payload_of, problems, records

LEAST = {"field.identifier": "id", "field.title": "name"}
API = "https://a.example/api"


def api(address: str = "memory", **options: str) -> Harvester:
    return harvester_of(SourceKind.JSON_API, address, **{**LEAST, **options})


RECORD: dict[str, JsonValue] = {
    "id": 7,
    "name": {"zh": "幼儿园名录", "en": "Kindergartens"},
    "notes": {"text": "全市"},
    "notes_en": "All",
    "org": {"name": "市教委", "mail": "a@example.cn"},
    "tags": ["教育", {"name": "学校"}],
    "when": "2024-05-01",
    "how_often": "annual",
    "files": [{"link": "https://a.example/1.csv", "type": "CSV", "bytes": 9}, {"links": ["https://a.example/2.xlsx"]}],
    "columns": ["名称", {"name": "地址", "data_type": "C"}],
    "period": "2020/2023",
    "views": 3,
    "colour": "red",
}
FULL = {
    "field.abstract": "notes.text",
    "field.abstract.en": "notes_en",
    "field.provider_name": "organisation|org.name",
    "field.contact_email": "org.mail",
    "field.keywords": "tags",
    "field.updated_on": "when",
    "field.update_cycle": "how_often",
    "field.distributions": "files",
    "field.items": "columns",
    "field.temporal": "period",
    "file.url": "link|links.0",
    "file.format": "type",
    "file.size_bytes": "bytes",
    "extension.颜色": "colour",
    "ignore": "views",
    "code.update_cycle.annual": "yearly",
}


def test_a_record_is_read_by_its_mapping() -> None:
    check_options(SourceKind.JSON_API, {**LEAST, **FULL})
    [entry] = entries(api(**FULL), json_payload([RECORD]))
    assert entry.title.texts == (("zh", "幼儿园名录"), ("en", "Kindergartens"))
    assert entry.abstract is not None
    assert entry.abstract.texts == (("zh", "全市"), ("en", "All"))
    assert (entry.provider_name, entry.keywords) == ("市教委", ("教育", "学校"))
    assert (entry.updated_on, entry.update_cycle) == (date(2024, 5, 1), UpdateCycle.YEARLY)
    assert [(it.url, it.format, it.size_bytes) for it in entry.distributions] == [
        ("https://a.example/1.csv", "csv", 9),
        ("https://a.example/2.xlsx", "", None),
    ]
    assert [(it.name, it.data_type) for it in entry.items] == [("名称", ""), ("地址", "C")]
    assert entry.temporal is not None
    assert entry.contact is not None
    assert (entry.contact.email, entry.extensions, entry.unread) == ("a@example.cn", (("颜色", "red"),), ())


def test_counters_change_no_digest() -> None:
    one, two = (records(api(ignore="views"), json_payload([{**RECORD, "views": views}])) for views in (1, 2))
    other = records(api(), json_payload([RECORD]))
    assert one[0].digest == two[0].digest != other[0].digest


@pytest.mark.parametrize(
    ("body", "options"),
    [
        (b'[{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]', {}),
        (b'{"id": 1, "name": "a"}\n{"id": 2, "name": "b"}\n', {}),
        (b'{"id": 1, "name": "a"}{"id": 2, "name": "b"}', {}),
        (b'{"n": 2, "result": {"items": [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]}}', {"list": "result.items"}),
    ],
)
def test_records_stand_in_a_list_or_one_after_another(body: bytes, options: dict[str, str]) -> None:
    assert [it.identifier for it in records(api(**options), payload_of(body))] == ["1", "2"]


@pytest.mark.parametrize(
    ("body", "code"),
    [(b'{"id": 1, "na', "invalid_json"), (b'{"id": 1}\nreadme', "invalid_json"), (b"", "empty_answer")],
)
def test_half_a_document_is_none(body: bytes, code: str) -> None:
    with pytest.raises(SourceError) as caught:
        list(api().split(payload_of(body)))
    assert caught.value.code == code


def test_without_identity_a_record_is_a_problem() -> None:
    raw = [{"name": {"zh": "甲"}}, 5, {"id": "x" * 600, "name": "乙"}]
    told = [(it.code, it.value[:1]) for it in problems(api(), json_payload(raw))]
    assert told == [("missing_identifier", "甲"), ("not_a_record", "5"), ("identifier_too_long", "x")]


@pytest.mark.parametrize(
    ("options", "code", "named"),
    [
        ({"field.title": "name"}, "missing_option", "field.identifier"),
        ({"field.identifier": "id"}, "missing_option", "field.title"),
        ({**LEAST, "field.colour": "x"}, "invalid_option", "field.colour"),
        ({**LEAST, "field.keywords.en": "x"}, "invalid_option", "field.keywords.en"),
        ({**LEAST, "file.name": "x"}, "invalid_option", "file.name"),
        ({**LEAST, "field.abstract": "a..b"}, "invalid_option", "field.abstract"),
        ({**LEAST, "paging": "cursor"}, "missing_option", "cursor"),
        ({**LEAST, "paging": "next"}, "missing_option", "next"),
        ({**LEAST, "paging": "pages"}, "invalid_option", "paging"),
        ({**LEAST, "paths": "x"}, "unknown_option", "paths"),
    ],
)
def test_a_wrong_mapping_is_refused_by_name(options: dict[str, str], code: str, named: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_options(SourceKind.JSON_API, options)
    assert (caught.value.code, caught.value.parameters["option"]) == (code, named)


def page(*numbers: int, **rest: JsonValue) -> bytes:
    return orjson.dumps({"items": [{"id": number, "name": f"n{number}"} for number in numbers], **rest})


def gathered(pages: Mapping[str, bytes], **options: str) -> list[str]:
    fetcher: Fetcher = Web(pages)
    harvester = api(API, list="items", **options)
    return [fact.record.identifier for fact in run(harvester, fetcher) if isinstance(fact, Gathered)]


@pytest.mark.parametrize(
    ("pages", "options"),
    [
        ({f"{API}": page(1, 2, 3)}, {}),
        ({f"{API}?page=1": page(1, 2), f"{API}?page=2": page(3), f"{API}?page=3": page()}, {"paging": "page"}),
        ({f"{API}?p=0": page(1, 2, all=3), f"{API}?p=1": page(3, all=3)},
         {"paging": "page", "page_parameter": "p", "first_page": "0", "total": "all"}),
        ({f"{API}?size=2&page=1": page(1, 2), f"{API}?size=2&page=2": page(3)},
         {"paging": "page", "size_parameter": "size", "page_size": "2"}),
        ({f"{API}?offset=0": page(1, 2), f"{API}?offset=2": page(3), f"{API}?offset=3": page()}, {"paging": "offset"}),
        ({f"{API}": page(1, 2, go="x"), f"{API}?cursor=x": page(3, go=None)}, {"paging": "cursor", "cursor": "go"}),
        ({f"{API}?n=2": page(1, 2, go="x"), f"{API}?n=2&after=x": page(3)},
         {"paging": "cursor", "cursor": "go", "cursor_parameter": "after", "size_parameter": "n", "page_size": "2"}),
        ({f"{API}": page(1, 2, links={"next": "/api?2"}), f"{API}?2": page(3)},
         {"paging": "next", "next": "links.next"}),
    ],
)  # fmt: skip
def test_pages_are_read_to_the_last(pages: dict[str, bytes], options: dict[str, str]) -> None:
    check_options(SourceKind.JSON_API, {**LEAST, **options})
    assert gathered(pages, **options) == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("pages", "options", "code"),
    [
        ({f"{API}?page={number}": page(1, 2) for number in (1, 2)}, {"paging": "page"}, "paging_loop"),
        ({f"{API}?page=1": page(1, all=5), f"{API}?page=2": page(all=5)}, {"paging": "page", "total": "all"},
         "fewer_than_stated"),
        ({f"{API}": page(1, go="x"), f"{API}?cursor=x": page(2, go="x")}, {"paging": "cursor", "cursor": "go"},
         "paging_loop"),
        ({f"{API}": page(1, go="https://b.example/")}, {"paging": "next", "next": "go"}, "link_elsewhere"),
    ],
)  # fmt: skip
def test_pages_that_lead_nowhere_cut_the_run_short(pages: dict[str, bytes], options: dict[str, str], code: str) -> None:
    with pytest.raises(SourceCutShort) as caught:
        gathered(pages, **options)
    assert caught.value.code == code


def test_a_page_that_fails_ends_the_run() -> None:
    with pytest.raises(SourceError, match="http_status"):
        gathered({f"{API}?page=1": page(1)}, paging="page")


def test_lines_are_read_in_flat_memory() -> None:
    line = orjson.dumps({"id": 1, "name": "n" * 1_000}) + b"\n"
    body = line * 40_000
    payload = Payload(address="memory", size_bytes=len(body), digest="0" * 32, open=lambda: BytesIO(body))
    harvester = api()
    tracemalloc.start()
    try:
        count = sum(1 for _ in harvester.split(payload))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 40_000
    assert peak < 8 * 1024 * 1024 < len(body)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["zh", "en", "id", "name", "text", "link", "0"]) | st.text(max_size=3), inner)
    ),
    max_leaves=8,
)
NAMES = [name.split(".")[0] for value in (*FULL.values(), "id", "name") for name in value.split("|")]


@given(st.lists(st.dictionaries(st.sampled_from(NAMES), json_values), max_size=3))
def test_any_values_are_read_or_noted(raw: list[dict[str, JsonValue]]) -> None:
    harvester = api(**FULL)
    for record in records(harvester, json_payload([{"id": "1", "name": "标题", **part} for part in raw])):
        said = read(harvester, record)
        assert not isinstance(said, Problem) or said.code == "missing_title", said
