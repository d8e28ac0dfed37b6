"""Keep the storage of unchanged sources constant: details of old runs go by the rules of `config/rules/harvest.csv`."""

from datetime import timedelta
from typing import Final, final

from catalogue_app.domain.audit import AuditEvent
from catalogue_app.domain.clock import Clock
from catalogue_app.domain.schedule import HarvestRules
from catalogue_app.persistence.unit_of_work import UnitsOfWork

BATCH: Final = 100
"""Runs let go of in one sweep; the next sweep goes on."""


@final
class RunRetention:
    """Lets go of the details of runs; the scheduler calls it."""

    def __init__(self, uow: UnitsOfWork, rules: HarvestRules, clock: Clock) -> None:
        self._uow: Final = uow
        self._rules: Final = rules
        self._clock: Final = clock

    def sweep(self, *, actor: str) -> int:
        """Let go of details that have had their time, a run a transaction; returns of how many runs.

        Kept are the last runs of every source, recent ones, those that changed something for longer, held ones until
        they are decided, and in any case what a revision was made from. Audited as `harvest_details_dropped`.
        """
        now, rules = self._clock(), self._rules
        with self._uow.reading() as look:
            runs = look.retention.outlived(
                kept_runs=rules.kept_runs,
                before=now - timedelta(days=rules.kept_days),
                changes_before=now - timedelta(days=rules.kept_changes_days),
                limit=BATCH,
            )
        for run_id in runs:
            with self._uow() as work:
                rows = work.retention.drop(run_id)
                event = AuditEvent(
                    actor=actor, action="harvest_details_dropped", subject=f"run:{run_id}", after=f"rows={rows}"
                )
                work.record(event)
                work.commit()
        return len(runs)
