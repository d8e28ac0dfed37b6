"""`catalogue work`: long work that goes on or went on lately."""

from typing import Final

import click

from catalogue_app.cli.answer import give, json_option, table
from catalogue_app.cli.application import Application
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier

_MOST: Final = 100


@click.command()
@click.option(
    "--limit", type=click.IntRange(1, _MOST), default=20, show_default=True, metavar="N", help="Most items answered."
)
@json_option
@click.pass_obj
def work(application: Application, limit: int, as_json: bool) -> None:
    """List harvests, rebuilds, migrations and evaluations with their progress, newest first."""
    operator = Audience.of_tier(Tier.INTRANET)
    rows = [one.document() for one in application.container.works.latest(operator, limit)]
    give(rows, table(rows), as_json=as_json)
