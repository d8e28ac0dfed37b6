"""Files that people hand in as sources: kept in the data directory, each in a folder of its own."""

import re
import shutil
from datetime import datetime
from pathlib import Path
from typing import IO, Final, final
from uuid import UUID

from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.ids import new_id

LARGEST_FILE: Final = 32 << 20
"""Bytes of a file that is handed in; larger ones are offered at an address."""

_UNSAFE: Final = re.compile(r"[^\w.()（）【】\- ]+")
_LONGEST_NAME: Final = 100
_CHUNK: Final = 1 << 16


@final
class SourceFiles:
    """The files of one data directory. Where several machines work on one catalogue, they must share it."""

    def __init__(self, folder: Path) -> None:
        self._folder: Final = folder.resolve()

    def keep(self, name: str, body: IO[bytes]) -> str:
        """Store a file and return its path, the address of its source.

        Raises:
            InvalidInput: it is empty, or larger than `LARGEST_FILE`.
        """
        place = self._folder / str(new_id())
        place.mkdir(parents=True)
        path, size = place / _safe(name), 0
        with path.open("wb") as kept:
            while size <= LARGEST_FILE and (chunk := body.read(_CHUNK)):
                size += len(chunk)
                kept.write(chunk)
        if not 0 < size <= LARGEST_FILE:
            shutil.rmtree(place)
            raise InvalidInput("file_size", value=name[:_LONGEST_NAME], limit=LARGEST_FILE >> 20)
        return str(path)

    def ticket(self, address: str) -> str:
        """Return what stands for a kept file in a form that is shown again: folder and name, never a path."""
        return str(Path(address).relative_to(self._folder)) if self.holds(address) else ""

    def of_ticket(self, ticket: str) -> str:
        """Return the address of a kept file by its ticket; empty where there is none. Who shows it keeps it young."""
        path = (self._folder / ticket).resolve()
        if not (ticket and self.holds(str(path)) and path.is_file()):
            return ""
        path.touch()
        return str(path)

    def older(self, before: datetime) -> tuple[Path, ...]:
        """Return the folders of files that were handed in, or last shown in a form, before an instant."""
        if not self._folder.is_dir():
            return ()
        return tuple(folder for folder in sorted(self._folder.iterdir()) if _is_older(folder, before))

    def remove(self, folder: Path, before: datetime) -> None:
        """Remove one of `older`, unless it was shown again meanwhile."""
        if _is_older(folder, before):
            shutil.rmtree(folder, ignore_errors=True)

    def holds(self, address: str) -> bool:
        """Say whether an address is that of a file kept here."""
        return Path(address).is_relative_to(self._folder)

    def drop(self, address: str) -> None:
        """Remove a file that no source has any more; whatever is not kept here stays."""
        if self.holds(address):
            shutil.rmtree(Path(address).parent, ignore_errors=True)


def _is_older(folder: Path, before: datetime) -> bool:
    """Say whether everything in a folder of ours is older; what else lies there is not ours to judge."""
    try:
        UUID(folder.name)
        newest = max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
    except (ValueError, OSError):
        return False
    return newest < before.timestamp()


def _safe(name: str) -> str:
    """Write a name without what could lead out of a folder; its ending stays, for people."""
    plain = _UNSAFE.sub("_", name.replace("\\", "/").rpartition("/")[2]).strip(" .")
    return plain[-_LONGEST_NAME:].lstrip(". ") or "file"
