"""`catalogue entries`: the desk curates, withdraws and restores single ones; organs upload whole tables."""

from collections.abc import Iterable

import click
import orjson

from catalogue_app.cli import uploads
from catalogue_app.cli.answer import a_person, give, json_option
from catalogue_app.cli.application import Application
from catalogue_app.container import Container
from catalogue_app.domain.entry import Entry
from catalogue_app.domain.metadata import JsonValue
from catalogue_app.domain.visibility import Audience


@click.group()
def entries() -> None:
    """Keep single entries: curate, withdraw, restore; and whole tables of them: upload, sheet."""


for command in (uploads.upload, uploads.sheet):
    entries.add_command(command)


@entries.command()
@click.argument("code")
@click.argument("values", metavar="ELEMENT=VALUE...", nargs=-1, required=True)
@click.option("--by", required=True, metavar="NAME", help="The person who decides; stands on the audit log.")
@click.option("--reason", required=True, help="Why; stands in the history.")
@json_option
@click.pass_obj
def curate(application: Application, code: str, values: tuple[str, ...], by: str, reason: str, as_json: bool) -> None:
    """Let elements of a harvested entry say something else than their source does.

    Harvests leave them as they are and everything else to the source, until the source says the same by itself. A value
    that begins with [ or { is read as JSON; an empty one silences the element.
    """
    container = application.container
    stored = container.entry_keeping.curate(
        code, _pairs(values), desk(container), by=a_person(by, "--by"), reason=a_person(reason, "--reason")
    )
    _answer(container, stored, as_json=as_json)


@entries.command()
@click.argument("code")
@click.argument("element")
@click.option("--by", required=True, metavar="NAME", help="The person who decides; stands on the audit log.")
@click.option("--reason", default="", help="Why; stands in the history.")
@json_option
@click.pass_obj
def uncurate(application: Application, code: str, element: str, by: str, reason: str, as_json: bool) -> None:
    """Give a curated element back to its source: it says what the source said last."""
    container = application.container
    stored = container.entry_keeping.release(code, element, desk(container), by=a_person(by, "--by"), reason=reason)
    _answer(container, stored, as_json=as_json)


@entries.command()
@click.argument("code")
@click.option("--by", required=True, metavar="NAME", help="The person who decides; stands on the audit log.")
@click.option("--reason", required=True, help="Why; stands on the tombstone.")
@click.option("--successor", metavar="CODE", help="The entry that takes its place.")
@json_option
@click.pass_obj
def withdraw(application: Application, code: str, by: str, reason: str, successor: str | None, as_json: bool) -> None:
    """Withdraw an entry; its page says why, since when, and what took its place, and no harvest brings it back."""
    container = application.container
    container.entry_keeping.withdraw(
        code, desk(container), by=a_person(by, "--by"), reason=a_person(reason, "--reason"), successor=successor
    )
    container.index_feed.drain()
    give({"code": code, "state": "withdrawn"}, (f"{code}: withdrawn",), as_json=as_json)


@entries.command()
@click.argument("code")
@click.option("--by", required=True, metavar="NAME", help="The person who decides; stands on the audit log.")
@click.option("--reason", default="", help="Why; stands on the audit log.")
@json_option
@click.pass_obj
def restore(application: Application, code: str, by: str, reason: str, as_json: bool) -> None:
    """Bring a withdrawn entry back as it was, with code and history."""
    container = application.container
    container.entry_keeping.restore(code, by=a_person(by, "--by"), reason=reason)
    container.index_feed.drain()
    give({"code": code, "state": "restored"}, (f"{code}: restored",), as_json=as_json)


def desk(container: Container) -> Audience:
    """Return the audience of who works at this machine: everything that this deployment may hold."""
    return Audience(tier=container.settings.tier_ceiling, supervises=True)


def _answer(container: Container, stored: Entry, *, as_json: bool) -> None:
    container.index_feed.drain()
    document = {"code": stored.code, "revision": stored.revision, "tier": stored.tier.value}
    give(document, (f"{stored.code}: revision {stored.revision}",), as_json=as_json)


def _pairs(values: Iterable[str]) -> dict[str, JsonValue]:
    pairs: dict[str, JsonValue] = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not (name.strip() and equals):
            raise click.BadParameter(f"{text!r} is not of the form ELEMENT=VALUE", param_hint="ELEMENT=VALUE")
        pairs[name.strip()] = _value(value.strip())
    return pairs


def _value(text: str) -> JsonValue:
    if not text.startswith(("[", "{")):
        return text or None
    try:
        value: JsonValue = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise click.BadParameter(f"{text!r} is not JSON: {error}", param_hint="ELEMENT=VALUE") from error
    return value
