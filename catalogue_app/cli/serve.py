"""`catalogue serve` and `catalogue scheduler`: the portal, its API, and the clock beside them."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click
from flask import Flask
from granian import Granian
from granian.constants import Interfaces

from catalogue_app.cli.answer import say
from catalogue_app.cli.application import Application
from catalogue_app.jobs.scheduler import run_scheduler
from catalogue_app.web.app import create_app

_WATCH_S: Final = 1.0
"""Seconds between two looks whether the parent process still lives."""

_GRACE_S: Final = 20
"""Seconds the scheduler gets to finish its sweep before it is ended."""


@click.command()
@click.option("--host", help="Address to listen on; default: setting web.host.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on; default: setting web.port.")
@click.option("--scheduler/--no-scheduler", default=True, help="Run the scheduled sweeps beside it.")
@click.pass_obj
def serve(application: Application, host: str | None, port: int | None, scheduler: bool) -> None:
    """Serve the portal and the API until interrupted."""
    container = application.container
    container.upgrade()
    web = container.settings.web
    host, port = host or web.host, port or web.port
    say(f"portal: http://{host}:{port}/   API: http://{host}:{port}/api/v1/   stop with Ctrl-C")
    server = Granian(
        "catalogue_app.cli.serve:make_app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        blocking_threads=web.threads,
        factory=True,
    )
    with _scheduler_beside() if scheduler else _nothing():
        server.serve()


def make_app() -> Flask:
    """Build the application of one server process, from the settings of that process."""
    return create_app(Application().container)


@click.command()
@click.option("--parent", type=int, hidden=True, help="End when this process does.")
@click.pass_obj
def scheduler(application: Application, parent: int | None) -> None:
    """Run the scheduled sweeps only; waits while another scheduler of the same data directory leads."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if parent is not None:
        threading.Thread(target=_stop_after, args=(parent, stop), daemon=True).start()
    run_scheduler(application.container, stop)


def _stop_after(parent: int, stop: threading.Event) -> None:
    while not stop.wait(_WATCH_S):
        if os.getppid() != parent:
            stop.set()


@contextmanager
def _scheduler_beside() -> Iterator[None]:
    """Run the scheduler in a process of its own, so that a harvest never slows a page."""
    command = [sys.executable, "-m", "catalogue_app.cli.main", "scheduler", "--parent", str(os.getpid())]
    process = subprocess.Popen(command)  # noqa: S603 — our own command
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()


@contextmanager
def _nothing() -> Iterator[None]:
    yield
