"""Every page there is, found by following links as each role: no violation, nothing scrolled sideways, both languages.

The pages are read off the routes, so that a new one cannot be forgotten: one that nobody is led to fails the test.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from catalogue_app.domain.account import Role
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from tests.accounts.conftest import GENEROUS
from tests.accounts.people import NAMES, PASSWORD, begin_codes_after
from tests.accounts.source_desk import HEADERLESS, SourceDesk, list_of
from tests.accounts.test_life_of_an_entry import complete, published
from tests.accounts.test_routes_by_role import FREE, GUARDED, is_page, name_of, rules
from tests.accounts.test_uploads import a_row, a_table
from tests.api.small_catalogue import fill
from tests.e2e.conftest import served
from tests.e2e.test_accessibility import open_everything, violations
from tests.e2e.test_workspace import OVERFLOW

WALKERS: Final = (
    None,
    Role.ORGAN_EDITOR,
    Role.ORGAN_APPROVER,
    Role.DESK_REVIEWER,
    Role.DESK_ADMINISTRATOR,
    Role.OPERATOR,
    Role.AUDITOR,
)
NO_LINK: Final = {
    "set_password": "from a letter only; looked at in test_workspace.py",
    "sign_in_code": "after a password, where a second factor is set",
    "openid": "leads to another server",
    "openid_back": "comes from another server",
    "merge": "shown in place of a form that was overtaken; looked at in test_workspace.py",
    "source_secret": "of a source that is read over the network; looked at in test_source_desk.py",
    "second_factor_off": "where a second factor is set",
}
"""Pages without a link to them from this catalogue, and why."""

MANY: Final = [f"第{number}册名录" for number in range(12)]
ALIKE: Final = 4
"""Pages of one kind that each role goes to: not all of them have the same links."""
HTTP_OK: Final = 200
ADDRESSES: Final = "links => links.map((link) => link.getAttribute('href')).filter((href) => href.startsWith('/'))"

BESIDE: Final = ("feed", "table", "file", "report")
"""Ends of the names of routes whose answers are no pages."""


@dataclass(frozen=True, slots=True)
class Place:
    """A catalogue in which everything there is a page for has happened."""

    app: Flask
    url: str


def make(folder: Path) -> SourceDesk:
    """Let everything happen that a page shows."""
    desk = SourceDesk(folder)
    container = desk.container
    fill(container)
    begin_codes_after(container, 40)
    container.index_feed.drain()
    audience = Audience(tier=Tier.EXTRANET, organs=frozenset({OrganId("edu")}))
    editor = container.accounts.by_name(NAMES[Role.ORGAN_EDITOR])
    approver = container.accounts.by_name(NAMES[Role.ORGAN_APPROVER])
    complete(container, editor, "送往审核的名录")
    draft = complete(container, editor, "等待审核的名录")
    statement = "与已有条目的范围和用途都不同。"
    container.registration.submit(editor, draft.id, statement, version=draft.version, audience=audience)
    reviewer = container.accounts.by_name(NAMES[Role.DESK_REVIEWER])
    code = published(container, editor, reviewer, "将要撤销的名录")
    container.registration.withdraw(editor, code, "系统停用，不再维护", audience)
    body = a_table(a_row("一行好的名录"), a_row("", 更新周期="有时"))
    container.uploads.go_on(container.uploads.receive(editor, "目录.csv", BytesIO(body), audience).id)
    for comment in ("年度", "半年"):
        container.releases.sign(approver, container.releases.prepare(editor, comment, audience).id, audience)
    source = desk.source(list_of(MANY))
    desk.harvest(source)
    Path(source.address).write_bytes(list_of(MANY[:2]))
    assert desk.harvest(source).state is RunState.HELD
    desk.harvest(desk.source(HEADERLESS, name="headerless.csv"))
    container.flagging.evaluate()
    container.index_feed.drain()
    return desk


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("every-page")
    desk = make(folder)
    with served(folder / "var", web_tier="extranet", **GENEROUS) as url:
        yield Place(app=desk.app, url=url)


class Walk:
    """Goes from link to link and looks each kind of page over once, whoever is led to it first.

    Attributes:
        seen: kinds of pages that were looked at.
        faults: what was wrong, with the address.
    """

    def __init__(self, place: Place) -> None:
        self.seen: set[str] = set()
        self.faults: list[str] = []
        self._place = place
        self._routes = place.app.url_map.bind("", "/")

    def walk(self, page: Page, beginnings: list[str]) -> None:
        """Look at everything that pages lead to, from some on."""
        waiting, met, gone_to = list(beginnings), Counter[str](), set[str]()
        while waiting:
            path = waiting.pop(0)
            kind = self._kind(path)
            if kind is None or path in gone_to or met[kind] == ALIKE:
                continue
            met[kind] += 1
            gone_to.add(path)
            if page.goto(path).status != HTTP_OK:  # type: ignore[union-attr]  # it is no jump within a page
                self.faults.append(f"{path}: not shown")
                continue
            waiting += page.eval_on_selector_all("a[href]", ADDRESSES)
            if kind not in self.seen:
                self.seen.add(kind)
                self._look_over(page, path)

    def _look_over(self, page: Page, path: str) -> None:
        for tongue in ("", "/en"):
            page.set_viewport_size({"width": 1280, "height": 900})
            page.goto(f"{tongue}{path}")
            found = violations(page)
            if page.locator("details:not([open])").count():
                open_everything(page)
                found += violations(page)
            page.set_viewport_size({"width": 320, "height": 900})
            found += [f"{page.evaluate(OVERFLOW)} px too wide"] if page.evaluate(OVERFLOW) else []
            self.faults += [f"{tongue}{path}: {fault}" for fault in found]

    def _kind(self, path: str) -> str | None:
        """Return the kind of page behind an address: its route, and the step of a form; None for what is no page."""
        try:
            rule, parts = self._routes.match(urlsplit(path).path, return_rule=True)
        except (HTTPException, RequestRedirect):
            return None
        name = name_of(rule)
        if not is_page(rule) or f"{path}/".startswith("/en/") or name in NO_LINK or name.endswith(BESIDE):
            return None
        return f"{name} {parts['step']}" if "step" in parts else name


def sign_in(page: Page, role: Role) -> None:
    page.goto("/sign-in")
    page.fill("#name", NAMES[role])
    page.fill("#password", PASSWORD)
    with page.expect_navigation():
        page.click(".form button.main")


@pytest.mark.full
def test_no_page_that_anybody_is_led_to_has_a_violation(place: Place, browser: Browser) -> None:
    walk = Walk(place)
    for role in WALKERS:
        context = browser.new_context(base_url=place.url, locale="zh-CN")
        page = context.new_page()
        if role is not None:
            sign_in(page, role)
        walk.walk(page, ["/", urlsplit(page.url).path] if role else ["/", "/search?q=名录"])
        context.close()
    assert walk.faults == []
    pages = {name_of(rule) for rule, method in rules(place.app) if method == "GET" and is_page(rule)}
    left = {name for name in pages if name in FREE | GUARDED.keys() and not name.endswith(BESIDE)}
    unseen = left - {kind.partition(" ")[0] for kind in walk.seen}
    assert (unseen - NO_LINK.keys(), NO_LINK.keys() - unseen) == (set(), set())
