"""Whatever XML or page comes, the worst that follows is a `SourceError`; a record is read or named."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.errors import SourceError
from catalogue_app.domain.source import SourceKind
from harvesters.listing import read_listing
from harvesters.markup import document, guarded, html, root_tag
from harvesters.pipeline import read
from harvesters.port import RawRecord
from tests.fuzzing import for_a_while
from tests.harvesting import harvester_of, payload_of

NAMES = [
    "dc", "Record", "MD_Metadata", "MI_Metadata", "metadata", "title", "date", "identifier", "subject", "rights",
    "coverage", "format", "URI", "fileIdentifier", "identificationInfo", "MD_DataIdentification", "citation",
    "CI_Citation", "CI_Date", "dateType", "CI_DateTypeCode", "abstract", "PT_FreeText", "textGroup", "locale",
    "LocalisedCharacterString", "CharacterString", "pointOfContact", "CI_ResponsibleParty", "organisationName", "role",
    "resourceMaintenance", "MD_MaintenanceInformation", "maintenanceAndUpdateFrequency", "resourceConstraints",
    "MD_LegalConstraints", "otherConstraints", "Anchor", "extent", "EX_Extent", "temporalElement", "TimePeriod",
    "beginPosition", "endPosition", "distributionInfo", "MD_Distribution", "transferOptions", "onLine", "linkage",
    "idinfo", "citeinfo", "timeperd", "timeinfo", "rngdates", "begdate", "keywords", "theme", "themekey", "posList",
]  # fmt: skip
TEXTS = st.sampled_from(
    ["", "标题", "2024-01-01", "soon", "https://x.cn/a.csv", "javascript:1", "9" * 50, "now", "..", "P1Y"]
)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["lang", "codeListValue", "href", "locale", "id", "status", "code"]), TEXTS, max_size=2
)
Tree = tuple[str, dict[str, str], str, list["Tree"]]
TREES: st.SearchStrategy[Tree] = st.deferred(
    lambda: st.tuples(st.sampled_from(NAMES), ATTRIBUTES, TEXTS, st.lists(TREES, max_size=4))
)


def written(tree: Tree) -> str:
    name, attributes, text, children = tree
    inside = "".join(map(written, children))
    said = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<{name}{said}>{text}{inside}</{name}>"


def harvest(kind: SourceKind, body: bytes) -> None:
    harvester = harvester_of(kind)
    try:
        for part in harvester.split(payload_of(body)):
            if isinstance(part, RawRecord):
                assert part.identifier
                assert getattr(read(harvester, part), "code", "") != "unreadable_record", part
    except SourceError:
        pass


def parse(body: bytes) -> None:
    payload = payload_of(body)
    for attempt in (document, guarded, root_tag, html, lambda it: read_listing(it, "https://x.cn/waf/")):
        try:
            attempt(payload)
        except SourceError:
            continue


GMD = "http://www.isotc211.org/2005/gmd"
OAI_HEAD = (
    '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords><record><header><identifier>x</identifier>'
)


@given(TREES)
def test_any_tree_of_known_names_is_read_or_named(tree: Tree) -> None:
    body = written(tree)
    harvest(
        SourceKind.OAI_PMH, f"{OAI_HEAD}</header><metadata>{body}</metadata></record></ListRecords></OAI-PMH>".encode()
    )
    harvest(SourceKind.WAF, f'<MD_Metadata xmlns="{GMD}">{body}</MD_Metadata>'.encode())
    harvest(SourceKind.WAF, f"<metadata>{body}</metadata>".encode())


ISO_SEED = (
    f'<MD_Metadata xmlns="{GMD}" xmlns:gco="http://www.isotc211.org/2005/gco"><fileIdentifier><gco:CharacterString>1'
    "</gco:CharacterString></fileIdentifier><language><LanguageCode codeListValue='chi'/></language>"
    "<identificationInfo>"
    "<MD_DataIdentification><citation><CI_Citation><title><gco:CharacterString>水系图</gco:CharacterString></title><date>"
    "<CI_Date><date><gco:Date>2020-01-01</gco:Date></date><dateType><CI_DateTypeCode codeListValue='revision'/>"
    "</dateType>"
    "</CI_Date></date></CI_Citation></citation><abstract><gco:CharacterString>说明</gco:CharacterString></abstract>"
    "</MD_DataIdentification></identificationInfo></MD_Metadata>"
).encode()
CSW_SEED = (
    b'<csw:GetRecordsResponse xmlns:csw="http://www.opengis.net/cat/csw/2.0.2"><csw:SearchResults nextRecord="3" '
    b'numberOfRecordsMatched="6"><csw:Record xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier>1</dc:identifier>'
    b"<dc:title>T</dc:title></csw:Record>" + ISO_SEED + b"</csw:SearchResults></csw:GetRecordsResponse>"
)
OAI_SEED = (
    OAI_HEAD.encode()
    + b"<datestamp>2020-01-01</datestamp></header><metadata><dc><title>T</title><date>2020</date></dc>"
    b"</metadata></record><resumptionToken>t</resumptionToken></ListRecords></OAI-PMH>"
)
PAGE_SEED = b"<html><title>Index</title><a href='a.xml'>a</a><a href='sub/'>s</a><a href='../'>up</a></html>"
TARGETS: dict[str, tuple[list[bytes], Callable[[bytes], None]]] = {
    "oai_pmh": ([OAI_SEED, CSW_SEED], lambda body: harvest(SourceKind.OAI_PMH, body)),
    "csw": ([CSW_SEED, ISO_SEED], lambda body: harvest(SourceKind.CSW, body)),
    "waf": ([ISO_SEED, b"<metadata><idinfo/></metadata>"], lambda body: harvest(SourceKind.WAF, body)),
    "markup": ([OAI_SEED, ISO_SEED, PAGE_SEED], parse),
}


@pytest.mark.parametrize("target", TARGETS)
def test_some_mutations_find_nothing(target: str) -> None:
    assert for_a_while(*TARGETS[target], tries=50) == 50


@pytest.mark.full
@pytest.mark.parametrize("target", TARGETS)
def test_a_minute_of_mutations_finds_nothing_and_holds_nothing(target: str) -> None:
    assert for_a_while(*TARGETS[target]) > 0
