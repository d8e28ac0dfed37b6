"""Pages that read the register: home, an entry and its history, organs, themes and disclosure categories."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from flask import render_template, request

from catalogue_app.domain.account import Power
from catalogue_app.domain.vocabulary import OrganKind
from catalogue_app.services.catalogue_views import OrganSummary
from catalogue_app.web.context import audience, language, may, services
from catalogue_app.web.messages import mark, say
from catalogue_app.web.portal import structured
from catalogue_app.web.portal.addresses import with_query
from catalogue_app.web.portal.remainder import remainder_of
from catalogue_app.web.portal.subjects import Subject, category_subject, theme_subject
from catalogue_app.web.portal.turns import read_place, turns_from
from catalogue_app.web.portal.ways import ways_of

_POPULAR: Final = (
    ("幼儿园", mark("幼儿园")),
    ("公积金", mark("公积金")),
    ("社保", mark("社保")),
    ("药店", mark("药店")),
    ("公交线路", mark("公交线路")),
    ("空气质量", mark("空气质量")),
)
"""What people look for most: the text searched, and the label shown."""


def home() -> str:
    """Show the search box and the catalogue at a glance."""
    overview = services().catalogue.overview(audience())
    return render_template(
        "pages/home.html",
        overview=overview,
        popular=[(text, say(label)) for text, label in _POPULAR],
        structured=[structured.of_catalogue(overview.entries)],
    )


def entry(code: str) -> str:
    """Show one entry: what it is, who answers for it, how new it is, how to get it."""
    catalogue = services().catalogue
    view = catalogue.entry(code, audience())
    ways = ways_of(view.entry.metadata)
    return render_template(
        "pages/entry.html",
        view=view,
        ways=ways,
        rest=remainder_of(view.entry.metadata),
        problems=catalogue.problems(view.entry, language()),
        related=catalogue.related(view.entry, audience()),
        structured=[structured.of_entry(view, ways)],
        explains=may(Power.WATCH_SOURCES) and (audience().supervises or view.organ.id in audience().organs),
    )


def history(code: str) -> str:
    """Show what each revision of an entry changed."""
    return render_template("pages/history.html", history=services().catalogue.history(code, audience()))


def organs() -> str:
    """Show the directory of organs by kind."""
    found = [summary for summary in services().catalogue.organs(audience()) if summary.organ.successor is None]
    return render_template("pages/organs.html", kinds=_by_kind(found), count=len(found))


def organ(organ_id: str) -> str:
    """Show one organ with its nine disclosure categories."""
    view = services().catalogue.organ(organ_id, audience())
    return render_template("pages/organ.html", view=view, structured=[structured.of_organ(view.organ)])


def themes() -> str:
    """Show all themes with their numbers of entries."""
    return render_template("pages/themes.html", overview=services().catalogue.overview(audience()))


def theme(code: str) -> str:
    """List the entries of a theme."""
    return _listing(theme_subject(code))


def categories() -> str:
    """Show the nine disclosure categories with their numbers of entries."""
    return render_template("pages/categories.html", overview=services().catalogue.overview(audience()))


def category(code: str) -> str:
    """List the entries of a disclosure category."""
    return _listing(category_subject(code))


def _listing(subject: Subject) -> str:
    place = read_place(request.args)
    found = services().catalogue.entries(subject.wanted, audience(), place.cursor)
    turns = turns_from(place, found.next_cursor, lambda there: with_query(subject.address, there.parameters))
    return render_template("pages/listing.html", subject=subject, list=found, turns=turns)


def _by_kind(found: Sequence[OrganSummary]) -> list[tuple[OrganKind, list[OrganSummary]]]:
    order = list(OrganKind)
    ranked = sorted(found, key=lambda summary: order.index(summary.organ.kind))
    return [(kind, list(group)) for kind, group in groupby(ranked, key=lambda summary: summary.organ.kind)]
