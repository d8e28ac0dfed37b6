"""Where the embedded index lies: numbered generations in one directory, the current one named in a file.

A rebuild never changes a generation in place: a new one is written beside it and named current at once, by renaming a
file. Its `about.json` says by which schema and dictionary it was built.
"""

import fcntl
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, final

from catalogue_app.domain.errors import Conflict

_CURRENT: Final = "current"
_ABOUT: Final = "about.json"


@final
class Store:
    """The directory of one embedded index."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def current(self) -> str | None:
        """Return the name of the current generation; None before the first."""
        try:
            return (self._folder / _CURRENT).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None

    def path(self, generation: str) -> Path:
        """Return the directory of a generation."""
        return self._folder / generation

    def begin(self, fingerprint: str) -> str:
        """Make the directory of a new generation and return its name; what an interrupted rebuild left is removed."""
        present = self.current()
        number = int(present.removeprefix("entries-")) + 1 if present else 1
        generation = f"entries-{number:06d}"
        shutil.rmtree(self.path(generation), ignore_errors=True)
        self.path(generation).mkdir(parents=True)
        (self.path(generation) / _ABOUT).write_text(json.dumps({"fingerprint": fingerprint}), encoding="utf-8")
        return generation

    def fingerprint(self, generation: str) -> str:
        """Return what a generation was built by."""
        about = json.loads((self.path(generation) / _ABOUT).read_text(encoding="utf-8"))
        return str(about["fingerprint"])

    def swap(self, generation: str) -> None:
        """Name a generation current, at once for every process; all but the one before it are removed."""
        before = self.current()
        named = self._folder / f"{_CURRENT}.new"
        named.write_text(generation, encoding="utf-8")
        named.replace(self._folder / _CURRENT)
        for old in self._folder.glob("entries-*"):
            if old.name not in {generation, before}:
                shutil.rmtree(old, ignore_errors=True)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the right to write; the kernel gives it back when the process ends, however it does.

        Raises:
            Conflict: another process or thread is writing.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "writer.lock").open("a") as lock:
            try:
                fcntl.flock(lock.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Conflict("index_being_written") from error
            yield
