"""An organ registers, changes and takes back its entries: every act a proposal, every save a version of it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, final

from catalogue_app.domain.account import Account
from catalogue_app.domain.audit import AuditEvent
from catalogue_app.domain.clock import Clock, today
from catalogue_app.domain.entry import Entry, EntryState
from catalogue_app.domain.errors import Conflict, InvalidInput, NotAllowed
from catalogue_app.domain.ids import OrganId, derived_id, new_id
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.profile import Violation
from catalogue_app.domain.profile_rules import check
from catalogue_app.domain.proposal import Proposal, ProposalId, ProposalKind, ProposalState
from catalogue_app.domain.text import clean
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.proposals import ProposalFilter
from catalogue_app.persistence.unit_of_work import UnitOfWork, UnitsOfWork
from catalogue_app.reference import Reference
from catalogue_app.services.similar import Similar, SimilarEntry

_LISTED: Final = 200
_MARKED: Final = frozenset({EntryState.CHANGE_PENDING, EntryState.WITHDRAW_PENDING})
SHORTEST_STATEMENT: Final = 10
OPEN: Final = frozenset({ProposalState.DRAFT, ProposalState.RETURNED, ProposalState.SUBMITTED})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A proposal as its organ sees it before it is handed in.

    Attributes:
        violations: what is to be mended first, in the order of the profile.
        similar: what already exists like it; a statement is required where there is any.
    """

    proposal: Proposal
    organ: Organ
    violations: tuple[Violation, ...]
    similar: tuple[SimilarEntry, ...] = ()


