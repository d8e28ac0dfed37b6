"""Keeps the other processes of a catalogue running beside a server, so that a harvest never slows a page."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

import structlog

_RESTART_S: Final = 1.0
"""Seconds before a process that was killed is started again."""

_GRACE_S: Final = 20
"""Seconds a process gets to finish its step before it is ended."""

_log = structlog.get_logger()


@contextmanager
def beside(*commands: str) -> Iterator[None]:
    """Run commands, such as `scheduler`, for as long as the context lasts; one that dies is replaced."""
    with ExitStack() as all_of_them:
        for command in commands:
            all_of_them.enter_context(_kept(command))
        yield


@contextmanager
def _kept(command: str) -> Iterator[None]:
    """Keep one process running. It is started here, before the server forks its own.

    A process that is forked while another is being started holds the pipe by which the start is told, and the thread
    that started it would wait for the end of that pipe, and notice no death any more.
    """
    stop = threading.Event()
    keeper = threading.Thread(target=_keep, args=(command, _start(command), stop), name=f"{command}-keeper")
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join()


def _keep(command: str, process: subprocess.Popen[bytes] | None, stop: threading.Event) -> None:
    """Start the command anew until told to stop, or until it ends by itself because it was told to."""
    while True:
        code = _wait(process, stop) if process else None
        if code == 0 or stop.wait(_RESTART_S):
            return
        _log.warning("process_died", command=command, exit_code=code)
        process = _start(command)


def _start(command: str) -> subprocess.Popen[bytes] | None:
    """Start a command; none where there is no memory or place for a process at this moment.

    It gives no figures: their address is the server's, and what is true of the catalogue is told there.
    """
    words = [sys.executable, "-m", "catalogue_app.cli.main", command, "--parent", str(os.getpid())]
    try:
        return subprocess.Popen(words, env=os.environ | {"CATALOGUE_METRICS_PORT": "0"})  # noqa: S603 — our own command
    except OSError:
        _log.exception("process_not_started", command=command)
        return None


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
