"""Long work in the browser: what goes on, what has gone silent, what ended; for operators and desk administrators."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from catalogue_app.domain.account import Role
from catalogue_app.domain.ids import WorkId, new_id
from catalogue_app.domain.long_work import LongWork, WorkKind, WorkState
from catalogue_app.services.lease import this_process
from tests.accounts.source_desk import SourceDesk, list_of, words


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> SourceDesk:
    desk = SourceDesk(tmp_path_factory.mktemp("work"))
    desk.harvest(desk.source(list_of(["幼儿园名录", "中小学名录"])))
    return desk


@pytest.fixture(scope="module")
def operator(desk: SourceDesk) -> FlaskClient:
    return desk.enter(Role.OPERATOR)


def begin(desk: SourceDesk, kind: WorkKind, **rest: object) -> LongWork:
    now = desk.container.clock()
    work = LongWork(
        id=WorkId(new_id()),
        kind=kind,
        subject="",
        stage="",
        state=WorkState.RUNNING,
        holder=str(this_process()),
        started_at=now - timedelta(seconds=100),
        stage_at=now - timedelta(seconds=100),
        updated_at=now,
        ended_at=None,
        done=5_000,
        total=20_000,
    )
    with desk.container.uow() as unit:
        unit.long_work.keep(replace(work, **rest))  # type: ignore[arg-type]  # fields of LongWork
        unit.commit()
    return work


def test_what_ended_is_listed_with_how_long_it_took(desk: SourceDesk, operator: FlaskClient) -> None:
    (source,) = desk.container.sources.all()
    begin(desk, WorkKind.HARVEST, subject=f"source:{source.id}", state=WorkState.DONE, ended_at=desk.container.clock())
    told = words(operator.get("/desk/work"))
    for text in ("正在进行", "现在没有。", "采集来源", "已做完", "秒"):
        assert text in told
    assert f"/desk/sources/{source.id}" in operator.get("/desk/work").get_data(as_text=True)
    assert "data-live" not in operator.get("/desk/work").get_data(as_text=True)


def test_what_goes_on_says_how_fast_and_how_long_still(desk: SourceDesk, operator: FlaskClient) -> None:
    work = begin(desk, WorkKind.INDEX_REBUILD)
    page = operator.get("/desk/work")
    told = words(page)
    for text in ("重建索引", "5,000 / 20,000", "每秒50", "5分钟"):
        assert text in told
    assert "没有动静" not in told
    assert 'data-live="/desk/work"' in page.get_data(as_text=True)
    english = words(operator.get("/en/desk/work"))
    assert "Rebuild of the index" in english
    assert "5 min" in english
    with desk.container.uow() as unit:
        unit.long_work.keep(replace(work, state=WorkState.FAILED, ended_at=work.updated_at))
        unit.commit()
    assert "失败" in words(operator.get("/desk/work"))


@pytest.mark.parametrize("is_killed", [True, False], ids=["killed", "silent"])
def test_work_without_a_sign_of_life_is_told_apart(desk: SourceDesk, operator: FlaskClient, is_killed: bool) -> None:  # noqa: FBT001 — a case of the test
    now = desk.container.clock()
    host = str(this_process()).split("/")[0]
    rest = {"holder": f"{host}/999999/1"} if is_killed else {"updated_at": now - timedelta(minutes=11)}
    work = begin(desk, WorkKind.EVALUATION, started_at=now - timedelta(hours=2), stage_at=now, **rest)
    told = words(operator.get("/desk/work"))
    assert "没有动静" in told
    assert "不知道" in told
    with desk.container.uow() as unit:
        unit.long_work.keep(replace(work, state=WorkState.LOST, ended_at=work.updated_at))
        unit.commit()
    told = words(operator.get("/desk/work"))
    assert "没有动静" not in told
    assert "中断，已重新开始" in told


def test_the_bar_leads_there_whom_it_concerns(desk: SourceDesk, operator: FlaskClient) -> None:
    assert 'href="/desk/work"' in operator.get("/desk/sources").get_data(as_text=True)
    assert desk.enter(Role.DESK_ADMINISTRATOR).get("/desk/work").status_code == 200
    reviewer = desk.enter(Role.DESK_REVIEWER)
    assert reviewer.get("/desk/work").status_code == 403
    assert 'href="/desk/work"' not in reviewer.get("/desk/sources").get_data(as_text=True)


def test_a_network_below_the_highest_is_told_nothing(tmp_path: Path) -> None:
    low = SourceDesk(tmp_path, web_tier="portal")
    low.harvest(low.source(list_of(["幼儿园名录"])))
    told = words(low.enter(Role.OPERATOR).get("/desk/work"))
    assert "请从更高一级的网络查看" in told
    assert "采集来源" not in told
