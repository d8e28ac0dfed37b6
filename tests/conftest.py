"""Plumbing of every test: loopback only, no settings from outside, real catalogues and the browser found by name."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import postgres
from tests.belongings import Belongings
from tests.shared import ROOT, SHARED, absent, in_ci, require, shared_path
from tests.stack import Stack, choose, chosen

# Machines differ in speed, and a slow one proves nothing about the code: no example is judged by the clock.
settings.register_profile("desk", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("gate", settings.get_profile("desk"), print_blob=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a run say what its catalogues stand on."""
    stacks = [stack.value for stack in Stack]
    parser.addoption("--stack", choices=stacks, default=Stack.EMBEDDED.value, help="adapters of living catalogues")


def pytest_configure(config: pytest.Config) -> None:
    """Choose how hard properties are tried, and forget the deployment settings of whoever runs the tests."""
    config.pluginmanager.register(Belongings())
    choose(Stack(config.getoption("--stack")))
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate" if in_ci() else "desk"))
    for name in [name for name in os.environ if name.startswith("CATALOGUE_")]:
        del os.environ[name]


def pytest_report_header() -> list[str]:
    """Say first what the tests stand on, so that nobody has to look for a skip."""
    found = "found" if SHARED.exists() else "ABSENT: tests of real catalogues will " + ("fail" if in_ci() else "skip")
    return [f"stack: {chosen()}", f"shared catalogues: {found}", f"chromium: {shutil.which('chromium') or 'absent'}"]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the gate's run where anything was skipped: what it does not try, it cannot vouch for."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not in_ci():
        return
    if skipped := reporter.stats.get("skipped"):
        reporter.write_line(f"\n{len(skipped)} skipped, and the gate skips nothing", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what is about the embedded adapters to the runs that stand on them."""
    if chosen() is Stack.EMBEDDED:
        return
    apart = [item for item in items if item.get_closest_marker("embedded")]
    config.hook.pytest_deselected(items=apart)
    items[:] = [item for item in items if item not in apart]


def pytest_unconfigure() -> None:
    """End the services that this process started."""
    postgres.stop()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real catalogues, each with its SOURCE.md."""
    return shared_path("data")


@pytest.fixture(scope="session")
def shared_reference() -> Path:
    """Return the folder of reference tables: cases, search tests, clashes."""
    return shared_path("reference")


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Return the system's browser."""
    found = shutil.which("chromium")
    return Path(found) if found else absent("the browser chromium (.ci/services installs it)")


@pytest.fixture(scope="session")
def html_checker() -> Path:
    """Return the HTML checker's jar, to be run with `java -jar`."""
    return require(ROOT / ".tools" / "vnu.jar", "the HTML checker (.ci/services installs it)")


@pytest.fixture(scope="session")
def lighthouse() -> Path:
    """Return Lighthouse's command, to be run by a current Node such as the one inside Playwright."""
    command = ROOT / ".tools" / "lighthouse" / "node_modules" / "lighthouse" / "cli" / "index.js"
    return require(command, "Lighthouse (.ci/services installs it)")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object], chromium: Path) -> dict[str, object]:
    """Start the system's browser in place of a downloaded one; as root it has no sandbox of its own."""
    return browser_type_launch_args | {"executable_path": str(chromium), "args": ["--no-sandbox"]}
