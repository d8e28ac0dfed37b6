"""schema.org through sitemaps: pages found, datasets told from what surrounds them, faults kept to their page."""

from collections.abc import Mapping
from datetime import date

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.errors import SourceCutShort, SourceError
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import Interval, JsonValue
from catalogue_app.domain.source import SourceKind
from harvesters.pipeline import Failed, Gathered, read, run
from harvesters.port import Fetcher, Harvester
from tests.harvesting import Web, entries, harvester_of, payload_of, records

SITE = "https://a.example"
FULL: dict[str, JsonValue] = {
    "@context": "https://schema.org",
    "@type": "Dataset",
    "@id": f"{SITE}/d/1",
    "name": [{"@language": "en", "@value": "Kindergartens"}, {"@language": "zh-CN", "@value": "幼儿园名录"}],
    "description": "全市幼儿园",
    "publisher": {"@id": "#org"},
    "dateModified": "2024-05-01T08:00:00Z",
    "datePublished": "2023-05-01",
    "keywords": "教育, 学校",
    "license": {"@type": "CreativeWork", "url": "https://creativecommons.org/licenses/by/4.0/"},
    "spatialCoverage": {"@type": "Place", "name": "天津市"},
    "temporalCoverage": "2020/2023",
    "isPartOf": {"@type": "Dataset", "@id": f"{SITE}/d/all", "name": "全部"},
    "variableMeasured": [{"name": "名称", "description": "园名"}, "地址"],
    "distribution": [
        {"@type": "DataDownload", "contentUrl": f"{SITE}/1.csv", "encodingFormat": "text/csv", "name": "文件"},
        f"{SITE}/2.xlsx",
    ],
    "version": "3",
}
ORG: dict[str, JsonValue] = {"@id": "#org", "@type": "Organization", "name": "市教委", "email": "a@example.cn"}


def html(*scripts: object) -> bytes:
    parts = [it if isinstance(it, str) else orjson.dumps(it).decode() for it in scripts]
    pieces = "".join(f'<script type="application/ld+json">{part}</script>' for part in parts)
    return f"<!doctype html><html><head><title>x</title>{pieces}</head><body><p>x</p></body></html>".encode()


def site(address: str = f"{SITE}/sitemap.xml", **options: str) -> Harvester:
    return harvester_of(SourceKind.SCHEMA_ORG, address, **options)


def test_a_dataset_in_a_page_is_read_whole() -> None:
    payload = payload_of(html({"@context": "https://schema.org", "@graph": [FULL, ORG]}))
    [record], [entry] = records(site(), payload), entries(site(), payload)
    assert record.identifier == f"{SITE}/d/1"
    assert entry.title.texts == (("zh", "幼儿园名录"), ("en", "Kindergartens"))
    assert entry.abstract is not None
    assert (entry.abstract.original, entry.provider_name) == ("全市幼儿园", "市教委")
    assert (entry.issued_on, entry.updated_on) == (date(2023, 5, 1), date(2024, 5, 1))
    assert (entry.keywords, entry.spatial) == (("教育", "学校"), ("120000",))
    assert entry.temporal == Interval(start=date(2020, 1, 1), end=date(2023, 12, 31))
    assert entry.licence == "https://creativecommons.org/licenses/by/4.0/"
    assert entry.related_resource_codes == (f"{SITE}/d/all",)
    assert [(it.name, it.note) for it in entry.items] == [("名称", "园名"), ("地址", "")]
    assert [(it.url, it.format) for it in entry.distributions] == [(f"{SITE}/1.csv", "csv"), (f"{SITE}/2.xlsx", "")]
    assert entry.contact is not None
    assert (entry.contact.email, entry.extensions, entry.unread) == ("a@example.cn", (("version", "3"),), ())


@pytest.mark.parametrize(
    ("node", "identifier"),
    [
        ({"@id": "_:b0", "identifier": {"@type": "PropertyValue", "value": "x-1"}}, "x-1"),
        ({"identifier": ["x-2", "y"]}, "x-2"),
        ({"url": f"{SITE}/u"}, f"{SITE}/u"),
        ({"@id": "https://x[[.cn/1"}, "https://x[[.cn/1"),
        ({}, "memory"),
    ],
)
def test_identity_is_the_most_lasting_name(node: dict[str, JsonValue], identifier: str) -> None:
    [record] = records(site(), payload_of(html({"@type": "https://schema.org/Dataset", "schema:name": "甲", **node})))
    assert record.identifier == identifier


def test_datasets_of_a_catalogue_and_of_a_document_are_found() -> None:
    inside = {"@type": ["Thing", "schema:Dataset"], "name": "甲", "identifier": "1"}
    catalogue = {"@type": "DataCatalog", "dataset": [inside, {"@type": "Dataset", "@id": "x"}]}
    for body in (html({"@type": "WebPage", "mainEntity": catalogue}), orjson.dumps(catalogue)):
        assert [it.identifier for it in records(site(), payload_of(body))] == ["1"]


