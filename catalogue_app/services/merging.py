"""An entry changed while its organ wrote a change of it: what differs, and the change brought onto what stands now."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, final

from catalogue_app.domain.account import Account
from catalogue_app.domain.audit import AuditEvent
from catalogue_app.domain.clock import Clock
from catalogue_app.domain.entry import Entry
from catalogue_app.domain.errors import Conflict, NotAllowed
from catalogue_app.domain.merge import Difference, Side, differences, merged, read_back, written_down
from catalogue_app.domain.metadata import Document
from catalogue_app.domain.proposal import Proposal, ProposalId, ProposalKind
from catalogue_app.domain.visibility import Audience
from catalogue_app.persistence.unit_of_work import UnitOfWork, UnitsOfWork


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """A change of an entry beside the entry as it stands now.

    Attributes:
        theirs: what the entry says now.
        mine: what the proposal says.
        differences: where they part; empty where the entry is still as the change found it.
        revision: of the entry, as it stands now.
    """

    proposal: Proposal
    theirs: Document
    mine: Document
    differences: tuple[Difference, ...]
    revision: int

    @property
    def is_needed(self) -> bool:
        """Whether the entry is not the one any more that the change was written for."""
        return self.proposal.base_revision != self.revision


@final
class Merging:
    """Use cases of an organ's editors, for changes that were overtaken."""

    def __init__(self, uow: UnitsOfWork, clock: Clock) -> None:
        self._uow: Final = uow
        self._clock: Final = clock

    def look(self, account: Account, proposal_id: ProposalId, audience: Audience) -> Merge:
        """Return a change of one's own organ beside its entry as it stands.

        Raises:
            NotFound: no such proposal for this audience.
            NotAllowed: it is another organ's.
            Conflict: it is no change of an entry, or not with its organ.
        """
        with self._uow.reading() as look:
            return self._merge(look, account, proposal_id, audience)

    def settle(
        self,
        account: Account,
        proposal_id: ProposalId,
        choices: Mapping[str, Side],
        *,
        version: int,
        revision: int,
        audience: Audience,
    ) -> Proposal:
        """Bring a change onto the entry as it stands, taking of what differs the side chosen.

        Audited as `proposal_merged`.

        Args:
            account: who chooses.
            proposal_id: the change.
            choices: element to the side taken.
            version: of the change, as they saw it.
            revision: of the entry, as they saw it: what it says since is not theirs to pass over unseen.
            audience: what they may see.

        Raises:
            InvalidInput: an element that differs has no choice.
            Conflict: somebody saved it meanwhile, its entry changed once more, or it is not with its organ.
            NotFound: no such proposal for this audience.
            NotAllowed: it is another organ's.
        """
        with self._uow() as work:
            found = self._merge(work, account, proposal_id, audience)
            if found.proposal.version != version:
                raise Conflict("proposal_changed_meanwhile")
            if found.revision != revision:
                raise Conflict("entry_changed_meanwhile", entry=found.proposal.code)
            metadata, tier = read_back(merged(found.theirs, found.mine, found.differences, choices))
            written = found.proposal.written(metadata, tier, by=account.actor, at=self._clock())
            settled = replace(written, base_revision=found.revision)
            work.proposals.replace(settled)
            taken = sorted(f"{element}={side}" for element, side in choices.items())
            work.record(
                AuditEvent(
                    actor=account.actor,
                    action="proposal_merged",
                    subject=f"proposal:{settled.id}",
                    before=f"version {version}",
                    after=" ".join([f"version {settled.version}", f"revision {found.revision}", *taken]),
                )
            )
            work.commit()
        return settled

    def _merge(self, look: UnitOfWork, account: Account, proposal_id: ProposalId, audience: Audience) -> Merge:
        proposal = look.proposals.by_id(proposal_id, audience)
        if proposal.organ_id != account.organ_id:
            raise NotAllowed
        if proposal.kind is not ProposalKind.CHANGE or proposal.code is None or not proposal.state.is_with_organ:
            raise Conflict("proposal_moved_on", state=proposal.state)
        entry = look.entries.by_code(proposal.code, audience)
        theirs, mine = written_down(entry.metadata, entry.tier), written_down(proposal.metadata, proposal.tier)
        base = self._base(look, entry, proposal, audience)
        return Merge(
            proposal=proposal,
            theirs=theirs,
            mine=mine,
            differences=differences(base, theirs, mine) if proposal.base_revision != entry.revision else (),
            revision=entry.revision,
        )

    def _base(self, look: UnitOfWork, entry: Entry, proposal: Proposal, audience: Audience) -> Document | None:
        """Return what the entry said when the change was begun; None where this audience may not know."""
        before = [one for one in look.entries.revisions(entry.id, audience) if one.number == proposal.base_revision]
        return written_down(before[0].metadata, before[0].tier) if before else None
