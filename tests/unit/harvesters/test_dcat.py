"""DCAT: one catalogue in any syntax, identities that stay, languages in order, ways that end."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import date

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib import Graph

from catalogue_app.domain.errors import SourceCutShort, SourceError
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import Interval
from catalogue_app.domain.source import SourceKind
from catalogue_app.domain.vocabulary import OpenType, UpdateCycle
from harvesters import rdf_reading, rdf_tree
from harvesters.pipeline import Gathered, read, run
from harvesters.port import Fetcher, Harvester
from tests.harvesting import Web, entries, harvester_of, payload_of, problems, records

PREFIXES = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> . @prefix hydra: <http://www.w3.org/ns/hydra/core#> .
"""
FULL = (
    PREFIXES
    + """
<https://data.example.cn/1> a dcat:Dataset ;
  dct:title "Kindergartens"@en-GB, "幼儿园名录"@zh-Hans, "Jardins"@fr ;
  dct:description "全市幼儿园"@zh ;
  dct:publisher [ foaf:name "市教委"@zh, "Education"@en ] ;
  dct:issued "2023-05-01" ; dct:modified "2024-05-01T08:00:00Z", "2024-06-01" ;
  dct:accrualPeriodicity <http://publications.europa.eu/resource/authority/frequency/MONTHLY> ;
  dct:accessRights <http://publications.europa.eu/resource/authority/access-right/PUBLIC> ;
  dct:license <https://creativecommons.org/licenses/by/4.0/> ;
  dct:spatial [ skos:prefLabel "天津市"@zh ] ;
  dct:temporal [ dcat:startDate "2020" ; dcat:endDate "2023-12-31" ] ;
  dcat:theme <http://example.org/theme/T05> ;
  dcat:keyword "教育"@zh, "school"@en ;
  dcat:landingPage <https://data.example.cn/page> ;
  dct:isPartOf <https://data.example.cn/all> ;
  dcat:contactPoint [ vcard:fn "张三" ; vcard:hasEmail <mailto:a@example.cn> ; vcard:hasTelephone [
    vcard:hasValue <tel:022-1> ] ] ;
  dcat:version "3" ;
  dcat:distribution [ dct:title "文件"@zh ; dcat:downloadURL <https://data.example.cn/a.csv> ; dct:format "CSV" ;
    dcat:byteSize 12 ; dcat:mediaType <https://www.iana.org/assignments/media-types/text/csv> ] .
"""
)
CC_BY = "https://creativecommons.org/licenses/by/4.0/"
SYNTAXES: Mapping[str, str] = {"turtle": "turtle", "nt": "nt", "xml": "pretty-xml", "json-ld": "json-ld"}


def dcat(address: str = "memory", **options: str) -> Harvester:
    return harvester_of(SourceKind.DCAT, address, **options)


def written(turtle: str, syntax: str) -> bytes:
    return Graph().parse(data=turtle, format="turtle").serialize(format=syntax, encoding="utf-8")


@pytest.mark.parametrize("syntax", SYNTAXES.values(), ids=SYNTAXES)
def test_one_dataset_says_the_same_in_every_syntax(syntax: str) -> None:
    payload = payload_of(written(FULL, syntax))
    [record], [entry] = records(dcat(), payload), entries(dcat(), payload)
    [plain] = records(dcat(), payload_of(FULL.encode()))
    assert (record.identifier, record.digest) == ("https://data.example.cn/1", plain.digest)
    assert entry.title.texts == (("zh", "幼儿园名录"), ("en", "Kindergartens"), ("fr", "Jardins"))
    assert entry.abstract is not None
    said = (entry.abstract.original, entry.provider_name, entry.licence)
    assert said == ("全市幼儿园", "市教委", CC_BY)
    assert (entry.issued_on, entry.updated_on) == (date(2023, 5, 1), date(2024, 6, 1))
    assert (entry.update_cycle, entry.open_type) == (UpdateCycle.MONTHLY, OpenType.OPEN)
    assert (entry.themes, entry.spatial) == (("T05",), ("120000",))
    assert set(entry.keywords) == {"教育", "school"}
    assert entry.temporal == Interval(start=date(2020, 1, 1), end=date(2023, 12, 31))
    assert entry.online_urls == ("https://data.example.cn/page",)
    assert entry.related_resource_codes == ("https://data.example.cn/all",)
    assert entry.contact is not None
    assert (entry.contact.name, entry.contact.email, entry.contact.telephone) == ("张三", "a@example.cn", "022-1")
    [file] = entry.distributions
    assert (file.url, file.title, file.format, file.media_type, file.size_bytes) == (
        "https://data.example.cn/a.csv",
        "文件",
        "csv",
        "text/csv",
        12,
    )
    assert entry.extensions == (("dcat:version", "3"),)
    assert entry.unread == ()


