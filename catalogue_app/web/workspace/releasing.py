"""Releases in the workspace: an editor prepares one, another person who may signs it."""

from http import HTTPStatus
from uuid import UUID

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from catalogue_app.domain.account import Account, Power
from catalogue_app.domain.errors import CatalogueError, NotFound
from catalogue_app.domain.release import ReleaseId
from catalogue_app.web.context import audience, may, require, services
from catalogue_app.web.forms import Flaws, flaw_of, typed
from catalogue_app.web.portal.addresses import page


def releasing() -> ResponseReturnValue:
    """List what waits to be signed and what is signed; prepare another."""
    account = require(Power.WORK_FOR_ORGAN)
    if request.method == "GET":
        return _list(account, Flaws())
    try:
        services().releases.prepare(account, typed("note", 1_000), audience())
    except CatalogueError as error:
        return _list(account, Flaws([flaw_of(error, "note")])), HTTPStatus.UNPROCESSABLE_ENTITY
    return redirect(page("releasing"), HTTPStatus.SEE_OTHER)


def act_on_release(release_id: str, act: str) -> ResponseReturnValue:
    """Sign a prepared release, or give it up."""
    account = require(Power.WORK_FOR_ORGAN)
    acts = {"sign": services().releases.sign, "discard": services().releases.discard}
    if act not in acts:
        raise NotFound
    try:
        acts[act](account, _read_id(release_id), audience())
    except NotFound:
        raise
    except CatalogueError as error:
        return _list(account, Flaws([flaw_of(error, "waiting")])), HTTPStatus.UNPROCESSABLE_ENTITY
    return redirect(page("releasing"), HTTPStatus.SEE_OTHER)


def _list(account: Account, flaws: Flaws) -> str:
    found, organ_id = services().releases, account.organ_id
    if organ_id is None:
        raise NotFound
    waiting = found.waiting(account, audience())
    return render_template(
        "workspace/releases.html",
        organ=services().catalogue.register()[organ_id],
        waiting=[(one, len(found.entries(one, audience()))) for one in waiting],
        signed=found.of_organ(organ_id, audience()),
        actor=account.actor,
        may_sign=may(Power.SIGN_RELEASE),
        person=services().accounts.people(),
        flaws=flaws,
        note=typed("note", 1_000),
    )


def _read_id(text: str) -> ReleaseId:
    try:
        return ReleaseId(UUID(text))
    except ValueError as error:
        raise NotFound("release_not_found") from error
