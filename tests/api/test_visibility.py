"""What the portal must not know is nowhere in its answers: not in totals, facets, suggestions, findings or errors."""

import re

import pytest
from flask.testing import FlaskClient

from tests.api.small_catalogue import ABOVE, INNER, NOBODY, TAKEN_BACK_ABOVE, read, walk

EVERYWHERE = (
    "/api/v1/entries?limit=100",
    "/api/v1/entries?q=" + INNER,
    "/api/v1/entries?q=TJ00000031",
    "/api/v1/entries?limit=100&facets=organ,theme,category,tier,state,cycle,format,sharing,open,district",
    "/api/v1/entries?organ=police",
    "/api/v1/entries?tier=extranet",
    "/api/v1/organs/police",
    "/api/v1/findings?limit=100&state=open,closed",
    "/api/v1/suggest?q=" + INNER[:2],
    "/api/v1/changes?limit=100",
    "/api/v1/changes?since=2020-01-01T00:00:00Z&limit=100",
    "/",
    "/en/",
    "/search?q=" + INNER,
    "/organs/police",
    "/findings",
    "/sitemap.xml",
    "/feeds/changes.atom",
)


@pytest.mark.parametrize("address", EVERYWHERE)
def test_no_answer_of_the_portal_names_an_entry_above_it(portal: FlaskClient, address: str) -> None:
    answer = portal.get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    text = answer.get_data(as_text=True).replace("q=TJ00000031", "")
    assert not {"TJ00000031", "TJ00000032", "TJ00000033", "TJ00000035"}.intersection(re.findall(r"TJ\d{8}", text))
    assert text.count(INNER) == 0 or INNER in address


def test_the_extranet_sees_what_the_portal_does_not(portal: FlaskClient, extranet: FlaskClient) -> None:
    outside = {item["code"] for item in walk(portal, "/api/v1/entries", limit=7)}
    inside = {item["code"] for item in walk(extranet, "/api/v1/entries", limit=7)}
    assert inside - outside == {"TJ00000031", "TJ00000032"}
    assert read(extranet, f"/api/v1/entries/{ABOVE}")["title"] == INNER


@pytest.mark.parametrize("rest", ["", "/revisions"])
@pytest.mark.parametrize("hidden", [ABOVE, TAKEN_BACK_ABOVE, "TJ00000033"])
def test_hidden_and_absent_are_the_same_to_the_byte(portal: FlaskClient, hidden: str, rest: str) -> None:
    answers = [portal.get(f"/api/v1/entries/{code}{rest}") for code in (hidden, NOBODY)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].get_data() == answers[1].get_data()
    heads = [{name: value for name, value in answer.headers.items() if name != "X-Request-Id"} for answer in answers]
    assert heads[0] == heads[1]


def test_every_total_is_the_same_number(portal: FlaskClient, extranet: FlaskClient) -> None:
    for client, expected in ((portal, 30), (extranet, 32)):
        listed = read(client, "/api/v1/entries")
        searched = read(client, "/api/v1/entries", facets="organ,tier,state,theme", sort="title")
        organs = read(client, "/api/v1/organs")["items"]
        assert listed["total"] == searched["total"] == expected
        assert sum(organ["entries"] for organ in organs) == expected
        assert len(list(walk(client, "/api/v1/entries", limit=9))) == expected
        for facet in ("organ", "tier", "state"):
            assert sum(one["count"] for one in searched["facets"][facet]) == expected


def test_facets_count_for_their_audience_only(portal: FlaskClient) -> None:
    facets = read(portal, "/api/v1/entries", facets="organ,tier,theme,category")["facets"]
    assert {one["value"] for one in facets["organ"]} == {"edu", "civil"}
    assert {one["value"] for one in facets["tier"]} == {"portal"}
    assert "T13" not in {one["value"] for one in facets["theme"]}
    assert "g" not in {one["value"] for one in facets["category"]}


def test_an_organ_page_counts_for_its_audience_only(portal: FlaskClient, extranet: FlaskClient) -> None:
    outside, inside = (read(client, "/api/v1/organs/police") for client in (portal, extranet))
    assert (outside["entries"], inside["entries"]) == (0, 1)
    assert outside["recent"] == []


def test_findings_about_hidden_entries_are_told_to_nobody_below(portal: FlaskClient, extranet: FlaskClient) -> None:
    told = [item["entry"] for item in walk(portal, "/api/v1/findings", state="open,closed", limit=50)]
    assert told
    assert not {"TJ00000031", "TJ00000032", "TJ00000033"}.intersection(told)
    outside, inside = (read(client, "/api/v1/findings")["total"] for client in (portal, extranet))
    assert outside <= inside


def test_suggestions_are_those_of_the_audience(portal: FlaskClient, extranet: FlaskClient) -> None:
    assert read(portal, "/api/v1/suggest", q=INNER[:3])["items"] == []
    assert INNER in {item["text"] for item in read(extranet, "/api/v1/suggest", q=INNER[:3])["items"]}


def test_only_the_portal_is_open_to_scripts_of_other_sites_and_to_robots(
    portal: FlaskClient, extranet: FlaskClient
) -> None:
    outside, inside = (client.get("/api/v1/entries") for client in (portal, extranet))
    assert outside.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in inside.headers
    assert "noindex" in inside.headers["X-Robots-Tag"]
    assert "X-Robots-Tag" not in outside.headers
    assert "private" in inside.headers["Cache-Control"]
