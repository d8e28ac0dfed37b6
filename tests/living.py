"""A living catalogue for tests: the real container on a data directory of the test's own."""

from collections.abc import Sequence
from pathlib import Path

from catalogue_app.container import Container, build
from catalogue_app.domain.ids import OrganId, SourceId
from catalogue_app.domain.source import Source, SourceKind
from catalogue_app.services.harvest_report import RunReport
from catalogue_app.settings import load_settings
from tests.stack import stack_variables


def open_catalogue(data_dir: Path, **variables: str) -> Container:
    """Build the container of a catalogue in this directory, with organs registered, on the stack of this run.

    Variables as CATALOGUE_*, in small letters and without that prefix.
    """
    environment = {f"CATALOGUE_{name.upper()}": value for name, value in variables.items()}
    container = build(load_settings(stack_variables(data_dir) | environment))
    container.upgrade()
    container.organs.seed(actor="test")
    container.refresh_index(lambda _line: None)
    return container


def add_source(container: Container, kind: SourceKind, address: object, organ: str = "data", **options: str) -> Source:
    """Register a source; underscores in option names stand for themselves."""
    return container.sources.add(OrganId(organ), kind, str(address), options, actor="test")


def harvest(container: Container, source_id: SourceId, release: str | None = None) -> RunReport:
    """Run one source and bring what changed into the index."""
    report = container.harvesting.run(source_id, actor="test", release=release)
    container.index_feed.drain()
    return report


def tally(report: RunReport) -> tuple[int, ...]:
    """Return (gathered, added, changed, unchanged, rejected, duplicate, vanished)."""
    counts = report.tallies()
    names = ("gathered", "added", "changed", "unchanged", "rejected", "duplicate", "vanished")
    return tuple(counts[name] for name in names)


def codes(report: RunReport) -> Sequence[str]:
    """Return the codes of the problems of a run, in order."""
    return [problem.code for problem in report.problems]
