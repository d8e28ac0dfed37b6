"""The index follows the database: through the outbox, through rebuilds, through the death of whoever drains."""

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, cast

import pytest

from catalogue_app.domain.errors import Conflict, IndexDiffers
from catalogue_app.domain.metadata import Item
from catalogue_app.domain.text import LocalizedText
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from indexing.document import SearchDocument
from indexing.embedded.engine import EmbeddedEngine
from indexing.query import SearchQuery
from tests.builders import NOW, a_metadata, a_withdrawal, an_entry, an_event
from tests.feeding import Place, a_place
from tests.searching import BOTH, EXTRANET, a_language, engines_of, rebuild
from tests.servers import wait_until
from tests.shared import ROOT

PATIENCE_S = 60.0
"""Seconds within which a server notices a death, on a very busy machine."""

PORTAL = Audience.of_tier(Tier.PORTAL)


@pytest.fixture(params=BOTH)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with engines_of(request.param) as make, a_place(tmp_path, cast("Any", make(tmp_path / "index", a_language))) as it:
        yield it


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Place]:
    """Make a place whose index lies in the folder of the test."""
    with a_place(tmp_path, EmbeddedEngine(tmp_path / "index", a_language)) as place:
        yield place


def test_what_was_saved_is_found_after_a_drain(place: Place) -> None:
    entry = an_entry()
    place.save(entry)
    assert (place.waiting(), place.ids("幼儿园")) == (1, [])
    assert place.feed.drain() == 1
    assert (place.waiting(), place.ids("幼儿园")) == (0, [entry.id])
    assert place.feed.drain() == 0
    assert place.feed.verify().is_equal


def test_an_entry_changed_many_times_is_written_as_it_now_stands(place: Place) -> None:
    entry = an_entry()
    place.save(entry)
    place.save(replace(entry, revision=2, metadata=a_metadata("托儿所名录")))
    place.save(replace(entry, revision=3, metadata=a_metadata("小学名录")))
    assert place.waiting() == 3
    assert place.feed.drain() == 1
    assert (place.ids("小学"), place.ids("幼儿园"), place.waiting()) == ([entry.id], [], 0)


def test_a_withdrawn_entry_leaves_the_index_and_stays_in_the_proof(place: Place) -> None:
    entry = an_entry()
    place.save(entry)
    place.feed.drain()
    with place.uow() as work:
        work.withdrawals.withdraw([entry.id], a_withdrawal(NOW))
        work.record(an_event())
        work.commit()
    place.feed.drain()
    assert place.ids("幼儿园", Audience(tier=Tier.INTRANET, supervises=True)) == []
    verification = place.feed.verify()
    assert (verification.is_equal, verification.compared) == (True, 1)


def test_what_the_database_no_longer_shows_is_dropped_and_not_counted(place: Place) -> None:
    shown, raised = an_entry(1, "幼儿园名录"), an_entry(2, "幼儿园名单")
    place.save(shown, raised)
    place.feed.drain()
    place.save(replace(raised, revision=2, tier=Tier.EXTRANET))
    page = place.search.search(SearchQuery(text="幼儿园", audience=PORTAL))
    assert ([hit.entry.id for hit in page.hits], page.total) == ([shown.id], 1)


def test_a_hit_is_ready_to_be_shown(place: Place) -> None:
    metadata = a_metadata(
        "学生资助名单",
        abstract=LocalizedText.of("收录全市学生资助发放情况"),
        items=(Item(name="资助金额"), Item(name="年级")),
    )
    place.save(an_entry(metadata=metadata))
    place.feed.drain()
    hit = place.search.search(SearchQuery(text="資助", audience=PORTAL)).hits[0]
    assert [part.text for part in hit.title if part.is_match] == ["资助"]
    assert [part.text for part in hit.abstract if part.is_match] == ["资助"]
    assert ["".join(part.text for part in item) for item in hit.items] == ["资助金额"]
    assert hit.organ.id == "edu"


def test_a_rebuild_mends_whatever_was_wrong(place: Place) -> None:
    kept, lost, behind = (an_entry(serial) for serial in (1, 2, 3))
    place.save(kept, lost, behind)
    place.save(replace(behind, revision=2))
    project = place.feed._documents
    documents = [replace(it, revision=1) for it in project(lambda _done: None) if it.entry_id != lost.id]
    rebuild(place.engine, [*documents, replace(documents[0], entry_id=an_entry().id, serial=99)])
    counts = {difference.value: number for difference, number in place.feed.verify().counts.items()}
    assert counts == {"missing": 1, "surplus": 1, "behind": 1}
    assert place.feed.rebuild(lambda _done: None) == 3
    assert place.feed.verify().is_equal
    assert place.waiting() == 0


def test_a_change_during_a_rebuild_is_in_the_new_index_at_the_swap(place: Place, monkeypatch: Any) -> None:
    entry, other = an_entry(1), an_entry(2)
    place.save(entry)
    documents = place.feed._documents

    def changing(progress: Callable[[int], None]) -> Iterator[SearchDocument]:
        yield from documents(progress)
        place.save(replace(entry, revision=2, metadata=a_metadata("托儿所名录")), other)
        assert place.feed.drain() == 2
        assert place.ids("托儿所") == [entry.id], "searches see it before the swap"

    monkeypatch.setattr(place.feed, "_documents", changing)
    place.feed.rebuild(lambda _done: None)
    assert place.ids("托儿所") == [entry.id]
    assert place.feed.verify().is_equal
    assert place.waiting() == 0


