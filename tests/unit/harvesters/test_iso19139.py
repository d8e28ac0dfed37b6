"""ISO 19139 and FGDC records as entry metadata: element by element, in several languages, however large."""

import tracemalloc
from datetime import date
from pathlib import Path

import pytest

from catalogue_app.domain.metadata import Contact, EntryMetadata, Interval
from catalogue_app.domain.source import SourceKind
from catalogue_app.domain.vocabulary import OpenType, UpdateCycle
from tests.harvesting import entries, file_payload, harvester_of, payload_of, records

KIND = SourceKind.WAF
NAMESPACES = (
    'xmlns:gmd="http://www.isotc211.org/2005/gmd" xmlns:gco="http://www.isotc211.org/2005/gco" '
    'xmlns:gml="http://www.opengis.net/gml" xmlns:gmx="http://www.isotc211.org/2005/gmx" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:srv="http://www.isotc211.org/2005/srv"'
)
NAMELESS = {"iso_19115-2_Sentinel-2-scene.xml", "iso_2_waf-valid_iso_too_many_keywords.xml"}
"""Real records without any organisation."""
INSPIRE = "http://inspire.ec.europa.eu/metadata-codelist/LimitationsOnPublicAccess"


def text(name: str, words: str) -> str:
    return f"<gmd:{name}><gco:CharacterString>{words}</gco:CharacterString></gmd:{name}>"


def code(name: str, kind: str, value: str) -> str:
    return f'<gmd:{name}><gmd:{kind} codeList="x" codeListValue="{value}"/></gmd:{name}>'


def when(day: str, kind: str) -> str:
    stated = f"<gmd:date><gco:Date>{day}</gco:Date></gmd:date>"
    return f"<gmd:date><gmd:CI_Date>{stated}{code('dateType', 'CI_DateTypeCode', kind)}</gmd:CI_Date></gmd:date>"


def party(organ: str, role: str, email: str = "") -> str:
    address = f"<gmd:address><gmd:CI_Address>{text('electronicMailAddress', email)}</gmd:CI_Address></gmd:address>"
    return (
        f"<gmd:pointOfContact><gmd:CI_ResponsibleParty>{text('organisationName', organ)}<gmd:contactInfo>"
        f"<gmd:CI_Contact>{address}</gmd:CI_Contact></gmd:contactInfo>"
        f"{code('role', 'CI_RoleCode', role)}</gmd:CI_ResponsibleParty>"
        "</gmd:pointOfContact>"
    )


def link(address: str, **parts: str) -> str:
    inner = "".join(
        code("function", "CI_OnLineFunctionCode", value) if name == "function" else text(name, value)
        for name, value in parts.items()
    )
    resource = f"<gmd:CI_OnlineResource><gmd:linkage><gmd:URL>{address}</gmd:URL></gmd:linkage>{inner}"
    return f"<gmd:onLine>{resource}</gmd:CI_OnlineResource></gmd:onLine>"


def document(
    about: str = "", *, citation: str = "", links: str = "", top: str = "", title: str = text("title", "水系图")
) -> bytes:
    distribution = (
        f"<gmd:distributionInfo><gmd:MD_Distribution><gmd:transferOptions><gmd:MD_DigitalTransferOptions>{links}"
        "</gmd:MD_DigitalTransferOptions></gmd:transferOptions></gmd:MD_Distribution></gmd:distributionInfo>"
    )
    return (
        f"<gmd:MD_Metadata {NAMESPACES}>{text('fileIdentifier', ' f-1 ')}{top}<gmd:identificationInfo>"
        f"<gmd:MD_DataIdentification><gmd:citation><gmd:CI_Citation>{title}{citation}</gmd:CI_Citation></gmd:citation>"
        f"{about}</gmd:MD_DataIdentification></gmd:identificationInfo>{distribution}</gmd:MD_Metadata>"
    ).encode()


def entry(body: bytes, **options: str) -> EntryMetadata:
    [said] = entries(harvester_of(KIND, **options), payload_of(body))
    return said


def test_a_record_is_known_by_its_file_identifier() -> None:
    [record] = records(harvester_of(KIND), payload_of(document()))
    assert record.identifier == "f-1"


