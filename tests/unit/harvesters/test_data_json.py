"""Source kind `data_json`: what a dataset says becomes an entry; what real and broken catalogues do."""

from datetime import date
from pathlib import Path

import pytest

from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import Contact, Distribution, EntryMetadata, Interval, Item, JsonValue, SharingMethod
from catalogue_app.domain.source import SourceKind
from catalogue_app.domain.vocabulary import FormatClass, OpenType, SharingType, UpdateCycle
from harvesters.fields import TITLE_LIMIT
from harvesters.pipeline import read
from harvesters.port import RawRecord
from tests.harvesting import (
    entries,
    entry_of,
    file_payload,
    harvester_of,
    json_payload,
    payload_of,
    problems,
    records,
)

KIND = SourceKind.DATA_JSON
Raw = dict[str, JsonValue]

WHOLE: Raw = {
    "@type": "dcat:Dataset",
    "identifier": " edu-1 ",
    "title": "幼儿园名录",
    "description": "全市幼儿园的名称、地址和电话\n按区排列",
    "keyword": ["教育", "幼儿园"],
    "issued": "2020-05-01",
    "modified": "2026年5月1日",
    "accessLevel": "restricted public",
    "rights": "须实名申请",
    "publisher": {"@type": "org:Organization", "name": "天津市教育委员会", "subOrganizationOf": {"name": "天津市"}},
    "contactPoint": {"fn": "信息化处", "hasEmail": "mailto:a@example.cn", "hasTelephone": "tel:022-1"},
    "spatial": "天津市",
    "temporal": "2020-01-01/2020-12-31",
    "theme": ["教育文化", "幼教"],
    "landingPage": "https://example.cn/p",
    "license": "https://example.cn/licence",
    "accrualPeriodicity": "R/P1M",
    "isPartOf": "edu-0",
    "bureauCode": ["1:2"],
    "distribution": [
        {"downloadURL": "https://example.cn/a.csv", "mediaType": "text/csv", "title": "表", "byteSize": 12},
        {"accessURL": "https://example.cn/b", "format": "XLSX", "modified": "2026-05-02"},
        {"@type": "dcat:Distribution"},
    ],
}


def entry(**changes: JsonValue) -> EntryMetadata:
    return entry_of(KIND, {"identifier": "x", "title": "标题", **changes})


def codes(metadata: EntryMetadata) -> set[tuple[str, str]]:
    return {(note.element, note.code) for note in metadata.unread}


def test_a_dataset_becomes_an_entry() -> None:
    said = entry_of(KIND, WHOLE)
    assert said.title.texts == (("zh", "幼儿园名录"),)
    assert said.abstract is not None
    assert said.abstract.original == "全市幼儿园的名称、地址和电话\n按区排列"
    assert (said.provider_name, said.keywords) == ("天津市教育委员会", ("教育", "幼儿园"))
    assert (said.issued_on, said.updated_on) == (date(2020, 5, 1), date(2026, 5, 1))
    assert (said.open_type, said.open_condition) == (OpenType.CONDITIONAL, "须实名申请")
    assert said.contact == Contact(name="信息化处", email="a@example.cn", telephone="022-1")
    assert (said.spatial, said.themes) == (("120000",), ("T05",))
    assert said.temporal == Interval(start=date(2020, 1, 1), end=date(2020, 12, 31))
    assert (said.update_cycle, said.online_urls) == (UpdateCycle.MONTHLY, ("https://example.cn/p",))
    assert (said.licence, said.related_resource_codes) == ("https://example.cn/licence", ("edu-0",))
    assert (said.format_types, said.format_class) == (("csv", "xlsx"), FormatClass.SPREADSHEET)
    assert said.distributions == (
        Distribution(url="https://example.cn/a.csv", title="表", format="csv", media_type="text/csv", size_bytes=12),
        Distribution(url="https://example.cn/b", format="xlsx", modified_on=date(2026, 5, 2)),
    )
    assert said.extensions == (("bureauCode", '["1:2"]'),)
    assert codes(said) == {("themes", "unknown_value")}


