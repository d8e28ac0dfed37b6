"""What the plan of a run would do to entries, read for people: additions, changes, and what it no longer saw."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, final

import orjson
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from catalogue_app.domain.ids import EntryId, OrganId, RunId, SourceId
from catalogue_app.domain.metadata import EntryMetadata, from_document
from catalogue_app.domain.profile import Violation
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.entry_rows import EntryRow, read_violations
from catalogue_app.persistence.outcomes import has_outcome
from catalogue_app.persistence.staging import StagedRow, is_live

_BATCH: Final = 500


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedEntry:
    """One record of a plan, understood and checked.

    Attributes:
        position: its place in the run.
        entry_id: the entry it would change, or would become.
        metadata: what the entry would say.
    """

    position: int
    is_new: bool
    entry_id: EntryId
    identifier: str
    organ_id: OrganId
    tier: Tier
    metadata: EntryMetadata
    violations: tuple[Violation, ...]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AbsentEntry:
    """One live entry that a run did not see."""

    entry_id: EntryId
    code: str
    identifier: str
    title: str
    organ_id: OrganId
    tier: Tier


@final
class Plans:
    """Read models of plans; nothing here changes anything."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def entries(self, run_id: RunId) -> Iterator[PlannedEntry]:
        """Yield what waits to be applied, in the order of the source; memory stays flat."""
        return self._planned(run_id, is_held=False)

    def held(self, run_id: RunId) -> Iterator[PlannedEntry]:
        """Yield the additions that wait for a person, in the order of the source; memory stays flat."""
        return self._planned(run_id, is_held=True)

    def _planned(self, run_id: RunId, *, is_held: bool) -> Iterator[PlannedEntry]:
        rows = select(StagedRow).where(StagedRow.run_id == run_id, StagedRow.is_held.is_(is_held))
        for row in self._session.scalars(rows.order_by(StagedRow.position).execution_options(yield_per=_BATCH)):
            yield PlannedEntry(
                position=row.position,
                is_new=row.is_new,
                entry_id=EntryId(row.entry_id),
                identifier=row.identifier,
                organ_id=OrganId(row.organ_id),
                tier=Tier(row.tier),
                metadata=from_document(orjson.loads(row.document)),
                violations=read_violations(row.violations),
            )

    def absent(self, run_id: RunId, source_id: SourceId) -> Iterator[AbsentEntry]:
        """Yield the live entries that a run did not see and that were there before it, in the order of codes."""
        rows = select(EntryRow).where(is_absent(run_id, source_id)).order_by(EntryRow.serial)
        for row in self._session.scalars(rows.execution_options(yield_per=_BATCH)):
            yield absent_entry(row)

    def returned(self, run_id: RunId, source_id: SourceId) -> int:
        """Count the entries that were missing and that a run saw again."""
        back = and_(
            EntryRow.source_id == source_id,
            EntryRow.missing_since.is_not(None),
            has_outcome(run_id, EntryRow.identifier),
        )
        return self._session.scalar(select(func.count()).select_from(EntryRow).where(back)) or 0


def absent_entry(row: EntryRow) -> AbsentEntry:
    """Read an entry that a run did not see."""
    return AbsentEntry(
        entry_id=EntryId(row.id),
        code=row.code,
        identifier=row.identifier,
        title=row.title,
        organ_id=OrganId(row.organ_id),
        tier=Tier(row.tier),
    )


def is_absent(run_id: RunId, source_id: SourceId) -> ColumnElement[bool]:
    """Say in SQL whether an entry of a source was there before a run and not seen by it."""
    return and_(is_live(source_id), EntryRow.missing_since.is_(None), ~has_outcome(run_id, EntryRow.identifier))
