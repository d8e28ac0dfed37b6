"""`catalogue sources`: register where organs' catalogues are pulled from."""

from collections.abc import Iterable

import click

from catalogue_app.cli.answer import give, json_option, table
from catalogue_app.cli.application import Application
from catalogue_app.cli.preview import show_preview
from catalogue_app.container import Container
from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.source import SourceKind


@click.group()
def sources() -> None:
    """Sources of organs' catalogues."""


@sources.command()
@click.option("--organ", required=True, metavar="ID", help="The organ whose catalogue it is.")
@click.option("--kind", required=True, type=click.Choice([kind.value for kind in SourceKind]), help="What it is.")
@click.option("--address", required=True, metavar="URL_OR_PATH", help="http(s) address, or a file, folder or zip here.")
@click.option("--option", "options", multiple=True, metavar="K=V", help="A setting of this source; repeat as needed.")
@json_option
@click.pass_obj
def add(application: Application, organ: str, kind: str, address: str, options: tuple[str, ...], as_json: bool) -> None:
    """Register a source and print its id."""
    pairs = _pairs(options)
    container = application.container
    source = container.sources.add(_organ(container, organ), SourceKind(kind), address, pairs, actor="operator")
    give({"id": str(source.id)}, (str(source.id),), as_json=as_json)


@sources.command()
@click.option("--organ", required=True, metavar="ID", help="The organ whose catalogue it is.")
@click.option("--kind", required=True, type=click.Choice([kind.value for kind in SourceKind]), help="What it is.")
@click.option("--address", required=True, metavar="URL_OR_PATH", help="http(s) address, or a file or folder here.")
@click.option("--option", "options", multiple=True, metavar="K=V", help="A setting of this source; repeat as needed.")
@json_option
@click.pass_obj
def preview(
    application: Application, organ: str, kind: str, address: str, options: tuple[str, ...], as_json: bool
) -> None:
    """Say what a first harvest of a source would bring, without registering it; nothing is kept."""
    container = application.container
    considered = container.sources.consider(_organ(container, organ), SourceKind(kind), address, _pairs(options))
    show_preview(container, considered, as_json=as_json)


def _organ(container: Container, organ: str) -> OrganId:
    organs = [known.id for known in container.organs.all()]
    if organ not in organs:
        raise InvalidInput("unknown_organ", organ=organ, allowed=", ".join(organs))
    return OrganId(organ)


def _pairs(options: Iterable[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in options:
        name, equals, value = text.partition("=")
        if not (name.strip() and equals):
            raise click.BadParameter(f"{text!r} is not of the form NAME=VALUE", param_hint="--option")
        if name.strip() in pairs:
            raise click.BadParameter(f"{name.strip()!r} is given twice", param_hint="--option")
        pairs[name.strip()] = value.strip()
    return pairs


@sources.command("list")
@json_option
@click.pass_obj
def list_sources(application: Application, as_json: bool) -> None:
    """List every source."""
    rows = [
        {
            "id": str(source.id),
            "organ": source.organ_id,
            "kind": source.kind.value,
            "address": source.address,
            "enabled": source.is_enabled,
            "due_at": source.due_at.isoformat() if source.due_at else None,
            "options": dict(source.options),
        }
        for source in application.container.sources.all()
    ]
    give(rows, table(rows), as_json=as_json)
