"""The search box while somebody types: input methods compose in peace, suggestions follow the combobox pattern."""

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.e2e.watching import Watch

SETTLED_MS = 600
"""Longer than the script waits before it asks."""

BURST = """['y', 'yo', 'you', 'youer'].forEach((text) => {
  document.getElementById('q').value = text;
  document.getElementById('q').dispatchEvent(new InputEvent('input', { bubbles: true }));
})"""


def compose(page: Page, *steps: str) -> CDPSession:
    """Begin to write with an input method: what is being composed, step by step."""
    session = page.context.new_cdp_session(page)
    for text in steps:
        session.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
        page.wait_for_timeout(SETTLED_MS // 2)
    return session


def test_pinyin_asks_for_suggestions_exactly_once(page: Page, watch: Watch) -> None:
    page.goto("/")
    page.locator("#q").focus()
    session = compose(page, "j", "ji", "jia", "jiao", "jiao yu")
    assert watch.suggestions() == []
    session.send("Input.insertText", {"text": "教育"})
    page.get_by_role("option").first.wait_for()
    page.wait_for_timeout(SETTLED_MS)
    assert len(watch.suggestions()) == 1
    assert page.locator("#q").input_value() == "教育"


def test_enter_that_confirms_a_candidate_keeps_the_text_and_sends_nothing(page: Page, watch: Watch) -> None:
    page.goto("/")
    page.locator("#q").focus()
    session = compose(page, "jiao", "jiao yu")
    page.evaluate("document.querySelector('form.find').requestSubmit()")
    session.send("Input.insertText", {"text": "教育"})
    page.wait_for_timeout(SETTLED_MS)
    assert page.locator("#q").input_value() == "教育"
    assert not any(path.startswith("/search") for path in watch.requested)


def test_arrows_choose_enter_takes_and_escape_closes(page: Page, watch: Watch) -> None:
    page.goto("/")
    box, options = page.get_by_role("combobox"), page.get_by_role("option")
    box.press_sequentially("教育")
    options.first.wait_for()
    assert box.get_attribute("aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    chosen = options.first
    assert box.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    assert chosen.get_attribute("aria-selected") == "true"
    page.keyboard.press("ArrowUp")
    assert box.get_attribute("aria-activedescendant") is None
    page.keyboard.press("Escape")
    assert box.get_attribute("aria-expanded") == "false"
    assert box.input_value() == "教育"
    page.keyboard.press("ArrowDown")
    text = options.nth(0).locator("span").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")
    expect(page.get_by_role("combobox")).to_have_value(text)
    assert watch.complaints == []


def test_a_suggestion_is_taken_by_pointer(page: Page, watch: Watch) -> None:
    page.goto("/en/")
    page.locator("#q").press_sequentially("jiaoyu")
    page.get_by_role("option").first.click()
    page.wait_for_url("**/en/search?*")
    assert page.locator(".hits li").count() > 0
    assert watch.suggestions()


def test_typing_fast_asks_once_it_rests(page: Page, watch: Watch) -> None:
    page.goto("/")
    page.locator("#q").focus()
    page.evaluate(BURST)
    page.get_by_role("option").first.wait_for()
    page.wait_for_timeout(SETTLED_MS)
    assert len(watch.suggestions()) == 1


@pytest.mark.parametrize("path", ["/", "/search?q=学校"])
def test_enter_before_any_suggestion_searches(page: Page, watch: Watch, path: str) -> None:
    page.goto(path)
    page.locator("#q").fill("公积金")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=%E5%85%AC%E7%A7%AF%E9%87%91")
    expect(page.locator("#status")).to_contain_text("公积金")
    assert watch.foreign == []
