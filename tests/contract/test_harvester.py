"""What every adapter keeps: the same file gives the same entries, everything is accounted for, nothing else raises."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_socket import disable_socket, enable_socket

from catalogue_app.domain.errors import SourceError
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import EntryMetadata, JsonValue, from_document, to_document
from catalogue_app.domain.source import SourceKind
from harvesters.pipeline import Failed, Fetched, Gathered, read, run
from harvesters.port import Fetcher, Harvester, Payload, RawRecord
from tests.harvesting import file_payload, harvester_of, payload_of, records

SHEET = """信息资源代码,信息资源名称,信息资源提供方,信息资源摘要,更新周期,共享类型,发布日期
301/000001,幼儿园名录,市教委,全市幼儿园的名称和地址,每年,无条件共享,2024-05-01
301/000002,小学名录,市教委,全市小学的名称和地址,有空,不知道,2024-02-30
301/000003,,市教委,没有名称的一行,每年,无条件共享,2024-05-01
""".encode()
DATASETS: list[JsonValue] = [
    {
        "identifier": "1",
        "title": "幼儿园名录",
        "modified": "2024-05-01",
        "keyword": ["教育"],
        "distribution": [{"downloadURL": "https://example.cn/a"}],
    },
    {"identifier": "2", "title": "小学名录", "modified": "soon", "accessLevel": "perhaps"},
    {"identifier": "3", "description": "没有名称"},
    {"title": "没有标识"},
]
PACKAGES: list[JsonValue] = [
    {"id": "1", "title": "幼儿园名录", "tags": [{"name": "教育"}], "resources": [{"url": "https://example.cn/a"}]},
    {"id": "2", "title": "小学名录", "extras": {"modified": "soon"}},
    {"id": "3", "notes": "没有名称"},
    {"title": "没有标识"},
]
OAI = """<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<ListRecords>
<record><header><identifier>1</identifier></header><metadata><dc><dc:title>幼儿园名录</dc:title>
<dc:date>2024-05-01</dc:date></dc></metadata></record>
<record><header><identifier>2</identifier></header><metadata><dc><dc:title>小学名录</dc:title>
<dc:date>soon</dc:date></dc></metadata></record>
<record><header><identifier>3</identifier></header><metadata><dc><dc:description>没有名称</dc:description></dc>
</metadata></record>
<record><header/><metadata><dc><dc:title>没有标识</dc:title></dc></metadata></record>
</ListRecords></OAI-PMH>""".encode()
CSW = """<csw:GetRecordsResponse xmlns:csw="http://www.opengis.net/cat/csw/2.0.2"
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dct="http://purl.org/dc/terms/"><csw:SearchResults>
<csw:Record><dc:identifier>1</dc:identifier><dc:title>幼儿园名录</dc:title></csw:Record>
<csw:Record><dc:identifier>2</dc:identifier><dc:title>小学名录</dc:title><dct:modified>soon</dct:modified></csw:Record>
<csw:Record><dc:identifier>3</dc:identifier><dct:abstract>没有名称</dct:abstract></csw:Record>
<csw:Record><dc:title>没有标识</dc:title></csw:Record>
</csw:SearchResults></csw:GetRecordsResponse>""".encode()
ISO = """<MD_Metadata xmlns="http://www.isotc211.org/2005/gmd" xmlns:gco="http://www.isotc211.org/2005/gco">
<fileIdentifier><gco:CharacterString>{}</gco:CharacterString></fileIdentifier><identificationInfo>
<MD_DataIdentification><citation><CI_Citation><title><gco:CharacterString>{}</gco:CharacterString></title>
<date><CI_Date><date><gco:Date>{}</gco:Date></date><dateType><CI_DateTypeCode codeListValue="revision"/></dateType>
</CI_Date></date></CI_Citation></citation></MD_DataIdentification></identificationInfo></MD_Metadata>"""
ROWS = [("1", "幼儿园名录", "2024-05-01"), ("2", "小学名录", "soon"), ("3", "", ""), ("", "没有标识", "")]
WAF = f"<records>{''.join(ISO.format(*row) for row in ROWS)}</records>".encode()


PAGE = b"<!doctype html><html><head><title>x</title>%b</head><body></body></html>" % b"".join(
    b'<script type="application/ld+json">%b</script>' % orjson.dumps({"@type": "Dataset", **node})
    for node in (
        {"identifier": "1", "name": "幼儿园名录", "dateModified": "2024-05-01", "keywords": ["教育"]},
        {"identifier": "2", "name": "小学名录", "dateModified": "soon"},
        {"identifier": "3", "description": "没有名称"},
    )
)
CHANGES: list[JsonValue] = [
    {"code": "TJ-1", "change": "present", "tier": "portal",
     "metadata": {"title": {"zh": "幼儿园名录"}, "updated_on": "2024-05-01", "keywords": ["教育"]}},
    {"code": "TJ-2", "change": "present", "metadata": {"title": {"zh": "小学名录"}, "updated_on": "soon", "new": 1}},
    {"code": "TJ-3", "change": "present", "metadata": {}},
    {"code": "TJ-4", "change": "gone"},
    {"change": "present", "metadata": {"title": {"zh": "没有标识"}}},
]  # fmt: skip
MAPPED = {"field.identifier": "id", "field.title": "title", "field.updated_on": "extras.modified"}


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One small source: two entries, one without title, and for formats that can, one without identity."""

    kind: SourceKind
    body: bytes
    gathered: int
    options: Mapping[str, str] = field(default_factory=dict)


