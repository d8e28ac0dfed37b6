"""Pages are valid HTML, their links lead somewhere, and they weigh little."""

import re
import subprocess
from pathlib import Path
from urllib.parse import urldefrag, urljoin

import httpx
import pytest
from playwright.sync_api import Page

from tests.e2e.kinds import ENTRY, FAILURE, KINDS, TONGUES, address
from tests.e2e.watching import Watch
from tests.portal.reading import read_page

FIRST_VISIT_BYTES, WARM_BYTES, MOST_REQUESTS = 60_000, 15_000, 6
STYLE_BYTES, SCRIPT_BYTES = 30_000, 8_000
SHIFT = "new PerformanceObserver((seen) => seen.getEntries().forEach((each) => { window.shift += each.value; }))"
TRANSFERRED = """[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
  .reduce((bytes, each) => bytes + each.transferSize, 0)"""
POLICY_FORBIDS = ("unsafe", "http:", "https:", "*")


def test_pages_are_valid_html(base_url: str, html_checker: Path, tmp_path: Path) -> None:
    with httpx.Client(base_url=base_url) as client:
        for name, path in {**KINDS, "failure": FAILURE, "bad": "/search?sort=loudest"}.items():
            for tongue in TONGUES:
                (tmp_path / f"{name}-{tongue}.html").write_text(client.get(address(path, tongue)).text, "utf-8")
    command = ["java", "-jar", str(html_checker), *map(str, sorted(tmp_path.glob("*.html")))]
    verdict = subprocess.run(command, capture_output=True, text=True, check=False)
    assert verdict.stderr == ""


@pytest.mark.parametrize("tongue", TONGUES)
def test_no_link_is_dead(base_url: str, tongue: str) -> None:
    """Follow every link of every kind of page, one step, and its anchor."""
    with httpx.Client(base_url=base_url, follow_redirects=True, timeout=60) as client:
        texts: dict[str, str] = {}

        def text_of(path: str) -> str:
            if path not in texts:
                answer = client.get(path)
                assert answer.status_code == 200, path
                texts[path] = answer.text
            return texts[path]

        for path in (address(each, tongue) for each in KINDS.values()):
            links = {urljoin(path, link) for link in read_page(text_of(path)).links}
            for link in sorted(links)[:60]:
                target, anchor = urldefrag(link)
                if target.startswith("/"):
                    assert not anchor or f'id="{anchor}"' in text_of(target), link


@pytest.mark.parametrize("path", ["/", "/search?q=学校", ENTRY, "/organs", "/organs/edu", "/findings"])
def test_a_page_is_light_still_and_from_here_alone(page: Page, watch: Watch, path: str) -> None:
    page.add_init_script(f"window.shift = 0; {SHIFT}.observe({{type: 'layout-shift', buffered: true}});")
    page.goto(path, wait_until="networkidle")
    assert len(watch.requested) <= MOST_REQUESTS
    assert page.evaluate(TRANSFERRED) <= FIRST_VISIT_BYTES
    assert page.evaluate("window.shift") <= 0.02
    page.reload(wait_until="networkidle")
    assert page.evaluate(TRANSFERRED) <= WARM_BYTES


def test_own_files_keep_to_their_budget(base_url: str) -> None:
    html = httpx.get(base_url).text
    style, script = (re.findall(rf'(/static/site\.{kind}[^"]*)', html)[0] for kind in ("css", "js"))
    answers = {name: httpx.get(f"{base_url}{name}") for name in (style, script)}
    assert len(answers[style].content) <= STYLE_BYTES
    assert len(answers[script].content) < SCRIPT_BYTES
    assert {answer.headers["Cache-Control"] for answer in answers.values()} == {"public, max-age=31536000, immutable"}
    assert {answer.headers["Content-Encoding"] for answer in answers.values()} == {"gzip"}


@pytest.mark.parametrize("path", [*KINDS.values(), FAILURE])
def test_every_answer_carries_the_security_headers(base_url: str, path: str) -> None:
    headers = httpx.get(f"{base_url}{path}").headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert not any(word in policy for word in POLICY_FORBIDS)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert {"Strict-Transport-Security", "Referrer-Policy", "Cross-Origin-Opener-Policy"} <= {
        name.title() for name in headers
    }


@pytest.mark.parametrize("path", [*KINDS.values(), FAILURE])
def test_no_page_carries_style_or_script_of_its_own(base_url: str, path: str) -> None:
    html = httpx.get(f"{base_url}{path}").text
    assert " style=" not in html
    assert "<style" not in html
    assert re.findall(r"\son[a-z]+=", html) == []
    assert set(re.findall(r"<script(?! src=)([^>]*)>", html)) <= {' type="application/ld+json"'}
