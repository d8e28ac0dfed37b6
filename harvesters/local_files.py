"""Files the operator has put on this machine: one, those of a folder and its folders, or the members of an archive."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISREG
from typing import IO, Final

from catalogue_app.domain.errors import SourceError, SourceRefused
from harvesters.archives import INSIDE, is_archive, member, members_of

FOLDER_LEVELS: Final = 8
"""Folders inside folders that are looked into."""
FILE_LIMIT: Final = 100_000
"""Files of one folder, with all folders in it."""


def listed(address: str) -> tuple[str, ...]:
    """Return the addresses of the files at a path: of a folder or archive its files in name order, else itself.

    Archives in a folder are looked into too. Hidden files and links that lead elsewhere are left out.

    Raises:
        SourceError: the folder or archive is empty or cannot be read.
        SourceRefused: it holds more than is allowed.
    """
    path = Path(address)
    if path.is_dir():
        files = tuple(one for file in _walk(path, FOLDER_LEVELS) for one in _members(file))
        if not files:
            raise SourceError("empty_folder", address=address)
        if len(files) > FILE_LIMIT:
            raise SourceRefused("too_many_pages", limit=FILE_LIMIT)
        return files
    return _inside(path) if path.is_file() and is_archive(path) else (address,)


@contextmanager
def opened(address: str) -> Iterator[IO[bytes]]:
    """Open a file, or a member of an archive, for reading.

    Raises:
        SourceError: it cannot be read.
        SourceRefused: it is no ordinary file, or a member that is refused (see `archives.member`).
    """
    for place in re.finditer(re.escape(INSIDE), address):  # a folder's name may end in its sign as well
        archive = Path(address[: place.start()])
        if archive.is_file():
            with member(archive, address[place.end() :]) as body:
                yield body
            return
    path = Path(address)
    try:
        if not S_ISREG(path.stat().st_mode):
            raise SourceRefused("not_a_file", address=str(path))
        with path.open("rb") as body:
            yield body
    except OSError as fault:
        raise SourceError("unreadable_file", address=str(path), reason=type(fault).__name__) from fault


def _walk(folder: Path, levels: int) -> Iterator[Path]:
    try:
        found = sorted(folder.iterdir())
    except OSError as fault:
        raise SourceError("unreadable_file", address=str(folder), reason=type(fault).__name__) from fault
    for path in found:
        if path.name.startswith("."):
            continue
        if path.is_file():
            yield path
        elif path.is_dir() and levels > 0 and not path.is_symlink():
            yield from _walk(path, levels - 1)


def _members(path: Path) -> tuple[str, ...]:
    """Return the members of an archive in a folder; of one that cannot be opened, itself, so that it is named."""
    if not is_archive(path):
        return (str(path),)
    try:
        return _inside(path)
    except SourceError:
        return (str(path),)


def _inside(path: Path) -> tuple[str, ...]:
    return tuple(f"{path}{INSIDE}{name}" for name in members_of(path))
