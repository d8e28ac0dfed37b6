"""The command `catalogue`: its commands, and how a refusal is told."""

import sys
from collections.abc import Sequence
from typing import Final

import click
import orjson

from catalogue_app.cli import database, demo, findings, harvest, index, organs, search, serve, sources
from catalogue_app.cli.application import Application
from catalogue_app.domain.errors import CatalogueError

_COMMANDS: Final = (
    database.init,
    demo.demo,
    organs.organs,
    sources.sources,
    harvest.harvest,
    index.index,
    findings.findings,
    search.search,
    serve.serve,
    serve.scheduler,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="municipal-catalogue")
def catalogue() -> None:
    """The municipal information resource catalogue.

    Settings: config/default.toml, a file named in CATALOGUE_CONFIG, CATALOGUE_* variables.
    """


for command in _COMMANDS:
    catalogue.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; exit 0 when it did its work, 1 when the catalogue refused, 2 when the words were off."""
    arguments = sys.argv[1:] if arguments is None else arguments
    application = Application()
    try:
        catalogue.main(args=list(arguments), prog_name="catalogue", standalone_mode=False, obj=application)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except CatalogueError as error:
        _tell(error, application, as_json="--json" in arguments)
        sys.exit(1)


def _tell(error: CatalogueError, application: Application, *, as_json: bool) -> None:
    message, mend = application.words(error)
    click.echo(f"catalogue: {message}" + (f"\n  {mend}" if mend else ""), err=True)
    if as_json:
        click.echo(orjson.dumps({"error": {"code": error.code, "message": message, "mend": mend}}))


if __name__ == "__main__":
    main()
