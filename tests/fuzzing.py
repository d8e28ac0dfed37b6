"""A minute of bad luck: seeds cut, repeated, crossed and overwritten until the time is over.

No try may raise or hang, and memory must stay flat.
"""

import gc
import os
import random
import signal
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

SECONDS: Final = float(os.environ.get("FUZZ_SECONDS", "60"))
"""How long one parser is tried; the gate's minute unless said otherwise."""

HANGS: Final = 30
"""Seconds after which one try counts as one that never ends, on a busy machine and with its memory watched."""
LONGEST: Final = 200_000
"""Bytes of a mutated seed."""
WARMING: Final = 100
"""Tries after which whatever is kept for good has been made."""
GROWTH: Final = 8 * 1024 * 1024
"""Bytes that may stay allocated between the warming and the last try."""

_ODD: Final = (
    b"\x00", b"\xff", b"\xfe\xff", b"<", b">", b"&", b"&#0;", b"&x;", b"]]>", b"<![CDATA[", b"<!--", b"<?", b"?>",
    b"<!DOCTYPE x [<!ENTITY x 'y'>]>", b"\xef\xbb\xbf", b'"', b"'", b"xmlns=''", b"9" * 400, "\U0001f600".encode(),
    "\u4e2d\u6587".encode("gb18030"), b"\r\n", b"{", b"}", b"[", b"]", b"%", b"-1", b"1e999", b"9999-99-99",
)  # fmt: skip


def mutations(seeds: Sequence[bytes], rng: random.Random) -> Iterator[bytes]:
    """Yield mutations of seeds without end."""
    while True:
        body = bytearray(rng.choice(seeds))
        for _ in range(rng.randint(1, 6)):
            _mutate(body, rng, seeds)
        yield bytes(body[:LONGEST])


def for_a_while(
    seeds: Sequence[bytes], attempt: Callable[[bytes], None], *, seconds: float = SECONDS, tries: int = 0
) -> int:
    """Try mutations until the time is over, or so many of them where a number is given; return how many there were.

    Raises:
        AssertionError: memory grows from try to try, or an attempt raises or hangs; the seed of its mutation is named.
    """
    number, after_warming, start = 0, 0, time.monotonic()
    tracemalloc.start()
    try:
        while number < tries if tries else time.monotonic() - start < seconds:
            seed = random.Random(number).getrandbits(64)  # noqa: S311 — repeatable, not secret
            body = next(mutations(seeds, random.Random(seed)))  # noqa: S311 — as above
            try:
                with _soon():
                    attempt(body)
            except (Exception, _HangsError) as fault:
                raise AssertionError(f"mutation {number} (seed {seed}): {body[:300]!r}") from fault
            number += 1
            if number == WARMING:
                after_warming = _held()
        grown = _held() - after_warming if after_warming else 0
    finally:
        tracemalloc.stop()
    assert grown < GROWTH, f"{grown} bytes more after {number} tries"
    return number


class _HangsError(BaseException):
    """No ordinary exception, so that nothing on the way out takes it for one of its own."""


@contextmanager
def _soon() -> Iterator[None]:
    """Interrupt what takes too long."""

    def interrupt(*_: object) -> None:
        raise _HangsError(f"more than {HANGS} s")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.alarm(HANGS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _held() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def _mutate(body: bytearray, rng: random.Random, seeds: Sequence[bytes]) -> None:
    place, other = sorted((rng.randint(0, len(body)), rng.randint(0, len(body))))
    match rng.randrange(7):
        case 0:
            body[place : place + rng.randint(0, 8)] = rng.choice(_ODD)
        case 1:
            del body[place:other]
        case 2:
            body[place:place] = body[place:other] * rng.randint(1, 3)
        case 3:
            body[place:place] = rng.choice(_ODD) * rng.randint(1, 50)
        case 4 if body:
            body[min(place, len(body) - 1)] ^= 1 << rng.randrange(8)
        case 5:
            seed = rng.choice(seeds)
            start = rng.randint(0, len(seed))
            body[place:other] = seed[start : start + rng.randint(0, 2_000)]
        case _:
            body[:] = (
                bytes(body).decode("utf-8", "replace").encode(rng.choice(["utf-16", "gb18030", "utf-32"]), "replace")
            )
