"""Findings on a real database: opened once, kept true, closed by themselves, told to those who may see the entry."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import Engine, event

from catalogue_app.domain.entry import Entry, EntryState
from catalogue_app.domain.errors import InvalidCursor
from catalogue_app.domain.finding import OPEN_FINDINGS, FindingFilter, FindingKind, FindingState
from catalogue_app.domain.harvest import Problem, RunState
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.profile import Violation
from catalogue_app.domain.source import Source
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import DisclosureCategory, Tier, UpdateCycle
from catalogue_app.persistence.base import make_engine
from catalogue_app.persistence.entries import EntryPolicy
from catalogue_app.persistence.migration import upgrade
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from catalogue_app.reference import load_reference
from catalogue_app.services.flagging import Flagging
from catalogue_app.services.turns import Turns
from tests.builders import (
    NOW,
    TickingClock,
    a_metadata,
    a_run,
    a_source,
    a_withdrawal,
    an_entry,
    an_event,
    an_organ,
    harvest_rules,
)
from tests.shared import ROOT
from tests.stack import database_url

TODAY: Final = date(2026, 11, 24)
PUBLIC, OFFICERS = Audience.of_tier(Tier.PORTAL), Audience.of_tier(Tier.EXTRANET)
OWED: Final = frozenset({DisclosureCategory.A, DisclosureCategory.F})
STALE: Final = FindingFilter(kinds=frozenset({FindingKind.STALE}))


class City:
    """One organ's catalogue on a database of its own."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.clock = TickingClock(NOW)
        policy = EntryPolicy(code_prefix="TJ", tier_ceiling=Tier.EXTRANET)
        self.uow = UnitsOfWork(engine, clock=self.clock, policy=policy)
        self.flagging = Flagging(self.uow, load_reference(ROOT / "config"), self.clock)
        with self.uow() as work:
            work.organs.save(an_organ("edu", obligations=OWED))
            work.record(an_event())
            work.commit()

    def keep(self, *entries: Entry) -> None:
        with self.uow() as work:
            for entry in entries:
                work.entries.save(entry, "test")
            work.record(an_event())
            work.commit()

    def kinds(self, audience: Audience = OFFICERS) -> dict[FindingKind, int]:
        counts = self.flagging.summary(audience).by_kind
        return {kind: number for kind, number in counts.items() if number}

    def has_run(self, source: Source, state: RunState) -> None:
        started = self.clock()
        problem = Problem(code="source_error", value="500")
        run = a_run(source, started_at=started)
        with self.uow() as work:
            work.runs.open(run, actor="test", holder="test", reading="")
            closed = replace(run, state=state, finished_at=started, problem=problem)
            work.runs.close(closed)
            Turns(harvest_rules(), failing_after=3).end(work, closed)
            work.record(an_event())
            work.commit()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = make_engine(database_url(tmp_path))
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def city(engine: Engine) -> City:
    return City(engine)


def good(serial: int = 1, **said: object) -> Entry:
    """Return an entry that raises nothing, in both categories that its organ owes."""
    fields = {"disclosure_categories": tuple(sorted(OWED)), "update_cycle": UpdateCycle.YEARLY, **said}
    return an_entry(serial, metadata=a_metadata(f"名录之{serial}甲", **fields))


def old(serial: int = 1, **rest: object) -> Entry:
    """Return an entry whose content is months late."""
    return replace(good(serial, update_cycle=UpdateCycle.MONTHLY, updated_on=date(2026, 1, 31)), **rest)  # type: ignore[arg-type]  # fields of Entry


def test_a_sound_catalogue_raises_nothing(city: City) -> None:
    city.keep(good())
    evaluation = city.flagging.evaluate()
    assert (evaluation.open, evaluation.opened, evaluation.closed) == (0, 0, 0)
    assert city.kinds() == {}


def test_an_empty_register_lacks_its_catalogue_and_what_it_owes(city: City) -> None:
    city.flagging.evaluate()
    assert city.kinds() == {FindingKind.ORGAN_WITHOUT_CATALOGUE: 1, FindingKind.DISCLOSURE_GAP: 2}


