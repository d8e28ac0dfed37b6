"""The processes of a scaled-out catalogue, as an operator starts them: web, worker and scheduler on one PostgreSQL."""

import json
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, Final

import httpx

from catalogue_app.cli import main
from catalogue_app.container import Container
from tests import postgres
from tests.living import open_catalogue
from tests.servers import wait_until
from tests.shared import ROOT

START_S = 240.0
"""Seconds within which a process starts, on a very busy machine."""


FORKING: Final = get_context("forkserver")
"""Starts processes from one that has imported everything and opened nothing."""
FORKING.set_forkserver_preload(["catalogue_app.cli.main", "catalogue_app.web.app", "tests.killed_harvest"])


@dataclass(kw_only=True)
class Process:
    """One running process of the catalogue: the command itself, spared the imports, to be killed like any other.

    Attributes:
        log: its lines, JSON each, as long as it was not killed in the middle of one.
        port: where it serves, if it does.
    """

    process: ForkServerProcess
    log: Path
    port: int = 0

    @property
    def pid(self) -> int:
        assert self.process.pid is not None
        return self.process.pid

    def is_alive(self) -> bool:
        return self.process.is_alive()

    def lines(self) -> Sequence[Mapping[str, Any]]:
        lines = self.log.read_text("utf-8", errors="replace").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]

    def instants(self, event: str) -> list[datetime]:
        return [datetime.fromisoformat(line["timestamp"]) for line in self.lines() if line["event"] == event]

    def said(self, event: str) -> bool:
        return f'"{event}"' in self.log.read_text("utf-8", errors="replace")

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", trust_env=False, timeout=START_S)

    def kill(self) -> None:
        self.process.kill()
        self.process.join()

    def stop(self) -> int | None:
        """Tell it to stop; return its exit code."""
        self.process.terminate()
        self.process.join(START_S)
        return self.process.exitcode

    def wait_for(self, event: str, times: int = 1) -> None:
        assert wait_until(lambda: len(self.instants(event)) >= times, START_S), self.log.read_text("utf-8")[-3000:]


@dataclass(kw_only=True)
class Fleet:
    """Starts processes on one data directory and database; all have ended after its context."""

    folder: Path
    variables: dict[str, str]
    _rooms: ExitStack = field(default_factory=ExitStack)
    processes: list[Process] = field(default_factory=list)

    def start(self, *words: str, **variables: str) -> Process:
        log = self.folder / f"{len(self.processes) + 1:02d}-{words[0]}.log"
        given = {f"CATALOGUE_{name.upper()}": value for name, value in variables.items()}
        log.touch()
        process = FORKING.Process(target=_run, args=(words, self.variables | given, str(log)))
        process.start()
        self._rooms.callback(_end, process)
        self.processes.append(Process(process=process, log=log))
        return self.processes[-1]

    def worker(self, **variables: str) -> Process:
        started = self.start("worker", **variables)
        started.wait_for("worker_ready")
        return started

    def scheduler(self, **variables: str) -> Process:
        return self.start("scheduler", log_level="debug", **variables)

    def web(self) -> Process:
        port = free_port()
        started = replace(self.start("web", "--port", str(port)), port=port)
        assert wait_until(lambda: _answers(started), START_S), started.log.read_text("utf-8")
        return started


@contextmanager
def a_fleet(container: Container, folder: Path, **variables: str) -> Iterator[Fleet]:
    """Start nothing yet: processes of this catalogue, logging into a folder; variables as CATALOGUE_*, small."""
    settings = container.settings
    given = {"data_dir": str(settings.data_dir), "database_url": settings.database_url, "log_format": "json"}
    environment = {f"CATALOGUE_{name.upper()}": value for name, value in (given | variables).items()}
    fleet = Fleet(folder=folder, variables=environment)
    with fleet._rooms:
        yield fleet


def shared_catalogue(folder: Path, **variables: str) -> Container:
    """Open a catalogue in a folder whose work several processes share: on PostgreSQL, whatever this run stands on."""
    data_dir = folder / "var"
    return open_catalogue(data_dir, database_url=postgres.database_url(data_dir), **variables)


def _run(words: Sequence[str], variables: dict[str, str], log: str) -> None:
    """Be the command: in its own process, with its own streams."""
    stream = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number in (1, 2):
        os.dup2(stream, number)
    os.chdir(ROOT)
    os.environ.update(variables)
    main.main(words)


def _end(process: ForkServerProcess) -> None:
    """End a process softly, else hard; a server's own child sees to its end itself."""
    if process.is_alive():
        process.terminate()
    process.join(60)
    if process.is_alive():
        process.kill()
        process.join()


def _answers(process: Process) -> bool:
    try:
        return process.get("/healthz").status_code == 200
    except httpx.TransportError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
