"""Entries, their revisions and labels: `save` is the only door for a single entry, and writes the outbox row with it.

A harvest enters through `staged_entries.py`, in sets; both doors leave the same rows behind.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, and_, delete, insert, literal, select, text, update
from sqlalchemy.orm import Session

from catalogue_app.domain.entry import Entry, EntryState
from catalogue_app.domain.errors import AboveCeiling, Conflict
from catalogue_app.domain.ids import CatalogueCode, EntryId, OrganId, RunId, catalogue_code
from catalogue_app.domain.metadata import to_document
from catalogue_app.domain.serials import SERIES
from catalogue_app.domain.text import fold
from catalogue_app.domain.visibility import labels_of
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence import outbox, showings
from catalogue_app.persistence.accountability import demand_audit
from catalogue_app.persistence.base import UtcDateTime
from catalogue_app.persistence.bulk import insert_rows
from catalogue_app.persistence.entry_reads import EntryReads
from catalogue_app.persistence.entry_rows import (
    SCHEMA_VERSION,
    AttributeRow,
    EntryRow,
    LabelRow,
    RevisionRow,
    attributes_of,
    write_document,
    write_violations,
)

_COUNTERS: Final = {tier: "entry_serial" if tier is Tier.PORTAL else f"entry_serial:{tier}" for tier in Tier}


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPolicy:
    """What a deployment decides about every entry it holds.

    Attributes:
        code_prefix: two capitals that begin every catalogue code.
        tier_ceiling: highest tier that may be stored here (art. 8).
    """

    code_prefix: str
    tier_ceiling: Tier


@final
class EntryRepository(EntryReads):
    """All entries of the catalogue."""

    def __init__(self, session: Session, policy: EntryPolicy) -> None:
        super().__init__(session)
        self.policy: Final = policy

    def allot(self, tier: Tier) -> tuple[int, CatalogueCode]:
        """Take the next serial number of a tier and the code made of it, for an entry about to be saved there."""
        serial = take_serials(self._session, tier, 1)
        return serial, catalogue_code(self.policy.code_prefix, serial)

    def hold(self, entry_id: EntryId) -> None:
        """Keep everybody else from holding an entry until this unit ends."""
        self._session.execute(select(EntryRow.id).where(EntryRow.id == entry_id).with_for_update()).first()

    def save(self, entry: Entry, cause: str, run_id: RunId | None = None) -> None:
        """Store an entry as it now stands: new (revision 1), or the next revision of a known one.

        The revision, the labels, the attributes and the outbox row are written with it.

        Args:
            entry: as it shall stand; its revision is the stored one plus one.
            cause: what led to it, such as `registration`; kept on the revision.
            run_id: the harvest run, where one caused it.

        Raises:
            AboveCeiling: its tier may not be held here; nothing of it is stored.
            Conflict: its revision does not follow the stored one: somebody else was faster.
        """
        if entry.tier.level > self.policy.tier_ceiling.level:
            raise AboveCeiling(tier=entry.tier.value, ceiling=self.policy.tier_ceiling.value)
        demand_audit(self._session)
        stored = self._session.get(EntryRow, entry.id, with_for_update=True, populate_existing=True)
        if entry.revision != (stored.revision if stored else 0) + 1:
            raise Conflict("entry_changed_meanwhile", entry=entry.code, revision=entry.revision)
        row = stored or EntryRow(id=entry.id, source_digest="", reading="")
        _fill(row, entry)
        self._session.add(row)
        self._session.flush()
        self._session.add(_revision(entry, cause, run_id))
        self._session.flush()
        relabel(self._session, EntryRow.id == entry.id)
        self._write_attributes(entry)
        outbox.append(self._session, [entry.id])

    def _write_attributes(self, entry: Entry) -> None:
        connection = self._session.connection()
        connection.execute(delete(AttributeRow).where(AttributeRow.entry_id == entry.id))
        rows = [
            {"entry_id": entry.id, "name": name, "value": value}
            for name, values in attributes_of(entry.metadata).items()
            for value in values
        ]
        if rows:
            connection.execute(insert(AttributeRow), rows)


def take_serials(session: Session, tier: Tier, count: int) -> int:
    """Take a run of serial numbers of a tier in this transaction and return the first.

    A transaction that fails gives them back, so that codes have no gaps but those of withdrawn plans, and of entries
    that brought their codes with them.

    Raises:
        OverflowError: the tier has no such numbers left.
    """
    numbers = SERIES[tier]
    first = numbers.start - 1 + take_numbers(session, _COUNTERS[tier], count)
    if first + count > numbers.stop:
        raise OverflowError(f"all {len(numbers)} running numbers of the tier {tier} are taken")
    return first


def take_numbers(session: Session, name: str, count: int) -> int:
    """Take a run of numbers of some counter in this transaction and return the first; 1 is the first of all."""
    taken = text(
        "INSERT INTO counter (name, value) VALUES (:name, :count) "
        "ON CONFLICT (name) DO UPDATE SET value = counter.value + excluded.value RETURNING value"
    )
    return int(session.execute(taken, {"name": name, "count": count}).scalar_one()) - count + 1


def set_state(
    session: Session, ids: Sequence[UUID], state: EntryState, at: datetime, cause: str, run_id: RunId | None = None
) -> int:
    """Give entries a state, with a revision that says the same; returns how many exist.

    A new revision is needed even so: the index tells old from new by its number.
    """
    numbers = {"revision": EntryRow.revision + 1, "changed_at": at, "state": state.value}
    found = session.execute(update(EntryRow).where(EntryRow.id.in_(ids)).values(numbers).returning(EntryRow.id)).all()
    repeat_revision(session, ids, cause, at, run_id)
    relabel(session, EntryRow.id.in_(ids))
    outbox.append(session, [row.id for row in found])
    return len(found)


def repeat_revision(
    session: Session, ids: Sequence[UUID], cause: str, at: datetime, run_id: RunId | None = None
) -> None:
    """Write the present revision of entries whose row has gone on by one: what was said is said again, by the row."""
    before = and_(RevisionRow.entry_id == EntryRow.id, RevisionRow.number == EntryRow.revision - 1)
    kept = ("entry_id", "number", "tier", "state", "organ_id", "schema_version", "document")
    columns = [*kept, "recorded_at", "cause", "run_id"]
    repeated = select(
        EntryRow.id,
        EntryRow.revision,
        EntryRow.tier,
        EntryRow.state,
        EntryRow.organ_id,
        RevisionRow.schema_version,
        RevisionRow.document,
        literal(at, UtcDateTime()),
        literal(cause),
        literal(run_id, Uuid()),
    )
    repeated = repeated.join(RevisionRow, before).where(EntryRow.id.in_(ids))
    session.execute(insert(RevisionRow).from_select(columns, repeated))


def relabel(session: Session, among: ColumnElement[bool]) -> None:
    """Write the labels of some entries anew from their state, tier and organ as stored."""
    chosen = select(EntryRow.id).where(among)
    session.connection().execute(delete(LabelRow).where(LabelRow.entry_id.in_(chosen)))
    kinds = select(EntryRow.id, EntryRow.tier, EntryRow.state, EntryRow.organ_id).where(among)
    insert_rows(session.connection(), LabelRow, _labels(session, kinds))
    showings.note(session, among)


def label_new(session: Session, kinds: Select[UUID, str, str, str]) -> None:
    """Write the labels of entries that had none yet, as `relabel` would.

    Args:
        session: the transaction they are new in.
        kinds: selects their id, tier, state and organ.
    """
    labels = _labels(session, kinds)
    insert_rows(session.connection(), LabelRow, labels)
    showings.begin(session, labels)


def _labels(session: Session, kinds: Select[UUID, str, str, str]) -> list[tuple[UUID, str]]:
    """Return (entry, label) of some entries; the rule is the domain's, asked once for each kind of entry.

    Telling the database the result of each kind cost a walk through all entries of an organ for every batch.
    """
    of_kind: dict[tuple[str, str, str], list[str]] = {}
    labels: list[tuple[UUID, str]] = []
    for entry_id, tier, state, organ in session.connection().execute(kinds):
        kind = (tier, state, organ)
        if kind not in of_kind:
            found = labels_of(tier=Tier(tier), state=EntryState(state), organ=OrganId(organ))
            of_kind[kind] = sorted(found)
        labels.extend((entry_id, label) for label in of_kind[kind])
    return labels


def _fill(row: EntryRow, entry: Entry) -> None:
    metadata = entry.metadata
    row.serial = entry.serial
    row.code = entry.code
    row.organ_id = entry.organ_id
    row.source_id = entry.source_id
    row.identifier = entry.identifier
    row.state = entry.state.value
    row.tier = entry.tier.value
    row.revision = entry.revision
    row.digest = write_document(metadata)[1]
    row.title = metadata.title.original
    row.title_folded = fold(metadata.title.original)
    row.update_cycle = metadata.update_cycle.value if metadata.update_cycle else None
    row.issued_on = metadata.issued_on
    row.updated_on = metadata.updated_on
    row.confirmed_on = entry.confirmed_on
    row.created_at = entry.created_at
    row.changed_at = entry.changed_at
    row.missing_since = entry.missing_since
    row.violation_count = len(entry.violations)
    row.violations = write_violations(entry.violations)


def _revision(entry: Entry, cause: str, run_id: RunId | None) -> RevisionRow:
    return RevisionRow(
        entry_id=entry.id,
        number=entry.revision,
        tier=entry.tier.value,
        state=entry.state.value,
        organ_id=entry.organ_id,
        schema_version=SCHEMA_VERSION,
        document=to_document(entry.metadata),
        recorded_at=entry.changed_at,
        cause=cause,
        run_id=run_id,
    )
