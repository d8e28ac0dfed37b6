"""What machines read: JSON-LD, Atom feeds, sitemaps and robots.txt."""

import json
import re
from typing import Any

import extruct
import feedparser
import pytest
from flask.testing import FlaskClient

from tests.api.small_catalogue import ABOVE, INNER

FEEDS = [
    "/feeds/changes.atom",
    "/en/feeds/changes.atom",
    "/feeds/organs/edu.atom",
    "/feeds/themes/T05.atom",
    "/en/feeds/categories/f.atom",
    "/feeds/search.atom?q=幼儿园&organ=edu",
]


def described(client: FlaskClient, path: str) -> dict[str, Any]:
    """Return the JSON-LD documents of a page by type."""
    html = client.get(path).get_data(as_text=True)
    found = extruct.extract(html, base_url="http://localhost", syntaxes=["json-ld"])["json-ld"]
    return {document["@type"]: document for document in found}


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_an_entry_is_described_as_a_dataset(portal: FlaskClient, prefix: str) -> None:
    dataset = described(portal, f"{prefix}/entries/TJ00000002")["Dataset"]
    assert 50 <= len(dataset["description"]) <= 5000
    assert dataset["name"]
    assert dataset["identifier"] == "TJ00000002"
    assert dataset["license"].startswith("https://")
    assert dataset["creator"]["@type"] == "GovernmentOrganization"
    assert dataset["dateModified"] == "2026-11-01"
    assert [item["name"] for item in dataset["variableMeasured"]] == ["机构名称", "所属区"]
    assert "distribution" not in dataset, "an address that is not http(s) is no download"


def test_the_home_page_describes_the_catalogue_and_an_organ_page_the_organ(portal: FlaskClient) -> None:
    assert described(portal, "/")["DataCatalog"]["name"] == "天津市政务信息资源目录"
    organ = described(portal, "/en/organs/edu")["GovernmentOrganization"]
    assert organ["name"] == "Municipal Education Commission"
    assert "市教委" in organ["alternateName"]


@pytest.mark.parametrize("path", ["/entries/TJ00000001", "/organs/edu", "/themes/T05", "/help", "/findings"])
def test_crumbs_lead_from_home_to_the_page(portal: FlaskClient, path: str) -> None:
    steps = described(portal, path)["BreadcrumbList"]["itemListElement"]
    assert [step["position"] for step in steps] == list(range(1, len(steps) + 1))
    assert steps[0]["item"] == "http://localhost/"
    assert steps[-1]["item"] == f"http://localhost{path}"


@pytest.mark.parametrize("path", FEEDS)
def test_a_feed_is_sound_and_newest_first(portal: FlaskClient, path: str) -> None:
    answer = portal.get(path)
    assert answer.mimetype == "application/atom+xml"
    feed = feedparser.parse(answer.data)
    assert not feed.bozo
    assert feed.version == "atom10"
    assert feed.entries
    assert {bool(entry.id and entry.title and entry.link and entry.author) for entry in feed.entries} == {True}
    moments = [entry.updated for entry in feed.entries]
    assert moments == sorted(moments, reverse=True)


def test_an_entry_has_one_identity_in_all_feeds(portal: FlaskClient) -> None:
    chinese, english = (feedparser.parse(portal.get(path).data) for path in FEEDS[:2])
    assert [entry.id for entry in chinese.entries] == [entry.id for entry in english.entries]


def test_sitemaps_name_every_public_entry_in_both_languages_and_no_other(portal: FlaskClient) -> None:
    index = portal.get("/sitemap.xml").get_data(as_text=True)
    files = re.findall(r"<loc>http://localhost(/sitemaps/[^<]+)</loc>", index)
    texts = [portal.get(file).get_data(as_text=True) for file in files]
    found = {place for text in texts for place in re.findall(r"<loc>http://localhost([^<]+)</loc>", text)}
    entries = {f"{prefix}/entries/TJ{number:08d}" for number in range(1, 31) for prefix in ("", "/en")}
    assert {place for place in found if "/entries/" in place} == entries
    assert {portal.get(place).status_code for place in sorted(found)[::25]} == {200}
    assert all("<lastmod>" in text for text in texts if "/entries/" in text)


def test_robots_of_the_public_instance_find_the_sitemap(portal: FlaskClient) -> None:
    assert "Sitemap: http://localhost/sitemap.xml" in portal.get("/robots.txt").get_data(as_text=True)


def test_robots_stay_out_of_the_extranet(extranet: FlaskClient) -> None:
    assert extranet.get("/robots.txt").get_data(as_text=True) == "User-agent: *\nDisallow: /\n"
    assert extranet.get("/sitemap.xml").status_code == 404


def test_json_ld_cannot_end_its_element(portal: FlaskClient) -> None:
    for document in re.findall(r'<script type="application/ld\+json">(.*?)</script>', portal.get("/").text, re.DOTALL):
        assert "<" not in document
        json.loads(document)


def test_feeds_of_the_portal_name_nothing_above_it(portal: FlaskClient) -> None:
    texts = [portal.get(path).get_data(as_text=True) for path in FEEDS]
    assert not any(INNER in text or ABOVE in text for text in texts)
