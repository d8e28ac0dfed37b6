"""The main job taken apart: what reading, checking, storing and indexing cost inside it, and what each costs bare."""

import contextlib
import gc
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar, final

from tantivy import Index

from catalogue_app.container import Container, build, make_harvesting
from catalogue_app.domain.harvest import Problem, RunState
from catalogue_app.domain.ids import OrganId, SourceId
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.profile import Violation
from catalogue_app.domain.source import Source, SourceKind
from catalogue_app.settings import load_settings
from harvesters.port import Fetcher, Harvester, Payload, RawRecord, Unreadable
from indexing.document import SearchDocument, project
from indexing.embedded.schema import build_schema, to_tantivy

TABLES: Final = ("entry", "revision", "entry_label", "entry_attribute", "outbox", "harvest_outcome")
"""Tables a first harvest writes a row or more into for every record."""

_LARGE: Final = {"CATALOGUE_HARVEST_MAX_BYTES": str(64 << 30)}
"""A generated municipality is one file, however large."""

_BATCH: Final = 1000
_HEAP_BYTES: Final = 128 << 20

Result = TypeVar("Result")


@final
@dataclass(slots=True)
class Stopwatch:
    """Seconds spent in each part, as measured inside a run."""

    seconds: dict[str, float] = field(default_factory=dict)

    def timed(self, part: str, call: Callable[[], Result]) -> Result:
        """Call, and add what it took to a part."""
        start = time.perf_counter()
        try:
            return call()
        finally:
            self.seconds[part] = self.seconds.get(part, 0.0) + time.perf_counter() - start

    def walked(self, part: str, items: Iterator[Result]) -> Iterator[Result]:
        """Pass items on, adding what making each of them took."""
        end = object()
        while (item := self.timed(part, lambda: next(items, end))) is not end:
            yield item  # type: ignore[misc]  # the end is not passed on


@final
class TimedHarvester:
    """A harvester whose steps are timed."""

    def __init__(self, inner: Harvester, watch: Stopwatch) -> None:
        self._inner, self._watch = inner, watch
        self.kind, self.version, self.options = inner.kind, inner.version, inner.options
        self.is_partial = inner.is_partial

    def gather(self, fetcher: Fetcher) -> Iterator[Payload | Unreadable]:
        """Gather, timed as `read`."""
        yield from self._watch.walked("read", iter(self._inner.gather(fetcher)))

    def split(self, payload: Payload) -> Iterator[RawRecord | Problem]:
        """Split, timed as `read`."""
        yield from self._watch.walked("read", iter(self._inner.split(payload)))

    def parse(self, record: RawRecord) -> EntryMetadata:
        """Parse, timed as `parse`."""
        return self._watch.timed("parse", lambda: self._inner.parse(record))


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A catalogue of its own in a directory, with one source and a timed harvester."""

    container: Container
    source: Source
    watch: Stopwatch

    def harvest(self) -> float:
        """Harvest the source; returns seconds in all, parts are in the stopwatch."""
        self.watch.seconds.clear()
        harvesting = make_harvesting(
            self.container.settings,
            self.container.reference,
            self.container.uow,
            self.container.clock,
            works=self.container.works,
            around_harvester=lambda it: TimedHarvester(it, self.watch),
            around_check=self._timed_check,
        )
        start = time.perf_counter()
        report = harvesting.run(SourceId(self.source.id), actor="bench")
        seconds = time.perf_counter() - start
        if report.state is not RunState.COMPLETE:
            raise SystemExit(f"the harvest was not complete: {report.state}, {[it.code for it in report.problems][:9]}")
        return seconds

    def _timed_check(
        self, check: Callable[[EntryMetadata, Organ], tuple[Violation, ...]]
    ) -> Callable[[EntryMetadata, Organ], tuple[Violation, ...]]:
        return lambda metadata, organ: self.watch.timed("check", lambda: check(metadata, organ))


def set_up(folder: Path, catalogue: Path, database_url: str = "") -> Stand:
    """Make an empty catalogue with one source; in SQLite unless another database is named."""
    container = build(
        load_settings({"CATALOGUE_DATA_DIR": str(folder), "CATALOGUE_DATABASE_URL": database_url} | _LARGE)
    )
    container.upgrade()
    gc.freeze()  # as the command line does
    container.organs.seed(actor="bench")
    source = container.sources.add(OrganId("data"), SourceKind.DATA_JSON, str(catalogue), {}, actor="bench")
    return Stand(container=container, source=source, watch=Stopwatch())


def bare_insert(folder: Path, filled: Path, tables: tuple[str, ...]) -> float:
    """Insert the very rows of a harvested database into the same tables, with their indexes; returns seconds.

    Plain `executemany` in transactions of a thousand rows, foreign keys off: the least any program can do.
    """
    stand = build(load_settings({"CATALOGUE_DATA_DIR": str(folder)}))
    stand.upgrade()
    seconds = 0.0
    with (
        contextlib.closing(sqlite3.connect(filled / "catalogue.sqlite3")) as old,
        contextlib.closing(sqlite3.connect(folder / "catalogue.sqlite3", isolation_level=None)) as new,
    ):
        new.execute("PRAGMA journal_mode=WAL")
        new.execute("PRAGMA synchronous=NORMAL")
        for table in tables:
            cursor = old.execute(f"SELECT * FROM {table}")  # noqa: S608 — names of our own tables
            marks = ", ".join("?" * len(cursor.description))
            while rows := cursor.fetchmany(_BATCH):
                seconds += _insert(new, f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 — as above
    return seconds


def _insert(database: sqlite3.Connection, statement: str, rows: list[tuple[object, ...]]) -> float:
    start = time.perf_counter()
    database.execute("BEGIN")
    database.executemany(statement, rows)
    database.execute("COMMIT")
    return time.perf_counter() - start


def bare_index(stand: Stand, folder: Path) -> float:
    """Build an index in a bare loop; returns seconds without those in which its documents were read and made."""
    analyser = stand.container.language().analyser
    folder.mkdir(parents=True)
    watch = Stopwatch()
    writer = Index(build_schema(), path=str(folder)).writer(heap_size=_HEAP_BYTES, num_threads=1)

    def add(documents: list[SearchDocument]) -> None:
        for document in documents:
            writer.add_document(to_tantivy(document, analyser))

    def finish() -> None:
        writer.commit()
        writer.wait_merging_threads()

    with stand.container.uow.reading() as look:
        organs = {organ.id: organ for organ in look.organs.all()}
        documents = (project(entry, organs[entry.organ_id]) for entry in look.entries.stream())
        while batch := list(islice(documents, _BATCH)):
            watch.timed("index", partial(add, batch))
    watch.timed("index", finish)
    return watch.seconds["index"]