def test_title_and_abstract_come_in_every_language_they_are_written_in() -> None:
    free = (
        "<gmd:PT_FreeText><gmd:textGroup>"
        '<gmd:LocalisedCharacterString locale="#locale-en">Rivers</gmd:LocalisedCharacterString></gmd:textGroup>'
        '<gmd:textGroup><gmd:LocalisedCharacterString locale="#FR">Cours d\'eau</gmd:LocalisedCharacterString>'
        "</gmd:textGroup></gmd:PT_FreeText>"
    )
    locale = '<gmd:locale><gmd:PT_Locale id="locale-en"><gmd:languageCode><gmd:LanguageCode codeListValue="eng"/>'
    said = entry(
        document(
            text("abstract", "第一行&#10;第二行"),
            title=f"<gmd:title><gco:CharacterString>水系图</gco:CharacterString>{free}</gmd:title>",
            top=code("language", "LanguageCode", "chi") + f"{locale}</gmd:languageCode></gmd:PT_Locale></gmd:locale>",
        )
    )
    assert said.title.to_mapping() == {"zh": "水系图", "en": "Rivers", "fr": "Cours d'eau"}
    assert str(said.abstract) == "第一行\n第二行"


def test_dates_are_told_apart_by_their_type() -> None:
    days = when("2019-03-01", "creation") + when("2020-01-02", "publication")
    said = entry(document(citation=days + when("2021-05-06", "revision") + when("2022-07-08", "revision")))
    assert (said.issued_on, said.updated_on) == (date(2020, 1, 2), date(2022, 7, 8))
    assert entry(document(citation=when("2019-03-01", "creation"))).issued_on == date(2019, 3, 1)


def test_the_organ_is_the_one_that_answers_for_the_content() -> None:
    said = entry(document(party("测绘院", "author", "a@x.cn") + party("市规划局", "owner", "b@x.cn")))
    assert said.provider_name == "市规划局"
    assert said.contact == Contact(name="市规划局", email="b@x.cn")


@pytest.mark.parametrize(
    ("stated", "cycle", "period"),
    [
        ("continual", UpdateCycle.REALTIME, ""),
        ("daily", UpdateCycle.DAILY, ""),
        ("weekly", UpdateCycle.WEEKLY, ""),
        ("fortnightly", UpdateCycle.OTHER, "P2W"),
        ("monthly", UpdateCycle.MONTHLY, ""),
        ("quarterly", UpdateCycle.QUARTERLY, ""),
        ("biannually", UpdateCycle.HALF_YEARLY, ""),
        ("annually", UpdateCycle.YEARLY, ""),
        ("asNeeded", UpdateCycle.IRREGULAR, ""),
        ("irregular", UpdateCycle.IRREGULAR, ""),
        ("notPlanned", UpdateCycle.ONCE, ""),
        ("unknown", None, ""),
    ],
)
def test_every_code_of_maintenance_is_a_cycle(stated: str, cycle: UpdateCycle | None, period: str) -> None:
    frequency = code("maintenanceAndUpdateFrequency", "MD_MaintenanceFrequencyCode", stated)
    about = f"<gmd:MD_MaintenanceInformation>{frequency}</gmd:MD_MaintenanceInformation>"
    said = entry(document(f"<gmd:resourceMaintenance>{about}</gmd:resourceMaintenance>"))
    assert (said.update_cycle, said.update_period, said.unread) == (cycle, period, ())


def legal(inner: str) -> str:
    return (
        f"<gmd:resourceConstraints><gmd:MD_LegalConstraints>{inner}</gmd:MD_LegalConstraints></gmd:resourceConstraints>"
    )


def anchor(address: str, words: str = "x") -> str:
    return f'<gmd:otherConstraints><gmx:Anchor xlink:href="{address}">{words}</gmx:Anchor></gmd:otherConstraints>'


SECRET = (
    "<gmd:resourceConstraints><gmd:MD_SecurityConstraints>"
    + code("classification", "MD_ClassificationCode", "confidential")
    + "</gmd:MD_SecurityConstraints></gmd:resourceConstraints>"
)


