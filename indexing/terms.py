"""The terms of a document, field by field; the same for every engine."""

from collections.abc import Callable, Iterable
from typing import Final

from indexing.analysis import Analyser, characters
from indexing.document import SearchDocument
from indexing.plan import TextField
from indexing.weights import brevity

_SHORTEST_INITIALS: Final = 2
_END: Final = "‖"
"""Stands after each text of a field with positions, so that no phrase reaches from one into the next."""


def terms_of(document: SearchDocument, analyser: Analyser) -> dict[TextField, list[str]]:
    """Return the terms of each field, in the order of the text."""
    fold = analyser.normalise
    titles = [fold(title) for title in document.titles]
    organs = [fold(name) for name in document.organ_names]
    items = [fold(name) for name in (*document.items, *document.keywords)]
    abstract = analyser.fold_once(document.abstract)
    return {
        TextField.TITLE: _each(analyser.words, titles),
        TextField.ORGAN: _each(analyser.words, organs),
        TextField.ITEMS: _each(analyser.words, items),
        TextField.BODY: analyser.words_once(abstract),
        TextField.PAIRS: _each(analyser.pairs, (*titles, *items, *organs)),
        TextField.CHARS: _each(_closed, titles),
        TextField.BODY_CHARS: [*_each(_closed, items), *characters(abstract)],
        TextField.SOUNDS: _each(analyser.sound_pairs, titles),
        TextField.OTHER_SOUNDS: _each(analyser.sound_pairs, (*organs, *map(fold, document.keywords))),
        TextField.INITIALS: sorted(_openings(_each(analyser.initials_of_runs, titles))),
        TextField.ORGAN_INITIALS: sorted(_openings(map(analyser.initials, organs))),
        TextField.CODE: [code.strip().casefold() for code in document.codes],
        TextField.EXACT: ["".join(characters(text)) for text in (*titles, *items)],
        TextField.BREVITY: [brevity(min((len(text) for text in titles), default=0))],
    }


def _each(cut: Callable[[str], list[str]], texts: Iterable[str]) -> list[str]:
    return [term for text in texts for term in cut(text)]


def _closed(text: str) -> list[str]:
    return [*characters(text), _END]


def _openings(initials: Iterable[str]) -> set[str]:
    return {letters[:end] for letters in initials for end in range(_SHORTEST_INITIALS, len(letters) + 1)}
