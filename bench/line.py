"""One line of the table: a ratio, and the goal beside it."""

from dataclasses import dataclass
from typing import final


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One ratio and its goal; `at_least` says on which side of the goal it should be."""

    what: str
    ratio: float
    goal: float
    at_least: bool = True
    note: str = ""

    @property
    def is_met(self) -> bool:
        """Whether the goal is reached."""
        return self.ratio >= self.goal if self.at_least else self.ratio <= self.goal

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        verdict = "met" if self.is_met else "MISSED"
        return f"{self.what:<58} {self.ratio:>7.2f}  {sign} {self.goal:<5} {verdict:<7} {self.note}"
