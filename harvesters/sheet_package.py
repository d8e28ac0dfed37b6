"""The guarded way into the zip package of a workbook: what is too large or not plain is refused before it is unpacked.

Only parts asked for by name are read, so that macros, pictures and links to other files are never touched.
"""

import posixpath
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO, Final
from xml.parsers import expat

from catalogue_app.domain.errors import SourceError, SourceRefused

MAX_PARTS: Final = 5_000
MAX_DIRECTORY_BYTES: Final = 2_000_000
MAX_UNPACKED_BYTES: Final = 512 * 1024 * 1024
MAX_RATIO: Final = 300
"""Unpacked to packed size; real sheets of many equal rows reach about 60."""

_RATIO_MATTERS_FROM: Final = 4 * 1024 * 1024
_CHUNK: Final = 65_536
_END: Final = b"PK\x05\x06"
_END_BYTES: Final = 22
_END_64_LOCATOR: Final = b"PK\x06\x07"
_LOCATOR_BYTES: Final = 20

_BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, struct.error, EOFError, OSError, RuntimeError,
    NotImplementedError, LookupError, ValueError, OverflowError,
)  # fmt: skip
"""What zipfile, zlib, expat and the reading of numbers raise at a package that is not whole."""


@contextmanager
def blamed_on_source() -> Iterator[None]:
    """Turn whatever a broken package leads its readers to into a `SourceError`."""
    try:
        yield
    except _BROKEN as fault:
        raise SourceError("broken_workbook", reason=f"{type(fault).__name__}: {fault}") from fault


@contextmanager
def opened(open_body: Callable[[], BinaryIO]) -> Iterator[zipfile.ZipFile]:
    """Open a package after its directory was found to be of sane size.

    Raises:
        SourceRefused: too many parts, too large when unpacked, or packed suspiciously well.
        SourceError: not a whole package.
    """
    with blamed_on_source(), open_body() as body:
        _check_directory(body)
        with zipfile.ZipFile(body) as package:
            _check_parts(package.infolist())
            yield package


def feed(parser: "expat.XMLParserType", part: IO[bytes]) -> Iterator[None]:
    """Give a part to an XML parser, chunk by chunk; each step means that handlers may have found something."""
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.buffer_text = True
    while chunk := part.read(_CHUNK):
        parser.Parse(chunk, False)  # noqa: FBT003 — its parameters have no names
        yield
    parser.Parse(b"", True)  # noqa: FBT003 — its parameters have no names
    yield


def target(base: str, reference: str) -> str:
    """Return the part that a reference in a part means (ECMA-376 part 2, clause 6)."""
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(base), reference)).lstrip("/")


def _refuse_doctype(*_: object) -> None:
    raise SourceRefused("document_type_refused")


def _check_directory(body: BinaryIO) -> None:
    """Refuse a huge table of contents before it is read into memory; zip64 ones (64 bits) included."""
    size = body.seek(0, 2)
    body.seek(max(0, size - 65_557 - _LOCATOR_BYTES))
    tail = body.read()
    place = tail.rfind(_END)
    if place < 0 or len(tail) - place < _END_BYTES:
        raise SourceError("broken_workbook", reason="no end of package")
    directory_bytes: int = struct.unpack_from("<I", tail, place + 12)[0]
    if tail[max(0, place - _LOCATOR_BYTES) : place].startswith(_END_64_LOCATOR):
        body.seek(struct.unpack_from("<Q", tail, place - _LOCATOR_BYTES + 8)[0])
        directory_bytes = struct.unpack_from("<Q", body.read(56), 40)[0]
    if directory_bytes > MAX_DIRECTORY_BYTES:
        raise SourceRefused("workbook_too_large", parts=directory_bytes // 46)


def _check_parts(parts: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(part.file_size for part in parts)
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED_BYTES:
        raise SourceRefused("workbook_too_large", parts=len(parts), unpacked_bytes=unpacked)
    for part in parts:
        if part.file_size > max(_RATIO_MATTERS_FROM, MAX_RATIO * part.compress_size):
            raise SourceRefused("workbook_packed_too_well", part=part.filename, unpacked_bytes=part.file_size)
