"""Held runs at the desk: the difference, chosen parts, renamed records, rejection; and what lies above a person."""

from pathlib import Path

import pytest

from catalogue_app.domain.account import Role
from catalogue_app.domain.harvest import Decision, HarvestRun, RunState
from catalogue_app.domain.source import Source
from tests.accounts.people import NAMES, fill
from tests.accounts.source_desk import SourceDesk, list_of, words
from tests.sheets import csv_bytes

ADMIN = Role.DESK_ADMINISTRATOR
MANY = [f"名录第{number}册" for number in range(12)]


@pytest.fixture
def desk(tmp_path: Path) -> SourceDesk:
    return SourceDesk(tmp_path)


def held(desk: SourceDesk, body: bytes, first: bytes | None = None) -> tuple[Source, HarvestRun]:
    """Harvest a full list, then what is left of it, which is held."""
    source = desk.source(first or list_of(MANY))
    desk.harvest(source)
    Path(source.address).write_bytes(body)
    run = desk.harvest(source)
    assert run.state is RunState.HELD
    return source, run


def decided(desk: SourceDesk, run: HarvestRun) -> HarvestRun:
    with desk.container.uow.reading() as look:
        return look.runs.by_id(run.id)


def test_chosen_absences_are_accepted_by_a_named_person(desk: SourceDesk) -> None:
    source, run = held(desk, list_of(MANY[:2]))
    desk.container.sources.pause(source.id, actor="test")
    admin, page = desk.enter(ADMIN), f"/desk/runs/{run.id}/decision"
    assert page in admin.get("/desk/sources").get_data(as_text=True)
    told = words(admin.get(page))
    assert "来源中已不见 10" in told
    assert fill(admin, page, {"chosen": "1"}).status_code == 422  # nothing is chosen
    assert fill(admin, page, {"chosen": "1", "change": "307005/000001"}).status_code == 303
    desk.work()
    closed = decided(desk, run)
    assert (closed.decision, closed.decided_by) == (Decision.ACCEPTED_IN_PART, f"account:{NAMES[ADMIN]}")
    assert closed.vanished == 1
    assert "已部分接受" in words(admin.get(f"/desk/runs/{run.id}"))
    assert admin.get(page).status_code == 303  # it waits no more


def test_a_held_run_is_accepted_whole_or_rejected_with_a_reason(desk: SourceDesk) -> None:
    source, run = held(desk, list_of(MANY[:2]))
    admin, page = desk.enter(ADMIN), f"/desk/runs/{run.id}/decision"
    assert fill(admin, page, {"reject": "1", "reason": "来源只给了一半"}).status_code == 303
    assert decided(desk, run).decision is Decision.REJECTED
    again = desk.harvest(source)
    desk.container.sources.pause(source.id, actor="test")
    assert fill(admin, f"/desk/runs/{again.id}/decision", {"whole": "1"}).status_code == 303
    desk.work()
    assert (decided(desk, again).decision, decided(desk, again).vanished) == (Decision.ACCEPTED, 10)


def test_renamed_records_are_offered_as_such(desk: SourceDesk) -> None:
    rows = [[title, f"3071{number:02}/000001", "开放"] for number, title in enumerate(MANY)]
    renamed = csv_bytes([["信息资源名称", "信息资源代码", "开放类型"], *rows])
    source, run = held(desk, renamed)
    desk.container.sources.pause(source.id, actor="test")
    admin, page = desk.enter(ADMIN), f"/desk/runs/{run.id}/decision"
    assert "来源可能换了标识" in words(admin.get(page))
    assert fill(admin, page, {"renamed": "1"}).status_code == 303
    desk.work()
    assert decided(desk, run).decision is Decision.REIDENTIFIED


def test_an_editor_sees_that_a_run_waits_and_decides_nothing(desk: SourceDesk) -> None:
    _, run = held(desk, list_of(MANY[:2]))
    editor = desk.enter(Role.ORGAN_EDITOR)
    assert "待人工处理" in words(editor.get(f"/desk/runs/{run.id}"))
    assert editor.get(f"/desk/runs/{run.id}/decision").status_code == 403


def test_a_source_with_anything_above_a_person_is_not_there_for_them(tmp_path: Path) -> None:
    hidden = [["内部车辆轨迹", "307090/000001", "不开放"], ["", "内部无名/000002", "不开放"]]
    rows = [*([title, f"3070{number:02}/000001", "无条件开放"] for number, title in enumerate(MANY)), *hidden]
    desk = SourceDesk(tmp_path, web_tier="portal")
    source, run = held(desk, list_of(MANY[:2]), csv_bytes([["信息资源名称", "信息资源代码", "开放类型"], *rows]))
    admin, page = desk.enter(ADMIN), f"/desk/runs/{run.id}/decision"
    pages = [page, *(f"/desk/runs/{run.id}{rest}" for rest in ("", "/report/csv", "/undo"))]
    pages += [f"/desk/sources/{source.id}{rest}" for rest in ("", "/preview", "/columns", "/change")]
    assert {path: admin.get(path).status_code for path in pages} == dict.fromkeys(pages, 404)
    assert str(source.id) not in admin.get("/desk/sources").get_data(as_text=True)
    assert fill(admin, page, {"whole": "1"}, shown_on="/account/password").status_code == 404
    assert decided(desk, run).decision is None
    why = admin.get("/desk/entries/TJ00000005/why").get_data(as_text=True)
    assert "这个来源超出您能看到的范围" in why
    assert str(source.id) not in why
    assert str(run.id) not in why