def test_identity_is_the_identifier_trimmed() -> None:
    [record] = records(harvester_of(KIND), json_payload([WHOLE]))
    assert (record.identifier, record.place) == ("edu-1", "dataset[0]")


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ({"title": "甲"}, "missing_identifier"),
        ({"identifier": "  ", "title": "甲"}, "missing_identifier"),
        ({"identifier": None, "title": "甲"}, "missing_identifier"),
        ({"identifier": "x" * 501, "title": "甲"}, "identifier_too_long"),
        ("甲", "not_a_record"),
        (None, "not_a_record"),
        (["a"], "not_a_record"),
    ],
)
def test_what_has_no_identity_is_a_problem_and_stops_nothing(raw: JsonValue, code: str) -> None:
    payload = json_payload({"dataset": [raw, {"identifier": "ok", "title": "乙"}]})
    [problem] = problems(harvester_of(KIND), payload)
    assert (problem.record, problem.code) == ("dataset[0]", code)
    assert [record.identifier for record in records(harvester_of(KIND), payload)] == ["ok"]


@pytest.mark.parametrize("title", [None, "", "  \x00", []])
def test_a_dataset_that_lost_its_title_keeps_its_identity(title: JsonValue) -> None:
    harvester = harvester_of(KIND)
    [record] = records(harvester, json_payload([{"identifier": "x", "title": title}]))
    assert read(harvester, record) == Problem(record="x", element="title", code="missing_title")


def test_numbers_and_objects_may_be_identifiers() -> None:
    payload = json_payload([{"identifier": 3}, {"identifier": 4.0}, {"identifier": {"@id": "urn:5"}}])
    assert [record.identifier for record in records(harvester_of(KIND), payload)] == ["3", "4", "urn:5"]


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("public", OpenType.OPEN),
        ("Restricted Public", OpenType.CONDITIONAL),
        ("non-public", OpenType.NONE),
        ("有条件开放", OpenType.CONDITIONAL),
        (None, None),
        ("secret", None),
    ],
)
def test_the_access_level_is_the_opening_attribute(level: str | None, expected: OpenType | None) -> None:
    said = entry(accessLevel=level)
    assert said.open_type is expected
    assert (("open_type", "unknown_value") in codes(said)) == (level == "secret")


def test_rights_of_an_open_dataset_are_kept_beside() -> None:
    assert entry(accessLevel="public", rights="none").extensions == (("rights", "none"),)


def test_a_period_in_modified_is_a_cycle_and_no_date() -> None:
    said = entry(modified="R/P1W")
    assert (said.updated_on, said.update_cycle, codes(said)) == (
        None,
        UpdateCycle.WEEKLY,
        {("updated_on", "not_a_date")},
    )
    assert entry(modified="R/P1W", accrualPeriodicity="R/P1Y").update_cycle is UpdateCycle.YEARLY


def test_keywords_may_be_one_text() -> None:
    assert entry(keyword="教育，幼儿园; 名录").keywords == ("教育", "幼儿园", "名录")
    assert entry(keyword=[{"@value": "a"}, "b", ""]).keywords == ("a", "b")


def test_shapes_of_later_drafts_are_read() -> None:
    said = entry(
        title={"@value": "标题"},
        publisher=[{"name": "甲局"}],
        contactPoint=[{"fn": "乙", "hasEmail": {"@id": "mailto:c@example.cn"}}],
        temporal=[{"@type": "PeriodOfTime", "startDate": "2019", "endDate": "2020"}],
        license={"@id": "https://example.cn/l"},
        distribution={"downloadURL": {"@id": "https://example.cn/x.json"}},
    )
    assert (said.title.original, said.provider_name, said.licence) == ("标题", "甲局", "https://example.cn/l")
    assert said.contact == Contact(name="乙", email="c@example.cn")
    assert said.temporal == Interval(start=date(2019, 1, 1), end=date(2020, 12, 31))
    assert [it.url for it in said.distributions] == ["https://example.cn/x.json"]


