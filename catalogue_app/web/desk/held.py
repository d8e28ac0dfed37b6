"""A held run before a named person: what it waits with, and what the person accepts of it."""

from http import HTTPStatus
from typing import Final

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from catalogue_app.domain.account import Account, Power
from catalogue_app.domain.errors import CatalogueError, Conflict, InvalidInput
from catalogue_app.domain.ids import RunId
from catalogue_app.services.harvest_preview import EntryChange
from catalogue_app.services.quarantine import Choice
from catalogue_app.services.source_desk import RunView
from catalogue_app.web.context import language, require, services
from catalogue_app.web.desk.previewing import visible
from catalogue_app.web.desk.runs import seen_run
from catalogue_app.web.forms import Flaws, flaw_of, typed
from catalogue_app.web.portal.addresses import page

_SHOWN: Final = 500
"""Changes that can be chosen one by one on one page."""


def decision(run_id: str) -> ResponseReturnValue:
    """Show what a held run waits with; accept it whole or in part, or reject it."""
    account, view, flaws = require(Power.KEEP_SOURCES), seen_run(run_id), Flaws()
    if not view.run.is_waiting:
        return redirect(page("run", run_id=run_id), HTTPStatus.SEE_OTHER)
    changes, hidden = visible(services().quarantine.changes(view.run.id), view.source)
    if request.method == "POST":
        try:
            _decide(account, view.run.id, hidden)
        except CatalogueError as error:
            flaws = Flaws([flaw_of(error, "reason" if "reject" in request.form else "changes")])
        else:
            return redirect(page("run", run_id=run_id, done="decided"), HTTPStatus.SEE_OTHER)
    return _page(view, changes, hidden, flaws)


def _decide(account: Account, run_id: RunId, hidden: int) -> None:
    """Carry out what the pressed button says.

    Raises:
        InvalidInput: nothing is chosen, or the whole holds what the person may not see.
        Conflict: it waits no more.
    """
    harvesting = services().harvesting
    if "reject" in request.form:
        services().quarantine.reject(run_id, by=account.actor, reason=typed("reason", 1_000))
        return
    if "chosen" in request.form:
        choice = Choice(identifiers=frozenset(request.form.getlist("change")))
        if not choice.identifiers:
            raise InvalidInput("nothing_chosen", run=str(run_id))
    elif hidden:
        raise Conflict("held_above_reach", number=hidden)
    else:
        choice = Choice(as_renamed="renamed" in request.form)
    harvesting.begin_accept(run_id, choice, actor=account.actor)


def _page(view: RunView, changes: list[EntryChange], hidden: int, flaws: Flaws) -> ResponseReturnValue:
    words = services().reference.problem
    answer = render_template(
        "desk/decision.html",
        view=view,
        held=services().quarantine.one(view.run.id),
        changes=changes[:_SHOWN],
        left_out=max(len(changes) - _SHOWN, 0),
        hidden=hidden,
        chosen=set(request.form.getlist("change")),
        reason=typed("reason", 1_000),
        said=lambda one: words(one.code, language().value, value=one.value, element=one.element),
        flaws=flaws,
    )
    return answer, HTTPStatus.UNPROCESSABLE_ENTITY if flaws else HTTPStatus.OK
