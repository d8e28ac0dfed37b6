"""Real lists and broken files of `../shared/data`, read in place: exact counts, explained rejections."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from catalogue_app.domain.errors import SourceError
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.vocabulary import SharingType, UpdateCycle
from harvesters.pipeline import read
from harvesters.port import RawRecord
from tests.harvesting import file_payload
from tests.sheets import sheet_harvester

HEADERLESS = "title,abstract,link"
TAOYUAN = "tw-taoyuan/taoyuan-open-data-supply-list-2018.xls"


def gathered(path: Path, **options: str) -> tuple[list[RawRecord], list[Problem], list[EntryMetadata]]:
    harvester = sheet_harvester(**options)
    parts = list(harvester.split(file_payload(path)))
    records = [part for part in parts if isinstance(part, RawRecord)]
    said = [read(harvester, record) for record in records]
    assert not [one for one in said if isinstance(one, Problem)]
    problems = [part for part in parts if isinstance(part, Problem)]
    return records, problems, [one for one in said if isinstance(one, EntryMetadata)]


@pytest.mark.parametrize(
    ("file", "columns", "expected"),
    [
        (TAOYUAN, "", 1429),
        ("tw-counties/tainan-2018-03-20.csv", HEADERLESS, 665),
        ("tw-counties/yilan-2018-03-20.csv", HEADERLESS, 357),
        ("csv/dataportals-portals.csv", "", 631),
        ("csv/datos.gob.es-datasets.csv", "", 499),
        ("xlsx-ar/catalogo-justicia-56-distribuciones.xlsx", "", 16),
    ],
)
def test_a_real_list_gives_exactly_its_rows_each_under_its_own_name(
    shared_data: Path, file: str, columns: str, expected: int
) -> None:
    records, problems, entries = gathered(shared_data / file, **({"columns": columns} if columns else {}))
    assert (len(records), len(problems), len(entries)) == (expected, 0, expected)
    assert len({record.identifier for record in records}) == expected


def test_a_list_of_bare_titles_gives_a_record_a_line(shared_data: Path) -> None:
    """Of 35,634 lines one is blank; of 35,215 distinct ones eleven have a comma, at which a table ends a title."""
    records, problems, _ = gathered(shared_data / "tw-titles/data_title.txt", columns="title")
    assert (len(records), problems) == (35_633, [])
    assert len({record.identifier for record in records}) == 35_208


@pytest.mark.parametrize("file", [TAOYUAN, "tw-counties/yilan-2018-03-20.csv"])
def test_reading_a_real_list_again_changes_nothing(shared_data: Path, file: str) -> None:
    options = {} if file.endswith("xls") else {"columns": HEADERLESS}
    first, again = (
        [(one.identifier, one.digest) for one in gathered(shared_data / file, **options)[0]] for _ in range(2)
    )
    assert first == again


def test_the_supply_list_of_a_municipality_is_understood(shared_data: Path) -> None:
    _, _, entries = gathered(shared_data / TAOYUAN)
    cycles = Counter(entry.update_cycle for entry in entries)
    assert (cycles[UpdateCycle.IRREGULAR], cycles[UpdateCycle.YEARLY], cycles[UpdateCycle.MONTHLY]) == (876, 318, 74)
    assert len({entry.provider_name for entry in entries}) == 34
    assert "【" not in "".join(entry.provider_name for entry in entries)
    assert all(entry.updated_on and entry.issued_on and entry.contact and entry.licence for entry in entries)


def test_the_linked_workbook_gives_all_its_files_and_fields(shared_data: Path) -> None:
    _, _, entries = gathered(shared_data / "xlsx-ar/catalogo-justicia-56-distribuciones.xlsx")
    assert sum(len(entry.distributions) for entry in entries) == 56
    assert sum(len(entry.items) for entry in entries) == 53


def test_a_headerless_list_is_refused_until_its_columns_are_named(shared_data: Path) -> None:
    with pytest.raises(SourceError) as caught:
        gathered(shared_data / "tw-counties/tainan-2018-03-20.csv")
    assert caught.value.code == "no_header_found"


def test_malformed_05_gbk_without_declaration_is_gb18030(shared_data: Path) -> None:
    _, problems, entries = gathered(shared_data / "malformed/05-gbk-no-declaration.csv")
    assert (len(entries), problems, entries[0].provider_name) == (5, [], "天津市民政局")
    assert "\ufffd" not in "".join(entry.title.original + entry.provider_name for entry in entries)


def test_malformed_06_byte_order_mark_is_no_part_of_a_header(shared_data: Path) -> None:
    _, _, entries = gathered(shared_data / "malformed/06-utf8-bom.csv")
    assert [bool(entry.resource_code) for entry in entries] == [True] * 5


def test_malformed_10_merged_header_and_cells(shared_data: Path) -> None:
    records, problems, entries = gathered(shared_data / "malformed/10-merged-header.xlsx")
    assert [entry.provider_name for entry in entries] == ["天津市交通运输委"] * 3
    assert problems == []
    assert records[0].raw["共享信息/共享类型"] == "无条件共享"
    assert entries[1].sharing_type is SharingType.CONDITIONAL


def test_malformed_11_formulas_and_serial_numbers(shared_data: Path) -> None:
    records, problems, entries = gathered(shared_data / "malformed/11-formulas-and-serials.xlsx")
    assert [(problem.code, problem.value) for problem in problems] == [("formula_without_value", "企业年报")]
    assert [record.identifier for record in records] == ["TJ-2", "3"]
    second, third = entries
    assert (second.issued_on, second.updated_on, second.record_count) == (None, None, 1_234_567)
    assert (third.issued_on, third.updated_on, third.resource_code) == (None, date(2023, 5, 1), "3")
    notes = [(note.element, note.value) for entry in entries for note in entry.unread]
    assert {("issued_on", "60"), ("issued_on", "-5"), ("updated_on", "2024/2/30")} <= set(notes)


def test_malformed_12_macros_stay_closed(shared_data: Path) -> None:
    _, _, [entry] = gathered(shared_data / "malformed/12-macro.xlsm")
    assert (entry.title.original, entry.resource_code) == ("宏表", "TJ-1")


@pytest.mark.parametrize(
    "file",
    [
        "01-truncated.json",
        "02-billion-laughs.rdf",
        "03-xxe-file.rdf",
        "04-gzip-bomb.json.gz",
        "29-maintenance-page-200.html",
    ],
)
def test_what_is_no_table_ends_the_run_and_says_so(shared_data: Path, file: str) -> None:
    with pytest.raises(SourceError):
        gathered(shared_data / "malformed" / file)
