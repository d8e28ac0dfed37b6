"""A table that an organ uploads: looked at first, taken afterwards as its editor chooses, never half in silence."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum, unique
from typing import NewType, final
from uuid import UUID

from catalogue_app.domain.errors import Conflict
from catalogue_app.domain.ids import EntryId, OrganId
from catalogue_app.domain.long_work import NOBODY
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.proposal import ProposalId
from catalogue_app.domain.vocabulary import Tier

UploadId = NewType("UploadId", UUID)


@unique
class UploadState(StrEnum):
    """Where an upload is on its way."""

    CHECKING = "checking"
    """Waits for its dry run, or is in it: nothing of the catalogue is written."""
    CHECKED = "checked"
    """Waits for its editor to choose."""
    TAKING = "taking"
    """Its rows become proposals, or wait to."""
    TAKEN = "taken"
    REFUSED = "refused"
    """It could not be read, or may not be held here; its file is gone."""
    DISCARDED = "discarded"
    """Given up by its organ; its file is gone."""
    EXPIRED = "expired"
    """Nobody dealt with it in time; its file is gone."""

    @property
    def is_at_work(self) -> bool:
        """Whether a process is to go on with it."""
        return self in {UploadState.CHECKING, UploadState.TAKING}


@unique
class Verdict(StrEnum):
    """What would become of a row."""

    NEW = "new"
    """A proposal of a new entry."""
    CHANGE = "change"
    """A proposal to change an entry, or another version of a draft that is there."""
    SAME = "same"
    """It says what the catalogue says: nothing."""
    BAD = "bad"
    """It has errors and is not taken."""


@unique
class Rows(StrEnum):
    """Which rows are taken."""

    GOOD = "good"
    """Those without errors; the others are left out."""
    ALL = "all"
    """All in one transaction, or none."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CellFlaw:
    """One error of a row.

    Attributes:
        element: profile element, which tells the column.
        code: row of `config/messages/problems.csv`.
        value: what was found.
    """

    element: str
    code: str
    value: str = ""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRow:
    """One row of a table, that is one entry however many lines it has.

    Attributes:
        number: place among the rows, from 1.
        place: where it stands, such as `目录 row 17`.
        code: catalogue code of the entry it is about; empty for a new one.
        metadata: what the entry would say; None where nothing could be read.
        entry_id: the entry it is about.
        base_revision: its revision when the row was checked.
        draft_id: the open proposal it goes on with.
        draft_version: version of that proposal when the row was checked.
        similar: codes of entries like a new one (art. 9).
        proposal_id: what it became.
    """

    number: int
    place: str
    title: str
    verdict: Verdict
    tier: Tier
    code: str = ""
    metadata: EntryMetadata | None = None
    flaws: tuple[CellFlaw, ...] = ()
    entry_id: EntryId | None = None
    base_revision: int = 0
    draft_id: ProposalId | None = None
    draft_version: int = 0
    similar: tuple[str, ...] = ()
    proposal_id: ProposalId | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One uploaded table.

    Attributes:
        by: actor who uploaded it.
        file_name: as they called it, without any path; only ever shown.
        reached: highest tier that who uploaded it might see; no row may be above it.
        tier: highest tier of its rows and of what they were held against; nobody below hears of it.
        holder: process at work on it.
        counts: verdict to number of rows.
        with_similar: new rows that are like entries there are; a statement is due for them.
        rows: which rows are to be taken.
        submits: whether what is taken is handed in at once.
        statement: why what is like others is no duplicate (art. 9).
        taken: rows that became proposals.
        left: rows that could not be taken although they were good, because something changed meanwhile.
        problem: code and value of why it was refused, or not taken.
    """

    id: UploadId
    organ_id: OrganId
    by: str
    file_name: str
    size_bytes: int
    reached: Tier
    tier: Tier
    state: UploadState
    created_at: datetime
    changed_at: datetime
    holder: str = NOBODY
    counts: Mapping[Verdict, int] = field(default_factory=dict)
    with_similar: int = 0
    rows: Rows = Rows.GOOD
    submits: bool = False
    statement: str = ""
    taken: int = 0
    left: int = 0
    problem: str = ""
    problem_value: str = ""

    @property
    def total(self) -> int:
        """How many rows it has."""
        return sum(self.counts.values())

    @property
    def to_take(self) -> int:
        """How many rows would become proposals."""
        return self.counts.get(Verdict.NEW, 0) + self.counts.get(Verdict.CHANGE, 0)

    def in_state(self, state: UploadState, at: datetime, **rest: object) -> "Upload":
        """Return it moved on; who held it lets go."""
        return replace(self, state=state, changed_at=at, holder=NOBODY, **rest)  # type: ignore[arg-type]  # fields of Upload

    def demand(self, state: UploadState) -> None:
        """Demand that it is in a state.

        Raises:
            Conflict: it has moved on.
        """
        if self.state is not state:
            raise Conflict("upload_moved_on", state=self.state)
