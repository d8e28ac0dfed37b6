"""How hosts are spared: distance between requests, waits that servers ask for, waits between tries."""

import array
import fcntl
import hashlib
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final, final

Sleep = Callable[[float], None]

_FIRST_WAIT_S: Final = 1.0
_MINUTE_S: Final = 60.0
_BELIEVED_S: Final = 3600.0
"""A reservation further ahead than this was made by a clock that has since been set back."""


@final
class Places:
    """So many may be taken at once; one that becomes free goes to who has waited longest, so that nobody starves.

    A semaphore would let a run that asks again at once keep its place for all its pages.
    """

    def __init__(self, count: int) -> None:
        """Begin with all of them free."""
        self._free = count
        self._waiting: deque[threading.Event] = deque()
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        """Take a place; returns when there is one."""
        with self._lock:
            if self._free:
                self._free -= 1
                return
            turn = threading.Event()
            self._waiting.append(turn)
        turn.wait()

    def __exit__(self, *_: object) -> None:
        """Hand the place on."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1


@final
class HostPacer:
    """Spaces requests to one host out: a least distance, and at most so many in any minute.

    Requests reserve their moment before they are made. With a folder the reservations are shared by all processes of
    the machine that name it; without one, by the threads that share the object.
    """

    def __init__(
        self,
        interval_s: float,
        sleep: Sleep = time.sleep,
        *,
        per_minute: int = 0,
        folder: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Begin with every host free.

        Args:
            interval_s: seconds between the starts of two requests; 0 for none.
            sleep: waits for a moment reserved.
            per_minute: most requests that start in any 60 seconds; 0 for as many as come.
            folder: where reservations are shared.
            clock: seconds; one that all processes share where a folder is given.
        """
        self._interval_s, self._per_minute = interval_s, per_minute
        self._sleep, self._clock, self._folder = sleep, clock, folder
        self._starts: dict[str, list[float]] = {}
        self._lock = threading.Lock()

    def wait(self, host: str) -> None:
        """Return when the host may be asked again."""
        if self._interval_s <= 0 and self._per_minute <= 0:
            return
        with self._reservations(host.lower()) as starts:
            now = self._clock()
            start = self._free_at(starts, now)
            starts.append(start)
            del starts[: -max(self._per_minute, 1)]
        if start > now:
            self._sleep(start - now)

    def _free_at(self, starts: list[float], now: float) -> float:
        if starts and starts[-1] > now + _BELIEVED_S:
            starts.clear()
        free_at = max(now, starts[-1] + self._interval_s) if starts else now
        if 0 < self._per_minute <= len(starts):
            free_at = max(free_at, starts[-self._per_minute] + _MINUTE_S)
        return free_at

    @contextmanager
    def _reservations(self, host: str) -> Iterator[list[float]]:
        """Lend the starts reserved for a host, oldest first, to one thread of one process at a time."""
        if self._folder is None:
            with self._lock:
                yield self._starts.setdefault(host, [])
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / hashlib.blake2b(host.encode(), digest_size=16).hexdigest()).open("a+b") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX)  # falls when the file is closed, however that happens
            file.seek(0)
            written = file.read()
            starts = array.array("d", written[: len(written) // 8 * 8]).tolist()
            yield starts
            file.truncate(0)
            file.write(array.array("d", starts).tobytes())


def asked_wait(text: str, now: datetime) -> float | None:
    """Read Retry-After (RFC 9110 §10.2.3), seconds or a date; None where it says nothing usable."""
    if text.strip().isdecimal():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    seconds = (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds()
    return seconds if seconds >= 0 else None


def back_off(attempt: int, longest_s: float) -> float:
    """Return a wait that doubles with every try, half of it by chance so that clients do not come back together.

    Args:
        attempt: tries made before, from 0.
        longest_s: cap.
    """
    wait_s = min(_FIRST_WAIT_S * 2 ** min(attempt, 30), longest_s)
    return random.uniform(wait_s / 2, wait_s)  # noqa: S311 — spreads clients out, guards nothing
