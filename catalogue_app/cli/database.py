"""`catalogue init`: bring the database to the present schema and the register of organs into it."""

import click

from catalogue_app.cli.answer import give, json_option, say
from catalogue_app.cli.application import Application


@click.command()
@json_option
@click.pass_obj
def init(application: Application, as_json: bool) -> None:
    """Create or upgrade the database, register the organs of config/organs, fit the index; safe to repeat."""
    say(f"data directory: {application.settings.data_dir}")
    organs = application.house.bring_up(say)
    give({"organs": organs}, (f"ready, {organs} organs registered",), as_json=as_json)
