"""The making of an answer, engine-neutral: how a question is read, what is shown, what was probably meant instead.

An engine gives a `View`: what one question sees of the index. Everything that decides lives here, so that two engines
differ in nothing but how they look things up.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, final

from indexing.fields import FacetField, Sort
from indexing.keys import SEPARATOR
from indexing.ladder import Reading, largest_part, read
from indexing.language import Language
from indexing.plan import Clause, Plan
from indexing.query import SearchQuery
from indexing.results import FacetCount, Hit, SearchResults, Suggestion

FACET_VALUES: Final = 1000
"""Most values one facet lists; a register has a few hundred organs."""
_TRIED: Final = 8
"""Keys looked at for each suggestion wanted: a title has several keys."""
_CANDIDATES: Final = 200
"""Keys looked at for each beginning of what may have been meant."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What an engine found for one reading of a question."""

    total: int
    hits: tuple[Hit, ...]
    next_cursor: str | None
    facets: Mapping[FacetField, tuple[FacetCount, ...]]


class View(Protocol):
    """What one question, of one audience, sees of an index."""

    def finds(self, clause: Clause) -> bool:
        """Say whether anything the audience sees meets a clause, whatever the filters."""
        ...

    def page(self, clause: Clause | None) -> Page:
        """Return the page asked for of what meets a clause and the filters; None for everything."""
        ...

    def begun(self, beginning: str, limit: int) -> Sequence[tuple[str, int]]:
        """Return suggestion keys that begin so, each with the number of entries the audience sees that have it."""
        ...


def answer(query: SearchQuery, plan: Plan, language: Language, view: View) -> SearchResults:
    """Answer a question.

    Raises:
        InvalidCursor: the cursor does not belong to this question.
    """
    reading = read(plan, view.finds)
    page = view.page(reading.clause)
    return SearchResults(
        total=page.total,
        hits=page.hits,
        facets=page.facets,
        next_cursor=page.next_cursor,
        is_relaxed=reading.is_relaxed,
        did_you_mean=_meant(query, plan, language, view) if _asks_back(query, reading, page.total) else None,
        terms=plan.terms,
    )


def order_of(query: SearchQuery, clause: Clause | None) -> Sort:
    """Return the order of an answer: where everything is asked for, nothing is more relevant than another."""
    return Sort.CHANGED if query.sort is Sort.RELEVANCE and clause is None else query.sort


def complete(language: Language, view: View, prefix: str, limit: int) -> tuple[Suggestion, ...]:
    """Complete a text from what an audience sees; frequent and short ones first."""
    folded = language.analyser.normalise(prefix).strip()
    if not folded or limit < 1:
        return ()
    found: dict[str, Suggestion] = {}
    for key, count in sorted(view.begun(folded, limit * _TRIED), key=lambda one: (-one[1], len(one[0]), one[0])):
        _, kind, text = key.split(SEPARATOR, 2)
        if count and text not in found:
            found[text] = Suggestion(text=text, kind=kind)
    return tuple(found.values())[:limit]


def counts_of(counted: Iterable[tuple[str, int]]) -> tuple[FacetCount, ...]:
    """Return the counts of a facet in their order: most frequent first, then by value."""
    counts = [FacetCount(value=value, count=count) for value, count in counted]
    return tuple(sorted(counts, key=lambda one: (-one.count, one.value)))


def _asks_back(query: SearchQuery, reading: Reading, total: int) -> bool:
    return bool(query.text.strip()) and (reading.is_generous or not total)


def _meant(query: SearchQuery, plan: Plan, language: Language, view: View) -> str | None:
    """Return what was probably meant: a like title, what the text is the beginning of, the part that finds most."""
    nearest = language.nearest(query.text, _like_titles(language, view, query.text))
    if nearest is not None:
        return nearest
    begun = complete(language, view, query.text, 1)
    return begun[0].text if begun else largest_part(plan, view.finds)


def _like_titles(language: Language, view: View, text: str) -> set[str]:
    """Return titles and names an audience sees that share a beginning with one of the words, or its sound."""
    analyser = language.analyser
    folded = analyser.normalise(text)
    starts = {folded[:1], *(word[:1] for word in analyser.cut(folded)), "".join(analyser.sounds(folded)[:2])} - {""}
    found = (view.begun(start, _CANDIDATES) for start in sorted(starts))
    return {key.rpartition(SEPARATOR)[2] for keys in found for key, count in keys if count}