def bare(body: str) -> bytes:
    return (PREFIXES + body).encode()


def test_a_node_without_address_is_known_by_what_it_is_called_else_by_what_it_says() -> None:
    body = '[] a dcat:Dataset ; dct:identifier "x-1" ; dct:title "甲" . [] a dcat:Dataset ; dct:title "乙" .'
    turned = '[] dct:title "乙" ; a dcat:Dataset . [] dct:title "甲" ; a dcat:Dataset ; dct:identifier "x-1" .'
    first, second = (records(dcat(), payload_of(bare(text))) for text in (body, turned))
    assert [it.identifier for it in first] == [it.identifier for it in second]
    assert "x-1" in {it.identifier for it in first}
    assert {len(it.identifier) for it in first} == {3, 32}


def test_addresses_made_up_anew_each_time_are_no_identity() -> None:
    body = '<http://a.example/.well-known/genid/{}> a dcat:Dataset ; dct:identifier "x" ; dct:title "甲" .'
    for made_up in ("1", "2"):
        [record] = records(dcat(), payload_of(bare(body.format(made_up))))
        assert record.identifier == "x"


def test_relative_addresses_name_no_machine() -> None:
    body = '<#a> a dcat:Dataset ; dct:title "甲" . <b> a dcat:Dataset ; dct:title "乙" .'
    assert {it.identifier for it in records(dcat(), payload_of(bare(body)))} == {"#a", "b"}


def test_what_a_catalogue_lists_is_a_dataset_without_a_type_too() -> None:
    body = '<c> a dcat:Catalog ; dcat:dataset <1> . <1> dct:title "甲" .'
    assert [it.identifier for it in records(dcat(), payload_of(bare(body)))] == ["1"]


def test_a_dataset_without_title_is_a_problem_with_its_address() -> None:
    [record] = records(dcat(), payload_of(bare("<http://a.example/1> a dcat:Dataset .")))
    assert read(dcat(), record) == Problem(record="http://a.example/1", element="title", code="missing_title")


def test_a_day_that_is_none_is_noted_and_nothing_else_is_said(caplog: pytest.LogCaptureFixture) -> None:
    day = "<http://www.w3.org/2001/XMLSchema#date>"
    stated = f'<d> a dcat:Dataset; dct:title "甲"; dct:issued "2023-02-30"^^{day} .'
    (entry,) = entries(dcat(), payload_of(bare(stated)))
    assert [note.code for note in entry.unread] == ["not_a_date"]
    assert caplog.records == []


def test_too_long_an_identifier_is_a_problem() -> None:
    body = f'<http://a.example/{"x" * 600}> a dcat:Dataset ; dct:title "甲" .'
    assert [it.code for it in problems(dcat(), payload_of(bare(body)))] == ["identifier_too_long"]


def code_of(body: bytes) -> SourceError:
    with pytest.raises(SourceError) as caught:
        list(dcat().split(payload_of(body)))
    return caught.value


