"""Where the embedded index lies: numbered generations in one directory, the current one named in a file.

A rebuild never changes the current generation: a new one is written beside it and named current at once, by renaming a
file. Its `about.json` says by which schema and dictionary it was built. The one before stays for a way back, marked by
a file `retired`, whose time says since when.
"""

import fcntl
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, final

from catalogue_app.domain.errors import Conflict

_CURRENT: Final = "current"
_ABOUT: Final = "about.json"
_RETIRED: Final = "retired"
_BUILDING: Final = "building"
_PAUSE_S: Final = 0.02


@final
class Store:
    """The directory of one embedded index."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def current(self) -> str | None:
        """Return the name of the current generation; None before the first."""
        return self._named(_CURRENT)

    def building(self) -> str | None:
        """Return the name of the generation that is being built; None mostly."""
        return self._named(_BUILDING)

    def former(self) -> str | None:
        """Return the name of the generation that was current before; None where it is gone."""
        marks = self._folder.glob(f"entries-*/{_RETIRED}")
        latest = max(marks, key=lambda mark: (mark.stat().st_mtime_ns, mark), default=None)
        return latest.parent.name if latest else None

    def path(self, generation: str) -> Path:
        """Return the directory of a generation."""
        return self._folder / generation

    def begin(self, fingerprint: str) -> str:
        """Make the directory of a new generation and return its name."""
        numbers = [int(path.name.removeprefix("entries-")) for path in self._folder.glob("entries-*")]
        generation = f"entries-{max(numbers, default=0) + 1:06d}"
        self.path(generation).mkdir(parents=True)
        (self.path(generation) / _ABOUT).write_text(json.dumps({"fingerprint": fingerprint}), encoding="utf-8")
        return generation

    def announce(self, generation: str | None) -> None:
        """Name the generation that is being built, so that writers write down what they write; None for no longer."""
        if generation is None:
            (self._folder / _BUILDING).unlink(missing_ok=True)
        else:
            self._name(_BUILDING, generation)

    def fingerprint(self, generation: str) -> str:
        """Return what a generation was built by."""
        about = json.loads((self.path(generation) / _ABOUT).read_text(encoding="utf-8"))
        return str(about["fingerprint"])

    def swap(self, generation: str) -> None:
        """Name a generation current, at once for every process; all but the one before it are removed."""
        before = self.current()
        self._name(_CURRENT, generation)
        (self.path(generation) / _RETIRED).unlink(missing_ok=True)
        if before is not None and before != generation:
            (self.path(before) / _RETIRED).touch()
        for old in self._folder.glob("entries-*"):
            if old.name not in {generation, before, self.building()}:
                shutil.rmtree(old, ignore_errors=True)

    def sweep(self, retired_before: datetime) -> int:
        """Remove the generations retired before an instant; returns how many. Called by whoever may build."""
        self.clear_leftovers()
        marks = list(self._folder.glob(f"entries-*/{_RETIRED}"))
        old = [mark.parent for mark in marks if mark.stat().st_mtime < retired_before.timestamp()]
        for path in old:
            shutil.rmtree(path, ignore_errors=True)
        return len(old)

    @contextmanager
    def writing(self, patience_s: float = 0.0) -> Iterator[None]:
        """Hold the right to write; the kernel gives it back when the process ends, however it does.

        Raises:
            Conflict: another process or thread is writing, and goes on for longer than one wants to wait.
        """
        with self._locked("writer.lock", "index_being_written", patience_s):
            yield

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the right to build.

        Raises:
            Conflict: another process or thread is building.
        """
        with self._locked("builder.lock", "index_being_built"):
            yield

    @contextmanager
    def _locked(self, name: str, refusal: str, patience_s: float = 0.0) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + patience_s
        with (self._folder / name).open("a") as lock:
            while True:
                try:
                    fcntl.flock(lock.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError as error:
                    if time.monotonic() >= deadline:
                        raise Conflict(refusal) from error
                    time.sleep(_PAUSE_S)
            yield

    def clear_leftovers(self) -> None:
        """Remove generations that are neither current nor retired: builds that came to no end.

        Called by whoever may build, so that none of them is under way.
        """
        current = self.current()
        for path in self._folder.glob("entries-*"):
            if path.name != current and not (path / _RETIRED).exists():
                shutil.rmtree(path, ignore_errors=True)

    def _named(self, name: str) -> str | None:
        try:
            return (self._folder / name).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None

    def _name(self, name: str, generation: str) -> None:
        written = self._folder / f"{name}.new"
        written.write_text(generation, encoding="utf-8")
        written.replace(self._folder / name)
