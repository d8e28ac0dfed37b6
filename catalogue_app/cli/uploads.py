"""`catalogue entries upload` and `catalogue entries sheet`: whole tables of entries in and out."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import click

from catalogue_app.cli.answer import give, json_option, table
from catalogue_app.cli.application import Application
from catalogue_app.cli.people import audience_at_machine
from catalogue_app.container import Container
from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.upload import Rows, Upload, UploadState
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.services.organ_sheet_files import SheetForm
from catalogue_app.services.upload_files import write_returned


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--by", required=True, metavar="NAME", help="The account of the organ's editor whose proposals they are.")
@click.option(
    "--take",
    type=click.Choice([rows.value for rows in Rows]),
    help="Take the good rows, or all or nothing; unless said, only a dry run.",
)
@click.option("--submit", is_flag=True, help="Hand in at once what is taken, instead of leaving drafts.")
@click.option("--statement", default="", metavar="TEXT", help="Why new rows like other entries are no duplicates.")
@click.option(
    "--returned", metavar="FILE", type=click.Path(path_type=Path), help="Write the file back with a column of errors."
)
@json_option
@click.pass_obj
def upload(  # noqa: PLR0913, PLR0917 — one parameter an option
    application: Application,
    file: BinaryIO,
    by: str,
    take: str | None,
    submit: bool,
    statement: str,
    returned: Path | None,
    as_json: bool,
) -> None:
    """Upload a table of an organ's entries: a dry run, and where asked for, its rows become proposals.

    Rows that say what the catalogue says change nothing; rows of entries there are become changes, the others new
    entries. A process that is killed loses nothing: whichever comes next goes on where it stopped.
    """
    container = application.container
    account, uploads = container.accounts.by_name(by), container.uploads
    audience = audience_at_machine(container, account)
    looked_at = uploads.go_on(uploads.receive(account, file.name, file, audience).id)
    _demand_readable(looked_at)
    if returned is not None:
        write_returned(uploads, looked_at, container.reference.messages, returned)
    if take is not None:
        chosen = uploads.choose(account, looked_at.id, audience, rows=Rows(take), submits=submit, statement=statement)
        looked_at = uploads.go_on(chosen.id)
        container.index_feed.drain()
    _answer(container, looked_at, as_json=as_json)


@click.command()
@click.argument("organ")
@click.option(
    "--audience", type=click.Choice([Tier.PORTAL.value, Tier.EXTRANET.value]), required=True, help="For whom it is."
)
@click.option(
    "--output",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Where to; its name ends in .xlsx or .csv.",
)
@json_option
@click.pass_obj
def sheet(application: Application, organ: str, audience: str, output: Path, as_json: bool) -> None:
    """Write an organ's entries as the standard workbook or CSV; uploading the file again changes nothing."""
    forms = {f".{form.value}": form for form in SheetForm}
    if output.suffix not in forms:
        raise click.BadParameter("the name of the file ends in .xlsx or .csv", param_hint="--output")
    container = application.container
    reached = Audience(tier=Tier(audience), organs=frozenset({OrganId(organ)}))
    container.organ_sheets.write(OrganId(organ), reached, forms[output.suffix], output)
    give({"organ": organ, "file": str(output)}, (f"written: {output}",), as_json=as_json)


def _demand_readable(upload: Upload) -> None:
    if upload.state is UploadState.REFUSED:
        raise InvalidInput(upload.problem, value=upload.problem_value)


def _answer(container: Container, upload: Upload, *, as_json: bool) -> None:
    problems = list(_problems(container, upload))
    document = {
        "upload": str(upload.id),
        "state": upload.state.value,
        "rows": {verdict.value: count for verdict, count in upload.counts.items()},
        "like_others": upload.with_similar,
        "taken": upload.taken,
        "left": upload.left,
        "problem": upload.problem,
        "problems": problems,
    }
    figures = {name: value for name, value in document.items() if name != "problems"}
    give(document, [*(f"{name}: {value}" for name, value in figures.items()), *table(problems)], as_json=as_json)
    if upload.problem:
        raise InvalidInput(upload.problem, value=upload.problem_value)


def _problems(container: Container, upload: Upload) -> Iterator[dict[str, str]]:
    messages = container.reference.messages
    for row in container.uploads.all_rows(upload):
        for flaw in row.flaws:
            message, mend = messages.problem(flaw.code, "en", value=flaw.value, element=flaw.element, entry=flaw.value)
            words = {"code": flaw.code, "value": flaw.value, "message": message, "mend": mend}
            yield {"place": row.place, "title": row.title, "element": flaw.element, **words}
