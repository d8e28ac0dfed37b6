"""Held runs wait for a named person, who accepts, whole or in part, rejects, or finds the records renamed."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.errors import Conflict, InvalidInput
from catalogue_app.domain.harvest import Decision, HarvestRun, RunState
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.services.harvest_preview import Change
from catalogue_app.services.harvest_steps import APPLY_BATCH, Progress
from catalogue_app.services.quarantine import Choice, Part, Quarantine
from tests.builders import RULES, TickingClock
from tests.installation import Dataset, Installation, a_dataset, datasets, figures, install

RENAMED = Choice(as_renamed=True)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    place = install(tmp_path)
    yield place
    place.engine.dispose()


def quarantine(place: Installation) -> Quarantine:
    return Quarantine(place.uow, RULES, place.clock)


def later(place: Installation, days: int) -> None:
    assert isinstance(place.clock, TickingClock)
    place.clock.now += timedelta(days=days)


def with_other_names(count: int, title: str = "幼儿园名录第{}册") -> list[Dataset]:
    return [a_dataset(f"n-{number}", title.format(number)) for number in range(1, count + 1)]


def held(place: Installation, *offered: Dataset) -> HarvestRun:
    """Harvest twenty records, then what is offered, which is held."""
    place.harvest(*datasets(20))
    run = place.harvest(*offered).run
    assert run.state is RunState.HELD
    return run


def missing(place: Installation) -> set[str]:
    return {name for name, entry in place.entries().items() if entry.missing_since is not None}


def test_a_held_run_is_listed_with_what_it_waits_with_and_until_when(place: Installation) -> None:
    run = held(place, *datasets(8))
    [one] = quarantine(place).waiting()
    assert (one.run.id, one.additions, one.absences, one.renamed) == (run.id, 0, 12, 0)
    assert str(one.decide_by) == "2026-12-08"
    told = [(change.change, change.identifier) for change in quarantine(place).changes(run.id)]
    assert told == [(Change.VANISHED, f"a-{number}") for number in range(9, 21)]
    assert missing(place) == set()


def test_accepting_a_held_run_concludes_what_it_would_have(place: Installation) -> None:
    run = held(place, *datasets(8))
    report = place.harvesting().accept(run.id, Choice(), actor="王芳")
    assert (report.state, report.run.decision) == (RunState.COMPLETE, Decision.ACCEPTED)
    assert figures(report.run) == {"gathered": 8, "unchanged": 8, "vanished": 12}
    assert missing(place) == {f"a-{number}" for number in range(9, 21)}
    assert quarantine(place).waiting() == ()
    with place.uow.reading() as look:
        [accepted] = [line.event for line in look.audit.lines() if line.event.action == "harvest_accepted"]
    assert accepted.actor == "王芳"


def test_a_part_is_accepted_by_identifier_and_the_rest_left_out(place: Installation) -> None:
    run = held(place, a_dataset("a-1", "甲"), *with_other_names(19, "全新名录第{}册"))
    choice = Choice(identifiers=frozenset({"n-3", "a-7"}))
    report = place.harvesting().accept(run.id, choice, actor="王芳")
    assert (report.state, report.run.decision) == (RunState.HELD, Decision.ACCEPTED_IN_PART)
    assert figures(report.run) == {"gathered": 20, "changed": 1, "added": 1, "unapplied": 18, "vanished": 1}
    assert (set(place.entries()) - {f"a-{number}" for number in range(1, 21)}, missing(place)) == ({"n-3"}, {"a-7"})
    assert place.rows("staged_entry") == place.rows("held_absence") == []
    assert quarantine(place).waiting() == ()


@pytest.mark.parametrize(
    ("part", "counted"),
    [(Part.ADDED, {"added": 20}), (Part.VANISHED, {"unapplied": 20, "vanished": 20})],
)
def test_a_part_is_accepted_by_kind(place: Installation, part: Part, counted: dict[str, int]) -> None:
    run = held(place, *with_other_names(20))
    report = place.harvesting().accept(run.id, Choice(parts=frozenset({part})), actor="王芳")
    assert figures(report.run) == {"gathered": 20, **counted}


def test_updates_of_the_rest_go_on_while_a_run_waits_and_the_last_reading_decides(place: Installation) -> None:
    first = held(place, *datasets(8))
    second = place.harvest(a_dataset("a-1", "新名录"), *datasets(8)[1:])
    assert (second.state, figures(second.run)) == (RunState.HELD, {"gathered": 8, "changed": 1, "unchanged": 7})
    assert [one.run.id for one in quarantine(place).waiting()] == [second.run.id]
    with pytest.raises(Conflict) as refused:
        place.harvesting().accept(first.id, Choice(), actor="王芳")
    assert refused.value.parameters["state"] is Decision.SUPERSEDED
    assert place.harvest(*datasets(20)).state is RunState.COMPLETE
    assert (quarantine(place).waiting(), place.rows("held_absence")) == ((), [])


def test_a_rejected_run_concludes_nothing_and_the_next_one_plans_anew(place: Installation) -> None:
    run = held(place, *with_other_names(20))
    decided = quarantine(place).reject(run.id, by="王芳", reason="源端误删")
    assert (decided.decision, decided.state) == (Decision.REJECTED, RunState.HELD)
    assert (missing(place), len(place.entries()), place.rows("staged_entry")) == (set(), 20, [])
    again = place.harvest(*with_other_names(20))
    assert figures(again.run) == {"gathered": 20, "held": 20}


def test_a_run_that_nobody_decided_about_in_time_expires(place: Installation) -> None:
    run = held(place, *datasets(8))
    later(place, 13)
    assert quarantine(place).expire() == 0
    later(place, 2)
    with pytest.raises(Conflict) as refused:
        place.harvesting().accept(run.id, Choice(), actor="王芳")
    assert refused.value.code == "hold_is_over"
    assert (quarantine(place).expire(), quarantine(place).expire()) == (1, 0)
    assert (missing(place), quarantine(place).waiting()) == (set(), ())
    with place.uow.reading() as look:
        assert look.runs.by_id(run.id).decision is Decision.EXPIRED


def test_renamed_records_are_recognised_and_shown_as_such(place: Installation) -> None:
    reworded = a_dataset("n-19", "幼儿园名录第19册", description="本名录说明有所改变")
    run = held(place, *with_other_names(18), reworded, a_dataset("x"))
    [one] = quarantine(place).waiting()
    assert (one.additions, one.absences, one.renamed) == (20, 20, 19)
    changes = list(quarantine(place).changes(run.id))
    renamed = {change.identifier: change for change in changes if change.change is Change.RENAMED}
    assert renamed["n-7"].former_identifier == "a-7"
    assert (renamed["n-7"].code, renamed["n-7"].fields) == (place.entries()["a-7"].code, ())
    assert [field.element for field in renamed["n-19"].fields] == ["abstract"]
    rest = [(change.change, change.identifier) for change in changes if change.change is not Change.RENAMED]
    assert rest == [(Change.HELD, "x"), (Change.VANISHED, "a-20")]


def test_a_reidentification_keeps_codes_and_histories_and_moves_identifiers(place: Installation) -> None:
    run = held(place, *with_other_names(19), a_dataset("x"))
    before = {name: (entry.id, entry.code) for name, entry in place.entries().items()}
    report = place.harvesting().accept(run.id, RENAMED, actor="王芳")
    assert (report.state, report.run.decision) == (RunState.COMPLETE, Decision.REIDENTIFIED)
    assert figures(report.run) == {"gathered": 20, "added": 1, "changed": 19, "vanished": 1}
    entries = place.entries()
    for number in range(1, 20):
        entry = entries[f"n-{number}"]
        assert ((entry.id, entry.code), entry.revision, entry.missing_since) == (before[f"a-{number}"], 2, None)
    assert (missing(place), len(entries)) == ({"a-20"}, 21)
    assert len(place.rows("former_identifier")) == 19
    again = place.harvest(*with_other_names(19), a_dataset("x"))
    assert figures(again.run) == {"gathered": 20, "unchanged": 20, "vanished": 1}
    with place.uow.reading() as look:
        history = look.entries.revisions(entries["n-1"].id, Audience.of_tier(Tier.EXTRANET))
    assert [revision.number for revision in history] == [1, 2]


def test_titles_that_several_records_share_are_not_guessed_at(place: Installation) -> None:
    place.harvest(*(a_dataset(f"a-{number}", "年度统计公报") for number in range(20)))
    run = place.harvest(*(a_dataset(f"n-{number}", "年度统计公报") for number in range(20))).run
    [one] = quarantine(place).waiting()
    assert (one.run.id, one.renamed) == (run.id, 0)


def test_a_reidentification_can_be_undone(place: Installation) -> None:
    run = held(place, *with_other_names(20))
    before = {name: (entry.code, entry.metadata) for name, entry in place.entries().items()}
    place.harvesting().accept(run.id, RENAMED, actor="王芳")
    place.harvesting().undo(run.id, actor="王芳")
    assert {name: (entry.code, entry.metadata) for name, entry in place.entries().items()} == before
    assert place.harvest(*datasets(20)).state is RunState.COMPLETE


def test_an_accepted_run_can_be_undone(place: Installation) -> None:
    run = held(place, *with_other_names(20, "全新名录第{}册"))
    place.harvesting().accept(run.id, Choice(), actor="王芳")
    assert len(missing(place)) == 20
    place.harvesting().undo(run.id, actor="王芳")
    assert missing(place) == set()
    states = {entry.state for name, entry in place.entries().items() if name.startswith("n-")}
    assert states == {EntryState.WITHDRAWN}


def test_nothing_chosen_is_no_decision(place: Installation) -> None:
    run = held(place, *datasets(8))
    with pytest.raises(InvalidInput):
        place.harvesting().accept(run.id, Choice(identifiers=frozenset({"nobody"})), actor="王芳")
    with pytest.raises(InvalidInput):
        place.harvesting().accept(run.id, RENAMED, actor="王芳")
    assert [one.run.id for one in quarantine(place).waiting()] == [run.id]


def test_an_acceptance_that_was_interrupted_goes_on_where_it_stopped(place: Installation) -> None:
    place.harvest(*datasets(20))
    run = place.harvest(*with_other_names(APPLY_BATCH + 10, "全新名录第{}册")).run
    assert run.state is RunState.HELD

    def stop(_: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.harvesting(watch=stop).accept(run.id, Choice(), actor="王芳")
    assert len(place.entries()) == 20 + APPLY_BATCH
    [report] = place.harvesting().resume_all(actor="scheduler")
    assert (report.state, report.run.decision) == (RunState.COMPLETE, Decision.ACCEPTED)
    assert figures(report.run) == {"gathered": APPLY_BATCH + 10, "added": APPLY_BATCH + 10, "vanished": 20}


def test_what_does_not_wait_cannot_be_decided(place: Installation) -> None:
    run = place.harvest(*datasets(3)).run
    for decide in (
        lambda: place.harvesting().accept(run.id, Choice(), actor="王芳"),
        lambda: quarantine(place).reject(run.id, by="王芳"),
    ):
        with pytest.raises(Conflict) as refused:
            decide()
        assert refused.value.code == "run_does_not_wait"
