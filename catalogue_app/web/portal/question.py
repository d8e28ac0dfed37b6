"""What a visitor asks, as an address says it; every way on is the same address with one thing changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, final

from werkzeug.datastructures import MultiDict

from catalogue_app.domain.text import clean_line
from catalogue_app.domain.visibility import Audience
from catalogue_app.web.portal.addresses import page, with_query
from catalogue_app.web.portal.turns import FIRST, Place, read_place
from catalogue_app.web.problems import BadParameters, Flaw
from indexing.fields import FacetField, Sort
from indexing.query import SearchQuery

SHOWN_FACETS: Final = (
    FacetField.ORGAN,
    FacetField.THEME,
    FacetField.CATEGORY,
    FacetField.OPEN,
    FacetField.CYCLE,
    FacetField.FORMAT,
)
"""Facets offered on the page; the others may stand in an address and are shown as chosen."""

PAGE_SIZE: Final = 20
LONGEST_TEXT: Final = 200
_MOST_VALUES: Final = 50
_OWN: Final = ("q", "sort", "cursor", "before")
KNOWN: Final = frozenset({*_OWN, *FacetField})
"""Parameters that a search page understands."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One search: text, filters, order and place in the list.

    Attributes:
        filters: facet to the values chosen, alternatives of each other; facets without a value are left out.
        sort: the order asked for; None where nobody asked.
        place: where in the list.
    """

    text: str = ""
    filters: Mapping[FacetField, tuple[str, ...]]
    sort: Sort | None = None
    place: Place = FIRST

    @property
    def is_narrowed(self) -> bool:
        """Whether it is more than a text: such pages are not for search engines."""
        return bool(self.filters or self.sort or self.place.cursor)

    @property
    def chosen(self) -> Iterator[tuple[FacetField, str]]:
        """Yield every filter value, facet by facet in their one order: a question has one address."""
        return ((field, value) for field in FacetField for value in self.filters.get(field, ()))

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What a new text typed into the box keeps: filters and order."""
        kept = [(field.value, value) for field, value in self.chosen]
        return [*kept, ("sort", self.sort.value)] if self.sort else kept

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """Names and values as they stand in the address, without the place in the list."""
        return [*([("q", self.text)] if self.text else []), *self.kept]

    @property
    def without_filters(self) -> str:
        """Address of the same text with every filter gone."""
        return replace(self, filters={}, place=FIRST).address()

    def with_text(self, text: str) -> str:
        """Return the address of the same question about another text."""
        return replace(self, text=text, place=FIRST).address()

    def with_sort(self, sort: Sort) -> str:
        """Return the address of the same question in another order, from its first page."""
        return replace(self, sort=sort, place=FIRST).address()

    def toggled(self, field: FacetField, value: str) -> str:
        """Return the address with a filter value switched on or off, from the first page."""
        values = self.filters.get(field, ())
        others = tuple(each for each in values if each != value)
        wanted = others if value in values else (*values, value)
        filters = {name: wanted if name is field else self.filters.get(name, ()) for name in FacetField}
        chosen = {name: each for name, each in filters.items() if each}
        return replace(self, filters=chosen, place=FIRST).address()

    def at(self, place: Place) -> str:
        """Return the address of another place in the same list."""
        return replace(self, place=place).address()

    def address(self, name: str = "search") -> str:
        """Return the address of a page about this question in the language of the answer."""
        return with_query(page(name), [*self.parameters, *self.place.parameters])

    def ask(self, audience: Audience) -> SearchQuery:
        """Put the question to the search engine."""
        return SearchQuery(
            text=self.text,
            audience=audience,
            filters=self.filters,
            facets=SHOWN_FACETS,
            sort=self.order,
            limit=PAGE_SIZE,
            cursor=self.place.cursor,
        )

    @property
    def order(self) -> Sort:
        """The order in force: without a text, nothing is more relevant than what changed last."""
        if self.sort is None or (self.sort is Sort.RELEVANCE and not self.text):
            return Sort.RELEVANCE if self.text else Sort.CHANGED
        return self.sort


def read_question(sent: MultiDict[str, str]) -> Question:
    """Read the question from an address; unknown parameters do not matter here, see `unknown_in`.

    Raises:
        BadParameters: a value is too long, of no known order, or there are too many.
    """
    flaws = [*_too_long(sent), *_unknown_sort(sent)]
    filters = {field: _values(sent, field) for field in FacetField}
    flaws += [Flaw(parameter=field, code="too_long") for field, values in filters.items() if len(values) > _MOST_VALUES]
    if flaws:
        raise BadParameters(*flaws)
    return Question(
        text=clean_line(sent.get("q", "")),
        filters={field: values for field, values in filters.items() if values},
        sort=Sort(sent["sort"]) if sent.get("sort") else None,
        place=read_place(sent),
    )


def unknown_in(sent: MultiDict[str, str]) -> list[str]:
    """Return the parameters that mean nothing to a search page."""
    return [name for name in sent if name not in KNOWN]


def _values(sent: MultiDict[str, str], field: FacetField) -> tuple[str, ...]:
    texts = (part.strip() for text in sent.getlist(field.value) for part in text.split(","))
    return tuple(dict.fromkeys(text for text in texts if text))


def _too_long(sent: MultiDict[str, str]) -> list[Flaw]:
    return [Flaw(parameter="q", code="too_long")] if len(sent.get("q", "")) > LONGEST_TEXT else []


def _unknown_sort(sent: MultiDict[str, str]) -> list[Flaw]:
    sort = sent.get("sort", "")
    if not sort or sort in set(Sort):
        return []
    return [Flaw(parameter="sort", code="unknown_value", value=sort, allowed=tuple(Sort))]
