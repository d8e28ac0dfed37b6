"""The register at the desk, without script: an organ edited, a table tried and taken, two organs merged; by whom."""

import re
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from catalogue_app.container import Container
from catalogue_app.domain.account import Role
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.web.app import create_app
from tests.accounts.conftest import GENEROUS
from tests.accounts.people import NAMES, fill, form_token, hire, sign_in
from tests.api.small_catalogue import fill as fill_catalogue
from tests.living import open_catalogue

AUDIENCE: Final = Audience(tier=Tier.PORTAL, supervises=True)
"""What the administrator may know of."""
EDIT: Final = "/desk/organs/edu/change"
UPLOAD: Final = "/desk/organs/upload"
MERGE: Final = "/desk/organs/edu/succession"
CODE: Final = "11120000XX0000019W"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Container:
    """A catalogue that the tests of this module share: each changes what no other asks about."""
    return a_place(tmp_path_factory.mktemp("register"))


def a_place(folder: Path) -> Container:
    container = open_catalogue(folder, **GENEROUS)
    fill_catalogue(container)
    hire(container)
    return container


@pytest.fixture(scope="module")
def desk(place: Container) -> FlaskClient:
    return an_administrator(place)


def an_administrator(place: Container) -> FlaskClient:
    client = create_app(place).test_client()
    assert sign_in(client, NAMES[Role.DESK_ADMINISTRATOR]).status_code == 303
    return client


def text(answer: TestResponse) -> str:
    return answer.get_data(as_text=True)


def stored(client: FlaskClient, path: str = EDIT) -> dict[str, str]:
    """Return what the form of an organ would send as it stands."""
    page = text(client.get(path))
    said = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*?value="([^"]*)"', page))
    said |= dict(re.findall(r'<input id="(\w+)"[^>]*?value="([^"]*)"', page))
    said |= dict(re.findall(r'<textarea id="(\w+)"[^>]*>([^<]*)</textarea>', page))
    for name, options in re.findall(r'<select id="(\w+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        said[name] = (re.findall(r'<option value="([^"]*)" selected', options) or [""])[0]
    said.pop("csrf_token", None)
    return said


def edit(client: FlaskClient, **changes: str) -> TestResponse:
    return fill(client, EDIT, stored(client) | changes)


def test_saving_what_stands_there_changes_nothing(place: Container, desk: FlaskClient) -> None:
    before = place.organs.by_id("edu")
    assert edit(desk).status_code == 303
    assert place.organs.by_id("edu") == before


def test_an_alias_is_typed_and_the_next_search_finds_by_it(place: Container, desk: FlaskClient) -> None:
    asked = "/search?q=津门学务处"
    assert "TJ00000001" not in text(desk.get(asked))
    answer = edit(desk, aliases="教育局\r\n津门学务处\r\n", contact="022-1234\r\n一楼", valid_from="2018-11-01")
    assert answer.status_code == 303
    assert "已保存" in text(desk.get(answer.location))
    organ = place.organs.by_id("edu")
    assert (organ.aliases, organ.contact) == (("教育局", "津门学务处"), "022-1234\n一楼")
    assert re.search(r"TJ000000\d\d", text(desk.get(asked)))


def test_every_flaw_stands_beside_its_field_and_nothing_is_saved(place: Container, desk: FlaskClient) -> None:
    before = place.organs.by_id("edu")
    wrong = {"zh": "", "kind": "ministry", "uscc": CODE[:-1] + "X", "parent": "edu", "valid_from": "去年"}
    answer = edit(desk, **wrong, valid_to="2026-01-01", district_code="999999", main_theme="T99", aliases="别" * 201)
    assert answer.status_code == 422
    page = text(answer)
    for field in (*wrong, "valid_to", "district_code", "main_theme", "aliases"):
        assert f'id="{field}-flaw1"' in page, field
    assert "GB 32100" in page
    assert place.organs.by_id("edu") == before


def test_who_was_overtaken_is_told_and_keeps_what_was_typed(place: Container, desk: FlaskClient) -> None:
    mine = stored(desk)
    assert edit(desk, short_name="教委").status_code == 303
    late = fill(desk, EDIT, mine | {"short_name": "津教委"})
    assert late.status_code == 422
    assert "已被他人修改" in text(late)
    assert 'value="津教委"' in text(late)
    assert place.organs.by_id("edu").short_name == "教委"


def test_a_new_organ_is_added_once(place: Container, desk: FlaskClient) -> None:
    said = {"id": "parks", "zh": "天津市公园局", "kind": "department", "district_code": "120000", "parent": "urban"}
    assert fill(desk, "/desk/organs/new", said).status_code == 303
    assert place.organs.by_id("parks").parent == "urban"
    assert "organ_id" not in text(desk.get("/desk/organs/parks/change"))
    again = fill(desk, "/desk/organs/new", said)
    assert (again.status_code, 'id="id-flaw1"' in text(again)) == (422, True)


def test_figures_count_what_stands_below(place: Container, desk: FlaskClient) -> None:
    own, other = (place.catalogue.organ(name, AUDIENCE).entries for name in ("edu", "civil"))
    fill(desk, "/desk/organs/civil/change", stored(desk, "/desk/organs/civil/change") | {"parent": "edu"})
    page = text(desk.get("/desk/organs"))
    branch = page[page.index('id="organ-edu"') :]
    assert f"{own + other}个条目" in branch[: branch.index('id="organ-civil"')]
    assert f"本机关{own}个条目" in branch[: branch.index('id="organ-civil"')]


