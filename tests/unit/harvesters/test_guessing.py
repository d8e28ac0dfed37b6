"""What kind of source an address seems to be, by what it answers."""

import pytest

from catalogue_app.domain.source import SourceKind
from harvesters.guessing import guess
from tests.sheets import csv_bytes, xlsx_bytes

ANSWERS = [
    (SourceKind.SHEET, "/list.csv", csv_bytes([["信息资源名称", "摘要"], ["幼儿园名录", "一"]], "gb18030")),
    (SourceKind.SHEET, "/list", xlsx_bytes({"目录": [["信息资源名称"]]})),
    (SourceKind.SHEET, "/list.csv", csv_bytes([["名称"], ["甲"]], "utf-16")),
    (SourceKind.CKAN, "/api/3/action/package_search", b'{"help": "x", "success": true, "result": {"count": 1}}'),
    (SourceKind.CKAN, "/", b'<html><head><meta name="generator" content="ckan 2.10"></head></html>'),
    (SourceKind.CATALOGUE, "/api/v1/entries", b'{"items": []}'),
    (
        SourceKind.DATA_JSON,
        "/data.json",
        b'{"@context": "https://project-open-data.cio.gov/v1.1/schema", "dataset": []}',
    ),
    (SourceKind.DCAT, "/catalog.jsonld", b'{"@context": {"dcat": "http://www.w3.org/ns/dcat#"}, "@graph": []}'),
    (SourceKind.DCAT, "/catalog.ttl", b"@prefix dcat: <http://www.w3.org/ns/dcat#> .\n"),
    (SourceKind.DCAT, "/catalog.rdf", b'<?xml version="1.0"?><rdf:RDF xmlns:rdf="x"></rdf:RDF>'),
    (
        SourceKind.OAI_PMH,
        "/oai?verb=Identify",
        b'<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"/>',
    ),
    (SourceKind.CSW, "/csw", b'<csw:Capabilities xmlns:csw="http://www.opengis.net/cat/csw/2.0.2"/>'),
    (SourceKind.WAF, "/one.xml", b'<gmd:MD_Metadata xmlns:gmd="x"></gmd:MD_Metadata>'),
    (SourceKind.WAF, "/records/", b'<html><title>Index of /records</title><a href="one.xml">one</a></html>'),
    (SourceKind.SCHEMA_ORG, "/sitemap.xml", b'<?xml version="1.0"?><urlset xmlns="x"></urlset>'),
    (SourceKind.SCHEMA_ORG, "/dataset/1", b'<html><script type="application/ld+json">{}</script></html>'),
    (SourceKind.JSON_API, "/list", b'\xef\xbb\xbf[{"name": "x"}]'),
    (None, "/paper.pdf", b"%PDF-1.7"),
    (None, "/", b"<html><body>Welcome</body></html>"),
    (None, "/program", b"\x7fELF\0\0\0\1"),
    (None, "/empty", b" \n"),
]


@pytest.mark.parametrize(("kind", "path", "head"), ANSWERS)
def test_a_kind_is_told_by_what_answers(kind: SourceKind | None, path: str, head: bytes) -> None:
    assert guess(f"https://example.cn{path}", head) is kind
