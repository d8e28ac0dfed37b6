"""Killed just before each commit of a run, an acceptance and an undoing, one by one: nothing lost, nothing doubled.

What a process has not committed is not there for the next one, so dying just before the n-th commit leaves what dying
anywhere since the one before it leaves. The number of commits is counted too: the list below is all of them.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.harvest import Decision, RunState
from catalogue_app.domain.serials import SERIES
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.services.harvest_steps import APPLY_BATCH, READ_BATCH
from tests.installation import Dataset, Installation, a_dataset, datasets, figures, install, reopen
from tests.kill_child import COUNT
from tests.shared import ROOT
from tests.stack import Stack, chosen, copy_folder

NEW = APPLY_BATCH + 60
KNOWN = 30

COMMITS = {
    # opened, snapshot, three batches read, rows counted where plans depend on it, sealed, two batches applied, closed
    "harvest": 1 + 1 + -(-(NEW + KNOWN) // READ_BATCH) + (chosen() is Stack.SERVER) + 1 + 2 + 1,
    # reopened, one batch applied, closed
    "accept": 3,
    # opened, two batches put back, closed
    "undo": 4,
}
"""How often each commits."""

FEW = 250
DEATHS = [(action, place) for action, number in COMMITS.items() for place in range(1, number + 1)]


def first() -> list[Dataset]:
    return datasets(KNOWN)


def second() -> list[Dataset]:
    """A later state of the source: ten changed, five gone, many new."""
    changed = [a_dataset(f"a-{number}", f"改过的名录第{number}册") for number in range(1, 11)]
    new = [a_dataset(f"b-{number}", f"新名录第{number}册") for number in range(NEW)]
    return [*changed, *first()[10 : KNOWN - 5], *new]


def renamed() -> list[Dataset]:
    return [{**dataset, "identifier": f"n-{dataset['identifier']}"} for dataset in datasets(FEW)]


@pytest.fixture(scope="module")
def beginnings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return an installation to copy for each action, in the state just before it."""
    folders = {action: tmp_path_factory.mktemp(action) for action in COMMITS}
    for action, folder in folders.items():
        place = install(folder)
        if action == "harvest":
            place.harvest(*first())
            place.offer(*second())
        elif action == "accept":
            place.harvest(*datasets(FEW))
            assert place.harvest(*renamed()).state is RunState.HELD
        else:
            place.harvest(*datasets(FEW))
            place.harvest(*datasets(FEW, description="说明写错了的名录，共计若干条记录"))
        place.engine.dispose()
    return folders


@pytest.fixture
def copies(beginnings: dict[str, Path], tmp_path: Path) -> Iterator[dict[str, Installation]]:
    """Return an opened copy of each beginning, made when it is asked for."""
    yield (opened := _Copies(beginnings, tmp_path))
    for place in opened.values():
        place.engine.dispose()


class _Copies(dict[str, Installation]):
    def __init__(self, beginnings: dict[str, Path], folder: Path) -> None:
        super().__init__()
        self._beginnings, self._folder = beginnings, folder

    def __missing__(self, action: str) -> Installation:
        copy_folder(self._beginnings[action], self._folder / action)
        place = reopen(self._folder / action)
        place.move_source(place.folder / "data.json")
        return self.setdefault(action, place)


def run_child(place: Installation, action: str, fatal: int) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.kill_child", str(place.folder), action, str(fatal)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def is_whole(place: Installation) -> bool:
    """Whether serials have no gap, every revision is there once, and nothing waits that nobody will finish."""
    entries = list(place.entries().values())
    with place.uow.reading() as look:
        revisions = dict(look.entries.revision_pairs())
        left = (look.runs.running(), place.rows("staged_entry"))
    serials = sorted(entry.serial for entry in entries)
    assert serials == list(SERIES[Tier.EXTRANET][: len(entries)])
    assert len(place.rows("revision")) == sum(revisions.values())
    assert left == ((), [])
    return True


@pytest.mark.parametrize("action", COMMITS)
def test_every_commit_is_among_the_deaths(copies: dict[str, Installation], action: str) -> None:
    done = run_child(copies[action], action, COUNT)
    assert (done.returncode, done.stdout.split()) == (0, [str(COMMITS[action])]), done.stderr


@pytest.mark.parametrize(("action", "fatal"), DEATHS)
def test_what_was_killed_before_a_commit_is_finished_or_done_again(
    copies: dict[str, Installation], action: str, fatal: int
) -> None:
    place = copies[action]
    assert run_child(place, action, fatal).returncode == -9
    place.harvesting().resume_all(actor="scheduler")
    _CHECKS[action](place)
    assert is_whole(place)


def _harvested(place: Installation) -> None:
    assert place.harvesting().run(place.source.id, actor="scheduler").state is RunState.COMPLETE
    expected = {str(one["identifier"]): str(one["title"]) for one in (*first(), *second())}
    assert {name: str(entry.metadata.title) for name, entry in place.entries().items()} == expected
    revisions = KNOWN + 10 + NEW
    assert len(place.rows("revision")) == revisions
    gathered = len(second())
    again = figures(place.harvesting().run(place.source.id, actor="scheduler").run)
    assert again == {"gathered": gathered, "unchanged": gathered, "vanished": 5}


def _accepted(place: Installation) -> None:
    with place.uow.reading() as look:
        [run] = look.runs.latest(place.source.id)
    if run.is_waiting:  # it died before anything was decided: the person decides again
        assert run_child(place, "accept", COUNT).returncode == 0
    with place.uow.reading() as look:
        [run] = look.runs.latest(place.source.id)
    assert (run.state, run.decision) == (RunState.COMPLETE, Decision.REIDENTIFIED)
    assert figures(run) == {"gathered": FEW, "changed": FEW}
    assert set(place.entries()) == {str(one["identifier"]) for one in renamed()}
    assert {entry.revision for entry in place.entries().values()} == {2}


def _undone(place: Installation) -> None:
    with place.uow.reading() as look:
        runs: Sequence[object] = [run.undoes for run in look.runs.latest(place.source.id, 3)]
    if not any(runs):
        assert run_child(place, "undo", COUNT).returncode == 0
    entries = place.entries().values()
    assert {(entry.revision, entry.metadata.abstract, entry.state) for entry in entries} == {
        (3, None, EntryState.PUBLISHED)
    }


_CHECKS = {"harvest": _harvested, "accept": _accepted, "undo": _undone}
