"""The clock: one scheduler leads, what is due happens, and whoever is killed is replaced and leaves nobody behind."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from catalogue_app.cli.beside import beside
from catalogue_app.container import Container
from catalogue_app.domain.errors import SearchUnavailable
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.long_work import NOBODY
from catalogue_app.domain.source import Source, SourceKind
from catalogue_app.jobs import tasks
from catalogue_app.jobs.queue import run_worker
from catalogue_app.jobs.scheduler import run_scheduler
from catalogue_app.services.health import PartState
from catalogue_app.services.lead import SCHEDULER_LOCK
from tests.builders import a_run, an_event
from tests.living import add_source, harvest, open_catalogue
from tests.servers import wait_until
from tests.shared import ROOT
from tests.stack import stack_variables

SOON_S = 20.0
"""Seconds within which a scheduler that runs does what is due, on a busy machine."""

START_S = 240.0
"""Seconds within which a process starts, on a very busy machine."""

QUICK = {"jobs_poll_s": "0.3", "jobs_drain_s": "0.3"}


def a_source(container: Container, folder: Path, *titles: str, name: str = "list") -> Source:
    datasets = [{"identifier": f"{name}-{title}", "title": title, "accessLevel": "public"} for title in titles]
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"dataset": datasets}), encoding="utf-8")
    return add_source(container, SourceKind.DATA_JSON, path)


@contextmanager
def leading(container: Container) -> Iterator[threading.Thread]:
    """Run a scheduler in a thread, and a worker where it shares work out; they end with the context."""
    stop = threading.Event()
    shared = [run_worker] if container.settings.shares_work else []
    threads = [threading.Thread(target=run, args=(container, stop)) for run in (run_scheduler, *shared)]
    for thread in threads:
        thread.start()
    try:
        yield threads[0]
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def found(container: Container) -> int:
    return container.index_feed.status().documents


def runs_of(container: Container, source: Source) -> list[RunState]:
    with container.uow.reading() as look:
        return [run.state for run in look.runs.latest(source.id, limit=9)]


def test_what_is_due_is_harvested_indexed_and_evaluated(tmp_path: Path) -> None:
    container = open_catalogue(tmp_path / "var", **QUICK)
    source = a_source(container, tmp_path, "幼儿园名录", "公园名录")
    with leading(container):
        assert wait_until(lambda: found(container) == 2, SOON_S)
        assert wait_until(lambda: bool(list(container.flagging.conditions())), SOON_S)
        assert container.health.parts()["scheduler"] is PartState.OK
    assert runs_of(container, source) == [RunState.COMPLETE], "not due again for a day"
    assert container.health.parts()["scheduler"] is PartState.ABSENT


def test_the_second_scheduler_waits_until_the_first_is_gone(tmp_path: Path) -> None:
    first, second = (open_catalogue(tmp_path / "var", **QUICK) for _ in range(2))
    with ExitStack() as former:
        former.enter_context(leading(first))
        assert wait_until(lambda: first.health.parts()["scheduler"] is PartState.OK, SOON_S)
        with leading(second) as waiting:
            former.close()
            a_source(second, tmp_path, "幼儿园名录")
            assert wait_until(lambda: found(second) == 1, SOON_S)
            assert waiting.is_alive()


def test_a_scheduler_that_never_led_ends_when_told(tmp_path: Path) -> None:
    first, second = (open_catalogue(tmp_path / "var", **QUICK) for _ in range(2))
    with leading(first):
        assert wait_until(lambda: first.health.parts()["scheduler"] is PartState.OK, SOON_S)
        with leading(second):
            pass
        assert first.health.parts()["scheduler"] is PartState.OK


def test_a_run_that_a_killed_process_left_is_taken_up(tmp_path: Path) -> None:
    container = open_catalogue(tmp_path / "var")
    source = a_source(container, tmp_path, "幼儿园名录")
    harvest(container, source.id)
    with container.uow() as work:
        work.runs.open(a_run(source), actor="tester", holder=NOBODY, reading="")
        work.record(an_event())
        work.commit()
    assert container.sources.due() == ()
    tasks.harvest_due(container)
    container.harvest_pool.finish()
    assert sorted(runs_of(container, source)) == ["aborted", "complete", "complete"]


def test_one_source_that_fails_does_not_keep_the_others_waiting(tmp_path: Path) -> None:
    container = open_catalogue(tmp_path / "var")
    bad, good = a_source(container, tmp_path, name="bad"), a_source(container, tmp_path, "幼儿园名录")
    Path(bad.address).unlink()
    tasks.harvest_due(container)
    container.harvest_pool.finish()
    tasks.drain_outbox(container)
    assert (runs_of(container, bad), runs_of(container, good)) == ([RunState.ABORTED], [RunState.COMPLETE])
    assert found(container) == 1


@pytest.mark.parametrize("failure", [SearchUnavailable(), ZeroDivisionError("unforeseen")])
def test_a_sweep_that_fails_leaves_the_schedule_going(failure: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    del capsys
    with tasks._reported("a_sweep"):
        raise failure


@pytest.mark.embedded
def test_a_lost_index_is_built_again_by_the_nightly_comparison(tmp_path: Path) -> None:
    container = open_catalogue(tmp_path / "var")
    source = a_source(container, tmp_path, "幼儿园名录")
    harvest(container, source.id)
    shutil.rmtree(tmp_path / "var" / "index")
    container = open_catalogue(tmp_path / "var")
    tasks.reconcile(container)
    assert container.index_feed.verify().is_equal
    assert found(container) == 1


@dataclass(frozen=True, kw_only=True)
class Served:
    """A server as an operator started it."""

    process: "subprocess.Popen[str]"
    port: int

    def get(self, path: str) -> Any:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", trust_env=False, timeout=START_S).json()

    def is_up(self) -> bool:
        try:
            return bool(self.get("/healthz"))
        except httpx.TransportError:
            return False

    def family(self) -> set[int]:
        """Return the processes it started."""
        return {pid for pid, parent in parents().items() if parent == self.process.pid}

    def schedulers(self) -> set[int]:
        return {pid for pid in self.family() if b"scheduler" in command_of(pid).split(b"\0")}


def parents() -> dict[int, int]:
    """Return each process that runs to the one that started it."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text("utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z":
            found[int(path.parent.name)] = int(fields[1])
    return found


