"""Which sources an audience may know of: none that brings, brought or waits with an entry above its reach (art. 8).

Figures, states and answers of a source speak of all its records together: it is hidden whole, as uploaded tables are.
"""

from typing import Final, final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, false, or_, select
from sqlalchemy.orm import Session

from catalogue_app.domain.ids import SourceId
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.entry_rows import EntryRow
from catalogue_app.persistence.runs import RunRow
from catalogue_app.persistence.sources import SourceRow
from catalogue_app.persistence.staging import StagedRow


@final
class SourceReach:
    """Tells what lies above an audience; where it reaches all that may be held here, nothing is looked up."""

    def __init__(self, session: Session, tier_ceiling: Tier) -> None:
        self._session: Final = session
        self._ceiling: Final = tier_ceiling

    def hidden(self, audience: Audience) -> frozenset[SourceId]:
        """Return the sources that an audience may not know of."""
        return frozenset(map(SourceId, self._session.scalars(hidden_sources(audience, self._ceiling))))

    def is_hidden(self, source_id: SourceId, audience: Audience) -> bool:
        """Say whether a source is one that an audience may not know of."""
        rows = hidden_sources(audience, self._ceiling).where(SourceRow.id == source_id)
        return self._session.scalar(rows) is not None


def hidden_sources(audience: Audience, tier_ceiling: Tier) -> Select[UUID]:
    """Select the ids of sources that an audience may not know of.

    Args:
        audience: who asks.
        tier_ceiling: the highest tier that this deployment holds.
    """
    above = [tier.value for tier in Tier if audience.tier.level < tier.level <= tier_ceiling.level]
    brings: tuple[ColumnElement[bool], ...] = (
        SourceRow.options["tier"].as_string().in_(above),
        exists().where(EntryRow.source_id == SourceRow.id, EntryRow.tier.in_(above)),
        exists().where(StagedRow.run_id == RunRow.id, RunRow.source_id == SourceRow.id, StagedRow.tier.in_(above)),
    )
    return select(SourceRow.id).where(or_(*brings) if above else false())