def sent(client: FlaskClient, table: str, encoding: str = "utf-8") -> TestResponse:
    token = form_token(client, UPLOAD)
    file = (BytesIO(table.encode(encoding)), "名册.csv")
    return client.post(UPLOAD, data={"csrf_token": token, "table": file})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_is_tried_and_taken_on_a_second_word(place: Container, desk: FlaskClient, encoding: str) -> None:
    organ = encoding.replace("-", "")
    answer = sent(desk, f"organ_id,zh,kind,parent\n{organ},天津市园林局,department,urban\n", encoding)
    page = text(answer)
    assert answer.status_code == 200
    assert OrganId(organ) not in {organ.id for organ in place.organs.all()}
    kept = re.search(r'name="stamp" value="([^"]+)".*?<textarea name="text" hidden>\n(.*?)</textarea>', page, re.DOTALL)
    assert kept is not None
    said = {"then": "take", "stamp": kept[1], "text": kept[2]}
    assert fill(desk, UPLOAD, said).status_code == 303
    assert place.organs.by_id(organ).name.original == "天津市园林局"
    late = fill(desk, UPLOAD, said)
    assert (late.status_code, "名册已有变动" in text(late)) == (422, True)


def test_every_wrong_cell_is_named_in_both_languages(place: Container, desk: FlaskClient) -> None:
    table = (
        "organ_id,zh,kind,uscc,parent,district_code\n"
        f"a1,,department,,,\na2,乙局,ministry,,,\na3,丙局,department,{CODE[:-1]}X,,\n"
        "a 4,丁局,department,,,\na5,戊局,department,,nobody,\na6,己局,department,,,999999\n"
        f"a7,庚局,department,{CODE},,\na5,戊局,department,,,\n"
    )
    before = place.organs.all()
    page = text(sent(desk, table))
    cells = re.findall(r'<td class="number">(\d+)</td><td><code>(\w+)</code></td>', page)
    assert cells == [
        ("2", "zh"),
        ("3", "kind"),
        ("4", "uscc"),
        ("5", "organ_id"),
        ("6", "parent"),
        ("7", "district_code"),
        ("8", "uscc"),
        ("9", "organ_id"),
    ]
    assert "确认采用" not in page
    english = text(
        desk.post(
            f"/en{UPLOAD}",
            data={"csrf_token": form_token(desk, UPLOAD), "table": (BytesIO(table.encode()), "a.csv")},
        )
    )
    assert "wrong check character" in english
    assert place.organs.all() == before


@pytest.mark.parametrize("table", ["", "编号,名称\n1,甲\n", "organ_id,zh,kind\na,甲\n", "x" * 500_000])
def test_what_is_no_table_of_organs_is_refused(desk: FlaskClient, table: str) -> None:
    answer = sent(desk, table)
    assert (answer.status_code, "这不是机关名册的表格" in text(answer)) == (422, True)


def test_the_exported_table_changes_nothing(desk: FlaskClient) -> None:
    page = text(sent(desk, desk.get("/desk/organs/table.csv").get_data(as_text=True)))
    assert "没有需要保存的内容" in page


def test_two_organs_merge_after_a_look_at_what_moves(tmp_path: Path) -> None:
    place = a_place(tmp_path)
    desk = an_administrator(place)
    before = place.catalogue.organ("edu", AUDIENCE).entries
    look = text(desk.get(f"{MERGE}?to=sci&on=2026-11-24"))
    assert re.search(r"<dt>账号</dt><dd>2</dd>", look)
    assert place.organs.by_id("edu").successor is None
    answer = fill(desk, MERGE, {"to": "sci", "on": "2026-11-24"}, shown_on=f"{MERGE}?to=sci")
    assert answer.status_code == 303
    assert "撤并已办理" in text(desk.get(answer.location))
    place.index_feed.drain()
    old = text(desk.get("/organs/edu"))
    assert 'href="/organs/sci"' in old[old.index('id="succeeded"') :]
    assert 'href="/organs/edu"' in text(desk.get("/organs/sci"))
    assert place.catalogue.organ("sci", AUDIENCE).entries == before
    assert "幼儿园名录" in text(desk.get("/search?organ=edu"))
    assert "幼儿园名录" in text(desk.get("/feeds/organs/edu.atom"))
    assert desk.get("/api/v1/organs/edu").json["successor"] == "sci"  # type: ignore[index]  # a document
    assert desk.get("/api/v1/entries?organ=edu").json["total"] == before  # type: ignore[index]  # a document
    assert 'href="/organs/edu"' not in text(desk.get("/organs"))
    assert '<option value="edu"' not in text(desk.get("/desk/accounts/new"))
    assert "已撤并或更名" in text(desk.get("/desk/organs"))
    assert "撤销日期" not in text(desk.get(EDIT))


@pytest.mark.parametrize(
    ("to", "on", "field"), [("edu", "", "to"), ("nobody", "", "to"), ("sci", "2999-01-01", "on"), ("sci", "昨天", "on")]
)
def test_what_may_not_be_merged_is_said_beside_the_field(desk: FlaskClient, to: str, on: str, field: str) -> None:
    for answer in (
        desk.get(MERGE, query_string={"to": to, "on": on}),
        fill(desk, MERGE, {"to": to, "on": on}, shown_on=EDIT),
    ):
        assert answer.status_code == 422
        assert f'id="{field}-flaw1"' in text(answer)


def test_a_reviewer_reads_the_register_and_changes_nothing(place: Container) -> None:
    reviewer = create_app(place).test_client()
    assert sign_in(reviewer, NAMES[Role.DESK_REVIEWER]).status_code == 303
    page = text(reviewer.get("/desk/organs"))
    assert "/desk/organs/new" not in page
    assert EDIT not in page
    assert [reviewer.get(path).status_code for path in (EDIT, UPLOAD, MERGE, "/desk/organs/new")] == [403] * 4
