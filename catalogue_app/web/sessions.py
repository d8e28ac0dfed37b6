"""Who a request comes from: the session of a browser or an API token; the one use of Flask-Login.

A browser's cookie holds the secret of a session that the database knows; it is new at every sign-in, so that nobody can
hand it to somebody beforehand, and useless after sign-out, a change of the password or a lock of the account.
"""

from datetime import timedelta
from typing import Final, cast, final

from flask import Flask, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from catalogue_app.container import Container
from catalogue_app.domain.account import Account, Caller
from catalogue_app.web.context import admit, services
from catalogue_app.web.forms import TOKEN_FIELD
from catalogue_app.web.language import is_api
from catalogue_app.web.network import network_of

COOKIE: Final = "catalogue_session"
_BEARER: Final = "bearer"
_WHOSE: Final = "whose"
"""Key of the id of the account that signed in last; it outlives a session that ran out, and lets nobody in."""


@final
class _Visitor(UserMixin):  # type: ignore[misc]  # flask-login has no types
    """Somebody who signed in, as Flask-Login wants to see them."""

    def __init__(self, secret: str, caller: Caller) -> None:
        self.secret = secret
        self.caller = caller

    def get_id(self) -> str:
        """Return what the cookie holds: the secret of the session, never the id of the account."""
        return self.secret


def register_sessions(app: Flask, container: Container) -> None:
    """Find out who asks before every request of an application."""
    web, accounts = container.settings.web, container.settings.accounts
    app.secret_key = container.secret
    app.config.update(
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=not web.public_url.startswith("http://"),
        PERMANENT_SESSION_LIFETIME=timedelta(seconds=accounts.absolute_s),
    )
    manager = LoginManager(app)
    manager.session_protection = None  # the database ends sessions; browsers on trains change their address
    manager.user_loader(_visitor)
    app.before_request(_find_out)


def sign_in(account: Account, how: str) -> None:
    """Let the browser in: a new session, with nothing of the one before.

    Only forms that the same account left open when its session ran out can still be sent: what was typed is not lost.
    """
    secret, owner = services().sign_in.begin(account, how), str(account.id)
    token = session.get(TOKEN_FIELD) if session.get(_WHOSE) == owner else None
    session.clear()
    login_user(_Visitor(secret, Caller.in_person(account)))
    session.update({_WHOSE: owner} | ({TOKEN_FIELD: token} if token else {}))


def forget() -> None:
    """Forget what the session held, but for what the open forms of its last account need should that one return."""
    kept = {name: session[name] for name in (_WHOSE, TOKEN_FIELD) if _WHOSE in session and name in session}
    session.clear()
    session.update(kept)


def sign_out() -> None:
    """Let the browser out, here and in the database."""
    if current_user.is_authenticated:
        services().sign_in.end(current_user.get_id())
    logout_user()
    session.clear()


def _find_out() -> None:
    """Find out who asks: a browser by its cookie, a program by its token; files of ours ask nobody."""
    if request.endpoint == "static":
        return
    web = services().settings.web
    admit(None, network_of(request, web))
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if is_api(request.path) and scheme.lower() == _BEARER:
        admit(services().sign_in.of_token(token.strip()), network_of(request, web))
    elif COOKIE in request.cookies and current_user.is_authenticated:
        admit(cast("_Visitor", current_user).caller, network_of(request, web))


def _visitor(secret: str) -> _Visitor | None:
    caller = services().sign_in.of_session(secret)
    return _Visitor(secret, caller) if caller else None
