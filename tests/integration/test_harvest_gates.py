"""What a run may conclude: gates that hold it for a named person, and sources that are not read whole."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from catalogue_app.domain.errors import SourceCutShort, SourceError
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.source import Source
from harvesters.data_json import DataJsonHarvester
from harvesters.fields import Readings, ReadingTables
from harvesters.port import Fetcher, Harvester, Payload, Unreadable
from tests.builders import TickingClock, harvest_rules
from tests.installation import Installation, a_dataset, datasets, figures, install


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    place = install(tmp_path)
    yield place
    place.engine.dispose()


def renamed(count: int) -> list[dict[str, object]]:
    return [{**dataset, "identifier": f"new-{dataset['identifier']}"} for dataset in datasets(count)]


def missing(place: Installation) -> set[str]:
    return {name for name, entry in place.entries().items() if entry.missing_since is not None}


def test_an_empty_answer_holds_the_run_and_concludes_nothing(place: Installation) -> None:
    place.harvest(*datasets(20))
    report = place.harvest()
    assert report.state is RunState.HELD
    assert figures(report.run) == {}
    assert [problem.code for problem in report.problems] == ["too_few_records"]
    assert missing(place) == set()


def test_an_empty_answer_holds_a_first_run_too(place: Installation) -> None:
    assert place.harvest().state is RunState.HELD


@pytest.mark.parametrize(
    ("known", "left", "state"), [(20, 15, "complete"), (20, 14, "held"), (100, 90, "complete"), (100, 89, "held")]
)
def test_more_than_a_tenth_and_five_vanished_hold_the_run(
    place: Installation, known: int, left: int, state: str
) -> None:
    place.harvest(*datasets(known))
    report = place.harvest(*datasets(left))
    assert report.state == state
    assert len(missing(place)) == (known - left if state == "complete" else 0)


def test_a_held_run_applies_what_it_saw(place: Installation) -> None:
    place.harvest(*datasets(20))
    report = place.harvest(a_dataset("a-1", "新名录"), *datasets(5)[1:], a_dataset("b-1"))
    assert report.state is RunState.HELD
    assert figures(report.run) == {"gathered": 6, "added": 1, "changed": 1, "unchanged": 4}
    assert str(place.entries()["a-1"].metadata.title) == "新名录"
    assert missing(place) == set()


def test_renamed_identifiers_hold_back_the_new_ones(place: Installation) -> None:
    place.harvest(*datasets(20))
    report = place.harvest(a_dataset("a-1", "新名录"), *renamed(19))
    assert report.state is RunState.HELD
    assert figures(report.run) == {"gathered": 20, "changed": 1, "held": 19}
    assert [problem.code for problem in report.problems] == ["identifiers_renamed"]
    assert (len(place.entries()), len(place.rows("staged_entry"))) == (20, 19), "they wait"


def test_a_named_person_lets_a_held_run_pass_and_is_on_the_log(place: Installation) -> None:
    place.harvest(*datasets(20))
    assert place.harvest(*renamed(20)).state is RunState.HELD
    report = place.harvest(*renamed(20), release="王芳")
    assert report.state is RunState.COMPLETE
    assert figures(report.run) == {"gathered": 20, "added": 20, "vanished": 20}
    with place.uow.reading() as look:
        [released] = [line.event for line in look.audit.lines() if line.event.action == "harvest_released"]
    assert (released.actor, released.before) == ("王芳", "identifiers_renamed 20/20")


def test_a_release_that_nothing_needed_is_not_logged(place: Installation) -> None:
    report = place.harvest(*datasets(3), release="王芳")
    assert report.state is RunState.COMPLETE
    with place.uow.reading() as look:
        assert "harvest_released" not in {line.event.action for line in look.audit.lines()}


def test_what_one_release_let_vanish_does_not_hold_the_next_run(place: Installation) -> None:
    place.harvest(*datasets(20))
    place.harvest(*datasets(10), release="王芳")
    report = place.harvest(*datasets(10))
    assert report.state is RunState.COMPLETE
    assert figures(report.run) == {"gathered": 10, "unchanged": 10, "vanished": 10}


def test_a_truncated_answer_applies_nothing_and_ends_aborted(place: Installation) -> None:
    place.harvest(*datasets(3))
    before = place.entries()
    whole = json.dumps({"dataset": [a_dataset("a-1", "新名录"), *datasets(40)]})
    Path(place.source.address).write_text(whole[: len(whole) // 2], encoding="utf-8")
    report = place.harvesting().run(place.source.id, actor="tester")
    assert report.state is RunState.ABORTED
    assert figures(report.run) == {}
    assert len(list(report.problems)) == 1
    assert place.entries() == before
    assert (len(place.rows("snapshot")), len(place.rows("staged_entry"))) == (2, 0)
    assert place.harvest(*datasets(3)).state is RunState.COMPLETE


def test_a_source_that_does_not_answer_ends_aborted_and_is_tried_again(place: Installation) -> None:
    report = place.harvesting().run(place.source.id, actor="tester")
    assert report.state is RunState.ABORTED
    assert report.run.problem is not None
    assert report.run.problem.code == "unreachable"
    assert figures(place.harvest(*datasets(1)).run) == {"gathered": 1, "added": 1}


class Stumbling:
    """The data.json adapter over a source that fails after its documents, in a way of the test's choice."""

    kind = DataJsonHarvester.kind
    version = 1
    options = DataJsonHarvester.options

    def __init__(self, source: Source, error: SourceError | None, *, is_partial: bool = False) -> None:
        whole = DataJsonHarvester(source, Readings(ReadingTables(), {}))
        self.split, self.parse, self._gather = whole.split, whole.parse, whole.gather
        self._error = error
        self.is_partial = is_partial

    def gather(self, fetcher: Fetcher) -> Iterator[Payload | Unreadable]:
        yield from self._gather(fetcher)
        if self._error is not None:
            raise self._error


