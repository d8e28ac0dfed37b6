"""Values of metadata documents in words: codes by their names in the language of the page, the unknown as it stands."""

from datetime import date

import pytest
from flask import Flask

from catalogue_app.domain.metadata import (
    Classification,
    Contact,
    Distribution,
    EntryMetadata,
    Interval,
    Item,
    JsonValue,
    SharingMethod,
    UnreadValue,
    to_document,
)
from catalogue_app.domain.text import LocalizedText
from catalogue_app.domain.vocabulary import (
    DisclosureCategory,
    FormatClass,
    OpenType,
    SharingType,
    Tier,
    UpdateCycle,
)
from catalogue_app.web.portal.elements import written

SAID = to_document(
    EntryMetadata(
        title=LocalizedText((("zh", "排水户名录"), ("en", "Drainage"))),
        classification=Classification(lei="3", xiang="07", mu="12"),
        format_class=FormatClass.SPREADSHEET,
        items=(Item(name="户名", data_type="C", length="50", primary_key=True), Item(name="备注", data_type="varchar")),
        sharing_type=SharingType.CONDITIONAL,
        sharing_methods=(SharingMethod(method="platform", type="file"),),
        open_type=OpenType.NONE,
        update_cycle=UpdateCycle.DAILY,
        updated_on=date(2026, 3, 5),
        themes=("T01", "T99"),
        disclosure_categories=(DisclosureCategory.A,),
        spatial=("120101", "某地"),
        temporal=Interval(start=date(2020, 1, 1)),
        network_tier=Tier.EXTRANET,
        contact=Contact(name="排水处", telephone="022-1"),
        personal_information=False,
        record_count=12000,
        distributions=(Distribution(title="全表", size_bytes=2048, modified_on=date(2026, 3, 5)),),
        extensions=(("归口", "水务"),),
        unread=(UnreadValue(element="updated_on", value="去年", code="not_a_date"),),
    )
)
IN_WORDS = {
    "title": ("排水户名录 / Drainage", "排水户名录 / Drainage"),
    "classification": (
        "30712 省（自治区、直辖市）及其下各级政务部门",
        "30712 Provinces, regions, municipalities and below",
    ),
    "format_class": ("电子表格", "Spreadsheet"),
    "items": (
        "户名（类型：字符型、长度：50、主键：是）；备注（类型：varchar）",
        "户名 (Type: Character, Length: 50, Key: Yes); 备注 (Type: varchar)",
    ),
    "sharing_type": ("有条件共享", "Conditional sharing"),
    "sharing_methods": ("文件", "File download"),
    "open_type": ("不予开放", "Not open"),
    "update_cycle": ("每日", "Daily"),
    "updated_on": ("2026年3月5日", "5 March 2026"),
    "themes": ("科技创新；T99", "Science and innovation; T99"),
    "disclosure_categories": ("（一） 机构职能", "(a) Functions and contacts"),
    "spatial": ("和平区；某地", "Heping District; 某地"),
    "temporal": ("2020年1月1日起", "from 1 January 2020"),
    "network_tier": ("政务外网", "Government extranet"),
    "contact": ("排水处（电话：022-1）", "排水处 (Telephone: 022-1)"),
    "personal_information": ("否", "No"),
    "record_count": ("12,000", "12,000"),
    "distributions": (
        "全表（字节数：2,048、修改日期：2026年3月5日）",
        "全表 (Bytes: 2,048, Modified on: 5 March 2026)",
    ),
    "extensions": ("归口：水务", "归口: 水务"),
    "unread": ("数据更新日期：去年", "Updated on: 去年"),
}


@pytest.mark.parametrize("element", list(IN_WORDS))
def test_an_element_is_written_in_the_language_of_the_page(portal_app: Flask, element: str) -> None:
    for path, expected in zip(("/", "/en/"), IN_WORDS[element], strict=True):
        with portal_app.test_request_context(path):
            assert written(SAID[element], element) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, ""), (False, "False"), (["daily", 3], "daily; 3"), ({"lei": "3", "xiang": "07"}, "lei: 3, xiang: 07")],
)
def test_what_is_of_no_element_stays_as_it_stands(portal_app: Flask, value: JsonValue, expected: str) -> None:
    with portal_app.test_request_context("/en/"):
        assert written(value) == expected
