"""Long work shows itself: while it goes on, when it ends, to whom it may, and never at the work's expense."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from catalogue_app.domain.ids import WorkId, new_id
from catalogue_app.domain.long_work import LongWork, WorkKind, WorkState
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence import migration
from catalogue_app.services.harvest_steps import READ_BATCH, Progress
from catalogue_app.services.long_work import LongWorks
from tests.builders import NOW, an_event, an_organ
from tests.installation import Installation, datasets, install
from tests.living import open_catalogue

OFFICERS = Audience.of_tier(Tier.EXTRANET)


def latest(place: Installation) -> tuple[LongWork, ...]:
    return LongWorks(place.uow, place.clock).latest(OFFICERS)


def test_a_harvest_is_seen_by_others_while_it_goes_on(tmp_path: Path) -> None:
    place = install(tmp_path)
    place.clock.step = timedelta()
    place.harvest(*datasets(READ_BATCH + 1))
    seen: list[LongWork] = []

    def look(_: Progress) -> None:
        seen.extend(latest(place)[:1])
        place.clock.now += timedelta(seconds=10)

    changed = {"dataset": datasets(READ_BATCH + 1, keyword=["幼儿园"])}
    Path(place.source.address).write_text(json.dumps(changed), encoding="utf-8")
    run = place.harvesting(watch=look).run(place.source.id, actor="tester").run
    assert {(work.stage, work.state, work.total) for work in seen} == {("reading", "running", READ_BATCH + 1)}
    [work] = latest(place)
    assert (work.kind, work.state, work.done) == (WorkKind.HARVEST, WorkState.DONE, READ_BATCH + 1)
    assert (work.stage, work.done, work.total) == ("applying", READ_BATCH + 1, READ_BATCH + 1)
    assert work.subject == f"source:{place.source.id}"
    assert LongWorks(place.uow, place.clock).of_harvest(run) is None, "it has ended"


def test_a_brief_harvest_is_no_long_work(tmp_path: Path) -> None:
    place = install(tmp_path)
    place.clock.step = timedelta()
    place.harvest(*datasets(2))
    assert latest(place) == ()


def test_how_far_an_earlier_harvest_came_says_nothing_of_the_present_one(tmp_path: Path) -> None:
    place = install(tmp_path)
    run = place.harvest(*datasets(2)).run
    earlier, later = (run.started_at + timedelta(seconds=seconds) for seconds in (-1, 1))
    works = LongWorks(place.uow, place.clock)
    for at, is_told in ((earlier, False), (later, True)):
        with place.uow() as work:
            work.long_work.keep(a_work(subject=f"source:{place.source.id}", started_at=at))
            work.commit()
        assert (works.of_harvest(run) is not None) == is_told


def test_work_that_raises_has_failed(tmp_path: Path) -> None:
    place = install(tmp_path)
    with pytest.raises(ZeroDivisionError), LongWorks(place.uow, place.clock).shown(WorkKind.INDEX_REBUILD) as meter:
        meter.at(1 // 0)
    assert [work.state for work in latest(place)] == [WorkState.FAILED]


def test_work_whose_process_died_is_lost_once_it_begins_anew(tmp_path: Path) -> None:
    place = install(tmp_path)
    died = a_work(kind=WorkKind.INDEX_REBUILD)
    with place.uow() as work:
        work.long_work.keep(died)
        work.commit()
    with LongWorks(place.uow, place.clock).shown(WorkKind.EVALUATION):
        assert latest(place)[-1].state is WorkState.RUNNING, "other work says nothing about it"
    with LongWorks(place.uow, place.clock).shown(WorkKind.INDEX_REBUILD):
        assert {work.id: work.state for work in latest(place)}[died.id] is WorkState.LOST


@pytest.mark.embedded
def test_a_writer_at_work_is_not_waited_for(tmp_path: Path) -> None:
    place = install(tmp_path)
    with place.uow() as busy:
        busy.organs.save(an_organ("water", "天津市水务局"))
        busy.record(an_event())
        assert not place.uow.aside(lambda unit: unit.long_work.keep(a_work()))
        busy.commit()
    assert place.uow.aside(lambda unit: unit.long_work.keep(a_work()))


def test_a_database_that_is_gone_does_not_stop_the_work(tmp_path: Path) -> None:
    place = install(tmp_path)
    migration.downgrade(place.engine)
    assert not place.uow.aside(lambda unit: unit.long_work.keep(a_work()))


def test_the_portal_is_told_nothing(tmp_path: Path) -> None:
    place = install(tmp_path)
    works = LongWorks(place.uow, place.clock)
    with works.shown(WorkKind.EVALUATION):
        pass
    assert works.latest(Audience.of_tier(Tier.PORTAL)) == ()
    assert works.latest(OFFICERS)


def test_whoever_does_not_reach_all_that_is_held_is_told_nothing(tmp_path: Path) -> None:
    place = install(tmp_path, tier_ceiling=Tier.INTRANET)
    works = LongWorks(place.uow, place.clock)
    with works.shown(WorkKind.EVALUATION):
        pass
    assert works.latest(OFFICERS) == ()
    assert works.latest(Audience.of_tier(Tier.INTRANET))


def test_chores_are_among_it(tmp_path: Path) -> None:
    container = open_catalogue(tmp_path / "var")
    container.upkeep.rebuild_index()
    container.upkeep.evaluate_findings()
    kinds = [work.kind for work in container.works.latest(OFFICERS)]
    assert kinds[:2] == [WorkKind.EVALUATION, WorkKind.INDEX_REBUILD]


@pytest.mark.embedded
def test_migrations_are_among_it(tmp_path: Path) -> None:
    container = open_catalogue(tmp_path / "var")
    assert container.works.latest(OFFICERS)[-1].kind is WorkKind.MIGRATION


def test_time_left_is_what_is_left_at_the_present_rate() -> None:
    work = a_work(updated_at=NOW + timedelta(seconds=10), done=100, total=400)
    assert (work.rate, work.left_s) == (10.0, 30.0)
    assert a_work(done=5).left_s is None


def a_work(**rest: object) -> LongWork:
    fields = {
        "id": WorkId(new_id()),
        "kind": WorkKind.HARVEST,
        "subject": "",
        "stage": "",
        "state": WorkState.RUNNING,
        "holder": "elsewhere/1/1",
        "started_at": NOW,
        "stage_at": NOW,
        "updated_at": NOW,
        "ended_at": None,
        "done": 0,
        "total": None,
    }
    return LongWork(**{**fields, **rest})  # type: ignore[arg-type]  # fields of LongWork
