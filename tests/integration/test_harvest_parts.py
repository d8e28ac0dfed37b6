"""A folder or archive of files: a bad one harms only itself, and never makes an entry of another vanish."""

import zipfile
from pathlib import Path

import orjson
import pytest

from catalogue_app.container import Container
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.source import SourceKind
from tests.living import add_source, codes, harvest, open_catalogue, tally
from tests.malformed import entries_of

HEADERS = "信息资源名称,信息资源提供方\n"


@pytest.fixture
def catalogue(tmp_path: Path) -> Container:
    return open_catalogue(tmp_path / "var")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "offered"
    found.mkdir()
    (found / "一.csv").write_text(HEADERS + "幼儿园名录,教委\n", "utf-8")
    (found / "二.csv").write_text(HEADERS + "公园名录,城管委\n", "utf-8")
    return found


def test_a_foreign_file_is_named_and_passed_over(catalogue: Container, folder: Path) -> None:
    (folder / "readme.txt").write_text("本文件夹为报送目录，请勿删除。", "utf-8")
    (folder / "thumbs.db").write_bytes(bytes(range(256)))
    source = add_source(catalogue, SourceKind.SHEET, folder)
    report = harvest(catalogue, source.id)
    assert (report.state, tally(report)) == (RunState.COMPLETE, (4, 2, 0, 0, 2, 0, 0))
    foreign = [(it.record, it.code) for it in report.problems if it.code == "foreign_file"]
    assert foreign == [("readme.txt", "foreign_file"), ("thumbs.db", "foreign_file")]
    assert tally(harvest(catalogue, source.id)) == (4, 0, 0, 2, 2, 0, 0)


def test_a_bad_file_leaves_its_entries_and_reads_the_others(catalogue: Container, folder: Path) -> None:
    source = add_source(catalogue, SourceKind.SHEET, folder)
    harvest(catalogue, source.id)
    (folder / "一.csv").write_bytes(b"\x00\x01\x02")
    (folder / "二.csv").write_text(HEADERS + "公园名录,水务局\n湿地名录,水务局\n", "utf-8")
    report = harvest(catalogue, source.id)
    assert (report.state, report.run.vanished) == (RunState.ABORTED, 0)
    assert report.run.problem is not None
    assert (report.run.problem.code, "一.csv" in report.run.problem.value) == ("parts_unread", True)
    titles = {entry.metadata.title.original for entry in entries_of(catalogue, source.id).values()}
    assert titles == {"幼儿园名录", "公园名录", "湿地名录"}
    assert all(entry.missing_since is None for entry in entries_of(catalogue, source.id).values())


def test_half_a_file_never_counts(catalogue: Container, tmp_path: Path) -> None:
    offered = tmp_path / "json"
    offered.mkdir()
    whole = orjson.dumps({"dataset": [{"identifier": str(number), "title": f"名录{number}"} for number in range(9)]})
    (offered / "a.json").write_bytes(whole)
    (offered / "b.json").write_bytes(whole.replace(b'"identifier":"', b'"identifier":"b')[:-40])
    source = add_source(catalogue, SourceKind.DATA_JSON, offered)
    report = harvest(catalogue, source.id)
    assert (report.state, tally(report)) == (RunState.ABORTED, (10, 9, 0, 0, 1, 0, 0))
    assert codes(report)[0] == "parts_unread"
    assert [it.code for it in report.problems if it.record == "b.json"] == ["invalid_json"]


def test_where_no_file_is_good_the_source_is_bad(catalogue: Container, tmp_path: Path) -> None:
    offered = tmp_path / "only"
    offered.mkdir()
    (offered / "readme.txt").write_text("nothing", "utf-8")
    source = add_source(catalogue, SourceKind.DATA_JSON, offered)
    report = harvest(catalogue, source.id)
    assert (report.state, codes(report)) == (RunState.ABORTED, ["missing_list"])


def test_headerless_tables_do_not_make_entries_of_a_readme(catalogue: Container, tmp_path: Path) -> None:
    offered = tmp_path / "bare"
    offered.mkdir()
    (offered / "a.csv").write_text("幼儿园名录,全市\n公园名录,全市\n", "utf-8")
    (offered / "readme.txt").write_text("请勿删除\n谢谢\n", "utf-8")
    source = add_source(catalogue, SourceKind.SHEET, offered, columns="title,abstract")
    report = harvest(catalogue, source.id)
    assert (report.state, tally(report)) == (RunState.COMPLETE, (3, 2, 0, 0, 1, 0, 0))


def test_an_archive_is_read_like_a_folder(catalogue: Container, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "报送.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, f"2026/{file.name}")
        archive.writestr("说明.txt", "请勿删除")
        archive.writestr("../escape.txt", "x")
    source = add_source(catalogue, SourceKind.SHEET, path)
    report = harvest(catalogue, source.id)
    assert (report.state, tally(report)) == (RunState.COMPLETE, (4, 2, 0, 0, 2, 0, 0))
    assert {it.record: it.value for it in report.problems if it.code == "foreign_file"} == {
        "../escape.txt": "unsafe_member",
        "说明.txt": "no_header_found",
    }
    assert tally(harvest(catalogue, source.id)) == (4, 0, 0, 2, 2, 0, 0)