def test_nodes_that_refer_to_each_other_do_not_multiply() -> None:
    names = [f"#n{number}" for number in range(60)]
    nodes = [{"@id": name, "@type": "Person", "knows": [{"@id": other} for other in names]} for name in names]
    dataset = {"@type": "Dataset", "identifier": "1", "name": "甲", "creator": [{"@id": name} for name in names]}
    [record] = records(site(), payload_of(html({"@graph": [dataset, *nodes]})))
    assert len(orjson.dumps(record.raw)) < 2_000_000


def test_broken_json_matters_only_where_it_speaks_of_a_dataset() -> None:
    assert len(records(site(), payload_of(html('{"@type": "Breadcrumb", ', FULL)))) == 1
    with pytest.raises(SourceError, match="invalid_json"):
        records(site(), payload_of(html('{"@type": "Dataset", ')))
    assert records(site(), payload_of(html())) == []


def sitemap(*addresses: str, kind: str = "url") -> bytes:
    root = {"url": "urlset", "sitemap": "sitemapindex"}[kind]
    parts = "".join(f"<{kind}><loc> {it} </loc></{kind}>" for it in addresses)
    return f'<?xml version="1.0"?><{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{parts}</{root}>'.encode()


def dataset(name: str) -> bytes:
    return html({"@type": "Dataset", "identifier": name, "name": name})


def told(web: Mapping[str, bytes], address: str = f"{SITE}/sitemap.xml", **options: str) -> tuple[list[str], list[str]]:
    """Return (identifiers, codes of problems) of a run that ends normally."""
    fetcher: Fetcher = Web(web)
    facts = list(run(site(address, **options), fetcher))
    gathered = [fact.record.identifier for fact in facts if isinstance(fact, Gathered)]
    return gathered, [f"{fact.problem.code} {fact.problem.value}" for fact in facts if isinstance(fact, Failed)]


PAGES = {
    f"{SITE}/sitemap.xml": sitemap(f"{SITE}/s1.xml.gz", f"{SITE}/s2.xml", f"{SITE}/s1.xml.gz", kind="sitemap"),
    f"{SITE}/s1.xml.gz": sitemap(f"{SITE}/d/1", f"{SITE}/d/2", f"{SITE}/about"),
    f"{SITE}/s2.xml": sitemap(f"{SITE}/d/2", f"{SITE}/d/3", "https://b.example/d/4"),
    f"{SITE}/about": html(),
    **{f"{SITE}/d/{number}": dataset(str(number)) for number in (1, 2, 3)},
}


@pytest.mark.parametrize("address", [f"{SITE}/sitemap.xml", SITE, f"{SITE}/"])
def test_sitemaps_are_followed_and_other_hosts_are_not(address: str) -> None:
    assert told(PAGES, address) == (["1", "2", "3"], ["foreign_file link_elsewhere"])


def test_only_pages_that_are_wanted_are_asked() -> None:
    assert told(PAGES, pages="/d/3") == (["3"], [])


def test_one_page_is_a_source_too() -> None:
    assert told({f"{SITE}/d/1": dataset("1")}, f"{SITE}/d/1") == (["1"], [])


def test_a_page_that_is_gone_is_named_and_nothing_is_concluded() -> None:
    pages = {address: body for address, body in PAGES.items() if not address.endswith("/d/3")}
    with pytest.raises(SourceCutShort) as caught:
        told(pages)
    assert (caught.value.code, caught.value.parameters["parts"]) == ("parts_unread", f"{SITE}/d/3")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (sitemap("https://b.example/s.xml", kind="sitemap"), "link_elsewhere"),
        (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><urlset>&a;</urlset>', "xml_dtd_refused"),
        (sitemap(f"{SITE}/absent.xml", kind="sitemap"), "http_status"),
    ],
)
def test_a_bad_sitemap_ends_the_run(body: bytes, code: str) -> None:
    with pytest.raises(SourceError) as caught:
        told({f"{SITE}/sitemap.xml": body})
    assert caught.value.code == code


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["@id", "@type", "@value", "name", "url", "contentUrl", "identifier"]), inner)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(list(FULL)), json_values))
def test_any_values_under_known_words_are_read_or_noted(node: dict[str, JsonValue]) -> None:
    body = orjson.dumps({"@graph": [{"name": "甲", **node, "@type": "Dataset"}, ORG]})
    for record in records(site(), payload_of(body)):
        said = read(site(), record)
        assert not isinstance(said, Problem) or said.code == "missing_title", said
