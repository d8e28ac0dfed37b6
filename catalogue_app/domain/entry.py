"""An entry of the catalogue: its life, its current revision and what is wrong with it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum, unique
from typing import final

from catalogue_app.domain.ids import CatalogueCode, EntryId, OrganId, SourceId
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.profile import Violation
from catalogue_app.domain.vocabulary import Tier


@unique
class EntryState(StrEnum):
    """Where an entry is in its life (`config/vocabularies/lifecycle.csv`)."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    REGISTERED = "registered"
    PUBLISHED = "published"
    CHANGE_PENDING = "change_pending"
    WITHDRAW_PENDING = "withdraw_pending"
    WITHDRAWN = "withdrawn"
    SUSPENDED = "suspended"

    @property
    def is_public(self) -> bool:
        """Whether everybody whose tier reaches it sees an entry in this state."""
        return self in _PUBLIC


_PUBLIC = frozenset({EntryState.PUBLISHED, EntryState.CHANGE_PENDING, EntryState.WITHDRAW_PENDING})


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry as it stands, with its current revision.

    Attributes:
        id: key of the entry for ever.
        serial: running number in this catalogue, 1 and up; the code is made from it.
        code: public catalogue code.
        organ_id: the organ that answers for the entry.
        source_id: the source it was harvested from; none for entries registered by hand.
        identifier: what the source calls it; unique within the source.
        state: where it is in its life.
        tier: network tier it belongs to (art. 8).
        revision: number of the current revision, 1 and up.
        metadata: what it says.
        violations: where it departs from the profile in force when it was last checked.
        created_at: when the catalogue first knew it.
        changed_at: when its current revision was stored.
        missing_since: when a complete run first no longer saw it; none while its source has it.
        confirmed_on: day the organ last confirmed it as reviewed and unchanged.
    """

    id: EntryId
    serial: int
    code: CatalogueCode
    organ_id: OrganId
    source_id: SourceId | None
    identifier: str
    state: EntryState
    tier: Tier
    revision: int
    metadata: EntryMetadata
    violations: tuple[Violation, ...]
    created_at: datetime
    changed_at: datetime
    missing_since: datetime | None = None
    confirmed_on: date | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One past or present state of an entry; never changed once stored.

    Attributes:
        number: 1 for the first.
        tier: network tier it belonged to then; judges who may read the revision.
        metadata: what the entry said.
        recorded_at: when it was stored.
        cause: what led to it, such as `harvest`.
        run_id: text form of the harvest run, where a run caused it.
    """

    number: int
    tier: Tier
    metadata: EntryMetadata
    recorded_at: datetime
    cause: str
    run_id: str | None = None
