"""The tests' own plumbing: loopback only, absence named, nothing skipped in the gate, no settings from outside."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_socket import SocketConnectBlockedError

from tests.shared import ROOT, absent, require

INNER = """
import os, warnings
import pytest
from tests.shared import shared_path


def test_skips() -> None:
    pytest.skip("not today")


def test_reads_settings() -> None:
    assert "CATALOGUE_DATA_DIR" not in os.environ


def test_reads_a_catalogue() -> None:
    shared_path("data/no-such-catalogue")


def test_warns() -> None:
    warnings.warn("old", DeprecationWarning)
"""


def run_inner(folder: Path, *names: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the named tests of INNER under this project's plumbing, with the given variables set."""
    (folder / "test_inner.py").write_text(INNER, "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-c", str(ROOT / "pyproject.toml"), f"--rootdir={folder}"]
    command += ["-p", "tests.conftest", "-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:randomly"]
    command += [f"{folder / 'test_inner.py'}::{name}" for name in names]
    variables = {name: value for name, value in os.environ.items() if name != "CI"} | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, env=variables | environment, capture_output=True, text=True, check=False)


def test_on_a_desk_what_is_absent_is_named_and_skipped(tmp_path: Path) -> None:
    names = ["test_skips", "test_reads_settings", "test_reads_a_catalogue"]
    desk = run_inner(tmp_path, *names, CATALOGUE_DATA_DIR="elsewhere")
    assert desk.returncode == 0, desk.stdout + desk.stderr
    assert "1 passed, 2 skipped" in desk.stdout
    assert "no-such-catalogue" in desk.stdout


def test_the_gate_fails_for_a_skip(tmp_path: Path) -> None:
    gate = run_inner(tmp_path, "test_skips", CI="1")
    assert gate.returncode == 1
    assert "the gate skips nothing" in gate.stdout


def test_the_gate_fails_for_an_absent_catalogue_and_for_a_warning(tmp_path: Path) -> None:
    gate = run_inner(tmp_path, "test_reads_a_catalogue", "test_warns", CI="true")
    assert "2 failed" in gate.stdout


def test_the_world_beyond_loopback_is_out_of_reach() -> None:
    # 192.0.2.1 is reserved for documentation (RFC 5737): nothing answers there, should the guard fail.
    with socket.socket() as outward, pytest.raises(SocketConnectBlockedError):
        outward.connect(("192.0.2.1", 80))


def test_loopback_is_within_reach() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as visitor:
        assert visitor.getpeername() == server.getsockname()


def test_what_exists_is_returned(tmp_path: Path) -> None:
    assert require(tmp_path, "a folder") == tmp_path


def test_what_is_absent_ends_the_test_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="the moon is absent"):
        absent("the moon")
