"""The source desk: who sees which sources, setting one up, the mapping editor, preview, runs, undoing, explanations."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from catalogue_app.domain.account import Role
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.services.source_files import LARGEST_FILE
from tests.accounts.people import NAMES, fill
from tests.accounts.source_desk import COLUMNS, HEADERLESS, SourceDesk, hand_in, list_of, press, words
from tests.sheets import xlsx_bytes

ADMIN, EDITOR, OPERATOR = Role.DESK_ADMINISTRATOR, Role.ORGAN_EDITOR, Role.OPERATOR


STAMP = re.compile(r'name="stamp" value="([^"]+)"')


def change(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    """Fill in the form of a known source as it stands now."""
    return fill(client, path, {"stamp": stamp_in(client.get(path)), **fields})


def stamp_in(answer: TestResponse) -> str:
    found = STAMP.search(answer.get_data(as_text=True))
    assert found is not None
    return found[1]


@pytest.fixture
def desk(tmp_path: Path) -> SourceDesk:
    return SourceDesk(tmp_path)


def test_an_empty_list_says_so_and_offers_to_add_one_to_who_may(desk: SourceDesk) -> None:
    assert "还没有来源" in words(desk.enter(ADMIN).get("/desk/sources"))
    assert "添加来源" in words(desk.enter(ADMIN).get("/desk/sources"))
    assert "添加来源" not in words(desk.enter(EDITOR).get("/desk/sources"))


def test_people_of_an_organ_see_and_run_its_own_sources_alone(desk: SourceDesk) -> None:
    own, other = desk.source(list_of(["幼儿园名录"])), desk.source(list_of(["药店名录"]), organ="health")
    editor = desk.enter(EDITOR)
    assert editor.get(f"/desk/sources/{own.id}").status_code == 200
    assert editor.get(f"/desk/sources/{other.id}").status_code == 404
    assert "卫生健康" not in words(editor.get("/desk/sources"))
    run = desk.harvest(other)
    assert editor.get(f"/desk/runs/{run.id}").status_code == 404
    assert press(editor, f"/desk/sources/{other.id}/run", "/desk/sources").status_code == 404
    assert press(editor, f"/desk/sources/{own.id}/run", f"/desk/sources/{own.id}").status_code == 303


def test_the_list_is_narrowed_by_state_and_organ_and_puts_trouble_first(desk: SourceDesk) -> None:
    good, bad = desk.source(list_of(["幼儿园名录"])), desk.source(b"%PDF-1.7", organ="health")
    desk.harvest(good)
    desk.harvest(bad)
    admin = desk.enter(ADMIN)
    told = words(admin.get("/desk/sources"))
    assert told.index("health-list.csv") < told.index("edu-list.csv")
    assert "edu-list.csv" not in words(admin.get("/desk/sources?state=failing"))
    assert "health-list.csv" not in words(admin.get("/desk/sources?organ=edu"))
    assert "没有符合条件" in words(admin.get("/desk/sources?state=held"))
    assert admin.get("/desk/sources?state=loud").status_code == 400
    assert admin.get("/desk/sources?cursor=x").status_code == 400


def test_the_list_is_turned_page_by_page(desk: SourceDesk) -> None:
    for number in range(23):
        desk.source(list_of(["幼儿园名录"]), name=f"{number:02}.csv")
    admin = desk.enter(ADMIN)
    first, second = admin.get("/desk/sources"), admin.get("/desk/sources?cursor=20")
    shown = [set(re.findall(r"edu-\d\d\.csv", page.get_data(as_text=True))) for page in (first, second)]
    assert (len(shown[0]), len(shown[1]), len(shown[0] | shown[1])) == (20, 3, 23)


def test_a_file_handed_in_becomes_a_source_that_waits_for_its_kind_to_be_confirmed(desk: SourceDesk) -> None:
    admin = desk.enter(ADMIN)
    assert hand_in(admin, HEADERLESS).status_code == 303
    [source] = desk.container.sources.all()
    assert (source.kind.value, source.is_enabled, Path(source.address).read_bytes()) == ("sheet", False, HEADERLESS)
    assert str(desk.folder) not in admin.get(f"/desk/sources/{source.id}").get_data(as_text=True)
    desk.work()
    assert desk.runs(source.id) == ()
    assert (f"account:{NAMES[ADMIN]}", "source_added") in desk.audit()


def test_what_is_wrong_stands_beside_its_field_and_the_file_need_not_be_chosen_again(desk: SourceDesk) -> None:
    admin = desk.enter(ADMIN)
    answer = hand_in(admin, HEADERLESS, **{"option-every_hours": "daily", "option-schedule": "often"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert '<a href="#option-every_hours">' in page
    assert '<a href="#option-schedule">' in page
    assert "错误" in re.findall("<title[^>]*>(.*?)</title>", page)[0]
    found = re.search(r'name="kept" value="([^"]+)"', page)
    assert found is not None
    again = press(admin, "/desk/sources/new", "/desk/sources/new", organ="edu", kept=found[1], address="")
    assert again.status_code == 303


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"organ": "edu", "address": ""}, "address"),
        ({"organ": "", "address": "https://example.cn/list.csv"}, "organ"),
        ({"organ": "edu", "address": "ftp://example.cn/list.csv"}, "address"),
        ({"organ": "edu", "address": "http://127.0.0.1:9/list.csv"}, "address"),
        ({"organ": "edu", "address": "", "kept": "../../catalogue.sqlite3"}, "address"),
    ],
)
def test_an_address_that_will_not_do_is_told(desk: SourceDesk, fields: dict[str, str], field: str) -> None:
    answer = fill(desk.enter(ADMIN), "/desk/sources/new", fields)
    assert answer.status_code == 422
    assert f'<a href="#{field}">' in answer.get_data(as_text=True)
    assert desk.container.sources.all() == ()


def test_only_an_operator_names_a_path_of_the_machine(desk: SourceDesk) -> None:
    (desk.folder / "list.csv").write_bytes(list_of(["幼儿园名录"]))
    fields = {"organ": "edu", "address": str(desk.folder / "list.csv")}
    refused = fill(desk.enter(ADMIN), "/desk/sources/new", fields)
    unknown = fill(desk.enter(ADMIN), "/desk/sources/new", {**fields, "address": str(desk.folder / "none.csv")})
    assert (refused.status_code, unknown.status_code) == (422, 422)
    assert words(refused).replace("list.csv", "") == words(unknown).replace("none.csv", "")  # nor learns what is there
    assert fill(desk.enter(OPERATOR), "/desk/sources/new", fields).status_code == 303


def test_a_large_file_is_taken_from_nobody_but_who_keeps_sources(desk: SourceDesk) -> None:
    body = b"a" * (2 << 20)
    assert hand_in(desk.enter(ADMIN), body).status_code in {303, 422}
    stranger = desk.app.test_client()
    answer = stranger.post("/desk/sources/new", data=body, content_type="multipart/form-data; boundary=a")
    assert answer.status_code in {400, 413}
    assert hand_in(desk.enter(ADMIN), b"a" * (LARGEST_FILE + 1)).status_code == 422


def test_a_source_is_set_otherwise_and_its_secret_is_taken_and_never_shown(desk: SourceDesk) -> None:
    admin = desk.enter(ADMIN)
    fields = {"organ": "edu", "address": "https://one.example.cn/list.csv", "kind": "sheet"}
    assert fill(admin, "/desk/sources/new", fields).status_code == 303
    [source] = desk.container.sources.all()
    path = f"/desk/sources/{source.id}"
    too_short = fill(admin, f"{path}/secret", {"kind": "bearer", "secret": "short"})
    assert too_short.status_code == 422
    assert fill(admin, f"{path}/secret", {"kind": "bearer", "secret": "long-enough-secret"}).status_code == 303
    for page in (path, f"{path}/secret", f"{path}/change"):
        assert "long-enough-secret" not in admin.get(page).get_data(as_text=True)
    moved = change(admin, f"{path}/change", address="https://two.example.cn/list.csv", **{"option-every_hours": "6"})
    assert moved.headers["Location"].endswith("done=moved")
    changed = desk.container.sources.by_id(source.id)
    assert (changed.every_hours, desk.container.source_secrets.kept(source.id)) == (6, None)
    assert press(admin, f"{path}/switch", path, on="1").status_code == 303
    assert desk.container.sources.by_id(source.id).is_enabled


@pytest.mark.parametrize(("prefix", "said"), [("", "已被他人修改"), ("/en", "changed the settings of this source")])
def test_who_was_overtaken_is_told_and_keeps_what_was_typed(desk: SourceDesk, prefix: str, said: str) -> None:
    admin, there = desk.enter(ADMIN), "https://one.example.cn/list.csv"
    fill(admin, "/desk/sources/new", {"organ": "edu", "address": there, "kind": "sheet", "option-every_hours": "5"})
    [source] = desk.container.sources.all()
    path = f"{prefix}/desk/sources/{source.id}/change"
    shown = stamp_in(admin.get(path))
    assert change(admin, path, **{"option-every_hours": "6", "option-max_vanish": "0.2"}).status_code == 303
    mine = {"address": "https://two.example.cn/list.csv", "option-every_hours": "7", "option-max_vanish": ""}
    late = fill(admin, path, {"stamp": shown, **mine})
    page = late.get_data(as_text=True)
    assert late.status_code == 422
    assert said in page
    assert re.search(r'name="address" [^>]*value="https://two.example.cn/list.csv"', page)
    assert re.search(r'name="option-every_hours" value="7"', page)
    assert re.search(r'name="option-max_vanish" value=""', page)
    now = desk.container.sources.by_id(source.id)
    assert (now.address, now.every_hours, now.max_vanish_share) == (there, 6, 0.2)
    assert fill(admin, path, mine).status_code == 422
    assert fill(admin, path, {"stamp": stamp_in(late), **mine}).status_code == 303
    now = desk.container.sources.by_id(source.id)
    assert (now.address, now.every_hours, now.max_vanish_share) == (mine["address"], 7, 0.1)


def test_another_file_takes_the_place_of_the_one_handed_in_before(desk: SourceDesk) -> None:
    admin = desk.enter(ADMIN)
    hand_in(admin, HEADERLESS)
    [source] = desk.container.sources.all()
    page = f"/desk/sources/{source.id}/change"
    kept = hand_in(admin, list_of(["x"]), **{"option-every_hours": "no"}).get_data(as_text=True)
    found = re.search(r'name="kept" value="([^"]+)"', kept)
    assert found is not None
    assert change(admin, page, kept=found[1], address="").status_code == 303
    assert not Path(source.address).exists()
    assert Path(desk.container.sources.by_id(source.id).address).read_bytes() == list_of(["x"])


def test_the_mapping_editor_tries_columns_and_codes_and_keeps_them(desk: SourceDesk) -> None:
    admin = desk.enter(ADMIN)
    hand_in(admin, HEADERLESS)
    [source] = desk.container.sources.all()
    page = f"/desk/sources/{source.id}/columns"
    assert "还读不出记录" in words(admin.get(page))
    tried = fill(admin, page, {**COLUMNS, "look": "1"})
    assert "看不懂 更新周期：每年一次" in words(tried)
    assert desk.container.sources.by_id(source.id).options == source.options  # looking saves nothing
    codes = {"code_element": "update_cycle", "code_written": "每年一次", "code_means": "yearly"}
    assert fill(admin, page, {**COLUMNS, **codes, "save": "1"}).status_code == 303
    options = desk.container.sources.by_id(source.id).options
    assert options["columns"] == "title,abstract,update_cycle,resource_code"
    assert options["code.update_cycle.每年一次"] == "yearly"
    assert "看不懂 更新周期" not in words(admin.get(page))


def test_the_mapping_editor_says_which_column_is_wrong(desk: SourceDesk) -> None:
    admin = desk.enter(ADMIN)
    hand_in(admin, HEADERLESS)
    [source] = desk.container.sources.all()
    page = f"/desk/sources/{source.id}/columns"
    untitled = fill(admin, page, {**COLUMNS, "column-0": "", "save": "1"}).get_data(as_text=True)
    assert '<a href="#column-0">' in untitled
    twice = fill(admin, page, {**COLUMNS, "column-1": "title", "save": "1"}).get_data(as_text=True)
    assert '<a href="#column-1">' in twice
    late = fill(admin, page, {**COLUMNS, "first_row": "soon", "save": "1"}).get_data(as_text=True)
    assert '<a href="#option-first_row">' in late
    assert "columns" not in desk.container.sources.by_id(source.id).options


def test_rows_above_the_first_record_are_passed_over(desk: SourceDesk) -> None:
    admin = desk.enter(ADMIN)
    hand_in(admin, "叫什么,说什么\n幼儿园名录,收录幼儿园\n".encode())
    [source] = desk.container.sources.all()
    columns = {"column-0": "title", "column-1": "abstract", "first_row": "2", "save": "1"}
    assert fill(admin, f"/desk/sources/{source.id}/columns", columns).status_code == 303
    assert desk.harvest(source).gathered == 1


def test_a_preview_shows_what_a_run_would_do_and_does_nothing(desk: SourceDesk) -> None:
    source, editor = desk.source(HEADERLESS, columns="title,abstract,update_cycle,resource_code"), desk.enter(EDITOR)
    before = desk.audit()
    told = words(fill(editor, f"/desk/sources/{source.id}/preview", {}))
    assert "新增 2" in told
    assert "幼儿园名录" in told
    assert "没有名称" in told
    assert (desk.audit(), desk.runs(source.id)) == (before, ())


def test_a_run_somebody_asks_for_is_theirs_even_of_a_source_that_is_switched_off(desk: SourceDesk) -> None:
    source, admin = desk.source(list_of(["幼儿园名录"])), desk.enter(ADMIN)
    desk.container.sources.pause(source.id, actor="test")
    page = f"/desk/sources/{source.id}"
    desk.work()
    assert desk.runs(source.id) == ()
    assert press(admin, f"{page}/run", page).status_code == 303
    assert "等待空位" in words(admin.get(page))
    assert press(admin, f"{page}/run", f"{page}/preview").status_code == 409  # asked before
    desk.work()
    desk.work()
    assert [run.state for run in desk.runs(source.id)] == [RunState.COMPLETE]
    assert (f"account:{NAMES[ADMIN]}", "harvest_started") in desk.audit()


def test_the_page_of_a_run_tells_every_problem_and_gives_it_as_a_file(desk: SourceDesk) -> None:
    source = desk.source(HEADERLESS, columns="title,abstract,update_cycle,resource_code")
    run, editor = desk.harvest(source), desk.enter(EDITOR)
    page = f"/desk/runs/{run.id}"
    told = words(editor.get(page))
    assert "未收录 1" in told
    assert "第3行" in told
    assert "row 3" in words(editor.get(f"/en{page}"))
    lines = editor.get(f"{page}/report/csv").get_data(as_text=True)
    assert "307001/000003" in lines
    assert editor.get(f"{page}/report/xlsx").data.startswith(b"PK")
    assert editor.get(f"{page}/report/workbook").status_code == 400  # it was no workbook
    assert editor.get(f"{page}/report/pdf").status_code == 404
    assert editor.get(f"{page}?after=x").status_code == 400


def test_a_workbook_comes_back_with_its_problems(desk: SourceDesk) -> None:
    body = xlsx_bytes({"目录": [["信息资源名称", "信息资源代码"], ["幼儿园名录", "x"]]})
    run = desk.harvest(desk.source(body, name="list.xlsx"))
    page, editor = f"/desk/runs/{run.id}", desk.enter(EDITOR)
    assert f"{page}/report/workbook" in editor.get(page).get_data(as_text=True)
    assert editor.get(f"{page}/report/workbook").data.startswith(b"PK")


def test_a_workbook_that_is_not_given_back_is_not_offered_and_the_page_says_why(desk: SourceDesk) -> None:
    rows = [["幼儿园名录", "x", "政务外网"], ["内部名录", "307001/000002", "政务内网"]]
    body = xlsx_bytes({"目录": [["信息资源名称", "信息资源代码", "网络层级"], *rows]})
    kept = desk.harvest(desk.source(body, name="kept.xlsx"))
    other = desk.harvest(desk.source(HEADERLESS, columns="title,abstract,update_cycle,resource_code"))
    editor = desk.enter(EDITOR)
    for run, status, is_told in ((kept, 403, True), (other, 400, False)):
        page = f"/desk/runs/{run.id}"
        assert editor.get(f"{page}/report/workbook").status_code == status
        shown = editor.get(page)
        assert f"{page}/report/xlsx" in shown.get_data(as_text=True)
        assert f"{page}/report/workbook" not in shown.get_data(as_text=True)
        assert ("原表格不在这里提供" in words(shown)) is is_told


def test_problems_are_turned_page_by_page(desk: SourceDesk) -> None:
    run = desk.harvest(desk.source(list_of([f"名录{number}" for number in range(60)])))
    admin, page = desk.enter(ADMIN), f"/desk/runs/{run.id}"
    assert f"{page}?after=50" in admin.get(page).get_data(as_text=True)
    told = words(admin.get(f"{page}?after=50"))
    assert "第61行" in told
    assert "第51行" not in told


def test_a_run_that_ended_cannot_be_stopped_and_one_is_taken_back_after_a_question(desk: SourceDesk) -> None:
    source, admin = desk.source(list_of(["幼儿园名录"])), desk.enter(ADMIN)
    run = desk.harvest(source)
    page = f"/desk/runs/{run.id}"
    assert press(admin, f"{page}/cancel", f"{page}/undo").status_code == 409
    assert "新增的1个条目将撤销" in words(admin.get(f"{page}/undo"))
    desk.container.sources.pause(source.id, actor="test")
    begun = fill(admin, f"{page}/undo", {})
    assert begun.status_code == 303
    live = admin.get(begun.headers["Location"]).get_data(as_text=True)
    assert "data-live" in live
    assert "desk.js" in live
    desk.work()
    assert "收回 1" in words(admin.get(begun.headers["Location"]))
    assert fill(admin, f"{page}/undo", {}).status_code == 422  # undone before
    desk.container.index_feed.drain()
    assert admin.get("/entries/TJ70000000").status_code == 410


def test_a_run_that_goes_on_is_asked_to_stop(desk: SourceDesk) -> None:
    source, admin = desk.source(list_of(["幼儿园名录"])), desk.enter(ADMIN)
    run = desk.harvest(source)
    undoing = desk.container.harvesting.begin_undo(run.id, actor="test")
    page = f"/desk/runs/{undoing.id}"
    assert press(admin, f"{page}/cancel", page).status_code == 303
    assert "已取消" in words(admin.get(page))


def test_an_entry_leads_those_who_answer_for_it_to_why_it_looks_so(desk: SourceDesk) -> None:
    source = desk.source(list_of(["幼儿园名录", "中小学名录"]))
    desk.harvest(source)
    desk.container.index_feed.drain()
    audience = Audience(tier=Tier.EXTRANET, supervises=True)
    desk.container.entry_keeping.curate(
        "TJ70000000", {"title": "全市幼儿园名录"}, audience, by=f"account:{NAMES[ADMIN]}", reason="名称不全"
    )
    admin, path = desk.enter(ADMIN), "/desk/entries/TJ70000000/why"
    assert path in admin.get("/entries/TJ70000000").get_data(as_text=True)
    told = words(admin.get(path))
    assert "主管部门更正" in told
    assert "名称不全" in told
    assert "来源的原始记录" in told
    assert "第2版" in told
    assert desk.enter(EDITOR).get(path).status_code == 200
    assert desk.enter(OPERATOR).get(path).status_code == 404
    assert path not in desk.app.test_client().get("/entries/TJ70000000").get_data(as_text=True)
