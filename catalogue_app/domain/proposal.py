"""What an organ proposes for the catalogue: a new entry, a change, a withdrawal; and the steps each goes through.

Until a proposal is approved, nothing of it stands in an entry: what is published stays as it is while a change is
looked at (`config/vocabularies/lifecycle.csv`).
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum, unique
from typing import Final, NewType, final
from uuid import UUID

from catalogue_app.domain.calendar import WorkingCalendar
from catalogue_app.domain.clock import CITY_ZONE
from catalogue_app.domain.errors import Conflict, InvalidInput, NotAllowed
from catalogue_app.domain.ids import CatalogueCode, EntryId, OrganId
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.text import clean
from catalogue_app.domain.vocabulary import Tier

ProposalId = NewType("ProposalId", UUID)

_LONGEST_REASON: Final = 1_000


@unique
class ProposalKind(StrEnum):
    """What a proposal asks for."""

    NEW = "new"
    CHANGE = "change"
    WITHDRAWAL = "withdrawal"


@unique
class ProposalState(StrEnum):
    """Where a proposal is on its way."""

    DRAFT = "draft"
    """Being written by its organ."""
    SUBMITTED = "submitted"
    """Waiting for the desk."""
    RETURNED = "returned"
    """Sent back with a reason, to be mended."""
    APPROVED = "approved"
    """Done: it stands in the catalogue."""
    DISCARDED = "discarded"
    """Given up by its organ."""

    @property
    def is_with_organ(self) -> bool:
        """Whether its organ may change it now."""
        return self in {ProposalState.DRAFT, ProposalState.RETURNED}

    @property
    def is_open(self) -> bool:
        """Whether anything is still to be done about it."""
        return self.is_with_organ or self is ProposalState.SUBMITTED


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One proposal of an organ.

    Attributes:
        entry_id: the entry it is about; of a new one only once it is approved.
        code: the entry's code, likewise.
        base_revision: revision of the entry it was written against; 0 for a new one.
        metadata: what the entry shall say; of a withdrawal what it says now.
        tier: network tier it is for (art. 8); nobody below hears of it.
        version: counts every save; who saves names the one they saw.
        authors: actors who wrote on it, each once.
        submitted_by: who handed it in last; empty before.
        statement: why it is no duplicate of what was shown (art. 9), or why the entry shall go.
        reason: why it was returned; empty else.
    """

    id: ProposalId
    organ_id: OrganId
    kind: ProposalKind
    state: ProposalState
    metadata: EntryMetadata
    tier: Tier
    version: int
    authors: tuple[str, ...]
    created_at: datetime
    changed_at: datetime
    entry_id: EntryId | None = None
    code: CatalogueCode | None = None
    base_revision: int = 0
    submitted_by: str = ""
    submitted_at: datetime | None = None
    statement: str = ""
    reason: str = ""
    decided_by: str = ""

    def written(self, metadata: EntryMetadata, tier: Tier, *, by: str, at: datetime) -> "Proposal":
        """Return it with what its organ wrote.

        Raises:
            Conflict: it is not with its organ.
        """
        self._demand(self.state.is_with_organ)
        authors = self.authors if by in self.authors else (*self.authors, by)
        return replace(self, metadata=metadata, tier=tier, authors=authors, changed_at=at, version=self.version + 1)

    def submitted(self, statement: str, *, by: str, at: datetime) -> "Proposal":
        """Return it handed in.

        Raises:
            Conflict: it is not with its organ.
        """
        self._demand(self.state.is_with_organ)
        return replace(
            self,
            state=ProposalState.SUBMITTED,
            statement=clean(statement)[:_LONGEST_REASON],
            submitted_by=by,
            submitted_at=at,
            changed_at=at,
            reason="",
            version=self.version + 1,
        )

    def returned(self, reason: str, *, by: str, at: datetime) -> "Proposal":
        """Return it sent back.

        Raises:
            Conflict: it does not wait for the desk.
            NotAllowed: it is the reviewer's own.
            InvalidInput: no reason is given.
        """
        self._demand_other(by)
        if not clean(reason):
            raise InvalidInput("reason_missing")
        return self._decided(ProposalState.RETURNED, by=by, at=at, reason=clean(reason)[:_LONGEST_REASON])

    def approved(self, *, by: str, at: datetime) -> "Proposal":
        """Return it approved.

        Raises:
            Conflict: it does not wait for the desk.
            NotAllowed: it is the reviewer's own.
        """
        self._demand_other(by)
        return self._decided(ProposalState.APPROVED, by=by, at=at)

    def taken_back(self, *, at: datetime) -> "Proposal":
        """Return it back with its organ, as a draft; what was stated with it stays.

        Raises:
            Conflict: it does not wait for the desk.
        """
        self._demand(self.state is ProposalState.SUBMITTED)
        return replace(
            self,
            state=ProposalState.DRAFT,
            submitted_by="",
            submitted_at=None,
            changed_at=at,
            version=self.version + 1,
        )

    def discarded(self, *, by: str, at: datetime) -> "Proposal":
        """Return it given up.

        Raises:
            Conflict: it is not with its organ.
        """
        self._demand(self.state.is_with_organ)
        return self._decided(ProposalState.DISCARDED, by=by, at=at)

    def due_on(self, calendar: WorkingCalendar, working_days: int) -> date | None:
        """Return the last day for the desk to decide (R47); None while it does not wait.

        Raises:
            CalendarMissing: the working calendar does not reach that far.
        """
        if self.state is not ProposalState.SUBMITTED or self.submitted_at is None:
            return None
        return calendar.add_working_days(self.submitted_at.astimezone(CITY_ZONE).date(), working_days)

    def _decided(self, state: ProposalState, *, by: str, at: datetime, reason: str = "") -> "Proposal":
        return replace(self, state=state, decided_by=by, changed_at=at, reason=reason, version=self.version + 1)

    def _demand_other(self, by: str) -> None:
        """Separation of duties: nobody decides about what they wrote or handed in."""
        self._demand(self.state is ProposalState.SUBMITTED)
        if by == self.submitted_by or by in self.authors:
            raise NotAllowed("own_submission")

    def _demand(self, holds: bool) -> None:  # noqa: FBT001 — the condition is the subject
        if not holds:
            raise Conflict("proposal_moved_on", state=self.state)
