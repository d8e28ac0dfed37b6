"""Journeys of people: with script, without, by keyboard alone, on a phone; the number of steps is asserted."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.kinds import ENTRY

WAYS = ["script", "no script", "phone"]


@pytest.fixture(params=WAYS)
def visitor(request: pytest.FixtureRequest, browser: Browser, base_url: str) -> Iterator[Page]:
    """Open the home page as one of several visitors."""
    width = 320 if request.param == "phone" else 1280
    context = browser.new_context(
        base_url=base_url,
        java_script_enabled=request.param != "no script",
        viewport={"width": width, "height": 800},
        locale="zh-CN",
    )
    page = context.new_page()
    page.goto("/")
    yield page
    context.close()


def search(page: Page, text: str) -> None:
    page.locator("#q").fill(text)
    page.locator("#q").press("Enter")
    page.wait_for_url("**/search?q=**")


def test_a_citizen_finds_an_entry_by_plain_words_and_sees_who_answers_for_it(visitor: Page) -> None:
    search(visitor, "幼儿园")
    visitor.locator(".hits h3 a").first.click()
    visitor.wait_for_url("**/entries/TJ*")
    expect(visitor.locator("h1")).to_contain_text("幼儿园")
    expect(visitor.locator(".answer")).to_contain_text("天津市教育委员会")


def test_a_citizen_sees_how_new_it_is_and_what_updated_means(visitor: Page) -> None:
    visitor.goto(ENTRY)
    answer = visitor.locator(".answer")
    for words in ("内容更新", "承诺周期", "最近核对", "读到不等于内容有变化"):
        expect(answer).to_contain_text(words)


def test_a_citizen_reaches_the_content_in_one_step(visitor: Page) -> None:
    visitor.goto(ENTRY)
    link = visitor.locator(".answer .button.main")
    expect(link).to_be_visible()
    assert (link.get_attribute("href") or "").startswith("http")


def test_a_citizen_narrows_by_organ_and_category_and_shares_the_link(visitor: Page) -> None:
    search(visitor, "名单")
    for value in ("f-organ-edu", "f-category-f"):
        if not visitor.locator(f"#{value}").is_visible():
            visitor.locator("#filters > summary").click()
        visitor.locator(f"#{value}").click()
        expect(visitor.locator(f"#{value.replace('f-', 'c-', 1)}")).to_be_visible()
    shared = visitor.url
    told = visitor.locator("#status").inner_text()
    visitor.goto("/")
    visitor.goto(shared)
    expect(visitor.locator("#status")).to_have_text(told)
    assert "organ=edu" in shared
    assert "category=f" in shared


def test_a_citizen_who_finds_nothing_is_shown_ways_on(visitor: Page) -> None:
    visitor.goto("/search?q=量子芯片光刻胶&organ=edu")
    expect(visitor.locator("#status")).to_contain_text("没有")
    visitor.get_by_role("link", name="负责机关 天津市教育委员会").click()
    visitor.wait_for_url(lambda address: "organ" not in address)
    visitor.get_by_role("link", name="按机关浏览").first.click()
    visitor.wait_for_url("**/organs")


def test_a_citizen_follows_a_search_and_an_organ(visitor: Page) -> None:
    search(visitor, "幼儿园")
    feed = visitor.get_by_role("link", name="用 Atom 订阅这次检索").get_attribute("href") or ""
    assert visitor.request.get(feed).headers["content-type"].startswith("application/atom+xml")
    visitor.goto("/organs/edu")
    feed = visitor.get_by_role("link", name="用 Atom 订阅").first.get_attribute("href") or ""
    assert visitor.request.get(feed).ok


def test_a_citizen_searches_within_one_organ(visitor: Page) -> None:
    visitor.goto("/organs/edu")
    visitor.locator("#q").fill("学校")
    visitor.locator("#q").press("Enter")
    visitor.wait_for_url("**organ=edu**")
    organs = set(visitor.locator(".hits .facts > span:first-child").all_inner_texts())
    assert organs == {"天津市教育委员会"}


@pytest.mark.parametrize("text", ["幼儿园", "youeryuan", "yey"])
def test_an_entry_is_found_in_chinese_pinyin_and_initials(visitor: Page, text: str) -> None:
    search(visitor, text)
    assert "幼儿园" in visitor.locator(".hits h3").first.inner_text()


def test_the_other_language_shows_the_same_search(visitor: Page) -> None:
    search(visitor, "幼儿园")
    hits = visitor.locator(".hits h3").all_inner_texts()
    visitor.locator("#tongue").click()
    visitor.wait_for_url("**/en/search?q=**")
    assert visitor.locator("html").get_attribute("lang") == "en"
    assert visitor.locator(".hits h3").all_inner_texts() == hits


def test_pages_are_turned_on_and_back(visitor: Page) -> None:
    visitor.goto("/search?sort=title")
    first = visitor.locator(".hits h3").first.inner_text()
    visitor.locator("#next").click()
    expect(visitor.locator(".hits h3").first).not_to_have_text(first)
    second = visitor.locator(".hits h3").first.inner_text()
    visitor.locator("#next").click()
    expect(visitor.locator(".hits h3").first).not_to_have_text(second)
    visitor.locator("#previous").click()
    expect(visitor.locator(".hits h3").first).to_have_text(second)
    visitor.locator("#previous").click()
    expect(visitor.locator(".hits h3").first).to_have_text(first)


def test_a_supervisor_finds_which_organs_lack_a_category(visitor: Page) -> None:
    visitor.goto("/findings")
    visitor.get_by_role("link", name="公开类别缺失").first.click()
    visitor.wait_for_url("**kind=disclosure_gap**")
    headings = visitor.locator(".cards h3").all_inner_texts()
    assert headings
    assert all(heading.startswith("公开类别缺失") for heading in headings)


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.className"))


def test_the_keyboard_alone_searches_narrows_and_opens_an_entry(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    assert focused(page) == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    page.locator("#q").focus()
    page.keyboard.insert_text("名单")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=**")
    page.locator("#q").focus()
    for _ in range(60):
        page.keyboard.press("Tab")
        if focused(page).startswith("f-organ-"):
            break
    value = focused(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**organ=**")
    expect(page.locator(f"#{value}")).to_be_focused()
    expect(page.locator(f"#{value}")).to_have_attribute("aria-current", "true")


SEEN = """() => {
  const each = document.activeElement, box = each.getBoundingClientRect(), style = getComputedStyle(each);
  const there = document.elementFromPoint(box.x + Math.min(box.width / 2, 20), box.y + Math.min(box.height / 2, 10));
  return { name: each.outerHTML.slice(0, 80), outline: parseFloat(style.outlineWidth), style: style.outlineStyle,
    isBare: each === document.body, isThere: !!there && (each.contains(there) || there.contains(each)) };
}"""


@pytest.mark.parametrize("path", ["/", "/search?q=学校", ENTRY, "/organs/edu", "/findings"])
def test_the_focus_is_always_seen_and_never_covered(page: Page, path: str) -> None:
    page.goto(path)
    for _ in range(40):
        page.keyboard.press("Tab")
        seen = page.evaluate(SEEN)
        if seen["isBare"]:
            break
        assert seen["style"] != "none", seen
        assert seen["outline"] >= 2, seen
        assert seen["isThere"], seen
