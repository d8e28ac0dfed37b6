"""API tokens: what they open, what is kept of them, and when they stop working."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from catalogue_app.container import Container
from catalogue_app.domain.account import Role, Scope
from catalogue_app.domain.errors import InvalidInput, NotSignedIn
from catalogue_app.persistence.base import make_engine
from catalogue_app.web.app import create_app
from tests.accounts.conftest import GENEROUS
from tests.accounts.people import NAMES, send
from tests.api.small_catalogue import ABOVE
from tests.living import open_catalogue


def a_token(container: Container, role: Role, *scopes: Scope, days: int | None = 1) -> str:
    account = container.accounts.by_name(NAMES[role])
    end = container.clock() + timedelta(days=days) if days is not None else None
    made = container.accounts.new_token(
        account.id, label="test", scopes=frozenset(scopes), expires_at=end, actor="test"
    )
    return made[1]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_token_reads_as_its_account_sees(staffed_dir: Path, staffed: Container) -> None:
    token = a_token(staffed, Role.AUDITOR)
    app = create_app(open_catalogue(staffed_dir, web_tier="extranet", **GENEROUS))
    codes = [
        app.test_client().get(f"/api/v1/entries/{code}", headers=headers).status_code
        for code in (ABOVE, "TJ00000033")
        for headers in ({}, bearer(token))
    ]
    assert codes == [200, 200, 404, 200]


MANGLED: dict[str, Callable[[str], str]] = {
    "shortened": lambda it: it[:-1],
    "lengthened": lambda it: it + "x",
    "in capitals": lambda it: it.upper(),
    "made up": lambda _: "mct_x_y",
}


@pytest.mark.parametrize("mangle", MANGLED.values(), ids=MANGLED)
def test_a_token_that_is_not_quite_right_opens_nothing(
    staffed: Container, browser: FlaskClient, mangle: Callable[[str], str]
) -> None:
    answer = browser.get("/api/v1/entries", headers=bearer(mangle(a_token(staffed, Role.AUDITOR))))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.get_json()["code"] == "not_signed_in"


def test_a_token_ends_when_revoked_past_its_time_or_with_its_account(staffed: Container, browser: FlaskClient) -> None:
    account = staffed.accounts.by_name(NAMES[Role.OPERATOR])
    token = a_token(staffed, Role.OPERATOR)
    assert browser.get("/api/v1/entries", headers=bearer(token)).status_code == 200
    (kept,) = [one for one in staffed.accounts.tokens(account.id) if token.startswith(one.prefix)]
    assert kept.last_used_at is not None
    staffed.accounts.lock(account.name, actor="test")
    assert browser.get("/api/v1/entries", headers=bearer(token)).status_code == 401
    staffed.accounts.unlock(account.name, actor="test")
    staffed.accounts.revoke(account.id, kept.prefix, actor="test")
    assert browser.get("/api/v1/entries", headers=bearer(token)).status_code == 401
    assert not kept.works_at(staffed.clock() + timedelta(days=2))
    with pytest.raises(InvalidInput, match="token_expires_in_the_past"):
        a_token(staffed, Role.OPERATOR, days=-1)


def test_a_token_says_nothing_on_pages(staffed: Container, browser: FlaskClient) -> None:
    answer = browser.get("/account", headers=bearer(a_token(staffed, Role.AUDITOR)))
    assert answer.status_code == 303


def test_what_is_kept_of_secrets_opens_nothing(staffed: Container) -> None:
    token = a_token(staffed, Role.AUDITOR, Scope.AUDIT)
    secret = staffed.sign_in.begin(staffed.accounts.by_name(NAMES[Role.AUDITOR]), "password")
    engine = make_engine(staffed.settings.database_url)
    with engine.connect() as connection:
        kept = [
            str(tuple(row))
            for table in ("account", "account_session", "api_token", "audit_event")
            for row in connection.execute(text(f"SELECT * FROM {table}"))  # noqa: S608 — names of ours
        ]
    engine.dispose()
    assert not [row for row in kept if secret in row or token.rpartition("_")[2] in row]
    assert [row for row in kept if "$argon2id$" in row]


def test_a_token_made_on_the_page_is_shown_once(signed_in: Callable[[Role], FlaskClient], staffed_app: Flask) -> None:
    client = signed_in(Role.DESK_REVIEWER)
    made = send(client, "/account/tokens/new", label="每日同步", scope="review", days="30").get_data(as_text=True)
    token = made.partition('id="token">')[2].partition("<")[0]
    overview = client.get("/account").get_data(as_text=True)
    assert token not in overview
    prefix = "_".join(token.split("_")[:2])
    assert prefix in overview
    program = staffed_app.test_client()
    assert program.get("/api/v1/entries", headers=bearer(token)).status_code == 200
    assert send(client, f"/account/tokens/{prefix}/revoke", shown_on="/account").status_code == 303
    assert program.get("/api/v1/entries", headers=bearer(token)).status_code == 401


def test_a_token_allows_what_both_account_and_scopes_allow(staffed: Container) -> None:
    mixed = staffed.sign_in.of_token(a_token(staffed, Role.AUDITOR, Scope.AUDIT, Scope.ENTRIES, Scope.REVIEW))
    assert mixed.powers == {"read_audit"}
    assert mixed.is_by_token
    with pytest.raises(NotSignedIn):
        staffed.sign_in.of_token("")
