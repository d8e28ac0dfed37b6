"""The long chores of a catalogue, each shown while it goes on: rebuild the index, evaluate the findings."""

from datetime import date
from typing import Final, final

from catalogue_app.domain.long_work import WorkKind
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from catalogue_app.services.flagging import Evaluation, Flagging
from catalogue_app.services.index_feed import IndexFeed
from catalogue_app.services.long_work import LongWorks


@final
class Upkeep:
    """Chores of the schedule and of operators."""

    def __init__(self, uow: UnitsOfWork, index_feed: IndexFeed, flagging: Flagging, works: LongWorks) -> None:
        self._uow: Final = uow
        self._index_feed: Final = index_feed
        self._flagging: Final = flagging
        self._works: Final = works

    def rebuild_index(self) -> int:
        """Build the index anew; see `IndexFeed.rebuild`.

        Raises:
            Conflict: another process is writing.
        """
        with self._uow.reading() as look:
            total = look.entries.size()
        with self._works.shown(WorkKind.INDEX_REBUILD, total=total) as meter:
            count = self._index_feed.rebuild(meter.at)
            meter.at(count)
        return count

    def evaluate_findings(self, as_of: date | None = None) -> Evaluation:
        """Evaluate every rule; see `Flagging.evaluate`."""
        with self._works.shown(WorkKind.EVALUATION) as meter:
            evaluation = self._flagging.evaluate(as_of, progress=meter.at)
            meter.at(evaluation.open)
        return evaluation
