"""`catalogue backup`: a copy of the database while it is in use."""

from pathlib import Path

import click

from catalogue_app.cli.answer import give, json_option
from catalogue_app.cli.application import Application


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def backup(application: Application, file: Path, as_json: bool) -> None:
    """Copy the SQLite database of this catalogue into a new file, while it is in use; of PostgreSQL make a pg_dump.

    The index is not copied: it is built from the database.
    """
    size = application.container.backup(file.resolve())
    give({"file": str(file.resolve()), "bytes": size}, (f"{file}: {size:,} bytes",), as_json=as_json)
