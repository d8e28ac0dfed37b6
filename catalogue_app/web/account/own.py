"""The page of one's own account: password, second factor, API tokens."""

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from flask import redirect, render_template, request, session
from flask.typing import ResponseReturnValue

from catalogue_app.domain.account import Account, Power, Scope, useful_scopes
from catalogue_app.domain.errors import CatalogueError, InvalidInput
from catalogue_app.services.second_factor import address_for, new_totp_secret
from catalogue_app.web import sessions
from catalogue_app.web.context import require, services
from catalogue_app.web.forms import Flaws, flaw_of, typed
from catalogue_app.web.portal.addresses import page
from catalogue_app.web.portal.whose import site_name

_SETTING_UP: Final = "second_factor"
_SPANS: Final = (30, 90, 365)
"""Days a token may be made for."""


def overview() -> ResponseReturnValue:
    """Show the account, what it may do, its second factor and its tokens."""
    account = _owner()
    return render_template(
        "account/overview.html",
        account=account,
        organ=services().catalogue.register()[account.organ_id] if account.organ_id else None,
        tokens=services().accounts.tokens(account.id),
        done=request.args.get("done", ""),
    )


def password() -> ResponseReturnValue:
    """Set another password; every other browser is let out."""
    account, flaws = _owner(), Flaws()
    if request.method == "POST":
        try:
            present, chosen = request.form.get("present", ""), request.form.get("chosen", "")
            services().own_account.change_password(account, present, chosen)
        except InvalidInput as error:
            flaws = Flaws([flaw_of(error, "present" if error.code == "present_password_wrong" else "chosen")])
        else:
            sessions.sign_in(account, "password")
            return redirect(page("account", done="password"), HTTPStatus.SEE_OTHER)
    shortest = services().settings.accounts.shortest_password
    return _answer("account/password.html", flaws, shortest=shortest)


def second_factor() -> ResponseReturnValue:
    """Set an authenticator up: show its secret, and take the first code as proof that it is there."""
    account, own, flaws = _owner(), services().own_account, Flaws()
    if account.has_second_factor:
        return redirect(page("account"), HTTPStatus.SEE_OTHER)
    secret = own.open_seal(session.get(_SETTING_UP, "")) or new_totp_secret()
    if request.method == "POST":
        try:
            codes = own.confirm_second_factor(account, session.get(_SETTING_UP, ""), typed("code"))
        except InvalidInput as error:
            flaws = Flaws([flaw_of(error, "code")])
        else:
            session.pop(_SETTING_UP)
            return render_template("account/recovery.html", codes=codes)
    session[_SETTING_UP] = own.begin_second_factor(secret)
    address = address_for(secret, account.name, site_name())
    return _answer("account/second_factor.html", flaws, secret=secret, address=address)


def second_factor_off() -> ResponseReturnValue:
    """Do without a second factor from now on."""
    account, flaws = _owner(), Flaws()
    if request.method == "POST":
        try:
            services().own_account.end_second_factor(account, request.form.get("password", ""))
        except InvalidInput as error:
            flaws = Flaws([flaw_of(error, "password")])
        else:
            return redirect(page("account", done="second_factor_off"), HTTPStatus.SEE_OTHER)
    return _answer("account/second_factor_off.html", flaws)


def new_token() -> ResponseReturnValue:
    """Make an API token and show it, this once."""
    account, flaws = _owner(), Flaws()
    if request.method == "POST":
        try:
            made, text = services().accounts.new_token(
                account.id,
                label=typed("label"),
                scopes=frozenset(Scope(value) for value in request.form.getlist("scope") if value in set(Scope)),
                expires_at=_end(typed("days")),
                actor=account.actor,
            )
        except CatalogueError as error:
            flaws = Flaws([flaw_of(error, "label")])
        else:
            return render_template("account/token.html", made=made, text=text)
    return _answer(
        "account/new_token.html", flaws, scopes=useful_scopes(account.role), spans=_SPANS, label=typed("label")
    )


def revoke_token(prefix: str) -> ResponseReturnValue:
    """Make one of one's own tokens useless."""
    account = _owner()
    services().accounts.revoke(account.id, prefix, actor=account.actor)
    return redirect(page("account", done="token"), HTTPStatus.SEE_OTHER)


def _owner() -> Account:
    return require(Power.OWN_ACCOUNT)


def _end(days: str) -> datetime:
    span = int(days) if days in map(str, _SPANS) else _SPANS[0]
    return services().clock() + timedelta(days=span)


def _answer(template: str, flaws: Flaws, **values: object) -> ResponseReturnValue:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if flaws else HTTPStatus.OK
    return render_template(template, flaws=flaws, **values), status
