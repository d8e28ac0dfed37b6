"""The demo municipality by commands: loaded twice nothing changes, and its defects are there to be seen."""

from typing import Any

import pytest

from tests.cli.commands import Catalogue, Said, Shell
from tests.stack import stack_variables


@pytest.fixture(scope="module")
def demo(shell: Shell, tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    folder = tmp_path_factory.mktemp("demo")
    return Catalogue(shell=shell, folder=folder, variables=stack_variables(folder / "var"))


@pytest.fixture(scope="module")
def loads(demo: Catalogue) -> list[Said]:
    """Load the demo, load it again, then load its defects too, twice."""
    plain, defective = ("demo", "load"), ("demo", "load", "--with-defects")
    return [demo(*plain), demo(*plain), demo(*defective), demo(*defective)]


def figures(said: Said) -> dict[str, int]:
    runs: list[dict[str, Any]] = said.answer()["runs"]
    names = ("gathered", "added", "changed", "unchanged", "rejected", "duplicate", "held", "vanished", "restored")
    return {name: sum(run[name] for run in runs) for name in names}


def test_the_demo_is_harvested_whole(loads: list[Said]) -> None:
    answer = loads[0].answer()
    assert answer["added"] == 396
    assert {run["state"] for run in answer["runs"]} == {"complete"}
    assert len(answer["runs"]) == answer["sources"]
    assert "[1/" in loads[0].err
    assert "findings:" in loads[0].err


def test_loaded_again_it_changes_nothing(loads: list[Said]) -> None:
    first, second = figures(loads[0]), figures(loads[1])
    assert second == dict.fromkeys(first, 0) | {"gathered": 396, "unchanged": 396}


def test_its_defects_come_beside_it(loads: list[Said]) -> None:
    third, fourth = loads[2].answer(), figures(loads[3])
    assert third["added"] > 0
    assert third["sources"] > loads[0].answer()["sources"]
    assert figures(loads[2])["vanished"] == 1
    assert (fourth["added"], fourth["changed"]) == (0, 0)


def test_what_was_loaded_is_found(demo: Catalogue, loads: list[Said]) -> None:
    assert loads
    for question, title in (("幼儿园", "幼儿园名录"), ("youeryuan", "幼儿园名录")):
        items = demo("search", question, "--audience", "extranet").answer()["items"]
        assert title in [item["title"] for item in items]
    assert demo("index", "verify").answer()
    assert {row["kind"] for row in demo("findings", "list").answer()} >= {"stale", "missing_at_source"}
