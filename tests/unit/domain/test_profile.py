"""The metadata profile: what each rule asks for, driven by the tables of this project, and what it leaves in peace."""

from dataclasses import replace
from datetime import date
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.metadata import (
    Classification,
    Contact,
    Distribution,
    EntryMetadata,
    Interval,
    Item,
    SharingMethod,
    UnreadValue,
)
from catalogue_app.domain.profile import Element, Violation
from catalogue_app.domain.profile_rules import check
from catalogue_app.domain.text import LocalizedText
from catalogue_app.domain.vocabulary import FormatClass, OpenType, SharingType, UpdateCycle
from catalogue_app.reference import load_reference
from tests.builders import an_organ
from tests.shared import ROOT

REFERENCE: Final = load_reference(ROOT / "config")
PROFILE: Final = REFERENCE.profile
EDU: Final = REFERENCE.organs[an_organ("edu").id]
TODAY: Final = date(2026, 11, 24)
ABSTRACT: Final = "收录全市幼儿园的名称、地址和办学类型，由市教委每年更新。"
GOOD: Final = EntryMetadata(
    title=LocalizedText.of("幼儿园名录"),
    abstract=LocalizedText.of(ABSTRACT),
    resource_code="307003/000001",
    provider_name="天津市教育委员会",
    provider_uscc=EDU.uscc,
    classification=Classification(lei="3", xiang="07", mu="003"),
    format_class=FormatClass.DATABASE,
    format_types=("mysql",),
    items=(Item(name="学校名称", data_type="C", length="100"), Item(name="建校日期", data_type="D")),
    sharing_type=SharingType.UNCONDITIONAL,
    sharing_methods=(SharingMethod(method="platform", type="database"),),
    open_type=OpenType.OPEN,
    distributions=(Distribution(url="https://files.catalogue.example/1.csv", format="csv"),),
    update_cycle=UpdateCycle.YEARLY,
    issued_on=date(2025, 3, 1),
    updated_on=date(2026, 3, 1),
    spatial=("120000",),
    themes=("T05",),
)


BY_API: Final = SharingMethod(method="platform", type="api")
BY_FILE: Final = SharingMethod(method="platform", type="file")


def violations(**changes: object) -> tuple[Violation, ...]:
    return check(replace(GOOD, **changes), EDU, PROFILE, TODAY)  # type: ignore[arg-type]  # fields of EntryMetadata


def told(**changes: object) -> set[tuple[str, str, str, str]]:
    return {(one.flag, one.rule, one.element, one.code) for one in violations(**changes)}


def wrong(element: str, code: str) -> set[tuple[str, str, str, str]]:
    return {("profile_violation", "R07", element, code)}


def missing(element: str, rule: str) -> set[tuple[str, str, str, str]]:
    return {("missing_field", rule, element, "missing")}


def text(words: str) -> LocalizedText:
    return LocalizedText.of(words)


def test_a_good_entry_departs_from_nothing() -> None:
    assert violations() == ()


@pytest.mark.parametrize(
    ("changes", "element", "rule"),
    [
        ({"abstract": None}, "abstract", "R41"),
        ({"update_cycle": None}, "update_cycle", "R41"),
        ({"issued_on": None}, "issued_on", "R22"),
        ({"sharing_type": None, "sharing_methods": ()}, "sharing_type", "R41"),
        ({"open_type": None}, "open_type", "R41"),
        ({"format_types": ()}, "format_type", "R41"),
        ({"format_class": None}, "format_class", "R41"),
        ({"classification": None, "resource_code": ""}, "resource_classification", "R41"),
        ({"items": ()}, "items", "R41"),
        ({"sharing_methods": ()}, "sharing_method", "R41"),
        ({"distributions": ()}, "distributions", "R07"),
    ],
)
def test_what_only_the_organ_can_state_is_asked_for(changes: dict[str, object], element: str, rule: str) -> None:
    assert told(**changes) == missing(element, rule)