def test_no_finding_tells_the_public_what_an_organ_has_above_it(city: City) -> None:
    city.flagging.evaluate()
    before = city.kinds(PUBLIC)
    city.keep(replace(good(), tier=Tier.EXTRANET))
    city.flagging.evaluate()
    assert city.kinds(PUBLIC) == before == {FindingKind.DISCLOSURE_GAP: 2}
    assert FindingKind.ORGAN_WITHOUT_CATALOGUE not in city.kinds(OFFICERS)


def test_a_finding_opens_once_however_often_it_is_looked_for(city: City) -> None:
    city.keep(old())
    first, second = city.flagging.evaluate(), city.flagging.evaluate()
    assert (first.opened, first.open) == (1, 1)
    assert (second.opened, second.updated, second.closed, second.open) == (0, 0, 0, 1)
    [finding] = city.flagging.findings(OPEN_FINDINGS, OFFICERS).findings
    assert finding.opened_at == finding.updated_at


def test_a_finding_closes_by_itself_when_its_cause_is_gone(city: City) -> None:
    entry = old()
    city.keep(entry)
    city.flagging.evaluate()
    city.keep(replace(entry, revision=2, metadata=replace(entry.metadata, updated_on=TODAY)))
    assert city.flagging.evaluate().closed == 1
    [closed] = city.flagging.findings(FindingFilter(states=frozenset({FindingState.CLOSED})), OFFICERS).findings
    assert (closed.state, closed.cause) == (FindingState.CLOSED, "resolved")
    assert closed.closed_at is not None
    assert city.kinds() == {}


def test_a_fault_that_comes_back_is_a_new_finding(city: City) -> None:
    entry = old()
    for revision, updated_on in enumerate((date(2026, 1, 31), TODAY, date(2026, 2, 28)), start=1):
        city.keep(replace(entry, revision=revision, metadata=replace(entry.metadata, updated_on=updated_on)))
        city.flagging.evaluate()
    both = FindingFilter(states=frozenset(FindingState))
    states = [finding.state for finding in city.flagging.findings(both, OFFICERS).findings]
    assert states == [FindingState.OPEN, FindingState.CLOSED]


def test_evidence_follows_the_facts(city: City) -> None:
    entry = old()
    city.keep(entry)
    city.flagging.evaluate()
    city.keep(replace(entry, revision=2, metadata=replace(entry.metadata, updated_on=date(2026, 3, 31))))
    evaluation = city.flagging.evaluate()
    assert (evaluation.opened, evaluation.updated, evaluation.closed) == (0, 1, 0)
    [finding] = city.flagging.findings(OPEN_FINDINGS, OFFICERS).findings
    assert dict(finding.condition.evidence)["changed_on"] == "2026-03-31"
    assert finding.updated_at > finding.opened_at


def test_what_is_withdrawn_is_nobodys_duty(city: City) -> None:
    entry = old()
    city.keep(entry, good(2))
    city.flagging.evaluate()
    with city.uow() as work:
        work.withdrawals.withdraw([entry.id], a_withdrawal(city.clock()))
        work.record(an_event())
        work.commit()
    assert city.flagging.evaluate().closed == 1
    with city.uow.reading() as work:
        everyone = Audience(tier=Tier.INTRANET, supervises=True)
        assert work.findings.count(FindingFilter(states=frozenset()), everyone) == 0
        assert list(work.findings.open_conditions()) == []


def test_only_changes_are_audited(city: City) -> None:
    city.keep(old())
    for _ in range(3):
        city.flagging.evaluate(actor="li")
    with city.uow.reading() as work:
        lines = list(work.audit.lines("findings"))
    assert [(line.event.actor, line.event.action, line.event.after) for line in lines] == [
        ("li", "findings_evaluated", "opened=1 updated=0 closed=0")
    ]


