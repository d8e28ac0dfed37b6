"""The search page: hits with what matched, filters with counts, orders, pages, and ways on from nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, final

from flask import redirect, render_template, request
from werkzeug import Response

from catalogue_app.services.search import SearchPage
from catalogue_app.web.api_v1.facets import names_of
from catalogue_app.web.context import audience, language, services
from catalogue_app.web.portal import terms, words
from catalogue_app.web.portal.addresses import here, page, with_query
from catalogue_app.web.portal.question import SHOWN_FACETS, Question, read_question, unknown_in
from catalogue_app.web.portal.turns import turns_from
from catalogue_app.web.problems import BadParameters, Flaw
from indexing.fields import FacetField, Sort

_OPEN_LISTS: Final = frozenset({FacetField.FORMAT, FacetField.DISTRICT})
"""Facets whose values no table closes."""

Names = Mapping[FacetField, Mapping[str, str]]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value of a facet, or one chosen condition.

    Attributes:
        name: the facet.
        address: the same search with this value switched.
        count: entries that have it; 0 for a chosen condition that nothing meets.
    """

    name: str
    value: str
    label: str
    address: str
    count: int
    is_chosen: bool


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """One facet with its values, chosen ones first, then the most frequent."""

    name: str
    choices: tuple[Choice, ...]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order of the results."""

    name: str
    address: str
    is_chosen: bool


def search() -> str | Response:
    """Search, and show what was found; an address with parameters of other sites is mended first."""
    if unknown := unknown_in(request.args):
        kept = [(name, text) for name, text in request.args.items(multi=True) if name not in unknown]
        return redirect(with_query(here(), kept))
    question = read_question(request.args)
    names = {field: names_of(field, language()) for field in {*SHOWN_FACETS, *question.filters}}
    _refuse_unknown(question, names)
    found = services().search.search(question.ask(audience()))
    cards = services().catalogue.cards((hit.entry, hit.organ) for hit in found.hits)
    return render_template(
        "pages/search.html",
        question=question,
        found=found,
        hits=list(zip(found.hits, cards, strict=True)),
        chosen=list(_chosen(question, names)),
        facets=list(_facets(question, found, names)),
        sorts=_orders(question),
        turns=turns_from(question.place, found.next_cursor, question.at),
        canonical_address=with_query(page("search"), [("q", question.text)] if question.text else []),
        feed_address=with_query(page("search_feed"), question.parameters),
    )


def _refuse_unknown(question: Question, names: Names) -> None:
    closed = ((field, value) for field, value in question.chosen if field not in _OPEN_LISTS)
    strangers = [(field, value) for field, value in closed if value not in names[field]]
    if strangers:
        raise BadParameters(*(Flaw(parameter=name, code="unknown_value", value=value) for name, value in strangers))


def _facets(question: Question, found: SearchPage, names: Names) -> Iterator[Facet]:
    for field in SHOWN_FACETS:
        counts = {each.value: each.count for each in found.facets.get(field, ())}
        chosen = question.filters.get(field, ())
        values = [*chosen, *(value for value in counts if value not in chosen)]
        choices = (_choice(question, field, value, names, counts.get(value, 0)) for value in values)
        yield Facet(name=field, choices=tuple(choices))


def _chosen(question: Question, names: Names) -> Iterator[Choice]:
    return (_choice(question, field, value, names, 0) for field, value in question.chosen)


def _choice(question: Question, field: FacetField, value: str, names: Names, count: int) -> Choice:
    return Choice(
        name=field,
        value=value,
        label=_label(field, value, names[field]),
        address=question.toggled(field, value),
        count=count,
        is_chosen=value in question.filters.get(field, ()),
    )


def _label(field: FacetField, value: str, names: Mapping[str, str]) -> str:
    if field is FacetField.CATEGORY:
        return f"{words.category_mark(value)} {words.category_short(value)}"
    return value.upper() if field is FacetField.FORMAT else terms.as_label(names.get(value, value))


def _orders(question: Question) -> list[Order]:
    offered = [sort for sort in (Sort.RELEVANCE, Sort.UPDATED, Sort.CHANGED, Sort.TITLE) if _fits(sort, question)]
    return [Order(name=sort, address=question.with_sort(sort), is_chosen=sort is question.order) for sort in offered]


def _fits(sort: Sort, question: Question) -> bool:
    return sort is not Sort.RELEVANCE or bool(question.text)
