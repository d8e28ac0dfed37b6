"""Import contracts: they hold for the tree as it is, and each of them breaks when its arrow is turned."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, project
from tests.shared import ROOT

RUN = "import sys; from importlinter.cli import lint_imports_command as run; run(sys.argv[1:])"

# contract, file, the import that must not stand in it
TURNED_ARROWS = [
    ("floors", "catalogue_app/domain/text.py", "import harvesters"),
    ("floors", "catalogue_app/persistence/__init__.py", "import catalogue_app.services"),
    ("floors", "harvesters/port.py", "import indexing"),
    ("floors", "catalogue_app/jobs/__init__.py", "import catalogue_app.web"),
    ("floors", "indexing/__init__.py", "import catalogue_app.container"),
    ("pure-domain", "catalogue_app/domain/text.py", "import flask"),
    ("sql-in-persistence", "catalogue_app/web/__init__.py", "import sqlalchemy"),
    ("sql-in-persistence", "harvesters/port.py", "import sqlalchemy"),
    ("web-through-services", "catalogue_app/web/__init__.py", "import catalogue_app.persistence"),
    ("container-chooses-engine", "catalogue_app/services/__init__.py", "import indexing.embedded"),
    ("engines-are-strangers", "indexing/elastic/feed.py", "import indexing.embedded.store"),
    ("registry-chooses-adapter", "catalogue_app/services/__init__.py", "import harvesters.sheet"),
    ("adapters-are-strangers", "harvesters/ckan.py", "import harvesters.sheet"),
    ("no-circles", "catalogue_app/domain/text.py", "import catalogue_app.domain.metadata"),
]
CONTRACTS = {contract["id"] for contract in project()["tool"]["importlinter"]["contracts"]}


def judge(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the contracts over the packages below `root`."""
    command = [sys.executable, "-c", RUN, "--config", str(ROOT / "pyproject.toml"), "--no-cache", *options]
    environment = os.environ | {"PYTHONPATH": str(root), "COLUMNS": "200"}
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


def test_every_arrow_points_down() -> None:
    verdict = judge(ROOT)
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


def test_every_contract_is_tried_against_a_turned_arrow() -> None:
    assert {contract for contract, _, _ in TURNED_ARROWS} == CONTRACTS


@pytest.mark.parametrize(("contract", "file", "line"), TURNED_ARROWS)
def test_a_turned_arrow_is_seen(contract: str, file: str, line: str, tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("*.pyc", "static", "templates")
        )
    with (tmp_path / file).open("a", encoding="utf-8") as turned:
        turned.write(f"\n{line}\n")
    verdict = judge(tmp_path, "--contract", contract)
    assert verdict.returncode == 1, verdict.stdout + verdict.stderr
    assert "BROKEN" in verdict.stdout
