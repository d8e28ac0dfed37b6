"""The municipal metadata standard (art. 10) as data, and the check of an entry against it."""

from dataclasses import dataclass
from typing import final


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
    flag: str
    rule: str
