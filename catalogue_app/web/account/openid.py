"""Signing in at the OpenID provider: the way there and back; the account is the one linked to the person it names."""

from http import HTTPStatus
from typing import Final

import structlog
from flask import redirect, request, session
from flask.typing import ResponseReturnValue

from catalogue_app.domain.errors import NotFound
from catalogue_app.services.openid import ProviderFailed
from catalogue_app.services.sign_in import SignInRefused
from catalogue_app.web import sessions
from catalogue_app.web.account.entrance import sign_in_page
from catalogue_app.web.account.returning import asked_for
from catalogue_app.web.context import services
from catalogue_app.web.forms import Flaws, flaw_of
from catalogue_app.web.portal.addresses import page

_JOURNEY: Final = "openid_journey"
_AFTER: Final = "openid_after"
_log: Final = structlog.get_logger()


def leave() -> ResponseReturnValue:
    """Send the browser to the provider."""
    openid = services().openid
    if not openid.label:
        raise NotFound
    try:
        journey = openid.send(f"{services().settings.web.address}{page('openid_back')}")
    except ProviderFailed as error:
        return _refused(error)
    session[_JOURNEY], session[_AFTER] = dict(journey.kept), asked_for()
    return redirect(journey.address, HTTPStatus.SEE_OTHER)


def come_back() -> ResponseReturnValue:
    """Let in whom the provider names, if an account is linked to them."""
    kept, after = session.pop(_JOURNEY, {}), session.pop(_AFTER, "")
    try:
        subject = services().openid.receive(kept, request.args)
        account = services().sign_in.by_subject(subject)
    except (ProviderFailed, SignInRefused) as error:
        return _refused(error)
    sessions.sign_in(account, "openid")
    return redirect(after or page("account"), HTTPStatus.SEE_OTHER)


def _refused(error: ProviderFailed | SignInRefused) -> ResponseReturnValue:
    _log.warning("openid_refused", why=str(error))
    return sign_in_page(Flaws([flaw_of(error, "name")])), HTTPStatus.UNPROCESSABLE_ENTITY
