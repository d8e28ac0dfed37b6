"""What the feed of changes says as entries come, rise, go and come back, to each audience."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from catalogue_app.container import Container
from catalogue_app.domain.entry import Entry, EntryState
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from tests.builders import NOW, a_withdrawal, an_entry, an_event
from tests.living import open_catalogue

PORTAL, EXTRANET = (Audience.of_tier(tier) for tier in (Tier.PORTAL, Tier.EXTRANET))


@pytest.fixture
def catalogue(tmp_path: Path) -> Container:
    return open_catalogue(tmp_path)


def save(catalogue: Container, entry: Entry, hours: int, **changed: object) -> Entry:
    """Store the next revision of an entry, some hours after the first."""
    at = NOW + timedelta(hours=hours)
    entry = replace(entry, changed_at=at, **changed)  # type: ignore[arg-type]  # fields of Entry
    with catalogue.uow() as work:
        work.entries.save(entry, "test")
        work.record(an_event())
        work.commit()
    return replace(entry, revision=entry.revision + 1)


def told(catalogue: Container, audience: Audience) -> list[tuple[str, bool, datetime]]:
    page = catalogue.changes.page(audience, None, None, 100)
    return [(it.step.code, it.entry is not None, it.step.at) for it in page.changes]


def test_an_entry_that_rises_is_gone_below_from_then_on(catalogue: Container) -> None:
    entry = save(catalogue, an_entry(1), 0)
    code = entry.code
    assert told(catalogue, PORTAL) == told(catalogue, EXTRANET) == [(code, True, NOW)]
    entry = save(catalogue, entry, 1, tier=Tier.EXTRANET)
    risen = NOW + timedelta(hours=1)
    assert told(catalogue, PORTAL) == [(code, False, risen)]
    assert told(catalogue, EXTRANET) == [(code, True, risen)]
    entry = save(catalogue, entry, 2)
    assert told(catalogue, PORTAL) == [(code, False, risen)], "what happens above stays above"
    entry = save(catalogue, entry, 3, tier=Tier.PORTAL)
    back = NOW + timedelta(hours=3)
    assert told(catalogue, PORTAL) == told(catalogue, EXTRANET) == [(code, True, back)]
    save(catalogue, entry, 4, state=EntryState.SUSPENDED)
    gone = NOW + timedelta(hours=4)
    assert told(catalogue, PORTAL) == told(catalogue, EXTRANET) == [(code, False, gone)]


def test_what_was_never_published_is_never_told(catalogue: Container) -> None:
    entry = save(catalogue, an_entry(1, state=EntryState.DRAFT), 0)
    entry = save(catalogue, entry, 1, state=EntryState.SUBMITTED)
    with catalogue.uow() as work:
        work.withdrawals.withdraw([entry.id], a_withdrawal(NOW + timedelta(hours=2)))
        work.record(an_event())
        work.commit()
    assert told(catalogue, EXTRANET) == []
    save(catalogue, an_entry(2, tier=Tier.EXTRANET), 3)
    assert told(catalogue, PORTAL) == []


def test_unpublished_entries_are_no_change_even_for_those_who_see_them(catalogue: Container) -> None:
    save(catalogue, an_entry(1, state=EntryState.SUBMITTED), 0)
    desk = Audience(tier=Tier.EXTRANET, supervises=True)
    assert told(catalogue, desk) == []
