"""The audit log on pages: who did what, narrowed, turned over, exported, proven; no more than a network may know."""

import csv
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text

from catalogue_app.container import Container
from catalogue_app.domain.account import Role
from catalogue_app.domain.audit import ACTS, AuditEvent
from catalogue_app.web.administration import acts
from catalogue_app.web.app import create_app
from tests.accounts.conftest import GENEROUS
from tests.accounts.people import NAMES, hire, sign_in
from tests.accounts.test_life_of_an_entry import DESK, EDU, published
from tests.living import open_catalogue

GUARDS = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_event'"
ROWS = re.compile(r"<tbody>(.*?)</tbody>", re.DOTALL)


@pytest.fixture(scope="module")
def told(staffed: Container) -> str:
    """Let somebody do things; returns the code of an entry they did them to."""
    editor, reviewer = (staffed.accounts.by_name(NAMES[role]) for role in (Role.ORGAN_EDITOR, Role.DESK_REVIEWER))
    code = published(staffed, editor, reviewer, "审计用名录")
    change = staffed.registration.change(editor, code, EDU)
    handed = staffed.registration.submit(
        editor, change.id, "与已有条目的范围和用途都不同。", version=change.version, audience=EDU
    )
    staffed.review.give_back(reviewer, handed.id, "=1+1 请补充", version=handed.version, audience=DESK)
    for number in range(60):
        note(staffed, "account:made.up", f"token {number}")
    return code


def note(container: Container, subject: str, after: str) -> None:
    with container.uow() as work:
        work.record(AuditEvent(actor="account:made.up", action="token_created", subject=subject, after=after))
        work.commit()


@pytest.fixture
def inner(staffed_dir: Path, told: str) -> Callable[[Role], FlaskClient]:
    """Return a browser of somebody on the network that everything held here may be read on."""
    del told
    app = create_app(open_catalogue(staffed_dir, web_tier="extranet", **GENEROUS))

    def enter(role: Role) -> FlaskClient:
        client = app.test_client()
        assert sign_in(client, NAMES[role]).status_code == 303
        return client

    return enter


def rows(page: str) -> list[str]:
    found = ROWS.search(page)
    return re.findall(r"<tr>.*?</tr>", found[1], re.DOTALL) if found else []


def test_the_log_says_who_did_what_and_what_stood_there(inner: Callable[[Role], FlaskClient]) -> None:
    page = inner(Role.AUDITOR).get("/audit?action=proposal_returned").get_data(as_text=True)
    (row, *_) = rows(page)
    for words in ("某desk_reviewer", "account:desk.reviewer.one", "审核退回", "proposal:", "=1+1 请补充", "<time"):
        assert words in row
    english = inner(Role.DESK_ADMINISTRATOR).get("/en/audit?action=proposal_returned").get_data(as_text=True)
    assert "Returned a proposal" in english


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ("actor=made.up", 50),
        ("actor=account:made.up&subject=account:made", 50),
        ("subject=account:made_up", 0),
        ("actor=nobody", 0),
        ("until=2020-01-01", 0),
        ("since=2020-01-01&action=token_created&actor=made.up", 50),
        ("since=9999-12-31", 0),
        ("until=9999-12-31&actor=made.up", 50),
    ],
)
def test_the_log_is_narrowed(inner: Callable[[Role], FlaskClient], asked: str, number: int) -> None:
    assert len(rows(inner(Role.AUDITOR).get(f"/audit?{asked}").get_data(as_text=True))) == number


def test_the_log_is_turned_over_without_a_line_lost(inner: Callable[[Role], FlaskClient]) -> None:
    client, path, seen = inner(Role.AUDITOR), "/audit?actor=made.up", list[str]()
    while path:
        page = client.get(path).get_data(as_text=True)
        seen += re.findall(r"token \d+", page)
        following = re.search(r'id="next" rel="next" href="([^"]+)"', page)
        path = following[1].replace("&amp;", "&") if following else ""
    assert seen == [f"token {number}" for number in reversed(range(60))]


@pytest.mark.parametrize("asked", ["since=yesterday", "cursor=x", "cursor=1.5", "cursor=٣"])
def test_what_cannot_be_understood_is_refused(inner: Callable[[Role], FlaskClient], asked: str) -> None:
    assert inner(Role.AUDITOR).get(f"/audit?{asked}").status_code == 400