def test_what_the_profile_names_is_more_exact_than_the_format() -> None:
    profile: Raw = {
        "class_lei": "3.部门信息资源",
        "class_xiang": "18",
        "resource_code": "318001/000001",
        "provider_uscc": "1112 0000-000",
        "format_class": "数据库",
        "format_type": "oracle；dm",
        "sharing_type": "有条件共享",
        "sharing_condition": "按需",
        "sharing_method": "共享平台方式",
        "sharing_method_type": "接口",
        "open_type": "不予开放",
        "update_cycle": "每季度",
        "disclosure_category": "a;e",
        "personal_information": "否",
        "items": [{"name": "姓名", "data_type": "字符型C", "length": 20}, {"data_type": "N"}],
        "something": "else",
    }
    said = entry(accessLevel="public", municipalProfile=profile)
    assert said.classification is not None
    assert (said.classification.code, said.resource_code) == ("318", "318001/000001")
    assert (said.provider_uscc, said.format_types) == ("11120000000", ("oracle", "dm"))
    assert (said.sharing_type, said.sharing_condition) == (SharingType.CONDITIONAL, "按需")
    assert said.sharing_methods == (SharingMethod(method="platform", type="api"),)
    assert (said.open_type, said.update_cycle) == (OpenType.NONE, UpdateCycle.QUARTERLY)
    assert [it.value for it in said.disclosure_categories] == ["a", "e"]
    assert said.personal_information is False
    assert said.items == (Item(name="姓名", data_type="C", length="20"),)
    assert said.extensions == (("something", "else"),)


def test_links_that_run_code_are_noted_and_only_text(shared_data: Path) -> None:
    [said] = entries(harvester_of(KIND), file_payload(shared_data / "malformed" / "20-javascript-url.json"))
    assert [it.is_linkable for it in said.distributions] == [False, False, True]
    assert said.distributions[2].url == "https://example.org/ok.csv"
    assert said.online_urls == ()
    assert [(note.element, note.code) for note in said.unread] == [
        ("distributions", "unsafe_url"),
        ("distributions", "unsafe_url"),
        ("online_urls", "unsafe_url"),
    ]


def test_markup_is_kept_as_it_was_written(shared_data: Path) -> None:
    first, second = entries(harvester_of(KIND), file_payload(shared_data / "malformed" / "19-script-tags.json"))
    assert first.title.original == "<script>alert(1)</script>标题"
    assert second.title.original == "{{7*7}}${7*7}<%= 7*7 %>"


def test_nul_is_removed_from_titles_and_identifiers(shared_data: Path) -> None:
    harvester = harvester_of(KIND)
    payload = file_payload(shared_data / "malformed" / "07-nul-in-strings.json")
    assert [record.identifier for record in records(harvester, payload)] == ["nul-1", "nul-2"]
    assert [said.title.original for said in entries(harvester, payload)] == ["养老机构", "停车场"]


def test_odd_dates_cost_the_date_and_nothing_else(shared_data: Path) -> None:
    said = list(entries(harvester_of(KIND), file_payload(shared_data / "malformed" / "09-bad-dates.json")))
    read_days = {place: it.updated_on for place, it in enumerate(said) if it.updated_on}
    assert read_days == {
        2: date(9999, 12, 31),
        3: date(2099, 1, 1),
        4: date(2023, 1, 1),
        6: date(2023, 5, 1),
        8: date(2023, 5, 1),
    }
    notes = {place: note.code for place, it in enumerate(said) for note in it.unread}
    assert {place for place, code in notes.items() if code == "far_future_date"} == {2, 3}
    assert notes[9] == "ambiguous_date"
    assert set(notes) == set(range(15)) - {4, 6, 8, 10, 11}  # the last two say nothing at all


