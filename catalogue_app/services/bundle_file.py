"""A bundle as a zip file: written part by part, and read only once it is whole; both with flat memory.

Members are found by the names that the signed manifest gives and are never unpacked to names of their own.
"""

import hashlib
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO, BinaryIO, Final, cast, final

from catalogue_app.domain.bundle import PART_NAME, BundlePart, Manifest, read_manifest
from catalogue_app.domain.errors import BundleRefused
from catalogue_app.services.bundle_signature import check_signature

MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "signature"

PART_LINES: Final = 20_000
"""Most entries of one part: what is read, kept and planned at a time."""

_MANIFEST_BYTES: Final = 16 * 1024 * 1024
_SIGNATURE_BYTES: Final = 1024
_STEP_BYTES: Final = 1 << 20
_BIRTH: Final = (1980, 1, 1, 0, 0, 0)
"""The date of every member: a bundle tells when it was made in its manifest alone."""
_ENCRYPTED: Final = 0x1
_BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, LookupError, ValueError,
    OverflowError,
)  # fmt: skip
"""What zipfile and zlib raise at a file that is not whole."""


@final
class BundleWriter:
    """Writes one bundle."""

    def __init__(self, file: BinaryIO) -> None:
        """Write into a file that is open for writing."""
        self._archive: Final = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)

    def add(self, name: str, lines: Iterable[bytes]) -> BundlePart:
        """Write one part and say what it holds; each line ends with its newline."""
        digest, size_bytes, count = hashlib.sha256(), 0, 0
        with self._archive.open(_member(name), "w", force_zip64=True) as member:
            for line in lines:
                member.write(line)
                digest.update(line)
                size_bytes, count = size_bytes + len(line), count + 1
        return BundlePart(name=name, sha256=digest.hexdigest(), size_bytes=size_bytes, lines=count)

    def add_in_parts(self, stem: str, lines: Iterable[bytes]) -> Iterator[BundlePart]:
        """Write as many parts as the lines need; none where there are none."""
        rest = iter(lines)
        for number, first in enumerate(rest, start=1):
            yield self.add(f"{stem}-{number:06d}.jsonl", chain((first,), islice(rest, PART_LINES - 1)))

    def seal(self, manifest: bytes, signature: bytes) -> None:
        """Write what makes it a bundle, and end it."""
        self._archive.writestr(_member(MANIFEST), manifest)
        self._archive.writestr(_member(SIGNATURE), signature)
        self._archive.close()


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class WholeBundle:
    """A bundle that was read to its end and found whole, signed by a trusted sender.

    Attributes:
        digest: over its manifest, and so over everything in it.
    """

    path: Path
    manifest: Manifest
    digest: str

    def open(self, name: str) -> BinaryIO:
        """Open one part for reading."""
        with zipfile.ZipFile(self.path) as archive:
            return cast("BinaryIO", archive.open(name))  # keeps the file open until it is closed itself

    def lines(self, name: str) -> Iterator[bytes]:
        """Yield the lines of a part; none where the bundle has no such part."""
        if name in {part.name for part in self.manifest.parts}:
            with self.open(name) as part:
                yield from part


def read_whole(path: Path, *, max_bytes: int, is_trusted: Callable[[str], bool]) -> WholeBundle:
    """Read a bundle to its end and say that it is whole; nothing of it is used before.

    Args:
        path: the file; nobody else may change it meanwhile.
        max_bytes: of the file, and of its parts unpacked.
        is_trusted: whether bundles signed with a public key are taken in.

    Raises:
        BundleRefused: it is too large, broken, foreign, of another version, not signed by a trusted key, or changed.
    """
    with _opened(path, max_bytes) as archive:
        members = _members(archive)
        signed = _small(archive, members, MANIFEST, _MANIFEST_BYTES)
        signature = _small(archive, members, SIGNATURE, _SIGNATURE_BYTES)
        manifest = read_manifest(signed)
        if not is_trusted(manifest.sender_key):
            raise BundleRefused("bundle_key_unknown", key=manifest.sender_key[:80])
        check_signature(signed, signature, manifest.sender_key)
        if manifest.size_bytes > max_bytes:
            raise BundleRefused("bundle_too_large", size_bytes=manifest.size_bytes, limit_bytes=max_bytes)
        if {part.name for part in manifest.parts} != set(members) - {MANIFEST, SIGNATURE}:
            raise BundleRefused("bundle_changed", member=MANIFEST)
        for part in manifest.parts:
            with archive.open(members[part.name]) as body:
                _check_part(part, body)
    return WholeBundle(path=path, manifest=manifest, digest=hashlib.sha256(signed).hexdigest())


@contextmanager
def _opened(path: Path, max_bytes: int) -> Iterator[zipfile.ZipFile]:
    try:
        size_bytes = path.stat().st_size
        if size_bytes > max_bytes:
            raise BundleRefused("bundle_too_large", size_bytes=size_bytes, limit_bytes=max_bytes)
        with zipfile.ZipFile(path) as archive:
            yield archive
    except _BROKEN as fault:
        raise BundleRefused("bundle_broken", why=type(fault).__name__) from fault


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the members by name.

    Raises:
        BundleRefused: `bundle_member_foreign`, a name that no bundle has, such as one that leads out of it, or twice.
    """
    members: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = info.orig_filename
        is_known = name in {MANIFEST, SIGNATURE} or PART_NAME.fullmatch(name) is not None
        if not is_known or name in members or info.flag_bits & _ENCRYPTED:
            raise BundleRefused("bundle_member_foreign", member=name[:80])
        members[name] = info
    return members


def _small(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], name: str, limit: int) -> bytes:
    if name not in members:
        raise BundleRefused("bundle_malformed", member=name)
    with archive.open(members[name]) as body:
        written = body.read(limit + 1)
    if len(written) > limit:
        raise BundleRefused("bundle_too_large", size_bytes=len(written), limit_bytes=limit)
    return written


def _check_part(part: BundlePart, body: IO[bytes]) -> None:
    digest, size_bytes, lines = hashlib.sha256(), 0, 0
    while (step := body.read(_STEP_BYTES)) and size_bytes <= part.size_bytes:
        digest.update(step)
        size_bytes, lines = size_bytes + len(step), lines + step.count(b"\n")
    if (digest.hexdigest(), size_bytes, lines) != (part.sha256, part.size_bytes, part.lines):
        raise BundleRefused("bundle_changed", member=part.name)


def _member(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _BIRTH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info
