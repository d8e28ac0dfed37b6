"""Accessibility by axe: WCAG 2.0 to 2.2 A and AA, best practice; light, dark, wide, narrow, every opened state."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.e2e.kinds import ENTRY, FAILURE, KINDS, TONGUES, address

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = {"wide light": (1280, "light"), "narrow dark": (320, "dark"), "wide dark": (1280, "dark")}


def violations(page: Page) -> list[str]:
    """Return what axe finds: rule and the elements that break it."""
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    return [f"{each['id']}: {[node['target'] for node in each['nodes']]}" for each in found]


def dress(page: Page, look: str) -> None:
    width, scheme = LOOKS[look]
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")


@pytest.mark.parametrize("tongue", TONGUES)
@pytest.mark.parametrize("look", ["wide light", "narrow dark"])
@pytest.mark.parametrize("path", [*KINDS.values(), FAILURE], ids=[*KINDS, "failure"])
def test_no_page_has_a_violation(page: Page, path: str, look: str, tongue: str) -> None:
    dress(page, look)
    page.goto(address(path, tongue))
    assert violations(page) == []


def open_everything(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")


def open_suggestions(page: Page) -> None:
    page.locator("#q").fill("")
    page.locator("#q").press_sequentially("教育")
    page.get_by_role("option").first.wait_for()
    page.keyboard.press("ArrowDown")


STATES: list[tuple[str, Callable[[Page], None]]] = [
    ("/search?q=名单", open_everything),
    (ENTRY, open_everything),
    ("/findings", open_everything),
    ("/", open_suggestions),
    ("/search?q=学校", open_suggestions),
]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(("path", "act"), STATES, ids=["filters", "metadata", "organs", "suggestions", "over results"])
def test_no_opened_state_has_a_violation(page: Page, path: str, act: Callable[[Page], None], look: str) -> None:
    dress(page, look)
    page.goto(path)
    act(page)
    assert violations(page) == []


def test_the_check_itself_sees_faults(page: Page) -> None:
    page.goto("/")
    page.evaluate("document.documentElement.removeAttribute('lang'); document.querySelector('label').remove()")
    assert {each.partition(":")[0] for each in violations(page)} >= {"html-has-lang"}
