"""How a plan becomes entries: in sets, a batch a transaction; it leaves the same rows as `entries.save`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple, final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Connection,
    SQLColumnExpression,
    Update,
    Uuid,
    and_,
    case,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session

from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.ids import RunId, SourceId
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence import outbox
from catalogue_app.persistence.base import UtcDateTime
from catalogue_app.persistence.dialects import as_json, code_digits, json_texts
from catalogue_app.persistence.entries import EntryPolicy, label_new, relabel, set_state, take_serials
from catalogue_app.persistence.entry_rows import ATTRIBUTES, SCHEMA_VERSION, AttributeRow, EntryRow, RevisionRow
from catalogue_app.persistence.outcomes import has_outcome
from catalogue_app.persistence.staging import StagedRow, is_live

CAUSE: Final = "harvest"

_COPIED: Final = (
    "organ_id",
    "tier",
    "digest",
    "source_digest",
    "reading",
    "title",
    "title_folded",
    "update_cycle",
    "issued_on",
    "updated_on",
    "violation_count",
    "violations",
)
"""Columns an entry takes from its staged record as they are."""

_HARVESTED_STATES: Final = (EntryState.PUBLISHED.value, EntryState.SUBMITTED.value)
"""States that a harvest moves an entry between; all others were chosen by a person and stay."""


class Applied(NamedTuple):
    """What one batch came to: how many records were applied, and the position of the last in the run."""

    number: int
    last: int


@final
class StagedEntries:
    """The set-based door into the entries; who answers for it is on the audit log of the run."""

    def __init__(self, session: Session, policy: EntryPolicy) -> None:
        self._session: Final = session
        self._policy: Final = policy

    def taken(self, source_id: SourceId, codes: Sequence[str]) -> frozenset[str]:
        """Return those of some codes made elsewhere that no entry of a source may have here.

        Another entry has them, or they begin as the codes that this deployment makes, now or later.
        """
        if not codes:
            return frozenset()
        others = EntryRow.source_id.is_distinct_from(literal(source_id, Uuid()))
        held = self._session.scalars(select(EntryRow.code).where(EntryRow.code.in_(codes), others))
        return frozenset(held) | {code for code in codes if code.startswith(self._policy.code_prefix)}

    def apply_next(self, run_id: RunId, source_id: SourceId, at: datetime, *, after: int, limit: int) -> Applied:
        """Apply the next staged records of a run in their order, with revisions, labels, attributes and outbox rows.

        Args:
            run_id: the run.
            source_id: its source.
            at: the present instant.
            after: position up to which all were applied, 0 if nobody knows. Without it, PostgreSQL walks for every
                batch over all that the batches before it have deleted.
            limit: most records to apply.

        Returns:
            How many were applied, 0 when none was left, and the position of the last.
        """
        plan = (StagedRow.run_id == run_id, ~StagedRow.is_held, StagedRow.position > after)
        count, new, last = _next_batch(self._session, plan, limit)
        batch = (*plan, StagedRow.position <= last)
        connection = self._session.connection()
        if new:
            firsts = {tier: take_serials(self._session, tier, number) for tier, number in new.items()}
            _insert_entries(connection, batch, self._policy.code_prefix, source_id, firsts, at)
            _insert_first_revisions(connection, batch, run_id, at)
            kinds = select(StagedRow.entry_id, StagedRow.tier, StagedRow.state, StagedRow.organ_id)
            label_new(self._session, kinds.where(*batch, StagedRow.is_new))
        if sum(new.values()) < count:
            _update_entries(connection, batch, at)
            _insert_next_revisions(connection, batch, run_id, at)
            changed = select(StagedRow.entry_id).where(*batch, ~StagedRow.is_new)
            connection.execute(delete(AttributeRow).where(AttributeRow.entry_id.in_(changed)))
            relabel(self._session, EntryRow.id.in_(changed))
        if count:
            entry_ids = select(StagedRow.entry_id).where(*batch)
            _insert_attributes(connection, batch)
            outbox.append_selected(self._session, entry_ids.order_by(StagedRow.position))
            connection.execute(delete(StagedRow).where(*batch))
        return Applied(count, last)

    def mark_vanished(self, run_id: RunId, source_id: SourceId, at: datetime) -> int:
        """Note which live entries a complete run did not see; they stay published.

        Returns:
            How many are missing now, newly or still.
        """
        unseen = and_(is_live(source_id), ~has_outcome(run_id, EntryRow.identifier))
        since = func.coalesce(EntryRow.missing_since, literal(at, UtcDateTime()))
        marked = update(EntryRow).where(unseen).values(missing_since=since, missing_runs=EntryRow.missing_runs + 1)
        return _affected(self._session.connection(), marked)

    def mark_restored(self, run_id: RunId, source_id: SourceId) -> int:
        """Note which missing entries a run saw again; returns how many."""
        back = and_(
            EntryRow.source_id == source_id,
            EntryRow.missing_since.is_not(None),
            has_outcome(run_id, EntryRow.identifier),
        )
        present = update(EntryRow).where(back).values(missing_since=None, missing_runs=0)
        return _affected(self._session.connection(), present)

    def suspend(self, entry_ids: Sequence[UUID], run_id: RunId, at: datetime) -> None:
        """Hide entries whose organ now declares a tier above the ceiling; what they said here is of the lower tier.

        Their next record within the ceiling publishes them again: without a source digest it counts as changed.
        """
        if entry_ids:
            set_state(self._session, entry_ids, EntryState.SUSPENDED, at, "above_ceiling", run_id)
            forgotten = update(EntryRow).where(EntryRow.id.in_(entry_ids)).values(source_digest="")
            self._session.execute(forgotten)


def _next_batch(
    session: Session, plan: tuple[ColumnElement[bool], ...], limit: int
) -> tuple[int, Mapping[Tier, int], int]:
    """Return how many records come next, how many of each tier are new, and the position of the last."""
    columns = (StagedRow.position, StagedRow.is_new, StagedRow.tier)
    row = select(*columns).where(*plan).order_by(StagedRow.position).limit(limit).subquery().c
    new = [func.count(case((and_(row.is_new, row.tier == tier), 1))) for tier in Tier]
    count, last, *numbers = session.execute(select(func.count(), func.coalesce(func.max(row.position), 0), *new)).one()
    return count, {tier: number for tier, number in zip(Tier, numbers, strict=True) if number}, last


def _insert_entries(
    connection: Connection,
    batch: tuple[ColumnElement[bool], ...],
    code_prefix: str,
    source_id: SourceId,
    firsts: Mapping[Tier, int],
    at: datetime,
) -> None:
    before = case(*((StagedRow.tier == tier, first - 1) for tier, first in firsts.items()))
    serial = before + func.row_number().over(partition_by=StagedRow.tier, order_by=StagedRow.position)
    numbered = select(StagedRow, serial.label("serial")).where(*batch, StagedRow.is_new).subquery()
    staged = numbered.c
    columns: dict[str, SQLColumnExpression[Any]] = {
        "id": staged.entry_id,
        "serial": staged.serial,
        "code": func.coalesce(staged.code, literal(code_prefix) + code_digits(staged.serial)),
        "source_id": literal(source_id, Uuid()),
        "identifier": staged.identifier,
        "state": staged.state,
        "revision": literal(1),
        "missing_runs": literal(0),
        "created_at": literal(at, UtcDateTime()),
        "changed_at": literal(at, UtcDateTime()),
    }
    columns |= {name: staged[name] for name in _COPIED}
    chosen = select(*columns.values()).order_by(staged.serial)
    connection.execute(insert(EntryRow).from_select(list(columns), chosen, include_defaults=False))


def _update_entries(connection: Connection, batch: tuple[ColumnElement[bool], ...], at: datetime) -> None:
    by_ceiling = and_(EntryRow.state == EntryState.SUSPENDED, EntryRow.source_digest == "")
    moves = or_(EntryRow.state.in_(_HARVESTED_STATES), by_ceiling)
    values: dict[str, object] = {name: getattr(StagedRow, name) for name in _COPIED}
    values |= {
        "state": case((moves, StagedRow.state), else_=EntryRow.state),
        "revision": EntryRow.revision + 1,
        "changed_at": at,
    }
    changed = (EntryRow.id == StagedRow.entry_id, ~StagedRow.is_new, *batch)
    connection.execute(update(EntryRow).where(*changed).values(values))


def _insert_first_revisions(
    connection: Connection, batch: tuple[ColumnElement[bool], ...], run_id: RunId, at: datetime
) -> None:
    """Write the revisions of new entries from the plan alone."""
    of_entry: dict[str, SQLColumnExpression[Any]] = {
        "entry_id": StagedRow.entry_id,
        "number": literal(1),
        "tier": StagedRow.tier,
        "state": StagedRow.state,
        "organ_id": StagedRow.organ_id,
    }
    columns = of_entry | _of_revision(run_id, at)
    chosen = select(*columns.values()).where(*batch, StagedRow.is_new)
    connection.execute(insert(RevisionRow).from_select(list(columns), chosen, include_defaults=False))


def _insert_next_revisions(
    connection: Connection, batch: tuple[ColumnElement[bool], ...], run_id: RunId, at: datetime
) -> None:
    """Write the revisions of changed entries, whose state is their own and not the plan's."""
    of_entry: dict[str, SQLColumnExpression[Any]] = {
        "entry_id": EntryRow.id,
        "number": EntryRow.revision,
        "tier": EntryRow.tier,
        "state": EntryRow.state,
        "organ_id": EntryRow.organ_id,
    }
    columns = of_entry | _of_revision(run_id, at)
    joined = select(*columns.values()).join_from(StagedRow, EntryRow, EntryRow.id == StagedRow.entry_id)
    chosen = joined.where(*batch, ~StagedRow.is_new)
    connection.execute(insert(RevisionRow).from_select(list(columns), chosen, include_defaults=False))


def _of_revision(run_id: RunId, at: datetime) -> dict[str, SQLColumnExpression[Any]]:
    return {
        "schema_version": literal(SCHEMA_VERSION),
        "document": as_json(StagedRow.document),
        "recorded_at": literal(at, UtcDateTime()),
        "cause": literal(CAUSE),
        "run_id": literal(run_id, Uuid()),
    }


def _insert_attributes(connection: Connection, batch: tuple[ColumnElement[bool], ...]) -> None:
    for name in ATTRIBUTES:
        texts = json_texts(StagedRow.attributes, name).table_valued("value")
        values = select(StagedRow.entry_id, literal(name), texts.c.value).join(texts, true()).where(*batch)
        connection.execute(insert(AttributeRow).from_select(["entry_id", "name", "value"], values))


def _affected(connection: Connection, statement: Update) -> int:
    return connection.execute(statement).rowcount
