"""The clock: APScheduler fires the sweeps, in one process at a time, the one that holds the leader's lock.

Jobs live in memory: what is due is computed from the database by each sweep, so a missed firing costs nothing. The lock
is the kernel's own (flock) and falls with its process, however that ends.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import Final

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from catalogue_app.container import Container
from catalogue_app.domain.clock import CITY_ZONE
from catalogue_app.jobs.tasks import drain_outbox, evaluate_findings, harvest_due, reconcile, sweep_indexes
from catalogue_app.services.health import SCHEDULER_LOCK

_POLL_S: Final = 0.5
"""Seconds between two tries for the lock."""

_SWEEP_S: Final = 3600.0
"""Seconds between two looks for indexes that nobody will go back to."""

_LATE_S: Final = 6 * 3600
"""A firing this late still counts."""

_log = structlog.get_logger()


def run_scheduler(container: Container, stop: threading.Event) -> None:
    """Wait for the lead, then fire the sweeps until told to stop."""
    with _lead(container.settings.data_dir / SCHEDULER_LOCK, stop) as leads:
        if not leads:
            return
        _log.info("scheduler_leads")
        scheduler = _assemble(container)
        scheduler.start()
        stop.wait()
        scheduler.shutdown(wait=True)


def _assemble(container: Container) -> BackgroundScheduler:
    jobs = container.settings.jobs
    scheduler = BackgroundScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": _LATE_S}
    )
    now = container.clock()
    scheduler.add_job(harvest_due, IntervalTrigger(seconds=jobs.poll_s), (container,), next_run_time=now)
    scheduler.add_job(drain_outbox, IntervalTrigger(seconds=jobs.drain_s), (container,), next_run_time=now)
    scheduler.add_job(evaluate_findings, _daily(jobs.evaluate_at), (container,), next_run_time=now)
    scheduler.add_job(sweep_indexes, IntervalTrigger(seconds=_SWEEP_S), (container,))
    scheduler.add_job(reconcile, _daily(jobs.reconcile_at), (container,), next_run_time=now)
    return scheduler


def _daily(clock_time: str) -> CronTrigger:
    hour, _, minute = clock_time.partition(":")
    return CronTrigger(hour=int(hour), minute=int(minute), timezone=CITY_ZONE)


@contextmanager
def _lead(path: Path, stop: threading.Event) -> Iterator[bool]:
    """Hold the leader's lock; yields False when told to stop before it was free."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as lock:
        while not _try(lock.fileno()):
            if stop.wait(_POLL_S):
                yield False
                return
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")  # for operators who look; the lock alone decides
        lock.flush()
        yield True


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
