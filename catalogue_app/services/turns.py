"""What follows a run, in the transaction that closes it: the source's next turn, what is found, who is told."""

from datetime import datetime
from typing import Final, final

from catalogue_app.domain.flagging.source import KINDS, SourceRecord, subject_of, unreliable
from catalogue_app.domain.harvest import HarvestRun, RunState
from catalogue_app.domain.schedule import HarvestRules, next_turn
from catalogue_app.domain.source import Source
from catalogue_app.domain.standing import standing_after
from catalogue_app.persistence.unit_of_work import UnitOfWork
from catalogue_app.services.source_letters import SourceLetters
from catalogue_app.services.timetable import Timetable


@final
class Turns:
    """Ends the turn of a source and gives it the next one."""

    def __init__(self, rules: HarvestRules, failing_after: int, letters: SourceLetters | None = None) -> None:
        """Keep the numbers.

        Args:
            rules: of harvesting.
            failing_after: failed runs in a row after which a source counts as failing.
            letters: tell the source's people; nobody is told where none are given.
        """
        self._letters: Final = letters
        self._rules: Final = rules
        self._failing_after: Final = failing_after
        self._timetable: Final = Timetable(rules)

    def end(self, work: UnitOfWork, ended: HarvestRun, not_before: datetime | None = None) -> None:
        """Note when the source of a closed run is due next, and open or close what is found about it at once.

        Args:
            work: the unit that closes the run.
            ended: the run.
            not_before: when the source itself asked to be asked again.
        """
        at = ended.finished_at or ended.started_at
        source = work.sources.by_id(ended.source_id)  # as it is now: it may have been set otherwise during the run
        turn = next_turn(source, ended, self._timetable.next_planned(source, at), self._rules, not_before)
        work.sources.take_turn(source.id, turn)
        if ended.state is RunState.CANCELLED:
            return  # a person's decision says nothing about the source
        record = SourceRecord(source_id=source.id, organ_id=source.organ_id, failures=turn.failures, last=ended)
        condition = unreliable(record, self._failing_after) if source.is_enabled else None
        work.findings.follow(subject_of(source.id), KINDS, condition, at)
        if self._letters is not None:
            self._letters.tell(work, source, ended, standing_after(ended, turn.failures, self._failing_after))

    def asks_for_changes(self, last_whole: HarvestRun | None, at: datetime) -> bool:
        """Say whether a source may be asked for changes only: it was read whole, and not too long ago.

        Args:
            last_whole: the last run that read all of it.
            at: the present instant.
        """
        return last_whole is not None and at - last_whole.started_at < self._rules.full_read

    def planned(self, source: Source, after: datetime) -> datetime:
        """Return the first planned time of a source after an instant."""
        return self._timetable.next_planned(source, after)
