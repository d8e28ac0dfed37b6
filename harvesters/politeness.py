"""How hosts are spared: distance between requests, waits that servers ask for, waits between tries."""

import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final, final

Sleep = Callable[[float], None]

_FIRST_WAIT_S: Final = 1.0


@final
class HostPacer:
    """Spaces requests to one host out, over all fetchers that share it."""

    def __init__(self, interval_s: float, sleep: Sleep = time.sleep) -> None:
        """Begin with every host free."""
        self._interval_s, self._sleep = interval_s, sleep
        self._free_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, host: str) -> None:
        """Return when the host may be asked again."""
        if self._interval_s <= 0:
            return
        with self._lock:
            now = time.monotonic()
            start = max(now, self._free_at.get(host, now))
            self._free_at[host] = start + self._interval_s
        if start > now:
            self._sleep(start - now)


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
