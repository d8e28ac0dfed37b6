"""The register in a browser, with script and without: an organ found, given a name that searches know, and merged."""

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, BrowserContext

from catalogue_app.domain.account import Role
from tests.accounts.people import NAMES, hire
from tests.api.small_catalogue import fill
from tests.e2e.conftest import served
from tests.e2e.test_workspace import OVERFLOW, Person, look_over
from tests.living import open_catalogue

WAYS: Final = {"script": ("edu", "天津市教育委员会", "津门学务处"), "no script": ("civil", "天津市民政局", "津门善堂")}
"""The organ that each way merges, and what it is to be found by."""
SUCCESSOR: Final = "sci"
PATIENCE_MS: Final = 60_000


@pytest.fixture(scope="module")
def desk_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a small catalogue with its people; what is merged here is missed by no other test."""
    folder = tmp_path_factory.mktemp("register")
    container = open_catalogue(folder)
    fill(container)
    hire(container)
    with served(folder) as address:
        yield address


@pytest.mark.parametrize("way", list(WAYS))
def test_an_organ_is_found_renamed_and_merged_and_its_page_leads_on(browser: Browser, desk_url: str, way: str) -> None:
    organ, name, alias = WAYS[way]
    width = 1280 if way == "script" else 320
    context = browser.new_context(
        base_url=desk_url, java_script_enabled=way == "script", locale="zh-CN", viewport={"width": width, "height": 900}
    )
    context.set_default_timeout(PATIENCE_MS)
    person = Person(context.new_page(), keyboard=False)
    person.page.goto(f"/search?q={alias}")
    assert name not in person.page.locator("main").inner_text()
    person.sign_in(NAMES[Role.DESK_ADMINISTRATOR], "/desk/organs")
    rename(person, name, alias)
    person.page.goto(f"/search?q={alias}")
    assert name in person.page.locator(".hits").inner_text()
    merge(person, organ)
    person.page.goto(f"/organs/{organ}")
    assert person.page.evaluate(OVERFLOW) == 0
    person.go(person.page.locator("#succeeded a"))
    assert person.page.url.endswith(f"/organs/{SUCCESSOR}")
    assert name in person.page.locator("#predecessors").inner_text()
    if way == "script":
        look_at_all(context, organ)
    context.close()


def rename(person: Person, name: str, alias: str) -> None:
    """Find an organ in the tree, and give it another name; a wrong credit code is told beside its field."""
    page = person.page
    for folded in page.locator("details").all():
        if folded.get_attribute("open") is None:
            folded.locator("> summary").click()
    assert page.evaluate(OVERFLOW) == 0
    person.go(page.get_by_role("link", name=name, exact=True))
    code = page.input_value("#uscc")
    page.fill("#uscc", code[:-1] + ("X" if code[-1] != "X" else "Y"))
    page.fill("#aliases", alias)
    person.go(page.locator(".form button.main"))
    assert "校验码" in page.locator("#uscc-flaw1").inner_text()
    assert page.evaluate(OVERFLOW) == 0
    page.fill("#uscc", code)
    person.go(page.locator(".form button.main"))
    assert "已保存" in page.locator("[role=status]").inner_text()


def merge(person: Person, organ: str) -> None:
    """Choose the successor, look at what moves, confirm."""
    page = person.page
    page.goto(f"/desk/organs/{organ}/change")
    person.go(page.get_by_role("link", name="办理撤并"))
    page.select_option("#to", SUCCESSOR)
    person.go(page.locator(".form button.main"))
    assert page.locator("#preview dd").first.inner_text() != "0"
    assert page.evaluate(OVERFLOW) == 0
    person.go(page.get_by_role("button", name="确认撤并"))
    assert "撤并已办理" in page.locator("[role=status]").inner_text()


def look_at_all(context: BrowserContext, organ: str) -> None:
    """Demand of every page of the register that axe finds nothing and none is scrolled sideways, zh and en."""
    page = context.new_page()
    for tongue in ("", "/en"):
        for path in ("/desk/organs", "/desk/organs/health/change", "/desk/organs/new", "/desk/organs/upload"):
            look_over(page, tongue + path)
        look_over(page, f"{tongue}/desk/organs/health/succession?to=sci")
        look_over(page, f"{tongue}/desk/organs/health/succession?to=nobody")
        look_over(page, f"{tongue}/organs/{organ}")
        look_over(page, f"{tongue}/organs/{SUCCESSOR}")
