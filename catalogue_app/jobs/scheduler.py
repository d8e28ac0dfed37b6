"""The clock: APScheduler fires the sweeps, in one process at a time, the one that leads.

Jobs live in memory: what is due is computed from the database by each sweep, so a missed firing costs nothing. The lead
is a lock that falls with its process, however that ends; before each firing the leader asks whether it still holds it.
Where workers share the work out, a sweep only queues it.
"""

import threading
from collections.abc import Callable
from datetime import UTC
from functools import partial
from typing import Final

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from catalogue_app.container import Container
from catalogue_app.domain.clock import CITY_ZONE
from catalogue_app.domain.errors import GivenBack
from catalogue_app.jobs import tasks
from catalogue_app.jobs.queue import retry_stalled
from catalogue_app.services.lead import Lead

_POLL_S: Final = 0.5
"""Seconds between two tries for the lead, and between two looks whether it is still held."""

_LETTERS_S: Final = 30.0
"""Seconds between looks for letters that wait."""

_SWEEP_S: Final = 3600.0
"""Seconds between two looks for indexes that nobody will go back to."""

_LATE_S: Final = 6 * 3600
"""A firing this late still counts."""

Sweep = Callable[[], object]

_log = structlog.get_logger()


def run_scheduler(container: Container, stop: threading.Event) -> None:
    """Wait for the lead and fire the sweeps while it is held, until told to stop."""
    lead = container.make_lead()
    while not stop.is_set():
        if not lead.take():
            _log.debug("scheduler_waits")
            stop.wait(_POLL_S)
            continue
        _log.info("scheduler_leads")
        scheduler = _assemble(container, lead)
        scheduler.start()
        while not stop.wait(_POLL_S) and lead.is_held():
            pass
        scheduler.shutdown(wait=True)
        container.harvest_pool.wait()
        lead.let_go()
        _log.info("scheduler_leads_no_more")


def _assemble(container: Container, lead: Lead) -> BackgroundScheduler:
    scheduler = BackgroundScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": _LATE_S}
    )
    now = container.clock()
    for name, (sweep, trigger) in _sweeps(container).items():
        scheduler.add_job(_fire, trigger, (name, sweep, lead), next_run_time=now)
    sweep_indexes = partial(tasks.sweep_indexes, container)
    scheduler.add_job(_fire, IntervalTrigger(seconds=_SWEEP_S), ("sweep_indexes", sweep_indexes, lead))
    send_letters = partial(tasks.send_letters, container)
    scheduler.add_job(_fire, IntervalTrigger(seconds=_LETTERS_S), ("send_letters", send_letters, lead))
    drop_details = partial(tasks.drop_details, container)
    scheduler.add_job(_fire, IntervalTrigger(seconds=_SWEEP_S), ("drop_details", drop_details, lead))
    sweep_uploads = partial(tasks.sweep_uploads, container)
    scheduler.add_job(_fire, IntervalTrigger(seconds=_SWEEP_S), ("sweep_uploads", sweep_uploads, lead))
    return scheduler


def _sweeps(container: Container) -> dict[str, tuple[Sweep, BaseTrigger]]:
    """Return the sweeps by name: done here on an embedded catalogue, else queued for the workers."""
    jobs, dispatch = container.settings.jobs, container.dispatch
    poll, drain = IntervalTrigger(seconds=jobs.poll_s), IntervalTrigger(seconds=jobs.drain_s)
    evaluate, reconcile = _daily(jobs.evaluate_at), _daily(jobs.reconcile_at)
    if container.settings.shares_work:
        stalled = IntervalTrigger(seconds=jobs.stalled_s / 2)
        return {
            "harvest_due": (dispatch.queue_harvests, poll),
            "drain_outbox": (dispatch.queue_drain, drain),
            "evaluate_findings": (dispatch.queue_evaluation, evaluate),
            "reconcile": (dispatch.queue_comparison, reconcile),
            "retry_stalled": (partial(retry_stalled, container), stalled),
            "queue_uploads": (dispatch.queue_uploads, poll),
        }
    return {
        "harvest_due": (partial(tasks.harvest_due, container), poll),
        "drain_outbox": (partial(tasks.drain_outbox, container), drain),
        "evaluate_findings": (partial(tasks.evaluate_findings, container), evaluate),
        "reconcile": (partial(tasks.reconcile, container), reconcile),
        "take_up_uploads": (partial(tasks.take_up_uploads, container), poll),
    }


def _fire(name: str, sweep: Sweep, lead: Lead) -> None:
    """Do one sweep if this process still leads; whatever it meets, the next firing tries again."""
    if not lead.is_held():
        _log.warning("firing_left_out", sweep=name)
        return
    _log.debug("sweep_fired", sweep=name)
    try:
        sweep()
    except GivenBack:
        return
    except Exception as error:  # noqa: BLE001 — one sweep never stops the schedule
        _log.warning("sweep_failed", sweep=name, why=type(error).__name__)


def _daily(clock_time: str) -> CronTrigger:
    hour, _, minute = clock_time.partition(":")
    return CronTrigger(hour=int(hour), minute=int(minute), timezone=CITY_ZONE)