def test_a_number_out_of_range_costs_itself_and_nothing_else(shared_data: Path) -> None:
    [said] = entries(harvester_of(KIND), file_payload(shared_data / "malformed" / "16-huge-int.json"))
    assert said.title.original == "大数"
    assert codes(said) == {("byteSize", "number_out_of_range"), ("count", "number_out_of_range")}
    assert said.extensions == ()
    [said] = entries(harvester_of(KIND), file_payload(shared_data / "malformed" / "17-nan-infinity.json"))
    assert {note.code for note in said.unread} == {"number_out_of_range"}


def test_a_title_of_ten_megabytes_is_cut_and_its_neighbour_kept() -> None:
    title = "长" * 3_500_000
    body = f'{{"dataset":[{{"identifier":"big-1","title":"{title}"}},{{"identifier":"ok-2","title":"正常"}}]}}'
    big, ok = entries(harvester_of(KIND), payload_of(body.encode()))
    assert (len(big.title.original), codes(big)) == (TITLE_LIMIT, {("title", "too_long")})
    assert ok.title.original == "正常"


def test_equal_identifiers_are_equal_after_trimming(shared_data: Path) -> None:
    found = records(harvester_of(KIND), file_payload(shared_data / "malformed" / "13-duplicate-identifiers.json"))
    assert [record.identifier for record in found] == ["a-1", "a-1", "a-1", "a-1", "A-1", "a-2"]
    assert found[0].digest == found[1].digest != found[2].digest


@pytest.mark.parametrize(
    ("path", "datasets", "distributions"),
    [
        ("us-datajson/cms.json", 139, 4040),
        ("us-datajson/dol.json", 465, 115),
        ("us-datajson/gsa.json", 339, 459),
        ("xlsx-ar/catalogo-justicia.json", 18, 71),
        ("us-datajson-edge/dcatus.json", 7, 7),
        ("us-datajson-edge/dcatus3_0.json", 4, 0),
        ("us-datajson-edge/usda.gov.data.json", 3, 6),
        ("us-datajson-edge/large-spatial.data.json", 1, 1),
        ("us-datajson-edge/dcatus_long_description.json", 1, 2),
        ("us-datajson-edge/collection-1-parent-2-children.data.json", 3, 4),
        ("us-datajson-edge/dcatus_same_title.json", 2, 2),
    ],
)
def test_real_catalogues_are_read_whole(shared_data: Path, path: str, datasets: int, distributions: int) -> None:
    """Distributions count what says anything: eight of the agencies' are an empty object or name a standard only."""
    harvester = harvester_of(KIND)
    payload = file_payload(shared_data / path)
    said = list(entries(harvester, payload))
    assert len(said) == datasets
    assert len({record.identifier for record in records(harvester, payload)}) == datasets
    assert sum(len(it.distributions) for it in said) == distributions
    assert problems(harvester, payload) == []


def test_a_collection_names_its_parent(shared_data: Path) -> None:
    said = list(entries(harvester_of(KIND), file_payload(shared_data / "us-datajson/gsa.json")))
    assert sum(bool(it.related_resource_codes) for it in said) == 171


def test_the_fcc_series_changes_exactly_what_changed(shared_data: Path) -> None:
    known: dict[str, str] = {}
    changed = []
    for version in sorted((shared_data / "us-datajson-series-fcc").glob("*.json")):
        found = {it.identifier: it.digest for it in records(harvester_of(KIND), file_payload(version))}
        changed.append(sum(known.get(name) != digest for name, digest in found.items()))
        assert not known or known.keys() == found.keys()
        known = found
    assert changed == [59, 4, 2, 2, 1, 2]


def test_a_record_is_read_the_same_from_its_raw_form_alone() -> None:
    harvester = harvester_of(KIND)
    [record] = records(harvester, json_payload([WHOLE]))
    again = RawRecord(
        identifier=record.identifier, place="elsewhere", digest="", raw=dict(reversed(list(record.raw.items())))
    )
    assert harvester.parse(again) == harvester.parse(record)