def test_another_day_is_judged_without_touching_the_register(city: City) -> None:
    city.keep(good(update_cycle=UpdateCycle.YEARLY, updated_on=date(2026, 5, 1)))
    assert city.flagging.evaluate().open == 0
    later = city.flagging.evaluate(date(2028, 1, 1))
    assert (later.as_of, later.open, later.opened) == (date(2028, 1, 1), 1, 0)
    assert later.by_kind[FindingKind.STALE] == 1
    [condition] = city.flagging.conditions(date(2028, 1, 1))
    assert condition.entry_code == "TJ00000001"
    assert city.kinds() == {}
    assert list(city.flagging.conditions()) == []


def test_today_by_name_is_today(city: City) -> None:
    city.keep(old())
    assert city.flagging.evaluate(TODAY).opened == 1
    assert list(city.flagging.conditions(TODAY)) == list(city.flagging.conditions())


def test_a_vanished_entry_is_flagged_and_stays(city: City) -> None:
    city.keep(replace(good(), missing_since=datetime(2026, 11, 20, tzinfo=UTC)))
    city.flagging.evaluate()
    assert city.kinds() == {FindingKind.MISSING_AT_SOURCE: 1}


def test_departures_from_the_profile_are_findings(city: City) -> None:
    violations = (
        Violation(element="abstract", code="missing", flag="missing_field", rule="R41"),
        Violation(element="title", code="title_is_a_system", value="综合业务管理系统"),
        Violation(element="items", code="personal_item_open", flag="personal_item_open", rule="R72"),
    )
    city.keep(replace(good(), violations=violations))
    city.flagging.evaluate()
    told = {FindingKind.MISSING_FIELD: 1, FindingKind.PROFILE_VIOLATION: 1}
    assert city.kinds(OFFICERS) == {**told, FindingKind.PERSONAL_ITEM_OPEN: 1}
    assert city.kinds(PUBLIC) == told
    assert FindingKind.PERSONAL_ITEM_OPEN not in city.flagging.summary(PUBLIC).by_kind


def test_a_relation_to_nothing_is_a_departure(city: City) -> None:
    city.keep(
        good(1, resource_code="307003/1", related_resource_codes=("307003/2", "TJ00000003", "e-3")),
        good(2, resource_code="307003/2", related_resource_codes=("307003/9",)),
        replace(
            good(3, related_resource_codes=("307003/8", "307003/1")),
            violations=(Violation(element="title", code="placeholder", value="无"),),
        ),
    )
    city.flagging.evaluate()
    found = city.flagging.findings(OPEN_FINDINGS, OFFICERS).findings
    evidence = {finding.condition.entry_code: finding.condition.evidence for finding in found}
    assert evidence == {
        "TJ00000002": (("related_resource_codes", "related_code_unknown 307003/9"),),
        "TJ00000003": (("title", "placeholder 无"), ("related_resource_codes", "related_code_unknown 307003/8")),
    }


def test_a_code_that_only_a_hidden_entry_has_is_no_more_known_than_any_other(city: City) -> None:
    """A missing finding would tell that there is such an entry (art. 8)."""
    hidden = {"state": EntryState.SUBMITTED}, {"tier": Tier.EXTRANET}
    for number, facts in enumerate(hidden, start=2):
        city.keep(replace(good(number, resource_code=f"307003/{number}"), **facts))  # type: ignore[arg-type]  # of Entry
    city.keep(good(1, related_resource_codes=("307003/2", "307003/3", "TJ00000003", "307003/5")))
    city.keep(replace(good(4, related_resource_codes=("307003/3", "307003/5")), tier=Tier.EXTRANET))
    city.keep(good(5, resource_code="307003/5"))
    city.flagging.evaluate()
    found = city.flagging.findings(OPEN_FINDINGS, OFFICERS).findings
    told = {
        finding.condition.entry_code: finding.condition.evidence
        for finding in found
        if finding.condition.kind is FindingKind.PROFILE_VIOLATION
    }
    unknown = "related_code_unknown 307003/2、307003/3、TJ00000003"
    assert told == {"TJ00000001": (("related_resource_codes", unknown),)}


