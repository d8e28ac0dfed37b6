"""Two web processes, two workers, two schedulers on one database under mixed load: searches, edits, harvests.

Run by hand for as long as you like: `python -m tests.mixed_load 600`, or `make soak`.
"""

import json
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import quantiles
from typing import Final

import httpx
from sqlalchemy import text

from catalogue_app.container import Container
from catalogue_app.domain.entry import Entry, EntryState
from catalogue_app.domain.errors import Conflict
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.ids import EntryId, OrganId, SourceId, new_id
from catalogue_app.domain.source import SourceKind
from catalogue_app.domain.text import LocalizedText
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.base import make_engine
from tests.builders import NOW, a_metadata, an_event
from tests.installation import a_dataset
from tests.living import add_source, open_catalogue
from tests.own_postgres import a_server
from tests.processes import START_S, Fleet, Process, a_fleet
from tests.servers import wait_until

SOURCES: Final = 4
RECORDS: Final = 600
COUNTERS: Final = 5
"""Entries whose title counts the edits that were acknowledged: a lost update is a number too low."""

WORDS: Final = ("幼儿园", "名录", "第12册", "youeryuan", "教委", "公园", "TJ00000001", "2026")
QUICK: Final = {"jobs_poll_s": "1", "jobs_drain_s": "0.5", "jobs_stalled_s": "10"}
BROKEN: Final = frozenset({"task_failed", "sweep_failed", "request_failed", "worker_interrupted", "part_down"})
"""Events that nobody may log when nothing is broken."""