TURTLE = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
<https://example.cn/1> a dcat:Dataset ; dct:title "幼儿园名录"@zh ; dct:modified "2024-05-01" ; dcat:keyword "教育" ;
  dcat:distribution [ a dcat:Distribution ; dcat:downloadURL <https://example.cn/a> ] .
<https://example.cn/2> a dcat:Dataset ; dct:title "小学名录" ; dct:modified "soon" ; dct:accessRights "perhaps" .
<https://example.cn/3> a dcat:Dataset ; dct:description "没有名称" .
""".encode()

SAMPLES = {
    "sheet": Sample(kind=SourceKind.SHEET, body=SHEET, gathered=3),
    "data_json": Sample(kind=SourceKind.DATA_JSON, body=orjson.dumps({"dataset": DATASETS}), gathered=4),
    "json_api": Sample(kind=SourceKind.JSON_API, body=orjson.dumps(PACKAGES), gathered=4, options=MAPPED),
    "schema_org": Sample(kind=SourceKind.SCHEMA_ORG, body=PAGE, gathered=3),
    "catalogue": Sample(kind=SourceKind.CATALOGUE, body=orjson.dumps({"items": CHANGES, "next": None}), gathered=4),
    "dcat": Sample(kind=SourceKind.DCAT, body=TURTLE, gathered=3),
    "ckan": Sample(kind=SourceKind.CKAN, body=orjson.dumps({"result": {"results": PACKAGES}}), gathered=4),
    "oai_pmh": Sample(kind=SourceKind.OAI_PMH, body=OAI, gathered=4),
    "csw": Sample(kind=SourceKind.CSW, body=CSW, gathered=4),
    "waf": Sample(kind=SourceKind.WAF, body=WAF, gathered=4),
}

REAL = [
    (SourceKind.SHEET, "tw-taoyuan/taoyuan-open-data-supply-list-2018.xls"),
    (SourceKind.SHEET, "csv/datos.gob.es-datasets.csv"),
    (SourceKind.DATA_JSON, "us-datajson/dol.json"),
    (SourceKind.DATA_JSON, "xlsx-ar/catalogo-justicia.json"),
    (SourceKind.CKAN, "ckan/dataportals-ckan-export.json"),
    (SourceKind.CKAN, "ckan/hdx-unesco_dataset.json"),
    (SourceKind.DCAT, "dcat-it/upo-catalog.rdf"),
    (SourceKind.DCAT, "dcat-mixed/udata-bnodes.jsonld"),
    (SourceKind.OAI_PMH, "oai-pmh/dlme-oai-dc.xml"),
    (SourceKind.CSW, "csw/geonetwork-iso19139-page-3.xml"),
    (SourceKind.WAF, "iso19139/iso_2_waf-valid_iso2.xml"),
    (SourceKind.WAF, "iso19139-pycsw/pacioos-NS06agg.xml"),
]


class OneFile:
    """A fetcher that has one file."""

    def __init__(self, payload: Payload) -> None:
        self._payload = payload

    def expand(self, address: str) -> tuple[str, ...]:
        return (address,)

    @contextmanager
    def fetch(self, _address: str, _parameters: Mapping[str, str] | None = None) -> Iterator[Payload]:
        yield self._payload


@pytest.fixture(params=SAMPLES)
def sample(request: pytest.FixtureRequest) -> Sample:
    return SAMPLES[request.param]


@pytest.fixture
def harvester(sample: Sample) -> Harvester:
    return harvester_of(sample.kind, **sample.options)


def outcomes(harvester: Harvester, payload: Payload) -> list[EntryMetadata | Problem]:
    """Return what became of every record, in order."""
    fetcher: Fetcher = OneFile(payload)
    found: list[EntryMetadata | Problem] = []
    for fact in run(harvester, fetcher):
        match fact:
            case Gathered():
                found.append(read(harvester, fact.record))
            case Failed():
                found.append(fact.problem)
            case Fetched():
                assert fact.payload is payload
    return found


def test_every_record_has_one_outcome(sample: Sample, harvester: Harvester) -> None:
    found = outcomes(harvester, payload_of(sample.body))
    assert len(found) == sample.gathered
    entries = [it for it in found if isinstance(it, EntryMetadata)]
    assert [it.title.original for it in entries] == ["幼儿园名录", "小学名录"]
    assert {it.code for it in found if isinstance(it, Problem)} <= {"missing_title", "missing_identifier"}


def test_what_was_not_understood_is_noted(sample: Sample, harvester: Harvester) -> None:
    first, second = (it for it in outcomes(harvester, payload_of(sample.body)) if isinstance(it, EntryMetadata))
    assert first.unread == ()
    assert {note.value for note in second.unread} & {"soon", "2024-02-30"}


def test_the_same_file_gives_the_same_twice(sample: Sample) -> None:
    payload = payload_of(sample.body)
    first, second = harvester_of(sample.kind, **sample.options), harvester_of(sample.kind, **sample.options)
    assert records(first, payload) == records(second, payload) == records(first, payload)
    assert outcomes(first, payload) == outcomes(second, payload)


def test_an_entry_survives_its_document(sample: Sample, harvester: Harvester) -> None:
    for said in outcomes(harvester, payload_of(sample.body)):
        if isinstance(said, EntryMetadata):
            assert from_document(to_document(said)) == said


def test_splitting_and_reading_use_no_network(sample: Sample, harvester: Harvester) -> None:
    disable_socket()
    try:
        outcomes(harvester, payload_of(sample.body))
    finally:
        enable_socket()


def test_identifiers_are_clean_and_digests_are_digests(sample: Sample, harvester: Harvester) -> None:
    for record in records(harvester, payload_of(sample.body)):
        assert record.identifier == record.identifier.strip() != ""
        assert len(record.digest) == 32
        assert record.place


def test_reading_needs_the_raw_record_alone(sample: Sample, harvester: Harvester) -> None:
    for record in records(harvester, payload_of(sample.body)):
        stored = orjson.loads(orjson.dumps(record.raw))
        again = RawRecord(identifier=record.identifier, place=record.place, digest=record.digest, raw=stored)
        assert read(harvester_of(sample.kind, **sample.options), again) == read(harvester, record)


def reordered(value: JsonValue) -> JsonValue:
    """Turn the keys of every object round."""
    if isinstance(value, dict):
        return {name: reordered(part) for name, part in reversed(list(value.items()))}
    return [reordered(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", ["data_json", "ckan", "json_api", "catalogue"])
def test_key_order_and_white_space_do_not_matter(name: str) -> None:
    harvester = harvester_of(SAMPLES[name].kind, **SAMPLES[name].options)
    spread = orjson.dumps(reordered(orjson.loads(SAMPLES[name].body)), option=orjson.OPT_INDENT_2)
    one, two = records(harvester, payload_of(SAMPLES[name].body)), records(harvester, payload_of(spread))
    assert [record.digest for record in one] == [record.digest for record in two]
    assert [read(harvester, record) for record in one] == [read(harvester, record) for record in two]


@pytest.mark.parametrize(("kind", "path"), REAL, ids=[path for _, path in REAL])
def test_a_real_file_gives_the_same_twice(shared_data: Path, kind: SourceKind, path: str) -> None:
    payload = file_payload(shared_data / path)
    first, second = outcomes(harvester_of(kind), payload), outcomes(harvester_of(kind), payload)
    assert first == second
    assert first


def mutated(body: bytes) -> st.SearchStrategy[bytes]:
    """Cut, repeat and overwrite a good file."""
    places = st.integers(0, len(body))
    overwritten = st.builds(lambda at, junk: body[:at] + junk + body[at + len(junk) :], places, st.binary(max_size=8))
    cut = st.builds(lambda start, end: body[start:] + body[:end], places, places)
    return overwritten | cut


def no_surprise(kind: SourceKind, body: bytes, options: Mapping[str, str]) -> None:
    with suppress(SourceError):
        for said in outcomes(harvester_of(kind, **options), payload_of(body)):
            assert not isinstance(said, Problem) or said.code != "unreadable_record", said


@pytest.mark.parametrize("name", SAMPLES)
def test_no_mutation_of_a_file_raises_anything_but_a_source_error(name: str) -> None:
    sample = SAMPLES[name]
    tried: Callable[[], None] = given(mutated(sample.body))(lambda body: no_surprise(sample.kind, body, sample.options))
    tried()


@pytest.mark.parametrize("name", SAMPLES)
def test_no_bytes_raise_anything_but_a_source_error(name: str) -> None:
    sample = SAMPLES[name]
    tried: Callable[[], None] = given(st.binary(max_size=300))(
        lambda body: no_surprise(sample.kind, body, sample.options)
    )
    tried()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = [
    "identifier", "id", "name", "title", "description", "notes", "modified", "issued", "keyword", "tags", "extras",
    "distribution", "resources", "publisher", "organization", "contactPoint", "temporal", "spatial", "theme", "groups",
    "accessLevel", "license", "accrualPeriodicity", "frequency", "isPartOf", "municipalProfile", "rights", "url",
    "landingPage", "temporal_start", "private", "state", "items",
]  # fmt: skip


@given(st.lists(st.dictionaries(st.sampled_from(NAMES), json_values), max_size=3))
def test_any_values_under_known_names_are_read_or_noted(raw: list[dict[str, JsonValue]]) -> None:
    body = json.dumps([{"identifier": "1", "id": "1", "title": "标题", **record} for record in raw]).encode()
    for kind in (SourceKind.DATA_JSON, SourceKind.CKAN):
        no_surprise(kind, body, {})
