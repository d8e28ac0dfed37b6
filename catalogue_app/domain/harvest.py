"""A harvest run: its stages, the one outcome of every record, and the balance without which it may not close."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum, unique
from typing import Final, final

from catalogue_app.domain.errors import UnbalancedRun
from catalogue_app.domain.ids import RunId, SourceId
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.source import Source
from catalogue_app.domain.vocabulary import OpenType, Tier

VANISH_FLOOR: Final = 5
"""So few vanished entries never hold a run, however small the source."""

RENAME_SHARE: Final = 0.5
"""Above this share of known identifiers gone while new ones come, a source has renamed its records."""


@unique
class RunState(StrEnum):
    """State of a run."""

    RUNNING = "running"
    COMPLETE = "complete"
    HELD = "held"
    """What it saw is applied; what it would conclude waits for a named person."""
    ABORTED = "aborted"
    """The source was not read whole; nothing is concluded about the rest."""
    CANCELLED = "cancelled"
    """A person stopped it; what was applied until then stands, nothing is concluded."""


@unique
class Decision(StrEnum):
    """What became of what a held run waited with."""

    ACCEPTED = "accepted"
    ACCEPTED_IN_PART = "accepted_in_part"
    REIDENTIFIED = "reidentified"
    """Accepted, and entries that the source had renamed keep code and history."""
    REJECTED = "rejected"
    EXPIRED = "expired"
    """Nobody decided in time; nothing was concluded."""
    SUPERSEDED = "superseded"
    """A later run of the source was read whole, and decides anew."""


@unique
class Outcome(StrEnum):
    """What became of one gathered record; each has exactly one."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    HELD = "held"
    """New, and waits for a person because the source seems to have renamed its records."""
    UNAPPLIED = "unapplied"
    """New or changed, and left out: a person stopped the run before it, or did not accept it."""
    WITHDRAWN = "withdrawn"
    """An entry that an undone run had added, taken back."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something about a source or record that its organ can mend.

    Attributes:
        record: identifier or place of the record (`row 17`); empty when the whole source is meant.
        element: profile element; empty when none.
        code: row of `config/messages/problems.csv`, which holds the words.
        value: what was found, at most 200 characters.
    """

    record: str = ""
    element: str = ""
    code: str
    value: str = ""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestRun:
    """One run of one source.

    Attributes:
        gathered: records the source gave, counting duplicates and rejected ones.
        outcomes: how many records ended in which outcome.
        vanished: live entries this complete run no longer saw, newly or still.
        restored: entries that were missing or withdrawn and are back.
        lapsed: entries withdrawn because they were missing for too long.
        problem: why it was aborted or held; none when complete.
        undoes: the run that this one takes back; its records are entries then.
        undone_by: the run that took this one back.
        decision: what became of what it waited with, once it was held.
        decided_by: who decided so.
    """

    id: RunId
    source_id: SourceId
    state: RunState
    started_at: datetime
    finished_at: datetime | None = None
    gathered: int = 0
    outcomes: Mapping[Outcome, int]
    vanished: int = 0
    restored: int = 0
    lapsed: int = 0
    problem: Problem | None = None
    undoes: RunId | None = None
    undone_by: RunId | None = None
    decision: Decision | None = None
    decided_by: str | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether what it would conclude waits for a named person."""
        return self.state is RunState.HELD and self.decision is None

    def close(self, state: RunState, at: datetime, problem: Problem | None = None) -> "HarvestRun":
        """End the run in a state.

        Raises:
            UnbalancedRun: some gathered record has no outcome, or more than one.
        """
        accounted = sum(self.outcomes.values())
        if accounted != self.gathered:
            raise UnbalancedRun(run=self.id, gathered=self.gathered, accounted=accounted)
        return replace(self, state=state, finished_at=at, problem=problem)


@unique
class Gate(StrEnum):
    """What a finished reading allows."""

    OPEN = "open"
    HOLD_VANISHED = "hold_vanished"
    """Apply what was seen; conclude nothing about what was not."""
    HOLD_NEW = "hold_new"
    """Apply changes of known records only: identifiers were renamed on a large scale."""


def gate(source: Source, *, known: int, seen: int, gone: int, new: int) -> tuple[Gate, Problem | None]:
    """Decide what a completely read plan may do (rule HAR-4).

    Args:
        source: carries its own sanity limits.
        known: live entries of the source before the run.
        seen: distinct records gathered.
        gone: live entries not seen.
        new: identifiers not known before.
    """
    if seen < source.min_records:
        return Gate.HOLD_VANISHED, Problem(code="too_few_records", value=str(seen))
    if known and gone > max(VANISH_FLOOR, RENAME_SHARE * known) and new > RENAME_SHARE * seen:
        return Gate.HOLD_NEW, Problem(code="identifiers_renamed", value=f"{new}/{seen}")
    if gone > max(VANISH_FLOOR, source.max_vanish_share * known):
        return Gate.HOLD_VANISHED, Problem(code="too_many_vanished", value=f"{gone}/{known}")
    return Gate.OPEN, None


def tier_of(metadata: EntryMetadata, source: Source) -> Tier:
    """Decide the tier of a harvested entry (art. 8).

    What the opening attribute says: open or conditional is for the portal, not open for the extranet; where it says
    nothing, the source's setting. A higher tier that the organ declares itself always wins.
    """
    if metadata.open_type is None:
        tier = source.tier
    else:
        tier = Tier.EXTRANET if metadata.open_type is OpenType.NONE else Tier.PORTAL
    declared = metadata.network_tier
    return declared if declared is not None and declared.level > tier.level else tier
