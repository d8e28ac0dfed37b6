"""Takes pictures for `docs/` of the demo as it is served: `python -m tests.e2e.take_pictures ADDRESS DOCS`.

The demo is loaded, served at ADDRESS, and has the editor `editor.wang` of the tests of the workspace.
"""

import shutil
import sys
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, ViewportSize, sync_playwright

from tests.e2e.test_workspace import Person

_FORM: Final[ViewportSize] = {"width": 760, "height": 640}
_SAMPLE: Final = b"\xef\xbb\xbf" + "场地名称,所在街道,面积,启用日期\n梅江风筝场,梅江,1200.5,2021-05-01\n".encode()


def take(page: Page, docs: Path) -> None:
    """Register an entry from the start page, with a picture of each page on the way."""

    def keep(name: str) -> None:
        page.evaluate("document.activeElement.blur()")
        page.screenshot(path=docs / "pictures" / f"registering-{name}.png", full_page=name != "0-start")

    person = Person(page, keyboard=False)
    page.set_viewport_size({"width": 1200, "height": 820})
    page.goto("/")
    page.screenshot(path=docs / "screenshots" / "home.png")
    page.set_viewport_size(_FORM)
    keep("0-start")
    person.go(page.locator(".for-organs a"))
    person.say_who("editor.wang")
    page.fill("#title", "风筝放飞场地登记表")
    page.fill("#abstract", "收录全市可以放飞风筝的场地的名称、位置和面积，供市民和学校查询。")
    keep("1-what")
    person.go(page.locator(".form button.main"))
    page.set_input_files("[name=sample_file]", {"name": "样例.csv", "mimeType": "text/csv", "buffer": _SAMPLE})
    person.go(page.locator("button[name=sample]"))
    page.select_option("#format_type", "xlsx")
    keep("2-items")
    person.go(page.locator(".form button.main"))
    for box in ("#sharing_type-unconditional", "#sharing_method-file", "#open_type-none", "#personal_information-no"):
        person.choose(box)
    keep("3-sharing")
    person.go(page.locator(".form button.main"))
    page.select_option("#update_cycle", "monthly")
    for field, text in (("issued_on", "2026-01-05"), ("updated_on", "2026-11-01"), ("contact", "022-23456789")):
        page.fill(f"#{field}", text)
    keep("4-access")
    person.go(page.locator(".form button:not(.main):not(.plain):not(.unseen)"))
    keep("5-check")


def main() -> None:
    """Take them all."""
    address, docs = sys.argv[1], Path(sys.argv[2])
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"))
        take(browser.new_page(base_url=address, locale="zh-CN"), docs)
        browser.close()


if __name__ == "__main__":
    main()
