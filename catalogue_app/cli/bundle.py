"""`catalogue bundle`: hand the catalogue up to a higher tier as a signed file, and take in what comes from below."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from catalogue_app.cli.answer import a_person, give, json_option, say, table
from catalogue_app.cli.application import Application
from catalogue_app.cli.harvest import Trial, drain
from catalogue_app.domain.bundle import ENTRIES, TOMBSTONES, Sender
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.services.bundle_import import Taking

_TAKEN = frozenset({RunState.COMPLETE, RunState.HELD})


@click.group()
def bundle() -> None:
    """Signed files that carry the catalogue up to a higher tier."""


@bundle.command()
@json_option
@click.pass_obj
def key(application: Application, as_json: bool) -> None:
    """Print the public key by which this deployment's bundles are trusted; made at the first call."""
    public = application.container.bundle_key.public
    give({"public_key": public}, (public,), as_json=as_json)


@bundle.command()
@click.argument("name")
@click.argument("public_key")
@click.option("--organ", required=True, metavar="ID", help="Answers for entries whose own organ is unknown here.")
@click.option("--replace", "replaces", is_flag=True, help="The sender has a new key: the old one counts no more.")
@json_option
@click.pass_obj
def trust(application: Application, *, name: str, public_key: str, organ: str, replaces: bool, as_json: bool) -> None:
    """Take in bundles that are signed with a key, under a name for their sender.

    Compare the key with whoever keeps the other deployment, by telephone or on paper, before you trust it.
    """
    senders = application.container.bundle_senders
    sender = senders.trust(name, public_key, OrganId(organ), actor="operator", replaces=replaces)
    row = _row(sender)
    give(row, table([row]), as_json=as_json)


@bundle.command()
@click.argument("name")
@json_option
@click.pass_obj
def distrust(application: Application, name: str, as_json: bool) -> None:
    """Take in no further bundle of a sender; its entries stay."""
    row = _row(application.container.bundle_senders.distrust(name, actor="operator"))
    give(row, table([row]), as_json=as_json)


@bundle.command()
@json_option
@click.pass_obj
def senders(application: Application, as_json: bool) -> None:
    """List the senders of bundles with the serial number of the last bundle that was let in."""
    rows = [_row(sender) for sender in application.container.bundle_senders.all()]
    give(rows, table(rows), as_json=as_json)


@bundle.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--to-tier", required=True, type=click.Choice([tier.value for tier in Tier]), help="Whom it is for.")
@json_option
@click.pass_obj
def export(application: Application, file: Path, to_tier: str, as_json: bool) -> None:
    """Write what everybody on this deployment's tier may see into one new, signed file for a higher tier.

    Entries with organ, tier and code, the organs they need, and what was withdrawn; all of one state of the catalogue.
    """
    container = application.container
    manifest = container.bundle_export.write(file.resolve(), Tier(to_tier), actor="operator")
    document = {
        "file": str(file.resolve()),
        "from_tier": manifest.from_tier.value,
        "to_tier": manifest.to_tier.value,
        "serial": manifest.serial,
        "entries": manifest.lines(ENTRIES),
        "tombstones": manifest.lines(TOMBSTONES),
        "bytes": file.resolve().stat().st_size,
    }
    give(document, (f"{name}: {value}" for name, value in document.items()), as_json=as_json)


@bundle.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--release", metavar="NAME", help="Let a held run pass its gate, on the word of this named person.")
@json_option
@click.pass_obj
def import_file(application: Application, file: Path, release: str | None, as_json: bool) -> None:
    """Take in a bundle of a lower tier: verified whole first, then harvested, and brought into the index.

    The same file may be given again until it is done, such as after a power cut or to release a held run; once done, it
    and every older one are refused.
    """
    person = None if release is None else a_person(release, "--release")
    container = application.container
    taking = container.bundle_import.take(file, actor=person or "operator", release=person)
    if taking.organs_added:
        container.refresh_index(say)
    drain(container)
    trial = Trial(source_id=taking.report.run.source_id, report=taking.report)
    messages = container.reference.messages
    document = _figures(taking) | {"run": trial.document(messages)}
    give(document, (*_words(taking), *trial.lines(messages)), as_json=as_json)
    if taking.report.state not in _TAKEN:
        sys.exit(1)


def _row(sender: Sender) -> dict[str, object]:
    return {
        "name": sender.name,
        "public_key": sender.public_key,
        "source": str(sender.source_id),
        "serial": sender.serial,
        "is_done": sender.is_done,
        "is_trusted": sender.is_trusted,
    }


def _figures(taking: Taking) -> dict[str, object]:
    return {
        "sender": taking.sender,
        "serial": taking.manifest.serial,
        "missed": taking.missed,
        "made_at": taking.manifest.made_at.isoformat(),
        "organs_added": list(taking.organs_added),
        "organs_kept": list(taking.organs_kept),
        "withdrawn": taking.withdrawn,
        "vanished": taking.vanished,
    }


def _words(taking: Taking) -> Iterator[str]:
    yield f"bundle {taking.manifest.serial} of {taking.sender}, made at {taking.manifest.made_at.isoformat()}"
    if taking.missed:
        yield f"  {taking.missed} bundles before it never came here; each is complete, so nothing is missing now"
    if taking.organs_added:
        yield f"  organs added: {', '.join(taking.organs_added)}"
    if taking.organs_kept:
        yield f"  organs described otherwise there, left as they are here: {', '.join(taking.organs_kept)}"
    yield f"  withdrawn below, and here: {taking.withdrawn}; no longer in the bundle, and withdrawn: {taking.vanished}"
