"""`catalogue harvest …`: what people decide about runs; without a word of its own, it harvests."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, final
from uuid import UUID

import click

from catalogue_app.cli.answer import a_person, give, give_stream, json_option, table
from catalogue_app.cli.application import Application
from catalogue_app.cli.harvest import harvest
from catalogue_app.cli.preview import change_document, change_lines
from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.ids import RunId
from catalogue_app.domain.metadata import Document
from catalogue_app.services.quarantine import Choice, HeldRun, Part
from catalogue_app.services.report_files import ReportForm, csv_lines, json_lines, write_workbook
from catalogue_app.services.returned_workbook import write_returned_workbook

by_option: Final[Callable[[click.decorators.FC], click.decorators.FC]] = click.option(
    "--by", required=True, metavar="NAME", help="The person who decides; stands on the audit log."
)
_HELP: Final = {"-h", "--help"}


@final
class _HarvestGroup(click.Group):
    """Commands about runs, and the harvest itself where the first word is none of them."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and not _HELP.intersection(args[:1])):
            args = [str(harvest.name), *args]
        return super().parse_args(ctx, args)


@click.group("harvest", cls=_HarvestGroup)
def runs() -> None:
    """Harvest sources, and decide about their runs."""


runs.add_command(harvest)


@runs.command()
@click.argument("run")
@by_option
@json_option
@click.pass_obj
def cancel(application: Application, run: str, by: str, as_json: bool) -> None:
    """Stop a run, in whatever process it is, before its next step.

    What it applied until then stands; nothing is concluded about the rest. A run whose process is gone is ended at
    once.
    """
    asked = application.container.harvesting.cancel(run_id(run), actor=a_person(by, "--by"))
    document = {"run": str(asked.id), "source": str(asked.source_id), "state": asked.state.value}
    give(document, (f"{name}: {value}" for name, value in document.items()), as_json=as_json)


