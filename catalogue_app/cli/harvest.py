"""`catalogue harvest`: pull sources now, in this process."""

from collections.abc import Sequence
from uuid import UUID

import click

from catalogue_app.cli.answer import give, json_option, say
from catalogue_app.cli.application import Application
from catalogue_app.container import Container
from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.ids import SourceId
from catalogue_app.services.harvest_report import RunReport


@click.command()
@click.argument("source_ids", metavar="[SOURCE_ID]...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Harvest every enabled source.")
@click.option("--release", metavar="NAME", help="Let a held run pass its gate, on the word of this named person.")
@json_option
@click.pass_obj
def harvest(
    application: Application, source_ids: tuple[str, ...], every: bool, release: str | None, as_json: bool
) -> None:
    """Harvest sources now and bring what changed into the index.

    A source that fails, or whose run is held, does not stop the others; its state says so. The exit code is 0 when
    every source asked for was tried.
    """
    if bool(source_ids) == every:
        raise click.UsageError("name sources, or --all")
    container = application.container
    ids = [it.id for it in container.sources.all() if it.is_enabled] if every else [_source_id(it) for it in source_ids]
    reports = run_sources(container, ids, actor=release or "operator", release=release)
    documents = [report.document(container.reference.messages) for report in reports]
    give(documents, (_line(report) for report in reports), as_json=as_json)


def run_sources(
    container: Container, ids: Sequence[SourceId], *, actor: str, release: str | None = None
) -> list[RunReport]:
    """Harvest sources one after the other, then drain the outbox into the index."""
    reports = []
    for place, source_id in enumerate(ids, start=1):
        report = container.harvesting.run(source_id, actor=actor, release=release)
        say(f"[{place}/{len(ids)}] {_line(report)}")
        reports.append(report)
    indexed = container.index_feed.drain()
    say(f"indexed: {indexed} entries")
    return reports


def _source_id(text: str) -> SourceId:
    try:
        return SourceId(UUID(text))
    except ValueError as error:
        raise InvalidInput("not_a_source_id", value=text) from error


def _line(report: RunReport) -> str:
    tallies = report.tallies()
    return f"{report.source_id} {report.state}: " + ", ".join(f"{name} {count}" for name, count in tallies.items())
