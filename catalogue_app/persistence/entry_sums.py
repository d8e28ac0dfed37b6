"""Figures and samples of all entries, for the proof that an index holds the same."""

from collections.abc import Mapping, Sequence
from typing import Final, final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalogue_app.domain.ids import EntryId, OrganId
from catalogue_app.domain.serials import SERIES
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.entry_rows import EntryRow


@final
class EntrySums:
    """The entries in figures; of no use to people, so without an audience."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def by_share(self) -> Mapping[tuple[OrganId, Tier], tuple[int, int]]:
        """Return number and sum of revisions of each organ's entries on each tier, withdrawn ones too."""
        figures = select(EntryRow.organ_id, EntryRow.tier, func.count(), func.sum(EntryRow.revision))
        rows = self._session.execute(figures.group_by(EntryRow.organ_id, EntryRow.tier))
        return {(OrganId(organ), Tier(tier)): (number, int(revisions)) for organ, tier, number, revisions in rows}

    def taken_serials(self) -> Sequence[range]:
        """Return the running numbers that entries may have: of each tier's, those up to the highest that one has."""
        taken = []
        for numbers in SERIES.values():
            inside = EntryRow.serial.between(numbers.start, numbers.stop - 1)
            last = self._session.scalar(select(func.max(EntryRow.serial)).where(inside))
            taken.append(range(numbers.start, (last or numbers.start - 1) + 1))
        return taken

    def revisions(self, serials: Sequence[int]) -> Mapping[EntryId, int]:
        """Return entry to revision of the entries that have these running numbers."""
        rows = self._session.execute(select(EntryRow.id, EntryRow.revision).where(EntryRow.serial.in_(serials)))
        return {EntryId(entry_id): revision for entry_id, revision in rows}
