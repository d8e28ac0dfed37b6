"""A finding: a duty not met, opened once, updated while it lasts, closed by itself when its cause is gone."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum, unique
from typing import Final, final

from catalogue_app.domain.ids import FindingId, OrganId
from catalogue_app.domain.vocabulary import Tier


@unique
class FindingKind(StrEnum):
    """What is wrong; each is a row of `config/rules/flags.csv`."""

    ORGAN_WITHOUT_CATALOGUE = "organ_without_catalogue"
    DISCLOSURE_GAP = "disclosure_gap"
    STALE = "stale"
    UNCONFIRMED = "unconfirmed"
    MISSING_AT_SOURCE = "missing_at_source"
    ORGAN_CLOSED = "organ_closed"
    HARVEST_FAILING = "harvest_failing"
    HARVEST_HELD = "harvest_held"
    MISSING_FIELD = "missing_field"
    PROFILE_VIOLATION = "profile_violation"
    CONDITION_MISSING = "condition_missing"
    NON_SHARING_WITHOUT_BASIS = "non_sharing_without_basis"
    BASIC_NOT_UNCONDITIONAL = "basic_not_unconditional"
    PERSONAL_ITEM_OPEN = "personal_item_open"

    @property
    def tier(self) -> Tier:
        """Lowest tier whose audience is told of findings of this kind, even where it sees the entry.

        Where persons' particulars stand open, and how harvesting goes, is for organs; everything else is for everyone.
        """
        return Tier.EXTRANET if self in _FOR_ORGANS else Tier.PORTAL

    def is_told_on(self, reached: Tier, ceiling: Tier) -> bool:
        """Whether who reaches a tier is told of findings of this kind.

        That an organ has no entry at all is judged by the entries of every tier, so that no organ is said to lack what
        it has; where others read that there is no such finding, they would know of entries above them (art. 8).

        Args:
            reached: the highest tier of the audience.
            ceiling: the highest tier that this deployment holds.
        """
        lowest = ceiling if self is FindingKind.ORGAN_WITHOUT_CATALOGUE else self.tier
        return reached.level >= lowest.level


_FOR_ORGANS: Final = frozenset({FindingKind.PERSONAL_ITEM_OPEN, FindingKind.HARVEST_FAILING, FindingKind.HARVEST_HELD})


@unique
class FindingState(StrEnum):
    """State of a finding."""

    OPEN = "open"
    CLOSED = "closed"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A fault that holds on one day, as a rule saw it; findings are made from conditions.

    Attributes:
        kind: what is wrong.
        subject: what it is about: `entry:CODE`, `organ:ID`, `organ:ID/category:a`, `source:UUID`; identity with kind.
        organ_id: who must act.
        rule: row of `config/rules/deadlines.csv`.
        evidence: (name, value) pairs that show why, in a stable order.
        due_on: the day by which it should have been done; none when at once.
        entry_code: the entry meant, when one is.
    """

    kind: FindingKind
    subject: str
    organ_id: OrganId
    rule: str
    evidence: tuple[tuple[str, str], ...] = ()
    due_on: date | None = None
    entry_code: str | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A condition with its history.

    Attributes:
        opened_at: when an evaluation first saw it.
        updated_at: when its evidence last changed.
        closed_at: when an evaluation no longer saw it; none while it is open.
        cause: why it was closed: `resolved`, or `entry_withdrawn` when the entry is public no more.
    """

    id: FindingId
    condition: Condition
    state: FindingState
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None
    cause: str = ""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FindingFilter:
    """Restrictions of a list: values of one attribute are alternatives, attributes narrow each other.

    An empty attribute restricts nothing.
    """

    kinds: frozenset[FindingKind] = frozenset()
    organs: frozenset[OrganId] = frozenset()
    states: frozenset[FindingState] = frozenset({FindingState.OPEN})
    entry_codes: frozenset[str] = frozenset()


OPEN_FINDINGS: Final = FindingFilter()
"""Everything that is open."""
