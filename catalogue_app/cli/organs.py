"""`catalogue organs`: the register of administrative organs."""

from pathlib import Path

import click

from catalogue_app.cli.answer import give, json_option, say
from catalogue_app.cli.application import Application


@click.group()
def organs() -> None:
    """The register of administrative organs."""


@organs.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@click.pass_obj
def import_file(application: Application, file: Path, as_json: bool) -> None:
    """Add or change organs from a CSV file with the columns of config/organs/organs.csv.

    Required columns: organ_id, zh, kind. Organs that the file does not name stay as they are.
    """
    container = application.container
    report = container.organs.import_file(file, actor="operator")
    container.refresh_index(say)
    document = {"added": report.added, "changed": report.changed, "unchanged": report.unchanged}
    give(document, (f"{name}: {count}" for name, count in document.items()), as_json=as_json)