@pytest.mark.parametrize(
    ("constraints", "opening"),
    [
        ("", None),
        (legal(text("otherConstraints", "no limitations")), None),
        (legal(code("accessConstraints", "MD_RestrictionCode", "otherRestrictions")), None),
        (legal(code("accessConstraints", "MD_RestrictionCode", "restricted")), OpenType.CONDITIONAL),
        (legal(anchor(f"{INSPIRE}/noLimitations")), OpenType.OPEN),
        (legal(anchor(f"{INSPIRE}/INSPIRE_Directive_Article13_1d")), OpenType.CONDITIONAL),
        (SECRET, OpenType.NONE),
        (legal(anchor(f"{INSPIRE}/noLimitations")) + SECRET, OpenType.NONE),
    ],
)
def test_only_a_code_opens_an_entry_and_the_strictest_counts(constraints: str, opening: OpenType | None) -> None:
    assert entry(document(constraints)).open_type is opening


def test_terms_of_use_are_the_licence_that_a_statement_names() -> None:
    stated = legal(
        text("useLimitation", "请注明来源 https://x.cn/cite")
        + text("otherConstraints", "Licence: https://x.cn/licence.")
        + anchor(f"{INSPIRE}/noLimitations")
    )
    said = entry(document(stated))
    assert said.licence == "https://x.cn/licence"
    assert "请注明来源" in dict(said.extensions)["constraints"]


def test_keywords_places_topics_and_thesauri() -> None:
    def words(kind: str, *named: str) -> str:
        thesaurus = (
            f"<gmd:thesaurusName><gmd:CI_Citation>{text('title', 'GEMET')}</gmd:CI_Citation></gmd:thesaurusName>"
        )
        inner = "".join(text("keyword", word) for word in named) + code("type", "MD_KeywordTypeCode", kind) + thesaurus
        return f"<gmd:descriptiveKeywords><gmd:MD_Keywords>{inner}</gmd:MD_Keywords></gmd:descriptiveKeywords>"

    topic = "<gmd:topicCategory><gmd:MD_TopicCategoryCode>inlandWaters</gmd:MD_TopicCategoryCode></gmd:topicCategory>"
    body = document(words("theme", "河流", "水系", "河流") + words("place", "和平区") + topic)
    said = entry(body)
    assert said.keywords == ("河流", "水系", "和平区")
    assert len(said.spatial) == 1
    assert {("topicCategory", "inlandWaters"), ("thesaurus", "GEMET")} <= set(said.extensions)
    assert entry(body, **{"code.theme.inlandWaters": "T05"}).themes == ("T05",)


def extent(inner: str) -> str:
    return f"<gmd:extent><gmd:EX_Extent>{inner}</gmd:EX_Extent></gmd:extent>"


def period(start: str, end: str) -> str:
    inner = f"<gml:TimePeriod><gml:beginPosition>{start}</gml:beginPosition>{end}</gml:TimePeriod>"
    return extent(
        "<gmd:temporalElement><gmd:EX_TemporalExtent><gmd:extent>"
        f"{inner}</gmd:extent></gmd:EX_TemporalExtent></gmd:temporalElement>"
    )


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("<gml:endPosition>2020-12-31</gml:endPosition>", date(2020, 12, 31)),
        ("<gml:endPosition>2020</gml:endPosition>", date(2020, 12, 31)),
        ('<gml:endPosition indeterminatePosition="now"/>', None),
        ("<gml:endPosition>now</gml:endPosition>", None),
        ("", None),
    ],
)
def test_a_time_range_may_have_an_open_end(end: str, expected: date | None) -> None:
    said = entry(document(period("2019-01-01T00:00:00Z", end)))
    assert (said.temporal, said.unread) == (Interval(start=date(2019, 1, 1), end=expected), ())


def test_a_box_is_kept_beside_the_elements() -> None:
    sides = {
        "westBoundLongitude": 116.7,
        "eastBoundLongitude": 118.1,
        "southBoundLatitude": 38.6,
        "northBoundLatitude": 40.3,
    }
    box = "".join(f"<gmd:{side}><gco:Decimal>{degrees}</gco:Decimal></gmd:{side}>" for side, degrees in sides.items())
    said = entry(
        document(
            extent(
                f"<gmd:geographicElement><gmd:EX_GeographicBoundingBox>{box}</gmd:EX_GeographicBoundingBox>"
                "</gmd:geographicElement>"
            )
        )
    )
    assert dict(said.extensions)["boundingBox"] == "116.7, 38.6, 118.1, 40.3"