def test_the_export_has_every_line_and_no_formula(inner: Callable[[Role], FlaskClient]) -> None:
    answer = inner(Role.AUDITOR).get("/audit/table.csv?subject=proposal:", buffered=True)
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    lines = list(csv.reader(StringIO(answer.get_data().decode("utf-8-sig"), newline="")))
    assert {len(line) for line in lines} == {7}
    assert "'=1+1 请补充" in {line[5] for line in lines}
    assert [line for line in lines[1:] if not line[6]] == []


def test_the_chain_is_proven(inner: Callable[[Role], FlaskClient], staffed: Container) -> None:
    page = inner(Role.AUDITOR).get("/audit/chain").get_data(as_text=True)
    assert staffed.audit.verify().head in page
    assert "每一行都与写入时一致" in page


@pytest.mark.embedded
def test_an_altered_line_is_told(tmp_path: Path) -> None:
    container = open_catalogue(tmp_path)
    hire(container)
    engine = create_engine(f"sqlite:///{tmp_path / 'catalogue.sqlite3'}")
    with engine.begin() as connection:
        for (guard,) in connection.execute(text(GUARDS)).all():
            connection.execute(text(f"DROP TRIGGER {guard}"))
        connection.execute(text("UPDATE audit_event SET actor = 'nobody' WHERE position = 3"))
    engine.dispose()
    client = create_app(open_catalogue(tmp_path, web_tier="extranet", **GENEROUS)).test_client()
    assert sign_in(client, NAMES[Role.AUDITOR]).status_code == 303
    assert "有记录被改动或缺失" in client.get("/audit/chain").get_data(as_text=True)


def test_an_entry_has_a_trail_for_the_desk(inner: Callable[[Role], FlaskClient], told: str) -> None:
    page = inner(Role.DESK_REVIEWER).get(f"/desk/entries/{told}/trail").get_data(as_text=True)
    told_of = rows(page)
    assert [name for name in ("审核退回", "报送事项", "新建事项", "审核通过") if name in page] != []
    assert len(told_of) == 6
    assert "请补充" in told_of[0]
    assert inner(Role.ORGAN_EDITOR).get(f"/desk/entries/{told}/trail").status_code == 403


def test_a_lower_network_reads_of_accounts_and_organs_alone(
    signed_in: Callable[[Role], FlaskClient], told: str
) -> None:
    client = signed_in(Role.AUDITOR)
    for path in ("/audit?subject=proposal:", "/audit?action=proposal_returned"):
        assert rows(client.get(path).get_data(as_text=True)) == []
    page = client.get("/audit").get_data(as_text=True)
    assert not [row for row in rows(page) if "proposal" in row]
    assert "在本网络只显示账号和机关的记录" in page
    export = client.get("/audit/table.csv", buffered=True).get_data(as_text=True)
    assert "proposal:" not in export
    assert "account:made.up" in export
    assert "末行摘要" not in client.get("/audit/chain").get_data(as_text=True)
    assert "请补充" not in signed_in(Role.DESK_REVIEWER).get(f"/desk/entries/{told}/trail").get_data(as_text=True)


def test_every_act_has_words_and_can_be_chosen(inner: Callable[[Role], FlaskClient]) -> None:
    assert set(acts.NAMES) == ACTS
    page = inner(Role.AUDITOR).get("/audit").get_data(as_text=True)
    assert set(re.findall(r'<option value="([a-z_]+)"', page)) == ACTS


def test_what_somebody_typed_is_shown_as_text(inner: Callable[[Role], FlaskClient], staffed: Container) -> None:
    note(staffed, "account:made.up", "<script>alert(1)</script>")
    page = inner(Role.AUDITOR).get('/audit?actor=made.up&subject="><script>alert(2)</script>').get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in inner(Role.AUDITOR).get("/audit?actor=made.up").get_data(as_text=True)


def test_the_pages_are_in_the_bar_of_who_may_read_them(
    signed_in: Callable[[Role], FlaskClient], staffed_app: Flask
) -> None:
    del staffed_app
    for role, is_shown in ((Role.AUDITOR, True), (Role.DESK_ADMINISTRATOR, True), (Role.ORGAN_EDITOR, False)):
        assert ('href="/audit"' in signed_in(role).get("/account").get_data(as_text=True)) is is_shown
