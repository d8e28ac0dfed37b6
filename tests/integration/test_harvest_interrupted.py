"""Killed runs: at whatever moment a process dies, no identifier is lost or doubled, and the index can follow."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from catalogue_app.domain.errors import Conflict
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.ids import EntryId
from catalogue_app.domain.long_work import NOBODY
from catalogue_app.domain.serials import SERIES
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.services.harvest_steps import APPLY_BATCH, READ_BATCH, Progress, Stage
from tests.builders import a_run, an_event
from tests.installation import Dataset, Installation, a_dataset, datasets, figures, install, reopen
from tests.shared import ROOT
from tests.stack import copy_folder

RECORDS = 10_000
STEPS = 1 + RECORDS // READ_BATCH + RECORDS // APPLY_BATCH
"""Lines a child writes: one at its start, one for each batch read, one for each batch applied."""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    place = install(tmp_path)
    yield place
    place.engine.dispose()


def later() -> list[Dataset]:
    """A later state of the source: a third changed, 300 gone, 400 new."""
    kept = [
        a_dataset(f"a-{number}", f"第二版第{number}册") if number % 3 == 0 else dataset
        for number, dataset in enumerate(datasets(RECORDS - 300), start=1)
    ]
    return kept + [a_dataset(f"b-{number}", f"新名录第{number}册") for number in range(400)]


@pytest.fixture(scope="module")
def beginnings(tmp_path_factory: pytest.TempPathFactory) -> Sequence[Path]:
    """Return two installations to copy: one before its first harvest, one after it that is offered changes."""
    fresh, grown = tmp_path_factory.mktemp("fresh"), tmp_path_factory.mktemp("grown")
    place = install(fresh)
    place.offer(*datasets(RECORDS))
    place.engine.dispose()
    place = install(grown)
    place.harvest(*datasets(RECORDS))
    place.offer(*later())
    place.engine.dispose()
    return fresh, grown


def copy_of(beginning: Path, folder: Path) -> Installation:
    copy_folder(beginning, folder)
    place = reopen(folder)
    place.move_source(folder / "data.json")
    return place


def kill_a_harvest(folder: Path, chance: random.Random) -> None:
    """Harvest in a process of its own and kill it within a step chosen by chance, without a chance to tidy up."""
    command = [sys.executable, "-m", "tests.harvest_child", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for _ in range(chance.randint(1, STEPS)):
            child.stdout.readline()
        time.sleep(chance.random() * 0.4)  # anywhere within the step
        child.kill()


def drain(place: Installation) -> dict[EntryId, int]:
    """Follow the outbox as the index does: read each entry again, then forget exactly the rows taken."""
    index: dict[EntryId, int] = {}
    while True:
        with place.uow() as work:
            rows = work.outbox.take(1000)
            if not rows:
                return index
            index |= {entry.id: entry.revision for entry in work.entries.by_ids([row.entry_id for row in rows])}
            work.outbox.done([row.position for row in rows])
            work.commit()


def titles(offered: Sequence[Dataset]) -> dict[str, str]:
    return {str(dataset["identifier"]): str(dataset["title"]) for dataset in offered}


@pytest.mark.parametrize("seed", [*range(3), *(pytest.param(seed, marks=pytest.mark.full) for seed in range(3, 20))])
def test_a_harvest_killed_at_any_moment_is_finished_or_done_again(
    beginnings: Sequence[Path], tmp_path: Path, seed: int
) -> None:
    is_grown = bool(seed % 2)
    place = copy_of(beginnings[is_grown], tmp_path / "place")
    kill_a_harvest(place.folder, random.Random(seed))  # noqa: S311 — chance of a test
    place.harvesting().resume_all(actor="scheduler")
    report = place.harvesting().run(place.source.id, actor="scheduler")
    assert report.state is RunState.COMPLETE
    assert {name: str(entry.metadata.title) for name, entry in place.entries().items()} == {
        **titles(datasets(RECORDS)),
        **titles(later() if is_grown else ()),
    }
    serials = sorted(entry.serial for entry in place.entries().values())
    assert serials == list(SERIES[Tier.EXTRANET][: len(serials)])
    with place.uow.reading() as look:
        revisions = dict(look.entries.revision_pairs())
    stored = RECORDS + (400 + (RECORDS - 300) // 3 if is_grown else 0)
    assert len(place.rows("revision")) == sum(revisions.values()) == stored
    assert drain(place) == revisions
    again = figures(place.harvesting().run(place.source.id, actor="scheduler").run)
    gathered = len(later()) if is_grown else RECORDS
    assert again == {"gathered": gathered, "unchanged": gathered, **({"vanished": 300} if is_grown else {})}
    place.engine.dispose()


def test_a_plan_that_was_sealed_goes_on_where_it_stopped(place: Installation) -> None:
    """Stop after the first applied batch, as if killed there, and count what the next start still applies."""
    place.offer(*datasets(3 * APPLY_BATCH))

    def stop(progress: Progress) -> None:
        if progress.stage is Stage.APPLYING and progress.records == APPLY_BATCH:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.harvesting(watch=stop).run(place.source.id, actor="tester")
    assert len(place.rows("entry")) == APPLY_BATCH
    applied: list[int] = []
    Path(place.source.address).unlink()  # nothing is read again
    [report] = place.harvesting(watch=lambda progress: applied.append(progress.records)).resume_all(actor="scheduler")
    assert applied == [APPLY_BATCH, 2 * APPLY_BATCH]
    assert report.state is RunState.COMPLETE
    assert figures(report.run) == {"gathered": 3 * APPLY_BATCH, "added": 3 * APPLY_BATCH}


def test_a_reading_that_was_interrupted_is_forgotten_and_its_source_falls_due(place: Installation) -> None:
    place.offer(*datasets(2 * READ_BATCH))

    def stop(_: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.harvesting(watch=stop).run(place.source.id, actor="tester")
    assert len(place.rows("staged_entry")) == READ_BATCH
    [report] = place.harvesting().resume_all(actor="scheduler")
    assert (report.state, report.run.gathered) == (RunState.ABORTED, 0)
    assert [problem.code for problem in report.problems] == ["interrupted"]
    assert place.rows("staged_entry") == place.rows("harvest_outcome") == place.rows("entry") == []
    with place.uow.reading() as look:
        assert [source.id for source in look.sources.due(place.clock())] == [place.source.id]


def test_a_source_has_one_run_at_a_time(place: Installation) -> None:
    place.offer(*datasets(3))

    def again(_: Progress) -> None:
        with pytest.raises(Conflict) as refused:
            place.harvesting().run(place.source.id, actor="tester")
        assert refused.value.code == "harvest_running"
        assert place.harvesting().resume_all(actor="scheduler") == ()

    report = place.harvesting(watch=again).run(place.source.id, actor="tester")
    assert figures(report.run) == {"gathered": 3, "added": 3}


def test_a_step_of_a_run_that_was_taken_over_is_not_committed(place: Installation) -> None:
    place.offer(*datasets(2 * READ_BATCH))

    def take_over(_: Progress) -> None:
        with place.uow() as work:
            [held] = work.runs.running()
            work.runs.take_over(held, holder="elsewhere/1/1", at=place.clock())
            work.commit()

    with pytest.raises(Conflict) as lost:
        place.harvesting(watch=take_over).run(place.source.id, actor="tester")
    assert lost.value.code == "harvest_lease_lost"
    assert len(place.rows("harvest_outcome")) == READ_BATCH


def test_only_one_of_two_starts_takes_a_left_run_up(place: Installation) -> None:
    with place.uow() as work:
        work.runs.open(a_run(place.source), actor="tester", holder=NOBODY, reading="")
        work.record(an_event())
        work.commit()
    with place.uow.reading() as look:
        [left] = look.runs.running()
    with place.uow() as work:
        work.runs.take_over(left, holder="one/1/1", at=place.clock())
        work.commit()
    with place.uow() as work, pytest.raises(Conflict):
        work.runs.take_over(left, holder="two/1/1", at=place.clock())
