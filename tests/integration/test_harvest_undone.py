"""Undoing a run: every entry it touched is what it was before, as new revisions, or the run stays as it is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from catalogue_app.domain.entry import Entry, EntryState
from catalogue_app.domain.errors import Conflict
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.vocabulary import Tier
from tests.builders import TickingClock, a_metadata, an_event
from tests.installation import Installation, a_dataset, datasets, figures, install


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    place = install(tmp_path)
    yield place
    place.engine.dispose()


def said(entry: Entry) -> tuple[object, ...]:
    """What an entry is, leaving aside how often it was stored."""
    return entry.metadata, entry.state, entry.tier, entry.organ_id, entry.code, entry.violations, entry.missing_since


def test_an_undone_run_leaves_every_entry_as_it_was_before_it(place: Installation) -> None:
    place.harvest(*datasets(8))
    place.harvest(*datasets(7))
    before = {name: said(entry) for name, entry in place.entries().items()}
    bad = place.harvest(
        a_dataset("a-1", "错的名录", accessLevel="public"), *datasets(5)[1:], *datasets(8)[6:], a_dataset("b-1")
    )
    assert figures(bad.run) == {"gathered": 8, "added": 1, "changed": 1, "unchanged": 6, "vanished": 1, "restored": 1}
    undone = place.harvesting().undo(bad.run.id, actor="王芳")
    assert (undone.state, figures(undone.run)) == (RunState.COMPLETE, {"gathered": 2, "changed": 1, "withdrawn": 1})
    entries = place.entries()
    assert entries.pop("b-1").state is EntryState.WITHDRAWN
    after = {name: said(entry) for name, entry in entries.items()}
    restored = after.pop("a-8"), before.pop("a-8")
    assert after == before
    assert restored[0][:-1] == restored[1][:-1]
    assert entries["a-1"].revision == 3
    assert entries["a-1"].tier is Tier.EXTRANET
    with place.uow.reading() as look:
        marked = look.runs.by_id(bad.run.id)
        assert (marked.undone_by, look.runs.by_id(undone.run.id).undoes) == (undone.run.id, bad.run.id)
        assert look.outbox.size() > 0
        [started] = [line.event for line in look.audit.lines() if line.event.action == "harvest_undo_started"]
        assert (started.actor, look.audit.verify().broken_at) == ("王芳", None)


def test_the_next_harvest_takes_the_source_at_its_word_again(place: Installation) -> None:
    place.harvest(*datasets(3))
    bad = place.harvest(a_dataset("a-1", "错的名录"), *datasets(3)[1:], a_dataset("b-1"))
    place.harvesting().undo(bad.run.id, actor="王芳")
    again = place.harvest(a_dataset("a-1", "错的名录"), *datasets(3)[1:], a_dataset("b-1"))
    assert figures(again.run) == {"gathered": 4, "changed": 2, "unchanged": 2, "restored": 1}
    back = place.entries()["b-1"]
    assert (back.state, place.entries()["a-1"].metadata.title.original) == (EntryState.PUBLISHED, "错的名录")


def test_withdrawals_that_a_run_concluded_are_undone_too(place: Installation) -> None:
    place.harvest(*datasets(8))
    assert isinstance(place.clock, TickingClock)
    for _ in range(2):
        place.clock.now += timedelta(days=15)
        place.harvest(*datasets(7))
    place.clock.now += timedelta(days=15)
    last = place.harvest(*datasets(7))
    assert place.entries()["a-8"].state is EntryState.WITHDRAWN
    undone = place.harvesting().undo(last.run.id, actor="王芳")
    assert figures(undone.run) == {"gathered": 1, "changed": 1}
    assert (place.entries()["a-8"].state, place.rows("tombstone")) == (EntryState.PUBLISHED, [])


def test_a_run_whose_entries_somebody_changed_since_stays_as_it_is(place: Installation) -> None:
    place.harvest(*datasets(3))
    bad = place.harvest(a_dataset("a-1", "错的名录"), a_dataset("a-2", "也错的名录"), datasets(3)[2])
    entry = place.entries()["a-1"]
    changed = replace(entry, metadata=a_metadata("更正的名录"), revision=entry.revision + 1)
    with place.uow() as work:
        work.entries.save(changed, "correction")
        work.record(an_event())
        work.commit()
    before = place.rows("revision")
    with pytest.raises(Conflict) as refused:
        place.harvesting().undo(bad.run.id, actor="王芳")
    assert refused.value.code == "entries_changed_since"
    assert (refused.value.parameters["number"], refused.value.parameters["entries"]) == (1, entry.code)
    assert place.rows("revision") == before


def test_a_later_run_that_changed_the_same_entry_is_undone_first(place: Installation) -> None:
    place.harvest(*datasets(2))
    first = place.harvest(a_dataset("a-1", "第一次错"), datasets(2)[1])
    second = place.harvest(a_dataset("a-1", "第二次错"), datasets(2)[1])
    with pytest.raises(Conflict):
        place.harvesting().undo(first.run.id, actor="王芳")
    place.harvesting().undo(second.run.id, actor="王芳")
    assert place.entries()["a-1"].metadata.title.original == "第一次错"


def test_a_run_is_undone_once_and_an_undoing_never(place: Installation) -> None:
    run = place.harvest(*datasets(2)).run
    undoing = place.harvesting().undo(run.id, actor="王芳").run
    codes = []
    for again in (run.id, undoing.id):
        with pytest.raises(Conflict) as refused:
            place.harvesting().undo(again, actor="王芳")
        codes.append(refused.value.code)
    assert codes == ["run_undone_before", "run_is_an_undoing"]


def test_an_undoing_that_was_interrupted_goes_on_where_it_stopped(place: Installation) -> None:
    place.harvest(*datasets(500))
    bad = place.harvest(*datasets(500, description="说明错了的名录，共计若干条记录"))
    seen: list[str] = []

    def stop(*_: object) -> tuple[()]:
        seen.append("")
        if len(seen) == 250:
            raise KeyboardInterrupt
        return ()

    with pytest.raises(KeyboardInterrupt):
        place.harvesting(check=stop).undo(bad.run.id, actor="王芳")
    [report] = place.harvesting().resume_all(actor="scheduler")
    assert (report.state, figures(report.run)) == (RunState.COMPLETE, {"gathered": 500, "changed": 500})
    assert {entry.revision for entry in place.entries().values()} == {3}
    assert {entry.metadata.abstract for entry in place.entries().values()} == {None}