def test_broken_turtle_names_line_and_reason() -> None:
    fault = code_of(bare('<http://a.example/1> a dcat:Dataset ;\n  nope:title "甲" .'))
    assert (fault.code, fault.parameters["line"]) == ("invalid_rdf", 6)
    assert "nope" in str(fault.parameters["reason"])


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<html><body>down</body></html>", "html_instead_of_rdf"),
        (b"<!DOCTYPE html><title>x</title>", "html_instead_of_rdf"),
        (b"  ", "empty_answer"),
        (b'{"@id": "http://a.example/1"}', "no_datasets"),
        (b'{"@context": {"@import": "http://a.example/c"}}', "remote_context"),
        (b'{"@context": ["http://a.example/c"]}', "remote_context"),
        (b'{"a": {"@context": "file:///etc/passwd"}}', "remote_context"),
        (b'{"@context": {"t": {"@id": "http://a/t", "@context": "//a.example"}}}', "remote_context"),
        (b'{"@context": {"a": {"@id": 3}}}', "invalid_rdf"),
        (b"@prefix : <http://a.example/> . :a :b " + b"[ :b " * 20_000, "too_deep"),
        (
            '@prefix dct: <http://purl.org/dc/terms/> . <a> dct:title "é" .'.encode("latin-1") + b"\xff\xfe",
            "invalid_rdf",
        ),
        (b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:li/><a></rdf:RDF>", "invalid_xml"),
    ],
)
def test_what_is_no_catalogue_is_refused_with_its_reason(body: bytes, code: str) -> None:
    assert code_of(body).code == code


def test_a_known_context_is_our_own_copy() -> None:
    document = {
        "@context": "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld",
        "@type": "dcat:Catalog",
        "dataset": [{"@type": "dcat:Dataset", "identifier": "1", "title": "甲", "accessLevel": "public"}],
    }
    payload = payload_of(orjson.dumps(document))
    [record], [entry] = records(dcat(), payload), entries(dcat(), payload)
    assert (record.identifier, entry.title.original, entry.open_type) == ("1", "甲", OpenType.OPEN)


def test_statements_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdf_reading, "TRIPLE_LIMIT", 10)
    assert code_of(FULL.encode()).code == "too_many_statements"


def test_what_datasets_share_counts_in_each(monkeypatch: pytest.MonkeyPatch) -> None:
    body = "".join(f'<{number}> a dcat:Dataset ; dct:title "甲" ; dct:publisher <p> . ' for number in range(9))
    payload = payload_of(bare(body + "<p> foaf:name " + ", ".join(f'"{number}"' for number in range(50)) + " ."))
    assert len(records(dcat(), payload)) == 9
    monkeypatch.setattr(rdf_tree, "DOCUMENT_NODES", 300)
    with pytest.raises(SourceError, match="too_many_statements"):
        records(dcat(), payload)


def test_a_long_chain_of_parts_is_walked_once() -> None:
    links = (f'<n{number}> a dcat:Dataset ; dct:title "甲" ; dct:isPartOf <n{number + 1}> .' for number in range(3_000))
    harvester = dcat()
    assert len(records(harvester, payload_of(bare("".join(links))))) == 3_000


def test_circles_are_told_once_and_their_inverse_is_none() -> None:
    body = """<a> a dcat:Dataset ; dct:title "甲" ; dct:isPartOf <b> .
    <b> a dcat:Dataset ; dct:title "乙" ; dct:isPartOf <a> .
    <c> a dcat:Dataset ; dct:title "丙" ; dct:isPartOf <d> . <d> a dcat:Dataset ; dct:title "丁" ; dct:hasPart <c> ."""
    told = [note.value for entry in entries(dcat(), payload_of(bare(body))) for note in entry.unread]
    assert told == ["a → b → a"]


def web_of(pages: Mapping[str, str], links: Mapping[str, str] | None = None) -> Web:
    return Web({address: bare(body) for address, body in pages.items()}, links)


CAT = "http://a.example/cat"


