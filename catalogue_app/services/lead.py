"""Who leads: the one scheduler among several that fires the sweeps, by a lock that falls with its process."""

import fcntl
import os
from pathlib import Path
from typing import Final, Protocol, TextIO, final

SCHEDULER_LOCK: Final = "scheduler.lock"
"""File in the data directory that the leading scheduler of an embedded catalogue holds locked."""


class Lead(Protocol):
    """The leader's lock, as one process sees it."""

    def take(self) -> bool:
        """Try to lead; says whether this process leads now."""
        ...

    def is_held(self) -> bool:
        """Say whether this process still leads; asked before each firing."""
        ...

    def let_go(self) -> None:
        """Stop leading."""
        ...

    def is_anybodys(self) -> bool:
        """Say whether some process leads."""
        ...


@final
class FileLock:
    """A lead among the processes of one machine: the kernel's own lock (flock) on a file of the data directory."""

    def __init__(self, path: Path) -> None:
        self._path: Final = path
        self._file: TextIO | None = None

    def take(self) -> bool:
        """Try to lead; the number of the leading process is written into the file, for operators who look."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a", encoding="ascii")
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file
        return True

    def is_held(self) -> bool:
        """Say whether this process leads: nobody can take the kernel's lock from it."""
        return self._file is not None

    def let_go(self) -> None:
        """Stop leading."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def is_anybodys(self) -> bool:
        """Try the lock: who gets it proves that nobody leads, and gives it back at once."""
        if not self._path.exists():
            return False
        with self._path.open("rb") as file:
            try:
                fcntl.flock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False