@runs.command()
@click.argument("run")
@click.option(
    "--format", "form", type=click.Choice([form.value for form in ReportForm]), help="Form of it, csv unless said."
)
@click.option("--out", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Where it is written.")
@json_option
@click.pass_obj
def report(application: Application, run: str, form: str | None, out: Path | None, as_json: bool) -> None:
    """Write everything that went wrong in a run, record by record, with how to mend it, in Chinese and English.

    As csv or json it goes to standard output unless --out names a file; xlsx and workbook need one. A workbook is the
    organ's own, with a column of what is wrong with each row.
    """
    if as_json and (form not in {None, ReportForm.JSON} or out is not None):
        raise click.UsageError("--json is the form json on standard output: give no other --format, and no --out")
    chosen = ReportForm.JSON if as_json else ReportForm(form or ReportForm.CSV)
    container = application.container
    written = container.run_reports.find(run_id(run))
    messages = container.reference.messages
    match chosen:
        case ReportForm.CSV:
            _give_bytes(csv_lines(written, messages), out)
        case ReportForm.JSON:
            _give_bytes(json_lines(written, messages), out)
        case ReportForm.XLSX:
            write_workbook(written, messages, _needed(out))
        case ReportForm.WORKBOOK:
            write_returned_workbook(written, messages, _needed(out))


@runs.command()
@click.argument("run")
@by_option
@json_option
@click.pass_obj
def undo(application: Application, run: str, by: str, as_json: bool) -> None:
    """Take back everything an ended run did to entries, as new revisions.

    What it added is withdrawn, what it changed says again what it said before, what it withdrew is back. Refused where
    somebody changed one of the entries since. The next harvest takes the source at its word again.
    """
    container = application.container
    report = container.harvesting.undo(run_id(run), actor=a_person(by, "--by"))
    container.index_feed.drain()
    tallies = ", ".join(f"{name} {count}" for name, count in report.tallies().items())
    give(report.document(container.reference.messages), (f"{report.state}: {tallies}",), as_json=as_json)


@runs.command()
@click.argument("run", required=False)
@json_option
@click.pass_obj
def held(application: Application, run: str | None, as_json: bool) -> None:
    """List the runs that wait for a person, or show what one of them waits with."""
    container = application.container
    if run is None:
        rows = [_held(one) for one in container.quarantine.waiting()]
        give(rows, table(rows), as_json=as_json)
        return
    one, messages = container.quarantine.one(run_id(run)), container.reference.messages
    changes = container.quarantine.changes(one.run.id)
    if as_json:
        give_stream(_held(one), {"changes": (change_document(change, messages) for change in changes)})
        return
    for line in (*table([_held(one)]), ""):
        click.echo(line)
    for change in changes:
        for line in change_lines(change):
            click.echo(line)


@runs.command()
@click.argument("run")
@by_option
@click.option(
    "--only",
    "parts",
    multiple=True,
    type=click.Choice([part.value for part in Part]),
    help="Accept this kind of change alone.",
)
@click.option("--identifier", "identifiers", multiple=True, metavar="ID", help="Accept this record or entry; repeat.")
@click.option("--as-renamed", is_flag=True, help="Entries that seem renamed keep code and history, under new names.")
@json_option
@click.pass_obj
def accept(  # noqa: PLR0913, PLR0917 — one parameter an option
    application: Application,
    run: str,
    by: str,
    parts: tuple[str, ...],
    identifiers: tuple[str, ...],
    as_renamed: bool,
    as_json: bool,
) -> None:
    """Accept what a held run waits with, whole or in part; what is not chosen is left out.

    What was seen of known records is applied already. Refused once its time is over, or a later run took its place.
    """
    if as_renamed and (parts or identifiers):
        raise click.UsageError("--as-renamed accepts the run whole")
    choice = Choice(
        parts=frozenset(map(Part, parts)) or frozenset(Part),
        identifiers=frozenset(identifiers) or None,
        as_renamed=as_renamed,
    )
    container = application.container
    report = container.harvesting.accept(run_id(run), choice, actor=a_person(by, "--by"))
    container.index_feed.drain()
    tallies = ", ".join(f"{name} {count}" for name, count in report.tallies().items())
    give(report.document(container.reference.messages), (f"{report.state}: {tallies}",), as_json=as_json)


@runs.command()
@click.argument("run")
@by_option
@click.option("--reason", default="", help="Why; stands on the audit log.")
@json_option
@click.pass_obj
def reject(application: Application, run: str, by: str, reason: str, as_json: bool) -> None:
    """Let a held run end without what it waits with; the next run of its source plans anew."""
    decided = application.container.quarantine.reject(run_id(run), by=a_person(by, "--by"), reason=reason)
    document = {"run": str(decided.id), "source": str(decided.source_id), "decision": decided.decision}
    give(document, (f"{name}: {value}" for name, value in document.items()), as_json=as_json)


def _held(one: HeldRun) -> Document:
    run, problem = one.run, one.run.problem
    return {
        "run": str(run.id),
        "source": str(run.source_id),
        "held_at": run.finished_at.isoformat() if run.finished_at else None,
        "decide_by": one.decide_by.isoformat() if one.decide_by else None,
        "problem": f"{problem.code} {problem.value}".rstrip() if problem else "",
        "additions": one.additions,
        "absences": one.absences,
        "renamed": one.renamed,
    }


def _give_bytes(lines: Iterable[bytes], out: Path | None) -> None:
    if out is None:
        sys.stdout.buffer.writelines(lines)
        sys.stdout.buffer.flush()
        return
    with out.open("wb") as file:
        file.writelines(lines)


def _needed(out: Path | None) -> Path:
    if out is None:
        raise click.UsageError("a workbook is written to a file: name it with --out")
    return out


def run_id(text: str) -> RunId:
    """Read the id of a run.

    Raises:
        InvalidInput: it is none.
    """
    try:
        return RunId(UUID(text))
    except ValueError as error:
        raise InvalidInput("not_a_run_id", value=text) from error
