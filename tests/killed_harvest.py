"""What a process of its own does in the tests of killed harvests: begin, be killed at a commit, take up and tell."""

import json
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, PoolProxiedConnection, text

from catalogue_app.container import Container, build
from catalogue_app.domain.entry import Entry
from catalogue_app.domain.harvest import HarvestRun, Outcome, RunState
from catalogue_app.domain.metadata import to_document
from catalogue_app.domain.source import Source, SourceKind
from catalogue_app.settings import load_settings
from tests.living import add_source, harvest, open_catalogue

RUNS: Final = 50
"""More runs than any of these sources has."""

_REMAINS: Final = ("staged_entry", "outbox", "curation_sighting")


WHOLE: Final = 0
"""As place of the death: none, and how many commits there were is told."""
UNINDEXED: Final = -1
"""As place of the death: the harvest is whole, and the index has not heard of it yet."""


def begin(variables: Mapping[str, str], kind: str, address: str, options: Mapping[str, str], is_known: bool) -> None:  # noqa: FBT001 — a process is given its words in a row
    """Open a catalogue with one source, harvested once where it is known."""
    named = {name.removeprefix("CATALOGUE_").lower(): value for name, value in variables.items()}
    container = open_catalogue(Path(named.pop("data_dir")), **named)
    source = add_source(container, SourceKind(kind), address, **options)
    if is_known:
        harvest(container, source.id)


def work(variables: Mapping[str, str], fatal: int, told: Path) -> None:
    """Harvest and bring what changed into the index, until just before the n-th commit; tell how many there were.

    What a process has not committed is not there for the next one, so dying just before a commit leaves what dying
    anywhere since the one before it leaves. Only the index is written in between, hence `UNINDEXED`.
    """
    container = _reopened(variables)
    commits = _counted(container, fatal)
    container.harvesting.run(_source(container).id, actor="test")
    _die(fatal == UNINDEXED)
    container.index_feed.drain()
    told.write_text(str(len(commits)), "utf-8")


def take_up(variables: Mapping[str, str], told: Path) -> None:
    """Start again as after a crash, let the source have its turn, and tell what is there then."""
    container = _reopened(variables)
    source = _source(container)
    container.harvesting.resume_all(actor="test")
    container.index_feed.drain()
    for _ in range(2):
        harvest(container, source.id)
    told.write_text(json.dumps(_state(container, source), ensure_ascii=False, sort_keys=True, indent=1), "utf-8")


def _reopened(variables: Mapping[str, str]) -> Container:
    return build(load_settings(variables))


def _source(container: Container) -> Source:
    with container.uow.reading() as look:
        return look.sources.all()[0]


def _counted(container: Container, fatal: int) -> list[object]:
    """Let this process kill itself just before a commit, whoever makes it; return the commits as they come."""
    dialect, commits = _engine(container).dialect, list[object]()
    do_commit = dialect.do_commit

    def commit(connection: PoolProxiedConnection) -> None:
        commits.append(connection)
        _die(len(commits) == fatal)
        do_commit(connection)

    dialect.do_commit = commit  # type: ignore[assignment, method-assign]  # a plain function in the place of a method
    return commits


def _die(is_now: bool) -> None:  # noqa: FBT001 — the question whether
    if is_now:
        os.kill(os.getpid(), signal.SIGKILL)


def _state(container: Container, source: Source) -> Mapping[str, object]:
    """Return all that must be as if nobody had died, and nothing that may tell when it was."""
    with container.uow.reading() as look:
        entries = sorted(look.entries.stream(), key=lambda entry: entry.serial)
        runs = look.runs.latest(source.id, RUNS)
    return {
        "entries": {entry.code: _said(entry) for entry in entries},
        "last": _figures(runs[0]),
        "added": sum(run.outcomes.get(Outcome.ADDED, 0) for run in runs),
        "changed": sum(run.outcomes.get(Outcome.CHANGED, 0) for run in runs),
        "unbalanced": [str(run.id) for run in runs if run.gathered != sum(run.outcomes.values())],
        "running": [str(run.id) for run in runs if run.state is RunState.RUNNING],
        "revisions": _count(container, "revision"),
        "remains": {table: _count(container, table) for table in _REMAINS},
        "is_equal": container.index_feed.verify().is_equal,
    }


def _said(entry: Entry) -> Mapping[str, object]:
    return {
        "identifier": entry.identifier,
        "revision": entry.revision,
        "state": entry.state,
        "tier": entry.tier,
        "is_missing": entry.missing_since is not None,
        "metadata": to_document(entry.metadata),
        "violations": [violation.code for violation in entry.violations],
    }


def _figures(run: HarvestRun) -> Mapping[str, object]:
    counted = {name.value: number for name, number in run.outcomes.items() if number}
    return {"state": run.state, "gathered": run.gathered, "vanished": run.vanished, **counted}


def _count(container: Container, table: str) -> int:
    with _engine(container).connect() as database:
        counted: int = database.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608 — named above
    return counted


def _engine(container: Container) -> Engine:
    return container.uow._engine
