"""Who asks, for what network, in which language: the only file that knows Flask's current application and request."""

from typing import Final, cast

from flask import Flask, current_app, g, request

from catalogue_app.container import Container
from catalogue_app.domain.visibility import Audience, lowest
from catalogue_app.web.language import Language, language_of

_KEY: Final = "catalogue"


def attach(app: Flask, container: Container) -> None:
    """Hand the composed services to an application, before its first request."""
    app.extensions[_KEY] = container


def services() -> Container:
    """Return the services of the application that answers."""
    return cast("Container", current_app.extensions[_KEY])  # Flask keeps extensions untyped


def audience() -> Audience:
    """Return who is asking, as far as visibility goes (art. 8): the network this instance serves, under its ceiling."""
    settings = services().settings
    return Audience.of_tier(lowest(settings.web.tier, settings.tier_ceiling))


def language() -> Language:
    """Return the language of the answer; asked hundreds of times a page, so found out once."""
    if "language" not in g:
        g.language = language_of(request)
    return cast("Language", g.language)  # what was put there


def name_request(request_id: str) -> None:
    """Remember the id of this request for its log lines and its answer."""
    g.request_id = request_id


def request_id() -> str:
    """Return the id of this request; empty before it has one."""
    return str(g.get("request_id", ""))
