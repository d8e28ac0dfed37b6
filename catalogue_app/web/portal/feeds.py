"""Atom feeds (RFC 4287) of what changed: the whole catalogue, an organ, a theme, a category, and any search."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from flask import Response, render_template, request

from catalogue_app.domain.selection import EVERYTHING, EntryFilter
from catalogue_app.services.catalogue_views import EntryCard
from catalogue_app.web.context import audience, services
from catalogue_app.web.messages import mark, say
from catalogue_app.web.portal.addresses import page, with_query
from catalogue_app.web.portal.passages import plain
from catalogue_app.web.portal.question import read_question
from catalogue_app.web.portal.subjects import Subject, category_subject, theme_subject
from catalogue_app.web.portal.turns import FIRST
from indexing.fields import Sort

_MOST: Final = 50
"""Entries of one feed."""


def changes() -> Response:
    """Feed what changed in the whole catalogue."""
    return _listed(EVERYTHING, say(mark("最近变更")), page("feed"), page("home"))


def organ(organ_id: str) -> Response:
    """Feed what changed in one organ's catalogue."""
    view = services().catalogue.organ(organ_id, audience())
    found = view.successor or view.organ  # who reads the feed of an organ that is no more goes on with its successor's
    wanted = EntryFilter(organs=frozenset({found.id}))
    return _listed(wanted, plain(found.name), page("organ_feed", organ_id=found.id), page("organ", organ_id=found.id))


def theme(code: str) -> Response:
    """Feed what changed in a theme."""
    return _of_subject(theme_subject(code))


def category(code: str) -> Response:
    """Feed what changed in a disclosure category."""
    return _of_subject(category_subject(code))


def search() -> Response:
    """Feed what changed among the entries that a search finds."""
    question = replace(read_question(request.args), sort=Sort.CHANGED, place=FIRST)
    found = services().search.search(replace(question.ask(audience()), facets=(), limit=_MOST))
    cards = services().catalogue.cards((hit.entry, hit.organ) for hit in found.hits)
    title = say(mark("检索：%(text)s"), text=question.text) if question.text else say(mark("检索目录"))
    return _feed(cards, title, with_query(page("search_feed"), question.parameters), question.address())


def _of_subject(subject: Subject) -> Response:
    return _listed(subject.wanted, subject.title, subject.feed, subject.address)


def _listed(wanted: EntryFilter, title: str, own: str, about: str) -> Response:
    return _feed(services().catalogue.entries(wanted, audience(), None, _MOST).cards, title, own, about)


def _feed(cards: Sequence[EntryCard], title: str, own: str, about: str) -> Response:
    text = render_template(
        "feeds/atom.xml", cards=cards, title=title, own=own, about=about, updated_at=_updated_at(cards)
    )
    return Response(text, content_type="application/atom+xml; charset=utf-8")


def _updated_at(cards: Sequence[EntryCard]) -> datetime:
    return max((card.entry.changed_at for card in cards), default=services().clock().replace(microsecond=0))
