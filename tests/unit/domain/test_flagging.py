"""Rules of findings: what is late, missing, nonconforming or unreliable, with the evidence that shows why."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.finding import Condition, FindingKind
from catalogue_app.domain.flagging.missing import disclosure_gaps, missing_at_source, organs_without_catalogue
from catalogue_app.domain.flagging.nonconforming import nonconforming, unknown_relations
from catalogue_app.domain.flagging.source import SourceRecord, unreliable
from catalogue_app.domain.flagging.stale import Content, content_day, overdue
from catalogue_app.domain.harvest import Problem, RunState
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.profile import IN_THE_FUTURE, Violation
from catalogue_app.domain.vocabulary import DisclosureCategory, Tier, UpdateCycle
from catalogue_app.reference import load_reference
from tests.builders import NOW, a_run, a_source, an_organ
from tests.shared import ROOT

CYCLES: Final = load_reference(ROOT / "config").cycles
TODAY: Final = date(2026, 11, 22)
EDU: Final = OrganId("edu")


def content(cycle: UpdateCycle | None, changed_on: date | None, **rest: object) -> Content:
    fields = {"code": "TJ00000001", "organ_id": EDU, "cycle": cycle, "changed_on": changed_on}
    return Content(**{**fields, **rest})  # type: ignore[arg-type]  # fields of Content


def late(cycle: UpdateCycle | None, changed_on: date | None, **rest: object) -> Condition | None:
    return overdue(content(cycle, changed_on, **rest), TODAY, CYCLES)


def test_content_forty_days_old_is_stale_in_a_monthly_cycle() -> None:
    condition = late(UpdateCycle.MONTHLY, TODAY - timedelta(days=40))
    assert condition is not None
    assert (condition.kind, condition.rule, condition.subject) == (FindingKind.STALE, "R80", "entry:TJ00000001")
    assert condition.due_on == date(2026, 11, 13)
    assert dict(condition.evidence) == {
        "update_cycle": "monthly",
        "changed_on": "2026-10-13",
        "stale_from": "2026-11-19",
    }


def test_content_thirty_two_days_old_is_due_and_not_stale() -> None:
    assert late(UpdateCycle.MONTHLY, TODAY - timedelta(days=32)) is None


def test_irregular_content_is_unconfirmed_and_never_stale() -> None:
    condition = late(UpdateCycle.IRREGULAR, date(2024, 1, 1))
    assert condition is not None
    assert condition.kind is FindingKind.UNCONFIRMED
    assert late(UpdateCycle.IRREGULAR, date(2024, 1, 1), confirmed_on=date(2026, 1, 1)) is None


@pytest.mark.parametrize(
    ("cycle", "changed_on"), [(UpdateCycle.ONCE, date(1999, 1, 1)), (None, date(1999, 1, 1)), (UpdateCycle.DAILY, None)]
)
def test_what_cannot_be_late_is_not(cycle: UpdateCycle | None, changed_on: date | None) -> None:
    assert late(cycle, changed_on) is None


def test_evidence_of_lateness_does_not_change_from_day_to_day() -> None:
    old = content(UpdateCycle.WEEKLY, date(2026, 1, 1))
    assert overdue(old, TODAY, CYCLES) == overdue(old, TODAY + timedelta(days=1), CYCLES)


def test_content_without_a_day_of_change_is_as_old_as_its_publication() -> None:
    assert content_day(None, date(2024, 1, 1)) == date(2024, 1, 1)
    assert content_day(date(2025, 1, 1), date(2026, 1, 1)) == date(2025, 1, 1)
    assert content_day(None, None) is None


@given(
    st.sampled_from(UpdateCycle),
    st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    st.integers(0, 400),
)
def test_what_is_late_stays_late_until_something_is_done(
    cycle: UpdateCycle, changed_on: date, day: date, more: int
) -> None:
    old = content(cycle, changed_on)
    if overdue(old, day, CYCLES) is not None:
        assert overdue(old, day + timedelta(days=more), CYCLES) is not None


def test_an_organ_with_nothing_published_has_no_catalogue() -> None:
    organs = (an_organ("edu"), an_organ("civil", "天津市民政局"))
    [condition] = organs_without_catalogue(organs, {EDU})
    assert (condition.kind, condition.subject, condition.rule) == (
        FindingKind.ORGAN_WITHOUT_CATALOGUE,
        "organ:civil",
        "R01",
    )


def test_each_owed_category_without_an_entry_is_a_gap() -> None:
    owed = frozenset({DisclosureCategory.A, DisclosureCategory.C, DisclosureCategory.F})
    organ = an_organ("edu", obligations=owed)
    present = {(EDU, DisclosureCategory.C), (OrganId("civil"), DisclosureCategory.A), (EDU, DisclosureCategory.I)}
    gaps = list(disclosure_gaps([organ], present))
    assert [gap.subject for gap in gaps] == ["organ:edu/category:a", "organ:edu/category:f"]
    assert {(gap.kind, gap.rule, gap.organ_id) for gap in gaps} == {(FindingKind.DISCLOSURE_GAP, "R05", EDU)}


def test_a_day_of_disappearance_is_the_citys_day() -> None:
    since = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    condition = missing_at_source("TJ00000001", EDU, "e-1", since)
    assert condition.rule == "R83"
    assert dict(condition.evidence) == {"identifier": "e-1", "missing_since": "2026-11-24"}


def wrong(element: str, flag: str = "profile_violation", rule: str = "R07", value: str = "") -> Violation:
    return Violation(element=element, code="placeholder", value=value, flag=flag, rule=rule)


def test_violations_become_one_finding_for_each_kind() -> None:
    found = (wrong("title", value="无"), wrong("abstract", "missing_field", "R41"), wrong("theme"))
    first, second = nonconforming("TJ00000001", EDU, found, TODAY)
    assert (first.kind, first.rule) == (FindingKind.MISSING_FIELD, "R41")
    assert (second.kind, second.rule) == (FindingKind.PROFILE_VIOLATION, "R07")
    assert second.evidence == (("title", "placeholder 无"), ("theme", "placeholder"))


def test_a_day_that_lay_ahead_has_come() -> None:
    ahead = Violation(element="issued_on", code=IN_THE_FUTURE, value="2026-11-22")
    assert list(nonconforming("TJ00000001", EDU, [ahead], date(2026, 11, 21)))
    assert not list(nonconforming("TJ00000001", EDU, [ahead], date(2026, 11, 22)))


def test_every_lost_relation_is_named() -> None:
    [condition] = nonconforming("TJ00000001", EDU, unknown_relations({"307003/2", "307003/1"}), TODAY)
    assert condition.evidence == (("related_resource_codes", "related_code_unknown 307003/1、307003/2"),)
    assert unknown_relations(frozenset()) == ()


def record(last: RunState, failures: int = 0) -> SourceRecord:
    """Return a source whose last run ended so, after so many failures in a row."""
    source = a_source()
    problem = Problem(code="html_instead_of_json", value="维护中")
    run = a_run(source, state=last, finished_at=NOW, problem=problem)
    return SourceRecord(source_id=source.id, organ_id=source.organ_id, failures=failures, last=run)


def kind_of(last: RunState, failures: int = 0, *, failing_after: int = 3) -> FindingKind | None:
    condition = unreliable(record(last, failures), failing_after)
    return condition.kind if condition else None


ABORTED, COMPLETE, HELD = RunState.ABORTED, RunState.COMPLETE, RunState.HELD


def test_failures_in_a_row_are_told_when_they_are_as_many_as_the_rule_says() -> None:
    assert [kind_of(ABORTED, failures) for failures in (0, 1, 2)] == [None, None, None]
    assert {kind_of(ABORTED, failures) for failures in (3, 4, 50)} == {FindingKind.HARVEST_FAILING}
    assert kind_of(ABORTED, 3, failing_after=5) is None
    assert kind_of(COMPLETE) is None


def test_a_run_held_last_waits_for_a_person() -> None:
    assert kind_of(HELD) is FindingKind.HARVEST_HELD
    condition = unreliable(record(HELD), 3)
    assert condition is not None
    assert dict(condition.evidence)["problem"] == "html_instead_of_json 维护中"


def test_what_stands_open_about_persons_is_told_to_organs_only() -> None:
    internal = {kind for kind in FindingKind if kind.tier is not Tier.PORTAL}
    assert internal == {FindingKind.PERSONAL_ITEM_OPEN, FindingKind.HARVEST_FAILING, FindingKind.HARVEST_HELD}


@pytest.mark.parametrize("ceiling", Tier)
def test_that_nothing_is_there_is_told_to_those_who_would_see_it(ceiling: Tier) -> None:
    kind = FindingKind.ORGAN_WITHOUT_CATALOGUE
    told = {tier for tier in Tier if kind.is_told_on(tier, ceiling)}
    assert told == {tier for tier in Tier if tier.level >= ceiling.level}


@pytest.mark.parametrize("ceiling", Tier)
@pytest.mark.parametrize("kind", [kind for kind in FindingKind if kind is not FindingKind.ORGAN_WITHOUT_CATALOGUE])
def test_other_kinds_are_told_from_their_tier_on(kind: FindingKind, ceiling: Tier) -> None:
    assert {tier for tier in Tier if kind.is_told_on(tier, ceiling)} == {
        tier for tier in Tier if tier.level >= kind.tier.level
    }


def test_every_kind_of_finding_has_its_page() -> None:
    pages = {path.stem for path in (ROOT / "docs" / "findings").glob("*.md")}
    assert pages == {kind.value for kind in FindingKind}


@pytest.mark.parametrize("kind", FindingKind)
def test_a_page_names_a_rule_and_how_to_mend(kind: FindingKind) -> None:
    text = Path(ROOT / "docs" / "findings" / f"{kind.value}.md").read_text("utf-8")
    rules = load_reference(ROOT / "config").deadlines
    assert any(f"{rule} " in text or f"{rule}," in text or f"{rule})" in text for rule in rules)
    assert "## How it closes" in text
