"""Headers are found wherever organs put them, and rows become the records a reader of the sheet would count."""

import random
from datetime import date

import pytest

from catalogue_app.domain.errors import SourceError
from catalogue_app.domain.metadata import Classification, Item, SharingMethod
from catalogue_app.domain.vocabulary import FormatClass, OpenType, SharingType, UpdateCycle
from tests.harvesting import payload_of, problems, records
from tests.sheets import (
    STANDARD_MERGES,
    Rows,
    csv_bytes,
    read_all,
    sheet_harvester,
    standard_rows,
    xls_bytes,
    xlsx_bytes,
)

FIRST = [
    "3.部门信息资源",
    "05",
    "001",
    None,
    "幼儿园名录",
    "305001/000001",
    "天津市教育委员会",
    "全市幼儿园的名称、地址和等级。",
    "2.电子表格",
    "xlsx;csv",
    "名称",
    "字符型C",
    100,
    "1.无条件共享",
    None,
    "共享平台方式",
    "文件",
    "是",
    None,
    "每年",
    date(2026, 3, 5),
    "305001/000002；305001/000003\n305001/000004",
]
SECOND_ITEM = [*[None] * 10, "占地面积", "数值型N", "18,4", *[None] * 9]
THIRD_ITEM = [*[None] * 10, "等级", "字符型C", "20.0", *[None] * 9]
OTHER = [
    "3.部门信息资源",
    "05",
    "001",
    None,
    "校车许可",
    "305001/000005",
    "天津市教育委员会",
    "校车使用许可的办理结果。",
    "数据库",
    "mysql",
    "号牌",
    "C",
    "10",
    "有条件共享",
    "仅限执法",
    "共享平台方式",
    "数据库",
    "否",
    None,
    "实时",
    "2026年1月9日",
    None,
]
SIGNATURE = ["填表人：李四", None, "审核人：王五", None, "填报日期：2026年4月1日"]
ENTRY_MERGES = [f"{column}5:{column}7" for column in "ABCDEFGHIJNOPQRSTUV"]


def standard_book() -> bytes:
    rows = standard_rows(FIRST, SECOND_ITEM, THIRD_ITEM, OTHER, [], SIGNATURE, ["注：1.本表由各部门填写。"])
    return xlsx_bytes(
        {"政务信息资源目录": rows, "填表说明": [["名称", "说明"], ["信息资源名称", "必填"]]},
        ["A1:V1", "A2:V2", *STANDARD_MERGES, *ENTRY_MERGES],
    )


def titles(body: bytes, **options: str) -> list[str]:
    return [entry.title.original for entry in read_all(body, **options)]


def test_the_standard_workbook_gives_its_entries_with_their_items() -> None:
    first, other = read_all(standard_book())
    assert first.items == (
        Item(name="名称", data_type="C", length="100"),
        Item(name="占地面积", data_type="N", length="18,4"),
        Item(name="等级", data_type="C", length="20"),
    )
    assert (other.title.original, [item.name for item in other.items]) == ("校车许可", ["号牌"])


def test_the_standard_workbook_is_read_cell_by_cell() -> None:
    first, other = read_all(standard_book())
    assert first.classification == Classification(lei="3", xiang="05", mu="001")
    assert (first.format_class, first.format_types) == (FormatClass.SPREADSHEET, ("xlsx", "csv"))
    assert (first.sharing_type, first.sharing_methods) == (
        SharingType.UNCONDITIONAL,
        (SharingMethod(method="platform", type="file"),),
    )
    assert (first.open_type, first.update_cycle, first.issued_on) == (
        OpenType.OPEN,
        UpdateCycle.YEARLY,
        date(2026, 3, 5),
    )
    assert first.related_resource_codes == ("305001/000002", "305001/000003", "305001/000004")
    assert (other.sharing_type, other.sharing_condition, other.open_type) == (
        SharingType.CONDITIONAL,
        "仅限执法",
        OpenType.NONE,
    )
    assert (first.unread, other.unread) == ((), ())


def test_the_raw_record_keeps_every_cell_under_its_header_path() -> None:
    first, _ = records(sheet_harvester(), payload_of(standard_book()))
    assert first.raw["共享属性/共享类型"] == "1.无条件共享"
    assert first.raw["@items"] == [
        {"信息项信息/信息项名称": "名称", "信息项信息/数据类型": "字符型C", "信息项信息/数据长度": "100"},
        {"信息项信息/信息项名称": "占地面积", "信息项信息/数据类型": "数值型N", "信息项信息/数据长度": "18,4"},
        {"信息项信息/信息项名称": "等级", "信息项信息/数据类型": "字符型C", "信息项信息/数据长度": "20.0"},
    ]
    assert (first.place, first.identifier) == ("政务信息资源目录 row 5", "305001/000001")


