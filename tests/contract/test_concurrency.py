"""Several writers at once, each on a connection of its own: on both databases what must be one stays one."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy.orm import Session

from catalogue_app.domain.errors import Conflict
from catalogue_app.domain.finding import Condition, FindingKind
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.base import make_engine
from catalogue_app.persistence.locks import Lock, hold
from catalogue_app.persistence.migration import is_current
from catalogue_app.persistence.snapshots import Answer, Fetch
from catalogue_app.reference import load_reference
from catalogue_app.services.index_feed import IndexFeed
from catalogue_app.services.organs import Organs
from indexing.embedded.engine import EmbeddedEngine
from tests import postgres
from tests.builders import NOW, a_metadata, a_run, an_entry, an_event
from tests.installation import Installation, install
from tests.searching import a_language
from tests.shared import ROOT
from tests.stack import Stack

WRITERS = 4
ROUNDS = 5
PATIENCE_S = 120.0
"""Seconds within which all writers have come to the same point, on a very busy machine."""

PORTAL = Audience.of_tier(Tier.PORTAL)

Result = TypeVar("Result")


@pytest.fixture(scope="module", params=list(Stack))
def stack(request: pytest.FixtureRequest) -> Stack:
    return Stack(request.param)


@pytest.fixture
def place(tmp_path: Path, stack: Stack) -> Iterator[Installation]:
    place = install(tmp_path, stack=stack)
    yield place
    place.engine.dispose()


def at_once(work: Callable[[int], Result], writers: int = WRITERS) -> Sequence[Result]:
    """Do the same in several threads that begin together; whatever fails in one of them fails the test."""
    start = threading.Barrier(writers)

    def begin(number: int) -> Result:
        start.wait(PATIENCE_S)
        return work(number)

    with ThreadPoolExecutor(writers) as pool:
        return list(pool.map(begin, range(writers)))


def test_the_audit_chain_of_many_writers_is_one_chain(place: Installation) -> None:
    def write(_: int) -> None:
        for _round in range(ROUNDS):
            with place.uow() as work:
                work.record(an_event())
                work.record(an_event("source_added"))
                work.commit()

    at_once(write)
    with place.uow.reading() as look:
        verdict = look.audit.verify()
    assert (verdict.broken_at, verdict.lines) == (None, 2 + 2 * WRITERS * ROUNDS)


def test_no_code_is_given_to_two_writers_and_none_is_left_out(place: Installation) -> None:
    def write(number: int) -> list[int]:
        taken = []
        for _round in range(ROUNDS):
            with place.uow() as work:
                serial, code = work.entries.allot(Tier.PORTAL)
                work.entries.save(an_entry(serial, code=code, identifier=f"w{number}-{serial}"), "registration")
                work.record(an_event())
                work.commit()
                taken.append(serial)
        return taken

    taken = [serial for serials in at_once(write) for serial in serials]
    assert sorted(taken) == list(range(1, WRITERS * ROUNDS + 1))


def test_of_two_who_change_the_same_revision_one_is_told(place: Installation) -> None:
    entry = an_entry()
    with place.uow() as work:
        work.entries.save(entry, "registration")
        work.record(an_event())
        work.commit()

    def change(number: int) -> str:
        changed = replace(entry, revision=2, metadata=a_metadata(f"第{number}版"))
        try:
            with place.uow() as work:
                work.entries.save(changed, "registration")
                work.record(an_event())
                work.commit()
        except Conflict as refused:
            return refused.code
        return f"第{number}版"

    said = at_once(change)
    [won] = [answer for answer in said if answer != "entry_changed_meanwhile"]
    with place.uow.reading() as look:
        assert str(look.entries.by_code(entry.code, PORTAL).metadata.title) == won
        assert [revision.number for revision in look.entries.revisions(entry.id, PORTAL)] == [1, 2]
        assert look.outbox.size() == 2


def test_of_many_who_start_a_run_one_has_it(place: Installation) -> None:
    def start(number: int) -> bool:
        try:
            with place.uow() as work:
                work.runs.open(a_run(place.source), actor="tester", holder=f"host/{number}/1", reading="")
                work.record(an_event())
                work.commit()
        except Conflict:
            return False
        return True

    assert sorted(at_once(start)) == [False] * (WRITERS - 1) + [True]
    with place.uow.reading() as look:
        assert len(look.runs.running(place.source.id)) == 1


def test_one_body_from_two_sources_is_stored_once(place: Installation) -> None:
    run = a_run(place.source)
    with place.uow() as work:
        work.runs.open(run, actor="tester", holder="host/1/1", reading="")
        work.record(an_event())
        work.commit()
    body = b"[]" * 1000
    fetch = Fetch(address="a", media_type="", charset="", digest="d" * 32, size_bytes=len(body), fetched_at=NOW)

    def keep(_: int) -> bool:
        with place.uow() as work:
            is_new = bool(work.snapshots._store([Answer(fetch=fetch, body=BytesIO(body))]))
            work.commit()
        return is_new

    assert sorted(at_once(keep)) == [False] * (WRITERS - 1) + [True]
    with place.uow.reading() as look:
        assert b"".join(look.snapshots.chunks(fetch.digest)) == body


def test_two_evaluations_open_each_finding_once(place: Installation) -> None:
    conditions = [
        Condition(kind=FindingKind.STALE, subject=f"entry:{number}", organ_id=OrganId("edu"), rule="R1", evidence=())
        for number in range(20)
    ]

    def evaluate(_: int) -> int:
        with place.uow() as work:
            evaluation = work.findings.next_evaluation()
            known = work.findings.open_among(conditions)
            new = [one for one in conditions if (one.kind, one.subject) not in known]
            work.findings.open(new, evaluation, NOW)
            work.findings.see(list(known.values()), evaluation)
            closed = work.findings.close_unseen(evaluation, NOW)
            work.record(an_event())
            work.commit()
        assert closed == 0
        return len(new)

    assert sorted(at_once(evaluate)) == [0] * (WRITERS - 1) + [len(conditions)]
    with place.uow.reading() as look:
        assert len(list(look.findings.open_conditions())) == len(conditions)


def test_a_register_seeded_by_many_holds_each_organ_once(place: Installation) -> None:
    reference = load_reference(ROOT / "config")
    organs = Organs(place.uow, reference, lambda: NOW)
    assert len(set(at_once(lambda _: organs.seed(actor="tester")))) == 1
    with place.uow.reading() as look:
        registered = look.organs.all()
        added = [line for line in look.audit.lines() if line.event.action == "organ_added"]
    assert {organ.id for organ in registered} >= set(reference.organs)
    assert len(added) == len(registered) - 2  # those of the installation were not seeded


def test_an_outbox_is_drained_by_one_and_emptied_by_all(place: Installation, tmp_path: Path) -> None:
    entries = [an_entry(serial) for serial in range(1, 60)]
    with place.uow() as work:
        for entry in entries:
            work.entries.save(entry, "registration")
        work.record(an_event())
        work.commit()
    engine = EmbeddedEngine(tmp_path / "index", a_language)
    written = at_once(lambda _: IndexFeed(place.uow, engine).drain())
    assert sum(written) == len(entries)
    assert IndexFeed(place.uow, engine).verify().is_equal
    with place.uow.reading() as look:
        assert look.outbox.size() == 0


def test_while_one_drains_nobody_else_begins(place: Installation, tmp_path: Path, stack: Stack) -> None:
    engine = EmbeddedEngine(tmp_path / "index", a_language)
    feed = IndexFeed(place.uow, engine)
    with place.uow() as work:
        work.entries.save(an_entry(), "registration")
        work.record(an_event())
        work.commit()
    with place.uow.alone(Lock.FEED) as is_first, place.uow.alone(Lock.FEED) as is_second:
        # SQLite's processes share a data directory: there the index's own lock decides.
        assert (is_first, is_second) == (True, stack is Stack.EMBEDDED)
        assert feed.drain() == (1 if stack is Stack.EMBEDDED else 0)
    assert feed.drain() == (0 if stack is Stack.EMBEDDED else 1)


def test_tables_are_made_once_by_all_who_start_together(tmp_path: Path, stack: Stack) -> None:
    (tmp_path / "new").mkdir()
    server = stack is Stack.SERVER
    url = postgres.database_url(tmp_path, like=postgres.EMPTY) if server else f"sqlite:///{tmp_path}/new/a.sqlite3"

    command = [sys.executable, "-m", "alembic", "upgrade", "head"]
    environment = os.environ | {"CATALOGUE_DATABASE_URL": url}
    starts = [
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    said = [start.communicate()[1] for start in starts]
    assert [start.returncode for start in starts] == [0, 0, 0], said
    engine = make_engine(url)
    assert is_current(engine)
    engine.dispose()


def test_locks_are_taken_in_their_order(place: Installation) -> None:
    with Session(place.engine) as session:
        hold(session, Lock.EVALUATION)
        hold(session, Lock.AUDIT)
        with pytest.raises(RuntimeError, match="too late"):
            hold(session, Lock.REGISTER)
