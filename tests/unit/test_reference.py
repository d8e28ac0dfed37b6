"""Reference tables: every one may be replaced, and a broken one is refused by file, row and how to mend it."""

import csv
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from catalogue_app.domain.errors import ConfigurationError
from catalogue_app.domain.finding import FindingKind
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.vocabulary import DisclosureCategory, OrganKind, UpdateCycle
from catalogue_app.reference import CODES_FOUND, Reference, load_reference
from catalogue_app.reference_organs import read_organ_table
from tests.shared import ROOT

Table = list[dict[str, str]]
Change = Callable[[Table], object]


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load_reference(ROOT / "config")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return shutil.copytree(ROOT / "config", tmp_path / "config", ignore=shutil.ignore_patterns("demo"))


def rewrite(path: Path, change: Change) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    headings = list(rows[0])
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, headings)
        writer.writeheader()
        writer.writerows(rows)


def setting(row: int, **cells: str) -> Change:
    """Return a change of one row, the first one after the headings being 0."""
    return lambda rows: rows[row].update(cells)


def refusal(config: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load_reference(config)
    return str(caught.value)


def test_the_projects_own_tables_are_sound(reference: Reference) -> None:
    assert len(reference.organs) == 89
    assert reference.organs[OrganId("edu")].kind is OrganKind.DEPARTMENT
    assert set(reference.cycles) == set(UpdateCycle)
    assert set(FindingKind) <= set(reference.flags)
    assert reference.divisions["120119"].former_names == ("蓟县",)
    assert sum(len(owed) for owed in reference.obligations.values()) == 393
    assert reference.default_obligations == {DisclosureCategory.A, DisclosureCategory.B, DisclosureCategory.E}
    assert reference.calendar.years == {2025, 2026}


def test_a_code_without_a_row_names_itself(reference: Reference) -> None:
    assert reference.name("theme", "T05", "zh") == "教育文化"
    assert reference.name("theme", "T05", "en") == "education and culture"
    assert reference.name("theme", "T99", "en") == "T99"


BROKEN: list[tuple[str, Change, str]] = [
    ("organs/organs.csv", setting(2, demo_uscc="11120000XX0000035K"), "row=4, column=demo_uscc.*check character"),
    ("organs/organs.csv", setting(0, main_theme="T99"), "row=2, column=main_theme.*vocabularies/theme.csv"),
    ("organs/organs.csv", setting(0, district_code="999999"), "row=2, column=district_code.*divisions"),
    ("organs/organs.csv", setting(0, kind="castle"), "row=2, column=kind.*must be one of.*department"),
    ("organs/organs.csv", setting(0, organ_id="市府"), "column=organ_id.*letters"),
    ("organs/organs.csv", setting(1, organ_id="gov_office"), "row=3, column=organ_id.*stands already in row 2"),
    ("organs/organs.csv", setting(0, zh=""), "row=2, column=zh.*must not be empty"),
    ("vocabularies/update_cycle.csv", setting(3, iso8601_period=""), "row=5, column=iso8601_period.*P1M"),
    ("vocabularies/update_cycle.csv", setting(3, iso8601_period="monthly"), "row=5, column=iso8601_period.*ISO 8601"),
    ("vocabularies/update_cycle.csv", setting(3, grace_days="some"), "row=5, column=grace_days.*whole number"),
    ("vocabularies/update_cycle.csv", setting(3, code="lunar"), "row=5, column=code.*must be one of"),
    ("vocabularies/update_cycle.csv", lambda rows: rows.pop(), "rows for other"),
    ("vocabularies/sharing_type.csv", lambda rows: rows.pop(), "rows for none"),
    ("vocabularies/open_type.csv", setting(0, code="ajar"), "row=2, column=code"),
    ("vocabularies/network_tier.csv", lambda rows: rows.pop(0), "rows for portal"),
    ("vocabularies/disclosure_category.csv", setting(8, code="j"), "row=10, column=code"),
    ("vocabularies/lifecycle.csv", setting(0, state="dreamt"), "row=2, column=state"),
    ("vocabularies/theme.csv", setting(1, code="T01"), "row=3, column=code.*stands already in row 2"),
    ("vocabularies/field_type.csv", setting(0, length_required=""), "row=2, column=length_required"),
    ("vocabularies/format.csv", setting(0, class_code="scroll"), "row=2, column=class_code"),
    ("vocabularies/format.csv", setting(0, machine_readable="maybe"), "row=2, column=machine_readable.*yes or no"),
    ("vocabularies/sharing_method.csv", setting(0, allowed_for_format_class="scroll"), "row=2.*scroll"),
    ("vocabularies/resource_class.csv", setting(1, xiang_code="01"), "row=3, column=xiang_code.*stands already"),
    ("vocabularies/resource_class.csv", setting(1, xiang_code="2"), "row=3, column=xiang_code.*two digits"),
    ("vocabularies/divisions_tianjin.csv", setting(0, code="12"), "row=2, column=code.*six digits"),
    ("vocabularies/value_aliases.csv", setting(0, code="hourly"), "row=2, column=code.*known are.*daily"),
    ("vocabularies/personal_item_patterns.csv", setting(0, pattern="身份证("), "row=2, column=pattern.*regular"),
    ("vocabularies/personal_item_patterns.csv", setting(0, strength="mild"), "row=2, column=strength"),
    ("rules/deadlines.csv", setting(0, id="R99"), "column=id.*R01"),
    ("rules/deadlines.csv", setting(7, limit="twenty"), "row=9, column=limit.*working days"),
    ("rules/deadlines.csv", setting(0, severity="grim"), "row=2, column=severity.*high"),
    ("rules/flags.csv", setting(0, rules="R99"), "row=2, column=rules.*names R99"),
    ("rules/flags.csv", setting(0, rules=""), "row=2, column=rules"),
    ("rules/flags.csv", setting(0, flag="organ_asleep"), "column=flag.*organ_without_catalogue"),
    ("rules/obligations.csv", setting(0, required="abz"), "row=2, column=required.*letters a to i"),
    ("rules/obligations.csv", setting(0, organ_id="atlantis"), "row=2, column=organ_id.*organs/organs.csv"),
    ("rules/text_patterns.csv", setting(0, pattern="("), "row=2, column=pattern.*regular"),
    ("rules/text_patterns.csv", setting(0, kind="rhyme"), "row=2, column=kind.*placeholder"),
    ("calendar/cn_2025_2026.csv", setting(0, date="2025-02-30"), "row=2, column=date.*2026-03-05"),
    ("calendar/cn_2025_2026.csv", setting(0, date="2027-01-01"), "row=2, column=date.*cn_2027.csv"),
    ("calendar/cn_2025_2026.csv", setting(0, kind="siesta"), "row=2, column=kind"),
    ("calendar/cn_2025_2026.csv", setting(0, date="2025-03-05", kind="make_up_working_day"), "row=2.*Saturday"),
    ("profile/profile.csv", setting(0, obligation="perhaps"), "row=2, column=obligation"),
    ("profile/profile.csv", setting(1, parent="77"), "row=3, column=parent"),
    ("profile/profile.csv", setting(1, max_length="long"), "row=3, column=max_length.*whole number"),
    ("profile/profile.csv", setting(1, identifier="title"), "column=identifier.*stands already"),
    ("sheets/columns.csv", setting(0, identifier=""), "row=2, column=identifier.*must not be empty"),
    ("sheets/header_aliases.csv", setting(0, element=""), "row=2, column=element.*must not be empty"),
    ("search/synonyms.csv", setting(0, direction="sideways"), "row=2, column=direction.*two-way or one-way"),
    ("search/synonyms.csv", setting(0, synonyms=" ; "), "row=2, column=synonyms"),
    ("messages/problems.csv", setting(0, zh="坏{"), "row=2, column=zh.*braces"),
]


@pytest.mark.parametrize(("table", "change", "words"), BROKEN, ids=lambda part: part if isinstance(part, str) else "")
def test_a_broken_row_is_named(config: Path, table: str, change: Change, words: str) -> None:
    rewrite(config / table, change)
    message = refusal(config)
    assert f"file={table}" in message
    assert re.search(words, message), message


TABLES = sorted({table for table, _, _ in BROKEN})


@pytest.mark.parametrize("table", TABLES)
def test_an_unknown_column_is_refused(config: Path, table: str) -> None:
    lines = (config / table).read_text("utf-8").splitlines()
    (config / table).write_text("\n".join([lines[0] + ",surprise", *(line + "," for line in lines[1:])]), "utf-8")
    message = refusal(config)
    assert f"file={table}, row=1, columns=surprise" in message


@pytest.mark.parametrize("table", TABLES)
def test_a_lost_table_is_refused(config: Path, table: str) -> None:
    (config / table).unlink()
    if table.startswith("calendar/"):
        assert load_reference(config).calendar.years == frozenset()
    else:
        assert f"file={table}" in refusal(config)


@pytest.mark.parametrize("table", TABLES)
def test_a_table_in_another_encoding_is_refused(config: Path, table: str) -> None:
    text = (config / table).read_text("utf-8")
    (config / table).write_bytes(text.encode("gb18030"))
    assert f"file={table}" in refusal(config)


def test_a_row_with_too_many_cells_is_refused(config: Path) -> None:
    with (config / "search" / "noise.csv").open("a", encoding="utf-8") as file:
        file.write("一,二,三,四,五\n")
    assert re.search(r"file=search/noise.csv, row=\d+.*quote cells", refusal(config))


def test_a_city_may_bring_its_own_organs_with_three_columns(config: Path, reference: Reference) -> None:
    path = config / "own.csv"
    path.write_text("\ufefforgan_id,zh,kind\nparks,城市公园管理局,department\n", "utf-8")
    [organ] = read_organ_table(path, reference.organ_cells).values()
    assert (organ.id, organ.name.original, organ.kind) == ("parks", "城市公园管理局", OrganKind.DEPARTMENT)
    assert organ.obligations == reference.default_obligations


def test_another_years_calendar_is_a_file_beside_the_first(config: Path) -> None:
    table = "date,kind\n2027-01-01,rest_day\n2027-02-06,rest_day\n2027-02-07,make_up_working_day\n"
    (config / "calendar" / "cn_2027.csv").write_text(table, "utf-8")
    assert load_reference(config).calendar.years == {2025, 2026, 2027}


def test_a_day_stands_in_one_calendar_only(config: Path) -> None:
    shutil.copy(config / "calendar" / "cn_2025_2026.csv", config / "calendar" / "cn_2026_2025.csv")
    assert "stands already in another table" in refusal(config)


def test_words_of_problems_are_filled_in(reference: Reference) -> None:
    message, mend = reference.messages.problem("too_short", "en", value="全市名录", element="abstract")
    assert "全市名录" in message
    assert mend
    assert reference.messages.problem("never_heard_of", "zh", value="x") == ("never_heard_of value=x", "")


@pytest.mark.parametrize(
    ("code", "element", "found", "named"),
    [
        ("basic_not_shared", "sharing_type", "conditional", "有条件共享"),
        ("method_does_not_fit", "sharing_method", "database", "数据库"),
        ("unknown_value", "update_cycle", "daily", "daily"),
    ],
)
def test_a_problem_names_what_was_found(reference: Reference, code: str, element: str, found: str, named: str) -> None:
    message, _ = reference.problem(code, "zh", value=found, element=element)
    assert message.endswith(f"：{named}")


def test_every_problem_that_finds_a_code_names_a_vocabulary(reference: Reference) -> None:
    assert CODES_FOUND.keys() <= reference.messages.wordings.keys()
    assert set(CODES_FOUND.values()) <= reference.vocabularies.keys()