@pytest.mark.parametrize(
    "changes",
    [
        {"themes": ()},
        {"contact": None},
        {"personal_information": None},
        {"updated_on": None},
        {"licence": ""},
        {"provider_name": "", "provider_uscc": ""},
        {"resource_code": ""},
        {"classification": None},
        {"distributions": (), "online_urls": ("https://files.catalogue.example/1",)},
        {"items": (), "format_class": FormatClass.DOCUMENT, "format_types": ("pdf",), "sharing_methods": ()}
        | {"sharing_type": SharingType.NONE, "non_sharing_basis": "《中华人民共和国档案法》第二十七条"},
    ],
)
def test_what_the_workbook_has_no_place_for_is_not_held_against_an_entry(changes: dict[str, object]) -> None:
    assert told(**changes) == set()


def test_a_column_in_the_workbook_makes_a_mandatory_element_binding() -> None:
    element = replace(PROFILE.elements["theme"], has_column=True)
    profile = replace(PROFILE, elements={**PROFILE.elements, "theme": element})
    [violation] = check(replace(GOOD, themes=()), EDU, profile, TODAY)
    assert (violation.element, violation.flag) == ("theme", "missing_field")


def test_an_element_the_table_makes_optional_is_not_asked_for() -> None:
    profile = replace(PROFILE, elements={**PROFILE.elements, "abstract": _optional("abstract")})
    assert check(replace(GOOD, abstract=None), EDU, profile, TODAY) == ()


def _optional(identifier: str) -> Element:
    return replace(PROFILE.elements[identifier], obligation="optional")


@pytest.mark.parametrize(
    ("element", "field"),
    [("update_cycle", "update_cycle"), ("themes", "themes"), ("issued_on", "issued_on"), ("open_type", "open_type")],
)
def test_a_value_that_was_not_understood_is_wrong_and_not_missing_too(element: str, field: str) -> None:
    note = UnreadValue(element=element, value="每两周", code="unknown_value")
    empty: object = () if field == "themes" else None
    assert told(**{field: empty, "unread": (note,)}) == wrong(element, "unknown_value")


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("综合业务管理系统", "title_is_a_system"),
        ("不动产登记信息系统V2.0", "title_is_a_system"),
        ("人事管理系统（一期）", "title_is_a_system"),
        ("公共資源交易平臺", "title_is_a_system"),
        ("掌上公交APP", "title_is_a_system"),
        ("幼儿园名录　２", "title_ends_in_a_number"),
        ("幼儿园名录2", "title_ends_in_a_number"),
        ("幼儿园名录-12", "title_ends_in_a_number"),
        ("幼儿园名录 20251", "title_ends_in_a_number"),
        ("幼儿园名录（2）", "title_ends_in_a_number"),
        ("暂无", "placeholder"),
        ("TODO", "placeholder"),
        ("——", "placeholder"),
    ],
)
def test_a_title_names_content(title: str, code: str) -> None:
    assert told(title=text(title)) == wrong("title", code)


@pytest.mark.parametrize(
    "title",
    [
        "森林生态系统监测数据", "海洋生态系统", "城市供水系统水质监测", "政务平台接入单位名单", "PM2.5", "2025年预算",
        "天津公安110", "便民热线12345", "幼儿园名录 2025", "前500强企业", "5G基站分布", "无障碍设施", "测试机构名录",
        "信息系统等级保护备案名单", "Restaurant inspections 2024", "GB 50016", "应用程序接口目录",
    ],
)  # fmt: skip
def test_an_honest_title_is_left_in_peace(title: str) -> None:
    assert told(title=text(title)) == set()


@pytest.mark.parametrize(
    ("abstract", "code"),
    [
        ("幼儿园名录", "same_as_title"),
        ("幼儿园　名录。", "same_as_title"),
        ("暂无", "placeholder"),
        ("N/A", "placeholder"),
        ("全市幼儿园的名录。", "too_short"),
    ],
)
def test_an_abstract_says_more_than_the_title(abstract: str, code: str) -> None:
    assert told(abstract=text(abstract)) == wrong("abstract", code)


