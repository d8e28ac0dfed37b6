"""Runs that a person stops: noticed by whoever holds them, closed in balance, nothing concluded."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalogue_app.domain.errors import Conflict, NotFound
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.ids import RunId, new_id
from catalogue_app.services.harvest_steps import APPLY_BATCH, READ_BATCH, Progress, Stage
from tests.installation import Installation, a_dataset, datasets, figures, install, reopen


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    place = install(tmp_path)
    yield place
    place.engine.dispose()


def running(place: Installation) -> RunId:
    with place.uow.reading() as look:
        [lease] = look.runs.running()
    return lease.run.id


def test_a_run_is_stopped_by_another_process_while_it_reads(place: Installation) -> None:
    place.harvest(*datasets(10))
    place.offer(*datasets(3 * READ_BATCH))
    read: list[int] = []

    def stop(progress: Progress) -> None:
        read.append(progress.records)
        elsewhere = reopen(place.folder)
        assert elsewhere.harvesting().cancel(running(place), actor="王芳").state is RunState.RUNNING
        elsewhere.engine.dispose()

    report = place.harvesting(watch=stop).run(place.source.id, actor="tester")
    assert (read, report.state, figures(report.run)) == ([READ_BATCH], RunState.CANCELLED, {})
    assert [(problem.code, problem.value) for problem in report.problems] == [("harvest_cancelled", "王芳")]
    assert len(place.entries()) == 10
    assert place.rows("staged_entry") == []
    with place.uow.reading() as look:
        acts = [(line.event.action, line.event.actor) for line in look.audit.lines()]
    assert ("harvest_cancel_asked", "王芳") in acts
    assert ("harvest_cancelled", "tester") in acts


def test_what_was_applied_before_a_run_was_stopped_stands_and_the_rest_is_told(place: Installation) -> None:
    place.harvest(*datasets(8))
    place.offer(*(a_dataset(f"b-{number}", f"新名录第{number}册") for number in range(APPLY_BATCH + 5)), *datasets(5))

    def stop(progress: Progress) -> None:
        if progress.stage is Stage.APPLYING:
            place.harvesting().cancel(running(place), actor="王芳")

    report = place.harvesting(watch=stop).run(place.source.id, actor="tester")
    assert report.state is RunState.CANCELLED
    whole = APPLY_BATCH + 10
    assert figures(report.run) == {"gathered": whole, "added": APPLY_BATCH, "unchanged": 5, "unapplied": 5}
    assert len(place.entries()) == 8 + APPLY_BATCH
    assert all(entry.missing_since is None for entry in place.entries().values()), "nothing is concluded"
    again = place.harvesting().run(place.source.id, actor="tester")
    assert figures(again.run) == {"gathered": whole, "added": 5, "unchanged": whole - 5, "vanished": 3}


def test_a_run_whose_process_is_gone_is_ended_at_once(place: Installation) -> None:
    place.offer(*datasets(2 * READ_BATCH))

    def die(_: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.harvesting(watch=die).run(place.source.id, actor="tester")
    assert place.harvesting().cancel(running(place), actor="王芳").state is RunState.CANCELLED
    assert place.rows("staged_entry") == place.rows("harvest_outcome") == []


def test_a_run_that_was_asked_to_stop_before_its_process_died_is_not_done_again(place: Installation) -> None:
    place.offer(*datasets(2 * READ_BATCH))

    def ask_and_die(_: Progress) -> None:
        place.harvesting().cancel(running(place), actor="王芳")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.harvesting(watch=ask_and_die).run(place.source.id, actor="tester")
    [report] = place.harvesting().resume_all(actor="scheduler")
    assert report.state is RunState.CANCELLED
    with place.uow.reading() as look:
        assert look.sources.due(place.clock()) == ()


def test_only_a_running_run_can_be_stopped(place: Installation) -> None:
    report = place.harvest(*datasets(2))
    with pytest.raises(Conflict) as ended:
        place.harvesting().cancel(report.run.id, actor="王芳")
    assert ended.value.code == "run_has_ended"
    with pytest.raises(NotFound):
        place.harvesting().cancel(RunId(new_id()), actor="王芳")
