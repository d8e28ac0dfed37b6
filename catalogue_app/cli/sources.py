"""`catalogue sources`: register where organs' catalogues are pulled from, set them, look at them."""

import sys
from collections.abc import Iterable, Mapping

import click

from catalogue_app.cli.answer import give, json_option, say, table
from catalogue_app.cli.application import Application
from catalogue_app.cli.naming import read_source_id
from catalogue_app.cli.preview import show_preview
from catalogue_app.container import Container
from catalogue_app.domain.address import without_secrets
from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.source import SourceKind
from catalogue_app.services.source_kinds import KindView, broken_source_kinds, source_kinds
from catalogue_app.services.source_views import SourceView
from harvesters.credentials import SecretKind
from harvesters.registry import kinds

kind_option = click.option("--kind", required=True, metavar="KIND", help="What it is; see catalogue sources kinds.")
"""Plug-ins bring kinds of their own, so the list is that of the installation."""


@click.group()
def sources() -> None:
    """Sources of organs' catalogues."""


@sources.command()
@click.option("--organ", required=True, metavar="ID", help="The organ whose catalogue it is.")
@kind_option
@click.option("--address", required=True, metavar="URL_OR_PATH", help="http(s) address, or a file, folder or zip here.")
@click.option("--option", "options", multiple=True, metavar="K=V", help="A setting of this source; repeat as needed.")
@click.option("--schedule", metavar="CRON", help="When it is harvested: five fields, read in Asia/Shanghai.")
@json_option
@click.pass_obj
def add(  # noqa: PLR0913 — one parameter an option
    application: Application,
    *,
    organ: str,
    kind: str,
    address: str,
    options: tuple[str, ...],
    schedule: str | None,
    as_json: bool,
) -> None:
    """Register a source and print its id."""
    pairs = _pairs(options)
    if schedule is not None:
        pairs["schedule"] = " ".join(schedule.split())
    container = application.container
    source = container.sources.add(_organ(container, organ), _kind(kind), address, pairs, actor="operator")
    give({"id": str(source.id)}, (str(source.id),), as_json=as_json)


@sources.command()
@click.option("--organ", required=True, metavar="ID", help="The organ whose catalogue it is.")
@kind_option
@click.option("--address", required=True, metavar="URL_OR_PATH", help="http(s) address, or a file or folder here.")
@click.option("--option", "options", multiple=True, metavar="K=V", help="A setting of this source; repeat as needed.")
@json_option
@click.pass_obj
def preview(
    application: Application, organ: str, kind: str, address: str, options: tuple[str, ...], as_json: bool
) -> None:
    """Say what a first harvest of a source would bring, without registering it; nothing is kept."""
    container = application.container
    considered = container.sources.consider(_organ(container, organ), _kind(kind), address, _pairs(options))
    show_preview(container, considered, as_json=as_json)


def _kind(name: str) -> SourceKind:
    """Read a kind of this installation, once its log is set up: a plug-in that is broken is told there.

    Raises:
        click.BadParameter: it is none of them; names them.
    """
    if name.strip() not in kinds():
        raise click.BadParameter(f"there is no source kind {name!r}; one of: {', '.join(kinds())}", param_hint="--kind")
    return SourceKind(name.strip())


def _organ(container: Container, organ: str) -> OrganId:
    organs = [known.id for known in container.organs.all()]
    if organ not in organs:
        raise InvalidInput("unknown_organ", organ=organ, allowed=", ".join(organs))
    return OrganId(organ)


@sources.command("set")
@click.argument("source")
@click.argument("settings", metavar="[NAME=VALUE]...", nargs=-1)
@click.option("--schedule", metavar="CRON", help="When it is harvested; '' goes back to every_hours.")
@click.option("--address", metavar="URL_OR_PATH", help="Where it is pulled from now on.")
@json_option
@click.pass_obj
def set_options(
    application: Application,
    source: str,
    settings: tuple[str, ...],
    schedule: str | None,
    address: str | None,
    as_json: bool,
) -> None:
    """Set options of a source, each NAME=VALUE; NAME= takes an option away."""
    pairs = _pairs(settings)
    if schedule is not None:
        pairs["schedule"] = " ".join(schedule.split())
    if not pairs and address is None:
        raise click.UsageError("name what to set: NAME=VALUE, --schedule or --address")
    container, source_id = application.container, read_source_id(source)
    had_secret = container.source_secrets.kept(source_id) is not None
    changed = container.sources.change(source_id, pairs, address=address, actor="operator")
    if had_secret and container.source_secrets.kept(source_id) is None:
        say("the secret was for another host and is forgotten; set it anew with catalogue sources secret")
    document = {"id": str(changed.id), "address": without_secrets(changed.address), "options": dict(changed.options)}
    give(document, table([document]), as_json=as_json)


