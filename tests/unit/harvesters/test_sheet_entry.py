"""Cells are read as organs mean them; what cannot be read is noted, never guessed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.metadata import Classification, Contact, EntryMetadata, Interval, Item
from catalogue_app.domain.vocabulary import OpenType, SharingType, Tier, UpdateCycle
from harvesters.pipeline import read
from harvesters.sheet_elements import addresses_of, classification_of, contact_of, ending_of, organ_of
from tests.harvesting import payload_of, records
from tests.sheets import csv_bytes, read_all, sheet_harvester


def entry(cells: dict[str, str], **options: str) -> EntryMetadata:
    said = {"资源名称": "甲", **cells}
    [found] = read_all(csv_bytes([list(said), list(said.values())]), **options)
    return found


def notes(found: EntryMetadata) -> list[tuple[str, str, str]]:
    return [(note.element, note.value, note.code) for note in found.unread]


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        ("380160000A 【地政局】", "地政局", "380160000A"),
        ("地政局（380160000A）", "地政局", "380160000A"),
        ("380160000A.地政局", "地政局", "380160000A"),
        ("天津市教育委员会", "天津市教育委员会", ""),
        ("市大数据中心（市信息中心）", "市大数据中心（市信息中心）", ""),
        ("第110派出所", "第110派出所", ""),
    ],
)
def test_an_organ_is_split_from_its_code(text: str, name: str, code: str) -> None:
    assert organ_of(text) == (name, code)


def test_a_code_beside_the_provider_is_kept_as_an_extension() -> None:
    found = entry({"提供单位": "380160000A 【地政局】"})
    assert (found.provider_name, found.extensions) == ("地政局", (("provider_code", "380160000A"),))


@pytest.mark.parametrize("value", ["1", "2", "0", "3"])
def test_a_number_without_a_map_of_its_source_is_never_understood(value: str) -> None:
    found = entry({"共享类型": value, "更新周期": value, "是否开放": value})
    assert (found.sharing_type, found.update_cycle, found.open_type) == (None, None, None)
    assert {code for _, _, code in notes(found)} == {"code_without_map"}


def test_the_same_number_means_what_its_source_says() -> None:
    first = entry({"共享类型": "1"}, **{"code.sharing_type.1": "conditional"})
    second = entry({"共享类型": "1"}, **{"code.sharing_type.1": "unconditional"})
    assert (first.sharing_type, second.sharing_type) == (SharingType.CONDITIONAL, SharingType.UNCONDITIONAL)


def test_where_a_name_stands_beside_the_number_the_name_decides() -> None:
    assert entry({"共享类型": "1.有条件共享"}).sharing_type is SharingType.CONDITIONAL


@pytest.mark.parametrize("text", ["45047", "45047.75", "2023-05-01", "2023年5月1日", "20230501", "2023/5/1"])
def test_a_day_is_read_in_many_forms_serial_numbers_included(text: str) -> None:
    assert entry({"发布日期": text}).issued_on == date(2023, 5, 1)


@pytest.mark.parametrize("text", ["60", "-5", "0", "2024/2/30", "随时"])
def test_what_is_no_day_stays_empty_with_a_note(text: str) -> None:
    found = entry({"发布日期": text})
    assert found.issued_on is None
    assert notes(found) == [("issued_on", text, "not_a_date")]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"是否开放": "是"}, OpenType.OPEN),
        ({"是否开放": "否"}, OpenType.NONE),
        ({"是否开放": "是", "开放条件": "依申请"}, OpenType.CONDITIONAL),
        ({"是否开放": "是", "开放条件": "无"}, OpenType.OPEN),
        ({"是否开放": "是", "开放类型": "有条件开放"}, OpenType.CONDITIONAL),
        ({"是否开放": "否", "开放类型": "无条件开放"}, OpenType.NONE),
        ({"是否开放": "是", "开放类型": "不予开放"}, OpenType.NONE),
        ({"是否开放": "", "开放类型": ""}, None),
    ],
)
def test_opening_is_what_both_columns_allow(cells: dict[str, str], expected: OpenType | None) -> None:
    assert entry(cells).open_type is expected


def test_columns_that_contradict_each_other_are_noted() -> None:
    assert notes(entry({"是否开放": "否", "开放类型": "无条件开放"})) == [
        ("open_type", "否 / 无条件开放", "contradicting_values")
    ]


@pytest.mark.parametrize(
    ("mark", "tier"),
    [
        ("秘密", Tier.INTRANET),
        ("机密★5年", Tier.INTRANET),
        ("是", Tier.INTRANET),
        ("非涉密", None),
        ("不涉密", None),
        ("公开", None),
        ("内部", None),
    ],
)
def test_a_mark_of_secrecy_demands_the_intranet(mark: str, tier: Tier | None) -> None:
    assert entry({"密级": mark, "是否开放": "是"}).network_tier is tier


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("委辦單位、電話、地址", ["委辦單位", "電話", "地址"]),
        ("年度(年度，預算所屬年度)、金額(千元)", ["年度", "金額"]),
        ("「序號」、「姓名」", ["序號", "姓名"]),
        ("a;b；c\nd", ["a", "b", "c", "d"]),
        ("行政區，段小段(地段名稱)，地號", ["行政區", "段小段", "地號"]),
        ("year, sum", ["year", "sum"]),
        ("校名:C100;成立:D", ["校名", "成立"]),
        ("", []),
        ("甲、甲、乙", ["甲", "乙"]),
    ],
)
def test_items_listed_in_one_cell_are_parted(text: str, expected: list[str]) -> None:
    assert [item.name for item in entry({"主要字段": text}).items] == expected


def test_listed_items_keep_type_length_and_meaning() -> None:
    found = entry({"主要字段": "校名:C100;金额(千元)"})
    assert found.items == (Item(name="校名", data_type="C", length="100"), Item(name="金额", note="千元"))


def test_a_sentence_is_no_item() -> None:
    found = entry({"主要字段": "校名、" + "说明" * 80})
    assert [item.name for item in found.items] == ["校名"]
    assert [code for _, _, code in notes(found)] == ["not_an_item"]


def test_rows_that_differ_in_sharing_share_item_by_item() -> None:
    rows = [
        ["资源代码", "资源名称", "共享类型", "信息项名称"],
        ["1", "甲", "无条件共享", "a"],
        ["", "", "不予共享", "b"],
    ]
    [found] = read_all(csv_bytes(rows))
    assert found.sharing_type is SharingType.UNCONDITIONAL
    assert [item.sharing_type for item in found.items] == [SharingType.UNCONDITIONAL, SharingType.NONE]


def test_rows_that_differ_in_opening_open_nothing_that_one_of_them_closes() -> None:
    rows = [["资源代码", "资源名称", "是否开放", "信息项名称"], ["1", "甲", "是", "a"], ["", "", "否", "b"]]
    [found] = read_all(csv_bytes(rows))
    assert found.open_type is OpenType.NONE


def test_rows_that_differ_elsewhere_lose_nothing() -> None:
    rows = [["资源代码", "资源名称", "更新周期", "信息项名称"], ["1", "甲", "每月", "a"], ["", "", "每年", "b"]]
    [found] = read_all(csv_bytes(rows))
    assert found.update_cycle is UpdateCycle.MONTHLY
    assert notes(found) == [("update_cycle", "每年", "differing_values")]


@pytest.mark.parametrize(
    ("levels", "whole", "expected"),
    [
        (("3.部门信息资源", "05", "001", ""), "", ("3", "05", "001", "")),
        (("3", "305", "305001", "30500101"), "", ("3", "05", "001", "01")),
        (("部门信息资源", "", "", ""), "", ("3", "", "", "")),
        (("", "", "", ""), "307120", ("3", "07", "120", "")),
        (("", "", "", ""), "3/07/120/2", ("3", "07", "120", "2")),
        (("3 部门", "07 交通运输", "", ""), "", ("3", "07", "", "")),
    ],
)
def test_class_codes_are_read_from_columns_or_one_cell(
    levels: tuple[str, str, str, str], whole: str, expected: tuple[str, str, str, str]
) -> None:
    lei, xiang, mu, ximu = expected
    assert classification_of(levels, whole) == Classification(lei=lei, xiang=xiang, mu=mu, ximu=ximu)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("张三 022-12345678", Contact(name="张三", telephone="022-12345678")),
        ("联系人：李四，电话：(03)3322101#6307", Contact(name="李四", telephone="(03)3322101#6307")),
        ("office@tj.example", Contact(email="office@tj.example")),
        (
            "信息化处 / 022-12345678 / a@b.example",
            Contact(name="信息化处", telephone="022-12345678", email="a@b.example"),
        ),
    ],
)
def test_a_contact_in_one_cell_is_parted(text: str, expected: Contact) -> None:
    assert contact_of("", "", "", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://a.example/1;https://a.example/2", ["https://a.example/1", "https://a.example/2"]),
        ("https://a.example/x;y=1,2?b=；", ["https://a.example/x;y=1,2?b="]),
        ("/dataset/a", ["/dataset/a"]),
        ("https://a.example/1\nhttps://a.example/2", ["https://a.example/1", "https://a.example/2"]),
    ],
)
def test_addresses_in_one_cell_are_parted_between_and_never_inside(text: str, expected: list[str]) -> None:
    assert list(addresses_of(text)) == expected


def test_an_address_that_must_not_be_a_link_is_noted_and_no_way_to_content() -> None:
    found = entry({"链接": "javascript:alert(1)"})
    assert [code for _, _, code in notes(found)] == ["unsafe_url"]
    assert found.distributions == ()


@pytest.mark.parametrize(
    ("url", "ending"),
    [
        ("https://a.example/x.csv", "csv"),
        ("https://a.example/x.CSV?y=1.z", "csv"),
        ("https://a.example", ""),
        ("https://a.example/v1.2/x", ""),
        ("/x.csv", ""),
    ],
)
def test_the_ending_of_an_address_is_that_of_its_file(url: str, ending: str) -> None:
    assert ending_of(url) == ending


def test_a_web_address_is_a_way_to_the_content_in_its_own_format() -> None:
    found = entry({"链接": "https://a.example/x.csv；https://a.example/y.json", "资源格式": "CSV;JSON"})
    assert [(part.url, part.format) for part in found.distributions] == [
        ("https://a.example/x.csv", "csv"),
        ("https://a.example/y.json", "json"),
    ]


def test_a_failed_formula_says_nothing_and_is_noted() -> None:
    found = entry({"更新周期": "#REF!", "数据湖": "#N/A"})
    assert (found.update_cycle, found.extensions) == (None, ())
    assert notes(found) == [("update_cycle", "#REF!", "formula_error"), ("数据湖", "#N/A", "formula_error")]


def test_time_ranges_come_from_two_columns() -> None:
    found = entry({"收錄期間(起)": "2016-01-01", "收錄期間(迄)": "2016/12/31"})
    assert found.temporal == Interval(start=date(2016, 1, 1), end=date(2016, 12, 31))


def test_a_record_without_title_is_rejected_by_its_name() -> None:
    harvester = sheet_harvester()
    [record] = records(harvester, payload_of(csv_bytes([["资源代码", "资源名称", "摘要"], ["307/1", "", "x"]])))
    problem = read(harvester, record)
    assert not isinstance(problem, EntryMetadata)
    assert (problem.record, problem.element, problem.code) == ("307/1", "title", "missing_title")


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "更新周期",
                "发布日期",
                "共享类型",
                "是否开放",
                "主要字段",
                "链接",
                "联系方式",
                "时间范围",
                "数据量",
                "空间范围",
                "格式",
                "提供单位",
                "类",
                "密级",
                "x",
            ]
        ),
        st.text(max_size=60),
    )
)
def test_no_text_in_any_cell_stops_a_record(cells: dict[str, str]) -> None:
    harvester = sheet_harvester()
    for record in records(
        harvester, payload_of(csv_bytes([["资源代码", "资源名称", *cells], ["1", "甲", *cells.values()]], "utf-16"))
    ):
        assert isinstance(harvester.parse(record), EntryMetadata)
