"""The way in and out: who gets in, what a failure tells, what a session survives, where it leads afterwards."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient

from catalogue_app.container import Container
from catalogue_app.domain.account import Role
from catalogue_app.domain.text import has_han
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.services.accounts import NewAccount
from catalogue_app.web.app import create_app
from catalogue_app.web.sessions import COOKIE
from tests.accounts.conftest import GENEROUS
from tests.accounts.people import NAMES, PASSWORD, form_token, send, sign_in
from tests.api.small_catalogue import ABOVE, INNER
from tests.living import open_catalogue

EDITOR = NAMES[Role.ORGAN_EDITOR]


def a_person(container: Container, name: str, **facts: object) -> str:
    told = NewAccount(name=name, **{"role": Role.AUDITOR, "person": "某人", **facts})  # type: ignore[arg-type]  # its fields
    container.accounts.create(told, password=PASSWORD, actor="test")
    return name


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie(COOKIE)
    return found.value if found else ""


def test_name_and_password_let_in_and_the_bar_says_who(browser: FlaskClient) -> None:
    answer = sign_in(browser, EDITOR.upper())
    assert (answer.status_code, answer.location) == (303, "/account")
    page = browser.get("/account").get_data(as_text=True)
    assert "某organ_editor" in page
    assert "机关编目员" in page


@pytest.mark.parametrize("path", ["/sign-in", "/en/sign-in"])
def test_a_failure_says_the_same_whatever_it_was(browser: FlaskClient, path: str) -> None:
    pages = []
    for name, password in ((EDITOR, "wrong"), ("nobody.at.all", PASSWORD), ("!!", "x"), (EDITOR, "")):
        answer = sign_in(browser, name, password, path)
        assert answer.status_code == 422
        text = re.sub(r'value="[^"]*"', "", answer.get_data(as_text=True))
        pages.append(text)
    assert len(set(pages)) == 1


def test_a_name_is_shut_after_failures_in_a_row_whether_or_not_it_exists(
    staffed: Container, browser: FlaskClient
) -> None:
    name = a_person(staffed, "shut.out")
    for _ in range(staffed.settings.accounts.max_failures):
        assert sign_in(browser, name, "wrong").status_code == 422
    assert sign_in(browser, name).status_code == 422
    staffed.accounts.unlock(name, actor="test")
    assert sign_in(browser, name).status_code == 303


def test_a_locked_account_is_out_at_once(staffed: Container, browser: FlaskClient) -> None:
    name = a_person(staffed, "locked.out")
    sign_in(browser, name)
    assert browser.get("/account").status_code == 200
    staffed.accounts.lock(name, actor="test")
    assert browser.get("/account").status_code == 303
    assert sign_in(browser, name).status_code == 422


def test_a_session_is_new_at_every_sign_in(browser: FlaskClient) -> None:
    token = form_token(browser, "/sign-in")
    planted = cookie(browser)
    browser.post("/sign-in", data={"csrf_token": token, "name": EDITOR, "password": PASSWORD})
    first = cookie(browser)
    assert planted not in {"", first}
    browser.set_cookie(COOKIE, planted)
    assert browser.get("/account").status_code == 303


def test_sign_out_ends_the_session_for_whoever_kept_the_cookie(browser: FlaskClient) -> None:
    sign_in(browser, EDITOR)
    kept = cookie(browser)
    assert send(browser, "/sign-out", shown_on="/account").status_code == 303
    browser.set_cookie(COOKIE, kept)
    assert browser.get("/account").status_code == 303


def test_the_cookie_is_for_this_site_and_no_script(browser: FlaskClient) -> None:
    header = sign_in(browser, EDITOR).headers["Set-Cookie"]
    for attribute in ("HttpOnly", "SameSite=Lax", "Secure", "Path=/"):
        assert attribute in header


def test_sessions_end_when_idle_and_when_old(staffed_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    container = open_catalogue(staffed_dir, **GENEROUS)
    account = container.accounts.by_name(EDITOR)
    secret = container.sign_in.begin(account, "password")
    now = container.clock()
    for later, is_in in ((60, True), (60 + 1800, True), (60 + 1800 + 1801, False)):
        monkeypatch.setattr(container.sign_in, "_clock", lambda later=later: now + timedelta(seconds=later))
        assert (container.sign_in.of_session(secret) is not None) is is_in
    old = container.sign_in.begin(account, "password")
    states = []
    for minutes in range(60 + 31, 60 + 31 + 600 + 58, 29):
        monkeypatch.setattr(container.sign_in, "_clock", lambda m=minutes: now + timedelta(minutes=m))
        states.append(container.sign_in.of_session(old) is not None)
    assert states[:20] == [True] * 20
    assert not states[-1]


@pytest.mark.parametrize(
    "next_",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/%09/evil.example",
        "javascript:alert(1)",
        "/nowhere",
        "/sign-out\r\nX: y",
        "http:/account",
    ],
)
def test_nobody_is_sent_elsewhere_after_signing_in(browser: FlaskClient, next_: str) -> None:
    token = form_token(browser, "/sign-in")
    fields = {"csrf_token": token, "name": EDITOR, "password": PASSWORD}
    answer = browser.post("/sign-in", query_string={"next": next_}, data=fields)
    assert answer.location == "/account"


def test_one_returns_to_the_page_one_came_for(browser: FlaskClient) -> None:
    asked = browser.get("/en/account/tokens/new?x=1")
    assert (asked.status_code, asked.location) == (303, "/en/sign-in?next=%2Fen%2Faccount%2Ftokens%2Fnew%3Fx%3D1")
    fields = {"csrf_token": form_token(browser, asked.location), "name": EDITOR, "password": PASSWORD}
    assert browser.post(asked.location, data=fields).location == "/en/account/tokens/new?x=1"


def test_a_form_without_its_token_changes_nothing(browser: FlaskClient) -> None:
    answer = browser.post("/sign-in", data={"name": EDITOR, "password": PASSWORD})
    assert answer.status_code == 400
    assert "<h1>表单已过期，没有提交</h1>" in answer.get_data(as_text=True)
    assert "先复制填写的内容" in answer.get_data(as_text=True)
    assert "<h1>The form has expired and was not sent</h1>" in browser.post("/en/sign-in").get_data(as_text=True)
    assert browser.get("/account").status_code == 303


def test_a_changed_password_lets_every_other_browser_out(staffed_app: Flask, staffed: Container) -> None:
    name = a_person(staffed, "changes.mind")
    here, elsewhere = staffed_app.test_client(), staffed_app.test_client()
    sign_in(here, name)
    sign_in(elsewhere, name)
    wrong = send(here, "/account/password", present="wrong", chosen="a new and longer one")
    assert "当前密码不对" in wrong.get_data(as_text=True)
    short = send(here, "/account/password", present=PASSWORD, chosen="short")
    assert "密码应有 10 至 200 个字符" in short.get_data(as_text=True)
    named = send(here, "/account/password", present=PASSWORD, chosen="changes.mind2026")
    assert "太容易猜到" in named.get_data(as_text=True)
    assert send(here, "/account/password", present=PASSWORD, chosen="a new and longer one").status_code == 303
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303
    assert sign_in(elsewhere, name).status_code == 422
    assert sign_in(elsewhere, name, "a new and longer one").status_code == 303


def test_a_second_factor_is_asked_for_and_no_code_works_twice(staffed_app: Flask, staffed: Container) -> None:
    name = a_person(staffed, "two.steps")
    client = staffed_app.test_client()
    sign_in(client, name)
    page = client.get("/account/second-factor").get_data(as_text=True)
    shown = re.search(r'id="secret">([^<]+)<', page)
    assert shown is not None
    totp = pyotp.TOTP(shown[1].replace(" ", ""))
    assert send(client, "/account/second-factor", code="000000").status_code == 422
    now = staffed.clock()
    done = send(client, "/account/second-factor", code=totp.at(now)).get_data(as_text=True)
    codes = re.findall(r"<code>(\w{5}-\w{5})</code>", done)
    assert len(set(codes)) == 10
    other = staffed_app.test_client()
    assert sign_in(other, name).location == "/sign-in/code"
    assert other.get("/account").status_code == 303
    assert send(other, "/sign-in/code", code=totp.at(now)).status_code == 422
    assert send(other, "/sign-in/code", code=codes[3].upper().replace("-", " ")).status_code == 303
    assert other.get("/account").status_code == 200
    again = staffed_app.test_client()
    sign_in(again, name)
    assert send(again, "/sign-in/code", code=codes[3]).status_code == 422
    assert send(again, "/sign-in/code", code=totp.at(now + timedelta(seconds=30))).status_code == 303
    off = send(again, "/account/second-factor/off", password=PASSWORD)
    assert off.status_code == 303
    assert sign_in(staffed_app.test_client(), name).location == "/account"


def test_the_code_page_is_for_who_has_given_a_password(browser: FlaskClient) -> None:
    assert browser.get("/sign-in/code").location == "/sign-in"


def test_a_link_sets_a_password_once(staffed: Container, browser: FlaskClient) -> None:
    told = NewAccount(name="new.comer", role=Role.AUDITOR)
    account, secret = staffed.accounts.create(told, password=None, actor="test")
    path = f"/set-password/{secret}"
    assert sign_in(browser, account.name, "").status_code == 422
    assert send(browser, path, chosen="short").status_code == 422
    answer = send(browser, path, chosen="a long enough one")
    assert (answer.status_code, answer.location) == (303, "/sign-in?done=password")
    assert browser.get(path).status_code == 404
    assert sign_in(browser, account.name, "a long enough one").status_code == 303


def test_who_sees_what_depends_on_clearance_and_network(
    staffed_dir: Path, staffed: Container, signed_in: Callable[[Role], FlaskClient]
) -> None:
    by_portal = signed_in(Role.DESK_REVIEWER)
    assert by_portal.get(f"/entries/{ABOVE}").status_code == 404
    assert by_portal.get("/entries/TJ00000033").status_code == 200
    low = a_person(staffed, "low.clearance", clearance=Tier.PORTAL)
    extranet = create_app(open_catalogue(staffed_dir, web_tier="extranet", **GENEROUS))
    for name, status in ((NAMES[Role.DESK_REVIEWER], 200), (low, 404)):
        client = extranet.test_client()
        sign_in(client, name)
        answer = client.get(f"/entries/{ABOVE}")
        assert answer.status_code == status
        assert (INNER in answer.get_data(as_text=True)) is (status == 200)


def test_the_network_is_what_a_trusted_proxy_says_and_else_the_portal(staffed_dir: Path) -> None:
    settings = {
        "web_network_header": "X-Network",
        "web_trusted_proxies": "10.0.0.1",
        "web_tier": "extranet",
        **GENEROUS,
    }
    app = create_app(open_catalogue(staffed_dir, **settings))
    cases: tuple[tuple[str, list[tuple[str, str]], int], ...] = (
        ("10.0.0.1", [("X-Network", "extranet")], 200),
        ("10.0.0.1", [("X-Network", "portal")], 404),
        ("10.0.0.1", [("X-Network", "EXTRANET ")], 404),
        ("10.0.0.1", [("X-Network", "extranet"), ("X-Network", "extranet")], 404),
        ("10.0.0.1", [], 404),
        ("10.0.0.2", [("X-Network", "extranet")], 404),
    )
    for address, headers, status in cases:
        answer = app.test_client().get(f"/entries/{ABOVE}", headers=headers, environ_base={"REMOTE_ADDR": address})
        assert answer.status_code == status, (address, headers)


def test_too_many_attempts_from_one_address_are_put_off(staffed_dir: Path) -> None:
    app = create_app(open_catalogue(staffed_dir, web_sign_in_limit="2 per minute"))
    client = app.test_client()
    answers = [sign_in(client, f"guess.{number}", "x").status_code for number in range(3)]
    assert answers == [422, 422, 429]
    assert client.get("/sign-in").status_code == 200


def let_run_out(container: Container, client: FlaskClient) -> None:
    """End the session of a browser while a form is open in it."""
    with client.session_transaction() as held:
        container.sign_in.end(held["_user_id"])


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_a_form_sent_after_the_session_ran_out_leads_to_the_way_in(
    staffed: Container, browser: FlaskClient, prefix: str
) -> None:
    sign_in(browser, EDITOR)
    path = f"{prefix}/account/password?x=1"
    token = form_token(browser, path)
    let_run_out(staffed, browser)
    answer = browser.post(path, data={"csrf_token": token})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 401
    assert f'href="{prefix}/sign-in?next={quote(path, safe="")}"' in page
    assert ("也没有丢失" in page) is (prefix == "")
    told = browser.post(path, data={"csrf_token": token}, headers={"Accept": "application/json"}).get_json()
    assert (told["code"], has_han(told["detail"])) == ("session_over", prefix == "")


@pytest.mark.parametrize(
    ("sender", "onward"),
    [
        ("http://localhost/account", "?next=%2Faccount"),
        ("https://evil.example/account", ""),
        ("http://localhost//evil.example/", ""),
        ("https://[", ""),
        ("", ""),
    ],
)
def test_the_way_in_leads_back_to_the_page_of_a_button_and_to_none_elsewhere(
    staffed: Container, browser: FlaskClient, sender: str, onward: str
) -> None:
    sign_in(browser, EDITOR)
    token = form_token(browser, "/account/password")
    let_run_out(staffed, browser)
    path = f"/workspace/proposals/{UUID(int=1)}/discard"
    answer = browser.post(path, data={"csrf_token": token}, headers={"Referer": sender})
    assert answer.status_code == 401
    assert f'href="/sign-in{onward}" target="_blank"' in answer.get_data(as_text=True)


def test_an_open_form_is_sent_again_by_the_same_account_alone(staffed_app: Flask, staffed: Container) -> None:
    mine, other = a_person(staffed, "comes.back"), a_person(staffed, "comes.next")
    for back, status in ((mine, 422), (other, 400)):
        client = staffed_app.test_client()
        sign_in(client, mine)
        token = form_token(client, "/account/password")
        let_run_out(staffed, client)
        assert sign_in(client, back).status_code == 303
        fields = {"csrf_token": token, "present": "wrong", "chosen": "a new and longer one"}
        assert client.post("/account/password", data=fields).status_code == status
