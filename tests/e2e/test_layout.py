"""Layout: narrow screens, targets, regions, enlarged text, forced colours, paper."""

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.kinds import ENTRY, KINDS, TONGUES, address

FIRST_HIT_Y = 450
CONTROLS = (
    ".nav a, .tongue, .brand, .find input, .find button, .facets li a, .pill, .button, .sorts a, .foot li a, summary"
)
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
TOO_SMALL = """(limits) => [...document.querySelectorAll(limits.selector)]
  .filter((each) => each.checkVisibility({ visibilityProperty: true }) && !each.closest('.unseen, .skip'))
  .filter((each) => limits.inline || getComputedStyle(each).display !== 'inline')
  .map((each) => [each.getBoundingClientRect(), each])
  .filter(([box]) => box.width > 1 && (box.width < limits.least || box.height < limits.least))
  .map(([box, each]) => `${each.outerHTML.slice(0, 90)} ${box.width}x${box.height}`)"""
SPACING = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
    p { margin-bottom: 2em !important }`);
  document.adoptedStyleSheets = [sheet];
}"""
CUT = """() => [...document.querySelectorAll('a, button, h1, h2, h3, p, li, th, td, dt, dd')]
  .filter((each) => each.checkVisibility() && !each.closest('.unseen, .skip, .scroll, .abstract'))
  .filter((each) => each.scrollWidth > each.clientWidth)
  .filter((each) => ['hidden', 'clip'].includes(getComputedStyle(each).overflowX))
  .map((each) => each.outerHTML.slice(0, 90))"""


@pytest.mark.parametrize("tongue", TONGUES)
@pytest.mark.parametrize("path", KINDS.values(), ids=KINDS)
def test_a_narrow_page_is_never_scrolled_sideways(page: Page, path: str, tongue: str) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(address(path, tongue))
    assert page.evaluate(OVERFLOW) == 0


@pytest.mark.parametrize("tongue", TONGUES)
@pytest.mark.parametrize("path", ["/search?q=学校", "/search?q=学校&organ=edu"])
def test_on_a_phone_the_first_hit_is_in_sight(page: Page, path: str, tongue: str) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(address(path, tongue))
    box = page.locator(".hits h3").first.bounding_box()
    assert box is not None
    assert box["y"] < FIRST_HIT_Y


def test_on_a_phone_filters_are_folded_and_open_on_demand(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto("/search?q=学校")
    assert not page.locator("#f-organ-edu").is_visible()
    page.locator("#filters > summary").click()
    assert page.locator("#f-organ-edu").is_visible()


def test_on_a_wide_screen_filters_lie_open(page: Page) -> None:
    page.goto("/search?q=学校")
    assert page.locator("#f-organ-edu").is_visible()
    assert not page.locator("#filters > summary").is_visible()


@pytest.mark.parametrize(("tongue", "width"), [("zh", 320), ("en", 1280)])
@pytest.mark.parametrize("path", KINDS.values(), ids=KINDS)
def test_targets_are_large_enough(page: Page, path: str, tongue: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(address(path, tongue))
    controls = page.evaluate(TOO_SMALL, {"selector": CONTROLS, "least": 44, "inline": True})
    others = page.evaluate(TOO_SMALL, {"selector": "main a, main button", "least": 24, "inline": False})
    assert (controls, others) == ([], [])


@pytest.mark.parametrize("path", KINDS.values(), ids=KINDS)
def test_wide_tables_lie_in_named_regions_that_take_the_focus(page: Page, path: str) -> None:
    page.goto(path)
    assert page.locator("table").count() == page.locator("[role=region][aria-labelledby][tabindex='0'] table").count()


@pytest.mark.parametrize("path", ["/", "/search?q=学校", ENTRY, "/organs/edu"])
def test_spaced_out_text_is_not_cut(page: Page, path: str) -> None:
    page.set_viewport_size({"width": 320, "height": 900})
    page.goto(path)
    page.evaluate(SPACING)
    assert page.evaluate(OVERFLOW) == 0
    assert page.evaluate(CUT) == []


@pytest.mark.parametrize("path", ["/", "/search?q=学校", ENTRY])
def test_colours_forced_by_the_system_are_taken(browser: Browser, base_url: str, path: str) -> None:
    context = browser.new_context(base_url=base_url, forced_colors="active")
    page = context.new_page()
    page.goto(path)
    ground, ink = page.evaluate(
        "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    )
    assert ground != ink
    context.close()


def test_dark_follows_the_system(page: Page) -> None:
    page.goto("/")
    colours = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        colours.append(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
    assert colours == ["rgb(246, 247, 248)", "rgb(17, 22, 27)"]


def test_on_paper_navigation_is_left_out_and_address_and_day_are_printed(page: Page) -> None:
    page.goto(ENTRY)
    page.emulate_media(media="print")
    assert not page.locator(".nav").is_visible()
    printed = page.locator(".printed").inner_text()
    assert ENTRY in printed
    assert "年" in printed