def test_an_index_that_lacks_entries_is_not_swapped_in(place: Place, monkeypatch: Any) -> None:
    place.save(*(an_entry(serial) for serial in range(1, 6)))
    place.feed.drain()
    documents = place.feed._documents
    monkeypatch.setattr(place.feed, "_documents", lambda progress: islice(documents(progress), 4))
    with pytest.raises(IndexDiffers, match="edu portal: database 5 entries"):
        place.feed.rebuild(lambda _done: None)
    monkeypatch.undo()
    assert place.feed.verify().is_equal
    assert place.feed.rebuild(lambda _done: None) == 5


def test_an_index_that_lags_behind_is_not_swapped_in(place: Place, monkeypatch: Any) -> None:
    ones, twos = [an_entry(serial) for serial in (1, 2)], [an_entry(serial) for serial in (3, 4)]
    place.save(*ones, *twos)
    place.save(*(replace(entry, revision=2) for entry in twos))
    place.feed.drain()
    swapped = {ones[0].id: 2, twos[0].id: 1}
    documents = place.feed._documents
    monkeypatch.setattr(
        place.feed,
        "_documents",
        lambda progress: (replace(it, revision=swapped.get(it.entry_id, it.revision)) for it in documents(progress)),
    )
    with pytest.raises(IndexDiffers, match="1 of 4 entries looked at are missing or behind"):
        place.feed.rebuild(lambda _done: None)


def test_the_way_back_leads_to_an_index_that_equals_the_database(place: Place) -> None:
    kept, changed, withdrawn = (an_entry(serial) for serial in (1, 2, 3))
    place.save(kept, changed, withdrawn)
    place.feed.drain()
    place.feed.rebuild(lambda _done: None)
    place.save(replace(changed, revision=2, metadata=a_metadata("托儿所名录")), an_entry(4, "小学名录"))
    with place.uow() as work:
        work.withdrawals.withdraw([withdrawn.id], a_withdrawal(NOW))
        work.record(an_event())
        work.commit()
    place.feed.drain()
    assert place.feed.rollback() == 3
    assert place.feed.verify().is_equal
    assert (place.ids("幼儿园"), place.ids("托儿所")) == ([kept.id], [changed.id])
    assert place.feed.rollback() == 0


def test_while_another_writes_the_rows_wait(embedded: Place) -> None:
    embedded.save(an_entry())
    with cast("EmbeddedEngine", embedded.engine)._store.writing():
        assert embedded.feed.drain() == 0
    with embedded.engine.build(), pytest.raises(Conflict):
        embedded.feed.rebuild(lambda _done: None)
    assert embedded.waiting() == 1
    assert embedded.feed.drain() == 1


@contextmanager
def draining(place: Place) -> Iterator[subprocess.Popen[str]]:
    """Run a process that drains; it is killed -9 at the end."""
    command = [
        sys.executable,
        "-m",
        "tests.feed_child",
        place.url,
        str(place.folder / "index"),
    ]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == "up\n"
        yield child
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def _killed_drains(embedded: Place, rounds: int) -> None:
    dice = random.Random(20261124)  # noqa: S311 — moments, not secrets
    entries = [an_entry(serial, f"第{serial}幼儿园") for serial in range(1, 121)]
    embedded.save(*entries)
    for turn in range(rounds):
        with draining(embedded):
            time.sleep(dice.uniform(0, 0.4))
            changed = dice.sample(range(len(entries)), 40)
            for number in changed:
                entries[number] = replace(entries[number], revision=entries[number].revision + 1)
            embedded.save(*(entries[number] for number in changed))
            time.sleep(dice.uniform(0, 0.4))
        # A server takes a moment to notice that the drain whose lock it holds was killed.
        assert wait_until(lambda: embedded.feed.drain() > 0 or embedded.waiting() == 0, PATIENCE_S)
        verification = embedded.feed.verify()
        assert verification.is_equal, (turn, verification.document())
        assert embedded.waiting() == 0


def test_the_death_of_whoever_drains_loses_nothing(embedded: Place) -> None:
    _killed_drains(embedded, rounds=2)


@pytest.mark.full
def test_the_death_of_whoever_drains_loses_nothing_at_many_moments(embedded: Place) -> None:
    _killed_drains(embedded, rounds=20)


def test_several_processes_drain_one_outbox(embedded: Place) -> None:
    entries = [an_entry(serial, f"第{serial}幼儿园") for serial in range(1, 121)]
    with draining(embedded), draining(embedded):
        for start in range(0, 120, 30):
            embedded.save(*entries[start : start + 30])
            embedded.feed.drain()
        deadline = time.monotonic() + 60
        while embedded.waiting() and time.monotonic() < deadline:
            time.sleep(0.05)
    assert embedded.waiting() == 0
    assert embedded.feed.verify().is_equal
    assert embedded.search.search(SearchQuery(text="幼儿园", audience=EXTRANET)).total == 120
