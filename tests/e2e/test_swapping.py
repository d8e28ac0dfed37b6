"""Results swapped in place: the address is the state, history leads back, focus stays, the status is announced."""

from playwright.sync_api import Page, expect

from tests.e2e.watching import Watch

START = "/search?q=名单"


def test_a_filter_swaps_results_without_a_new_page(page: Page, watch: Watch) -> None:
    page.goto(START)
    page.evaluate("window.isSamePage = true")
    before = page.locator("#status").inner_text()
    page.locator("#f-organ-edu").click()
    page.wait_for_url("**organ=edu**")
    expect(page.locator("#c-organ-edu")).to_be_visible()
    assert page.evaluate("window.isSamePage")
    assert page.locator("#status").inner_text() != before
    assert page.evaluate("document.activeElement.id") == "f-organ-edu"
    assert "organ=edu" in (page.locator("#tongue").get_attribute("href") or "")
    assert "organ=edu" in (page.locator("#feed").get_attribute("href") or "")
    assert watch.complaints == []


def test_back_and_forward_show_what_they_showed(page: Page, watch: Watch) -> None:
    page.goto(START)
    first = page.locator("#status").inner_text()
    page.locator("#f-organ-edu").click()
    page.wait_for_url("**organ=edu**")
    expect(page.locator("#status")).not_to_have_text(first)
    second = page.locator("#status").inner_text()
    page.go_back()
    expect(page.locator("#status")).to_have_text(first)
    expect(page.locator("#c-organ-edu")).to_have_count(0)
    page.go_forward()
    expect(page.locator("#status")).to_have_text(second)
    assert watch.complaints == []


def test_a_new_text_keeps_filters_and_a_reload_shows_the_same(page: Page, watch: Watch) -> None:
    page.goto(f"{START}&organ=edu&sort=title")
    page.locator("#q").fill("学校")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=%E5%AD%A6%E6%A0%A1&organ=edu&sort=title")
    expect(page.locator("#status")).to_contain_text("学校")
    swapped = page.locator("#found").inner_html()
    page.reload()
    assert page.locator("#found").inner_html() == swapped
    assert page.evaluate("document.activeElement.tagName") in {"BODY", "INPUT"}
    assert watch.complaints == []


def test_the_focus_goes_to_the_results_when_its_element_is_gone(page: Page, watch: Watch) -> None:
    page.goto(f"{START}&organ=edu")
    page.locator("#c-organ-edu").click()
    expect(page.locator("#c-organ-edu")).to_have_count(0)
    assert page.evaluate("document.activeElement.id") == "results"
    assert watch.complaints == []


def test_an_opened_list_of_values_stays_open(page: Page, watch: Watch) -> None:
    page.goto("/search")
    page.locator("#more-organ > summary").click()
    page.locator("#more-organ a").first.click()
    page.wait_for_url("**organ=**")
    expect(page.locator("#more-organ")).to_have_attribute("open", "")
    assert watch.complaints == []


def test_when_the_answer_fails_the_browser_goes_there_itself(page: Page) -> None:
    page.goto(START)
    page.evaluate("document.getElementById('f-organ-edu').href = '/search?organ=nobody'")
    page.locator("#f-organ-edu").click()
    page.wait_for_url("**/search?organ=nobody")
    assert page.locator("h1").inner_text() == "网址里有看不懂的条件"