def command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def leader(data_dir: Path) -> int | None:
    """Return the process that leads, by what it left in the lock it holds."""
    path = data_dir / SCHEDULER_LOCK
    text = path.read_text("utf-8") if path.exists() else ""
    return int(text) if text.strip() else None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[Served]:
    """Run `catalogue serve` on a data directory; it and whatever it started have ended after the context."""
    port = free_port()
    given = {**stack_variables(folder / "var"), **{f"CATALOGUE_{k.upper()}": v for k, v in QUICK.items()}}
    command = [sys.executable, "-m", "catalogue_app.cli.main", "serve", "--port", str(port), "--json", *options]
    with (
        (folder / f"{port}.log").open("w") as log,
        subprocess.Popen(
            command, cwd=ROOT, env=os.environ | given, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        served = Served(process=process, port=port)
        try:
            yield served
        except BaseException:
            sys.stderr.write(f"what the server at port {port} said:\n{Path(log.name).read_text('utf-8')[-8000:]}\n")
            raise
        finally:
            left = served.family()
            process.terminate()
            try:
                process.communicate(timeout=START_S)
            finally:
                for pid in left & parents().keys():
                    os.kill(pid, signal.SIGKILL)


def eventually(is_so: Callable[[], bool]) -> None:
    assert wait_until(is_so, START_S)


@pytest.mark.embedded
def test_of_two_servers_one_schedules_and_the_other_takes_over_when_it_is_killed(tmp_path: Path) -> None:
    data_dir = tmp_path / "var"
    container = open_catalogue(data_dir)
    with serving(tmp_path) as one, serving(tmp_path) as two:
        eventually(lambda: one.is_up() and two.is_up())
        eventually(lambda: len(one.schedulers()) == len(two.schedulers()) == 1)
        eventually(lambda: leader(data_dir) in one.schedulers() | two.schedulers())
        first = leader(data_dir)
        assert first is not None
        a_source(container, tmp_path, "幼儿园名录")
        eventually(lambda: one.get("/api/v1/entries?q=幼儿园")["total"] == 1)

        os.kill(first, signal.SIGKILL)
        eventually(lambda: leader(data_dir) in (one.schedulers() | two.schedulers()) - {first})
        a_source(container, tmp_path, "公园名录", name="second")
        eventually(lambda: two.get("/api/v1/entries?q=公园")["total"] == 1)
        eventually(lambda: len(one.schedulers()) == len(two.schedulers()) == 1)

        second = leader(data_dir)
        killed, kept = (one, two) if second in one.schedulers() else (two, one)
        left = killed.family()
        killed.process.kill()
        eventually(lambda: not left & parents().keys())
        eventually(lambda: leader(data_dir) in kept.schedulers())
        assert kept.get("/readyz")
        with pytest.raises(httpx.ConnectError):
            killed.get("/healthz")


@pytest.mark.embedded
def test_what_runs_beside_a_server_is_started_by_the_thread_that_forks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in stack_variables(tmp_path / "var").items():
        monkeypatch.setenv(name, value)
    start, starters = subprocess.Popen, list[threading.Thread]()

    def noting(*words: Any, **options: Any) -> "subprocess.Popen[bytes]":
        starters.append(threading.current_thread())
        return start(*words, **options)

    monkeypatch.setattr(subprocess, "Popen", noting)
    with beside("scheduler"):
        mine = [pid for pid, parent in parents().items() if parent == os.getpid()]
        assert [b"scheduler" in command_of(pid).split(b"\0") for pid in mine].count(True) == 1
    assert starters == [threading.current_thread()]
    assert not any(b"scheduler" in command_of(pid).split(b"\0") for pid in mine)


def test_a_server_says_where_it_is_and_ends_when_asked(tmp_path: Path) -> None:
    with serving(tmp_path, "--no-scheduler") as served:
        assert served.process.stdout is not None
        document = "".join(iter(served.process.stdout.readline, "}\n")) + "}"
        place = f"http://127.0.0.1:{served.port}/"
        assert json.loads(document) == {"api": f"{place}api/v1/", "pid": served.process.pid, "portal": place}
        eventually(served.is_up)
        assert served.schedulers() == set()
        taken = subprocess.run(
            [sys.executable, "-m", "catalogue_app.cli.main", "serve", "--port", str(served.port), "--json"],
            cwd=ROOT,
            env=os.environ | stack_variables(tmp_path / "var"),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (taken.returncode, json.loads(taken.stdout)["error"]["code"]) == (1, "address_not_free")
        family = served.family()
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(START_S) in {0, 130}
        eventually(lambda: not family & parents().keys())