def gathered(web: Web, **options: str) -> list[str]:
    fetcher: Fetcher = web
    return [fact.record.identifier for fact in run(dcat(CAT, **options), fetcher) if isinstance(fact, Gathered)]


def dataset(number: int) -> str:
    return f'<http://a.example/{number}> a dcat:Dataset ; dct:title "甲{number}" . '


def test_pages_are_followed_to_the_last() -> None:
    second, third = f"{CAT}?2", f"{CAT}?3"
    pages = {CAT: dataset(1) + f'<v> hydra:next "{second}" .', second: dataset(2), third: dataset(3)}
    web = web_of(pages, {second: '<cat?3>; title="x"; rel="last next"'})
    assert gathered(web) == [f"http://a.example/{number}" for number in (1, 2, 3)]


@pytest.mark.parametrize(("following", "code"), [(CAT, "paging_loop"), ("http://b.example/cat", "link_elsewhere")])
def test_pages_that_lead_nowhere_cut_the_run_short(following: str, code: str) -> None:
    second = f"{CAT}?2"
    pages = {CAT: dataset(1) + f"<v> hydra:next <{second}> .", second: dataset(2) + f"<v> hydra:next <{following}> ."}
    with pytest.raises(SourceCutShort) as caught:
        gathered(web_of(pages))
    assert caught.value.code == code


def test_fewer_datasets_than_stated_prove_nothing() -> None:
    with pytest.raises(SourceCutShort, match="fewer_than_stated"):
        gathered(web_of({CAT: dataset(1) + "<x> hydra:totalItems 2 ."}))


LISTS = f"""<{CAT}> a dcat:Catalog ; dcat:dataset <http://a.example/1>, <http://a.example/2#it> ;
  dcat:catalog <{CAT}>, <http://a.example/sub> ."""
SUB = (
    "<http://a.example/sub> a dcat:Catalog ; dcat:dataset <http://a.example/3> ; dcat:catalog <http://a.example/cat> ."
)


def test_documents_of_their_own_are_read_each_once() -> None:
    web = web_of({
        CAT: LISTS,
        "http://a.example/1": dataset(1),
        "http://a.example/2": '<http://a.example/2#it> a dcat:Dataset ; dct:title "乙" .',
        "http://a.example/3": dataset(3),
        "http://a.example/sub": SUB,
    })  # fmt: skip
    assert sorted(gathered(web)) == ["http://a.example/1", "http://a.example/2#it", "http://a.example/3"]
    assert len(web.asked) == len(set(web.asked)) == 5
    assert gathered(web, follow="no") == []


def test_a_missing_document_is_named_and_nothing_is_concluded() -> None:
    web = web_of({CAT: LISTS, "http://a.example/1": dataset(1), "http://a.example/sub": SUB, "http://a.example/3": "x"})
    with pytest.raises(SourceCutShort) as caught:
        gathered(web)
    assert (caught.value.code, caught.value.parameters["count"]) == ("parts_unread", 2)


def test_other_hosts_are_named_and_not_asked() -> None:
    web = web_of({CAT: dataset(1) + f"<{CAT}> dcat:dataset <http://b.example/1>, <http://a.example/1> ."})
    assert gathered(web) == ["http://a.example/1"]
    assert web.asked == [CAT]


words = st.sampled_from([
    "dcat:Dataset", "dct:title", "dct:isPartOf", "dcat:distribution", "dct:modified", "<a>", "<b>", "_:x", '"甲"@zh',
    "1", "[", "]", "(", ")", "a", ";", ",", ".", '"2024"', "dct:temporal", "dcat:startDate", "<http://a/\\u0000>",
])  # fmt: skip


@given(st.lists(words, max_size=25).map(" ".join))
def test_any_statements_are_read_or_refused(body: str) -> None:
    harvester = dcat()
    with suppress(SourceError):
        for record in records(harvester, payload_of(bare(body))):
            said = read(harvester, record)
            assert not isinstance(said, Problem) or said.code == "missing_title"
