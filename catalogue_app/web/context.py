"""Who asks, for what network, in which language: the only file that knows Flask's current application and request."""

from collections.abc import Set as AbstractSet
from typing import Final, cast

from flask import Flask, current_app, g, request
from werkzeug.routing import MapAdapter

from catalogue_app.container import Container
from catalogue_app.domain.account import Account, Caller, Power
from catalogue_app.domain.errors import NotAllowed, NotSignedIn
from catalogue_app.domain.visibility import Audience, audience_of
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.web.language import Language, language_of

_KEY: Final = "catalogue"


def attach(app: Flask, container: Container) -> None:
    """Hand the composed services to an application, before its first request."""
    app.extensions[_KEY] = container


def services() -> Container:
    """Return the services of the application that answers."""
    return cast("Container", current_app.extensions[_KEY])  # Flask keeps extensions untyped


def routes() -> MapAdapter:
    """Return the addresses of the application that answers, as seen from this request."""
    return current_app.create_url_adapter(request) or current_app.url_map.bind("localhost")


def admit(caller: Caller | None, network: Tier) -> None:
    """Remember who asks, and by which network; until then everybody is a stranger from the portal."""
    settings = services().settings
    g.caller = caller
    g.audience = services().sign_in.audience(
        caller, network=network, served=settings.web.tier, ceiling=settings.tier_ceiling
    )


def audience() -> Audience:
    """Return who is asking, as far as visibility goes (art. 8); of a request that failed early, the least of all."""
    if "audience" in g:
        return cast("Audience", g.audience)  # what was put there
    return audience_of(None, network=Tier.PORTAL, served=Tier.PORTAL, ceiling=Tier.PORTAL, register={})


def caller() -> Caller | None:
    """Return who signed in, or whose token it is; None for a stranger."""
    return cast("Caller | None", g.get("caller"))  # what was put there


def require(power: Power) -> Account:
    """Return the account of who asks, if it may do acts of this kind.

    Raises:
        NotSignedIn: nobody signed in.
        NotAllowed: their role, or the scopes of their token, do not allow it.
    """
    who = caller()
    if who is None:
        raise NotSignedIn
    if power not in who.powers:
        raise NotAllowed(power=power)
    return who.account


def require_any(powers: AbstractSet[Power]) -> Account:
    """Return the account of who asks, if it may do acts of any of these kinds.

    Raises:
        NotSignedIn: nobody signed in.
        NotAllowed: their role, or the scopes of their token, allow none.
    """
    who = caller()
    if who is None:
        raise NotSignedIn
    if not powers & who.powers:
        raise NotAllowed
    return who.account


def require_token(power: Power) -> Account:
    """Return the account of a program, if its token may do acts of this kind; a browser's cookie says nothing here.

    Raises:
        NotSignedIn: no token came with the request.
        NotAllowed: the account's role, or the scopes of the token, do not allow it.
    """
    who = caller()
    if who is None or not who.is_by_token:
        raise NotSignedIn
    return require(power)


def may(power: Power) -> bool:
    """Say whether who asks may do acts of this kind: pages offer only what is allowed."""
    who = caller()
    return who is not None and power in who.powers


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
