"""What reference tables hold: words of vocabularies, divisions, rules with their instrument, synonyms, aliases."""

from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word of a vocabulary: its code and its names."""

    code: str
    zh: str
    en: str

    def name(self, language: str) -> str:
        """Return the name in `zh` or `en`."""
        return self.zh if language == "zh" else self.en or self.zh


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """A division (GB/T 2260) with the names of what it was made from."""

    code: str
    zh: str
    en: str
    former_names: tuple[str, ...]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """One rule with its instrument and limit (`config/rules/deadlines.csv`).

    Attributes:
        limit: a number, or words where the instrument names none; empty where the rule has no limit.
        limit_unit: what a number counts, such as `working days`.
    """

    id: str
    zh: str
    en: str
    instrument: str
    article: str
    flag: str
    severity: str
    limit: str
    limit_unit: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SynonymGroup:
    """Words that mean the same; `is_two_way` says whether each finds each or only the first finds the others."""

    term: str
    synonyms: tuple[str, ...]
    is_two_way: bool


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """What organs write for a code: (element, written form, code)."""

    element: str
    written: str
    code: str
