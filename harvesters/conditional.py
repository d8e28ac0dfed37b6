"""Asking only for what changed: what is remembered of a page, and when a server is believed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol, final

import httpx
import structlog

from catalogue_app.domain.clock import Clock
from catalogue_app.domain.validators import Validators
from harvesters.body_file import BodyFile

_LONGEST: Final = 512
"""Characters of a validator; a longer one is not kept."""

_log = structlog.get_logger()


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """A page as it was last received.

    Attributes:
        digest: key of its stored body.
        size_bytes: length of that body.
        media_type: as the server named it, lower-case.
        charset: as the server named it, lower-case.
        link: the answer's Link header.
        validators: what the server said of its state.
    """

    digest: str
    size_bytes: int
    media_type: str
    charset: str
    link: str
    validators: Validators


class Memory(Protocol):
    """What a source's earlier runs brought home."""

    def recall(self, address: str) -> Remembered | None:
        """Return the page of an address as it was last received; None where it is not known."""
        ...

    def body(self, digest: str) -> Iterator[bytes]:
        """Yield a stored body in parts."""
        ...


@final
class Conditions:
    """Decides for one run whether pages are asked for unconditionally, and what is learned from each answer."""

    def __init__(self, memory: Memory, clock: Clock, full_read: timedelta) -> None:
        """Keep the parts.

        Args:
            memory: of the source.
            clock: the present instant.
            full_read: so long after a body was received it is read again whatever its server says.
        """
        self._memory, self._clock, self._full_read = memory, clock, full_read

    def known(self, url: httpx.URL) -> Remembered | None:
        """Return what is remembered of an address."""
        return self._memory.recall(str(url))

    def headers(self, known: Remembered | None) -> dict[str, str]:
        """Return the headers that ask for a page only if it changed; none where it must be read whole."""
        if known is None or not self._may_trust(known.validators):
            return {}
        named = {"If-None-Match": known.validators.etag, "If-Modified-Since": known.validators.last_modified}
        return {name: value for name, value in named.items() if value}

    def learned(self, headers: httpx.Headers, known: Remembered | None, digest: str, host: str) -> Validators:
        """Return the validators of a body that was just received; a server that was caught lying is trusted no more."""
        told = Validators(
            etag=_kept(headers.get("etag", "")),
            last_modified=_kept(headers.get("last-modified", "")),
            read_at=self._clock(),
            is_trusted=known is None or known.validators.is_trusted,
        )
        if known is None or not told.is_trusted or known.digest == digest or not _says_the_same(told, known.validators):
            return told
        _log.warning("validator_untrue", host=host)
        return Validators(etag=told.etag, last_modified=told.last_modified, read_at=told.read_at, is_trusted=False)

    def bring_back(self, known: Remembered, file: BodyFile) -> None:
        """Write the stored body of a page that its server calls unchanged."""
        file.clear()
        for part in self._memory.body(known.digest):
            file.write(part)

    def _may_trust(self, validators: Validators) -> bool:
        return validators.is_trusted and self._clock() - validators.read_at < self._full_read


class NoMemory:
    """The memory of a source that was never read, or is read without one."""

    def recall(self, address: str) -> Remembered | None:
        """Know nothing."""
        del address
        return None

    def body(self, digest: str) -> Iterator[bytes]:
        """Have nothing."""
        raise LookupError(digest)


def unconditional(clock: Clock) -> Conditions:
    """Return the conditions of a reading that remembers nothing."""
    return Conditions(NoMemory(), clock, timedelta(0))


def _says_the_same(told: Validators, before: Validators) -> bool:
    if told.etag or before.etag:
        return told.etag == before.etag
    return bool(told.last_modified) and told.last_modified == before.last_modified


def _kept(text: str) -> str:
    return text if len(text) <= _LONGEST and text.isascii() and text.isprintable() else ""