def test_a_source_that_fails_again_and_again_is_one_finding(city: City) -> None:
    city.keep(good())
    failing, held, disabled = a_source(), a_source(), a_source(is_enabled=False)
    with city.uow() as work:
        for source in (failing, held, disabled):
            work.sources.add(source)
        work.record(an_event())
        work.commit()
    for state in (RunState.COMPLETE, RunState.ABORTED, RunState.ABORTED):
        city.has_run(failing, state)
    assert city.flagging.evaluate().open == 0
    assert city.kinds(OFFICERS) == {}
    city.has_run(failing, RunState.ABORTED)
    city.has_run(held, RunState.HELD)
    for _ in range(3):
        city.has_run(disabled, RunState.ABORTED)
    found = {FindingKind.HARVEST_FAILING: 1, FindingKind.HARVEST_HELD: 1}
    assert city.kinds(OFFICERS) == found, "told as soon as the run has ended"
    city.has_run(failing, RunState.ABORTED)
    evaluation = city.flagging.evaluate()
    assert (evaluation.opened, evaluation.closed) == (0, 0)
    assert city.kinds(OFFICERS) == found
    assert city.kinds(PUBLIC) == {}
    city.has_run(failing, RunState.COMPLETE)
    city.has_run(held, RunState.COMPLETE)
    assert city.kinds(OFFICERS) == {}
    assert city.flagging.evaluate().open == 0


def test_findings_are_told_to_those_who_see_the_entry(city: City) -> None:
    city.keep(
        old(1),
        old(2, tier=Tier.EXTRANET),
        replace(good(3), state=EntryState.SUBMITTED, violations=(Violation(element="title", code="placeholder"),)),
    )
    city.flagging.evaluate()
    edu = Audience(tier=Tier.EXTRANET, organs=frozenset({OrganId("edu")}))
    seen = {
        audience: {finding.condition.entry_code for finding in city.flagging.findings(OPEN_FINDINGS, audience).findings}
        for audience in (PUBLIC, OFFICERS, edu)
    }
    assert seen[PUBLIC] == {"TJ00000001"}
    assert seen[OFFICERS] == {"TJ00000001", "TJ00000002"}
    assert seen[edu] == {"TJ00000001", "TJ00000002", "TJ00000003"}
    for audience, codes in seen.items():
        assert city.flagging.findings(OPEN_FINDINGS, audience).total == len(codes)
        assert city.flagging.summary(audience).total == len(codes)


def test_a_list_is_read_to_its_end_by_cursor(city: City) -> None:
    city.keep(*(old(serial) for serial in range(1, 12)))
    city.flagging.evaluate()
    codes, cursor = list[str | None](), None
    while True:
        page = city.flagging.findings(STALE, PUBLIC, cursor, limit=4)
        assert page.total == 11
        codes += [finding.condition.entry_code for finding in page.findings]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(codes) == len(set(codes)) == 11
    by_entry = FindingFilter(entry_codes=frozenset({"TJ00000007"}))
    assert [one.condition.entry_code for one in city.flagging.findings(by_entry, PUBLIC).findings] == ["TJ00000007"]
    assert city.flagging.findings(FindingFilter(organs=frozenset({OrganId("civil")})), PUBLIC).total == 0


@pytest.mark.parametrize("cursor", ["", "x", "AAAA", "é", "A" * 500, "====", "0190c2e0-0000-7000-8000-000000000000"])
def test_a_made_up_cursor_is_refused(city: City, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        city.flagging.findings(OPEN_FINDINGS, PUBLIC, cursor)


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_the_number_of_statements_does_not_grow_with_the_entries(city: City) -> None:
    with statements(city.engine) as few:
        city.flagging.evaluate()
    city.keep(*(old(serial) for serial in range(1, 200)))
    with statements(city.engine) as many:
        city.flagging.evaluate()
    assert len(many) <= len(few) + 4


def test_time_alone_opens_and_nothing_but_work_closes(city: City) -> None:
    city.keep(good(update_cycle=UpdateCycle.WEEKLY, updated_on=TODAY - timedelta(days=5)))
    opened = []
    for _ in range(8):
        opened.append(city.flagging.evaluate().opened)
        city.clock.now += timedelta(days=1)
    assert sum(opened) == 1
    assert city.kinds() == {FindingKind.STALE: 1}
