"""What to look for, engine-neutral: a tree of clauses made from a person's text; engines only translate it.

A clause that an entry meets adds its weight to the entry's score, the same for every entry; `weights.py` says why.
"""

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final, final

from indexing.fields import FacetField


@unique
class TextField(StrEnum):
    """Fields of terms; what each holds and weighs is fixed here for every engine."""

    TITLE = "title"
    """Words of the titles."""
    ORGAN = "organ_name"
    """Words of every name of the organ."""
    ITEMS = "items"
    """Words of item names and keywords."""
    BODY = "body"
    """Words of the abstract."""
    PAIRS = "pairs"
    """Pairs of neighbouring characters of title, items, keywords and organ names."""
    CHARS = "chars"
    """Characters of the titles, in order."""
    BODY_CHARS = "body_chars"
    """Characters of items and abstract, in order."""
    SOUNDS = "sounds"
    """Pairs of pinyin syllables of titles."""
    OTHER_SOUNDS = "other_sounds"
    """Pairs of pinyin syllables of keywords and organ names."""
    INITIALS = "initials"
    """First letters of the pinyin of titles, from each word on, and everything these begin with."""
    ORGAN_INITIALS = "organ_initials"
    """First letters of the pinyin of organ names, and everything these begin with."""
    CODE = "code"
    """Codes, whole."""
    EXACT = "exact"
    """Whole titles and item names."""
    BREVITY = "brevity"
    """How short the shortest title is: a class of lengths."""


IN_ORDER: Final = frozenset({TextField.CHARS, TextField.BODY_CHARS})
"""Fields asked for terms in order; the others need no positions."""
WHOLE: Final = frozenset({TextField.CODE, TextField.EXACT, TextField.BREVITY})
"""Fields whose values are one term each."""


@final
@dataclass(frozen=True, slots=True)
class Term:
    """One term in one field."""

    field: TextField
    text: str
    weight: int = 1


@final
@dataclass(frozen=True, slots=True)
class Near:
    """Terms of one field, in order, with at most `slop` moves between them; 0 means side by side."""

    field: TextField
    texts: tuple[str, ...]
    slop: int
    weight: int = 1


@final
@dataclass(frozen=True, slots=True)
class Prefix:
    """Terms of one field that begin so."""

    field: TextField
    text: str
    weight: int = 1


@final
@dataclass(frozen=True, slots=True)
class Value:
    """A value of a facet field."""

    field: FacetField
    value: str
    weight: int = 1


@final
@dataclass(frozen=True, slots=True)
class All:
    """Every clause holds."""

    clauses: tuple["Clause", ...]


@final
@dataclass(frozen=True, slots=True)
class Some:
    """One clause at least holds; the more hold, the higher the score."""

    clauses: tuple["Clause", ...]


@final
@dataclass(frozen=True, slots=True)
class Without:
    """The first clause holds and the second does not."""

    wanted: "Clause | None"
    unwanted: "Clause"


@final
@dataclass(frozen=True, slots=True)
class Wish:
    """One thing asked for, with the ways to read it; engines read it strictly.

    Attributes:
        strict: as written, or by what it stands for.
        generous: also by its sound, by skipped characters, by parts of a word; None where that adds nothing.
        wider: what still serves where nothing is that narrow, such as the whole city for a district; None mostly.
        text: folded, as typed; its length is its weight among others.
        part: which part between blanks it comes from.
    """

    strict: "Clause"
    generous: "Clause | None" = None
    wider: "Clause | None" = None
    text: str = ""
    part: int = 0


Clause = Term | Near | Prefix | Value | All | Some | Without | Wish


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one text asks for.

    Attributes:
        clause: everything asked for; None browses everything.
        preferred: clauses that lift an entry without being needed.
        terms: folded words that were looked for, for marking them in the text.
    """

    clause: Clause | None
    preferred: tuple[Clause, ...] = ()
    terms: tuple[str, ...] = ()
