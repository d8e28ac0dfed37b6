"""The gate: locks, Makefile, documents and configuration tables are what the README promises."""

import csv
import re
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from tests.shared import ROOT

TARGETS = {"setup", "run", "check", "test", "test-full", "bench", "format", "docs", "lint", "type", "arch", "lock"}
LOCKS = ["requirements.lock", "requirements-dev.lock"]
TABLES = sorted((ROOT / "config").rglob("*.csv"))


def run_check(script: str, root: Path) -> subprocess.CompletedProcess[str]:
    """Run one of the gate's own scripts over a tree."""
    command = [sys.executable, str(ROOT / ".ci" / script), str(root)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def copied_locks(tmp_path: Path) -> Path:
    """Return a folder with copies of pyproject.toml and the locks, to be spoilt."""
    for name in ["pyproject.toml", *LOCKS]:
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def spoil(file: Path, pattern: str, replacement: str) -> None:
    """Replace the first match of a pattern, which must be there."""
    text, count = re.subn(pattern, replacement, file.read_text("utf-8"), count=1)
    assert count == 1
    file.write_text(text, "utf-8")


def test_the_locks_agree_with_what_is_declared() -> None:
    verdict = run_check("check_locks.py", ROOT)
    assert verdict.returncode == 0, verdict.stdout


@pytest.mark.parametrize(
    ("file", "pattern", "replacement", "complaint"),
    [
        ("pyproject.toml", r'"flask==[\d.]+"', '"flask==3.0.0"', "flask is declared as 3.0.0"),
        ("pyproject.toml", r'  "xlrd==[\d.]+",\n', "", "no longer declares"),
        ("pyproject.toml", r'"click==', '"clique==', "is declared but not locked"),
        ("pyproject.toml", r'"click==', '"click>=', "is not pinned"),
        ("requirements.lock", r"^", "--index-url https://mirror.example/simple\n", "holds an address"),
        ("requirements-dev.lock", r"(\njinja2==)[\d.]+", r"\g<1>2.0.0", "jinja2 is not at"),
        (
            "requirements.lock",
            r"(\nmako==[\d.]+) \\\n(    --hash\S+(?: \\)?\n)+",
            r"\1\n",
            "mako is locked without a hash",
        ),
    ],
)
def test_a_departing_lock_is_refused(
    copied_locks: Path, file: str, pattern: str, replacement: str, complaint: str
) -> None:
    spoil(copied_locks / file, pattern, replacement)
    verdict = run_check("check_locks.py", copied_locks)
    assert verdict.returncode == 1
    assert complaint in verdict.stdout + verdict.stderr


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_place(name: str) -> None:
    assert not re.search(r"://|\b[\w-]+\.(?:org|com|net|io|cn)\b", (ROOT / name).read_text("utf-8"))


def test_documents_lead_somewhere() -> None:
    verdict = run_check("check_links.py", ROOT)
    assert verdict.returncode == 0, verdict.stdout


@pytest.mark.parametrize("link", ["gone.md", "here.md#no-such-heading", "#no-such-heading"])
def test_a_link_to_nowhere_is_refused(link: str, tmp_path: Path) -> None:
    (tmp_path / "here.md").write_text("# A heading, or two\n", "utf-8")
    (tmp_path / "README.md").write_text(f"[good](here.md#a-heading-or-two) [bad]({link})\n", "utf-8")
    assert f"README.md: {link} leads nowhere" in run_check("check_links.py", tmp_path).stdout


def test_the_makefile_offers_what_users_and_the_gate_call() -> None:
    offered = set(re.findall(r"^([a-z-]+):(?!=)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert offered >= TARGETS


def test_the_gate_runs_targets_and_nothing_else() -> None:
    gate = (ROOT / ".ci" / "run").read_text("utf-8")
    assert re.findall(r"^make (.+)$", gate, re.MULTILINE) == ["check", "test", "test-full"]
    assert "set -euo pipefail" in gate


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_a_newcomer_is_told_the_two_commands(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    assert "make run" in text
    assert "make test" in text


@pytest.mark.parametrize("table", TABLES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_table_is_rectangular_and_stored_as_its_organ_wrote_it(table: Path) -> None:
    text = table.read_text("utf-8")
    assert not text.startswith("\ufeff")
    assert unicodedata.is_normalized("NFC", text)
    header, *rows = csv.reader(text.splitlines(keepends=True), strict=True)
    assert rows, "a table without rows says nothing"
    assert len(set(header)) == len(header)
    assert {number: row for number, row in enumerate(rows, 2) if len(row) != len(header)} == {}


def test_no_tracked_file_names_a_place_outside_the_project() -> None:
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.split(b"\0")
    machine_path = re.compile(rb"(?:^|[^A-Za-z0-9_./-])/(?:work|farm|root|home/\w+)/", re.MULTILINE)
    texts = {name.decode(): (ROOT / name.decode()).read_bytes() for name in files if (ROOT / name.decode()).is_file()}
    assert [name for name, text in texts.items() if b"\0" not in text and machine_path.search(text)] == []
