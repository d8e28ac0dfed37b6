"""`/entries`: lists, filters, facets, paging, one entry whole, its revisions."""

import pytest
from flask.testing import FlaskClient

from tests.api.small_catalogue import read, walk


def test_an_item_says_what_it_is_and_whose(portal: FlaskClient) -> None:
    item = read(portal, "/api/v1/entries", q="第7幼儿园", limit=1)["items"][0]
    assert item["code"] == "TJ00000007"
    assert item["title"] == "天津市第7幼儿园名录"
    assert (item["organ"], item["organ_name"]) == ("edu", "天津市教育委员会")
    assert item["freshness"]["state"] in {"fresh", "due", "stale"}
    assert item["links"]["self"] == "/api/v1/entries/TJ00000007"


def test_names_come_in_the_language_asked_for(portal: FlaskClient) -> None:
    item = read(portal, "/api/v1/entries/TJ00000007", lang="en")
    assert item["title"] == "Kindergartens, list 7"
    assert item["organ_name"] == "Municipal Education Commission"
    facet = read(portal, "/api/v1/entries", facets="theme", lang="en")["facets"]["theme"]
    assert {one["label"] for one in facet} == {"education and culture", "social assistance"}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"organ": "edu"}, 15),
        ({"organ": "edu,civil"}, 30),
        ({"organ": ["edu", "civil"]}, 30),
        ({"organ": "edu", "theme": "T03"}, 15),
        ({"category": "f"}, 30),
        ({"category": "a"}, 0),
        ({"cycle": "yearly"}, 10),
        ({"state": "published"}, 30),
        ({"tier": "portal"}, 30),
        ({"format": "json"}, 15),
        ({"sharing": "unconditional"}, 30),
        ({"open": "conditional"}, 6),
        ({"district": "120000"}, 30),
        ({"district": "310000"}, 0),
        ({"organ": "nobody"}, 0),
        ({"organ": "edu", "format": "csv", "cycle": "monthly"}, 10),
    ],
)
def test_filters_narrow(portal: FlaskClient, filters: dict[str, object], expected: int) -> None:
    assert read(portal, "/api/v1/entries", **filters)["total"] == expected
    assert read(portal, "/api/v1/entries", facets="organ", **filters)["total"] == expected


def test_a_facet_leaves_its_own_filter_aside(portal: FlaskClient) -> None:
    page = read(portal, "/api/v1/entries", organ="edu", facets=["organ", "cycle"])
    assert {one["value"]: one["count"] for one in page["facets"]["organ"]} == {"edu": 15, "civil": 15}
    assert sum(one["count"] for one in page["facets"]["cycle"]) == 15


@pytest.mark.parametrize("query", [{}, {"sort": "title"}, {"q": "幼儿园"}, {"sort": "updated"}, {"facets": "organ"}])
def test_every_page_of_a_list_is_reached_once(portal: FlaskClient, query: dict[str, str]) -> None:
    codes = [item["code"] for item in walk(portal, "/api/v1/entries", limit=4, **query)]
    assert len(codes) == len(set(codes)) == 30


def test_a_header_leads_through_the_pages_too(portal: FlaskClient) -> None:
    address = "/api/v1/entries?organ=edu&limit=4&fields=code&organ=civil"
    codes: list[str] = []
    while address:
        answer = portal.get(address)
        codes += [item["code"] for item in answer.get_json()["items"]]
        link = answer.headers.get("Link", "")
        assert not link or link.endswith('; rel="next"')
        address = link.partition(">")[0].removeprefix("<")
    assert len(codes) == len(set(codes)) == 30


def test_a_plain_list_begins_with_what_changed_last(portal: FlaskClient) -> None:
    times = [item["changed_at"] for item in walk(portal, "/api/v1/entries")]
    assert times == sorted(times, reverse=True)


def test_members_of_items_can_be_chosen(portal: FlaskClient) -> None:
    page = read(portal, "/api/v1/entries", fields="code,title")
    assert {frozenset(item) for item in page["items"]} == {frozenset({"code", "title"})}


def test_an_entry_is_told_whole(portal: FlaskClient) -> None:
    entry = read(portal, "/api/v1/entries/TJ00000001")
    assert entry["metadata"]["licence"] == "CC-BY-4.0"
    assert entry["metadata"]["items"][0] == {"name": "机构名称", "data_type": "C", "length": "200"}
    assert entry["metadata"]["unread"] == [{"element": "issued_on", "value": "去年", "code": "not_a_date"}]
    assert (entry["revision"], entry["source"]) == (2, None)


