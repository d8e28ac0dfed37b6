"""Another instance as a source: entries arrive whole, what is gone there goes missing here, nothing travels down."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from catalogue_app.container import Container
from catalogue_app.domain.entry import Entry
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.source import SourceKind
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.web.app import create_app
from tests.builders import a_metadata, a_withdrawal, an_entry, an_event
from tests.living import add_source, harvest, open_catalogue, tally
from tests.malformed import entries_of
from tests.servers import Answer, Request, Server, serving

COUNT = 12


@dataclass(frozen=True, kw_only=True)
class Pair:
    """An instance that is read, and one that reads it."""

    there: Container
    here: Container
    server: Server


def save(container: Container, *entries: Entry) -> None:
    with container.uow() as work:
        for entry in entries:
            work.entries.save(entry, "harvest")
        work.record(an_event())
        work.commit()


def withdraw(container: Container, entry: Entry) -> None:
    with container.uow() as work:
        work.withdrawals.withdraw([entry.id], a_withdrawal(container.clock()))
        work.record(an_event())
        work.commit()


ENTRIES = [an_entry(serial, f"第{serial}号名录", tier=Tier.PORTAL) for serial in range(1, COUNT + 1)]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    there = open_catalogue(tmp_path / "there", web_tier="extranet")
    clock = there.clock
    own = [replace(entry, changed_at=clock(), created_at=clock()) for entry in ENTRIES]
    save(there, *own, replace(an_entry(99, "内部名录", tier=Tier.EXTRANET), changed_at=clock()))
    app = create_app(there)
    app.testing = True
    client: FlaskClient = app.test_client()

    def respond(request: Request) -> Answer:
        answer = client.get(request.target)
        headers = {"Content-Type": answer.headers["Content-Type"]}
        return Answer(status=answer.status_code, headers=headers, body=answer.get_data())

    with serving(respond) as server:
        here = open_catalogue(tmp_path / "here", allowed_private_hosts=server.host)
        yield Pair(there=there, here=here, server=server)


def test_entries_arrive_whole_and_at_their_tier(pair: Pair) -> None:
    source = add_source(pair.here, SourceKind.CATALOGUE, pair.server.address(), tier="portal")
    first = harvest(pair.here, source.id)
    assert (first.state, tally(first)) == (RunState.COMPLETE, (COUNT + 1, COUNT + 1, 0, 0, 0, 0, 0))
    arrived = entries_of(pair.here, source.id)
    metadata = a_metadata("第1号名录", provider_name="天津市教育委员会", network_tier=Tier.PORTAL)
    assert arrived["TJ00000001"].metadata == metadata
    assert (arrived["TJ00000099"].tier, arrived["TJ00000001"].tier) == (Tier.EXTRANET, Tier.PORTAL)
    assert tally(harvest(pair.here, source.id)) == (COUNT + 1, 0, 0, COUNT + 1, 0, 0, 0)


def test_what_is_gone_there_goes_missing_here(pair: Pair) -> None:
    source = add_source(pair.here, SourceKind.CATALOGUE, pair.server.address("/api/v1/"))
    harvest(pair.here, source.id)
    withdraw(pair.there, ENTRIES[0])
    assert tally(harvest(pair.here, source.id)) == (COUNT, 0, 0, COUNT, 0, 0, 1)
    assert entries_of(pair.here, source.id)["TJ00000001"].missing_since is not None


def test_an_increment_asks_for_changes_until_something_is_gone(pair: Pair) -> None:
    source = add_source(pair.here, SourceKind.CATALOGUE, pair.server.address(), increment="yes")
    harvest(pair.here, source.id)
    assert all("since" not in request.query for request in pair.server.requests)

    del pair.server.requests[:]
    changed = replace(ENTRIES[1], revision=2, metadata=a_metadata("改名了的名录"), changed_at=pair.there.clock())
    save(pair.there, changed)
    report = harvest(pair.here, source.id)
    assert report.run.vanished == 0
    assert report.tallies()["changed"] == 1
    assert all("since" in request.query for request in pair.server.requests)

    del pair.server.requests[:]
    withdraw(pair.there, ENTRIES[2])
    report = harvest(pair.here, source.id)
    assert (report.tallies()["gathered"], report.run.vanished) == (COUNT, 1)
    assert any("since" not in request.query for request in pair.server.requests)
    titles = {entry.metadata.title.original for entry in entries_of(pair.here, source.id).values()}
    assert "改名了的名录" in titles


def test_one_organ_may_be_taken_alone(pair: Pair) -> None:
    options = {"organ": "police"}
    add = pair.here.sources.add
    source = add(OrganId("data"), SourceKind.CATALOGUE, pair.server.address(), options, actor="test")
    report = harvest(pair.here, source.id)
    assert (report.state, report.run.gathered) == (RunState.HELD, 0), "too few records"
