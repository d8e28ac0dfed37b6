"""The way in and out: sign in by password and one-time code, sign out, a forgotten and a first password."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Final
from uuid import UUID

from flask import redirect, render_template, request, session
from flask.typing import ResponseReturnValue

from catalogue_app.domain.account import Account, AccountId
from catalogue_app.domain.errors import InvalidInput, NotFound
from catalogue_app.services.mail import Letter
from catalogue_app.services.sign_in import SignInRefused
from catalogue_app.web import sessions
from catalogue_app.web.account.returning import PARAMETER, asked_for
from catalogue_app.web.context import caller, language, services
from catalogue_app.web.forms import Flaws, flaw_of, typed
from catalogue_app.web.messages import say
from catalogue_app.web.portal.addresses import page
from catalogue_app.web.portal.whose import site_name

_WAITING: Final = "waits_for_code"
_PATIENCE: Final = timedelta(minutes=5)


def sign_in() -> ResponseReturnValue:
    """Ask for name and password, and let in who has both; a second factor is asked for on its own page."""
    if request.method == "GET":
        return redirect(_onward()) if caller() else sign_in_page(Flaws())
    try:
        account = services().sign_in.by_password(typed("name"), request.form.get("password", ""))
    except SignInRefused as error:
        return sign_in_page(Flaws([flaw_of(error, "name")])), HTTPStatus.UNPROCESSABLE_ENTITY
    if not account.has_second_factor:
        return _let_in(account, "password")
    sessions.forget()
    session[_WAITING] = [str(account.id), services().clock().timestamp()]
    return redirect(page("sign_in_code", **{PARAMETER: asked_for() or None}), HTTPStatus.SEE_OTHER)


def sign_in_code() -> ResponseReturnValue:
    """Ask for the one-time code of somebody whose password was right a moment ago."""
    account_id = _who_waits()
    if account_id is None:
        return redirect(page("sign_in", **{PARAMETER: asked_for() or None}), HTTPStatus.SEE_OTHER)
    if request.method == "GET":
        return _code_page(Flaws())
    try:
        account = services().sign_in.by_code(account_id, typed("code"))
    except SignInRefused as error:
        return _code_page(Flaws([flaw_of(error, "code")])), HTTPStatus.UNPROCESSABLE_ENTITY
    return _let_in(account, "second_factor")


def sign_out() -> ResponseReturnValue:
    """Let the visitor out, to the home page."""
    sessions.sign_out()
    return redirect(page("home"), HTTPStatus.SEE_OTHER)


def forgotten() -> ResponseReturnValue:
    """Mail a link to who forgot their password; the answer is the same for a name that nobody has."""
    if request.method == "GET":
        return render_template("account/forgotten.html", is_asked=False)
    services().own_account.ask_for_reset(typed("name"), _letter())
    return render_template("account/forgotten.html", is_asked=True)


def set_password(secret: str) -> ResponseReturnValue:
    """Set a password by a one-time link."""
    account = services().own_account.owner_of_link(secret)
    if account is None:
        raise NotFound("link_does_not_work")
    if request.method == "GET":
        return _password_page(account, Flaws())
    try:
        services().own_account.set_password(secret, request.form.get("chosen", ""))
    except InvalidInput as error:
        return _password_page(account, Flaws([flaw_of(error, "chosen")])), HTTPStatus.UNPROCESSABLE_ENTITY
    sessions.sign_out()
    return redirect(page("sign_in", done="password"), HTTPStatus.SEE_OTHER)


def _let_in(account: Account, how: str) -> ResponseReturnValue:
    target = _onward()
    sessions.sign_in(account, how)
    return redirect(target, HTTPStatus.SEE_OTHER)


def _onward() -> str:
    return asked_for() or page("account")


def _who_waits() -> AccountId | None:
    """Return whose password was right at most five minutes ago, in this browser."""
    waiting = session.get(_WAITING)
    if not isinstance(waiting, list):
        return None
    account_id, since = waiting
    is_late = services().clock().timestamp() - since > _PATIENCE.total_seconds()
    return None if is_late else AccountId(UUID(account_id))


def sign_in_page(flaws: Flaws) -> str:
    """Show the way in, with what was wrong the last time."""
    return render_template(
        "account/sign_in.html",
        flaws=flaws,
        typed_name=typed("name"),
        after=asked_for(),
        provider=services().openid.label,
        is_password_set=request.args.get("done") == "password",
    )


def _code_page(flaws: Flaws) -> str:
    return render_template("account/sign_in_code.html", flaws=flaws, after=asked_for())


def _password_page(account: Account, flaws: Flaws) -> str:
    shortest = services().settings.accounts.shortest_password
    return render_template("account/set_password.html", account=account, flaws=flaws, shortest=shortest)


def _letter() -> Callable[[Account, str], Letter]:
    """Return the letter in the visitor's language, but for what is not known yet: whose it is, and its secret."""
    settings = services().settings
    subject = say("%(name)s：重设密码", name=site_name())
    text = say(
        "您好！有人（应当是您本人）要求重设账号%(account)s的密码。请在%(minutes)s分钟内打开下面的链接，设置新密码；"
        "如果不是您本人要求的，请不必理会，密码不会改变。",
        account="{account}",
        minutes=settings.accounts.reset_link_s // 60,
    )
    root = f"{settings.web.address}{language().prefix}/set-password/"
    return lambda account, secret: Letter(
        to=account.email, subject=subject, text=f"{text.replace('{account}', account.name)}\n\n{root}{secret}\n"
    )
