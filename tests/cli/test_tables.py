"""Whole tables of an organ's entries from the command line: looked at, taken, given back, written."""

import csv
import json
from pathlib import Path

import pytest

from tests.accounts.test_uploads import STATEMENT, a_row, a_table
from tests.cli.commands import Catalogue


@pytest.fixture
def editor(catalogue: Catalogue) -> str:
    catalogue("accounts", "create", "wang.li", "--role", "organ_editor", "--organ", "edu").answer()
    return "wang.li"


def a_file(catalogue: Catalogue, *rows: dict[str, str], name: str = "目录.csv") -> Path:
    path = catalogue.folder / name
    path.write_bytes(a_table(*rows))
    return path


def test_unless_told_to_take_a_table_is_only_looked_at(catalogue: Catalogue, editor: str) -> None:
    path = a_file(catalogue, a_row("路灯登记表"), a_row("井盖登记表", 更新周期="偶尔"))
    answer = catalogue("entries", "upload", path, "--by", editor).answer()
    assert (answer["state"], answer["taken"], answer["problem"]) == ("checked", 0, "")
    assert answer["rows"] == {"new": 1, "bad": 1}
    (problem,) = answer["problems"]
    assert (problem["title"], problem["element"], problem["value"]) == ("井盖登记表", "update_cycle", "偶尔")
    assert problem["message"]
    assert problem["mend"]


def test_good_rows_are_taken_and_the_file_comes_back_with_what_is_wrong(catalogue: Catalogue, editor: str) -> None:
    path = a_file(catalogue, a_row("路灯登记表"), a_row("井盖登记表", 更新周期="偶尔"))
    back = catalogue.folder / "back.csv"
    words = ("--take", "good", "--submit", "--statement", STATEMENT, "--returned", back)
    answer = catalogue("entries", "upload", path, "--by", editor, *words).answer()
    assert (answer["state"], answer["taken"], answer["left"]) == ("taken", 1, 0)
    rows = list(csv.reader(back.read_text("utf-8-sig").splitlines()))
    assert len(rows) == 3
    assert "偶尔" in rows[2][-1]
    assert not rows[1][-1]
    again = catalogue("entries", "upload", path, "--by", editor, "--take", "all").refusal()
    assert again["code"] in {"upload_has_errors", "upload_takes_nothing"}


def test_all_rows_are_taken_or_none(catalogue: Catalogue, editor: str) -> None:
    path = a_file(catalogue, a_row("路灯登记表"), a_row("井盖登记表", 更新周期="偶尔"))
    assert (
        catalogue("entries", "upload", path, "--by", editor, "--take", "all").refusal()["code"] == "upload_has_errors"
    )
    mended = a_file(catalogue, a_row("路灯登记表"), a_row("井盖登记表"))
    answer = catalogue("entries", "upload", mended, "--by", editor, "--take", "all").answer()
    assert (answer["state"], answer["taken"]) == ("taken", 2)


def test_people_read_lines_about_their_table(catalogue: Catalogue, editor: str) -> None:
    path = a_file(catalogue, a_row("路灯登记表"), a_row("井盖登记表", 更新周期="偶尔"))
    said = catalogue.told("entries", "upload", path, "--by", editor)
    assert said.code == 0
    lines = said.out.splitlines()
    assert "state: checked" in lines
    assert lines[-2].split("\t")[:3] == ["place", "title", "element"]
    assert lines[-1].split("\t")[1:3] == ["井盖登记表", "update_cycle"]


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"", "upload_empty"), (b"PK\x03\x04 no workbook", None), ("甲,乙\n1,2\n".encode(), None)],
    ids=["empty", "broken", "headerless"],
)
def test_a_file_that_is_no_table_is_refused_in_words(
    catalogue: Catalogue, editor: str, body: bytes, code: str | None
) -> None:
    path = catalogue.folder / "table.csv"
    path.write_bytes(body)
    refusal = catalogue("entries", "upload", path, "--by", editor).refusal()
    assert code is None or refusal["code"] == code


def test_who_has_no_organ_or_no_account_uploads_nothing(catalogue: Catalogue) -> None:
    path = a_file(catalogue, a_row("路灯登记表"))
    catalogue("accounts", "create", "zhao", "--role", "auditor").answer()
    assert catalogue("entries", "upload", path, "--by", "zhao").refusal()["code"] == "not_allowed"
    assert catalogue("entries", "upload", path, "--by", "nobody").refusal()["code"] == "account_not_found"
    assert catalogue("entries", "upload", "none.csv", "--by", "zhao").refusal(2)["code"] == "usage"
    assert catalogue("entries", "upload", path).refusal(2)["code"] == "usage"


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_what_is_written_can_be_uploaded_again_and_changes_nothing(
    catalogue: Catalogue, editor: str, ending: str
) -> None:
    records = [{"identifier": str(number), "title": f"{name}名录"} for number, name in enumerate(("幼儿园", "体育馆"))]
    source = catalogue.add(catalogue.write("data.json", json.dumps({"dataset": records})), "tier=portal", organ="edu")
    catalogue("harvest", source).answer()
    path = catalogue.folder / f"own.{ending}"
    assert catalogue("entries", "sheet", "edu", "--audience", "portal", "--output", path).answer() == {
        "organ": "edu",
        "file": str(path),
    }
    assert catalogue("entries", "upload", path, "--by", editor).answer()["rows"] == {"same": 2}
    told = catalogue.told("entries", "sheet", "edu", "--audience", "portal", "--output", path)
    assert told.out == f"written: {path}\n"


def test_a_sheet_of_another_form_or_of_nobody_is_refused(catalogue: Catalogue) -> None:
    words = ("entries", "sheet", "edu", "--audience", "portal")
    refusal = catalogue(*words, "--output", catalogue.folder / "own.ods").refusal(2)
    assert ".xlsx or .csv" in refusal["message"]
    assert catalogue("entries", "sheet", "edu", "--output", "own.csv").refusal(2)["code"] == "usage"
    assert not (catalogue.folder / "own.csv").exists()
    gone = ("entries", "sheet", "nobody", "--audience", "portal", "--output", "own.csv")
    assert catalogue(*gone).refusal()["code"] == "organ_not_found"
