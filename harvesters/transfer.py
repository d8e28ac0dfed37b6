"""Bodies on their way in: decompressed in bounded steps, capped, counted and digested; memory stays flat."""

import hashlib
import zlib
from collections.abc import Iterator
from typing import Final, final

from catalogue_app.domain.errors import SourceError, SourceRefused
from harvesters.body_file import BodyFile

STEP_BYTES: Final = 262_144
RATIO_FLOOR: Final = 16 * 1024 * 1024
RATIO_LIMIT: Final = 200
"""Real catalogues shrink to a twentieth or so; beyond this, and beyond the floor, it is a bomb."""

_GZIP: Final = b"\x1f\x8b"
_AUTOMATIC: Final = 32 + zlib.MAX_WBITS
_RAW: Final = -zlib.MAX_WBITS


@final
class Body:
    """One body, written to a file.

    Attributes:
        size_bytes: bytes written, after decompression.
        received: bytes as they came.
    """

    def __init__(self, file: BodyFile, *, encoding: str = "", max_bytes: int) -> None:
        """Begin an empty file.

        Args:
            file: cleared, then written.
            encoding: the answer's Content-Encoding; a body that begins like gzip is decompressed without being told.
            max_bytes: cap on what is received and on what is written.

        Raises:
            SourceError: an encoding nobody asked for.
        """
        file.clear()
        self._file, self._limit = file, max_bytes
        self._digest = hashlib.blake2b(digest_size=16)
        self._encodings = [part.strip().lower() for part in encoding.split(",") if part.strip().lower() != "identity"]
        self._inflaters = [_Inflater(name) for name in reversed(self._encodings) if name]
        self._start: bytes | None = b""  # until there is enough to tell by
        self.size_bytes = self.received = 0

    def write(self, piece: bytes) -> None:
        """Take the next piece as it came.

        Raises:
            SourceRefused: `too_large`.
            SourceError: `undecodable_body`.
        """
        self.received += len(piece)
        if self.received > self._limit:
            raise SourceRefused("too_large", limit_bytes=self._limit)
        if self._start is not None:
            piece = self._start + piece
            self._start = piece if len(piece) < len(_GZIP) else None
            if self._start is not None:
                return
            if not self._inflaters and piece.startswith(_GZIP):
                self._inflaters = [_Inflater("gzip")]
        self._unfold(piece)

    def end(self) -> str:
        """Finish; return the digest.

        Raises:
            SourceError: `incomplete_answer`, the compressed data ended in the middle.
        """
        if self._start:
            self._unfold(self._start)
        if any(not inflater.is_complete for inflater in self._inflaters) and self.received:
            raise SourceError("incomplete_answer", received_bytes=self.received)
        return self._digest.hexdigest()

    def _unfold(self, piece: bytes) -> None:
        for part in _inflated(piece, self._inflaters):
            self._keep(part)

    def _keep(self, part: bytes) -> None:
        self.size_bytes += len(part)
        is_bomb = self.size_bytes > RATIO_FLOOR and self.size_bytes > RATIO_LIMIT * self.received
        if is_bomb or self.size_bytes > self._limit:
            raise SourceRefused("too_large", limit_bytes=self._limit, received_bytes=self.received)
        self._digest.update(part)
        self._file.write(part)


def _inflated(piece: bytes, inflaters: list["_Inflater"]) -> Iterator[bytes]:
    if not inflaters:
        yield piece
        return
    for part in inflaters[0].inflate(piece):
        yield from _inflated(part, inflaters[1:])


class _Inflater:
    """Decompresses gzip or deflate, never more than a step at a time."""

    def __init__(self, name: str) -> None:
        if name not in {"gzip", "x-gzip", "deflate"}:
            raise SourceError("unknown_content_encoding", encoding=name[:50])
        self._name = name
        self._engine = zlib.decompressobj(_AUTOMATIC)
        self._is_first = True
        self._is_over = False
        self._held = b""

    @property
    def is_complete(self) -> bool:
        return self._engine.eof and self._held != _GZIP[:1]

    def inflate(self, piece: bytes) -> Iterator[bytes]:
        rest, self._held = self._held + piece, b""
        while rest and not self._is_over:
            if (self._is_first or self._engine.eof) and len(rest) < len(_GZIP):
                self._held = rest  # what begins here is told by two bytes
                return
            if self._engine.eof:
                # gzip files may be several members one after the other; what is no member is padding.
                self._is_over = not rest.startswith(_GZIP)
                if self._is_over:
                    return
                self._engine = zlib.decompressobj(_AUTOMATIC)
            yield self._step(rest)
            rest = self._engine.unused_data if self._engine.eof else self._engine.unconsumed_tail

    def _step(self, piece: bytes) -> bytes:
        try:
            part = self._engine.decompress(piece, STEP_BYTES)
        except zlib.error as fault:
            if self._name != "deflate" or not self._is_first:
                raise SourceError("undecodable_body", encoding=self._name) from fault
            # Some servers send deflate without its zlib header.
            self._engine = zlib.decompressobj(_RAW)
            self._is_first = False
            return self._step(piece)
        self._is_first = False
        return part
