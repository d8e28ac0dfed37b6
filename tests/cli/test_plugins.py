"""Source kinds that other distributions bring: built and installed, listed, validated, harvested, taken away."""

import json
import os
import re
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from harvesters.kinds import GROUP, Kind, Setting, plugged
from harvesters.registry import BUILT_IN
from tests.shared import ROOT

PAGE = (ROOT / "docs" / "sources" / "plug-ins.md").read_text("utf-8")
PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "city-lines"
version = "1.0"
"""


def block(language: str) -> str:
    """Return the example of the page: what it shows is what is tried."""
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the example as a distribution and install it into a folder of its own."""
    project, target = tmp_path_factory.mktemp("project"), tmp_path_factory.mktemp("installed")
    (project / "pyproject.toml").write_text(PROJECT + block("toml"), "utf-8")
    (project / "city_lines.py").write_text(block("python"), "utf-8")
    uv = Path(sys.executable).parent / "uv"
    command = [str(uv), "pip", "install", "--offline", "--no-deps", "--no-build-isolation", "--quiet"]
    environment = {**os.environ, "VIRTUAL_ENV": sys.prefix}
    subprocess.run(
        [*command, "--python", sys.executable, "--target", str(target), str(project)],
        check=True,
        capture_output=True,
        env=environment,
    )
    return target


def catalogue(folder: Path, plugins: Path | None, *words: object) -> tuple[int, Any]:
    """Run the command with a folder of plug-ins beside it."""
    environment = {**os.environ, "CATALOGUE_DATA_DIR": str(folder / "var")}
    if plugins is not None:
        environment["PYTHONPATH"] = str(plugins)
    command = [sys.executable, "-m", "catalogue_app.cli.main", *map(str, words), "--json"]
    said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return said.returncode, json.loads(said.stdout)


def test_an_installed_kind_is_listed_validated_and_harvested(installed: Path, tmp_path: Path) -> None:
    code, listed = catalogue(tmp_path, installed, "sources", "kinds")
    assert (code, listed["broken"]) == (0, [])
    [brought] = [kind for kind in listed["kinds"] if kind["from"]]
    assert (brought["kind"], brought["zh"], brought["from"]) == ("lines", "逐行标题", "city-lines")
    [mark] = [option for option in brought["options"] if not option["general"]]
    assert (mark["name"], mark["zh"]) == ("mark", "注释行的首字符")

    offered = tmp_path / "offered"
    offered.mkdir()
    (offered / "a.lines").write_text("// 名录\n幼儿园名录\n公园名录\n", "utf-8")
    (offered / "thumbs.db").write_bytes(b"\xff\xfe\xff")
    add = ("sources", "add", "--organ", "data", "--kind", "lines", "--address", offered, "--option")
    assert catalogue(tmp_path, installed, *add, "colour=red")[1]["error"]["code"] == "unknown_option"
    assert catalogue(tmp_path, installed, *add, "mark=//")[1]["error"]["code"] == "invalid_option"
    code, added = catalogue(tmp_path, installed, *add, "mark=/")
    assert code == 0
    _, [run] = catalogue(tmp_path, installed, "harvest", added["id"])
    assert (run["state"], run["added"], run["rejected"]) == ("complete", 2, 1)

    _, [source] = catalogue(tmp_path, None, "sources", "list")
    assert source["kind"] == "lines", "a source outlives its plug-in"
    code, [untried] = catalogue(tmp_path, None, "harvest", added["id"])
    assert (code, untried["run"], untried["state"]) == (1, None, "aborted")
    assert [problem["code"] for problem in untried["problems"]] == ["unknown_kind"]


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name=name, value=value, group=GROUP)


def kind(name: str = "lines", **rest: Any) -> Kind:
    return Kind(name=name, make=BUILT_IN[next(iter(BUILT_IN))].make, **{"zh": "行", "en": "lines", **rest})


GOOD = kind()
TAKEN = kind("sheet")
WORDLESS = kind("wordless", zh="")
BARE = kind("bare", settings={"mark": Setting(pattern=".")})
GENERAL = kind("general", settings={"tier": Setting(pattern=".", zh="层", en="tier")})
NO_PATTERN = kind("nopattern", settings={"mark": Setting(pattern="(", zh="层", en="tier")})
NO_KIND = "a text"


@pytest.mark.parametrize(
    "name", ["TAKEN", "WORDLESS", "BARE", "GENERAL", "NO_PATTERN", "NO_KIND", "absent", "GOOD.nothing"]
)
def test_a_broken_plug_in_is_named_and_harms_no_other(name: str) -> None:
    points = [point("a", f"{__name__}:{name}"), point("b", f"{__name__}:GOOD")]
    kinds, broken = plugged([it.value for it in BUILT_IN], points)
    assert [it.name for it in kinds] == ["lines"]
    assert [it.name for it in broken] == ["a"]
    assert broken[0].why


def test_of_two_plug_ins_with_one_name_the_first_is_used() -> None:
    points = [point("a", f"{__name__}:GOOD"), point("b", f"{__name__}:GOOD")]
    kinds, broken = plugged([], points)
    assert ([it.name for it in kinds], [it.name for it in broken]) == (["lines"], ["b"])
