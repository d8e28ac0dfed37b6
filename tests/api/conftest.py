"""Two instances of the application over one small catalogue: one on the portal, one on the extranet."""

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from catalogue_app.domain.vocabulary import Tier
from tests.api.small_catalogue import application, fill
from tests.living import open_catalogue


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("catalogue")
    fill(open_catalogue(folder))
    return folder


@pytest.fixture(scope="session")
def portal_app(data_dir: Path) -> Flask:
    return application(data_dir, Tier.PORTAL)


@pytest.fixture(scope="session")
def extranet_app(data_dir: Path) -> Flask:
    return application(data_dir, Tier.EXTRANET)


@pytest.fixture
def portal(portal_app: Flask) -> FlaskClient:
    return portal_app.test_client()


@pytest.fixture
def extranet(extranet_app: Flask) -> FlaskClient:
    return extranet_app.test_client()
