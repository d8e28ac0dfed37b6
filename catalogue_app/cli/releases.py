"""`catalogue releases`: an organ's catalogue in numbered releases: prepared, signed, listed, compared, written."""

from pathlib import Path

import click

from catalogue_app.cli.answer import give, json_option, table
from catalogue_app.cli.application import Application
from catalogue_app.cli.people import audience_at_machine
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.release import Release, ReleaseId
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier

audience_option = click.option(
    "--audience", type=click.Choice([Tier.PORTAL.value, Tier.EXTRANET.value]), required=True, help="Who is to see it."
)


@click.group()
def releases() -> None:
    """Numbered releases of an organ's catalogue."""


@releases.command()
@click.option("--by", required=True, metavar="NAME", help="The account of who prepares it, of the organ.")
@click.option("--note", default="", metavar="TEXT", help="What the organ says about it.")
@json_option
@click.pass_obj
def prepare(application: Application, by: str, note: str, as_json: bool) -> None:
    """Put together what an organ has published, up to the clearance of the account."""
    container = application.container
    account = container.accounts.by_name(by)
    _answer(container.releases.prepare(account, note, audience_at_machine(container, account)), as_json=as_json)


@releases.command()
@click.argument("release", type=click.UUID)
@click.option("--by", required=True, metavar="NAME", help="The approver of the organ, who did not prepare it.")
@json_option
@click.pass_obj
def sign(application: Application, release: ReleaseId, by: str, as_json: bool) -> None:
    """Sign a prepared release: it gets the next number and never changes again."""
    container = application.container
    account = container.accounts.by_name(by)
    _answer(container.releases.sign(account, release, audience_at_machine(container, account)), as_json=as_json)


@releases.command("list")
@click.argument("organ")
@audience_option
@json_option
@click.pass_obj
def list_releases(application: Application, organ: str, audience: str, as_json: bool) -> None:
    """List the signed releases of an organ, the newest first."""
    found = application.container.releases.of_organ(organ, Audience.of_tier(Tier(audience)))
    rows = [_document(release) for release in found]
    give(rows, table(rows), as_json=as_json)


@releases.command()
@click.argument("organ")
@click.argument("earlier")
@click.argument("later")
@audience_option
@json_option
@click.pass_obj
def compare(application: Application, organ: str, earlier: str, later: str, audience: str, as_json: bool) -> None:
    """Say what a later release of an organ has otherwise than an earlier one, by the codes of entries."""
    service, reader = application.container.releases, Audience.of_tier(Tier(audience))
    diff = service.compare(service.find(organ, earlier, reader), service.find(organ, later, reader), reader)
    parts = {"added": diff.added, "changed": diff.changed, "withdrawn": diff.withdrawn}
    document = {name: [one.code for one in found] for name, found in parts.items()}
    give(document, (f"{name}: {' '.join(codes)}" for name, codes in document.items()), as_json=as_json)


@releases.command()
@click.argument("organ")
@click.argument("name")
@audience_option
@click.option(
    "--output",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Where to; its name ends in .xlsx, .csv or .json.",
)
@json_option
@click.pass_obj
def write(application: Application, organ: str, name: str, audience: str, output: Path, as_json: bool) -> None:
    """Write a signed release as workbook, CSV or JSON."""
    service, reader = application.container.releases, Audience.of_tier(Tier(audience))
    service.write(service.find(OrganId(organ), name, reader), reader, output.suffix.removeprefix("."), output)
    give({"release": name, "file": str(output)}, (f"written: {output}",), as_json=as_json)


def _answer(release: Release, *, as_json: bool) -> None:
    document = _document(release)
    give(document, (f"{name}: {value}" for name, value in document.items()), as_json=as_json)


def _document(release: Release) -> dict[str, object]:
    return {
        "id": str(release.id),
        "organ": release.organ_id,
        "network_tier": release.tier.value,
        "number": release.number,
        "name": release.name if release.number else "",
        "state": release.state.value,
        "note": release.note,
        "prepared_by": release.prepared_by,
        "signed_by": release.signed_by,
        "signed_at": release.signed_at.isoformat() if release.signed_at else None,
    }
