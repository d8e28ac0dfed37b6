"""Signing in at an OpenID provider: who is linked gets in, whoever forged any part of it does not."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey

from catalogue_app.domain.account import Role
from catalogue_app.services.accounts import NewAccount
from catalogue_app.web.app import create_app
from tests.accounts.conftest import GENEROUS
from tests.accounts.provider import CLIENT_ID, CLIENT_SECRET, Provider, a_provider
from tests.living import open_catalogue


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with a_provider() as made:
        yield made


@pytest.fixture(scope="module")
def linked_app(provider: Provider, staffed_dir: Path) -> Flask:
    settings = {"issuer": provider.issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "label": "统一认证"}
    container = open_catalogue(staffed_dir, **GENEROUS, **{f"openid_{name}": value for name, value in settings.items()})
    told = NewAccount(name="linked.one", role=Role.AUDITOR, subject="person-1")
    container.accounts.create(told, password=None, actor="test")
    return create_app(container)


@pytest.fixture
def visitor(linked_app: Flask, provider: Provider) -> FlaskClient:
    provider.subject, provider.spoil, provider.signs_with = "person-1", {}, None
    return linked_app.test_client()


def travel(client: FlaskClient, path: str = "/sign-in/openid") -> str:
    """Go to the provider and return the address it sends the browser back to."""
    left = client.get(path)
    assert left.status_code == 303
    back = httpx.get(left.location).headers["Location"]
    parts = urlsplit(back)
    return f"{parts.path}?{parts.query}"


def test_who_is_linked_gets_in_and_returns_to_where_they_were(visitor: FlaskClient) -> None:
    assert "用统一认证登录" in visitor.get("/sign-in").get_data(as_text=True)
    answer = visitor.get(travel(visitor, "/en/sign-in/openid?next=/en/account/tokens/new"))
    assert (answer.status_code, answer.location) == (303, "/en/account/tokens/new")
    assert "linked.one" in visitor.get("/account").get_data(as_text=True)


@pytest.mark.parametrize(
    "spoil",
    [
        {"nonce": "another"},
        {"aud": "somebody else"},
        {"iss": "https://evil.example"},
        {"exp": 1_000_000_000},
        {"sub": ""},
        {"sub": "person-2"},
    ],
    ids=str,
)
def test_an_identity_that_does_not_hold_lets_nobody_in(
    visitor: FlaskClient, provider: Provider, spoil: dict[str, object]
) -> None:
    provider.spoil = dict(spoil)
    assert visitor.get(travel(visitor)).status_code == 422
    assert visitor.get("/account").status_code == 303


def test_a_signature_of_another_key_lets_nobody_in(visitor: FlaskClient, provider: Provider) -> None:
    provider.signs_with = RSAKey.generate_key(2048, {"kid": "k1"})
    assert visitor.get(travel(visitor)).status_code == 422


def test_who_was_not_sent_cannot_come_back(visitor: FlaskClient, linked_app: Flask) -> None:
    stolen = travel(visitor)
    victim = linked_app.test_client()
    assert victim.get(stolen).status_code == 422
    assert victim.get("/account").status_code == 303
    assert visitor.get(stolen.replace("state=", "state=x")).status_code == 422
    assert visitor.get(stolen).status_code == 422, "a journey ends once"


def test_without_a_provider_there_is_no_way_to_one(browser: FlaskClient) -> None:
    assert "openid" not in browser.get("/sign-in").get_data(as_text=True)
    assert browser.get("/sign-in/openid").status_code == 404
    assert browser.get("/sign-in/openid/back?code=x&state=y").status_code == 422
