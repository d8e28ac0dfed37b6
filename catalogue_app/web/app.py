"""The application: pages, API and health checks around one container of services."""

import string
from typing import TYPE_CHECKING, Any, Final, final
from urllib.parse import quote

import orjson
from flask import Flask, Request
from flask.json.provider import JSONProvider

from catalogue_app.container import Container
from catalogue_app.web.account.routes import PAGES as ACCOUNT_PAGES
from catalogue_app.web.administration.routes import PAGES as ADMINISTRATION_PAGES
from catalogue_app.web.api_v1.groups import GROUPS
from catalogue_app.web.assets import register_assets
from catalogue_app.web.compression import register_compression
from catalogue_app.web.context import attach
from catalogue_app.web.desk.routes import PAGES as DESK_PAGES
from catalogue_app.web.endpoint import register_api
from catalogue_app.web.errors import register_errors
from catalogue_app.web.forms import register_forms
from catalogue_app.web.guard import Inside, register_bodies
from catalogue_app.web.headers import register_headers
from catalogue_app.web.health import HEALTH
from catalogue_app.web.limits import Limits
from catalogue_app.web.measuring import register_measuring
from catalogue_app.web.portal.routes import register_portal
from catalogue_app.web.sessions import register_sessions
from catalogue_app.web.workspace.routes import PAGES as WORKSPACE_PAGES

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

INSIDE: Final[tuple[Inside, ...]] = (*WORKSPACE_PAGES, *DESK_PAGES, *ADMINISTRATION_PAGES, *ACCOUNT_PAGES)
"""Every page behind the sign-in and on the way to it, in the order of the bar."""

_PRINTABLE: Final = string.ascii_letters + string.digits + string.punctuation
_LARGEST_BODY: Final = 1 << 20
"""Bytes of a request's body: the widest form has some hundred items."""


def create_app(container: Container) -> Flask:
    """Build the application over composed services; several may live in one process."""
    app = Flask(__package__)
    app.request_class = _Request
    app.json = _Orjson(app)
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_BODY
    attach(app, container)
    register_measuring(app, container.instruments)
    register_compression(app)  # hooks on answers run last one first: compression comes after headers
    register_headers(app)
    register_errors(app)
    register_sessions(app, container)
    register_bodies(app)
    register_forms(app)
    register_assets(app)
    register_portal(app, INSIDE, Limits(app, container.settings.web))
    register_api(app, GROUPS, container.settings.municipality.name_en)
    app.register_blueprint(HEALTH)
    return app


@final
class _Request(Request):
    """A request whose query may hold bytes that no address should: they are read as if they came encoded."""

    def __init__(self, environ: "WSGIEnvironment", *args: Any, **options: Any) -> None:
        super().__init__(environ, *args, **options)
        self.query_string = quote(self.query_string, safe=_PRINTABLE).encode("ascii")


@final
class _Orjson(JSONProvider):
    """JSON by orjson: what JSON has no number for, such as NaN, is written as null."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Write a value; options of the standard library mean nothing here."""
        del kwargs
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Read a document."""
        del kwargs
        return orjson.loads(s)
