"""Sources: the list of them, one with its last runs, and what is done to it with one press."""

from http import HTTPStatus
from typing import Final
from uuid import UUID

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from catalogue_app.domain.account import Power
from catalogue_app.domain.errors import CatalogueError, NotFound
from catalogue_app.domain.ids import OrganId, SourceId
from catalogue_app.services.source_desk import SourceLine, SourceQuestion
from catalogue_app.services.source_views import SourceState
from catalogue_app.web.context import audience, language, require, services
from catalogue_app.web.paging import DEFAULT_LIMIT
from catalogue_app.web.portal.addresses import page, with_query
from catalogue_app.web.portal.turns import Place, read_place, turns_from
from catalogue_app.web.problems import BadParameters, Flaw

TREND: Final = 10
"""Runs that the marks of a trend stand for."""

_MOST_SOURCES: Final = 100_000


def sources() -> ResponseReturnValue:
    """List the sources that who asks may look at, first what needs a person."""
    account = require(Power.WATCH_SOURCES)
    wanted, place = _read_question(request.args), read_place(request.args)
    start = _read_start(place)
    found = services().source_desk.list(account, audience(), wanted, start=start, limit=DEFAULT_LIMIT)
    following = start + DEFAULT_LIMIT
    turns = turns_from(
        place, str(following) if following < found.total else None, lambda there: _address(wanted, there)
    )
    return render_template("desk/sources.html", found=found, wanted=wanted, turns=turns, trend=TREND)


def source(source_id: str) -> ResponseReturnValue:
    """Show one source: how it is doing, when it comes next, how it is set, its last runs."""
    return source_page(seen_source(source_id))


def source_page(line: SourceLine, refusal: CatalogueError | None = None) -> ResponseReturnValue:
    """Write the page of a source, with why something that was asked of it could not be done."""
    words = services().reference.messages.problem
    told = words(refusal.code, language().value, **refusal.parameters) if refusal else None
    answer = render_template(
        "desk/source.html",
        line=line,
        view=line.view,
        secret=services().source_secrets.kept(line.view.source.id),
        people=services().accounts.people(),
        told=told,
        done=request.args.get("done", ""),
        trend=TREND,
    )
    return answer, HTTPStatus.CONFLICT if refusal else HTTPStatus.OK


def run_now(source_id: str) -> ResponseReturnValue:
    """Let a source be harvested as soon as a place is free."""
    account, line = require(Power.RUN_SOURCES), seen_source(source_id)
    try:
        services().sources.ask(line.view.source.id, actor=account.actor)
    except CatalogueError as error:
        return source_page(line, error)
    return redirect(page("source", source_id=source_id, done="asked"), HTTPStatus.SEE_OTHER)


def switch(source_id: str) -> ResponseReturnValue:
    """Take a source out of the schedule, or put it back."""
    account, line = require(Power.KEEP_SOURCES), seen_source(source_id)
    act = services().sources.resume if "on" in request.form else services().sources.pause
    act(line.view.source.id, actor=account.actor)
    done = "resumed" if "on" in request.form else "paused"
    return redirect(page("source", source_id=source_id, done=done), HTTPStatus.SEE_OTHER)


def seen_source(source_id: str) -> SourceLine:
    """Return the source of an address, if who asks may look at it.

    Raises:
        NotFound: there is none, or it is not theirs to look at.
    """
    return services().source_desk.source(require(Power.WATCH_SOURCES), audience(), read_source_id(source_id))


def read_source_id(text: str) -> SourceId:
    """Read the id of a source from an address.

    Raises:
        NotFound: it is none.
    """
    try:
        return SourceId(UUID(text))
    except ValueError as error:
        raise NotFound("source_not_found", source=text[:80]) from error


def _read_question(sent: MultiDict[str, str]) -> SourceQuestion:
    state, organ = sent.get("state", ""), sent.get("organ", "")
    if state and state not in set(SourceState):
        raise BadParameters(Flaw(parameter="state", code="unknown_value", value=state, allowed=tuple(SourceState)))
    if organ and OrganId(organ) not in services().catalogue.register():
        raise BadParameters(Flaw(parameter="organ", code="unknown_value", value=organ))
    return SourceQuestion(state=SourceState(state) if state else None, organ_id=OrganId(organ) if organ else None)


def _read_start(place: Place) -> int:
    cursor = place.cursor or "0"
    if not (cursor.isascii() and cursor.isdecimal() and int(cursor) < _MOST_SOURCES):
        raise BadParameters(Flaw(parameter="cursor", code="invalid_cursor", value=cursor))
    return int(cursor)


def _address(wanted: SourceQuestion, place: Place) -> str:
    state = [("state", wanted.state.value)] if wanted.state else []
    organ = [("organ", str(wanted.organ_id))] if wanted.organ_id else []
    return with_query(page("sources"), [*state, *organ, *place.parameters])
