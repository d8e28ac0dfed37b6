"""When a source comes next: by its plan without drift, after failures later and later, never all at once."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.harvest import Problem, RunState
from catalogue_app.domain.schedule import next_in_step, next_turn, retry_wait, share
from catalogue_app.domain.source import Source
from tests.builders import NOW, a_run, a_source, harvest_rules

PLANNED = NOW + timedelta(hours=10)
RULES = harvest_rules()


def ended(source: Source, state: RunState, code: str = "no_connection") -> tuple[datetime, datetime, int]:
    run = a_run(source, state=state, finished_at=NOW, problem=Problem(code=code))
    turn = next_turn(source, run, PLANNED, RULES)
    return turn.due_at, turn.planned_at, turn.failures


def test_a_good_run_and_a_held_one_follow_the_plan_and_forget_the_failures() -> None:
    source = a_source(failures=7)
    for state in (RunState.COMPLETE, RunState.HELD):
        assert ended(source, state) == (PLANNED, PLANNED, 0)


def test_a_failed_source_is_tried_again_before_its_plan() -> None:
    due_at, planned_at, failures = ended(a_source(), RunState.ABORTED)
    assert timedelta(minutes=5) <= due_at - NOW <= timedelta(minutes=6.25)
    assert (planned_at, failures) == (PLANNED, 1)


def test_waits_double_up_to_a_day_and_spread_by_chance() -> None:
    source = a_source()
    waits = [retry_wait(source, failures, RULES) / timedelta(minutes=5) for failures in range(1, 60)]
    for failures, wait in enumerate(waits[:8], start=1):
        assert 2 ** (failures - 1) <= wait <= 1.25 * 2 ** (failures - 1)
    assert 256 <= waits[8] <= 288
    assert waits[9:] == [288.0] * 50
    assert retry_wait(source, 3, RULES) == retry_wait(source, 3, RULES)
    assert len({retry_wait(a_source(), 3, RULES) for _ in range(20)}) == 20


def test_what_a_person_or_our_own_end_stopped_is_not_held_against_the_source() -> None:
    assert ended(a_source(failures=2), RunState.ABORTED, "interrupted") == (PLANNED, PLANNED, 2)
    assert ended(a_source(failures=2), RunState.CANCELLED) == (PLANNED, PLANNED, 2)


def test_a_server_may_ask_for_more_but_not_for_more_than_a_day() -> None:
    source = a_source()
    run = a_run(source, state=RunState.ABORTED, finished_at=NOW, problem=Problem(code="rate_limited"))
    for asked, waited in ((timedelta(hours=3), timedelta(hours=3)), (timedelta(days=365), timedelta(days=1))):
        turn = next_turn(source, run, PLANNED, RULES, not_before=NOW + asked)
        assert turn.due_at - NOW == waited
    assert next_turn(source, run, PLANNED, RULES, not_before=NOW).due_at > NOW


@given(
    anchor=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 — hypothesis adds the zone
    hours=st.integers(1, 9999),
    late_s=st.integers(-10_000, 10_000_000),
)
def test_steps_never_drift_and_missed_ones_are_left_out(anchor: datetime, hours: int, late_s: int) -> None:
    period, after = timedelta(hours=hours), anchor + timedelta(seconds=late_s)
    found = next_in_step(anchor, period, after)
    assert found > after
    assert (found - anchor) % period == timedelta(0)
    assert found == anchor or found - period <= after


def test_chance_is_a_sources_own_and_does_not_change() -> None:
    sources = [a_source() for _ in range(300)]
    shares = [share(source, "start") for source in sources]
    assert all(0 <= it < 1 for it in shares)
    assert shares == [share(source, "start") for source in sources]
    assert len({round(it * 600) for it in shares}) > 150, "300 sources within ten minutes do not start in few seconds"
