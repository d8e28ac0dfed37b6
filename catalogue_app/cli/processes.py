"""`catalogue scheduler` and `catalogue worker`: the clock, and the hands that do what it queues."""

import os
import signal
import threading
from typing import Final

import click

from catalogue_app.cli.application import Application
from catalogue_app.cli.figures import serve_figures
from catalogue_app.domain.errors import Conflict
from catalogue_app.jobs.queue import run_worker
from catalogue_app.jobs.scheduler import run_scheduler

_WATCH_S: Final = 1.0
"""Seconds between two looks whether the parent process still lives."""

parent_option = click.option(
    "--parent", type=int, metavar="PID", help="End when the process that started it, this one, is gone."
)


@click.command()
@parent_option
@click.pass_obj
def scheduler(application: Application, parent: int | None) -> None:
    """Run the scheduled sweeps only; waits while another scheduler of the same catalogue leads."""
    _stop_when_told(application.stop, parent)
    serve_figures(application.container)
    run_scheduler(application.container, application.stop)


@click.command()
@parent_option
@click.pass_obj
def worker(application: Application, parent: int | None) -> None:
    """Do the work that the scheduler queues: harvests, the index, findings; any number of them, on PostgreSQL only.

    Told to stop, it gives a harvest back after its present step; another worker goes on with it.
    """
    if not application.settings.shares_work:
        raise Conflict("no_shared_work")
    _stop_when_told(application.stop, parent)
    serve_figures(application.container)
    run_worker(application.container, application.stop)


def _stop_when_told(stop: threading.Event, parent: int | None) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if parent is not None:
        threading.Thread(target=_stop_after, args=(parent, stop), daemon=True).start()


def _stop_after(parent: int, stop: threading.Event) -> None:
    while os.getppid() == parent:
        if stop.wait(_WATCH_S):
            return
    stop.set()
