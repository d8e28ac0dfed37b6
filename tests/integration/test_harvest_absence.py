"""Entries their source no longer has: flagged, kept, withdrawn in the end with a tombstone, and back as they were."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.errors import Gone, NotFound
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.withdrawals import Withdrawal
from tests.builders import TickingClock, a_withdrawal, an_event
from tests.installation import Installation, a_dataset, datasets, figures, install

PORTAL, EXTRANET = Audience.of_tier(Tier.PORTAL), Audience.of_tier(Tier.EXTRANET)
OPEN = {"accessLevel": "public"}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    place = install(tmp_path)
    yield place
    place.engine.dispose()


def later(place: Installation, days: int) -> None:
    assert isinstance(place.clock, TickingClock)
    place.clock.now += timedelta(days=days)


def without_one(place: Installation, *, runs: int, days_between: int = 0) -> dict[str, int]:
    """Harvest so many times without the record `a-1`; returns the figures of the last run."""
    counted: dict[str, int] = {}
    for _ in range(runs):
        later(place, days_between)
        counted = figures(place.harvest(*datasets(8, **OPEN)[1:]).run)
    return counted


def test_an_entry_that_a_complete_run_no_longer_saw_is_flagged_and_still_shown(place: Installation) -> None:
    place.harvest(*datasets(8, **OPEN))
    assert without_one(place, runs=1) == {"gathered": 7, "unchanged": 7, "vanished": 1}
    entry = place.entries()["a-1"]
    assert (entry.state, entry.missing_since is None) == (EntryState.PUBLISHED, False)
    with place.uow.reading() as look:
        assert look.entries.by_code(entry.code, PORTAL).code == entry.code


def test_many_runs_within_the_grace_withdraw_nothing(place: Installation) -> None:
    place.harvest(*datasets(8, **OPEN))
    assert without_one(place, runs=5, days_between=2) == {"gathered": 7, "unchanged": 7, "vanished": 1}


def test_few_runs_past_the_grace_withdraw_nothing(place: Installation) -> None:
    place.harvest(*datasets(8, **OPEN))
    assert without_one(place, runs=2, days_between=30) == {"gathered": 7, "unchanged": 7, "vanished": 1}


def test_runs_that_conclude_nothing_do_not_count(place: Installation) -> None:
    place.harvest(*datasets(8, **OPEN))
    without_one(place, runs=1)
    later(place, 30)
    for _ in range(4):
        place.harvest()
    assert place.entries()["a-1"].state is EntryState.PUBLISHED


def test_an_entry_missing_in_enough_runs_and_past_the_grace_is_withdrawn_with_a_tombstone(place: Installation) -> None:
    place.harvest(*datasets(8, **OPEN))
    code = place.entries()["a-1"].code
    without_one(place, runs=2)
    later(place, 15)
    counted = without_one(place, runs=1)
    assert counted == {"gathered": 7, "unchanged": 7, "vanished": 1}
    with place.uow.reading() as look:
        with pytest.raises(Gone) as gone:
            look.entries.by_code(code, PORTAL)
        assert look.runs.latest(place.source.id)[0].lapsed == 1
    assert gone.value.parameters["reason"] == "vanished_at_source"
    assert gone.value.parameters["withdrawn_on"] == "2026-12-09"
    assert place.entries()["a-1"].revision == 2
    assert figures(place.harvest(*datasets(8, **OPEN)[1:]).run) == {"gathered": 7, "unchanged": 7}, "missing no more"


def test_a_withdrawn_entry_seen_again_is_the_same_entry_with_its_history(place: Installation) -> None:
    place.harvest(*datasets(8, **OPEN))
    before = place.entries()["a-1"]
    without_one(place, runs=3, days_between=15)
    assert place.entries()["a-1"].state is EntryState.WITHDRAWN
    assert figures(place.harvest(*datasets(8, **OPEN)).run) == {"gathered": 8, "unchanged": 8, "restored": 2}
    back = place.entries()["a-1"]
    assert (back.id, back.code, back.state, back.metadata) == (before.id, before.code, before.state, before.metadata)
    assert back.missing_since is None
    assert place.rows("tombstone") == []
    with place.uow.reading() as look:
        causes = [revision.cause for revision in look.entries.revisions(back.id, EXTRANET)]
        assert look.entries.confirm([back.id], PORTAL) == {back.id}
    assert causes == ["harvest", "vanished_at_source", "restoration"]


def test_a_record_that_cannot_be_read_restores_nothing(place: Installation) -> None:
    place.harvest(*datasets(8, **OPEN))
    without_one(place, runs=3, days_between=15)
    place.harvest({"identifier": "a-1"}, *datasets(8, **OPEN)[1:])
    assert place.entries()["a-1"].state is EntryState.WITHDRAWN


def test_what_a_person_withdrew_stays_so_although_its_source_has_it(place: Installation) -> None:
    place.harvest(*datasets(8, **OPEN))
    with place.uow() as work:
        work.withdrawals.withdraw([place.entries()["a-1"].id], a_withdrawal(place.clock()))
        work.record(an_event())
        work.commit()
    place.harvest(*datasets(8, **OPEN))
    assert place.entries()["a-1"].state is EntryState.WITHDRAWN


def test_a_tombstone_names_the_successor_to_those_who_may_see_it(place: Installation) -> None:
    place.harvest(*datasets(7, **OPEN), a_dataset("a-8", accessLevel="non-public"))
    entries = place.entries()
    for old, new in (("a-1", "a-2"), ("a-3", "a-8")):
        told = a_withdrawal()
        withdrawal = Withdrawal(reason=told.reason, at=told.at, by=told.by, successor_id=entries[new].id)
        with place.uow() as work:
            work.withdrawals.withdraw([entries[old].id], withdrawal)
            work.record(an_event())
            work.commit()

    def successor(name: str, audience: Audience) -> object:
        with place.uow.reading() as look, pytest.raises(Gone) as gone:
            look.entries.by_code(entries[name].code, audience)
        return gone.value.parameters.get("successor")

    assert successor("a-1", PORTAL) == entries["a-2"].code
    assert (successor("a-3", PORTAL), successor("a-3", EXTRANET)) == (None, entries["a-8"].code)


def test_the_tombstone_of_an_entry_that_was_never_public_is_not_shown(tmp_path: Path) -> None:
    place = install(tmp_path, options={"review": "yes"})
    place.harvest(*datasets(1, **OPEN))
    entry = place.entries()["a-1"]
    with place.uow() as work:
        work.withdrawals.withdraw([entry.id], a_withdrawal())
        work.record(an_event())
        work.commit()
    with place.uow.reading() as look:
        with pytest.raises(NotFound):
            look.entries.by_code(entry.code, PORTAL)
        with pytest.raises(Gone):
            look.entries.by_code(entry.code, Audience(tier=Tier.PORTAL, supervises=True))
