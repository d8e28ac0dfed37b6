"""`catalogue organs`: the register of administrative organs."""

from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import click

from catalogue_app.cli.answer import give, json_option, say, table
from catalogue_app.cli.application import Application
from catalogue_app.cli.entries import desk


@click.group()
def organs() -> None:
    """The register of administrative organs."""


@organs.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", "is_dry", is_flag=True, help="Only say what it would do.")
@json_option
@click.pass_obj
def import_file(application: Application, file: Path, is_dry: bool, as_json: bool) -> None:
    """Add or change organs from a CSV file with the columns of config/organs/organs.csv.

    Required columns: organ_id, zh, kind. Organs that the file does not name stay as they are; a file with a broken row
    changes nothing.
    """
    container = application.container
    report = container.organs.import_file(file, actor="operator", is_dry=is_dry)
    if not is_dry:
        container.refresh_index(say)
    document = {"added": report.added, "changed": report.changed, "unchanged": report.unchanged}
    give(document, (f"{name}: {count}" for name, count in document.items()), as_json=as_json)


@organs.command()
@click.option("--output", metavar="FILE", type=click.File("wb"), default="-", help="Where to; unless said, here.")
@click.pass_obj
def export(application: Application, output: BinaryIO) -> None:
    """Write the register as a CSV file, which can be changed and imported again."""
    output.writelines(application.container.organs.table())


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


@organs.command()
@click.argument("old")
@click.argument("new")
@click.option(
    "--on",
    "day",
    metavar="DATE",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Day from which OLD is no more; today unless said.",
)
@click.option("--dry-run", "is_dry", is_flag=True, help="Only say what it would move.")
@json_option
@click.pass_obj
def succeed(application: Application, old: str, new: str, day: datetime | None, is_dry: bool, as_json: bool) -> None:
    """Close organ OLD, and give its entries and all that is its to its successor NEW.

    After a merger, say it once for each organ that went into NEW. What moves, moves in one transaction.
    """
    container = application.container
    on = day.date() if day else None
    if is_dry:
        report = container.succession.preview(old, new, desk(container), on=on)
    else:
        report = container.succession.succeed(old, new, desk(container), actor="operator", on=on)
        container.index_feed.drain()
        container.refresh_index(say)
    document = report.document()
    give(document, (f"{name}: {value}" for name, value in document.items()), as_json=as_json)
