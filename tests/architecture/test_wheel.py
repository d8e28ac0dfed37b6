"""The built wheel: installed alone into a clean environment, it finds its tables and does the main job."""

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from tests.shared import ROOT

TABLES = sorted(
    path.relative_to(ROOT).as_posix() for path in (ROOT / "config").rglob("*") if path.suffix in {".csv", ".toml"}
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT, check=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the runtime lock and the wheel, nothing else; return the environment's folder of commands."""
    home = tmp_path_factory.mktemp("clean")
    venv.create(home / "venv", with_pip=True)
    commands = home / "venv" / "bin"
    install = [str(commands / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*install, "--require-hashes", "-r", str(ROOT / "requirements.lock")], check=True)
    subprocess.run([*install, "--no-deps", str(wheel)], check=True)
    return commands


def test_the_wheel_holds_code_and_tables_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"catalogue_app/_shipped/{table}" for table in TABLES} <= names
    tops = {name.partition("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"catalogue_app", "harvesters", "indexing"}
    assert not [name for name in names if name.endswith((".pyc", ".sqlite3"))]


@pytest.mark.full
def test_an_installed_wheel_loads_the_demo_and_finds_an_entry(installed: Path, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    environment |= {"CATALOGUE_DATA_DIR": str(tmp_path / "var")}

    def catalogue(*arguments: str) -> dict[str, object]:
        command = [str(installed / "catalogue"), *arguments, "--json"]
        output = subprocess.run(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, check=True).stdout
        answer = json.loads(output)
        assert isinstance(answer, dict)
        return answer

    catalogue("init")
    catalogue("demo", "load")
    answer = catalogue("search", "幼儿园名录", "--audience", "extranet", "--limit", "1")
    items = answer["items"]
    assert isinstance(items, list)
    assert items[0]["title"] == "幼儿园名录"
