"""What a host asks of robots (RFC 9309): read once a day for each host, by the name we introduce ourselves with."""

import re
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, final
from urllib.parse import quote, unquote_to_bytes

import httpx

from catalogue_app.domain.errors import SourceError, SourceRefused

FRESH_S: Final = 24 * 3600.0
"""RFC 9309 §2.4: a copy is not used for longer than a day."""
UNREACHABLE_S: Final = 300.0
"""So long a host whose rules could not be read is left alone before they are asked for again."""

_KEPT_HOSTS: Final = 2_000
_UNAVAILABLE: Final = range(400, 500)
_TOO_MANY: Final = 429
_PRODUCT: Final = re.compile(r"[A-Za-z_-]+")
_SAFE: Final = "!#$%&'()*+,/:;=?@[]~"

ReadRules = Callable[[httpx.URL], str]
"""Fetches robots.txt and returns its text.

Raises SourceError: `http_status` with the status, or whatever kept it from answering.
"""


@final
@dataclass(frozen=True, slots=True)
class Rule:
    """One allow or disallow line: `*` stands for anything, a `$` at its end for the end of the path."""

    path: str
    allows: bool

    def matches(self, target: str) -> bool:
        """Say whether the rule is about a path."""
        is_anchored = self.path.endswith("$")
        parts = self.path.removesuffix("$").split("*")
        if not target.startswith(parts[0]):
            return False
        at = len(parts[0])
        for part in parts[1:]:  # the earliest place of each part leaves most for the rest: no need to go back
            found = target.find(part, at)
            if found < 0:
                return False
            at = found + len(part)
        return not is_anchored or at == len(target) or (len(parts) > 1 and target.endswith(parts[-1]))


@final
@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one host for one robot."""

    lines: tuple[Rule, ...] = ()

    def allow(self, target: str) -> bool:
        """Say whether a path with its query may be fetched: the longest matching rule decides, allow wins a tie."""
        if target == "/robots.txt":
            return True
        path = _normal(target)
        found = [rule for rule in self.lines if rule.matches(path)]
        return max(found, key=lambda rule: (len(rule.path), rule.allows)).allows if found else True


NOTHING_ALLOWED: Final = Rules((Rule("/", allows=False),))


def read_rules(text: str, user_agent: str) -> Rules:
    """Read the rules that are for a robot: those of its own groups, put together, else those for everybody.

    Args:
        text: a robots.txt; lines that are none of its kind are skipped (RFC 9309 §2.2.4).
        user_agent: how the robot introduces itself; its first word without a version is its name.
    """
    product = _PRODUCT.match(user_agent)
    name = product[0].lower() if product else ""
    own: list[Rule] = []
    everybodys: list[Rule] = []
    is_named, is_for_all, in_rules, has_own = False, False, False, False
    for key, value in _lines(text):
        if key == "user-agent":
            if in_rules:
                is_named = is_for_all = in_rules = False
            token = _PRODUCT.match(value)
            is_named |= token is not None and token[0].lower() == name
            is_for_all |= value == "*"
            has_own |= is_named
            continue
        in_rules = True
        if not value:
            continue  # an empty rule says nothing
        rule = Rule(_normal(value), allows=key == "allow")
        if is_named:
            own.append(rule)
        if is_for_all:
            everybodys.append(rule)
    return Rules(tuple(own if has_own else everybodys))


def _lines(text: str) -> Iterable[tuple[str, str]]:
    for line in text.removeprefix("\ufeff").splitlines():
        key, colon, value = line.partition("#")[0].partition(":")
        if colon and key.strip().lower() in {"user-agent", "allow", "disallow"}:
            yield key.strip().lower(), value.strip()


def _normal(path: str) -> str:
    """Write a path so that equal ones compare equal: everything outside ASCII percent-encoded (RFC 9309 §2.2.2)."""
    return quote(unquote_to_bytes(path), safe=_SAFE)


@final
class Robots:
    """The rules of all hosts; shared by all fetchers of a process."""

    def __init__(self, user_agent: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Know no host yet."""
        self._user_agent, self._clock = user_agent, clock
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    def check(self, url: httpx.URL, read: ReadRules) -> None:
        """Refuse an address that its host wants no robot at.

        Raises:
            SourceRefused: `robots_disallow`; or the host may not be gone to.
            SourceError: `robots_unreachable`, the host's server fails, and nobody may fetch until it answers
                (§2.3.1.4); or the host does not answer at all.
        """
        host = self._host(url)
        with host.lock:  # one asks, the others of the same host wait for its answer
            if self._clock() >= host.until:
                self._renew(host, url, read)
            rules = host.rules
        if rules is None:
            raise SourceError("robots_unreachable", host=url.host)
        if not rules.allow(url.raw_path.decode("ascii")):
            raise SourceRefused("robots_disallow", address=str(url.copy_with(query=None)))

    def _host(self, url: httpx.URL) -> "_Host":
        key = f"{url.scheme}://{url.netloc.decode('ascii')}"
        with self._lock:
            if key not in self._hosts and len(self._hosts) >= _KEPT_HOSTS:
                self._hosts.pop(next(iter(self._hosts)))
            return self._hosts.setdefault(key, _Host())

    def _renew(self, host: "_Host", url: httpx.URL, read: ReadRules) -> None:
        now = self._clock()
        try:
            text = read(url.copy_with(raw_path=b"/robots.txt", fragment=None))
        except SourceError as error:
            status = error.parameters.get("status")
            if isinstance(status, int) and status in _UNAVAILABLE and status != _TOO_MANY:
                host.keep(Rules(), now)  # there are none: everything is free (§2.3.1.3)
                return
            if now >= host.read_at + 2 * FRESH_S:
                host.rules = None  # a copy this old speaks for nobody
            if host.rules is None and status is None and error.code != "too_large":
                raise  # no answer at all: that says more than that rules are missing
            host.until = now + UNREACHABLE_S
            return
        host.keep(read_rules(text, self._user_agent), now)


class _Host:
    """What is known of one host."""

    __slots__ = ("lock", "read_at", "rules", "until")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.rules: Rules | None = None
        self.until = self.read_at = float("-inf")

    def keep(self, rules: Rules, now: float) -> None:
        """Take rules that were just read."""
        self.rules, self.read_at, self.until = rules, now, now + FRESH_S