@pytest.mark.parametrize(
    ("changes", "element", "code"),
    [
        ({"provider_uscc": "11120000XX0000035K"}, "provider_uscc", "bad_check_digit"),
        ({"provider_uscc": "11120000XX0000086T"}, "provider_uscc", "code_of_another_organ"),
        ({"provider_name": "天津市民政局"}, "provider_name", "provider_is_another"),
        ({"resource_code": "307003000001"}, "resource_code", "code_form"),
        ({"resource_code": "307003/一"}, "resource_code", "code_form"),
        ({"resource_code": "201003/000001"}, "resource_code", "code_of_another_class"),
        ({"classification": Classification(lei="3")}, "resource_classification", "unknown_value"),
        ({"title": text("幼" * 201)}, "title", "too_long"),
        ({"keywords": ("校" * 51,)}, "keywords", "too_long"),
        ({"issued_on": date(2099, 1, 1)}, "issued_on", "in_the_future"),
        ({"updated_on": date(2026, 11, 25)}, "updated_on", "in_the_future"),
        ({"updated_on": date(2025, 2, 28)}, "updated_on", "before_issued"),
        ({"temporal": Interval(start=date(2025, 2, 1), end=date(2025, 1, 1))}, "temporal", "start_after_end"),
        ({"format_types": ("mysql", "parchment")}, "format_type", "unknown_value"),
        ({"format_class": FormatClass.SERVICE, "sharing_methods": (BY_API,)}, "format_type", "type_not_of_class"),
        ({"sharing_methods": (BY_FILE,)}, "sharing_method", "method_does_not_fit"),
        ({"spatial": ("120000", "129999")}, "spatial", "unknown_value"),
        ({"themes": ("T99",)}, "theme", "unknown_value"),
        ({"update_cycle": UpdateCycle.OTHER}, "update_cycle", "cycle_without_period"),
        ({"data_grade": "核心数据"}, "data_grade", "core_open"),
        ({"contact": Contact(name="王", telephone="13820012345")}, "contact", "personal_number"),
    ],
)  # fmt: skip
def test_a_departure_is_named_with_its_element(changes: dict[str, object], element: str, code: str) -> None:
    assert told(**changes) == wrong(element, code)


@pytest.mark.parametrize(
    ("items", "code"),
    [
        ((Item(name="名称", data_type="C"),), "item_length_missing"),
        ((Item(name="金额", data_type="N"),), "item_length_missing"),
        ((Item(name="名称", data_type="C", length="0"),), "item_length_wrong"),
        ((Item(name="名称", data_type="C", length="很长"),), "item_length_wrong"),
        ((Item(name="名称", data_type="文字"),), "item_type_unknown"),
        ((Item(name="名称", data_type="M"), Item(name="地址")), "item_type_unknown"),
        ((Item(name="名称", data_type="M"), Item(name="名称", data_type="M")), "item_twice"),
        ((Item(name="名称", data_type="M", code="2nd name"),), "item_code_form"),
    ],
)
def test_items_are_described(items: tuple[Item, ...], code: str) -> None:
    assert told(items=items) == wrong("items", code)


@pytest.mark.parametrize("length", ["18,2", "18", "18，2", "018"])
def test_a_length_may_have_a_scale(length: str) -> None:
    assert told(items=(Item(name="金额", data_type="N", length=length),)) == set()


def test_a_form_that_only_lists_names_of_items_has_no_place_for_types() -> None:
    assert told(items=(Item(name="名称"), Item(name="地址"))) == set()


def test_items_of_one_fault_are_named_together() -> None:
    [violation] = violations(items=tuple(Item(name=f"列{number}", data_type="C") for number in range(300)))
    assert violation.value.startswith("列0、列1")
    assert len(violation.value) == 200


def test_an_item_is_never_shared_more_widely_than_its_entry() -> None:
    item = Item(name="名称", data_type="M", sharing_type=SharingType.UNCONDITIONAL)
    narrow = {"sharing_type": SharingType.CONDITIONAL, "sharing_condition": "限依法履职需要使用"}
    assert told(items=(item,), **narrow) == wrong("items", "item_shared_wider")
    assert told(items=(item,)) == set()


