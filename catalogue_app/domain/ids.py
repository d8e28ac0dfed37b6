"""Identifiers: typed ids, time-ordered new ids, and the public catalogue code."""

import hashlib
import os
import time
from collections.abc import Iterator
from typing import NewType
from uuid import UUID

OrganId = NewType("OrganId", str)
"""Short permanent name of an organ, such as `edu`; made by the register, never reused."""

SourceId = NewType("SourceId", UUID)
RunId = NewType("RunId", UUID)
EntryId = NewType("EntryId", UUID)
FindingId = NewType("FindingId", UUID)
WorkId = NewType("WorkId", UUID)

_RANDOM_BYTES = 10

CatalogueCode = NewType("CatalogueCode", str)
"""What the world cites: permanent, URL-safe, never reused. `TJ` + eight or more digits."""


def new_id() -> UUID:
    """Return a UUIDv7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then random bits, so that ids sort by birth."""
    return _born_now(os.urandom(_RANDOM_BYTES))


def new_ids(count: int) -> Iterator[UUID]:
    """Yield so many new ids; for many at once, as every question for random bits lets other threads go first."""
    drawn = os.urandom(_RANDOM_BYTES * count)
    for start in range(0, len(drawn), _RANDOM_BYTES):
        yield _born_now(drawn[start : start + _RANDOM_BYTES])


def _born_now(drawn: bytes) -> UUID:
    millis = time.time_ns() // 1_000_000
    value = (millis & ((1 << 48) - 1)) << 80 | int.from_bytes(drawn)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def derived_id(*names: str) -> UUID:
    """Return the one UUIDv8 (RFC 9562 §5.8) of several names: whoever names the same gets the same."""
    text = "\0".join(names).encode()
    value = int.from_bytes(hashlib.blake2b(text, digest_size=16).digest())
    value = value & ~(0xF << 76) | 0x8 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def catalogue_code(prefix: str, serial: int) -> CatalogueCode:
    """Write the public code of the entry with this serial number, such as `TJ00000047`."""
    return CatalogueCode(f"{prefix}{serial:08d}")
