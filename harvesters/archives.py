"""Zip archives as folders: members are listed by name and streamed one at a time, never unpacked to their own names.

A member's address is that of the archive, `!/` and its name. What would be dangerous or pointless to read is refused
member by member, so that the others are read all the same. The sums of the directory are not believed: reading stops at
the limits whatever they say.
"""

import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from itertools import chain, count
from pathlib import Path
from typing import IO, Final

from catalogue_app.domain.errors import SourceError, SourceRefused
from catalogue_app.domain.text import clean_line
from harvesters.sheet_encoding import detect

INSIDE: Final = "!/"
"""Between the address of an archive and the name of a member."""
MEMBER_LIMIT: Final = 10_000
"""Members of one archive, folders not counted."""
TOTAL_BYTES: Final = 2 * 1024 * 1024 * 1024
"""Bytes of all members together."""
RATIO_LIMIT: Final = 200
RATIO_FLOOR: Final = 16 * 1024 * 1024
"""Unpacked to packed size, and from which size on it is looked at; the same as for compressed answers."""

_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_DOCUMENTS: Final = frozenset({"[Content_Types].xml", "mimetype"})
"""Members by which workbooks and other documents, which are zip files too, are told from archives."""
_UTF8_NAME: Final = 0x800
_ENCRYPTED: Final = 0x1
_CLIMBS: Final = re.compile(r"(^|[/\\])\.\.([/\\]|$)|^[/\\]|^[A-Za-z]:")
_BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, LookupError, ValueError,
    OverflowError,
)  # fmt: skip
"""What zipfile and zlib raise at an archive that is not whole."""


def is_archive(path: Path) -> bool:
    """Tell whether a file is a zip archive of files, and not a document that happens to be packed."""
    try:
        with path.open("rb") as file:
            if not file.read(4).startswith(_ZIP):
                return False
        with zipfile.ZipFile(path) as archive:
            return not _DOCUMENTS.intersection(archive.namelist())
    except _BROKEN:
        return path.suffix.lower() == ".zip"


def members_of(path: Path) -> tuple[str, ...]:
    """Return the names of the files in an archive, in name order.

    Raises:
        SourceRefused: too many members, or too large in all.
        SourceError: not a whole archive, or an empty one.
    """
    with _opened(path) as archive:
        members = _files(archive)
        if len(members) > MEMBER_LIMIT:
            raise SourceRefused("archive_too_large", address=str(path), members=len(members), limit=MEMBER_LIMIT)
        total = sum(member.file_size for member in members.values())
        if total > TOTAL_BYTES:
            raise SourceRefused("archive_too_large", address=str(path), size_bytes=total, limit_bytes=TOTAL_BYTES)
        if not members:
            raise SourceError("empty_folder", address=str(path))
        return tuple(sorted(members))


@contextmanager
def member(path: Path, name: str) -> Iterator[IO[bytes]]:
    """Open one member for reading.

    Raises:
        SourceRefused: its name leads out of the archive (`unsafe_member`), it is encrypted (`encrypted_member`), an
            archive itself (`nested_archive`), no ordinary file, or packed suspiciously well (`too_large`).
        SourceError: no such member, or the archive is broken.
    """
    with _opened(path) as archive:
        found = _files(archive).get(name)
        if found is None:
            raise SourceError("unreadable_file", address=str(path), reason=name)
        _check(found, name)
        if _is_nested(archive, found):
            raise SourceRefused("nested_archive", member=name)
        with archive.open(found) as body:
            yield body


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except _BROKEN as fault:
        raise SourceError("broken_archive", address=str(path), reason=f"{type(fault).__name__}: {fault}") from fault


def _files(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the members that are no folders by name; what systems add for themselves is left out.

    Members of one name are told apart by a number, so that none is lost.
    """
    named: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = _name_of(info)
        if not info.is_dir() and not _is_hidden(name):
            named[_unlike(name, named)] = info
    return named


def _unlike(name: str, named: Mapping[str, object]) -> str:
    stem, dot, ending = name.rpartition(".")
    numbered = (f"{stem} ({number}).{ending}" if dot else f"{name} ({number})" for number in count(2))
    return next(each for each in chain([name], numbered) if each not in named)


def _is_hidden(name: str) -> bool:
    parts = re.split(r"[/\\]", name)
    return parts[0] == "__MACOSX" or (parts[-1].startswith(".") and parts[-1].strip(".") != "")


def _name_of(info: zipfile.ZipInfo) -> str:
    """Return the name as its maker meant it: Chinese programs write GBK without saying so, where zip means CP437."""
    if info.flag_bits & _UTF8_NAME or info.filename.isascii():
        return clean_line(info.filename)
    raw = info.filename.encode("cp437", "replace")
    try:
        return clean_line(raw.decode("utf-8"))
    except UnicodeDecodeError:
        codec = detect(lambda: BytesIO(raw))
        return clean_line(raw.decode(codec if codec != "utf-8" else "gb18030", "replace"))


def _check(found: zipfile.ZipInfo, name: str) -> None:
    if _CLIMBS.search(name):
        raise SourceRefused("unsafe_member", member=name)
    if found.flag_bits & _ENCRYPTED:
        raise SourceRefused("encrypted_member", member=name)
    kind = stat.S_IFMT(found.external_attr >> 16)
    if kind not in {0, stat.S_IFREG}:
        raise SourceRefused("not_a_file", member=name)
    if found.file_size > RATIO_FLOOR and found.file_size > RATIO_LIMIT * max(found.compress_size, 1):
        raise SourceRefused("too_large", member=name, size_bytes=found.file_size, packed_bytes=found.compress_size)


def _is_nested(archive: zipfile.ZipFile, found: zipfile.ZipInfo) -> bool:
    """Tell an archive inside the archive from a workbook, by the name that its first member has."""
    with archive.open(found) as body:
        head = body.read(256)
    is_document = found.filename.lower().endswith((".xlsx", ".xlsm")) or any(it.encode() in head for it in _DOCUMENTS)
    return head.startswith(_ZIP) and not is_document