@dataclass(kw_only=True)
class Report:
    """What was seen; every figure below `seconds` but the first three should be 0."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {"page": [], "search": [], "edit": []})
    runs: int = 0
    edits: int = 0
    conflicts: int = 0
    lost_updates: int = 0
    deadlocks: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    unbalanced: int = 0
    is_index_equal: bool = False

    def lines(self) -> Iterator[str]:
        for name, times in self.seconds.items():
            cuts = quantiles(times, n=100) if len(times) > 1 else [0.0] * 99
            figures = ", ".join(f"p{share} {1000 * cuts[share - 1]:,.0f} ms" for share in (50, 95, 99))
            yield f"{name}: {len(times):,} asked, {figures}, max {1000 * max(times, default=0.0):,.0f} ms"
        yield f"harvest runs {self.runs}, edits {self.edits:,}, of them tried again {self.conflicts:,}"
        yield f"deadlocks {self.deadlocks}, lost updates {self.lost_updates}, unbalanced runs {self.unbalanced}"
        yield f"errors {sum(self.errors.values())} {dict(self.errors)}; index equal: {self.is_index_equal}"


@dataclass(kw_only=True)
class MixedLoad:
    """The load on one catalogue, in threads of this process."""

    container: Container
    folder: Path
    webs: Sequence[Process]
    report: Report = field(default_factory=Report)
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.counters = [self._counter() for _ in range(COUNTERS)]
        self.sources = [self._source(number) for number in range(SOURCES)]

    def ask(self, seed: int) -> None:
        """Read pages and search, over every web process in turn."""
        chance = random.Random(seed)  # noqa: S311 — chance of a test
        with httpx.Client(trust_env=False, timeout=START_S) as client:
            while not self.stop.wait(0.05):
                kind, path = self._question(chance)
                began = time.perf_counter()
                try:
                    status = client.get(f"http://127.0.0.1:{chance.choice(self.webs).port}{path}").status_code
                except httpx.TransportError as error:
                    self.report.errors[f"{kind} {type(error).__name__}"] += 1
                    continue
                self.report.seconds[kind].append(time.perf_counter() - began)
                if status != 200:
                    self.report.errors[f"{kind} {status}"] += 1

    def edit(self, seed: int) -> None:
        """Count up in the title of entries that others count up too."""
        chance = random.Random(seed)  # noqa: S311 — chance of a test
        while not self.stop.wait(0.1):
            began = time.perf_counter()
            try:
                self._count_up(chance.choice(self.counters))
            except Exception as error:  # noqa: BLE001 — every failure of an edit is a figure of the report
                self.report.errors[f"edit {type(error).__name__}"] += 1
            self.report.seconds["edit"].append(time.perf_counter() - began)

    def change_sources(self) -> None:
        """Let every source say something new as soon as it was harvested."""
        edition = 0
        while not self.stop.wait(1.0):
            edition += 1
            for number, source in enumerate(self.sources):
                with self.container.uow.reading() as look:
                    last = look.runs.latest(source)
                if last and last[0].state is RunState.COMPLETE:
                    self._offer(number, edition)
                    self._fall_due(source)

    def _question(self, chance: random.Random) -> tuple[str, str]:
        word = chance.choice(WORDS)
        questions = (
            ("search", f"/api/v1/entries?q={word}"),
            ("search", f"/search?q={word}"),
            ("page", "/api/v1/entries?limit=20"),
            ("page", "/"),
            ("page", "/readyz"),
        )
        return chance.choice(questions)

    def _count_up(self, entry_id: EntryId) -> None:
        while True:
            try:
                with self.container.uow() as work:
                    [entry] = work.entries.by_ids([entry_id])
                    said = replace(entry.metadata, title=LocalizedText.of(f"计数 {_count(entry) + 1}"))
                    work.entries.save(replace(entry, metadata=said, revision=entry.revision + 1), "edit")
                    work.record(an_event())
                    work.commit()
            except Conflict:
                self.report.conflicts += 1
                continue
            self.report.edits += 1
            return

    def _counter(self) -> EntryId:
        with self.container.uow() as work:
            serial, code = work.entries.allot(Tier.PORTAL)
            entry = Entry(
                id=EntryId(new_id()),
                serial=serial,
                code=code,
                organ_id=OrganId("edu"),
                source_id=None,
                identifier=f"counter-{serial}",
                state=EntryState.PUBLISHED,
                tier=Tier.PORTAL,
                revision=1,
                metadata=a_metadata("计数 0"),
                violations=(),
                created_at=NOW,
                changed_at=NOW,
            )
            work.entries.save(entry, "registration")
            work.record(an_event())
            work.commit()
        return entry.id

    def _source(self, number: int) -> SourceId:
        self._offer(number, 0)
        return add_source(self.container, SourceKind.DATA_JSON, self.folder / f"{number}.json", tier="portal").id

    def _offer(self, number: int, edition: int) -> None:
        records = [a_dataset(f"a-{it}", f"幼儿园名录第{it}册，第{edition + it % 3}版") for it in range(RECORDS)]
        path = self.folder / f"{number}.json.new"
        path.write_text(json.dumps({"dataset": records}), encoding="utf-8")
        path.rename(self.folder / f"{number}.json")

    def _fall_due(self, source: SourceId) -> None:
        with self.container.uow() as work:
            work.sources.put_off(source, self.container.clock())
            work.commit()

    def judge(self, fleet: Fleet) -> None:
        """Let what waits be done, then compare what is there with what was said."""
        assert wait_until(self._is_settled, START_S)
        with self.container.uow.reading() as look:
            counted = sum(_count(entry) for entry in look.entries.by_ids(self.counters))
            runs = [run for source in self.sources for run in look.runs.latest(source, 10_000)]
        self.report.lost_updates = self.report.edits - counted
        self.report.runs = len(runs)
        self.report.unbalanced = sum(
            run.gathered != sum(run.outcomes.values()) or run.gathered != RECORDS
            for run in runs
            if run.state is not RunState.ABORTED
        ) + sum(run.state is not RunState.COMPLETE for run in runs)
        self.report.is_index_equal = self.container.index_feed.verify().is_equal
        self.report.deadlocks = _deadlocks(self.container)
        for process in fleet.processes:
            said = (line["event"] for line in process.lines() if line["event"] in BROKEN or line["level"] == "error")
            self.report.errors.update(said)
            self.report.errors["process ended"] += not process.is_alive()

    def _is_settled(self) -> bool:
        with self.container.uow.reading() as look:
            due = look.sources.due(self.container.clock())
            return not due and not look.runs.running() and look.outbox.size() == 0


def _count(entry: Entry) -> int:
    return int(entry.metadata.title.original.rpartition(" ")[2])


def _deadlocks(container: Container) -> int:
    engine = make_engine(container.settings.database_url)
    with engine.connect() as database:
        statement = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        found = database.scalar(statement) or 0
    engine.dispose()
    return int(found)


@contextmanager
def _threads(*functions: Callable[[], None]) -> Iterator[None]:
    threads = [threading.Thread(target=function) for function in functions]
    for thread in threads:
        thread.start()
    yield
    for thread in threads:
        thread.join()


def run(folder: Path, database_url: str, seconds: float) -> Report:
    """Put a catalogue of its own under mixed load for so many seconds, and say what was seen."""
    container = open_catalogue(folder / "var", database_url=database_url)
    with a_fleet(container, folder, **QUICK) as fleet:
        for _ in range(2):
            fleet.scheduler()
            fleet.worker()
        load = MixedLoad(container=container, folder=folder, webs=[fleet.web(), fleet.web()])
        askers = [lambda seed=seed: load.ask(seed) for seed in range(4)]
        editors = [lambda seed=seed: load.edit(seed) for seed in range(3)]
        with _threads(*askers, *editors, load.change_sources):
            time.sleep(seconds)
            load.stop.set()
        load.judge(fleet)
    return load.report


def main() -> None:
    """Print what a run of so many seconds saw."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 600.0
    with tempfile.TemporaryDirectory() as folder, a_server() as server:
        for line in run(Path(folder), server.address, seconds).lines():
            print(line)  # noqa: T201 — what it was run for


if __name__ == "__main__":
    main()
