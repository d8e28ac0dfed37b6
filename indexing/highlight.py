"""Marks what was looked for in the text as its organ wrote it; folding never changes what is shown."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, final

from indexing.analysis import Analyser

_SNIPPET: Final = 120
"""Characters of an abstract that a list shows."""
_BEFORE: Final = 24
"""Of these, characters before the first match."""
_SHORTEST_PIECE: Final = 2


@final
@dataclass(frozen=True, slots=True)
class Segment:
    """A run of the original text; marked where it matches."""

    text: str
    is_match: bool


Segments = tuple[Segment, ...]


@final
class Highlighter:
    """Marks the terms of one question.

    Folding one character at a time ties each place of the folded text to its place in the original, so that widths,
    case and traditional forms match and still show as written.
    """

    def __init__(self, analyser: Analyser, terms: Iterable[str]) -> None:
        self._fold = analyser.normalise
        wanted = sorted({term for term in terms if term.strip()}, key=len, reverse=True)
        longer = [term for term in wanted if len(term) >= _SHORTEST_PIECE] or wanted
        self._pattern = re.compile("|".join(map(re.escape, longer))) if longer else None

    def mark(self, text: str) -> Segments:
        """Return the whole text, marked."""
        return tuple(self._segments(text, self._spans(text)))

    def snippet(self, text: str) -> Segments:
        """Return the part of a long text around its first match, marked, with `…` where it was cut."""
        spans = self._spans(text)
        start = max(0, spans[0][0] - _BEFORE) if spans and spans[0][1] > _SNIPPET else 0
        end = min(len(text), start + _SNIPPET)
        shown = [
            (max(first, start) - start, min(last, end) - start) for first, last in spans if first < end and last > start
        ]
        segments = list(self._segments(text[start:end], shown))
        before = [Segment("…", is_match=False)] if start else []
        after = [Segment("…", is_match=False)] if end < len(text) else []
        return (*before, *segments, *after)

    def is_in(self, text: str) -> bool:
        """Say whether anything in a text matches."""
        return bool(self._spans(text))

    def _spans(self, text: str) -> list[tuple[int, int]]:
        """Return where the original text matches, in order, none overlapping."""
        if self._pattern is None:
            return []
        folded, places = "", list[int]()
        for place, character in enumerate(text):
            piece = self._fold(character)
            folded += piece
            places += [place] * len(piece)
        return [(places[it.start()], places[it.end() - 1] + 1) for it in self._pattern.finditer(folded) if it[0]]

    @staticmethod
    def _segments(text: str, spans: list[tuple[int, int]]) -> Iterable[Segment]:
        place = 0
        for first, last in spans:
            if place < first:
                yield Segment(text[place:first], is_match=False)
            yield Segment(text[first:last], is_match=True)
            place = last
        if place < len(text) or not text:
            yield Segment(text[place:], is_match=False)
