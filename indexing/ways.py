"""The ways in which a text may stand in an entry, each a clause with its weight."""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from indexing.analysis import characters, has_han
from indexing.plan import All, Clause, Near, Some, Term, TextField
from indexing.weights import (
    AS_TYPED,
    BREVITY,
    CHARACTER_BELOW,
    CHARACTER_IN_TITLE,
    PHRASE_BELOW,
    SKIPPED,
    SOUND_BELOW,
    SOUND_IN_TITLE,
    Written,
)

_SKIP_EACH: Final = 4
"""Moves between two characters of an abbreviation: 律所 skips three in 律师事务所, 非遗 four in 非物质文化遗产."""
_MOST_SKIPS: Final = 8
_LONGEST_SKIPPED: Final = 6
"""Characters of a text that may be such an abbreviation."""


def phrase(text: str) -> Clause:
    """Return the clause of a text in one piece, wherever it stands."""
    texts = tuple(characters(text))
    return Some(
        (Near(TextField.CHARS, texts, 0, AS_TYPED.in_title), Near(TextField.BODY_CHARS, texts, 0, PHRASE_BELOW))
    )


def in_title(text: str, how: Written) -> Iterator[Clause]:
    """Yield the clause of a title in which a text of several characters stands in one piece."""
    parts = tuple(characters(text))
    if len(parts) > 1:
        yield Near(TextField.CHARS, parts, 0, how.in_title)


def standing_out(text: str, how: Written) -> Iterator[Clause]:
    """Yield what lifts an entry that has a text: as a whole title or item, or in one piece in a title, short at best.

    None of it is needed for finding: words and pairs find all of it too.
    """
    yield Term(TextField.EXACT, "".join(characters(text)), how.whole)
    brief = tuple(Term(TextField.BREVITY, name, weight) for name, weight in BREVITY)
    for clause in in_title(text, how):
        yield All((clause, Some(brief)))


def skipping(text: str) -> Iterator[Clause]:
    """Yield the clause of a title that has these characters close together, such as 法律援助 for 法援."""
    parts = characters(text)
    if has_han(text) and 1 < len(parts) <= _LONGEST_SKIPPED:
        skips = min(_SKIP_EACH * (len(parts) - 1), _MOST_SKIPS)
        yield Near(TextField.CHARS, tuple(parts), skips, SKIPPED)


def written_word(word: str, how: Written) -> Clause:
    """Return the clause of one word; one of a single character may stand within others."""
    if len(word) == 1 and has_han(word):
        return Some(
            (Term(TextField.CHARS, word, CHARACTER_IN_TITLE), Term(TextField.BODY_CHARS, word, CHARACTER_BELOW))
        )
    return Some(tuple(Term(field, word, weight) for field, weight in how.fields))


def sounding(syllables: Iterable[str]) -> Clause:
    """Return the clause of what sounds like these syllables, one after the other."""
    pairs = dict.fromkeys(f"{one}_{other}" for one, other in pairwise(syllables))
    fields = ((TextField.SOUNDS, SOUND_IN_TITLE), (TextField.OTHER_SOUNDS, SOUND_BELOW))
    return All(tuple(Some(tuple(Term(field, pair, weight) for field, weight in fields)) for pair in pairs))