@final
class Registration:
    """Use cases of an organ's editors; all are for accounts of that organ alone."""

    def __init__(self, uow: UnitsOfWork, reference: Reference, similar: Similar, clock: Clock) -> None:
        self._uow: Final = uow
        self._reference: Final = reference
        self._similar: Final = similar
        self._clock: Final = clock

    def start(
        self, account: Account, metadata: EntryMetadata, tier: Tier, audience: Audience, *, repeat_key: str = ""
    ) -> Proposal:
        """Begin a new entry. Audited as `proposal_started`.

        Args:
            account: who begins it.
            metadata: what it says so far.
            tier: network tier it is for.
            audience: what they may see.
            repeat_key: where given, asking again with the same key begins nothing new, but returns what was begun.

        Raises:
            NotAllowed: the account is of no organ.
            InvalidInput: the tier is above what they themselves may see.
        """
        now = self._clock()
        proposal = Proposal(
            id=ProposalId(derived_id(str(account.id), repeat_key) if repeat_key else new_id()),
            organ_id=_organ_of(account),
            kind=ProposalKind.NEW,
            state=ProposalState.DRAFT,
            metadata=metadata,
            tier=_reached(tier, audience),
            version=1,
            authors=(account.actor,),
            created_at=now,
            changed_at=now,
        )
        return proposal if self._add(proposal, account) else self.read(account, proposal.id, audience)

    def change(self, account: Account, code: str, audience: Audience) -> Proposal:
        """Begin a change of a published entry, or go on with the one that was begun. Audited as `proposal_started`.

        Raises:
            NotFound: no such entry for this audience.
            NotAllowed: it is another organ's, or a source keeps it.
            Conflict: something else is proposed for it already.
        """
        return self._about(account, code, audience, ProposalKind.CHANGE)

    def demand_keeper(self, account: Account, code: str, audience: Audience) -> None:
        """Demand that an entry be the account's own to change or to let go.

        Raises:
            NotFound: no such entry for this audience.
            NotAllowed: it is another organ's, or a source keeps it.
        """
        with self._uow.reading() as look:
            _demand_own(account, look.entries.by_code(code, audience))

    def withdraw(self, account: Account, code: str, reason: str, audience: Audience) -> Proposal:
        """Propose that an entry be withdrawn, and hand it in. Audited as `proposal_submitted`.

        Raises:
            InvalidInput: no reason is given.
            NotFound: no such entry for this audience.
            NotAllowed: it is another organ's, or a source keeps it.
            Conflict: something else is proposed for it already.
        """
        if not clean(reason):
            raise InvalidInput("reason_missing")
        proposal = self._about(account, code, audience, ProposalKind.WITHDRAWAL)
        return self._hand_in(proposal, account, reason)

    def save(
        self,
        account: Account,
        proposal_id: ProposalId,
        metadata: EntryMetadata,
        tier: Tier,
        *,
        version: int,
        audience: Audience,
    ) -> Proposal:
        """Store what was written. Audited as `proposal_saved`.

        Raises:
            NotFound: no such proposal for this audience.
            NotAllowed: it is another organ's.
            Conflict: somebody saved it meanwhile, or it is with the desk.
            InvalidInput: the tier is above what they themselves may see.
        """
        with self._uow() as work:
            proposal = self._own(work, account, proposal_id, audience)
            if proposal.version != version:
                raise Conflict("proposal_changed_meanwhile")
            saved = proposal.written(metadata, _reached(tier, audience), by=account.actor, at=self._clock())
            work.proposals.replace(saved)
            work.record(proposal_event(account.actor, "proposal_saved", saved, before=f"version {version}"))
            work.commit()
        return saved

    def judge(self, account: Account, proposal_id: ProposalId, audience: Audience) -> Judged:
        """Return a proposal of one's own organ with what is to be mended, and what already exists like it.

        Raises:
            NotFound: no such proposal for this audience.
            NotAllowed: it is another organ's.
        """
        proposal = self.read(account, proposal_id, audience)
        with self._uow.reading() as look:
            organ = look.organs.by_id(proposal.organ_id)
        return Judged(
            proposal=proposal,
            organ=organ,
            violations=self._violations(proposal.metadata, organ),
            similar=self._similar.to(proposal.metadata, audience, but=proposal.entry_id),
        )

    def read(self, account: Account, proposal_id: ProposalId, audience: Audience) -> Proposal:
        """Return a proposal of one's own organ.

        Raises:
            NotFound: no such proposal for this audience.
            NotAllowed: it is another organ's.
        """
        with self._uow.reading() as look:
            return self._own(look, account, proposal_id, audience)

    def violations(self, proposal: Proposal) -> tuple[Violation, ...]:
        """Return what departs from the profile in what is proposed."""
        with self._uow.reading() as look:
            organ = look.organs.by_id(proposal.organ_id)
        return self._violations(proposal.metadata, organ)

    def submit(
        self, account: Account, proposal_id: ProposalId, statement: str, *, version: int, audience: Audience
    ) -> Proposal:
        """Hand a proposal in for review; a published entry is marked. Audited as `proposal_submitted`.

        Raises:
            InvalidInput: it departs from the profile, or says not why it is no duplicate (art. 9).
            Conflict: somebody saved it meanwhile, it is with the desk, or its entry changed meanwhile.
            NotFound: no such proposal for this audience.
            NotAllowed: it is another organ's.
        """
        judged = self.judge(account, proposal_id, audience)
        if judged.proposal.version != version:
            raise Conflict("proposal_changed_meanwhile")
        if judged.violations:
            raise InvalidInput("proposal_has_violations", count=len(judged.violations))
        if judged.similar and len(clean(statement)) < SHORTEST_STATEMENT:
            raise InvalidInput("statement_missing", count=len(judged.similar), shortest=SHORTEST_STATEMENT)
        return self._hand_in(judged.proposal, account, statement)

    def take_back(self, account: Account, proposal_id: ProposalId, *, version: int, audience: Audience) -> Proposal:
        """Take back what waits for the desk; its entry stands as published. Audited as `proposal_taken_back`.

        Raises:
            NotFound: no such proposal for this audience.
            NotAllowed: it is another organ's.
            Conflict: it does not wait any more, or was saved meanwhile.
        """
        with self._uow() as work:
            now, proposal = self._clock(), self._own(work, account, proposal_id, audience)
            if proposal.version != version:
                raise Conflict("proposal_changed_meanwhile")
            back = unmark_entry(work, proposal.taken_back(at=now), "proposal_taken_back", now)
            work.proposals.replace(back)
            work.record(proposal_event(account.actor, "proposal_taken_back", back, before=f"version {version}"))
            work.commit()
        return back

    def discard(
        self, account: Account, proposal_id: ProposalId, audience: Audience, *, version: int | None = None
    ) -> Proposal:
        """Give a proposal up that is with its organ; it is kept, and leads nowhere. Audited as `proposal_discarded`.

        Raises:
            NotFound: no such proposal for this audience.
            NotAllowed: it is another organ's.
            Conflict: it is with the desk, or decided, or somebody saved it meanwhile.
        """
        with self._uow() as work:
            proposal = self._own(work, account, proposal_id, audience)
            if version not in {None, proposal.version}:
                raise Conflict("proposal_changed_meanwhile")
            given_up = proposal.discarded(by=account.actor, at=self._clock())
            work.proposals.replace(given_up)
            work.record(proposal_event(account.actor, "proposal_discarded", given_up))
            work.commit()
        return given_up

    def open_proposals(self, audience: Audience, states: frozenset[ProposalState] = OPEN) -> tuple[Proposal, ...]:
        """Return what is on its way of the organs an audience works for, or what is in the states named."""
        with self._uow.reading() as look:
            return look.proposals.list(ProposalFilter(states=states), audience, _LISTED)

    def _about(self, account: Account, code: str, audience: Audience, kind: ProposalKind) -> Proposal:
        with self._uow() as work:
            entry = work.entries.by_code(code, audience)
            _demand_own(account, entry)
            work.entries.hold(entry.id)  # two who begin at once begin one change
            for other in work.proposals.list(ProposalFilter(states=OPEN, entry_id=entry.id), audience, 1):
                if other.kind is kind and other.state.is_with_organ:
                    return other
                raise Conflict("proposal_pending", entry=code)
            if entry.state is not EntryState.PUBLISHED:
                raise Conflict("proposal_pending", entry=code)
            proposal = replace(change_of(entry, by=account.actor, at=self._clock()), kind=kind)
            work.proposals.add_once(proposal)
            work.record(proposal_event(account.actor, "proposal_started", proposal))
            work.commit()
        return proposal

    def _add(self, proposal: Proposal, account: Account) -> bool:
        with self._uow() as work:
            if not work.proposals.add_once(proposal):
                return False
            work.record(proposal_event(account.actor, "proposal_started", proposal))
            work.commit()
        return True

    def _hand_in(self, proposal: Proposal, account: Account, statement: str) -> Proposal:
        now = self._clock()
        handed_in = proposal.submitted(statement, by=account.actor, at=now)
        with self._uow() as work:
            if proposal.entry_id is not None:
                handed_in = mark_entry(work, handed_in, now)
            work.proposals.replace(handed_in)
            work.record(proposal_event(account.actor, "proposal_submitted", handed_in))
            work.commit()
        return handed_in

    def _own(self, work: UnitOfWork, account: Account, proposal_id: ProposalId, audience: Audience) -> Proposal:
        proposal = work.proposals.by_id(proposal_id, audience)
        if proposal.organ_id != account.organ_id:
            raise NotAllowed
        return proposal

    def _violations(self, metadata: EntryMetadata, organ: Organ) -> tuple[Violation, ...]:
        return check(metadata, organ, self._reference.profile, today(self._clock))


