"""The order of relevance in the embedded engine: by score, of equal scores the newest first, page after page.

The engine breaks ties by the place of a document in its files, which depends on everything that was ever written. So
each document carries its newness as a weight too small to reach the next whole score, which the engine multiplies into
the score while it collects. That puts ties in order but for neighbours: a sixty-fourth of the running numbers shares a
step of newness. A page is therefore read with a margin around it, wide enough to hold what shares a score and a step
with its first and its last hit, and put in order here.
"""

from typing import Final

from tantivy import DocAddress, Query, Searcher

from indexing.embedded.schema import NEWNESS, SERIAL

_MARGIN: Final = 256
"""Hits read beside a page at first."""
_WIDER: Final = 8
"""Times as many, where those were not enough."""

Ranked = tuple[int, list[tuple[int, DocAddress]]]
"""Number of all hits, and score and address of those of the page."""


def ranked(searcher: Searcher, query: Query, place: int, limit: int) -> Ranked:
    """Return the hits that come after so many others."""
    margin = _MARGIN
    while True:
        start = max(0, place - margin)
        number = place - start + limit + margin
        found = searcher.search(query, number, offset=start, weight_by_field=NEWNESS)
        total = int(found.count)  # type: ignore[attr-defined]  # there, but the library's own types forget it
        scores = [float(score) for score, _ in found.hits]
        first, last = _equal_to_page(scores, place - start, limit)
        if first == last:
            return total, []
        if (first or not start) and (last < len(scores) or len(scores) < number):
            addresses = _in_order(searcher, scores[first:last], [address for _, address in found.hits[first:last]])
            page = slice(place - start - first, place - start - first + limit)
            return total, [(int(score), address) for score, address in addresses[page]]
        margin *= _WIDER


def _equal_to_page(scores: list[float], place: int, limit: int) -> tuple[int, int]:
    """Return where those equal to the first hit of a page begin, and where those equal to its last end.

    Args:
        scores: falling.
        place: of the first hit of the page among them.
        limit: hits of the page.
    """
    page = scores[place : place + limit]
    return (scores.index(page[0]), len(scores) - scores[::-1].index(page[-1])) if page else (0, 0)


def _in_order(searcher: Searcher, scores: list[float], addresses: list[DocAddress]) -> list[tuple[float, DocAddress]]:
    """Return hits by falling score, of equal ones by falling running number."""
    serials = searcher.fast_field_values(SERIAL, addresses)
    ranks = sorted(range(len(scores)), key=lambda it: (-scores[it], -int(serials[it] or 0)))
    return [(scores[it], addresses[it]) for it in ranks]
