"""`catalogue init`: bring the database to the present schema and the register of organs into it."""

import click

from catalogue_app.cli.answer import give, json_option, say
from catalogue_app.cli.application import Application


@click.command()
@json_option
@click.pass_obj
def init(application: Application, as_json: bool) -> None:
    """Create or upgrade the database; safe to repeat."""
    container = application.container
    say(f"data directory: {container.settings.data_dir}")
    container.upgrade()
    say("database: present schema")
    organs = container.organs.seed(actor="operator")
    container.refresh_index(say)
    give({"organs": organs}, (f"ready, {organs} organs registered",), as_json=as_json)
