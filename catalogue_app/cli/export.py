"""`catalogue export`: everything an audience sees, as a stream of lines."""

from typing import BinaryIO, Final

import click

from catalogue_app.cli.answer import say
from catalogue_app.cli.application import Application
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.services.export import ExportForm

_SAID_EVERY: Final = 100_000
"""Lines between two words about how far it has come."""


@click.command()
@click.option("--audience", type=click.Choice(["portal", "extranet"]), required=True, help="For whom it is.")
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in ExportForm]),
    default=ExportForm.JSONL.value,
    show_default=True,
    help="What a line is.",
)
@click.option("--output", metavar="FILE", type=click.File("wb"), default="-", help="Where to; unless said, here.")
@click.pass_obj
def export(application: Application, audience: str, form: str, output: BinaryIO) -> None:
    """Write every entry an audience sees, one a line, oldest first; all of one moment."""
    lines = application.container.export.lines(Audience.of_tier(Tier(audience)), ExportForm(form))
    for number, line in enumerate(lines, start=1):
        output.write(line)
        if number % _SAID_EVERY == 0:
            say(f"exported: {number:,} lines")
