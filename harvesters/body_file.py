"""Where the body of an answer stands until its run has read it: in memory while it is small, else on disk."""

import io
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import TracebackType
from typing import IO, BinaryIO, Final, Self, final

SMALL_BYTES: Final = 262_144
"""Largest body held in memory. Most pages are smaller, and a file of its own costs each of them a millisecond."""


@final
class BodyFile:
    """One body, written from its start to its end and then read as often as wanted while its context lasts."""

    def __init__(self) -> None:
        """Begin empty."""
        self._file: IO[bytes] = io.BytesIO()
        self._path: Path | None = None

    def __enter__(self) -> Self:
        """Enter the context of the body."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forget the body; nobody can open it any more."""
        self._file.close()

    def clear(self) -> None:
        """Begin anew, empty."""
        self._file.close()
        self._file, self._path = io.BytesIO(), None

    def write(self, piece: bytes) -> None:
        """Take the next piece."""
        if self._path is None and self._file.tell() + len(piece) > SMALL_BYTES:
            self._move_to_disk()
        self._file.write(piece)

    def open(self) -> BinaryIO:
        """Open what has been written for reading from its start.

        Raises:
            ValueError: the context of the body is over.
        """
        self._file.flush()
        if self._path is not None:
            return self._path.open("rb")
        assert isinstance(self._file, io.BytesIO)  # noqa: S101 — without a path it is in memory
        return io.BytesIO(self._file.getvalue())

    def _move_to_disk(self) -> None:
        memory, file = self.open(), NamedTemporaryFile(prefix="harvest-")  # noqa: SIM115 — closed with the body
        file.write(memory.read())
        self._file.close()
        self._file, self._path = file, Path(file.name)