def test_merged_flat_and_legacy_forms_of_one_catalogue_say_the_same() -> None:
    header = [upper if lower is None else lower for upper, lower in zip(*standard_rows()[2:4], strict=True)]
    flat = [header, FIRST, SECOND_ITEM, THIRD_ITEM, OTHER]
    repeated = [
        header,
        FIRST,
        [new or old for new, old in zip(SECOND_ITEM, FIRST, strict=True)],
        [new or old for new, old in zip(THIRD_ITEM, FIRST, strict=True)],
        OTHER,
    ]
    two_levels = standard_rows(FIRST, SECOND_ITEM, THIRD_ITEM, OTHER)
    expected = read_all(standard_book())
    for body in (
        csv_bytes(flat, "gb18030"),
        csv_bytes(repeated),
        csv_bytes(two_levels, "utf-16"),
        xls_bytes(flat),
        xlsx_bytes({"目录": repeated}),
    ):
        assert read_all(body) == expected


def test_a_row_with_another_code_begins_another_entry_even_without_a_title() -> None:
    rows = [
        ["信息资源代码", "信息资源名称", "信息项名称"],
        ["1", "甲", "a"],
        ["", "", "b"],
        ["2", "", "c"],
        ["", "", "d"],
    ]
    first, second = records(sheet_harvester(), payload_of(csv_bytes(rows)))
    assert (first.identifier, second.identifier) == ("1", "2")
    assert second.raw["@items"] == [{"信息项名称": "c"}, {"信息项名称": "d"}]


def test_titles_and_reporting_lines_above_a_header_are_no_records() -> None:
    rows: Rows = [
        ["2026年度目录"],
        ["填报单位：市水务局", None, "填报日期：2026-04-01"],
        [],
        ["资源名称", "提供单位", "更新频率"],
        ["水质监测", "市水务局", "每月"],
    ]
    assert titles(csv_bytes(rows)) == titles(xlsx_bytes({"目录": rows}, ["A1:C1"])) == ["水质监测"]


@pytest.mark.parametrize(
    "row",
    [
        ["填表人：李四", "", "审核人：王五", ""],
        ["单位负责人：", "", "", "联系电话：022-1"],
        ["合计", "", "", "2"],
        ["总计：2 条", "", "", ""],
        ["合计", "2", "", ""],
        ["总计：", "共2条", "", ""],
        ["备注：本表每年更新", "", "", ""],
        ["注1：略", "", "", ""],
        ["以上目录经主管领导同意", "", "", ""],
        ["资源代码", "资源名称", "提供单位", "数据量"],
        ["Total", "", "", "2"],
        ["", "填报日期：2026年4月", "", ""],
    ],
)
def test_signatures_remarks_totals_and_repeated_headers_are_no_records(row: list[str]) -> None:
    table = [
        ["资源代码", "资源名称", "提供单位", "数据量"],
        ["1", "甲", "市水务局", "1"],
        row,
        ["2", "合计表", "市水务局", "1"],
        row,
    ]
    harvester = sheet_harvester()
    assert [record.identifier for record in records(harvester, payload_of(csv_bytes(table)))] == ["1", "2"]
    assert problems(harvester, payload_of(csv_bytes(table))) == []


@pytest.mark.parametrize(
    "row",
    [
        ["1", "2", "3", "4"],
        ["必填", "必填，不超过200字", "选填", "选填"],
        ["示例", "幼儿园名录", "市教委", "10"],
        ["3", "", "", ""],
    ],
)
def test_column_numbers_guidance_examples_and_empty_numbered_rows_are_no_records(row: list[str]) -> None:
    table = [["序号", "资源名称", "提供单位", "数据量"], row, ["1", "甲", "市水务局", "1"]]
    assert titles(csv_bytes(table)) == ["甲"]


def test_a_running_number_changes_no_record() -> None:
    header, rows = ["序号", "资源名称", "提供单位"], [["甲", "x"], ["乙", "x"], ["丙", "x"]]
    before = [header, *([str(number), *row] for number, row in enumerate(rows, start=1))]
    after = [header, *([str(number), *row] for number, row in enumerate(rows[1:], start=1))]
    harvester = sheet_harvester()
    known = {record.identifier: record.digest for record in records(harvester, payload_of(csv_bytes(before)))}
    assert all(known[record.identifier] == record.digest for record in records(harvester, payload_of(csv_bytes(after))))


def test_every_sheet_with_a_header_is_read_and_lists_of_words_are_not() -> None:
    wide = ["资源名称", "提供单位", "更新频率", "共享类型", "资源摘要"]
    body = xlsx_bytes(
        {
            "填表说明": [["名称", "说明"], ["资源名称", "不超过200字"]],
            "一处": [wide, ["甲", "一处", "每月", "", ""]],
            "二处": [["2026年"], wide, ["乙", "二处", "每月", "", ""]],
            "字典": [["更新频率"], ["每月"], ["每年"]],
        }
    )
    assert titles(body) == ["甲", "乙"]
    assert titles(body, sheets="二处") == ["乙"]


@pytest.mark.parametrize(
    "header",
    [
        "信息资源名称*",
        "* 信息资源名称（必填）",
        "信息资源\n名称",
        "Dataset Title",
        "dataset_title",
        "資料集名稱",
        "ＴＩＴＬＥ",
        "资源 名称",
        "基本信息/名称",
    ],
)
def test_a_header_is_known_however_it_is_written(header: str) -> None:
    assert titles(csv_bytes([[header, "更新周期"], ["甲", "每月"]])) == ["甲"]


