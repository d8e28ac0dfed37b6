"""The page by which an organ is closed and another takes it over: chosen, looked at with its figures, and confirmed."""

from datetime import date
from http import HTTPStatus
from typing import Final

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from catalogue_app.domain.account import Power
from catalogue_app.domain.clock import today
from catalogue_app.domain.errors import CatalogueError, InvalidInput, NotFound
from catalogue_app.domain.ids import OrganId
from catalogue_app.services.succession import SuccessionReport
from catalogue_app.web.administration.shared_work import ask_for_rebuild
from catalogue_app.web.context import audience, require, services
from catalogue_app.web.forms import Flaws, flaw_of
from catalogue_app.web.portal.addresses import page

_DAYS: Final = frozenset({"organ_succession_ahead", "organ_ends_before_it_begins", "organ_day_wrong"})
"""Refusals about the day; all others are about the successor."""


def succession(organ_id: str) -> ResponseReturnValue:
    """Ask who takes an organ over and since when; show what would move; on a second word, move it."""
    keeper = require(Power.KEEP_ORGANS)
    services().organs.by_id(organ_id)  # an address of none is no page
    to, on = request.values.get("to", "").strip()[:64], request.values.get("on", "").strip()[:10]
    flaws, report = Flaws(), None
    try:
        if request.method == "POST":
            done = services().succession.succeed(organ_id, to, audience(), actor=keeper.actor, on=_day(on))
            ask_for_rebuild()
            return redirect(page("change_organ", organ_id=done.new.id, done="succeeded"), HTTPStatus.SEE_OTHER)
        report = services().succession.preview(organ_id, to, audience(), on=_day(on)) if to else None
    except NotFound as error:
        flaws = Flaws([flaw_of(error, "to")])
    except CatalogueError as error:
        flaws = Flaws([flaw_of(error, "on" if error.code in _DAYS else "to")])
    return _page(organ_id, to, on, flaws, report), HTTPStatus.UNPROCESSABLE_ENTITY if flaws else HTTPStatus.OK


def _day(text: str) -> date:
    if not text:
        return today(services().clock)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput("organ_day_wrong", value=text) from error


def _page(organ_id: str, to: str, on: str, flaws: Flaws, report: SuccessionReport | None) -> str:
    register = {organ.id: organ for organ in services().organs.all()}
    return render_template(
        "administration/organ_succession.html",
        organ=register[OrganId(organ_id)],
        organs=[one for one in register.values() if one.successor is None and one.id != organ_id],
        to=to,
        on=on or today(services().clock).isoformat(),
        flaws=flaws,
        report=report,
    )