@pytest.mark.parametrize("condition", ["", "无", "暂无"])
def test_conditional_sharing_states_its_condition(condition: str) -> None:
    found = told(sharing_type=SharingType.CONDITIONAL, sharing_condition=condition)
    assert found == {("condition_missing", "R44", "sharing_condition", "missing")}


@pytest.mark.parametrize(("basis", "code"), [("", "missing"), ("无", "missing"), ("领导要求", "basis_names_no_law")])
def test_no_sharing_names_the_law_it_rests_on(basis: str, code: str) -> None:
    found = told(sharing_type=SharingType.NONE, non_sharing_basis=basis)
    assert found == {("non_sharing_without_basis", "R43", "non_sharing_basis", code)}


@pytest.mark.parametrize("field", ["non_sharing_basis", "sharing_condition"])
def test_the_basis_may_stand_under_the_conditions(field: str) -> None:
    assert told(sharing_type=SharingType.NONE, **{field: "依据《中华人民共和国保守国家秘密法》不予共享"}) == set()


@pytest.mark.parametrize(
    "said",
    [{"classification": Classification(lei="1", xiang="02", mu="003")}, {"classification": None}],
)
def test_a_basic_entry_is_shared_without_conditions(said: dict[str, object]) -> None:
    changes = {
        "resource_code": "102003/000001",
        "sharing_type": SharingType.CONDITIONAL,
        "sharing_condition": "限依法履职需要使用",
        **said,
    }
    assert told(**changes) == {("basic_not_unconditional", "R63", "sharing_type", "basic_not_shared")}
    assert told(**{**changes, "sharing_type": SharingType.UNCONDITIONAL}) == set()


@pytest.mark.parametrize("name", ["身份证号码", "法人身份证号", "手机号码", "户籍地址", "银行账号"])
def test_an_open_entry_holds_no_item_about_a_person(name: str) -> None:
    item = Item(name=name, data_type="C", length="18")
    assert told(items=(item,)) == {("personal_item_open", "R72", "items", "personal_item_open")}
    closed = {"open_type": OpenType.CONDITIONAL, "open_condition": "实名认证后查询"}
    assert told(items=(item,), **closed) == set()


def test_what_the_organ_marks_as_personal_is_not_open() -> None:
    found = told(personal_information=True)
    assert found == {("personal_item_open", "R72", "personal_information", "personal_item_open")}
    sensitive = Item(name="备注", data_type="M", sensitive=True)
    assert told(items=(sensitive,)) == {("personal_item_open", "R72", "items", "personal_item_open")}


@pytest.mark.parametrize("name", ["姓名", "性别", "联系电话", "机构地址"])
def test_a_name_that_may_be_an_offices_does_not_block_opening(name: str) -> None:
    assert told(items=(Item(name=name, data_type="C", length="50"),)) == set()


def test_conditional_opening_states_its_condition() -> None:
    found = told(open_type=OpenType.CONDITIONAL)
    assert found == {("condition_missing", "R07", "open_condition", "missing")}


def test_what_describes_itself_is_described() -> None:
    changes = {
        "format_class": FormatClass.SELF_DESCRIBED,
        "format_types": ("geojson",),
        "sharing_methods": (SharingMethod(method="platform", type="file"),),
    }
    assert told(**changes) == missing("format_note", "R41")
    assert told(**changes, format_note="地理要素文件") == set()


WORDS = st.text(max_size=40)


@given(
    title=WORDS.filter(str.strip),
    abstract=WORDS.filter(str.strip),
    names=st.lists(WORDS, max_size=4),
    code=WORDS,
    basis=WORDS,
)
def test_whatever_an_organ_writes_is_judged(title: str, abstract: str, names: list[str], code: str, basis: str) -> None:
    found = violations(
        title=text(title),
        abstract=text(abstract),
        items=tuple(Item(name=name, data_type=basis, length=code) for name in names),
        resource_code=code,
        provider_uscc=code,
        non_sharing_basis=basis,
        sharing_type=SharingType.NONE,
    )
    assert len(set(found)) == len(found)
    assert all(len(one.value) <= 200 for one in found)
    assert {one.flag for one in found} <= set(REFERENCE.flags)
    assert {one.rule for one in found} <= set(REFERENCE.deadlines)