def test_the_group_decides_what_a_short_header_means() -> None:
    rows: Rows = [
        ["资源信息", None, "信息项信息", None, "提供方", None],
        ["名称", "代码", "名称", "类型", "名称", "代码"],
        ["幼儿园名录", "1", "校名", "C", "市教委", "TJ-1"],
    ]
    [entry] = read_all(xlsx_bytes({"目录": rows}, ["A1:B1", "C1:D1", "E1:F1"]))
    assert (entry.title.original, entry.items[0].name, entry.provider_name) == ("幼儿园名录", "校名", "市教委")


def test_unknown_columns_and_cells_beyond_the_header_become_extensions() -> None:
    rows = [["资源名称", "提供单位", "数据湖分区", "数据湖分区"], ["甲", "市水务局", "热", "冷", "备用"]]
    [entry] = read_all(csv_bytes(rows))
    assert entry.extensions == (("数据湖分区", "热"), ("数据湖分区 (2)", "冷"), ("column E", "备用"))


def test_a_second_column_for_an_element_is_kept_only_where_it_differs() -> None:
    rows = [
        ["資料名稱", "檔案格式", "資料來源", "資料集提供機關"],
        ["甲", "CSV", "水利署", "水利署"],
        ["乙", "CSV", "水利局", "水利署"],
    ]
    first, second = read_all(csv_bytes(rows))
    assert (first.provider_name, first.extensions) == ("水利署", ())
    assert (second.provider_name, second.extensions) == ("水利署", (("資料來源", "水利局"),))


def test_a_file_without_headers_is_refused_and_the_way_out_is_named() -> None:
    with pytest.raises(SourceError) as caught:
        read_all(csv_bytes([["甲目录", "说的是甲", "/dataset/a"], ["乙目录", "说的是乙", "/dataset/b"]]))
    assert (caught.value.code, caught.value.parameters["option"]) == ("no_header_found", "columns")
    assert caught.value.parameters["first_row"] == "甲目录 | 说的是甲 | /dataset/a"


@pytest.mark.parametrize("columns", ["title,abstract,,link", "title, description,,url", "资源名称,摘要,,链接"])
def test_an_option_names_the_columns_of_a_file_without_headers(columns: str) -> None:
    body = csv_bytes([["甲目录", "说的是甲", "x", "https://a.example/1"], ["乙目录", "说的是乙", "", ""]])
    first, second = read_all(body, columns=columns)
    assert first.abstract is not None
    assert (first.title.original, first.abstract.original, first.online_urls) == (
        "甲目录",
        "说的是甲",
        ("https://a.example/1",),
    )
    assert second.title.original == "乙目录"


def test_with_named_columns_a_first_row_of_headers_is_no_record() -> None:
    body = csv_bytes([["资源名称", "摘要", "网址"], ["甲目录", "说的是甲", "https://a.example/1"]])
    assert titles(body, columns="title,abstract,link") == ["甲目录"]


def test_named_columns_without_a_title_are_refused() -> None:
    with pytest.raises(SourceError) as caught:
        read_all(csv_bytes([["甲", "乙"]]), columns="abstract,link")
    assert caught.value.code == "no_title_column"


def linked_book() -> bytes:
    return xlsx_bytes(
        {
            "Catalog": [["catalog_title"], ["Datos"]],
            "Dataset": [
                ["dataset_identifier", "dataset_title", "dataset_description"],
                ["d-1", "One", "First"],
                ["d-2", "Two", "Second"],
            ],
            "Distribution": [
                [
                    "dataset_identifier",
                    "dataset_title",
                    "distribution_title",
                    "distribution_downloadURL",
                    "distribution_format",
                ],
                ["d-1", "One", "File", "https://a.example/1.csv", "CSV"],
                ["d-1", "One", "Other", "https://a.example/1.json", "JSON"],
            ],
            "Field": [
                ["dataset_identifier", "distribution_title", "field_title", "field_type"],
                ["d-2", "File", "year", "integer"],
                ["d-2", "File", "sum", "number"],
            ],
        }
    )


def test_linked_sheets_give_their_files_and_items_to_the_entries() -> None:
    first, second = read_all(linked_book())
    assert [(part.title, part.url, part.format) for part in first.distributions] == [
        ("File", "https://a.example/1.csv", "csv"),
        ("Other", "https://a.example/1.json", "json"),
    ]
    assert [item.name for item in second.items] == ["year", "sum"]


def test_the_order_of_rows_changes_neither_names_nor_digests() -> None:
    rows = [["1", "甲", "x"], ["1", "乙", "x"], ["", "丙", "x"], ["", "丙", "y"], ["2", "丁", "z"]]
    harvester, seen = sheet_harvester(), set()
    for seed in range(6):
        mixed = random.Random(seed).sample(rows, len(rows))  # noqa: S311 — an order, no secret
        body = csv_bytes([["资源代码", "资源名称", "资源摘要"], *mixed])
        seen.add(frozenset((record.identifier, record.digest) for record in records(harvester, payload_of(body))))
    assert len(seen) == 1
    assert len(next(iter(seen))) == len(rows)
