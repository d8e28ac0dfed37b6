"""From gathered records to a plan: known ones told by their digests in sets, new and changed ones read and checked."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, final
from uuid import UUID

from catalogue_app.domain.curation import curated, value_of
from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.harvest import Outcome, Problem, tier_of
from catalogue_app.domain.ids import EntryId, new_ids
from catalogue_app.domain.metadata import EntryMetadata, JsonValue
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.profile import Violation
from catalogue_app.domain.source import OPERATIONAL_OPTIONS, Source
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.curations import Overrides
from catalogue_app.persistence.entry_rows import write_document
from catalogue_app.persistence.outcomes import RecordOutcome
from catalogue_app.persistence.staging import KnownRecord, LastReading, StagedRecord
from catalogue_app.services.attribution import Attribution
from harvesters import pipeline
from harvesters.port import Harvester, RawRecord

ProfileCheck = Callable[[EntryMetadata, Organ], tuple[Violation, ...]]
"""Returns where an entry of an organ departs from the profile in force."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One gathered record and its place in the run, 1 and up; a problem where it has no identity."""

    position: int
    record: RawRecord | Problem


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """What the catalogue holds of the records of one batch.

    Attributes:
        last: how they were read last, by identifier.
        known: all that is known of those that `Planner.to_read` names, by identifier.
        violations: those of the entries that `Planner.reread` names, as stored.
        overrides: what the desk lets the entries of `known` say.
        taken: of the codes that records bring along, those that they may not have here.
    """

    last: Mapping[str, LastReading]
    known: Mapping[str, KnownRecord]
    violations: Mapping[EntryId, tuple[Violation, ...]]
    overrides: Overrides
    taken: frozenset[str] = frozenset()


@final
@dataclass(slots=True, kw_only=True)
class PlannedBatch:
    """What one batch of gathered records will do.

    Attributes:
        outcomes: one for every record of the batch.
        staged: the new and changed ones.
        confirmed: entries read anew that say the same as before.
        suspended: entries whose record now declares a tier above the ceiling.
        sightings: (entry, element) that the desk curates to what the record says of it.
        ids: for the entries that are new.
    """

    ids: Iterator[UUID]
    outcomes: list[RecordOutcome] = field(default_factory=list)
    staged: list[StagedRecord] = field(default_factory=list)
    confirmed: list[EntryId] = field(default_factory=list)
    suspended: list[EntryId] = field(default_factory=list)
    sightings: dict[tuple[EntryId, str], JsonValue] = field(default_factory=dict)