def test_violations_come_in_words(portal: FlaskClient) -> None:
    words = [read(portal, "/api/v1/entries/TJ00000001", lang=lang)["violations"][0] for lang in ("zh", "en")]
    assert [one["element"] for one in words] == ["licence", "licence"]
    assert all(one["message"] and one["mend"] for one in words)
    assert words[0]["message"] != words[1]["message"]


def test_revisions_say_what_changed(portal: FlaskClient) -> None:
    revisions = read(portal, "/api/v1/entries/TJ00000001/revisions")
    assert [one["number"] for one in revisions["items"]] == [2, 1]
    assert revisions["items"][0]["changes"] == [{"element": "licence", "before": None, "after": "CC-BY-4.0"}]


def test_a_withdrawn_entry_leaves_a_tombstone(portal: FlaskClient) -> None:
    answer = portal.get("/api/v1/entries/TJ00000034")
    assert answer.status_code == 410
    assert answer.content_type == "application/problem+json"
    assert (answer.json["code"], answer.json["entry"]) == ("gone", "TJ00000034")  # type: ignore[index]  # a JSON object


def test_an_entry_unchanged_is_not_sent_twice(portal: FlaskClient) -> None:
    first = portal.get("/api/v1/entries/TJ00000002")
    again = portal.get("/api/v1/entries/TJ00000002", headers={"If-None-Match": first.headers["ETag"]})
    other = portal.get("/api/v1/entries/TJ00000003", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert other.status_code == 200


def test_organs_come_with_their_figures(portal: FlaskClient) -> None:
    organs = {organ["id"]: organ for organ in read(portal, "/api/v1/organs")["items"]}
    assert organs["edu"]["entries"] == organs["edu"]["on_time"] + organs["edu"]["late"] == 15
    assert organs["police"]["on_time_share"] is None
    edu = read(portal, "/api/v1/organs/edu")
    assert [one["category"] for one in edu["coverage"]] == list("abcdefghi")
    assert {one["category"]: one["state"] for one in edu["coverage"]}["f"] == "present"
    assert len(edu["recent"]) == 10


def test_findings_name_kind_rule_and_law(portal: FlaskClient) -> None:
    stale = list(walk(portal, "/api/v1/findings", kind="stale", limit=3))
    assert {one["entry"] for one in stale} == {f"TJ{serial:08d}" for serial in range(4, 31, 4)}
    assert {one["kind"] for one in stale} == {"stale"}
    assert all(one["law"] and one["rule"] for one in stale)
    assert all({"name", "value"} == set(reason) for one in stale for reason in one["evidence"])
    assert all(one["evidence"] for one in stale)


def test_the_profile_is_published(portal: FlaskClient) -> None:
    profile = read(portal, "/api/v1/profile", lang="en")
    assert "title" in {element["identifier"] for element in profile["elements"]}
    assert {"code": "monthly", "name": "monthly"} in profile["vocabularies"]["update_cycle"]


def test_a_tombstone_says_why_and_when(portal: FlaskClient) -> None:
    said = portal.get("/api/v1/entries/TJ00000034?lang=en").json
    assert said is not None
    assert (said["reason"], said["withdrawn_on"], "successor" in said) == ("decided", "2026-11-24", False)
    assert "decision of a person" in said["detail"]


def test_the_history_of_an_entry_is_told_for_people_and_machines(portal: FlaskClient) -> None:
    said = portal.get("/api/v1/entries/TJ00000001/history").json
    assert said is not None
    metadata = portal.get("/api/v1/entries/TJ00000001").json["metadata"]  # type: ignore[index]  # a JSON object
    assert [step["number"] for step in said["items"]] == list(range(said["total"], 0, -1))
    first = said["items"][-1]
    assert (first["changes"], first["tier"]) == ([], "portal")
    made: dict[str, object] = {}
    for step in reversed(said["items"]):
        for operation in step["patch"]:
            name = operation["path"].removeprefix("/")
            made = {key: value for key, value in made.items() if key != name} | (
                {name: operation["value"]} if operation["op"] != "remove" else {}
            )
    assert made["title"] == metadata["title"]
