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
    stop = threading.Event()
    keeper = threading.Thread(target=_keep, args=(command, stop), name=f"{command}-keeper")
    keeper.start()
    try:
        yield
    finally:
        stop.set()
        keeper.join()


def _keep(command: str, stop: threading.Event) -> None:
    """Start the command anew until told to stop, or until it ends by itself because it was told to.

    It gives no figures: their address is the server's, and what is true of the catalogue is told there.
    """
    words = [sys.executable, "-m", "catalogue_app.cli.main", command, "--parent", str(os.getpid())]
    environment = os.environ | {"CATALOGUE_METRICS_PORT": "0"}
    while not stop.is_set():
        code = _run(words, environment, stop)
        if code == 0 or stop.wait(_RESTART_S):
            return
        _log.warning("process_died", command=command, exit_code=code)


def _run(words: list[str], environment: dict[str, str], stop: threading.Event) -> int | None:
    """Run a process to its end; returns its exit code, none where there was no memory or place for a process."""
    try:
        with subprocess.Popen(words, env=environment) as process:  # noqa: S603 — our own command
            return _wait(process, stop)
    except OSError:
        _log.exception("process_not_started")
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
