"""`catalogue serve` and `catalogue scheduler`: the portal, its API, and the clock beside them."""

import os
import signal
import socket
import threading
from contextlib import nullcontext
from typing import Final

import click
from granian import Granian
from granian.constants import Interfaces

from catalogue_app.cli.answer import give, json_option
from catalogue_app.cli.application import Application
from catalogue_app.cli.beside import scheduler_beside
from catalogue_app.domain.errors import Conflict
from catalogue_app.jobs.scheduler import run_scheduler

_WATCH_S: Final = 1.0
"""Seconds between two looks whether the parent process still lives."""


@click.command()
@click.option("--host", metavar="ADDRESS", help="Address to listen on; default: setting web.host.")
@click.option(
    "--port", type=click.IntRange(1, 65535), metavar="N", help="Port to listen on; default: setting web.port."
)
@click.option("--scheduler/--no-scheduler", default=True, help="Run the scheduled sweeps beside it, or not.")
@json_option
@click.pass_obj
def serve(application: Application, host: str | None, port: int | None, scheduler: bool, as_json: bool) -> None:
    """Serve the portal and the API until interrupted; says where before it begins."""
    web = application.container.settings.web
    host, port = host or web.host, port or web.port
    _check_free(host, port)
    base = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    document = {"portal": f"{base}/", "api": f"{base}/api/v1/", "pid": os.getpid()}
    lines = (f"portal: {document['portal']}   API: {document['api']}   stop with Ctrl-C",)
    give(document, lines, as_json=as_json)
    server = Granian(
        "catalogue_app.cli.wsgi:make_app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        blocking_threads=web.threads,
        factory=True,
    )
    with scheduler_beside() if scheduler else nullcontext():
        server.serve()


def _check_free(host: str, port: int) -> None:
    """Refuse an address where somebody listens already, or that is not this machine's.

    Raises:
        Conflict: names the address.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise Conflict("address_not_free", address=f"{host}:{port}", why=error.strerror) from error


@click.command()
@click.option("--parent", type=int, metavar="PID", help="End when the process that started it, this one, is gone.")
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
    while os.getppid() == parent:
        if stop.wait(_WATCH_S):
            return
    stop.set()
