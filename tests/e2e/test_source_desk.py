"""A person adds a headerless table with the mapping editor, previews, runs, reads the errors and mends the source."""

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import CATALOGUE, PATIENCE_S, answers
from tests.e2e.test_accessibility import violations
from tests.e2e.test_workspace import OVERFLOW, PASSWORD
from tests.servers import wait_until
from tests.shared import ROOT
from tests.sheets import csv_bytes

ADMIN: Final = "admin.li"
ROWS: Final = (
    (
        "校园门口停车泊位名录",
        "收录全市中小学门口临时停车泊位的位置、数量和开放时段。",
        "每年一次",
        "307001/000901",
        "开放",
    ),
    ("", "这一行没有名称", "每月", "307001/000902", "开放"),
)
MENDED: Final = (
    ROWS[0],
    ("校园门口安全岛名录", "收录全市中小学门口安全岛的位置、数量和管理单位。", "每月", "307001/000902", "开放"),
)
COLUMNS: Final = ("title", "abstract", "update_cycle", "resource_code", "open_type")
WAYS: Final = ("script", "no script")
LOOKS: Final = ((1280, "light"), (320, "dark"))


@pytest.fixture(scope="module")
def desk_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve an empty catalogue on the extranet, where organs work, with its scheduler."""
    folder = tmp_path_factory.mktemp("desk")
    environment = os.environ | {
        "CATALOGUE_DATA_DIR": str(folder),
        "CATALOGUE_WEB_TIER": "extranet",
        "CATALOGUE_JOBS_POLL_S": "1",
    }
    people = [*CATALOGUE, "accounts", "create", ADMIN, "--role", "desk_administrator", "--person", "李敏"]
    for command, typed in (([*CATALOGUE, "init"], ""), ([*people, "--password-stdin"], f"{PASSWORD}\n")):
        subprocess.run(
            command,
            input=typed,
            text=True,
            cwd=ROOT,
            env=environment,
            check=True,
            capture_output=True,
            timeout=PATIENCE_S,
        )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serve = [*CATALOGUE, "serve", "--port", str(port)]
    with subprocess.Popen(
        serve, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        address = f"http://127.0.0.1:{port}"
        assert wait_until(lambda: answers(address), seconds=120)
        yield address
        server.send_signal(signal.SIGTERM)


@pytest.fixture(params=WAYS)
def page(request: pytest.FixtureRequest, browser: Browser, desk_url: str) -> Iterator[Page]:
    context = browser.new_context(
        base_url=desk_url,
        locale="zh-CN",
        java_script_enabled=request.param == "script",
        viewport={"width": 1280, "height": 900},
    )
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto("/sign-in?next=/desk/sources")
    page.fill("#name", ADMIN)
    page.fill("#password", PASSWORD)
    press(page, ".form button.main")
    yield page
    context.close()


def press(page: Page, selector: str) -> None:
    with page.expect_navigation():
        page.locator(selector).first.click()


def follow(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.locator("main").get_by_role("link", name=name, exact=True).first.click()


def check(page: Page, *, is_scripted: bool) -> None:
    """Look at a page in both languages, wide and narrow: no violation, nothing scrolled sideways."""
    here = page.url
    for address in (here, re.sub(r"^(https?://[^/]+)/", r"\1/en/", here)):
        page.goto(address)
        look_at(page, is_scripted=is_scripted)
    page.goto(here)


def look_at(page: Page, *, is_scripted: bool) -> None:
    """Look at a page as it is now; the rules need script to be tried, and without it the page is the same."""
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        assert not is_scripted or violations(page) == [], page.url
        assert page.evaluate(OVERFLOW) == 0, page.url
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")


def await_end(page: Page, *, is_scripted: bool) -> None:
    """Wait until the page of a run says how it ended: by itself, or by its link."""
    if is_scripted:
        page.locator("#problems").wait_for()
        return
    assert wait_until(lambda: ended_after_refresh(page), seconds=120)


def ended_after_refresh(page: Page) -> bool:
    if page.locator("[data-refresh]").count():
        press(page, "[data-refresh]")
    return page.locator("#problems").count() > 0


def run_and_wait(page: Page, source: str, *, is_scripted: bool) -> str:
    """Ask for a harvest, wait for its page and for its end; return the address of the run."""
    page.goto(source)
    before = page.locator("table th a").count()
    press(page, "main form[action$='/run'] button")
    assert wait_until(
        lambda: page.goto(source) is not None and page.locator("table th a").count() > before, seconds=120
    )
    press(page, "table th a")
    await_end(page, is_scripted=is_scripted)
    return page.url


def add(page: Page, file: Path, *, is_scripted: bool) -> str:
    """Add a source by a file, after leaving the address out once; return its address at the desk."""
    check(page, is_scripted=is_scripted)
    follow(page, "添加来源")
    check(page, is_scripted=is_scripted)
    page.select_option("#organ", "edu")
    press(page, ".form button.main")  # without an address
    assert "没有填写地址" in page.locator(".flaws").inner_text()
    look_at(page, is_scripted=is_scripted)
    page.set_input_files("#file", file)
    press(page, ".form button.main")
    assert "来源已登记" in page.locator("[role=status]").inner_text()
    source = page.url.partition("?")[0]
    check(page, is_scripted=is_scripted)
    return source


def map_columns(page: Page, *, is_scripted: bool) -> None:
    """Say what the columns mean and what one word means, by what the sample shows."""
    follow(page, "各列的含义")
    check(page, is_scripted=is_scripted)
    for place, element in enumerate(COLUMNS):
        page.select_option(f"#column-{place}", element)
    press(page, "[name=look]")
    assert ROWS[0][0] in page.locator("section:has(#reading)").inner_text()
    page.select_option("[name=code_means]", "yearly")
    look_at(page, is_scripted=is_scripted)
    press(page, "[name=save]")


def preview(page: Page, *, is_scripted: bool) -> None:
    follow(page, "预览")
    press(page, "main form[action$='/preview'] button")
    assert ROWS[0][0] in page.locator("main").inner_text()
    look_at(page, is_scripted=is_scripted)
    follow(page, "返回")


def mend(page: Page, source: str, file: Path, *, is_scripted: bool) -> None:
    """Put another file in the place of the first."""
    page.goto(f"{source}/change")
    check(page, is_scripted=is_scripted)
    page.set_input_files("#file", file)
    press(page, ".form button.main")


def test_a_headerless_table_is_added_mapped_tried_run_and_mended(
    page: Page, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    is_scripted = request.node.callspec.params["page"] == "script"
    (tmp_path / "first.csv").write_bytes(csv_bytes(ROWS))
    (tmp_path / "mended.csv").write_bytes(csv_bytes(MENDED))
    source = add(page, tmp_path / "first.csv", is_scripted=is_scripted)
    map_columns(page, is_scripted=is_scripted)
    preview(page, is_scripted=is_scripted)
    run = run_and_wait(page, source, is_scripted=is_scripted)
    told = page.locator("table.problems").inner_text()
    assert "第2行" in told
    assert "没有名称" in told
    check(page, is_scripted=is_scripted)
    assert page.request.get(f"{run.partition('#')[0]}/report/csv").ok
    mend(page, source, tmp_path / "mended.csv", is_scripted=is_scripted)
    run_and_wait(page, source, is_scripted=is_scripted)
    assert "没有名称" not in page.locator("main").inner_text()


def look_for(page: Page, title: str) -> None:
    """Search until the entry of this title is found, and open it."""
    asked = f"/search?q={title}"
    assert wait_until(lambda: page.goto(asked) is not None and page.locator(".hit a").count() > 0, seconds=60)
    press(page, ".hit a")


def faults_of_html(page: Page, addresses: list[str], folder: Path, checker: Path) -> str:
    """Return what the HTML checker says of pages that who signed in sees."""
    for number, address in enumerate(addresses):
        (folder / f"{number}.html").write_text(page.request.get(address).text(), "utf-8")
    command = ["java", "-jar", str(checker), *map(str, folder.glob("*.html"))]
    return subprocess.run(command, capture_output=True, text=True, check=False).stderr


def test_an_entry_leads_to_why_it_looks_so_and_a_run_that_waits_to_a_person(
    page: Page, tmp_path: Path, html_checker: Path, request: pytest.FixtureRequest
) -> None:
    is_scripted = request.node.callspec.params["page"] == "script"
    way = "甲乙"[is_scripted]
    titles = [f"校门安全岛{way}类名录第{number}册" for number in range(8)]
    for name, kept in (("full.csv", titles), ("half.csv", titles[:1])):
        (tmp_path / name).write_bytes(csv_bytes([["信息资源名称", "开放类型"], *([title, "开放"] for title in kept)]))
    source = add(page, tmp_path / "full.csv", is_scripted=is_scripted)
    run = run_and_wait(page, source, is_scripted=is_scripted).partition("#")[0]
    look_for(page, titles[0])
    follow(page, "为什么是这样")
    check(page, is_scripted=is_scripted)
    why = page.url
    correct(page, is_scripted=is_scripted)
    page.goto("/desk/work")
    check(page, is_scripted=is_scripted)
    mend(page, source, tmp_path / "half.csv", is_scripted=is_scripted)
    held = run_and_wait(page, source, is_scripted=is_scripted).partition("#")[0]
    follow(page, "处理待定的部分")
    check(page, is_scripted=is_scripted)
    of_source = [source, *(f"{source}/{name}" for name in ("change", "columns", "preview"))]
    pages = ["/desk/sources", "/desk/sources/new", *of_source, run, f"{run}/undo", f"{held}/decision", why]
    assert faults_of_html(page, pages, tmp_path, html_checker) == ""
    page.locator("[name=change]").first.check()
    press(page, "[name=chosen]")
    await_end(page, is_scripted=is_scripted)
    assert "已部分接受" in page.locator("main").inner_text()
    page.goto(run)
    follow(page, "撤回这次采集")
    check(page, is_scripted=is_scripted)


def correct(page: Page, *, is_scripted: bool) -> None:
    """Let an element of the entry say something else than its source, and see that it does."""
    page.select_option("#element", "keywords")
    press(page, "main form[method=get] button")
    check(page, is_scripted=is_scripted)
    page.fill("#value", "安全岛\n校园")
    press(page, ".form button.main")
    assert "没有填写理由" in page.locator("#flaws").inner_text()
    look_at(page, is_scripted=is_scripted)
    page.fill("#reason", "来源没有写关键词")
    press(page, ".form button.main")
    assert "主管部门更正" in page.locator("main").inner_text()
    check(page, is_scripted=is_scripted)


def test_a_secret_is_asked_for_on_a_page_that_nobody_is_shut_out_from(
    page: Page, request: pytest.FixtureRequest
) -> None:
    is_scripted = request.node.callspec.params["page"] == "script"
    page.goto("/desk/sources/new")
    page.select_option("#organ", "edu")
    page.fill("#address", "https://catalogue.example.cn/list.csv")
    page.select_option("#kind", "sheet")
    press(page, ".form button.main")
    follow(page, "凭据")
    check(page, is_scripted=is_scripted)
