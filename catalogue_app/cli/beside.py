"""Keeps the scheduler running beside a server, in a process of its own, so that a harvest never slows a page."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog

_RESTART_S: Final = 1.0
"""Seconds before a scheduler that was killed is started again."""

_GRACE_S: Final = 20
"""Seconds the scheduler gets to finish its sweep before it is ended."""

_log = structlog.get_logger()


@contextmanager
def scheduler_beside() -> Iterator[None]:
    """Run the scheduler for as long as the context lasts; one that dies is replaced."""
    stop = threading.Event()
    keeper = threading.Thread(target=_keep, args=(stop,), name="scheduler-keeper")
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join()


def _keep(stop: threading.Event) -> None:
    """Start the scheduler anew until told to stop, or until it ends by itself because it was told to."""
    command = [sys.executable, "-m", "catalogue_app.cli.main", "scheduler", "--parent", str(os.getpid())]
    while not stop.is_set():
        with subprocess.Popen(command) as process:  # noqa: S603 — our own command
            code = _wait(process, stop)
        if code == 0 or stop.wait(_RESTART_S):
            return
        _log.warning("scheduler_died", exit_code=code)


def _wait(process: subprocess.Popen[bytes], stop: threading.Event) -> int:
    while process.poll() is None:
        if stop.wait(0.2):
            return _end(process)
    return process.returncode


def _end(process: subprocess.Popen[bytes]) -> int:
    process.terminate()
    try:
        return process.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
