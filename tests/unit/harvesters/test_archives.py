"""Zip archives as folders: names as their makers meant them, and everything dangerous refused member by member."""

import stat
import warnings
import zipfile
from pathlib import Path

import pytest

from catalogue_app.domain.errors import SourceError, SourceRefused
from harvesters import archives
from harvesters.archives import is_archive, member, members_of
from harvesters.local_files import listed, opened


def packed(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return path


def code_of(path: Path, name: str) -> str:
    with pytest.raises(SourceError) as caught, member(path, name) as body:
        body.read()
    return caught.value.code


def test_members_are_listed_by_name_and_read_as_they_are(tmp_path: Path) -> None:
    path = packed(
        tmp_path / "a.zip", {"b/二.csv": b"2", "a.csv": b"1", "__MACOSX/x": b"", "c/.DS_Store": b"", "d/": b""}
    )
    assert members_of(path) == ("a.csv", "b/二.csv")
    assert listed(str(path)) == (f"{path}!/a.csv", f"{path}!/b/二.csv")
    with opened(f"{path}!/b/二.csv") as body:
        assert body.read() == b"2"


def test_a_name_in_gbk_is_read_as_its_maker_meant_it(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"0123456789": b"x"})
    raw = path.read_bytes().replace(b"0123456789", "信息资源.c".encode("gbk"))
    path.write_bytes(raw)
    assert members_of(path) == ("信息资源.c",)
    with member(path, "信息资源.c") as body:
        assert body.read() == b"x"


def test_members_of_one_name_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive, warnings.catch_warnings(action="ignore"):
        for text in ("1", "2"):
            archive.writestr("a.csv", text)
        archive.writestr("目录  1", "3")
        archive.writestr("目录 1", "4")
    names = members_of(path)
    assert set(names) == {"a.csv", "a (2).csv", "目录 1", "目录 1 (2)"}
    read = set[bytes]()
    for name in names:
        with member(path, name) as body:
            read.add(body.read())
    assert read == {b"1", b"2", b"3", b"4"}


def test_a_folder_may_end_in_the_sign_of_an_archive(tmp_path: Path) -> None:
    (tmp_path / "新!").mkdir()
    path = packed(tmp_path / "新!" / "b.zip", {"a.csv": b"x"})
    with opened(f"{path}!/a.csv") as body:
        assert body.read() == b"x"


def test_a_workbook_is_no_archive(tmp_path: Path) -> None:
    assert not is_archive(packed(tmp_path / "a.xlsx", {"[Content_Types].xml": b"", "xl/workbook.xml": b""}))
    assert is_archive(packed(tmp_path / "any.name", {"a.csv": b""}))
    assert not is_archive(tmp_path / "absent.csv")


@pytest.mark.parametrize("name", ["../up.csv", "a/../../up.csv", "/etc/up.csv", "C:/up.csv", "..\\up.csv"])
def test_a_name_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    path = packed(tmp_path / "a.zip", {name: b"x", "good.csv": b"x"})
    assert code_of(path, name) == "unsafe_member"
    with member(path, "good.csv") as body:
        assert body.read() == b"x"


def test_an_archive_inside_is_refused_and_a_workbook_inside_is_read(tmp_path: Path) -> None:
    inner = packed(tmp_path / "inner.zip", {"a.csv": b"x"}).read_bytes()
    book = packed(tmp_path / "book.xlsx", {"[Content_Types].xml": b"x"}).read_bytes()
    path = packed(tmp_path / "a.zip", {"inner.zip": inner, "renamed.csv": inner, "book.xlsx": book, "table": book})
    assert [code_of(path, name) for name in ("inner.zip", "renamed.csv")] == ["nested_archive"] * 2
    for name in ("book.xlsx", "table"):
        with member(path, name) as body:
            assert body.read() == book


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"bomb.csv": bytes(32 * 1024 * 1024), "good.csv": b"x"})
    assert code_of(path, "bomb.csv") == "too_large"
    assert members_of(path) == ("bomb.csv", "good.csv")


def test_an_encrypted_member_and_a_link_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    link = zipfile.ZipInfo("link.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("secret.csv", b"x")
        archive.writestr(link, b"/etc/passwd")
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(raw)
    assert code_of(path, "secret.csv") == "encrypted_member"
    assert code_of(path, "link.csv") == "not_a_file"


def test_a_damaged_member_is_a_fault_of_the_source(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", b"title")
    path.write_bytes(path.read_bytes().replace(b"title", b"tilte"))
    assert code_of(path, "a.csv") == "broken_archive"
    assert code_of(path, "absent.csv") == "unreadable_file"


def test_what_is_no_archive_is_said_to_be_broken(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(SourceError) as caught:
        listed(str(path))
    assert caught.value.code == "broken_archive"


def test_the_number_of_members_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = packed(tmp_path / "a.zip", {"a": b"123", "b": b"1"})
    monkeypatch.setattr(archives, "MEMBER_LIMIT", 1)
    with pytest.raises(SourceRefused, match="archive_too_large"):
        members_of(path)
    monkeypatch.setattr(archives, "MEMBER_LIMIT", 2)
    monkeypatch.setattr(archives, "TOTAL_BYTES", 3)
    with pytest.raises(SourceRefused, match="archive_too_large"):
        members_of(path)


def test_an_empty_archive_or_folder_is_said_to_be_empty(tmp_path: Path) -> None:
    packed(tmp_path / "a.zip", {})
    (tmp_path / "folder").mkdir()
    for name in ("a.zip", "folder"):
        with pytest.raises(SourceError, match="empty_folder"):
            listed(str(tmp_path / name))


def test_folders_are_walked_and_archives_in_them_looked_into(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "2.csv").write_bytes(b"2")
    (tmp_path / ".hidden").write_bytes(b"")
    (tmp_path / "loop").symlink_to(tmp_path)
    packed(tmp_path / "c.zip", {"3.csv": b"3"})
    (tmp_path / "d.zip").write_bytes(b"PK\x03\x04")
    names = [one.removeprefix(f"{tmp_path}/") for one in listed(str(tmp_path))]
    assert names == ["b/2.csv", "c.zip!/3.csv", "d.zip"]
