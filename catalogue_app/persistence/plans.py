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
        rows = select(StagedRow).where(StagedRow.run_id == run_id).order_by(StagedRow.position)
        for row in self._session.scalars(rows.execution_options(yield_per=_BATCH)):
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
        rows = select(EntryRow).where(_absent(run_id, source_id)).order_by(EntryRow.serial)
        for row in self._session.scalars(rows.execution_options(yield_per=_BATCH)):
            yield AbsentEntry(
                entry_id=EntryId(row.id),
                code=row.code,
                identifier=row.identifier,
                title=row.title,
                organ_id=OrganId(row.organ_id),
                tier=Tier(row.tier),
            )

    def returned(self, run_id: RunId, source_id: SourceId) -> int:
        """Count the entries that were missing and that a run saw again."""
        back = and_(
            EntryRow.source_id == source_id,
            EntryRow.missing_since.is_not(None),
            has_outcome(run_id, EntryRow.identifier),
        )
        return self._session.scalar(select(func.count()).select_from(EntryRow).where(back)) or 0


def _absent(run_id: RunId, source_id: SourceId) -> ColumnElement[bool]:
    return and_(is_live(source_id), EntryRow.missing_since.is_(None), ~has_outcome(run_id, EntryRow.identifier))
