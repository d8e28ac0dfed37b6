"""A record is known again by its code, else its number, else provider and title; no row is lost to a shared name."""

import pytest

from harvesters.port import RawRecord
from tests.harvesting import payload_of, problems, records
from tests.sheets import Rows, csv_bytes, read_all, sheet_harvester, xlsx_bytes

HEADER = ["资源代码", "编号", "资源名称", "提供单位", "链接"]


def identifiers(rows: Rows, **options: str) -> list[str]:
    return [record.identifier for record in found(rows, **options)]


def found(rows: Rows, **options: str) -> list[RawRecord]:
    return records(sheet_harvester(**options), payload_of(csv_bytes([HEADER, *rows])))


def test_the_code_names_a_record_before_its_number_and_its_title() -> None:
    rows = [["307/1", "1", "甲", "x", ""], ["", "2", "乙", "x", ""], ["暂无", "", "丙", "Ｘ局", ""]]
    assert identifiers(rows) == ["307/1", "2", "x局 | 丙"]


def test_codes_counted_up_by_nobody_lose_no_rows() -> None:
    rows = [["307/1", "", "甲", "x", ""], ["307/1", "", "乙", "x", ""], ["307/2", "", "丙", "x", ""]]
    assert identifiers(rows) == ["307/1 | 甲", "307/1 | 乙", "307/2"]


def test_a_shared_code_is_a_problem_of_every_record_that_bears_it() -> None:
    rows = [["307/1", "", "甲", "x", ""], ["307/1", "", "乙", "x", ""], ["307/2", "", "丙", "x", ""]]
    codes = [[note.code for note in entry.unread] for entry in read_all(csv_bytes([HEADER, *rows]))]
    assert codes == [["repeated_code"], ["repeated_code"], []]


def test_only_records_equal_in_everything_share_a_name() -> None:
    rows = [
        ["307/1", "", "甲", "x", "/a"],
        ["307/1", "", "甲", "x", "/a"],
        ["", "", "乙", "x", "/b"],
        ["", "", "乙", "x", "/c"],
        ["", "", "乙", "x", "/b"],
    ]
    assert identifiers(rows) == ["307/1", "307/1", "x | 乙 | /b", "x | 乙 | /c", "x | 乙 | /b"]
    assert len({record.digest for record in found(rows)}) == 3


def test_an_operator_may_choose_what_names_a_record() -> None:
    rows = [["307/1", "1", "甲", "x", "/a"], ["307/1", "2", "乙", "x", "/b"]]
    assert identifiers(rows, identity="link") == ["/a", "/b"]
    assert identifiers(rows, identity="编号,资源名称") == ["1 | 甲", "2 | 乙"]


def test_a_record_without_any_name_is_reported_with_its_row() -> None:
    body = csv_bytes([HEADER, ["", "", "", "市水务局", "/a"], ["1", "", "甲", "", ""]])
    [problem] = problems(sheet_harvester(), payload_of(body))
    assert (problem.record, problem.code) == ("row 2", "missing_identifier")


def test_a_name_that_is_an_uncalculated_formula_is_no_name() -> None:
    body = xlsx_bytes({"目录": [HEADER, ['=CONCATENATE("TJ-",1)', "7", "甲", "x", ""], [3, "", "乙", "x", ""]]})
    [problem] = problems(sheet_harvester(), payload_of(body))
    [record] = records(sheet_harvester(), payload_of(body))
    assert (problem.record, problem.code, problem.value) == ("目录 row 2", "formula_without_value", "甲")
    assert record.identifier == "3"


@pytest.mark.parametrize("again", [["资源名称", "提供单位", "编号", "资源代码", "链接"], HEADER])
def test_white_space_and_the_order_of_columns_change_no_digest(again: list[str]) -> None:
    cells = dict(zip(HEADER, ["307/1", "", "甲  目录", "x", "/a"], strict=True))
    spaced = dict(zip(HEADER, [" 307/1", "", "甲 目录 ", "x\t", "/a"], strict=True))
    bodies = (csv_bytes([HEADER, list(cells.values())]), csv_bytes([again, [spaced[name] for name in again]]))
    assert len({records(sheet_harvester(), payload_of(body))[0].digest for body in bodies}) == 1


def test_a_very_long_name_stays_short_and_its_own() -> None:
    names = identifiers([["", "", "长" * 900 + letter, "x", ""] for letter in "甲乙"])
    assert len(set(names)) == 2
    assert all(len(name) <= 300 for name in names)