@sources.command()
@click.argument("source")
@json_option
@click.pass_obj
def pause(application: Application, source: str, as_json: bool) -> None:
    """Take a source out of the schedule; it can still be harvested by hand."""
    paused = application.container.sources.pause(read_source_id(source), actor="operator")
    give({"id": str(paused.id), "enabled": paused.is_enabled}, (f"{paused.id} paused",), as_json=as_json)


@sources.command()
@click.argument("source")
@json_option
@click.pass_obj
def resume(application: Application, source: str, as_json: bool) -> None:
    """Put a source back into the schedule."""
    resumed = application.container.sources.resume(read_source_id(source), actor="operator")
    give({"id": str(resumed.id), "enabled": resumed.is_enabled}, (f"{resumed.id} resumed",), as_json=as_json)


@sources.command()
@click.argument("source")
@click.option("--runs", metavar="N", type=click.IntRange(1, 500), default=20, show_default=True, help="Runs shown.")
@json_option
@click.pass_obj
def show(application: Application, source: str, runs: int, as_json: bool) -> None:
    """Show a source: its settings and state, when it is due, its last runs and their trend."""
    view = application.container.sources.view(read_source_id(source), runs)
    give(view.document(), _shown(view), as_json=as_json)


@sources.command()
@click.argument("source")
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in SecretKind]),
    default=SecretKind.BEARER.value,
    help="How it is sent.",
)
@click.option("--name", metavar="NAME", default="", help="User name, header or parameter it is sent under.")
@click.option("--drop", is_flag=True, help="Forget the secret instead.")
@json_option
@click.pass_obj
def secret(application: Application, source: str, kind: str, name: str, drop: bool, as_json: bool) -> None:
    """Read the secret of a source from standard input and keep it sealed; it is sent to the source's host alone.

    It is never shown again. A new address on another host forgets it.
    """
    secrets, source_id = application.container.source_secrets, read_source_id(source)
    if drop:
        had_one = secrets.drop(source_id, actor="operator")
        give({"id": str(source_id), "dropped": had_one}, ("forgotten" if had_one else "had none",), as_json=as_json)
        return
    text = click.prompt("secret", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.readline()
    kept = secrets.keep(source_id, SecretKind(kind), name, text.rstrip("\r\n"), actor="operator")
    document = {"id": str(source_id), "kind": kept.kind, "origin": kept.origin}
    give(document, (f"kept for {kept.origin}",), as_json=as_json)


@sources.command()
@json_option
@click.pass_obj
def reseal(application: Application, as_json: bool) -> None:
    """Seal every secret of sources anew with the first key of harvest.secret_keys, so that older keys can go."""
    count = application.container.source_secrets.reseal(actor="operator")
    give({"resealed": count}, (f"{count} secrets",), as_json=as_json)


def _shown(view: SourceView) -> Iterable[str]:
    """Write a source for people: one line a property, then one a run."""
    for name, value in view.document().items():
        if isinstance(value, Mapping):
            yield f"{name}\t" + ", ".join(f"{key}={part}" for key, part in value.items())
        elif not isinstance(value, list):
            yield f"{name}\t{'' if value is None else value}"
    yield ""
    yield from table(view.run_documents())


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


@sources.command("kinds")
@json_option
@click.pass_obj
def list_kinds(application: Application, as_json: bool) -> None:
    """List what a source can be, with its options; plug-ins that cannot be used are named too."""
    found = source_kinds(application.container.reference)
    rows = [
        {
            "kind": kind.name,
            "zh": kind.zh,
            "en": kind.en,
            "from": kind.origin or None,
            "options": [
                {"name": it.name, "pattern": it.pattern, "zh": it.zh, "en": it.en, "general": it.is_general}
                for it in kind.options
            ],
        }
        for kind in found
    ]
    broken = [{"kind": it.name, "from": it.origin, "why": it.why} for it in broken_source_kinds()]
    lines = [line for kind in found for line in _kind_lines(kind)]
    lines += [f"{it['kind']}\tcannot be used\t{it['from']}\t{it['why']}" for it in broken]
    give({"kinds": rows, "broken": broken}, lines, as_json=as_json)


def _kind_lines(kind: KindView) -> Iterable[str]:
    yield f"{kind.name}\t{kind.en}\t{kind.zh}" + (f"\tfrom {kind.origin}" if kind.origin else "")
    for option in kind.options:
        if not option.is_general:
            yield f"  {option.name}\t{option.en}\t{option.zh}"


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
            "address": without_secrets(source.address),
            "enabled": source.is_enabled,
            "due_at": source.due_at.isoformat() if source.due_at else None,
            "options": dict(source.options),
        }
        for source in application.container.sources.all()
    ]
    give(rows, table(rows), as_json=as_json)
