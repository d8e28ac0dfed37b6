"""`catalogue index`: look after the search index."""

import sys

import click

from catalogue_app.cli.answer import give, json_option
from catalogue_app.cli.application import Application


@click.group()
def index() -> None:
    """The search index: status, rebuild, rollback, verify."""


@index.command()
@json_option
@click.pass_obj
def status(application: Application, as_json: bool) -> None:
    """Say what the index holds and what waits to enter it."""
    document = application.container.index_feed.status().document()
    give(document, (f"{name}: {value}" for name, value in document.items()), as_json=as_json)


@index.command()
@json_option
@click.pass_obj
def rebuild(application: Application, as_json: bool) -> None:
    """Build a new index from the database beside the present one, then swap."""
    count = application.container.upkeep.rebuild_index()
    give({"indexed": count}, (f"rebuilt with {count} entries",), as_json=as_json)


@index.command()
@json_option
@click.pass_obj
def rollback(application: Application, as_json: bool) -> None:
    """Go back to the index that was searched before the last rebuild.

    It is brought up to the database before it is put to use. The index before is kept for a day.
    """
    count = application.container.index_feed.rollback()
    give({"mended": count}, (f"went back; {count} entries had changed since and were mended",), as_json=as_json)


@index.command()
@json_option
@click.pass_obj
def verify(application: Application, as_json: bool) -> None:
    """Prove that index and database hold the same (entry, revision) pairs; exit 1 where they do not."""
    verification = application.container.index_feed.verify()
    document = verification.document()
    give(document, (f"{name}: {value}" for name, value in document.items()), as_json=as_json)
    if not verification.is_equal:
        sys.exit(1)
