"""A harvest of every kind of source, killed just before each of its commits: as if nobody had died.

The commits are not listed but met: the n-th is killed for n = 1, 2, … until a harvest lives to its end, so that each is
among them, those that write the index's queue and those that show how far the work has come too.
"""

import json
import shutil
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any, Final

import pytest

from catalogue_app.domain.source import SourceKind
from harvesters.registry import BUILT_IN
from tests.killed_harvest import UNINDEXED, WHOLE, begin, take_up, work
from tests.played_sources import FIRST, LATER, PLAYERS, Pages, Stage, expected
from tests.processes import FORKING, START_S
from tests.servers import serving

FEWEST: Final = 7
"""Commits of the shortest harvest: begun, a page stored, its records planned, sealed, applied, closed, and indexed."""

pytestmark = [pytest.mark.full, pytest.mark.embedded]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A catalogue just before a harvest, to be copied for each death.

    Attributes:
        variables: settings, all but the data directory.
        known: what was harvested before; nothing where the source is new.
        offered: what the source has now.
    """

    folder: Path
    variables: Mapping[str, str]
    known: Pages
    offered: Pages

    def after(self, fatal: int) -> "Aftermath":
        """Let a harvest die, start again, and return what there is then."""
        place = self.folder / f"killed-{fatal}"
        shutil.copytree(self.folder / "beginning", place)
        variables = {**self.variables, "CATALOGUE_DATA_DIR": str(place)}
        died = _forked(work, variables, fatal, place / "commits.txt") == -signal.SIGKILL
        assert _forked(take_up, variables, place / "state.json") == 0, f"not taken up after death {fatal}"
        state = json.loads((place / "state.json").read_text("utf-8"))
        commits = 0 if died else int((place / "commits.txt").read_text("utf-8"))
        shutil.rmtree(place)
        return Aftermath(died=died, commits=commits, state=state)


@dataclass(frozen=True, kw_only=True)
class Aftermath:
    """What a harvest left: whether it died, else how often it committed, and the state after the next ones."""

    died: bool
    commits: int
    state: Any


def _forked(target: Callable[..., None], *arguments: object) -> int | None:
    process = FORKING.Process(target=target, args=arguments)
    process.start()
    process.join(START_S)
    return process.exitcode


@pytest.fixture(params=list(BUILT_IN), ids=lambda kind: kind.value)
def kind(request: pytest.FixtureRequest) -> SourceKind:
    found: SourceKind = request.param
    return found


@pytest.fixture(params=["first", "changed"])
def scene(request: pytest.FixtureRequest, kind: SourceKind, tmp_path: Path) -> Iterator[Scene]:
    player, files = PLAYERS[kind], tmp_path / "files"
    files.mkdir()
    stage = Stage(player, files)
    is_known = request.param == "changed"
    with serving(stage.respond) as server:
        variables = {"CATALOGUE_ALLOWED_PRIVATE_HOSTS": server.host}
        address = server.address(player.path) if player.play else str(files)
        stage.offer(FIRST)
        opening = {**variables, "CATALOGUE_DATA_DIR": str(tmp_path / "beginning")}
        assert _forked(begin, opening, kind.value, address, player.options, is_known) == 0
        offered = LATER if is_known else FIRST
        stage.offer(offered)
        yield Scene(folder=tmp_path, variables=variables, known=FIRST if is_known else (), offered=offered)


def test_every_kind_is_played() -> None:
    assert PLAYERS.keys() == BUILT_IN.keys()


def test_a_harvest_killed_at_any_commit_ends_as_if_it_had_not_been(scene: Scene) -> None:
    whole = scene.after(WHOLE)
    assert (whole.died, whole.commits >= FEWEST) == (False, True)
    _check(scene, whole.state)
    deaths = 0
    for fatal in chain((UNINDEXED,), count(1)):
        left = scene.after(fatal)
        assert left.state == whole.state, f"death {fatal}"
        if not left.died:
            break
        deaths += 1
    assert deaths > FEWEST


def _check(scene: Scene, state: Any) -> None:
    """Hold what nobody disturbed against what was offered, so that equal to it is right."""
    known, offered = expected(scene.known), expected(scene.offered)
    entries = state["entries"].values()
    changed = sum(1 for number, title in offered.items() if known.get(number, title) != title)
    assert {entry["metadata"]["title"]["zh"] for entry in entries} == set((known | offered).values())
    assert [entry["metadata"]["title"]["zh"] for entry in entries if entry["is_missing"]] == ["戊类名录"] * bool(known)
    assert len(entries) == len(known | offered) == state["added"]
    assert state["changed"] == changed
    assert state["revisions"] == len(entries) + changed
    assert state["last"]["unchanged"] == state["last"]["gathered"] == len(offered)
    assert (state["unbalanced"], state["running"], state["is_equal"]) == ([], [], True)
    assert set(state["remains"].values()) == {0}
