"""Setting up, the register of organs and of sources: what scripts say to it, and what it answers."""

import json
from pathlib import Path
from uuid import UUID

import pytest

from tests.cli.commands import Catalogue

ORGANS = "organ_id,zh,kind\n"


def test_init_is_safe_to_repeat(catalogue: Catalogue) -> None:
    first, second = catalogue("init"), catalogue("init")
    assert first.answer() == second.answer() == {"organs": 89}
    assert str(catalogue.folder / "var") in first.err


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (("sources", "list"), []),
        (("harvest", "--all"), []),
        (("search", "幼儿园"), {"total": 0, "items": []}),
        (("index", "status"), {"documents": 0, "waiting": 0, "needs_rebuild": False}),
        (("findings", "list"), []),
    ],
)
def test_a_command_brings_an_empty_data_directory_up_by_itself(
    catalogue: Catalogue, arguments: tuple[str, ...], answer: object
) -> None:
    assert catalogue(*arguments).answer() == answer
    assert len(catalogue("organs", "list").answer()) == 89


def test_without_json_people_read_lines(catalogue: Catalogue) -> None:
    said = catalogue.told("organs", "list")
    assert said.code == 0
    assert said.out.splitlines()[0] == "id\tkind\tname\tshort_name"
    assert len(said.out.splitlines()) == 90


def test_organs_are_imported_with_three_columns(catalogue: Catalogue) -> None:
    path = catalogue.write("organs.csv", ORGANS + "parks,城市公园管理局,department\nedu,天津市教育局,department\n")
    assert catalogue("organs", "import", path).answer() == {"added": 1, "changed": 1, "unchanged": 0}
    assert catalogue("organs", "import", path).answer() == {"added": 0, "changed": 0, "unchanged": 2}
    organs = {organ["id"]: organ for organ in catalogue("organs", "list").answer()}
    assert organs["parks"] == {"id": "parks", "kind": "department", "name": "城市公园管理局", "short_name": ""}
    assert organs["edu"]["name"] == "天津市教育局"
    assert organs["edu"]["short_name"] == "市教委", "a column the file lacks leaves what is registered"
    assert catalogue("init").answer() == {"organs": 90}


def test_an_import_can_be_tried_and_an_export_imported(catalogue: Catalogue) -> None:
    path = catalogue.write("organs.csv", ORGANS + "parks,城市公园管理局,department\nedu,天津市教育局,department\n")
    assert catalogue("organs", "import", path, "--dry-run").answer() == {"added": 1, "changed": 1, "unchanged": 0}
    assert len(catalogue("organs", "list").answer()) == 89
    exported = catalogue.folder / "exported.csv"
    assert catalogue.told("organs", "export", "--output", str(exported)).code == 0
    assert catalogue("organs", "import", str(exported)).answer() == {"added": 0, "changed": 0, "unchanged": 89}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            ORGANS + "a1,甲局,department\na2,乙局,ministry\n",
            ("row 3", "column kind", "ministry", "district_government"),
        ),
        (ORGANS + "a1,,department\n", ("row 2", "column zh", "must not be empty")),
        (ORGANS + ",甲局,department\n", ("row 2", "column organ_id", "must not be empty")),
        (ORGANS + "a 1,甲局,department\n", ("row 2", "column organ_id", "letters, digits")),
        (ORGANS + "a1,甲局,department\na1,乙局,department\n", ("row 3", "column organ_id", "stands already in row 2")),
        (ORGANS + "a1,甲局\n", ("row 2", "2 cells where 3 are wanted")),
        ("organ_id,zh\na1,甲局\n", ("row 1", "missing", "kind")),
        ("organ_id,zh,kind,colour\na1,甲局,department,red\n", ("unknown columns", "colour", "aliases_zh")),
        (ORGANS[:-1] + ",uscc\na1,甲局,department,11120000XX0000019X\n", ("row 2", "column uscc", "check character")),
        (ORGANS[:-1] + ",district_code\na1,甲局,department,999999\n", ("row 2", "column district_code", "999999")),
        ("", ("missing", "organ_id")),
        (ORGANS + f"a1,{'甲' * 140_000},department\n", ("row 2", "field larger")),
        (ORGANS + 'a1,"甲局,department\n', ("row 2", "2 cells where 3 are wanted")),
    ],
)
def test_a_broken_row_is_named_and_nothing_is_imported(catalogue: Catalogue, text: str, words: tuple[str, ...]) -> None:
    refusal = catalogue("organs", "import", catalogue.write("organs.csv", text)).refusal()
    said = refusal["message"] + refusal["mend"]
    assert "organs.csv" in refusal["message"]
    assert [word for word in words if word not in said] == []
    assert len(catalogue("organs", "list").answer()) == 89


def test_a_file_that_cannot_be_read_is_named(catalogue: Catalogue) -> None:
    path = catalogue.folder / "organs.csv"
    path.write_bytes((ORGANS + "a1,城市公园管理局,department\n").encode("gb18030"))
    assert "UTF-8" in catalogue("organs", "import", path).refusal()["mend"]
    assert "none.csv" in catalogue("organs", "import", "none.csv").refusal(2)["message"]


def test_a_source_is_added_and_listed(catalogue: Catalogue) -> None:
    path = catalogue.write("data.json", '{"dataset": []}')
    answer = catalogue("sources", "add", "--organ", "edu", "--kind", "data_json", "--address", "data.json").answer()
    assert list(answer) == ["id"]
    [row] = catalogue("sources", "list").answer()
    assert str(UUID(answer["id"])) == answer["id"]
    assert (row["id"], row["organ"], row["kind"], row["address"]) == (answer["id"], "edu", "data_json", str(path))
    assert (row["enabled"], row["options"]) == (True, {})


