"""Every route and every role: allowed or refused, read off the routes, so that a new one cannot be forgotten."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from werkzeug.routing import Rule

from catalogue_app.container import Container
from catalogue_app.domain.account import Power, Role, Scope, powers_of
from catalogue_app.services.sign_in import SignInRefused
from catalogue_app.web.api_v1.groups import GROUPS
from catalogue_app.web.app import INSIDE
from catalogue_app.web.language import Language, is_api
from catalogue_app.web.portal.routes import ROUTES
from tests.accounts.people import NAMES, PASSWORD, form_token, sign_in

NO_ID = "01a21456-0000-7000-8000-000000000000"
PARTS = {
    "code": "TJ00000001",
    "organ_id": "edu",
    "account": "nobody.of.this.name",
    "entry_id": NO_ID,
    "proposal_id": NO_ID,
    "source_id": NO_ID,
    "run_id": NO_ID,
    "upload_id": NO_ID,
    "release_id": NO_ID,
    "release_name": "portal-1",
    "act": "take",
    "form": "csv",
    "step": "what",
    "secret": "no-such-secret",
    "prefix": "mct_nothing",
    "filename": "site.css",
}
"""What stands for the parts of an address; `code` is also that of a theme or category, which then answers 404."""

GUARDED = {page.name: page.power for page in INSIDE}
FREE = {name for _, name, _ in ROUTES}
"""Pages for everybody, whoever they are."""

POWERS_OF_API = {asked: power for group in GROUPS for asked, power in group.powers.items()}
"""Which power each change by the API needs."""

ROUTES_OF_ROBOTS = ("robots.", "static", "health.", "api-docs.")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Yield every rule with each method it answers."""
    for rule in sorted(app.url_map.iter_rules(), key=str):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def name_of(rule: Rule) -> str:
    return str(rule.endpoint).partition(".")[2]


def is_page(rule: Rule) -> bool:
    return rule.endpoint.partition(".")[0] in set(Language)


def address(rule: Rule, **parts: str) -> str:
    built = rule.build({name: parts.get(name, PARTS.get(name, "x")) for name in rule.arguments})
    return str(built[1]) if built else ""


def ask(client: FlaskClient, rule: Rule, method: str, token: str) -> int:
    if method in SAFE:
        return client.get(address(rule), buffered=True).status_code
    return client.open(address(rule), method=method, data={"csrf_token": token}).status_code


def test_every_route_is_for_everybody_or_says_which_power_it_needs(staffed_app: Flask) -> None:
    unknown = [
        str(rule)
        for rule, method in rules(staffed_app)
        if not (is_page(rule) and (name_of(rule) in FREE or name_of(rule) in GUARDED))
        and not (method in SAFE and rule.endpoint.startswith((*ROUTES_OF_ROBOTS, "api_v1_")))
        and (str(rule), method) not in POWERS_OF_API
    ]
    assert unknown == []


def test_what_changes_something_is_behind_a_power_or_on_the_way_in(staffed_app: Flask) -> None:
    open_to_all = {name_of(rule) for rule, method in rules(staffed_app) if method not in SAFE and is_page(rule)}
    unguarded = {name for name in open_to_all if GUARDED.get(name) is None}
    assert unguarded == {"sign_in", "sign_in_code", "sign_out", "forgotten", "set_password"}


def test_the_public_pages_offer_no_change(staffed_app: Flask) -> None:
    assert [str(rule) for rule, method in rules(staffed_app) if method not in SAFE and name_of(rule) in FREE] == []


@pytest.mark.parametrize("role", [None, *Role], ids=str)
def test_every_route_allows_or_refuses_every_role(staffed_app: Flask, role: Role | None) -> None:
    client = staffed_app.test_client()
    if role is not None:
        assert sign_in(client, NAMES[role]).status_code == 303
    wrong: list[tuple[str, str, int]] = []
    for rule, method in rules(staffed_app):
        if not is_page(rule) or name_of(rule) == "sign_out":
            continue
        power = GUARDED.get(name_of(rule))
        token = form_token(client, "/sign-in" if role is None else "/account/password")
        status = ask(client, rule, method, token)
        if not fits(status, method, role, power):
            wrong.append((str(rule), method, status))
    assert wrong == []


def fits(status: int, method: str, role: Role | None, power: Power | None) -> bool:
    """Say whether an answer is what a role gets where a power is needed."""
    if status >= 500:
        return False
    if power is None:
        return status not in {401, 403}
    if role is None:
        return status == (303 if method in SAFE else 401)
    return (status == 403) is (power not in powers_of(role))


def test_a_form_of_one_browser_is_no_good_in_another(
    staffed_app: Flask, signed_in: Callable[[Role], FlaskClient]
) -> None:
    client = signed_in(Role.ORGAN_EDITOR)
    theirs = form_token(staffed_app.test_client(), "/sign-in")
    posts = [rule for rule, method in rules(staffed_app) if method == "POST" and is_page(rule)]
    assert posts
    for token in ("", "made-up", theirs):
        for rule in posts:
            answer = client.post(address(rule), data={"csrf_token": token})
            assert answer.status_code == 400, str(rule)


def api_changes(app: Flask) -> list[tuple[Rule, str]]:
    return [(rule, method) for rule, method in rules(app) if is_api(str(rule)) and method not in SAFE]


def test_the_api_takes_no_cookie_where_it_changes_something(
    staffed_app: Flask, signed_in: Callable[[Role], FlaskClient]
) -> None:
    assert {(str(rule), method) for rule, method in api_changes(staffed_app)} == set(POWERS_OF_API)
    for client in (staffed_app.test_client(), *map(signed_in, Role)):
        statuses = {
            client.open(address(rule), method=way, json={}).status_code for rule, way in api_changes(staffed_app)
        }
        assert statuses == {401}


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_every_change_by_the_api_allows_or_refuses_every_role(
    staffed: Container, staffed_app: Flask, role: Role
) -> None:
    account = staffed.accounts.by_name(NAMES[role])
    made = staffed.accounts.new_token(
        account.id, label="matrix", scopes=frozenset(Scope), expires_at=None, actor="test"
    )
    head = {"Authorization": f"Bearer {made[1]}", "If-Match": '"v1"'}
    wrong: list[tuple[str, str, int]] = []
    for rule, method in api_changes(staffed_app):
        status = staffed_app.test_client().open(address(rule), method=method, json={}, headers=head).status_code
        is_allowed = POWERS_OF_API[str(rule), method] in powers_of(role)
        if status >= 500 or (status == 403) is is_allowed:
            wrong.append((str(rule), method, status))
    assert wrong == []


@contextmanager
def recorded(seen: list[str]) -> Iterator[None]:
    """Write down every statement that is sent to any database."""

    def listen(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", listen)


def test_names_of_accounts_do_not_show_in_the_time_an_answer_takes(staffed: Container) -> None:
    # Known and unknown names take the same steps: the same statements, one slow hash, one count.
    steps: list[list[str]] = []
    for name in (NAMES[Role.AUDITOR], "nobody.of.this.name"):
        seen: list[str] = []
        with recorded(seen), pytest.raises(SignInRefused):
            staffed.sign_in.by_password(name, PASSWORD + "x")
        steps.append(seen)
    assert steps[0] == steps[1]
