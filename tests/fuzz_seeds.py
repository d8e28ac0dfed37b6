"""What mutations begin with: for each format a few small documents in which many of its features meet."""

import io
import zipfile
from functools import cache

import orjson

from tests.sheets import Rows, csv_bytes, part_of, xls_bytes, xlsx_bytes

TURTLE = """@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix hydra: <http://www.w3.org/ns/hydra/core#> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix vcard: <http://www.w3.org/2006/vcard/ns#> .
<> a dcat:Catalog ; dcat:dataset <http://x.cn/1> , <http://x.cn/elsewhere> ; dcat:catalog <http://x.cn/other> .
<http://x.cn/1> a dcat:Dataset ; dct:title "幼儿园名录"@zh , "Kindergartens"@en ; dct:issued "2024-05-01"^^xsd:date ;
  dct:modified "2024-05-01T10:00:00Z"^^xsd:dateTime ; dcat:keyword "教育"@zh ; dct:isPartOf <http://x.cn/2> ;
  dct:publisher [ a foaf:Agent ; foaf:name "市教委" ] ; dcat:contactPoint [ vcard:hasEmail <mailto:a@x.cn> ] ;
  dct:temporal [ dcat:startDate "2020"^^xsd:gYear ; dcat:endDate "2021-12-31"^^xsd:date ] ;
  dcat:distribution [ a dcat:Distribution ; dcat:downloadURL <http://x.cn/a.csv> ; dcat:byteSize 12.5 ] .
<http://x.cn/2> a dcat:DatasetSeries ; dct:title '''系列
名录''' ; dct:hasPart ( <http://x.cn/1> true -1.5e3 ) .
<> a hydra:PartialCollectionView ; hydra:next <http://x.cn/page2> ; hydra:totalItems 2 .
""".encode()
NTRIPLES = (
    b"<http://x.cn/1> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://www.w3.org/ns/dcat#Dataset> .\n"
    b'<http://x.cn/1> <http://purl.org/dc/terms/title> "\\u5e7c\\u513f" .\n'
)
RDF_XML = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dcat="http://www.w3.org/ns/dcat#"
xmlns:dct="http://purl.org/dc/terms/"><dcat:Catalog rdf:about="http://x.cn/"><dcat:dataset>
<dcat:Dataset rdf:about="http://x.cn/1"><dct:title xml:lang="zh">幼儿园名录</dct:title><dct:issued
rdf:datatype="http://www.w3.org/2001/XMLSchema#date">2024-05-01</dct:issued><dcat:distribution
rdf:parseType="Resource"><dcat:accessURL rdf:resource="http://x.cn/a"/></dcat:distribution><dct:hasPart
rdf:parseType="Collection"><rdf:Description rdf:nodeID="b"/></dct:hasPart><dct:description
rdf:parseType="Literal"><b>x</b></dct:description></dcat:Dataset></dcat:dataset></dcat:Catalog></rdf:RDF>""".encode()
JSON_LD = orjson.dumps({
    "@context": {"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/", "title": "dct:title",
                 "when": {"@id": "dct:issued", "@type": "http://www.w3.org/2001/XMLSchema#date"},
                 "parts": {"@id": "dct:hasPart", "@container": "@list"}, "@language": "zh", "@vocab": "http://x.cn/"},
    "@graph": [
        {"@id": "http://x.cn/1", "@type": "dcat:Dataset", "title": "幼儿园名录", "when": "2024-05-01",
         "dcat:distribution": {"dcat:downloadURL": {"@id": "http://x.cn/a"}}, "parts": [{"@id": "_:b"}]},
        {"@id": "_:b", "@type": ["dcat:Dataset"], "title": {"@value": "x", "@language": "en"},
         "@reverse": {"dct:isPartOf": {"@id": "http://x.cn/1"}}, "@nest": {"title": [1, True, None]}},
    ],
})  # fmt: skip
DATA_JSON = orjson.dumps({
    "@context": "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld", "describedBy": "x",
    "dataset": [
        {"identifier": "1", "title": "幼儿园名录", "modified": "R/P1Y", "keyword": ["教育"], "accessLevel": "public",
         "publisher": {"name": "市教委", "subOrganizationOf": {"name": "市政府"}}, "spatial": {"type": "Point"},
         "temporal": "2020-01-01/2021-12-31", "contactPoint": {"fn": "王芳", "hasEmail": "mailto:a@x.cn"},
         "distribution": [{"downloadURL": "https://x.cn/a.csv", "mediaType": "text/csv", "byteSize": 12}],
         "municipalProfile": {"sharing_type": "unconditional"}, "isPartOf": "2", "theme": ["a"]},
        {"identifier": "2", "title": "小学名录", "modified": 1672531200000, "description": 1e300, "license": None},
    ],
})  # fmt: skip
CKAN = orjson.dumps({"success": True, "result": {"count": 3, "results": [
    {"id": "1", "name": "a", "title": "幼儿园名录", "notes": "说明", "metadata_modified": "2024-05-01T10:00:00.123",
     "tags": [{"name": "教育"}], "extras": [{"key": "temporal_start", "value": "2020"}], "private": False,
     "organization": {"title": "市教委"}, "resources": [{"url": "https://x.cn/a", "format": "CSV", "size": 3}],
     "title_translated": {"en": "K"}, "groups": [{"display_name": "g"}]},
    [{"id": "2", "title": "小学名录", "extras": {"spatial": '{"type": 1}'}, "state": "deleted"}]]}})  # fmt: skip
CHANGES = orjson.dumps({"items": [
    {"code": "TJ-1", "change": "present", "tier": "portal", "organ": "edu",
     "metadata": {"title": {"zh": "幼儿园名录", "en": "K"}, "updated_on": "2024-05-01", "keywords": ["教育"],
                  "items": [{"name": "名称", "data_type": "C"}], "distributions": [{"url": "https://x.cn/a"}]}},
    {"code": "TJ-2", "change": "gone"}], "next": "abc", "gone": 1})  # fmt: skip
MAPPED = {
    "list": "result.results", "field.identifier": "id|code", "field.title": "title|metadata.title",
    "field.updated_on": "metadata_modified|extras.0.value", "field.distributions": "resources", "file.url": "url",
    "field.provider_name": "organization.title", "field.keywords": "tags.name", "extension.more": "extras",
    "field.title.en": "title_translated.en", "file.size_bytes": "size", "total": "result.count",
}  # fmt: skip
PAGING = ({"paging": "page"}, {"paging": "offset", "page_size": "2"}, {"paging": "cursor", "cursor": "next"},
          {"paging": "next", "next": "next"}, {"paging": "none"})  # fmt: skip
PAGE = b"<html><head><title>x</title><script type='application/ld+json'>%b</script></head></html>" % orjson.dumps(
    [{"@type": "Dataset", "@id": "https://x.cn/1", "name": "幼儿园名录", "dateModified": "2024-05-01",
      "keywords": "教育, 幼儿园", "creator": {"@id": "#o"}, "distribution": [{"contentUrl": "/a.csv"}],
      "temporalCoverage": "2020/2021", "spatialCoverage": {"geo": {"box": "1 2 3 4"}}, "license": ["x"]},
     {"@id": "#o", "@type": "Organization", "name": "市教委", "memberOf": {"@id": "#o"}}]
)  # fmt: skip
SITEMAP = (
    b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>http://x.cn/1</loc></url></urlset>',
    b"<sitemapindex><sitemap><loc> http://x.cn/s.xml </loc><lastmod>2024</lastmod></sitemap></sitemapindex>",
)
ROWS: Rows = [
    ["信息资源代码", "信息资源名称", "发布日期", "更新周期", "信息项名称"],
    ["307/1", "养老机构名录", "2026-03-05", "每年", "名称"],
    [None, None, None, None, "地址"],
    ["307/2", "停车场", "45047", "有空", '泊位\n"个"'],
]
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "big5hkscs", "utf-16", "utf-32", "shift_jis")
PARTS = ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "xl/_rels/workbook.xml.rels",
         "[Content_Types].xml", "xl/sharedStrings.xml")  # fmt: skip
SHARED = (
    b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="1"><si><t>a</t></si>'
    b'<si><r><t xml:space="preserve"> b</t></r></si></sst>'
)
ROBOTS = (
    b"User-agent: *\nDisallow: /a*b$\nAllow: /a\nCrawl-delay: 3\nUser-agent: MunicipalCatalogue\nDisallow: /%E4%BD\n"
)
OPTIONS = "\n".join(f"{name}={value}" for name, value in (MAPPED | PAGING[1]).items()).encode()
COLUMNS = b"columns=title,abstract,,link\nfirst_row=2\nidentity=title,link\nencoding=gbk\ntier=portal"
SCHEMA = orjson.dumps({"title": "t", "required": ["a"], "properties": {
    "a": {"type": ["string", "null"], "maxLength": 9, "description": "甲"},
    "b": {"type": "array", "items": {"$ref": "#"}},
    "c": {"type": "object", "properties": {"d": {"type": "number", "format": "date"}}}}})  # fmt: skip
SQL = """-- 表
CREATE TABLE IF NOT EXISTS `甲` (`a` varchar(20) NOT NULL COMMENT '名''称', b double precision,
c numeric(10, 2) DEFAULT 0, "d" timestamptz, PRIMARY KEY (a), CONSTRAINT x CHECK (b > (1 + 2))); /* end */""".encode()


@cache
def workbook() -> bytes:
    return xlsx_bytes({"目录": ROWS}, ["A2:A3", "B2:B3"])


def zipped(**members: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(f"目录/{name}.csv", body)
    return target.getvalue()


def tables() -> list[bytes]:
    """Return the rows as text in one encoding after the other; what an encoding has no sign for is left out."""
    return [csv_bytes(ROWS, "utf-8").decode().encode(encoding, "ignore") for encoding in ENCODINGS]


@cache
def workbooks() -> list[bytes]:
    """Return a workbook of either kind, and the parts of the newer one, one of which openpyxl does not write."""
    return [workbook(), xls_bytes(ROWS, [(1, 2, 0, 0)]), *(part_of(workbook(), part) for part in PARTS[:-1]), SHARED]
