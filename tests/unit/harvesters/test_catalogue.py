"""Another instance's feed: followed to its end, read without trust."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.errors import SourceCutShort, SourceError
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import EntryMetadata, JsonValue, from_document, to_document
from catalogue_app.domain.source import SourceKind
from catalogue_app.domain.vocabulary import Tier
from harvesters.pipeline import Gathered, read, run
from harvesters.port import Fetcher, Harvester
from tests.harvesting import Web, entries, harvester_of, json_payload, records

SITE = "https://a.example"
FEED = f"{SITE}/api/v1/changes"


def instance(address: str = SITE, **options: str) -> Harvester:
    return harvester_of(SourceKind.CATALOGUE, address, **options)


def item(code: str, change: str = "present", **metadata: JsonValue) -> dict[str, JsonValue]:
    return {"code": code, "change": change, "organ": "edu", "metadata": {"title": {"zh": code}, **metadata}}


def page(*items: JsonValue, following: str | None = None, gone: int = 0) -> bytes:
    return orjson.dumps({"items": list(items), "next": following, "gone": gone})


def gathered(harvester: Harvester, web: Web) -> list[str]:
    fetcher: Fetcher = web
    return [fact.record.identifier for fact in run(harvester, fetcher) if isinstance(fact, Gathered)]


@pytest.mark.parametrize("rest", ["", "/", "/api", "/api/v1/", "/api/v1/changes"])
def test_cursors_are_followed_to_the_last_page(rest: str) -> None:
    web = Web({
        f"{FEED}?limit=100": page(item("1"), item("2", "gone"), following="x"),
        f"{FEED}?limit=100&cursor=x": page(item("3"), {**item("4"), "organ": "police"}),
    })  # fmt: skip
    assert gathered(instance(SITE + rest), web) == ["1", "3", "4"]
    assert gathered(instance(SITE + rest, organ="police"), web) == ["4"]


def test_a_cursor_that_comes_twice_cuts_the_run_short() -> None:
    web = Web({f"{FEED}?limit=100": page(following="x"), f"{FEED}?limit=100&cursor=x": page(following="x")})
    with pytest.raises(SourceCutShort, match="paging_loop"):
        gathered(instance(), web)


@pytest.mark.parametrize("gone", [0, 1])
def test_an_increment_is_whole_once_something_is_gone(gone: int) -> None:
    since = "2026-01-01T00:00:00Z"
    escaped = since.replace(":", "%3A")
    web = Web({
        f"{FEED}?limit=1&since={escaped}": page(gone=gone),
        f"{FEED}?limit=100&since={escaped}": page(item("2")),
        f"{FEED}?limit=100": page(item("1"), item("2")),
    })  # fmt: skip
    harvester = instance(increment="yes", since=since)
    assert gathered(harvester, web) == (["1", "2"] if gone else ["2"])
    assert harvester.is_partial is not bool(gone)


def test_the_tier_over_there_is_the_least_here() -> None:
    raw = [{**item(str(tier), network_tier="extranet"), "tier": tier} for tier in ("portal", "intranet", "odd")]
    said = entries(instance(), json_payload({"items": raw}))
    assert [it.network_tier for it in said] == [Tier.EXTRANET, Tier.INTRANET, Tier.EXTRANET]


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ("record_count", "many"), ("record_count", True), ("keywords", "教育"), ("provider_name", ["a"]),
        ("issued_on", "soon"), ("open_type", "perhaps"), ("contact", {"fax": "1"}), ("items", [{"name": 5}]),
        ("temporal", {"start": "2020"}), ("extensions", [["a"]]), ("abstract", {"zh": 5}), ("abstract", {"zh": " "}),
        ("personal_information", "yes"), ("distributions", [{"size_bytes": "9"}]), ("themes", [["a"]]),
    ],
)  # fmt: skip
def test_an_element_that_is_not_well_made_is_noted(element: str, value: JsonValue) -> None:
    [entry] = entries(instance(), json_payload({"items": [item("1", "present", **{element: value})]}))
    assert [(it.element, it.code) for it in entry.unread] == [(element, "unknown_value")]


def test_what_is_not_an_answer_of_the_feed_is_refused() -> None:
    with pytest.raises(SourceError, match="missing_list"):
        records(instance(), json_payload({"dataset": []}))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["zh", "name", "url", "start", "lei", "method", "size_bytes"]), inner)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(EntryMetadata.__dataclass_fields__)), json_values))
def test_any_metadata_are_read_or_noted(metadata: dict[str, Any]) -> None:
    for record in records(instance(), json_payload({"items": [item("1", **metadata)]})):
        said = read(instance(), record)
        if isinstance(said, Problem):
            assert said.code == "missing_title"
        else:
            assert from_document(to_document(said)) == said