def mark_entry(work: UnitOfWork, proposal: Proposal, now: datetime) -> Proposal:
    """Mark the entry as about to change: what it says stays as it is; returns the proposal on this revision.

    Raises:
        Conflict: the entry changed meanwhile.
    """
    (entry,) = work.entries.by_ids([proposal.entry_id] if proposal.entry_id else [])
    if entry.revision != proposal.base_revision:
        raise Conflict("entry_changed_meanwhile", entry=entry.code)
    is_change = proposal.kind is ProposalKind.CHANGE
    state = EntryState.CHANGE_PENDING if is_change else EntryState.WITHDRAW_PENDING
    marked = replace(entry, state=state, revision=entry.revision + 1, changed_at=now)
    work.entries.save(marked, "change_proposed" if is_change else "withdrawal_proposed")
    return replace(proposal, base_revision=marked.revision)


def unmark_entry(work: UnitOfWork, proposal: Proposal, cause: str, now: datetime) -> Proposal:
    """Let the entry stand as published again; returns the proposal on the revision that it now has.

    A change that the entry overtook meanwhile keeps its old revision: it is its organ's to merge.

    Args:
        work: where it is stored.
        proposal: what is not with the desk any more.
        cause: of the revision of the entry.
        now: the present instant.
    """
    (entry,) = work.entries.by_ids([proposal.entry_id]) if proposal.entry_id else (None,)
    if entry is None or entry.state not in _MARKED:
        return proposal
    unmarked = replace(entry, state=EntryState.PUBLISHED, revision=entry.revision + 1, changed_at=now)
    work.entries.save(unmarked, cause)
    is_overtaken = entry.revision != proposal.base_revision
    return proposal if is_overtaken else replace(proposal, base_revision=unmarked.revision)


def change_of(entry: Entry, *, by: str, at: datetime) -> Proposal:
    """Return a change of an entry that says what the entry says, to be written on."""
    return Proposal(
        id=ProposalId(new_id()),
        organ_id=entry.organ_id,
        entry_id=entry.id,
        code=entry.code,
        kind=ProposalKind.CHANGE,
        state=ProposalState.DRAFT,
        metadata=entry.metadata,
        tier=entry.tier,
        base_revision=entry.revision,
        version=1,
        authors=(by,),
        created_at=at,
        changed_at=at,
    )


def _organ_of(account: Account) -> OrganId:
    if account.organ_id is None:
        raise NotAllowed
    return account.organ_id


def _demand_own(account: Account, entry: Entry) -> None:
    if entry.organ_id != account.organ_id:
        raise NotAllowed
    if entry.source_id is not None:
        raise NotAllowed("entry_kept_by_source")


def _reached(tier: Tier, audience: Audience) -> Tier:
    if tier.level > audience.tier.level:
        raise InvalidInput("tier_above_network", value=tier, allowed=audience.tier)
    return tier


def proposal_event(actor: str, action: str, proposal: Proposal, *, before: str = "") -> AuditEvent:
    """Say who did what to a proposal."""
    after = " ".join([proposal.kind, proposal.state, f"version {proposal.version}"])
    return AuditEvent(actor=actor, action=action, subject=f"proposal:{proposal.id}", before=before, after=after)
