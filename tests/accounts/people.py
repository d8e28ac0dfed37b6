"""People of the small catalogue: one account a role, all with the same password."""

import re
from collections.abc import Mapping
from itertools import product
from typing import Final

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from catalogue_app.container import Container
from catalogue_app.domain.account import Role
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.services.accounts import NewAccount

PASSWORD: Final = "correct horse battery staple"  # noqa: S105 — of people who do not exist
TOKEN: Final = re.compile(r'name="csrf_token" value="([^"]+)"')
NAMES: Final[Mapping[Role, str]] = {role: f"{role.value.replace('_', '.')}.one" for role in Role}


def hire(container: Container) -> None:
    """Make one account a role; those of an organ are of `edu`."""
    for role, name in NAMES.items():
        organ = "edu" if role.is_of_organ else ""
        told = NewAccount(name=name, role=role, organ=organ, person=f"某{role.value}", email=f"{name}@example.cn")
        container.accounts.create(told, password=PASSWORD, actor="test")


def begin_codes_after(container: Container, last: int) -> None:
    """Let the catalogue's own codes begin after those that a test made up."""
    with container.uow() as work:
        for tier, _ in product(Tier, range(last)):
            work.entries.allot(tier)
        work.commit()


def form_token(client: FlaskClient, path: str) -> str:
    """Return the token of the first form on a page."""
    found = TOKEN.search(client.get(path).get_data(as_text=True))
    assert found is not None, path
    return found[1]


def send(client: FlaskClient, path: str, *, shown_on: str | None = None, **fields: object) -> TestResponse:
    """Fill in the form of a page and send it."""
    return fill(client, path, fields, shown_on=shown_on)


def fill(client: FlaskClient, path: str, fields: Mapping[str, object], *, shown_on: str | None = None) -> TestResponse:
    """Fill in the form of a page and send it."""
    token = form_token(client, shown_on or path)
    return client.post(path, data={"csrf_token": token, **fields})


def sign_in(client: FlaskClient, name: str, password: str = PASSWORD, path: str = "/sign-in") -> TestResponse:
    return send(client, path, name=name, password=password)