def test_links_are_files_services_or_pages() -> None:
    said = entry(
        document(
            links=link("https://x.cn/wms?", protocol="OGC:WMS-1.3.0-http-get-map", name="水系")
            + link("https://x.cn/a.csv", function="download", description="表")
            + link("https://x.cn/b.shp.zip", protocol="WWW:DOWNLOAD-1.0-http--download")
            + link("https://x.cn/c", protocol="WWW:DOWNLOAD:application/json")
            + link("https://x.cn/about", function="information")
            + link("javascript:alert(1)", name="坏")
            + link("https://x.cn/a.csv", function="download", description="again")
        )
    )
    assert [(it.url, it.title, it.format) for it in said.distributions] == [
        ("https://x.cn/wms?", "水系", said.distributions[0].format),
        ("https://x.cn/a.csv", "", "csv"),
        ("https://x.cn/b.shp.zip", "", "shp"),
        ("https://x.cn/c", "", "json"),
        ("javascript:alert(1)", "坏", ""),
    ]
    assert said.online_urls == ("https://x.cn/about",)
    assert [note.code for note in said.unread] == ["unsafe_url"]
    assert {"csv", "shp", "json"} <= set(said.format_types)


def test_lineage_is_kept() -> None:
    lineage = f"<gmd:LI_Lineage>{text('statement', '由航摄影像制成')}</gmd:LI_Lineage>"
    top = f"<gmd:dataQualityInfo><gmd:DQ_DataQuality><gmd:lineage>{lineage}</gmd:lineage></gmd:DQ_DataQuality>"
    assert dict(entry(document(top=f"{top}</gmd:dataQualityInfo>")).extensions)["lineage"] == "由航摄影像制成"


def test_thousands_of_keywords_and_a_million_coordinates_stay_within_bounds(shared_data: Path) -> None:
    crowded = file_payload(shared_data / "iso19139/iso_2_waf-valid_iso_too_many_keywords.xml")
    [said] = entries(harvester_of(KIND), crowded)
    assert len(said.keywords) > 1_000
    ring = "<gml:posList>" + "116.123 38.456 " * 85_400 + "</gml:posList>"
    polygon = (
        f"<gmd:geographicElement><gmd:EX_BoundingPolygon><gmd:polygon>{ring}</gmd:polygon></gmd:EX_BoundingPolygon>"
    )
    body = document(extent(f"{polygon}</gmd:geographicElement>"))
    assert len(body) > 1_280_000
    tracemalloc.start()
    try:
        [record] = records(harvester_of(KIND), payload_of(body))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(str(record.raw)) < 5_000, "what is no element of an entry is not carried about"
    assert peak < 30_000_000
    [moved] = records(harvester_of(KIND), payload_of(body.replace(b"38.456 </gml", b"38.457 </gml")))
    assert record.digest != moved.digest


def test_every_real_record_is_read(shared_data: Path) -> None:
    files = [*(shared_data / "iso19139-pycsw").glob("*.xml"), *(shared_data / "iso19139").glob("*valid_iso*.xml")]
    assert len(files) == 22
    for path in files:
        [said] = entries(harvester_of(KIND), file_payload(path))
        assert said.title.original
        assert said.provider_name or path.name in NAMELESS, path.name


def test_a_record_of_fgdc_is_read(shared_data: Path) -> None:
    payload = file_payload(shared_data / "iso19139/waf-USGSHydroCached.xml")
    [record] = records(harvester_of(KIND), payload)
    [said] = entries(harvester_of(KIND), payload)
    assert record.identifier == "memory", "the standard has no identifier: the file's name stands in"
    assert said.title.original == "USGS Hydro Cached Base Map Service from The National Map"
    assert said.provider_name == "U.S. Geological Survey"
    assert said.open_type is OpenType.OPEN
    assert said.update_cycle is UpdateCycle.IRREGULAR
    assert said.temporal == Interval(start=date(2018, 1, 1), end=date(2018, 12, 31))
    assert said.contact is not None
    assert said.contact.email == "tnm_help@usgs.gov"
    assert {"Rivers", "Lakes"} <= set(said.keywords)
    assert said.online_urls == ("https://viewer.nationalmap.gov/viewer",)
    assert ("issued_on", "incomplete_date") in {(note.element, note.code) for note in said.unread}


def test_white_space_between_elements_is_no_change() -> None:
    one, two = (
        records(harvester_of(KIND), payload_of(body)) for body in (document(), document().replace(b"><", b">\n  <"))
    )
    assert [it.digest for it in one] == [it.digest for it in two]
