"""A small catalogue with one account a role, and browsers on it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from catalogue_app.container import Container
from catalogue_app.domain.account import Role
from catalogue_app.web.app import create_app
from tests.accounts.people import NAMES, begin_codes_after, hire, sign_in
from tests.api.small_catalogue import fill
from tests.living import open_catalogue

GENEROUS = {"web_sign_in_limit": "10000 per minute", "web_write_limit": "10000 per minute"}


@pytest.fixture(scope="session")
def staffed_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("staffed")
    container = open_catalogue(folder)
    fill(container)
    begin_codes_after(container, 40)
    hire(container)
    return folder


@pytest.fixture(scope="session")
def staffed(staffed_dir: Path) -> Container:
    return open_catalogue(staffed_dir, **GENEROUS)


@pytest.fixture(scope="session")
def staffed_app(staffed: Container) -> Flask:
    app = create_app(staffed)
    app.testing = True
    return app


@pytest.fixture
def browser(staffed_app: Flask) -> FlaskClient:
    """A browser of somebody who has not signed in."""
    return staffed_app.test_client()


@pytest.fixture
def signed_in(staffed_app: Flask) -> Callable[[Role], FlaskClient]:
    """Return a browser of somebody of a role who signed in."""

    def enter(role: Role) -> FlaskClient:
        client = staffed_app.test_client()
        assert sign_in(client, NAMES[role]).status_code == 303
        return client

    return enter
