"""The municipal metadata standard (art. 10) as data, and the check of an entry against it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, unique
from functools import lru_cache
from typing import Final, final

from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.text import fold
from catalogue_app.domain.vocabulary import FormatClass


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One departure of an entry from the profile.

    Attributes:
        element: profile element, such as `abstract`.
        code: what is wrong; a row of `config/messages/problems.csv`, which holds the words and how to mend it.
        value: what was found, at most 200 characters.
        flag: kind of finding it raises, a row of `config/rules/flags.csv`.
        rule: row of `config/rules/deadlines.csv` that it breaks.
    """

    element: str
    code: str
    value: str = ""
    flag: str = "profile_violation"
    rule: str = "R07"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One element of the profile; a row of `config/profile/profile.csv`.

    Attributes:
        obligation: `mandatory`, `mandatory for published`, `mandatory for open`, `conditional`, `optional`, `system`.
        max_length: characters; 0 where there is no limit.
        has_column: whether the standard workbook (`config/sheets/columns.csv`) has a place for it.
    """

    number: str
    identifier: str
    name_zh: str
    obligation: str
    max_length: int
    has_column: bool = False


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FormatTerm:
    """A format of `config/vocabularies/format.csv`."""

    format_class: FormatClass
    is_machine_readable: bool
    is_open: bool


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalPattern:
    """What an item about a person is called: a regular expression over item names; only strong ones block opening."""

    pattern: re.Pattern[str]
    is_strong: bool


@unique
class TextPattern(StrEnum):
    """What a text as a whole may turn out to be; the patterns are rows of `config/rules/text_patterns.csv`."""

    PLACEHOLDER = "placeholder"
    SYSTEM_NAME = "system_name"
    DRAGGED_NUMBER = "dragged_number"
    LEGAL_INSTRUMENT = "legal_instrument"
    CORE_GRADE = "core_grade"
    PERSONAL_NUMBER = "personal_number"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabularies:
    """The value domains the check looks into; all are tables under `config/vocabularies`.

    Attributes:
        classes: codes of 类 and of 类 + 项.
        types_with_length: item types that need a length.
        methods: type of a sharing method to the format classes it fits, or `any`.
        personal: names of items about persons.
        texts: regular expressions that match a whole folded text, by what it then is.
    """

    classes: frozenset[str]
    themes: frozenset[str]
    divisions: frozenset[str]
    formats: Mapping[str, FormatTerm]
    field_types: frozenset[str]
    types_with_length: frozenset[str]
    methods: Mapping[str, tuple[str, ...]]
    personal: tuple[PersonalPattern, ...]
    texts: Mapping[TextPattern, tuple[re.Pattern[str], ...]]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One version of the standard.

    Attributes:
        version: name of the version.
        elements: identifier to element, in the order of the table.
    """

    version: str
    elements: Mapping[str, Element]
    vocabularies: Vocabularies


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a rule of the profile looks at: an entry, its organ, the profile and the day."""

    metadata: EntryMetadata
    organ: Organ
    profile: Profile
    today: date

    def was_unread(self, element: str) -> bool:
        """Whether the organ said something for an element, or a part of it, that could not be understood."""
        unread = self.metadata.unread
        return bool(unread) and any(note.element.startswith(element) for note in unread)

    def is_text(self, kind: TextPattern, text: str) -> bool:
        """Whether a text as a whole is of a kind."""
        return self.is_folded_text(kind, fold(text))

    def is_folded_text(self, kind: TextPattern, folded: str) -> bool:
        """Whether a text that is folded already is as a whole of a kind."""
        for pattern in self.profile.vocabularies.texts[kind]:  # noqa: SIM110 — asked for some ten times a record
            if pattern.fullmatch(folded):
                return True
        return False

    def is_said(self, text: str) -> bool:
        """Whether a text says something: it is neither empty nor a placeholder."""
        return bool(text) and not self.is_text(TextPattern.PLACEHOLDER, text)

    @property
    def class_code(self) -> str:
        """Class digits of the entry: as stated, else those before the slash of its resource code; may be empty."""
        stated = self.metadata.classification
        if stated is not None:
            return stated.code
        prefix, slash, _ = self.metadata.resource_code.partition("/")
        return prefix if slash and prefix.isdecimal() else ""


Rule = Callable[[Subject], Iterator[Violation]]
"""Yields what one rule finds; the rules are in `profile_form` and `profile_access`, `profile_rules` runs them."""

VALUE_LIMIT: Final = 200
"""Characters of an offending value that are kept."""

IN_THE_FUTURE: Final = "in_the_future"
"""Code of a date that lay ahead on the day its record was read; its value is that date."""


@lru_cache(maxsize=256)
def missing(element: str, rule: str) -> Violation:
    """Say that an element is not stated."""
    return Violation(element=element, code="missing", flag="missing_field", rule=rule)


def wrong(element: str, code: str, *values: object) -> Violation:
    """Say that what is stated departs from the standard (R07); several values are named together."""
    return Violation(element=element, code=code, value="、".join(map(str, values))[:VALUE_LIMIT])
