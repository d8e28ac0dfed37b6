"""PostgreSQL crashes under load: every process comes back by itself, and no acknowledged write is lost."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from sqlalchemy.exc import DBAPIError

from catalogue_app.container import Container
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.source import Source, SourceKind
from tests.builders import an_event, an_organ
from tests.installation import datasets
from tests.living import add_source, open_catalogue
from tests.own_postgres import a_server
from tests.processes import START_S, Process, a_fleet
from tests.servers import wait_until

pytestmark = pytest.mark.engines

RECORDS = 3000
CRASHES = 3
QUICK = {"jobs_poll_s": "0.3", "jobs_drain_s": "0.3", "jobs_stalled_s": "3"}


@dataclass
class Load:
    """What was asked and written meanwhile: writes that were acknowledged, pages that were shown."""

    acknowledged: set[str] = field(default_factory=set)
    refused: int = 0
    shown: int = 0

    def write(self, container: Container, stop: threading.Event) -> None:
        number = 0
        while not stop.wait(0.02):
            number += 1
            try:
                with container.uow() as work:
                    work.organs.save(an_organ(f"organ-{number}", f"第{number}局"))
                    work.record(an_event())
                    work.commit()
                self.acknowledged.add(f"organ-{number}")
            except DBAPIError:
                self.refused += 1

    def read(self, web: Process, stop: threading.Event) -> None:
        while not stop.wait(0.05):
            try:
                self.shown += web.get("/api/v1/entries?limit=5").status_code == 200
            except httpx.TransportError:
                return


@contextmanager
def under_load(container: Container, web: Process) -> Iterator[Load]:
    stop, load = threading.Event(), Load()
    threads = [
        threading.Thread(target=load.write, args=(container, stop)),
        threading.Thread(target=load.read, args=(web, stop)),
    ]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def is_done(container: Container, source: Source) -> bool:
    with container.uow.reading() as look:
        runs = look.runs.latest(source.id, 50)
        return bool(runs) and runs[0].state is RunState.COMPLETE and look.outbox.size() == 0


def is_at_work(container: Container, source: Source) -> bool:
    with container.uow.reading() as look:
        return bool(look.runs.running(source.id))


def parts(web: Process) -> dict[str, str]:
    """Say how the database and what stands on it do; new organs leave the words of the index behind."""
    found: dict[str, str] = web.get("/readyz").json()["parts"]
    return {name: state for name, state in found.items() if name != "search"}


def test_a_database_that_crashes_loses_nothing_acknowledged_and_everybody_comes_back(tmp_path: Path) -> None:
    with a_server() as server:
        container = open_catalogue(tmp_path / "var", database_url=server.address)
        with a_fleet(container, tmp_path, **QUICK) as fleet:
            web, worker, scheduler = fleet.web(), fleet.worker(), fleet.scheduler()
            worker.wait_for("worker_ready")
            scheduler.wait_for("scheduler_leads")
            with under_load(container, web) as load:
                for round_ in range(CRASHES):
                    offered = tmp_path / f"{round_}.json"
                    offered.write_text(json.dumps({"dataset": datasets(RECORDS)}), encoding="utf-8")
                    source = add_source(container, SourceKind.DATA_JSON, offered)
                    assert wait_until(lambda it=source: is_at_work(container, it), START_S)  # type: ignore[misc]  # bound now
                    server.crash()
                    assert wait_until(lambda it=source: is_done(container, it), START_S)  # type: ignore[misc]  # bound now
                shown = load.shown
                assert wait_until(lambda: load.shown > shown, START_S), "pages are shown again"
            assert wait_until(lambda: parts(web) == {"database": "ok", "scheduler": "ok"}, START_S)
            assert all(it.is_alive() for it in (web, worker, scheduler)), "nobody had to be started again"
            with container.uow.reading() as look:
                kept = {organ.id for organ in look.organs.all()}
                entries = sum(1 for _ in look.entries.stream())
                assert look.audit.verify().broken_at is None
            assert load.acknowledged <= kept
            assert load.acknowledged
            assert entries == CRASHES * RECORDS
            assert container.index_feed.verify().is_equal
