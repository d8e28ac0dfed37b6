"""The work of organs and of the desk in a browser: with script, without, by keyboard, on a phone; clicks counted."""

import fcntl
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.accounts.test_uploads import a_row, a_table
from tests.e2e.conftest import CATALOGUE, PATIENCE_S, environment
from tests.e2e.test_accessibility import violations
from tests.shared import ROOT

PASSWORD: Final = "correct horse battery staple"  # noqa: S105 — of people who do not exist
PEOPLE: Final = {
    "editor.wang": ["--role", "organ_editor", "--organ", "edu", "--person", "王丽"],
    "reviewer.zhao": ["--role", "desk_reviewer", "--person", "赵明"],
    "keeper.qian": ["--role", "desk_administrator", "--person", "钱进"],
}
WAYS: Final = {
    "script": {"width": 1280},
    "no script": {"width": 1280, "java_script_enabled": False},
    "keyboard": {"width": 1280, "keyboard": True},
    "phone": {"width": 320},
}
UNLIKE: Final = ("龙舟训练基地登记表", "风筝放飞场地清单", "冰雪课程器材台账", "校园种植园名录")
"""Titles unlike any other of the catalogue, one for each way."""

MOST_CLICKS_TO_REGISTER: Final = 6
MOST_CLICKS_TO_DECIDE: Final = 2
MOST_REQUIRED: Final = 13
OVERFLOW: Final = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="session")
def staffed(demo_dir: Path) -> Path:
    """Make the accounts, once for all workers of a run."""
    made = demo_dir.parent / "people.made"
    with (demo_dir.parent / "people.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name, facts in PEOPLE.items() if not made.exists() else ():
            subprocess.run(
                [*CATALOGUE, "accounts", "create", name, *facts, "--password-stdin"],
                input=f"{PASSWORD}\n",
                text=True,
                cwd=ROOT,
                env=environment(demo_dir),
                check=True,
                capture_output=True,
                timeout=PATIENCE_S,
            )
        made.touch()
    return demo_dir


class Person:
    """Somebody at a browser, who clicks or presses keys, and whose clicks are counted."""

    def __init__(self, page: Page, *, keyboard: bool) -> None:
        self.page = page
        self.clicks = 0
        self._keyboard = keyboard

    def go(self, target: Locator) -> None:
        """Follow a link or press a button, and wait for the page it leads to."""
        self.clicks += 1
        with self.page.expect_navigation():
            if self._keyboard:
                target.focus()
                self.page.keyboard.press("Enter")
            else:
                target.click()

    def choose(self, selector: str) -> None:
        box = self.page.locator(selector)
        if self._keyboard:
            box.focus()
            self.page.keyboard.press("Space")
        else:
            box.check()

    def sign_in(self, name: str, path: str) -> None:
        """Sign in before the task begins: nothing of it is counted."""
        self.page.goto(f"/sign-in?next={path}")
        self.say_who(name)
        self.clicks = 0

    def say_who(self, name: str) -> None:
        """Fill in the way in and press its button, which is one click."""
        self.page.fill("#name", name)
        self.page.fill("#password", PASSWORD)
        self.go(self.page.locator(".form button.main"))


@pytest.fixture(params=list(WAYS), ids=list(WAYS))
def person(request: pytest.FixtureRequest, browser: Browser, base_url: str, staffed: Path) -> Iterator[Person]:
    del staffed
    way = dict(WAYS[request.param])
    keyboard = bool(way.pop("keyboard", False))
    width = int(way.pop("width"))
    context = browser.new_context(
        base_url=base_url,
        viewport={"width": width, "height": 900},
        locale="zh-CN",
        java_script_enabled=bool(way.get("java_script_enabled", True)),
    )
    yield Person(context.new_page(), keyboard=keyboard)
    context.close()


def test_an_editor_registers_an_entry_and_a_reviewer_decides(person: Person, request: pytest.FixtureRequest) -> None:
    page, title = (
        person.page,
        f"{'甲乙丙丁'[list(WAYS).index(request.node.callspec.params['person'])]}区校车停靠点登记表",
    )
    person.sign_in("editor.wang", "/workspace")
    person.go(page.get_by_role("link", name="登记新条目").first)
    required = register(person, title)
    assert person.clicks <= MOST_CLICKS_TO_REGISTER
    assert required <= MOST_REQUIRED
    assert "已报送" in page.locator("[role=status]").first.inner_text()
    person.go(page.locator(".who button"))

    person.sign_in("reviewer.zhao", "/desk/queue")
    person.go(page.get_by_role("link", name=title))
    assert page.evaluate(OVERFLOW) == 0
    assert title in page.locator("table").inner_text()
    person.go(page.locator("[name=approve]"))
    assert person.clicks <= MOST_CLICKS_TO_DECIDE
    assert "已通过" in page.locator("[role=status]").inner_text()
    assert page.get_by_role("link", name=title).count() == 0


def test_somebody_new_registers_an_entry_from_the_start_page(person: Person, request: pytest.FixtureRequest) -> None:
    page, number = person.page, list(WAYS).index(request.node.callspec.params["person"])
    page.goto("/")
    assert page.evaluate(OVERFLOW) == 0
    person.go(page.get_by_role("link", name="登记信息资源"))
    person.say_who("editor.wang")
    assert page.url.endswith("/workspace/entries/new")
    required = register(person, UNLIKE[number])
    assert person.clicks <= MOST_CLICKS_TO_REGISTER
    assert required <= MOST_REQUIRED
    assert "已报送" in person.page.locator("[role=status]").first.inner_text()


def register(person: Person, title: str) -> int:
    """Register an entry from its first form on; returns how many fields had to be filled in.

    A title that is like others asks for a sentence and a click more.
    """
    page, filled = person.page, 0

    def fill(selector: str, text: str) -> None:
        nonlocal filled
        page.locator(selector).first.fill(text)
        filled += 1

    def select(selector: str, value: str) -> None:
        nonlocal filled
        page.select_option(selector, value)
        filled += 1

    def onward() -> None:
        assert page.evaluate(OVERFLOW) == 0
        person.go(page.locator(".form button.main"))

    fill("#title", title)
    fill("#abstract", f"收录{title}的名称、位置和管理单位，供家长和学校查询。")
    onward()
    select("#format_type", "xlsx")
    fill("[name=item_name]", f"{title}编号")
    fill("[name=item_length]", "50")
    onward()
    for box in ("#sharing_type-unconditional", "#sharing_method-file", "#open_type-none", "#personal_information-no"):
        person.choose(box)
        filled += 1
    onward()
    select("#update_cycle", "monthly")
    for selector, text in (("#issued_on", "2026-01-05"), ("#updated_on", "2026-11-01"), ("#contact", "022-23456789")):
        fill(selector, text)
    onward()
    if page.locator("#statement").count():
        fill("#statement", "本表只登记校车停靠点，与已有条目的范围不同。")
        onward()
    return filled


INSIDE: Final = {
    "editor.wang": (
        "/workspace",
        "/workspace/uploads",
        "/workspace/releases",
        "/workspace/entries",
        "/workspace/entries/new",
        "/account",
        "/account/password",
    ),
    "reviewer.zhao": ("/desk/queue", "/account/second-factor", "/account/tokens/new", "/desk/entries/TJ00000001/trail"),
    "keeper.qian": (
        "/audit",
        "/audit?subject=account:",
        "/audit/chain",
        "/desk/organs",
        "/desk/accounts",
        "/desk/accounts/new",
        "/desk/accounts/keeper.qian",
        "/desk/accounts/editor.wang",
        "/desk/accounts/editor.wang/change",
    ),
}


@pytest.mark.parametrize("tongue", ["", "/en"], ids=["zh", "en"])
@pytest.mark.parametrize("name", INSIDE)
def test_no_page_inside_has_a_violation_or_is_scrolled_sideways(
    page: Page, staffed: Path, name: str, tongue: str
) -> None:
    del staffed
    Person(page, keyboard=False).sign_in(name, "/account")
    for path in INSIDE[name]:
        look_over(page, f"{tongue}{path}")


def test_a_form_is_kept_while_it_is_filled_in(page: Page, staffed: Path) -> None:
    del staffed
    Person(page, keyboard=False).sign_in("editor.wang", "/workspace/entries/new")
    page.fill("#title", "自动保存的登记")
    page.fill("#abstract", "收录自动保存的内容、范围和用途，供测试者核对。")
    page.click(".form button.main")
    page.locator("[name=item_name]").first.fill("编号")
    page.locator(".saved", has_text="已自动保存").wait_for()
    page.reload()
    assert page.locator("[name=item_name]").first.input_value() == "编号"
    page.locator("[name=item_length]").first.fill("20")
    page.select_option("#format_type", "xlsx")
    page.click(".form button.main")
    page.wait_for_url("**/sharing")


def test_who_was_overtaken_chooses_by_element_in_every_way(
    person: Person, browser: Browser, base_url: str, request: pytest.FixtureRequest
) -> None:
    page, number = person.page, list(WAYS).index(request.node.callspec.params["person"])
    title = f"{'子丑寅卯'[number]}街道门牌登记表"
    person.sign_in("editor.wang", "/workspace/entries/new")
    page.fill("#title", title)
    page.fill("#abstract", f"收录{title}的门牌号码、位置和户数，供部门核对。")
    person.go(page.locator(".form button.main"))
    page.goto(page.url.replace("/items", "/what"))
    other = browser.new_context(base_url=base_url, locale="zh-CN", storage_state=page.context.storage_state())
    theirs = other.new_page()
    theirs.goto(page.url)
    theirs.fill("#title", f"{title}（他人）")
    theirs.locator(".form button.main").click()
    theirs.wait_for_url("**/items")
    other.close()
    page.fill("#title", f"{title}（本人）")
    person.go(page.locator(".form button.main"))
    assert "合并两份修改" in page.locator("h1").inner_text()
    assert page.evaluate(OVERFLOW) == 0
    assert violations_of(page, browser) == []
    person.choose("#title-mine")
    person.go(page.locator(".form button.main"))
    assert f"{title}（本人）" in page.locator("main").inner_text()


def violations_of(page: Page, browser: Browser) -> list[str]:
    """Try the rules on a page as it stands, in a browser with script: they need it, and the page may have none."""
    body, context = page.content(), browser.new_context(locale="zh-CN", viewport=page.viewport_size)
    shown = context.new_page()
    shown.route(page.url, lambda route: route.fulfill(body=body, content_type="text/html; charset=utf-8"))
    shown.goto(page.url)
    found = violations(shown)
    context.close()
    return found


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no script"])
def test_a_table_is_uploaded_looked_at_and_taken(
    browser: Browser, base_url: str, staffed: Path, tmp_path: Path, *, has_script: bool
) -> None:
    del staffed
    title = f"{'有' if has_script else '无'}脚本上传登记表"
    table = tmp_path / "目录.csv"
    table.write_bytes(a_table(a_row(title), a_row(f"{title}二", 更新周期="有时")))
    context = browser.new_context(base_url=base_url, java_script_enabled=has_script, locale="zh-CN")
    page = context.new_page()
    person = Person(page, keyboard=False)
    person.sign_in("editor.wang", "/workspace/uploads")
    page.set_input_files("#table", table)
    person.go(page.locator(".form button.main"))
    wait_on(page, lambda: page.locator("#rows-good").count() > 0, has_script=has_script)
    assert "更新周期" in page.locator("table").inner_text()
    if has_script:
        for tongue in ("", "/en"):
            look_over(page, tongue + page.url.removeprefix(base_url).removeprefix("/en"))
        page.goto(page.url.replace("/en/", "/"))
    person.go(page.get_by_role("button", name="采用", exact=True))
    wait_on(page, lambda: "已采用1行，共1行" in page.locator("[role=status]").inner_text(), has_script=has_script)
    person.go(page.get_by_role("link", name="到工作台查看"))
    assert page.get_by_role("link", name=title, exact=True).count() == 1
    context.close()


def wait_on(page: Page, is_done: Callable[[], bool], *, has_script: bool) -> None:
    """Wait as a person would: script shows how far it is, without script one looks again."""
    ends_at = time.monotonic() + PATIENCE_S
    while not is_done():
        assert time.monotonic() < ends_at, page.locator("main").inner_text()
        page.wait_for_timeout(300)
        if not has_script:
            page.reload()


def look_over(page: Page, path: str) -> None:
    """Demand that a page has no violation and is not scrolled sideways, wide and narrow, light and dark."""
    for width, scheme in ((1280, "light"), (320, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.goto(path)
        assert violations(page) == [], path
        assert page.evaluate(OVERFLOW) == 0, path
