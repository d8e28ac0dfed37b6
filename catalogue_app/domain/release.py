"""A release of an organ's catalogue: numbered and never changed, prepared by one person and signed by another.

Each network has its own releases and its own numbers: what one below hears of never depends on what stands above it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum, unique
from typing import NewType, final
from uuid import UUID

from catalogue_app.domain.errors import Conflict, NotAllowed
from catalogue_app.domain.ids import CatalogueCode, EntryId, OrganId
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.vocabulary import Tier

ReleaseId = NewType("ReleaseId", UUID)


@unique
class ReleaseState(StrEnum):
    """Where a release is on its way."""

    PREPARED = "prepared"
    """Waits for the approver of its organ."""
    SIGNED = "signed"
    DISCARDED = "discarded"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One release.

    Attributes:
        tier: network it is for; it holds entries up to this tier, and nobody below hears of it.
        number: counts the signed releases of the organ for this network from 1; 0 before it is signed.
        note: what its organ says about it.
        prepared_by: actor who put it together.
        signed_by: actor who signed it; empty before.
    """

    id: ReleaseId
    organ_id: OrganId
    tier: Tier
    state: ReleaseState
    note: str
    prepared_by: str
    prepared_at: datetime
    number: int = 0
    signed_by: str = ""
    signed_at: datetime | None = None

    @property
    def name(self) -> str:
        """How addresses and commands call a signed release, such as `portal-3`."""
        return f"{self.tier}-{self.number}"

    def signed(self, number: int, *, by: str, at: datetime) -> "Release":
        """Return it signed.

        Raises:
            Conflict: it does not wait for that.
            NotAllowed: who signs prepared it.
        """
        self._demand_prepared()
        if by == self.prepared_by:
            raise NotAllowed("own_release")
        return replace(self, state=ReleaseState.SIGNED, number=number, signed_by=by, signed_at=at)

    def discarded(self) -> "Release":
        """Return it given up.

        Raises:
            Conflict: it is signed, or given up already.
        """
        self._demand_prepared()
        return replace(self, state=ReleaseState.DISCARDED)

    def _demand_prepared(self) -> None:
        if self.state is not ReleaseState.PREPARED:
            raise Conflict("release_moved_on")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedEntry:
    """One entry of a release, in the revision that was released.

    Attributes:
        metadata: what it said; None where the entry has left the catalogue since, and says nothing any more.
    """

    entry_id: EntryId
    code: CatalogueCode
    revision: int
    tier: Tier
    recorded_at: datetime
    metadata: EntryMetadata | None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseDiff:
    """What a later release has otherwise than an earlier one."""

    added: tuple[ReleasedEntry, ...]
    changed: tuple[ReleasedEntry, ...]
    withdrawn: tuple[ReleasedEntry, ...]


def difference(earlier: tuple[ReleasedEntry, ...], later: tuple[ReleasedEntry, ...]) -> ReleaseDiff:
    """Compare two releases entry by entry; an entry that says the same in another revision is not changed."""
    before = {one.entry_id: (one.metadata, one.tier) for one in earlier}
    after = {one.entry_id for one in later}
    kept = [one for one in later if one.entry_id in before]
    return ReleaseDiff(
        added=tuple(one for one in later if one.entry_id not in before),
        changed=tuple(one for one in kept if before[one.entry_id] != (one.metadata, one.tier)),
        withdrawn=tuple(one for one in earlier if one.entry_id not in after),
    )
