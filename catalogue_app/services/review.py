"""The desk reviews what organs hand in: oldest first, against what stands, approved or returned with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, final

from catalogue_app.domain.account import Account
from catalogue_app.domain.audit import AuditEvent
from catalogue_app.domain.calendar import CalendarMissing
from catalogue_app.domain.clock import Clock, today
from catalogue_app.domain.conclusion import WithdrawalReason
from catalogue_app.domain.diff import FieldChange, compare
from catalogue_app.domain.entry import Entry, EntryState
from catalogue_app.domain.errors import Conflict
from catalogue_app.domain.ids import CatalogueCode, EntryId, OrganId, new_id
from catalogue_app.domain.metadata import EntryMetadata, to_document
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.profile import Violation
from catalogue_app.domain.profile_rules import check
from catalogue_app.domain.proposal import Proposal, ProposalId, ProposalKind, ProposalState
from catalogue_app.domain.visibility import Audience
from catalogue_app.persistence.proposals import ProposalFilter
from catalogue_app.persistence.unit_of_work import UnitOfWork, UnitsOfWork
from catalogue_app.persistence.withdrawals import Withdrawal
from catalogue_app.reference import Reference
from catalogue_app.services.registration import unmark_entry
from catalogue_app.services.similar import Similar, SimilarEntry

RULE: Final = "R47"
"""Row of `config/rules/deadlines.csv`: how long the desk may take."""

_LISTED: Final = 200
_ENDS: Final[Mapping[ProposalState, str]] = {
    ProposalState.APPROVED: "proposal_approved",
    ProposalState.RETURNED: "proposal_returned",
    ProposalState.DISCARDED: "proposal_discarded",
}
"""State to the act that led to it; what was returned may have been written on since."""
_WAITING: Final = ProposalFilter(states=frozenset({ProposalState.SUBMITTED}))


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One proposal of the queue.

    Attributes:
        due_on: last day for a decision; None where the working calendar does not reach that far.
        is_overdue: whether that day is past.
    """

    proposal: Proposal
    organ: Organ
    due_on: date | None
    is_overdue: bool


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One proposal with all a reviewer decides by.

    Attributes:
        changes: against what was approved last; of a new entry everything it says.
        violations: departures from the profile in force today.
        similar: what already exists like it.
        ended_at: when it was approved, returned or given up; None where it is in none of these states.
    """

    waiting: Waiting
    changes: tuple[FieldChange, ...]
    violations: tuple[Violation, ...]
    similar: tuple[SimilarEntry, ...]
    ended_at: datetime | None


@final
class Review:
    """Use cases of the municipal information department."""

    def __init__(self, uow: UnitsOfWork, reference: Reference, similar: Similar, clock: Clock) -> None:
        self._uow: Final = uow
        self._reference: Final = reference
        self._similar: Final = similar
        self._clock: Final = clock

    @property
    def working_days(self) -> int:
        """How many working days the desk has (R47)."""
        return int(self._reference.deadlines[RULE].limit)

    def queue(self, audience: Audience) -> tuple[Waiting, ...]:
        """Return what waits for a decision, what was handed in first first."""
        with self._uow.reading() as look:
            found = look.proposals.list(_WAITING, audience, _LISTED)
            organs = look.organs.by_ids({proposal.organ_id for proposal in found})
        return tuple(self._waiting(proposal, organs) for proposal in found)

    def count(self, audience: Audience) -> int:
        """Return how many proposals wait."""
        with self._uow.reading() as look:
            return look.proposals.count(_WAITING, audience)

    def read(self, proposal_id: ProposalId, audience: Audience) -> Proposal:
        """Return a proposal of whichever organ.

        Raises:
            NotFound: no such proposal for this audience.
        """
        with self._uow.reading() as look:
            return look.proposals.by_id(proposal_id, audience)

    def case(self, proposal_id: ProposalId, audience: Audience) -> Case:
        """Return a proposal with all a reviewer decides by.

        Raises:
            NotFound: no such proposal for this audience.
        """
        with self._uow.reading() as look:
            proposal = look.proposals.by_id(proposal_id, audience)
            organs = look.organs.by_ids({proposal.organ_id})
            before = look.entries.by_ids([proposal.entry_id])[0].metadata if proposal.entry_id else None
            ended_at = _ended_at(look, proposal)
        violations = check(proposal.metadata, organs[proposal.organ_id], self._reference.profile, today(self._clock))
        return Case(
            waiting=self._waiting(proposal, organs),
            changes=_changes(before, proposal),
            violations=violations,
            similar=self._similar.to(proposal.metadata, audience, but=proposal.entry_id),
            ended_at=ended_at,
        )

    def approve(self, account: Account, proposal_id: ProposalId, *, version: int, audience: Audience) -> Proposal:
        """Let a proposal become true: the entry is published, changed or withdrawn. Audited as `proposal_approved`.

        Raises:
            NotFound: no such proposal for this audience.
            NotAllowed: it is the reviewer's own.
            Conflict: it does not wait any more, was saved meanwhile, or its entry changed meanwhile.
        """
        with self._uow() as work:
            now, proposal = self._clock(), self._seen(work, proposal_id, version, audience)
            approved = proposal.approved(by=account.actor, at=now)
            entry_id, code = self._carry_out(work, approved, now)
            approved = replace(approved, entry_id=entry_id, code=code)
            work.proposals.replace(approved)
            work.record(_event(account, "proposal_approved", approved, after=f"{approved.kind} {code}"))
            work.commit()
        return approved

    def give_back(
        self, account: Account, proposal_id: ProposalId, reason: str, *, version: int, audience: Audience
    ) -> Proposal:
        """Send a proposal back to be mended; the entry it is about stays as published. Audited as `proposal_returned`.

        Raises:
            InvalidInput: no reason is given.
            NotFound: no such proposal for this audience.
            NotAllowed: it is the reviewer's own.
            Conflict: it does not wait any more, or was saved meanwhile.
        """
        with self._uow() as work:
            now, proposal = self._clock(), self._seen(work, proposal_id, version, audience)
            returned = proposal.returned(reason, by=account.actor, at=now)
            returned = unmark_entry(work, returned, "proposal_returned", now)
            work.proposals.replace(returned)
            work.record(_event(account, "proposal_returned", returned, after=returned.reason))
            work.commit()
        return returned

    def _seen(self, work: UnitOfWork, proposal_id: ProposalId, version: int, audience: Audience) -> Proposal:
        proposal = work.proposals.by_id(proposal_id, audience)
        if proposal.version != version:
            raise Conflict("proposal_changed_meanwhile")
        return proposal

    def _base(self, work: UnitOfWork, proposal: Proposal) -> Entry:
        (entry,) = work.entries.by_ids([proposal.entry_id] if proposal.entry_id else [])
        if entry.revision != proposal.base_revision:
            raise Conflict("entry_changed_meanwhile", entry=entry.code)
        return entry

    def _carry_out(self, work: UnitOfWork, proposal: Proposal, now: datetime) -> tuple[EntryId, CatalogueCode]:
        if proposal.kind is ProposalKind.NEW:
            entry = self._born(work, proposal, now)
            work.entries.save(entry, "registration")
            return entry.id, entry.code
        entry = self._base(work, proposal)
        if proposal.kind is ProposalKind.WITHDRAWAL:
            decided = Withdrawal(
                reason=WithdrawalReason.DECIDED, at=now, by=proposal.submitted_by, note=proposal.statement
            )
            work.withdrawals.withdraw([entry.id], decided)
            return entry.id, entry.code
        changed = replace(
            entry,
            metadata=proposal.metadata,
            tier=proposal.tier,
            state=EntryState.PUBLISHED,
            violations=self._check(work, proposal.metadata, proposal.organ_id),
            revision=entry.revision + 1,
            changed_at=now,
        )
        work.entries.save(changed, "change")
        return entry.id, entry.code

    def _born(self, work: UnitOfWork, proposal: Proposal, now: datetime) -> Entry:
        """Make the entry of an approved registration; the catalogue gives it both its codes, and never again."""
        serial, code = work.entries.allot(proposal.tier)
        metadata = _numbered(proposal.metadata, serial)
        return Entry(
            id=EntryId(new_id()),
            serial=serial,
            code=code,
            organ_id=proposal.organ_id,
            source_id=None,
            identifier=code,
            state=EntryState.PUBLISHED,
            tier=proposal.tier,
            revision=1,
            metadata=metadata,
            violations=self._check(work, metadata, proposal.organ_id),
            created_at=now,
            changed_at=now,
        )

    def _check(self, work: UnitOfWork, metadata: EntryMetadata, organ_id: OrganId) -> tuple[Violation, ...]:
        return check(metadata, work.organs.by_id(organ_id), self._reference.profile, today(self._clock))

    def _waiting(self, proposal: Proposal, organs: Mapping[OrganId, Organ]) -> Waiting:
        try:
            due_on = proposal.due_on(self._reference.calendar, self.working_days)
        except CalendarMissing:
            due_on = None
        is_overdue = due_on is not None and today(self._clock) > due_on
        return Waiting(proposal=proposal, organ=organs[proposal.organ_id], due_on=due_on, is_overdue=is_overdue)


def _numbered(metadata: EntryMetadata, serial: int) -> EntryMetadata:
    """Give an entry its resource code: class code, slash, serial number (guide 1272)."""
    if metadata.classification is None:
        return metadata
    return replace(metadata, resource_code=f"{metadata.classification.code}/{serial:06d}")


def _changes(before: EntryMetadata | None, proposal: Proposal) -> tuple[FieldChange, ...]:
    if before is not None:
        return compare(before, proposal.metadata)
    said = to_document(proposal.metadata)
    return tuple(FieldChange(element=name, before=None, after=value) for name, value in said.items())


def _ended_at(look: UnitOfWork, proposal: Proposal) -> datetime | None:
    if proposal.state not in _ENDS:
        return None
    return look.audit.last_at(f"proposal:{proposal.id}", _ENDS[proposal.state]) or proposal.changed_at


def _event(account: Account, action: str, proposal: Proposal, *, after: str) -> AuditEvent:
    return AuditEvent(actor=account.actor, action=action, subject=f"proposal:{proposal.id}", after=after)
