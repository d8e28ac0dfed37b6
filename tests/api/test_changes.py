"""The feed of changes: everything once, in order, deletions included, and never more than its audience knew."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from flask.testing import FlaskClient

from catalogue_app.domain.metadata import from_document
from tests.api.small_catalogue import ABOVE, INNER, TAKEN_BACK_ABOVE, instant, read, walk
from tests.builders import NOW

FEED = "/api/v1/changes"
TAKEN_BACK = "TJ00000034"


@pytest.mark.parametrize("limit", [1, 7, 100])
def test_everything_published_stands_in_it_once_in_order(portal: FlaskClient, limit: int) -> None:
    items = list(walk(portal, FEED, limit=limit))
    present = [it for it in items if it["change"] == "present"]
    assert {it["code"] for it in present} == {it["code"] for it in walk(portal, "/api/v1/entries", limit=100)}
    assert len(items) == len({it["code"] for it in items}) == 31
    assert all(first["changed_at"] <= second["changed_at"] for first, second in pairwise(items))


def test_an_entry_stands_in_it_whole(portal: FlaskClient) -> None:
    [item] = [it for it in walk(portal, FEED, limit=100) if it["code"] == "TJ00000001"]
    whole = read(portal, "/api/v1/entries/TJ00000001")
    assert item["metadata"] == whole["metadata"]
    assert from_document(item["metadata"]).title.pick("zh")[1] == "天津市第1幼儿园名录"
    names = ("organ", "organ_name", "state", "tier", "revision")
    assert {name: item[name] for name in names} == {name: whole[name] for name in names}


def test_what_was_taken_back_is_gone_and_says_nothing_more(portal: FlaskClient) -> None:
    gone = [it for it in walk(portal, FEED, limit=100) if it["change"] == "gone"]
    assert [it["code"] for it in gone] == [TAKEN_BACK]
    said = {name for name, value in gone[0].items() if value is not None}
    assert said == {"code", "change", "changed_at"}


def test_only_those_are_told_that_could_have_known(portal: FlaskClient, extranet: FlaskClient) -> None:
    told = {client: {it["code"] for it in walk(client, FEED, limit=100)} for client in (portal, extranet)}
    assert told[extranet] - told[portal] == {ABOVE, "TJ00000032", TAKEN_BACK_ABOVE}
    assert read(portal, FEED)["gone"] == 1
    assert read(extranet, FEED)["gone"] == 2
    assert "TJ00000033" not in told[extranet], "it was never published"
    assert INNER not in portal.get(f"{FEED}?limit=100").get_data(as_text=True)


def test_since_leaves_out_what_was_before(portal: FlaskClient) -> None:
    changed = {it["code"]: instant(it["changed_at"]) for it in walk(portal, FEED, limit=100)}
    for since in (NOW - timedelta(hours=10), NOW, NOW + timedelta(seconds=1)):
        items = list(walk(portal, FEED, since=since.isoformat().replace("+00:00", "Z"), limit=3))
        assert {it["code"] for it in items} == {code for code, at in changed.items() if at >= since}
    later = read(portal, FEED, since=(NOW + timedelta(days=1)).isoformat())
    assert later == {"items": [], "gone": 0, "next": None}


@pytest.mark.parametrize("since", ["yesterday", "2026-05-01", "2026-05-01T08:00:00", "9999-12-31T23:59:59-14:00", ""])
def test_an_instant_needs_its_zone(portal: FlaskClient, since: str) -> None:
    answer = portal.get(FEED, query_string={"since": since})
    assert answer.status_code == 400
    assert answer.get_json()["errors"][0]["parameter"] == "since"


@pytest.mark.parametrize("cursor", ["x", "MjAyNg", "8J+YgA", "e30"])
def test_a_cursor_of_others_is_refused(portal: FlaskClient, cursor: str) -> None:
    assert portal.get(FEED, query_string={"cursor": cursor}).status_code == 400


@pytest.mark.parametrize("since", ["yesterday", "-1", "2026-05-01", "2026-05-01T08:00:00", "2026-13-01T00:00:00Z"])
def test_what_is_no_instant_is_said_to_be_none(portal: FlaskClient, since: str) -> None:
    answer = portal.get(FEED, query_string={"since": since})
    assert answer.status_code == 400
    (error,) = answer.get_json()["errors"]
    assert (error["parameter"], error["code"]) == ("since", "not_an_instant")


def test_a_zone_with_plus_may_come_unescaped(portal: FlaskClient) -> None:
    east = datetime.fromisoformat("2026-11-24T16:30:00+08:00")
    assert east == NOW
    answer = portal.get(f"{FEED}?since=2026-11-24T16:30:00+08:00")
    assert answer.status_code == 200
    assert [item["code"] for item in answer.get_json()["items"]] == [TAKEN_BACK]