@final
class Planner:
    """Plans the records of one source, batch by batch; touches neither network nor database."""

    def __init__(
        self,
        source: Source,
        harvester: Harvester,
        *,
        attribution: Attribution,
        check: ProfileCheck,
        tier_ceiling: Tier,
        reading: str,
    ) -> None:
        self._source: Final = source
        self._harvester: Final = harvester
        self._attribution: Final = attribution
        self._check: Final = check
        self._ceiling: Final = tier_ceiling
        self.reading: Final = reading

    def to_read(self, places: Sequence[Place], last: Mapping[str, LastReading]) -> list[str]:
        """Return the known identifiers whose record is changed or would be read in another way now."""
        records = (place.record for place in places if isinstance(place.record, RawRecord))
        return [it.identifier for it in records if it.identifier in last and not self._is_unchanged(it, last)]

    def reread(self, places: Sequence[Place], known: Mapping[str, KnownRecord]) -> list[EntryId]:
        """Return the entries whose record is the same but would be read in another way now."""
        records = (place.record for place in places if isinstance(place.record, RawRecord))
        pairs = ((record, known[record.identifier]) for record in records if record.identifier in known)
        return [
            before.entry_id
            for record, before in pairs
            if before.source_digest == record.digest and before.reading != self.reading
        ]

    def plan(self, places: Sequence[Place], held: Holdings) -> PlannedBatch:
        """Plan one batch.

        Args:
            places: the records in their order.
            held: what the catalogue holds of them.
        """
        batch = PlannedBatch(ids=new_ids(len(places)))
        for place in places:
            record = place.record
            if isinstance(record, Problem):
                batch.outcomes.append(_without_identity(place.position, record))
            elif record.carried is not None and record.carried.code in held.taken:
                problem = Problem(record=record.identifier, element="identifier", code="code_held_here")
                batch.outcomes.append(_outcome(place.position, record, Outcome.REJECTED, problem))
            elif self._is_unchanged(record, held.last):
                batch.outcomes.append(_outcome(place.position, record, Outcome.UNCHANGED))
            else:
                before = held.known.get(record.identifier)
                said = pipeline.read(self._harvester, record)
                if before is not None and not isinstance(said, Problem):
                    said = _curate(batch, said, before.entry_id, held.overrides.get(before.entry_id, {}))
                self._read(batch, place.position, record, said, before, held.violations)
        return batch

    def _is_unchanged(self, record: RawRecord, last: Mapping[str, LastReading]) -> bool:
        """Say whether a record is known and was read before just as it would be now."""
        return last.get(record.identifier) == (record.digest, self.reading)

    def _read(
        self,
        batch: PlannedBatch,
        position: int,
        record: RawRecord,
        metadata: EntryMetadata | Problem,
        before: KnownRecord | None,
        violations: Mapping[EntryId, tuple[Violation, ...]],
    ) -> None:
        """Judge one record that is new, changed or was read anew."""
        if isinstance(metadata, Problem):
            batch.outcomes.append(_outcome(position, record, Outcome.REJECTED, metadata))
            return
        tier = record.carried.tier if record.carried else tier_of(metadata, self._source)
        if tier.level > self._ceiling.level:
            problem = Problem(record=record.identifier, element="network_tier", code="above_ceiling")
            batch.outcomes.append(_outcome(position, record, Outcome.REJECTED, problem))
            if before is not None:
                batch.suspended.append(before.entry_id)
            return
        entry_id = before.entry_id if before else EntryId(next(batch.ids))
        staged = self._stage(position, record, metadata, entry_id, tier, is_new=before is None)
        if before is not None and _says_the_same(staged, before) and violations[before.entry_id] == staged.violations:
            batch.confirmed.append(before.entry_id)
            batch.outcomes.append(_outcome(position, record, Outcome.UNCHANGED))
            return
        batch.staged.append(staged)
        batch.outcomes.append(_outcome(position, record, Outcome.ADDED if staged.is_new else Outcome.CHANGED))

    def _stage(
        self, position: int, record: RawRecord, metadata: EntryMetadata, entry_id: EntryId, tier: Tier, *, is_new: bool
    ) -> StagedRecord:
        organ = self._attribution.organ_of(metadata, record.carried)
        document, digest = write_document(metadata)
        return StagedRecord(
            position=position,
            is_new=is_new,
            entry_id=entry_id,
            identifier=record.identifier,
            code=record.carried.code if record.carried else None,
            organ_id=organ.id,
            state=EntryState.SUBMITTED if self._source.needs_review else EntryState.PUBLISHED,
            tier=tier,
            digest=digest,
            source_digest=record.digest,
            reading=self.reading,
            metadata=metadata,
            document=document,
            violations=self._check(metadata, organ),
        )


def reading_fingerprint(
    source: Source, harvester: Harvester, organs: Iterable[Organ], *, ceiling: Tier, reference_version: str
) -> str:
    """Stand for everything but the record itself that decides how it is read; a change reads every record anew, once.

    Returns:
        32 hexadecimal characters.
    """
    options = sorted(item for item in source.options.items() if item[0] not in OPERATIONAL_OPTIONS)
    register = [(organ.id, organ.all_names, organ.uscc, organ.successor) for organ in organs]
    parts = (source.kind.value, harvester.version, source.organ_id, options, register, ceiling.value, reference_version)
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).hexdigest()


def _curate(
    batch: PlannedBatch, said: EntryMetadata, entry_id: EntryId, values: Mapping[str, JsonValue]
) -> EntryMetadata:
    """Let the desk's values stand, and note what the record says in their place."""
    if not values:
        return said
    batch.sightings |= {(entry_id, element): value_of(said, element) for element in values}
    return curated(said, values)


def _says_the_same(staged: StagedRecord, before: KnownRecord) -> bool:
    """Compare all that a new reading of the very same record could have changed."""
    return (staged.source_digest, staged.digest, staged.tier, staged.organ_id) == (
        before.source_digest,
        before.digest,
        before.tier,
        before.organ_id,
    )


def _outcome(position: int, record: RawRecord, outcome: Outcome, problem: Problem | None = None) -> RecordOutcome:
    return RecordOutcome(
        position=position,
        identifier=record.identifier,
        place=record.place,
        digest=record.digest,
        outcome=outcome,
        problem=problem,
    )


def _without_identity(position: int, problem: Problem) -> RecordOutcome:
    return RecordOutcome(
        position=position, identifier="", place=problem.record, digest="", outcome=Outcome.REJECTED, problem=problem
    )
