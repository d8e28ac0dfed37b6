"""`catalogue organs`: the register of administrative organs."""

from pathlib import Path

import click

from catalogue_app.cli.answer import give, json_option, say, table
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

    Required columns: organ_id, zh, kind. Organs that the file does not name stay as they are; a file with a broken row
    changes nothing.
    """
    container = application.container
    report = container.organs.import_file(file, actor="operator")
    container.refresh_index(say)
    document = {"added": report.added, "changed": report.changed, "unchanged": report.unchanged}
    give(document, (f"{name}: {count}" for name, count in document.items()), as_json=as_json)


@organs.command("list")
@json_option
@click.pass_obj
def list_organs(application: Application, as_json: bool) -> None:
    """List every organ in the order of the register."""
    rows = [
        {"id": organ.id, "kind": organ.kind.value, "name": organ.name.original, "short_name": organ.short_name}
        for organ in application.container.organs.all()
    ]
    give(rows, table(rows), as_json=as_json)
