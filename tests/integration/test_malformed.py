"""Bad catalogues, row by row of `data/malformed`: each harms only itself, and a second run changes nothing."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.living import add_source, codes, harvest, open_catalogue, tally
from tests.malformed import (
    ABORTED,
    CASES,
    DATA_JSON,
    NOTHING,
    Case,
    House,
    entries_of,
    meet_all,
    place_of,
    write_datasets,
)
from tests.shared import shared_path

NAMES = [case.file for case in CASES]
BROKEN = [case for case in CASES if case.state is ABORTED]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return meet_all(tmp_path_factory.mktemp("malformed"))


@pytest.mark.parametrize("name", NAMES)
def test_a_bad_file_comes_to_exactly_what_can_be_used_of_it(house: House, name: str) -> None:
    found = house.by_file[name]
    assert (found.first.state, tally(found.first)) == (found.case.state, found.case.figures)
    assert found.case.told <= set(codes(found.first))


@pytest.mark.parametrize("name", NAMES)
def test_a_second_run_changes_nothing(house: House, name: str) -> None:
    found = house.by_file[name]
    assert (found.second.state, tally(found.second)) == (found.case.state, found.case.again())
    assert codes(found.second) == codes(found.first)


@pytest.mark.parametrize("name", NAMES)
def test_every_problem_has_words_that_a_clerk_can_act_on(house: House, name: str) -> None:
    document: Any = house.by_file[name].first.document(house.container.reference.messages)
    for problem in document["problems"]:
        assert all(problem[words] for words in ("message", "mend", "message_zh", "mend_zh")), problem
        assert len(problem["value"]) <= 200
        assert "Traceback" not in problem["message"]


def test_other_sources_are_not_touched(house: House) -> None:
    before, after = house.good
    assert (tally(before), tally(after)) == ((2, 2, 0, 0, 0, 0, 0), (2, 0, 0, 2, 0, 0, 0))


def test_index_and_database_are_equal_after_all_of_it(house: House) -> None:
    assert house.container.index_feed.verify().is_equal


@pytest.mark.parametrize("case", BROKEN, ids=[case.file for case in BROKEN])
def test_a_source_that_turns_bad_loses_nothing(case: Case, tmp_path: Path) -> None:
    container = open_catalogue(tmp_path / "var")
    live = write_datasets(tmp_path / "data.json", {f"g-{number}": f"第{number}号名录册" for number in range(20)})
    source = add_source(container, DATA_JSON, live)
    harvest(container, source.id)
    before = entries_of(container, source.id)
    live.write_bytes(place_of(case.file, tmp_path).read_bytes())
    failed = harvest(container, source.id)
    assert (failed.state, tally(failed)) == (ABORTED, NOTHING)
    assert entries_of(container, source.id) == before
    assert container.index_feed.verify().is_equal


def test_a_cut_file_names_the_byte_where_it_ends(house: House) -> None:
    document: Any = house.by_file["01-truncated.json"].first.document(house.container.reference.messages)
    [problem] = document["problems"]
    assert "6000" in problem["message"]


@pytest.mark.parametrize("name", ["05-gbk-no-declaration.csv", "06-utf8-bom.csv"])
def test_the_encoding_of_a_table_is_found_out(house: House, name: str) -> None:
    entries = house.by_file[name].entries
    assert list(entries) == [f"307120000/00000{number}" for number in range(1, 6)]
    first = entries["307120000/000001"].metadata
    assert first.provider_name == "天津市民政局"
    assert "\ufffd" not in repr(entries)
    assert "垚堃鑫淼" in entries["307120000/000005"].metadata.title.original


def test_a_nul_is_taken_out(house: House) -> None:
    found = house.by_file["07-nul-in-strings.json"]
    assert {name: entry.metadata.title.original for name, entry in found.entries.items()} == {
        "nul-1": "养老机构",
        "nul-2": "停车场",
    }
    assert "\\x00" not in repr(found.entries)


def test_a_date_is_read_or_noted_and_never_made_up(house: House) -> None:
    found = house.by_file["09-bad-dates.json"]
    dates = {name: entry.metadata.updated_on for name, entry in found.entries.items()}
    assert {name: day for name, day in dates.items() if day is not None} == {
        "d-02": date(9999, 12, 31),
        "d-03": date(2099, 1, 1),
        "d-04": date(2023, 1, 1),
        "d-06": date(2023, 5, 1),
        "d-08": date(2023, 5, 1),
    }
    noted = {problem.record: problem.value for problem in found.first.problems if problem.element == "updated_on"}
    assert noted.keys() == dates.keys() - {"d-04", "d-06", "d-08"} - {"d-10", "d-11"}, "the last two state nothing"
    assert (noted["d-00"], noted["d-09"]) == ("2023-02-30", "01/05/2023")


def test_a_merged_workbook_is_unfolded(house: House) -> None:
    entries = house.by_file["10-merged-header.xlsx"].entries
    assert {name: entry.metadata.title.original for name, entry in entries.items()} == {
        "307120/1": "公交线路",
        "307120/2": "出租汽车企业",
        "307120/3": "港口经营许可",
    }
    assert {entry.metadata.provider_name for entry in entries.values()} == {"天津市交通运输委"}
    assert [str(entry.metadata.sharing_type) for entry in entries.values()] == [
        "unconditional",
        "conditional",
        "conditional",
    ]


def test_cells_are_read_as_they_are_shown(house: House) -> None:
    found = house.by_file["11-formulas-and-serials.xlsx"]
    assert found.problem("formula_without_value").element == "identifier"
    assert list(found.entries) == ["TJ-2", "3"]
    second, third = found.entry("TJ-2").metadata, found.entry("3").metadata
    assert (second.issued_on, third.issued_on, third.updated_on) == (None, None, date(2023, 5, 1))
    noted = {(it.record, it.element): it.value for it in found.first.problems if it.code == "not_a_date"}
    assert noted[("TJ-2", "issued_on")] == "60"
    assert noted[("3", "issued_on")] == "-5"


def test_of_a_workbook_with_macros_only_cells_are_read(house: House) -> None:
    [entry] = house.by_file["12-macro.xlsm"].entries.values()
    assert (entry.identifier, entry.metadata.title.original) == ("TJ-1", "宏表")


def test_of_duplicates_the_newest_counts_whatever_their_order(house: House, tmp_path: Path) -> None:
    found = house.by_file["13-duplicate-identifiers.json"]
    titles = {name: entry.metadata.title.original for name, entry in found.entries.items()}
    assert titles == {"a-1": "甲（修订）", "A-1": "大写", "a-2": "乙"}
    document = json.loads(shared_path("data/malformed/13-duplicate-identifiers.json").read_bytes())
    container = open_catalogue(tmp_path / "var")
    for number, order in enumerate((slice(None, None, -1), slice(1, None), slice(2, None))):
        path = tmp_path / f"{number}.json"
        datasets = document["dataset"][order] + document["dataset"][: order.start or 0]
        path.write_text(json.dumps({"dataset": datasets}), encoding="utf-8")
        source = add_source(container, DATA_JSON, path)
        assert tally(harvest(container, source.id)) == found.case.figures
        again = entries_of(container, source.id)
        assert {name: entry.metadata.title.original for name, entry in again.items()} == titles


def test_half_a_character_is_replaced(house: House) -> None:
    entries = house.by_file["18-lone-surrogate.json"].entries
    assert entries["s-1"].metadata.title.original == "半个\ufffd表情"
    assert str(entries["s-2"].metadata.abstract) == "😀"


def test_a_title_has_a_limit(house: House) -> None:
    entries = house.by_file["30-ten-megabyte-title.json"].entries
    assert entries["big-1"].metadata.title.original == "长" * 500
    assert entries["ok-2"].metadata.title.original == "正常"


def test_addresses_are_trimmed_and_those_that_run_are_flagged(house: House) -> None:
    found = house.by_file["20-javascript-url.json"]
    flagged = [problem.value for problem in found.first.problems if problem.code == "unsafe_url"]
    assert [value.partition(":")[0].lower() for value in flagged] == ["javascript", "data", "javascript"]
    assert found.entry("u-1").metadata.distributions[-1].url == "https://example.org/ok.csv"
