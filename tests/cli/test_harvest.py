"""Harvesting and asking by commands: the figures, the problems in words, the answers, the index."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.cli.commands import Catalogue

RECORDS = ["added", "changed", "unchanged", "rejected", "duplicate", "held", "unapplied", "withdrawn"]
"""What becomes of a record that was gathered; each has exactly one."""
FIGURES = ["gathered", *RECORDS, "vanished", "restored", "lapsed"]


def a_list(catalogue: Catalogue, *titles: str, name: str = "data.json", more: tuple[dict[str, Any], ...] = ()) -> Path:
    """Write a data.json of public datasets, and more records as they are."""
    datasets = [
        {"identifier": f"d-{number}", "title": title, "accessLevel": "public"}
        for number, title in enumerate(titles, start=1)
    ]
    return catalogue.write(name, json.dumps({"dataset": [*datasets, *more]}))


def test_a_harvest_answers_with_one_object_a_source(catalogue: Catalogue) -> None:
    good = catalogue.add(a_list(catalogue, "幼儿园名录", "公园名录"))
    bad = catalogue.add(catalogue.write("broken.json", '{"dataset": [{"identifier": "x", '))
    said = catalogue("harvest", good, bad)
    first, second = said.answer()
    assert [first["source"], second["source"]] == [good, bad]
    assert (first["state"], second["state"]) == ("complete", "aborted")
    for report in (first, second):
        assert str(UUID(report["run"])) == report["run"]
        assert {"source", "run", "state", "undoes", "problems", *FIGURES} == set(report)
        assert report["undoes"] is None
        assert report["gathered"] == sum(report[name] for name in RECORDS)
    assert [first[name] for name in FIGURES] == [2, 2, *[0] * 10]
    assert [second[name] for name in FIGURES] == [0] * len(FIGURES)
    assert f"[1/2] {good} complete: gathered 2" in said.err
    assert "indexed: 2 entries" in said.err


def test_a_person_is_told_what_is_wrong_and_where_to_read_on(catalogue: Catalogue) -> None:
    inner = catalogue.add("http://10.0.0.1/data.json")
    poor = catalogue.add(a_list(catalogue, "幼儿园名录", more=({"identifier": "e-1"},)))
    aborted, why, mend, complete, more = catalogue.told("harvest", inner, poor).out.splitlines()
    assert aborted.startswith(f"{inner} aborted: gathered 0")
    assert "inner network" in why
    assert "check the address" in mend
    assert complete.startswith(f"{poor} complete: gathered 2")
    assert catalogue.told(*more.split()[-3:], "--format", "csv").code == 0


def test_every_problem_is_told_with_its_mend(catalogue: Catalogue) -> None:
    rejected = ({"identifier": "e-1"}, {"title": "无编号"}, {"identifier": "d-1", "title": "重复"})
    source = catalogue.add(a_list(catalogue, "幼儿园名录", more=rejected))
    [report] = catalogue("harvest", source).answer()
    assert (report["gathered"], report["added"], report["rejected"], report["duplicate"]) == (4, 1, 2, 1)
    told = {(problem["record"], problem["element"], problem["code"]) for problem in report["problems"]}
    assert {("e-1", "title", "missing_title"), ("d-1", "update_cycle", "missing")} <= told
    assert {code for _, _, code in told} >= {"missing_identifier", "duplicate_identifier"}
    for problem in report["problems"]:
        assert {"record", "element", "code", "value", "message", "mend", "message_zh", "mend_zh"} == set(problem)
        assert problem["message"], problem
        assert problem["mend"], problem


def test_a_report_answers_with_the_object_of_its_run(catalogue: Catalogue) -> None:
    source = catalogue.add(a_list(catalogue, "幼儿园名录", more=({"identifier": "e-1"},)))
    [harvested] = catalogue("harvest", source).answer()
    report = catalogue("harvest", "report", harvested["run"]).answer()
    assert {problem.pop("place") for problem in report["problems"]}
    assert report | {"problems": []} == harvested | {"problems": []}
    assert "missing_title" in {problem["code"] for problem in report["problems"]}
    assert catalogue("harvest", "report", harvested["run"], "--format", "csv").refusal(2)["code"] == "usage"
    assert catalogue("harvest", "report", harvested["run"], "--out", "a.json").refusal(2)["code"] == "usage"


def test_a_second_harvest_changes_nothing(catalogue: Catalogue) -> None:
    catalogue.add(a_list(catalogue, "幼儿园名录", "公园名录"))
    catalogue("harvest", "--all").answer()
    [report] = catalogue("harvest", "--all").answer()
    assert [report[name] for name in FIGURES] == [2, 0, 0, 2, *[0] * 8]


def test_a_source_named_twice_is_harvested_once(catalogue: Catalogue) -> None:
    source = catalogue.add(a_list(catalogue, "幼儿园名录"))
    assert len(catalogue("harvest", source, source).answer()) == 1


def test_an_empty_answer_is_held_until_a_named_person_lets_it_pass(catalogue: Catalogue) -> None:
    source = catalogue.add(a_list(catalogue, *(f"第{number}号名录册" for number in range(20))))
    catalogue("harvest", source).answer()
    a_list(catalogue)
    [held] = catalogue("harvest", source).answer()
    assert (held["state"], held["vanished"], held["problems"][0]["code"]) == ("held", 0, "too_few_records")
    [released] = catalogue("harvest", source, "--release", "王科长").answer()
    assert (released["state"], released["vanished"]) == ("complete", 20)
    assert catalogue("search", "名录册", "--limit", "1").answer()["total"] == 20, (
        "what vanished is flagged, not deleted"
    )


@pytest.mark.parametrize("name", ["", "  "])
def test_nobody_is_no_named_person(catalogue: Catalogue, name: str) -> None:
    source = catalogue.add(a_list(catalogue, "幼儿园名录"))
    assert "--release" in catalogue("harvest", source, "--release", name).refusal(2)["message"]


def test_a_search_answers_with_code_title_and_organ(catalogue: Catalogue) -> None:
    catalogue.add(a_list(catalogue, "幼儿园名录", "公园名录", "停车场名录"))
    catalogue("harvest", "--all").answer()
    answer = catalogue("search", "幼儿园").answer()
    [item] = answer["items"]
    assert answer["total"] == 1
    assert (set(item), item["title"], item["organ"]) == ({"code", "title", "organ"}, "幼儿园名录", "data")
    everything = catalogue("search", "名录", "--limit", "2").answer()
    assert (everything["total"], len(everything["items"])) == (3, 2)
    assert "幼儿园名录" in catalogue.told("search", "youeryuan").out


def test_an_audience_sees_up_to_its_tier(catalogue: Catalogue) -> None:
    inner = ({"identifier": "i-1", "title": "内部幼儿园台账", "accessLevel": "non-public"},)
    catalogue.add(a_list(catalogue, "幼儿园名录", more=inner))
    catalogue("harvest", "--all").answer()
    titles = {
        audience: {item["title"] for item in catalogue("search", "幼儿园", "--audience", audience).answer()["items"]}
        for audience in ("portal", "extranet")
    }
    assert titles == {"portal": {"幼儿园名录"}, "extranet": {"幼儿园名录", "内部幼儿园台账"}}
    assert catalogue("search", "幼儿园").answer()["total"] == 1, "the portal's unless another is named"


def test_the_index_is_looked_after(catalogue: Catalogue) -> None:
    catalogue.add(a_list(catalogue, "幼儿园名录", "公园名录"))
    catalogue("harvest", "--all").answer()
    assert catalogue("index", "status").answer() == {"documents": 2, "waiting": 0, "needs_rebuild": False}
    assert catalogue("index", "rebuild").answer() == {"indexed": 2}
    verified = catalogue("index", "verify").answer()
    assert (verified["equal"], verified["compared"]) == (True, 2)


@pytest.mark.embedded
def test_a_lost_index_is_noticed_and_built_again(catalogue: Catalogue) -> None:
    catalogue.add(a_list(catalogue, "幼儿园名录", "公园名录"))
    catalogue("harvest", "--all").answer()
    for path in sorted((catalogue.folder / "var" / "index").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    verified = catalogue("index", "verify")
    assert (verified.code, verified.json["compared"], verified.json["missing"]) == (1, 2, 2)
    catalogue("index", "rebuild").answer()
    assert catalogue("index", "verify").code == 0


def test_findings_of_another_day_leave_the_register_as_it_is(catalogue: Catalogue) -> None:
    monthly = {"identifier": "m-1", "title": "每月公报", "accrualPeriodicity": "R/P1M", "modified": "2026-03-02"}
    catalogue.add(a_list(catalogue, more=({**monthly, "accessLevel": "public"},)))
    catalogue("harvest", "--all").answer()
    assert catalogue("findings", "list").answer() == []
    then = catalogue("findings", "list", "--as-of", "2026-03-10").answer()
    later = catalogue("findings", "list", "--as-of", "2026-12-01").answer()
    assert [row["kind"] for row in then].count("stale") == 0
    [stale] = [row for row in later if row["kind"] == "stale"]
    assert set(stale) == {"kind", "subject", "organ", "entry", "rule", "due_on", "evidence"}
    assert (stale["organ"], stale["entry"] is not None) == ("data", True)
    assert catalogue("findings", "list").answer() == []


def test_an_evaluation_opens_each_finding_once(catalogue: Catalogue) -> None:
    catalogue.add(a_list(catalogue, "幼儿园名录"))
    catalogue("harvest", "--all").answer()
    first = catalogue("findings", "evaluate").answer()
    second = catalogue("findings", "evaluate").answer()
    assert (first["opened"], first["closed"]) == (first["open"], 0)
    assert (second["opened"], second["updated"], second["open"]) == (0, 0, first["open"])
    assert sum(first["by_kind"].values()) == first["open"] == len(catalogue("findings", "list").answer())
    assert first["by_kind"]["organ_without_catalogue"] == 88


def test_a_preview_is_told_and_nothing_is_kept(catalogue: Catalogue) -> None:
    path = a_list(catalogue, "幼儿园名录")
    tried = catalogue("sources", "preview", "--organ", "data", "--kind", "data_json", "--address", path).answer()
    assert [(change["change"], change["title"], change["code"]) for change in tried["changes"]] == [
        ("added", "幼儿园名录", None)
    ]
    source = catalogue.add(path)
    catalogue("harvest", source).answer()
    a_list(catalogue, "幼儿园名录", "公园名录")
    preview = catalogue("harvest", source, "--preview").answer()
    assert (preview["state"], preview["added"], preview["unchanged"]) == ("complete", 1, 1)
    assert [change["title"] for change in preview["changes"]] == ["公园名录"]
    assert "公园名录" in catalogue.told("harvest", source, "--preview").out
    assert catalogue("search", "名录").answer()["total"] == 1
    assert catalogue("harvest", "--preview").code == 2


def test_an_entry_is_curated_withdrawn_and_restored_by_name(catalogue: Catalogue) -> None:
    catalogue.add(a_list(catalogue, "幼儿园名录"))
    catalogue("harvest", "--all").answer()
    [item] = catalogue("search", "幼儿园").answer()["items"]
    by = ("--by", "王芳", "--reason", "名称有误")
    curated = catalogue("entries", "curate", item["code"], "title=托儿所名录", 'keywords=["婴幼儿"]', *by).answer()
    assert (curated["code"], curated["revision"]) == (item["code"], 2)
    assert catalogue("search", "托儿所").answer()["total"] == 1
    assert catalogue("entries", "curate", item["code"], "titel=x", *by).refusal()["code"] == "unknown_element"
    catalogue("entries", "uncurate", item["code"], "title", *by).answer()
    catalogue("entries", "withdraw", item["code"], *by).answer()
    assert catalogue("search", "幼儿园").answer()["total"] == 0
    catalogue("entries", "restore", item["code"], *by).answer()
    assert catalogue("search", "幼儿园").answer()["total"] == 1


def test_a_held_run_is_shown_accepted_and_undone_by_name(catalogue: Catalogue) -> None:
    source = catalogue.add(a_list(catalogue, *(f"第{number}号名录册" for number in range(20))))
    catalogue("harvest", source).answer()
    a_list(catalogue, "第0号名录册")
    [report] = catalogue("harvest", source).answer()
    [held] = catalogue("harvest", "held").answer()
    assert (held["run"], held["absences"], held["additions"]) == (report["run"], 19, 0)
    shown = catalogue("harvest", "held", held["run"]).answer()
    assert {change["change"] for change in shown["changes"]} == {"vanished"}
    accepted = catalogue("harvest", "accept", held["run"], "--by", "王芳").answer()
    assert (accepted["state"], accepted["vanished"]) == ("complete", 19)
    refused = catalogue("harvest", "reject", held["run"], "--by", "王芳").refusal()
    assert refused["code"] == "run_does_not_wait"
    undone = catalogue("harvest", "undo", held["run"], "--by", "王芳").answer()
    assert (undone["state"], undone["undoes"]) == ("complete", held["run"])