def test_the_id_of_a_source_is_all_that_is_printed(catalogue: Catalogue) -> None:
    path = catalogue.write("data.json", '{"dataset": []}')
    said = catalogue.told("sources", "add", "--organ", "edu", "--kind", "data_json", "--address", path)
    assert str(UUID(said.out.strip())) + "\n" == said.out


def test_options_of_a_source_are_kept(catalogue: Catalogue) -> None:
    path = catalogue.write("list.csv", "甲,乙\n")
    given = ("columns=title,abstract,,link", "code.sharing_type.1=unconditional", "tier=portal")
    catalogue.add(path, *given, kind="sheet")
    [row] = catalogue("sources", "list").answer()
    assert [f"{name}={value}" for name, value in sorted(row["options"].items())] == sorted(given)


@pytest.mark.parametrize(
    ("changed", "code", "words"),
    [
        ({"--organ": "nobody"}, 1, ("nobody", "edu", "organs import")),
        ({"--kind": "ftp"}, 2, ("ftp", "sheet", "ckan", "data_json")),
        ({"--address": "ftp://example.org/x"}, 1, ("ftp://example.org/x", "http")),
        ({"--address": "http://u:secret@example.org/"}, 1, ("user name", "example.org")),
        ({"--address": "none.json"}, 1, ("none.json",)),
        ({"--address": " "}, 1, ("no file",)),
        ({"--address": "http://[::1"}, 1, ("http://[::1",)),
        ({"--address": "data.json\0"}, 1, ("data.json",)),
        ({"--option": "colour=red"}, 1, ("colour", "min_records", "tier")),
        ({"--option": "tier=secret"}, 1, ("tier", "secret", "portal|extranet")),
        ({"--option": "tier=intranet"}, 1, ("intranet", "extranet")),
        ({"--option": "max_vanish=2"}, 1, ("max_vanish", "2")),
        ({"--option": "code.update_cycle.1=sometimes"}, 1, ("sometimes", "monthly")),
        ({"--option": "tier"}, 2, ("tier", "NAME=VALUE")),
        ({"--colour": "red"}, 2, ("--colour",)),
    ],
    ids=str,
)
def test_a_source_with_a_wrong_word_is_refused_with_what_is_allowed(
    catalogue: Catalogue, changed: dict[str, str], code: int, words: tuple[str, ...]
) -> None:
    catalogue.write("data.json", '{"dataset": []}')
    given = {"--organ": "edu", "--kind": "data_json", "--address": "data.json", **changed}
    refusal = catalogue("sources", "add", *(word for pair in given.items() for word in pair)).refusal(code)
    said = refusal["message"] + refusal["mend"]
    assert [word for word in words if word not in said] == []
    assert "secret@" not in said
    assert catalogue("sources", "list").answer() == []


def test_an_option_given_twice_is_refused(catalogue: Catalogue) -> None:
    path = catalogue.write("data.json", json.dumps({"dataset": []}))
    words = ("--organ", "edu", "--kind", "data_json", "--address", path, "--option", "tier=portal")
    assert "twice" in catalogue("sources", "add", *words, "--option", "tier=extranet").refusal(2)["message"]


@pytest.mark.embedded
def test_a_relative_data_directory_is_that_of_the_folder(catalogue: Catalogue) -> None:
    catalogue("init", data_dir="here").answer()
    assert Path(catalogue.folder / "here" / "catalogue.sqlite3").exists()


def test_a_source_has_a_schedule_is_paused_resumed_and_shown(catalogue: Catalogue) -> None:
    path = catalogue.write("list.json", '{"dataset": [{"identifier": "a", "title": "幼儿园名录"}]}')
    words = ("--organ", "data", "--kind", "data_json", "--address", str(path))
    source = catalogue("sources", "add", *words, "--schedule", "30 2 * * *").answer()["id"]
    shown = catalogue("sources", "show", source).answer()
    assert (shown["state"], shown["schedule"], shown["runs"]) == ("new", "30 2 * * *", [])
    assert shown["due_at"][11:15] == "02:3", "within ten minutes of the time planned, in the city's zone"
    catalogue("harvest", source).answer()
    shown = catalogue("sources", "show", source).answer()
    assert (shown["state"], shown["failures"], shown["trend"]["complete"]) == ("good", 0, 1)
    assert (shown["runs"][0]["state"], shown["runs"][0]["added"]) == ("complete", 1)
    assert catalogue("sources", "pause", source).answer()["enabled"] is False
    assert catalogue("sources", "show", source).answer()["state"] == "paused"
    assert catalogue("sources", "resume", source).answer()["enabled"] is True
    options = catalogue("sources", "set", source, "every_hours=6", "--schedule", "").answer()["options"]
    assert options == {"every_hours": "6"}
    assert "state\tgood" in catalogue.told("sources", "show", source).out


def test_a_broken_schedule_is_refused_by_its_field(catalogue: Catalogue) -> None:
    source = catalogue.add(catalogue.write("list.json", '{"dataset": []}'))
    refusal = catalogue("sources", "set", source, "schedule=0 25 * * *").refusal()
    assert refusal["code"] == "schedule_field"
    assert "hour" in refusal["message"]
    assert catalogue("sources", "set", source).refusal(2)["code"] == "usage"
