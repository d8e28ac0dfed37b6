"""The demo municipality, served as anybody would serve it, and a browser that notices what goes wrong."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page

from tests.e2e.watching import Watch
from tests.servers import wait_until
from tests.shared import ROOT

PATIENCE_S = 300
CATALOGUE = [sys.executable, "-m", "catalogue_app.cli.main"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here needs a browser or the served demo: part of the full run."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def environment(data_dir: Path) -> dict[str, str]:
    return os.environ | {"CATALOGUE_DATA_DIR": str(data_dir)}


@pytest.fixture(scope="session")
def demo_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Load the demo municipality with its defects, once for all workers of a run."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared
    folder, loaded = shared / "demo", shared / "demo.loaded"
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not loaded.exists():
            for command in (["init"], ["demo", "load", "--with-defects"]):
                subprocess.run(
                    [*CATALOGUE, *command],
                    cwd=ROOT,
                    env=environment(folder),
                    check=True,
                    capture_output=True,
                    timeout=PATIENCE_S,
                )
            loaded.touch()
    return folder


@contextmanager
def served(data_dir: Path, **variables: str) -> Iterator[str]:
    """Serve a catalogue on a free port; returns its address. Variables as CATALOGUE_*, in small letters."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    own = {f"CATALOGUE_{name.upper()}": value for name, value in variables.items()}
    command = [*CATALOGUE, "serve", "--port", str(port), "--no-scheduler"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment(data_dir) | own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        address = f"http://127.0.0.1:{port}"
        try:
            assert wait_until(lambda: answers(address), seconds=120)
            yield address
        finally:
            server.send_signal(signal.SIGTERM)


@pytest.fixture(scope="session")
def base_url(demo_dir: Path) -> Iterator[str]:
    """Serve the portal on a free port; the browser's relative addresses start here."""
    with served(demo_dir) as address:
        yield address


def answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz").status_code == 200
    except httpx.TransportError:
        return False


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return browser_context_args | {"viewport": {"width": 1280, "height": 900}, "locale": "zh-CN"}


@pytest.fixture
def watch(page: Page, base_url: str) -> Iterator[Watch]:
    """Note what the page asks for and complains of; no test may end with a complaint or a foreign request."""
    watching = Watch(page, base_url)
    yield watching
    assert watching.complaints == []
    assert watching.foreign == []
