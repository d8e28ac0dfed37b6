"""Shares work out: what is due becomes tasks for whichever worker is free; asked twice, it does nothing twice."""

from typing import Final, final

from catalogue_app.domain.clock import Clock
from catalogue_app.domain.ids import SourceId
from catalogue_app.domain.task import TaskKind, harvest_task, upkeep_task, upload_task
from catalogue_app.persistence.runs import Lease
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from catalogue_app.services.lease import is_gone, is_left


@final
class Dispatch:
    """What the schedule queues; the database decides what is due, the queue only says that it was seen."""

    def __init__(self, uow: UnitsOfWork, clock: Clock) -> None:
        self._uow: Final = uow
        self._clock: Final = clock

    def queue_harvests(self) -> int:
        """Queue a harvest for every source that is due or whose run was left; returns how many are new in the queue.

        Sources that somebody is at work on are passed over.
        """
        now = self._clock()
        with self._uow() as work:
            leases = work.runs.running()
            busy = {lease.run.source_id for lease in leases if not self._is_left(lease)}
            left = {lease.run.source_id for lease in leases} - busy
            due = {source.id for source in work.sources.due(now)} - busy
            sizes = work.runs.last_sizes()
            queued = [work.queue.put(harvest_task(source_id, sizes.get(source_id))) for source_id in sorted(due | left)]
            work.commit()
        return sum(queued)

    def queue_drain(self) -> bool:
        """Queue bringing changes into the index, where any wait."""
        with self._uow() as work:
            return work.outbox.size() > 0 and self._put(TaskKind.DRAIN)

    def queue_uploads(self) -> int:
        """Queue going on with uploaded tables that wait or were left; returns how many are new in the queue."""
        now = self._clock()
        with self._uow() as work:
            waiting = [one for one in work.uploads.at_work() if is_left(one, now)]
            queued = [work.queue.put(upload_task(upload.id)) for upload in waiting]
            work.commit()
        return sum(queued)

    def queue_evaluation(self) -> bool:
        """Queue an evaluation of the findings."""
        return self._put(TaskKind.EVALUATE)

    def queue_comparison(self) -> bool:
        """Queue a comparison of index and database."""
        return self._put(TaskKind.RECONCILE)

    def who_wants(self, source_id: SourceId, *, schedule: str) -> str | None:
        """Return who still wants a harvest that was queued: who asked for it, or else the schedule.

        None where nobody does, as another worker may have done it since.
        """
        with self._uow.reading() as look:
            left = any(self._is_left(lease) for lease in look.runs.running(source_id))
            if left or look.sources.is_due(source_id, self._clock()):
                return look.sources.by_id(source_id).asked_by or schedule
        return None

    def _is_left(self, lease: Lease) -> bool:
        return is_gone(lease.holder, lease.heartbeat_at, self._clock())

    def _put(self, kind: TaskKind) -> bool:
        with self._uow() as work:
            is_new = work.queue.put(upkeep_task(kind))
            work.commit()
        return is_new
