"""Public pages as Lighthouse judges them on a phone: nothing to mend, and fast."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest
from playwright._impl._driver import compute_driver_executable

from tests.e2e.kinds import KINDS, TONGUES, address

PUBLIC: Final = ("home", "search", "entry", "organ", "category")
FLAWLESS: Final = ("accessibility", "best-practices", "seo")
FAST: Final = 0.95
TRIES: Final = 3
BROWSER_FLAGS: Final = (
    "--headless=new --no-sandbox --disable-dev-shm-usage --disable-background-networking --disable-component-update"
)


class UnjudgedError(Exception):
    """The judge itself failed, such as at a browser that did not come up; it says nothing about the page."""


def judge(lighthouse: Path, browser: Path, url: str, verdict: Path) -> Mapping[str, float]:
    """Return category to score, 0 to 1."""
    node, _ = compute_driver_executable()
    options = [f"--chrome-flags={BROWSER_FLAGS}", "--output=json", f"--output-path={verdict}", "--quiet"]
    command = [node, str(lighthouse), url, *options]
    environment = os.environ | {"CHROME_PATH": str(browser)}
    judged = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=300)
    if judged.returncode != 0:
        raise UnjudgedError(judged.stderr)
    return {name: one["score"] for name, one in json.loads(verdict.read_text("utf-8"))["categories"].items()}


@pytest.mark.parametrize("tongue", TONGUES)
@pytest.mark.parametrize("kind", PUBLIC)
def test_lighthouse_finds_nothing_to_mend(
    base_url: str, lighthouse: Path, chromium: Path, tmp_path: Path, kind: str, tongue: str
) -> None:
    url = base_url + address(KINDS[kind], tongue)
    speeds, failures = list[float](), list[str]()
    for number in range(TRIES):  # what else runs on the machine can only lower the score of speed: the best one counts
        try:
            scores = judge(lighthouse, chromium, url, tmp_path / f"{number}.json")
        except UnjudgedError as failure:
            sys.stderr.write(f"\nnot judged: {failure}\n")
            failures.append(str(failure))
            continue
        assert {name: scores[name] for name in FLAWLESS} == dict.fromkeys(FLAWLESS, 1.0)
        speeds.append(scores["performance"])
        if speeds[-1] >= FAST:
            return
    assert max(speeds, default=0.0) >= FAST, failures
