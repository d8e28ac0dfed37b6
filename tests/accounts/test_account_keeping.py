"""Accounts kept at the desk: every act by who may, none on one's own account, none above one's own clearance."""

import re
from collections.abc import Callable

import pyotp
import pytest
from flask.testing import FlaskClient

from catalogue_app.container import Container
from catalogue_app.domain.account import Account, Role, Scope
from catalogue_app.domain.errors import NotAllowed
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.services.accounts import NewAccount
from tests.accounts.people import NAMES, PASSWORD, form_token, send, sign_in

LINK = re.compile(r'id="link">[^<]*?(/set-password/[^<]+)<')
ADMINISTRATOR = NAMES[Role.DESK_ADMINISTRATOR]
TYPED = {"person": "李明", "role": "organ_editor", "organ": "edu", "clearance": "extranet", "email": "li@example.cn"}


@pytest.fixture
def keeper(signed_in: Callable[[Role], FlaskClient]) -> FlaskClient:
    return signed_in(Role.DESK_ADMINISTRATOR)


def an_account(container: Container, name: str, **facts: object) -> Account:
    told = NewAccount(name=name, **{"role": Role.AUDITOR, **facts})  # type: ignore[arg-type]  # its fields
    return container.accounts.create(told, password=PASSWORD, actor="test")[0]


def act(keeper: FlaskClient, name: str, what: str) -> int:
    token = form_token(keeper, "/account/password")
    return keeper.post(f"/desk/accounts/{name}/{what}", data={"csrf_token": token}).status_code


def told_of(container: Container, name: str) -> list[tuple[str, str, str]]:
    return [
        (line.event.action, line.event.before, line.event.after)
        for line in container.audit.backwards(f"account:{name}")
        if line.event.actor == f"account:{ADMINISTRATOR}"
    ]


def test_an_account_is_made_and_its_owner_sets_the_password(
    staffed: Container, keeper: FlaskClient, browser: FlaskClient
) -> None:
    made = send(keeper, "/desk/accounts/new", name="li.ming", **TYPED).get_data(as_text=True)
    link = LINK.search(made)
    assert link is not None
    assert send(browser, link[1], chosen=PASSWORD).status_code == 303
    assert sign_in(browser, "li.ming").status_code == 303
    assert "李明" in keeper.get("/desk/accounts?q=li.ming").get_data(as_text=True)
    assert told_of(staffed, "li.ming") == [("account_created", "", "organ_editor edu extranet")]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": "X!"}, "登录名格式不对"),
        ({"name": ADMINISTRATOR}, "登录名已被使用"),
        ({"organ": ""}, "organ"),
        ({"role": "auditor"}, "organ"),
        ({"organ": "nobody"}, "organ"),
        ({"clearance": "intranet"}, "不能授予或处理高于自己的网络层级"),
        ({"email": "none"}, "email"),
    ],
)
def test_what_will_not_do_stands_beside_its_field(keeper: FlaskClient, wrong: dict[str, str], words: str) -> None:
    answer = send(keeper, "/desk/accounts/new", **{"name": "wang.wu", **TYPED, **wrong})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert words in page
    assert "aria-invalid" in page
    assert "李明" in page


def test_an_account_is_changed_and_has_to_sign_in_again(
    staffed: Container, keeper: FlaskClient, browser: FlaskClient
) -> None:
    an_account(staffed, "zhao.liu")
    assert sign_in(browser, "zhao.liu").status_code == 303
    changed = send(keeper, "/desk/accounts/zhao.liu/change", **TYPED)
    assert (changed.status_code, changed.location) == (303, "/desk/accounts/zhao.liu?done=changed")
    assert browser.get("/account").status_code == 303
    after = staffed.accounts.by_name("zhao.liu")
    assert (after.role, after.organ_id, after.person) == (Role.ORGAN_EDITOR, "edu", "李明")
    assert told_of(staffed, "zhao.liu")[0] == ("account_changed", "auditor - extranet", "organ_editor edu extranet")


def test_a_form_sets_nothing_that_it_does_not_show(staffed: Container, keeper: FlaskClient) -> None:
    before = an_account(staffed, "sun.qi")
    send(keeper, "/desk/accounts/sun.qi/change", **TYPED, is_locked="1", id="x", name="other", has_second_factor="1")
    after = staffed.accounts.by_name("sun.qi")
    assert (after.id, after.is_locked, after.has_second_factor) == (before.id, False, False)


def test_an_account_is_locked_and_opened(staffed: Container, keeper: FlaskClient, browser: FlaskClient) -> None:
    an_account(staffed, "zhou.ba")
    assert act(keeper, "zhou.ba", "lock") == 303
    assert sign_in(browser, "zhou.ba").status_code == 422
    assert act(keeper, "zhou.ba", "unlock") == 303
    assert sign_in(browser, "zhou.ba").status_code == 303
    assert [done for done, _, _ in told_of(staffed, "zhou.ba")] == ["account_unlocked", "account_locked"]


