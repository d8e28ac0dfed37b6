"""Releases of an organ's catalogue from the command line: prepared, signed by another, listed, compared, written."""

import csv
import json
from pathlib import Path

import pytest

from tests.cli.commands import Catalogue

EDITOR, APPROVER = "wang.li", "zhao.min"


@pytest.fixture
def source(catalogue: Catalogue) -> str:
    """Return the source of an organ that has published two entries, and has an editor and an approver."""
    for name, role in ((EDITOR, "organ_editor"), (APPROVER, "organ_approver")):
        words = ("--role", role, "--organ", "edu", "--clearance", "portal")
        catalogue("accounts", "create", name, *words).answer()
    source = catalogue.add(publish(catalogue, "幼儿园名录", "体育馆名录"), "tier=portal", organ="edu")
    catalogue("harvest", source).answer()
    return source


def publish(catalogue: Catalogue, *titles: str) -> Path:
    records = [{"identifier": str(number), "title": title} for number, title in enumerate(titles)]
    return catalogue.write("data.json", json.dumps({"dataset": records}))


def signed(catalogue: Catalogue, note: str = "") -> str:
    prepared = catalogue("releases", "prepare", "--by", EDITOR, "--note", note).answer()
    return str(catalogue("releases", "sign", prepared["id"], "--by", APPROVER).answer()["name"])


def test_a_release_is_prepared_by_one_and_signed_by_another(catalogue: Catalogue, source: str) -> None:
    assert source
    prepared = catalogue("releases", "prepare", "--by", EDITOR, "--note", "年度").answer()
    assert (prepared["state"], prepared["number"], prepared["name"], prepared["note"]) == ("prepared", 0, "", "年度")
    assert catalogue("releases", "list", "edu", "--audience", "portal").answer() == []
    assert catalogue("releases", "sign", prepared["id"], "--by", EDITOR).refusal()["code"] == "not_allowed"
    release = catalogue("releases", "sign", prepared["id"], "--by", APPROVER).answer()
    assert (release["state"], release["number"], release["name"]) == ("signed", 1, "portal-1")
    assert release["prepared_by"] != release["signed_by"]
    assert release["signed_at"]
    assert catalogue("releases", "list", "edu", "--audience", "portal").answer() == [release]
    assert catalogue("releases", "sign", prepared["id"], "--by", APPROVER).refusal()["code"] == "release_moved_on"


def test_two_releases_are_compared_by_codes(catalogue: Catalogue, source: str) -> None:
    first = signed(catalogue)
    publish(catalogue, "幼儿园名录（新）", "体育馆名录", "图书馆名录")
    catalogue("harvest", source).answer()
    second = signed(catalogue)
    told = ("releases", "compare", "edu", first, second, "--audience", "portal")
    answer = catalogue(*told).answer()
    assert {name: len(codes) for name, codes in answer.items()} == {"added": 1, "changed": 1, "withdrawn": 0}
    lines = catalogue.told(*told).out.splitlines()
    assert lines == [f"{name}: {' '.join(answer[name])}" for name in ("added", "changed", "withdrawn")]


def test_a_release_is_written_as_it_was_signed(catalogue: Catalogue, source: str) -> None:
    name = signed(catalogue)
    publish(catalogue, "幼儿园名录（新）", "体育馆名录")
    catalogue("harvest", source).answer()
    for ending in ("csv", "json", "xlsx"):
        path = catalogue.folder / f"release.{ending}"
        words = ("releases", "write", "edu", name, "--audience", "portal", "--output", path)
        assert catalogue(*words).answer() == {"release": name, "file": str(path)}
        assert catalogue.told(*words).out == f"written: {path}\n"
    text = (catalogue.folder / "release.csv").read_text("utf-8-sig")
    assert len(list(csv.reader(text.splitlines()))) == 3
    assert "（新）" not in text
    assert "（新）" not in (catalogue.folder / "release.json").read_text("utf-8")


def test_people_read_lines_about_releases(catalogue: Catalogue, source: str) -> None:
    assert source
    said = catalogue.told("releases", "prepare", "--by", EDITOR)
    assert "state: prepared" in said.out.splitlines()
    release = dict(line.split(": ", 1) for line in said.out.splitlines())["id"]
    assert "name: portal-1" in catalogue.told("releases", "sign", release, "--by", APPROVER).out.splitlines()
    head, row = catalogue.told("releases", "list", "edu", "--audience", "portal").out.splitlines()
    assert dict(zip(head.split("\t"), row.split("\t"), strict=True))["name"] == "portal-1"


def test_what_cannot_be_done_with_a_release_is_refused_in_words(catalogue: Catalogue, source: str) -> None:
    assert source
    catalogue("accounts", "create", "auditor.one", "--role", "auditor").answer()
    catalogue("accounts", "create", "empty.one", "--role", "organ_editor", "--organ", "civil").answer()
    assert catalogue("releases", "prepare", "--by", "auditor.one").refusal()["code"] == "not_allowed"
    assert catalogue("releases", "prepare", "--by", "nobody").refusal()["code"] == "account_not_found"
    assert catalogue("releases", "prepare", "--by", "empty.one").refusal()["code"] == "release_empty"
    catalogue("releases", "prepare", "--by", EDITOR).answer()
    assert catalogue("releases", "prepare", "--by", EDITOR).refusal()["code"] == "release_pending"
    assert catalogue("releases", "sign", "no-id", "--by", APPROVER).refusal(2)["code"] == "usage"
    unknown = "01a21456-0000-7000-8000-000000000000"
    assert catalogue("releases", "sign", unknown, "--by", APPROVER).refusal()["code"] == "release_not_found"
    assert catalogue("releases", "list", "nobody", "--audience", "portal").refusal()["code"] == "organ_not_found"
    assert catalogue("releases", "list", "edu").refusal(2)["code"] == "usage"
    output = ("--audience", "portal", "--output", catalogue.folder / "release.csv")
    assert catalogue("releases", "write", "edu", "portal-7", *output).refusal()["code"] == "release_not_found"
    assert catalogue("releases", "compare", "edu", "x", "y", *output[:2]).refusal()["code"] == "release_not_found"
    assert not (catalogue.folder / "release.csv").exists()


def test_a_release_has_no_other_form(catalogue: Catalogue, source: str) -> None:
    assert source
    name = signed(catalogue)
    words = ("releases", "write", "edu", name, "--audience", "portal", "--output", catalogue.folder / "release.ods")
    refusal = catalogue(*words).refusal()
    assert refusal["code"] == "unknown_form"
    assert "xlsx" in refusal["message"] + refusal["mend"]
