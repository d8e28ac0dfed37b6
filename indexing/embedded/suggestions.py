"""Completing what is being typed, and titles that are like it, from the keys that every document brings."""

from typing import Final

from tantivy import Query, Searcher

from indexing.embedded.schema import SEPARATOR, SUGGEST
from indexing.language import Language
from indexing.results import Suggestion

_TRIED: Final = 8
"""Keys looked at for each suggestion wanted: a title has several keys."""
_CANDIDATES: Final = 200
"""Keys looked at for each beginning of what may have been meant."""


def suggest(searcher: Searcher, seen: Query, language: Language, prefix: str, limit: int) -> tuple[Suggestion, ...]:
    """Complete a text from what an audience sees; frequent and short ones first."""
    folded = language.analyser.normalise(prefix).strip()
    if not folded or limit < 1:
        return ()
    terms = searcher.terms_with_prefix(SUGGEST, folded, seen, limit * _TRIED)
    found: dict[str, Suggestion] = {}
    for term, count in sorted(terms, key=lambda one: (-one[1], len(one[0]))):
        _, kind, text = term.split(SEPARATOR, 2)
        if count and text not in found:
            found[text] = Suggestion(text=text, kind=kind)
    return tuple(found.values())[:limit]


def like_titles(searcher: Searcher, seen: Query, language: Language, text: str) -> set[str]:
    """Return titles and names an audience sees that share a beginning with one of the words, or its sound."""
    analyser = language.analyser
    folded = analyser.normalise(text)
    starts = {folded[:1], *(word[:1] for word in analyser.cut(folded)), "".join(analyser.sounds(folded)[:2])} - {""}
    found = (searcher.terms_with_prefix(SUGGEST, start, seen, _CANDIDATES) for start in sorted(starts))
    return {term.rpartition(SEPARATOR)[2] for terms in found for term, count in terms if count}
