"""The audit log for auditors: who did what, when, and what stood there before; as a table, and proof of its chain."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from catalogue_app.domain.audit import ACTS, AuditFilter
from catalogue_app.domain.clock import CITY_ZONE
from catalogue_app.web.administration.acts import act_name
from catalogue_app.web.context import audience, services
from catalogue_app.web.portal.addresses import page, with_query
from catalogue_app.web.portal.turns import Parameters, Place, read_place, turns_from
from catalogue_app.web.problems import BadParameters, Flaw

_PAGE_SIZE: Final = 50
_LONGEST: Final = 120
_FIELDS: Final = ("actor", "action", "subject", "since", "until")
_A_DAY: Final = timedelta(days=1)


def log() -> str:
    """List the lines wanted, newest first."""
    asked, place = _asked(request.args), read_place(request.args)
    found = services().audit.page(_filter(asked), audience(), place.cursor, _PAGE_SIZE)
    chosen: Parameters = [(name, value) for name, value in asked.items() if value]

    def at(there: Place) -> str:
        return with_query(page("audit"), [*chosen, *there.parameters])

    return render_template(
        "administration/audit.html",
        found=found,
        asked=asked,
        actions=[(action, act_name(action)) for action in sorted(ACTS)],
        act_name=act_name,
        person=services().accounts.people(),
        export=with_query(page("audit_table"), chosen),
        turns=turns_from(place, found.next_cursor, at),
    )


def table() -> ResponseReturnValue:
    """Give the lines wanted as CSV."""
    wanted = _filter(_asked(request.args))
    lines = services().audit.table(wanted, audience(), services().accounts.people())
    answer = Response(lines, content_type="text/csv; charset=utf-8")
    answer.headers.set("Content-Disposition", "attachment", filename="audit.csv")
    return answer


def chain() -> str:
    """Walk the chain of digests, and say whether every line is as it was written."""
    verdict, is_whole = services().audit.verify(), services().audit.is_whole_for(audience())
    return render_template("administration/chain.html", verdict=verdict, is_whole=is_whole)


def trail(code: str) -> str:
    """Show the desk who did what to an entry, and to what was proposed for it."""
    view = services().catalogue.entry(code, audience())
    return render_template(
        "administration/trail.html",
        view=view,
        lines=services().audit.trail(code, audience()),
        is_whole=services().audit.is_whole_for(audience()),
        act_name=act_name,
        person=services().accounts.people(),
    )


def _asked(sent: MultiDict[str, str]) -> Mapping[str, str]:
    return {name: sent.get(name, "").strip()[:_LONGEST] for name in _FIELDS}


def _filter(asked: Mapping[str, str]) -> AuditFilter:
    since, until = (_day(name, asked[name]) for name in ("since", "until"))
    return AuditFilter(
        actor=asked["actor"],
        action=asked["action"],
        subject=asked["subject"],
        since=_beginning(since) if since else None,
        until=_beginning(until + _A_DAY) if until and until < date.max else None,
    )


def _day(name: str, text: str) -> date | None:
    """Read a day of a filter.

    Raises:
        BadParameters: it is none.
    """
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadParameters(Flaw(parameter=name, code="not_a_date", value=text)) from error


def _beginning(day: date) -> datetime:
    return datetime.combine(day, time(), CITY_ZONE)
