"""What hosts ask of robots, by RFC 9309: whose rules they are, which rule decides, and what silence means."""

from collections.abc import Callable

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.errors import SourceError, SourceRefused
from harvesters.robots import FRESH_S, UNREACHABLE_S, Robots, read_rules

AGENT = "MunicipalCatalogue/0.1 (mail@example.org)"
PAGE = httpx.URL("https://example.org/data/list.json?page=2")

EXAMPLE = """
# RFC 9309 §5.1, with a group of our own
User-Agent: *
Disallow: *.gif$
Disallow: /example/
Allow: /publications/

User-Agent: foobot
Disallow:/
Allow:/example/page.html
Allow:/example/allowed.gif

User-Agent: barbot
User-Agent: bazbot
Disallow: /example/page.html

User-Agent: quxbot
"""


def allows(text: str, target: str, agent: str = AGENT) -> bool:
    return read_rules(text, agent).allow(target)


@pytest.mark.parametrize(
    ("agent", "target", "is_allowed"),
    [
        ("other/1.0", "/example/x", False),
        ("other/1.0", "/a/picture.gif", False),
        ("other/1.0", "/a/picture.gif?x", True),
        ("other/1.0", "/publications/x", True),
        ("other/1.0", "/", True),
        ("FooBot/2.1", "/", False),
        ("FooBot/2.1", "/example/page.html", True),
        ("FooBot/2.1", "/example/allowed.gif", True),
        ("barbot", "/example/page.html", False),
        ("bazbot", "/example/page.html", False),
        ("bazbot", "/example/other.html", True),
        ("quxbot", "/example/x", True),
        ("foobot-news", "/example/page.html", False),
    ],
)
def test_a_robot_follows_its_own_group_and_else_the_one_for_everybody(
    agent: str, target: str, *, is_allowed: bool
) -> None:
    assert allows(EXAMPLE, target, agent) is is_allowed


@pytest.mark.parametrize(
    ("rules", "target", "is_allowed"),
    [
        ("Allow: /a\nDisallow: /a/b", "/a/b/c", False),
        ("Disallow: /a/b\nAllow: /a/b", "/a/b", True),
        ("Disallow: /", "/robots.txt", True),
        ("Disallow: /a*z", "/abc/z", False),
        ("Disallow: /a*z$", "/az/z?", True),
        ("Disallow: /*.php$", "/x.php.php", False),
        ("Disallow: /数据", "/%E6%95%B0%E6%8D%AE/1", False),
        ("Disallow: /%E6%95%B0%e6%8d%ae", "/%e6%95%b0%E6%8D%AE", False),
        ("Disallow:", "/anything", True),
        ("Crawl-delay: 10\nSitemap: https://x/\nnonsense", "/", True),
        ("Disallow: /x # not /y", "/y", True),
    ],
)
def test_the_longest_rule_decides(rules: str, target: str, *, is_allowed: bool) -> None:
    assert allows(f"User-agent: *\n{rules}", target) is is_allowed


def test_groups_of_one_robot_are_put_together() -> None:
    groups = (("municipalcatalogue", "/a"), ("x", "/"), ("MunicipalCatalogue", "/b"))
    text = "\n\n".join(f"User-agent: {name}\nDisallow: {path}" for name, path in groups)
    assert [allows(text, path) for path in ("/a", "/b", "/c")] == [False, False, True]


def test_rules_before_any_robot_are_nobodys() -> None:
    assert allows("Disallow: /\nUser-agent: *\nDisallow: /x", "/")


@given(st.text(), st.text())
def test_any_text_is_read(text: str, path: str) -> None:
    assert read_rules(f"User-agent: *\nDisallow: {path}\n{text}", AGENT).allow("/a?b") in {True, False}


def test_many_wildcards_cost_nothing() -> None:
    assert allows("User-agent: *\nDisallow: /" + "*a" * 2000 + "b", "/" + "a" * 20_000)


class Host:
    """Answers as told, and counts."""

    def __init__(self, answer: str | SourceError) -> None:
        self.answer, self.asked = answer, 0

    def __call__(self, url: httpx.URL) -> str:
        assert str(url) == "https://example.org/robots.txt"
        self.asked += 1
        if isinstance(self.answer, SourceError):
            raise self.answer
        return self.answer


def status(code: int) -> SourceError:
    return SourceError("http_status", status=code)


def at(now: list[float]) -> Callable[[], float]:
    return lambda: now[0]


def test_rules_are_asked_for_once_a_day() -> None:
    now, host = [1e6], Host("User-agent: *\nDisallow: /private")
    robots = Robots(AGENT, at(now))
    for _ in range(3):
        robots.check(PAGE, host)
    assert host.asked == 1
    now[0] += FRESH_S
    robots.check(PAGE, host)
    assert host.asked == 2
    with pytest.raises(SourceRefused, match="robots_disallow"):
        robots.check(PAGE.copy_with(raw_path=b"/private/x?key=secret"), host)


def test_no_rules_allow_everything() -> None:
    for code in (400, 401, 403, 404, 410):
        Robots(AGENT).check(PAGE, Host(status(code)))


@pytest.mark.parametrize("answer", [status(500), status(503), status(429), SourceError("too_large")])
def test_a_failing_server_is_left_alone_for_a_while(answer: SourceError) -> None:
    now, host = [1e6], Host(answer)
    robots = Robots(AGENT, at(now))
    for _ in range(3):
        with pytest.raises(SourceError, match="robots_unreachable"):
            robots.check(PAGE, host)
    assert host.asked == 1
    now[0] += UNREACHABLE_S
    host.answer = ""
    robots.check(PAGE, host)


def test_a_host_that_does_not_answer_at_all_is_told_by_its_own_fault() -> None:
    host = Host(SourceError("no_connection"))
    for _ in range(2):
        with pytest.raises(SourceError, match="no_connection"):
            Robots(AGENT).check(PAGE, host)


def test_a_copy_is_used_while_the_server_fails_but_not_for_ever() -> None:
    now, host = [1e6], Host("")
    robots = Robots(AGENT, at(now))
    robots.check(PAGE, host)
    host.answer = status(503)
    now[0] += FRESH_S + 1
    robots.check(PAGE, host)
    now[0] += FRESH_S
    with pytest.raises(SourceError, match="robots_unreachable"):
        robots.check(PAGE, host)