def test_what_a_source_gave_before_it_went_in_a_circle_is_kept(place: Installation) -> None:
    def make(source: Source, _: datetime | None) -> Harvester:
        return Stumbling(source, SourceCutShort("paging_loop", page=7))

    place.harvest(*datasets(20))
    place.offer(a_dataset("a-1", "新名录"), a_dataset("b-1"))
    report = place.harvesting(make_harvester=make).run(place.source.id, actor="tester")
    assert report.state is RunState.ABORTED
    assert figures(report.run) == {"gathered": 2, "added": 1, "changed": 1}
    assert [(problem.code, problem.value) for problem in report.problems] == [("paging_loop", "page=7")]
    assert missing(place) == set()


def test_a_source_that_fails_at_its_end_gave_nothing(place: Installation) -> None:
    def make(source: Source, _: datetime | None) -> Harvester:
        return Stumbling(source, SourceError("rate_limited"))

    place.offer(*datasets(1200))
    report = place.harvesting(make_harvester=make).run(place.source.id, actor="tester")
    assert report.state is RunState.ABORTED
    assert figures(report.run) == {}
    assert place.rows("entry") == place.rows("staged_entry") == place.rows("harvest_outcome") == []


def test_a_run_that_asked_for_changes_only_says_nothing_about_the_rest(place: Installation) -> None:
    asked: list[datetime | None] = []

    def make(source: Source, since: datetime | None) -> Harvester:
        asked.append(since)
        return Stumbling(source, None, is_partial=since is not None)

    harvesting = place.harvesting(make_harvester=make)
    place.offer(*datasets(20))
    first = harvesting.run(place.source.id, actor="tester")
    place.offer(a_dataset("a-1", "新名录"))
    second = harvesting.run(place.source.id, actor="tester")
    assert second.state is RunState.COMPLETE
    assert figures(second.run) == {"gathered": 1, "changed": 1}
    assert missing(place) == set()
    assert asked == [None, None, first.run.started_at]


def test_a_source_that_is_asked_for_changes_is_read_whole_again_before_long(place: Installation) -> None:
    """What a source says of its changes may be wrong, and what left it is found by reading all of it alone."""
    asked: list[datetime | None] = []

    def make(source: Source, since: datetime | None) -> Harvester:
        asked.append(since)
        return Stumbling(source, None, is_partial=since is not None)

    harvesting = place.harvesting(make_harvester=make)
    place.offer(*datasets(20))
    for _ in range(3):
        harvesting.run(place.source.id, actor="tester")
    assert isinstance(place.clock, TickingClock)
    place.clock.now += harvest_rules().full_read
    place.offer(*datasets(18))
    asked.clear()
    harvesting.run(place.source.id, actor="tester")
    assert asked == [None]
    assert len(missing(place)) == 2
    harvesting.run(place.source.id, actor="tester")
    assert asked[-1] is not None


def test_a_fault_of_ours_leaves_a_run_that_the_next_start_takes_up(place: Installation) -> None:
    def broken(*_: object) -> tuple[()]:
        raise ZeroDivisionError

    place.offer(*datasets(3))
    with pytest.raises(ZeroDivisionError):
        place.harvesting(check=broken).run(place.source.id, actor="tester")
    report = place.harvest(*datasets(3))
    assert figures(report.run) == {"gathered": 3, "added": 3}
    with place.uow.reading() as look:
        last, first = look.runs.latest(place.source.id, 2)
    assert (first.state, first.problem and first.problem.code) == (RunState.ABORTED, "interrupted")
    assert last.state is RunState.COMPLETE