def test_a_forced_password_ends_the_old_one_at_once(
    staffed: Container, keeper: FlaskClient, browser: FlaskClient
) -> None:
    an_account(staffed, "wu.jiu")
    assert sign_in(browser, "wu.jiu").status_code == 303
    page = send(keeper, "/desk/accounts/wu.jiu/password", shown_on="/desk/accounts/wu.jiu").get_data(as_text=True)
    assert browser.get("/account").status_code == 303
    assert sign_in(browser, "wu.jiu").status_code == 422
    link = LINK.search(page)
    assert link is not None
    assert send(browser, link[1], chosen=f"{PASSWORD} again").status_code == 303
    assert sign_in(browser, "wu.jiu", f"{PASSWORD} again").status_code == 303


def test_who_lost_the_second_factor_gets_in_again(
    staffed: Container, keeper: FlaskClient, browser: FlaskClient
) -> None:
    account = an_account(staffed, "zheng.shi")
    secret = pyotp.random_base32()
    code = pyotp.TOTP(secret).at(staffed.clock())
    staffed.own_account.confirm_second_factor(account, staffed.own_account.begin_second_factor(secret), code)
    assert sign_in(browser, "zheng.shi").location.startswith("/sign-in/code")
    assert act(keeper, "zheng.shi", "second-factor") == 303
    assert sign_in(browser, "zheng.shi").location == "/account"


def test_sessions_and_tokens_are_ended(staffed: Container, keeper: FlaskClient, browser: FlaskClient) -> None:
    account = an_account(staffed, "qian.yi")
    texts = [
        staffed.accounts.new_token(account.id, label="x", scopes={Scope.AUDIT}, expires_at=None, actor="test")
        for _ in range(2)
    ]
    assert sign_in(browser, "qian.yi").status_code == 303
    assert act(keeper, "qian.yi", f"tokens/{texts[0][0].prefix}/revoke") == 303
    codes = [browser.get("/api/v1/work", headers={"Authorization": f"Bearer {one[1]}"}).status_code for one in texts]
    assert codes == [401, 200]
    assert act(keeper, "qian.yi", "shut-out") == 303
    assert browser.get("/api/v1/work", headers={"Authorization": f"Bearer {texts[1][1]}"}).status_code == 401
    assert browser.get("/account").status_code == 303
    assert told_of(staffed, "qian.yi")[0] == ("account_shut_out", texts[1][0].prefix, "")


@pytest.mark.parametrize("what", ["lock", "unlock", "password", "second-factor", "shut-out", "tokens/x/revoke"])
def test_nobody_keeps_their_own_account(staffed: Container, keeper: FlaskClient, what: str) -> None:
    assert act(keeper, ADMINISTRATOR, what) == 403
    assert send(keeper, f"/desk/accounts/{ADMINISTRATOR}/change", **TYPED | {"organ": ""}).status_code == 422
    assert staffed.accounts.by_name(ADMINISTRATOR).role is Role.DESK_ADMINISTRATOR
    assert f"/desk/accounts/{ADMINISTRATOR}/lock" not in keeper.get(f"/desk/accounts/{ADMINISTRATOR}").get_data(
        as_text=True
    )


def test_nobody_gets_at_a_clearance_above_their_own(staffed: Container) -> None:
    keeper = staffed.accounts.by_name(ADMINISTRATOR)
    above = an_account(staffed, "above.one", clearance=Tier.INTRANET)
    below = an_account(staffed, "below.one")
    keeping = staffed.account_keeping
    told = NewAccount(name=below.name, role=Role.AUDITOR, clearance=Tier.INTRANET)
    for attempt in (
        lambda: keeping.change(keeper, told),
        lambda: keeping.create(keeper, NewAccount(name="new.one", role=Role.AUDITOR, clearance=Tier.INTRANET)),
        lambda: keeping.change(keeper, NewAccount(name=above.name, role=Role.AUDITOR)),
        lambda: keeping.reset_password(keeper, above.name),
        lambda: keeping.reset_second_factor(keeper, above.name),
        lambda: keeping.shut_out(keeper, above.name),
        lambda: keeping.lock(keeper, above.name),
    ):
        with pytest.raises(NotAllowed, match="clearance_above_own"):
            attempt()


def test_the_desk_sees_the_register_with_its_codes_checked(signed_in: Callable[[Role], FlaskClient]) -> None:
    client = signed_in(Role.DESK_REVIEWER)
    page = client.get("/desk/organs").get_data(as_text=True)
    assert "天津市教育委员会" in page
    assert "校验码正确" in page
    lines = client.get("/desk/organs/table.csv", buffered=True).get_data().decode("utf-8-sig").splitlines()
    assert lines[0].startswith("organ_id,zh,en,kind")
    assert len(lines) == 90
