"""The command `catalogue`: its commands, and how a refusal is told."""

import sys
import traceback
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from typing import Final

import click
import orjson

from catalogue_app.cli import (
    accounts,
    audit,
    backup,
    bundle,
    database,
    demo,
    entries,
    explain,
    export,
    findings,
    index,
    organs,
    processes,
    releases,
    runs,
    search,
    serve,
    sources,
    work,
)
from catalogue_app.cli.answer import say
from catalogue_app.cli.application import Application
from catalogue_app.domain.errors import CatalogueError

_COMMANDS: Final = (
    database.init,
    demo.demo,
    organs.organs,
    sources.sources,
    runs.runs,
    entries.entries,
    releases.releases,
    explain.explain,
    index.index,
    findings.findings,
    search.search,
    export.export,
    bundle.bundle,
    accounts.accounts,
    audit.audit,
    work.work,
    backup.backup,
    serve.serve,
    serve.web,
    processes.worker,
    processes.scheduler,
)

REFUSED: Final = 1
INTERRUPTED: Final = 130
UNEXPECTED: Final = 70
"""Exit codes beside 0, it did its work, and 2, the words of the command were off (EX_SOFTWARE is 70)."""

_LONGEST: Final = 300
"""Characters of an unexpected failure's own words that are told."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="municipal-catalogue")
def catalogue() -> None:
    """The municipal information resource catalogue.

    Settings: config/default.toml, a file named in CATALOGUE_CONFIG, CATALOGUE_* variables.
    """


for command in _COMMANDS:
    catalogue.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit with its code, as docs/commands.md lists them."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(_run(arguments, Application(), as_json="--json" in takewhile(lambda word: word != "--", arguments)))


def _run(arguments: list[str], application: Application, *, as_json: bool) -> int:
    try:
        code = catalogue.main(args=arguments, prog_name="catalogue", standalone_mode=False, obj=application)
    except click.Abort:
        say("catalogue: interrupted")
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        _answer("usage", error.format_message(), "see catalogue --help", as_json=as_json)
        return error.exit_code
    except CatalogueError as error:
        _tell(error.code, *application.words(error), as_json=as_json)
        return REFUSED
    except Exception as error:  # noqa: BLE001 — the last place that can say anything
        _tell("unexpected_failure", *_unexpected(error), as_json=as_json)
        if application.is_debugging:
            traceback.print_exception(error)
        return UNEXPECTED
    return code if isinstance(code, int) else 0


def _tell(code: str, message: str, mend: str, *, as_json: bool) -> None:
    say(f"catalogue: {message}" + (f"\n  {mend}" if mend else ""))
    _answer(code, message, mend, as_json=as_json)


def _answer(code: str, message: str, mend: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps({"error": {"code": code, "message": message, "mend": mend}}))


def _unexpected(error: Exception) -> tuple[str, str]:
    """Put into one line what nobody foresaw: kind, first words, and where in the code."""
    words = " ".join(str(error).split())[:_LONGEST]
    place = traceback.extract_tb(error.__traceback__)[-1]
    message = f"unexpected {type(error).__name__} in {Path(place.filename).name}, line {place.lineno}: {words}"
    return message, "set CATALOGUE_LOG_LEVEL=debug to see more, and report it"


if __name__ == "__main__":
    main()
