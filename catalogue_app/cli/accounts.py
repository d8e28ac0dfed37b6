"""`catalogue accounts`: people who may sign in, and their API tokens."""

import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Final

import click

from catalogue_app.cli.answer import give, json_option, table
from catalogue_app.cli.application import Application
from catalogue_app.domain.account import Account, Role, Scope
from catalogue_app.domain.clock import CITY_ZONE
from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.services.accounts import NewAccount

_ACTOR: Final = "operator"
_DAYS: Final = re.compile(r"([1-9]\d{0,4})d")


@click.group()
def accounts() -> None:
    """People who may sign in, and their API tokens."""


@accounts.command()
@click.argument("name")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]), help="What the person is.")
@click.option("--organ", default="", metavar="ID", help="The organ they work for; for roles of an organ.")
@click.option("--person", default="", metavar="TEXT", help="How people call them; default: the name.")
@click.option("--email", default="", metavar="ADDRESS", help="Where a forgotten password is asked about.")
@click.option(
    "--clearance",
    type=click.Choice([tier.value for tier in Tier]),
    default=Tier.EXTRANET.value,
    show_default=True,
    help="Highest tier they may see.",
)
@click.option("--subject", default="", metavar="TEXT", help="Who they are at the OpenID provider.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--link", is_flag=True, help="Print a one-time link by which they set their password themselves.")
@json_option
@click.pass_obj
def create(
    application: Application, /, name: str, *, password_stdin: bool, link: bool, as_json: bool, **told: str
) -> None:
    """Make an account.

    The password is asked for at a terminal, or read with --password-stdin; else a one-time link is printed.
    """
    role, clearance = Role(told.pop("role")), Tier(told.pop("clearance"))
    wanted = NewAccount(name=name, role=role, clearance=clearance, **told)
    container = application.container
    password = None if link else _password(from_stdin=password_stdin)
    account, secret = container.accounts.create(wanted, password=password, actor=_ACTOR)
    document = _document(account) | (
        {"link": f"{container.settings.web.address}/set-password/{secret}"} if secret else {}
    )
    give(document, (f"{key}: {value}" for key, value in document.items() if value), as_json=as_json)


@accounts.command("list")
@json_option
@click.pass_obj
def list_accounts(application: Application, as_json: bool) -> None:
    """List every account in the order of names."""
    rows = [_document(account) for account in application.container.accounts.all()]
    give(rows, table(rows), as_json=as_json)


@accounts.command()
@click.argument("name")
@json_option
@click.pass_obj
def lock(application: Application, name: str, as_json: bool) -> None:
    """Close an account: its sessions end, its tokens and links stop working."""
    _change(application.container.accounts.lock, name, as_json=as_json)


@accounts.command()
@click.argument("name")
@json_option
@click.pass_obj
def unlock(application: Application, name: str, as_json: bool) -> None:
    """Open an account again, also one that failed attempts have shut for a while."""
    _change(application.container.accounts.unlock, name, as_json=as_json)


@accounts.command("link")
@click.argument("name")
@json_option
@click.pass_obj
def new_link(application: Application, name: str, as_json: bool) -> None:
    """Print a one-time link by which the owner of an account sets a new password."""
    container = application.container
    account, secret = container.accounts.new_link(name, actor=_ACTOR)
    address = f"{container.settings.web.address}/set-password/{secret}"
    give({"name": account.name, "link": address}, (address,), as_json=as_json)


@accounts.command()
@click.argument("name")
@click.option("--label", default="command line", show_default=True, metavar="TEXT", help="What the token is for.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What it may be used for; repeat as needed. Every token may read.",
)
@click.option("--expires", default="90d", show_default=True, metavar="WHEN", help="A day, a number of days, or never.")
@json_option
@click.pass_obj
def token(
    application: Application, name: str, label: str, scopes: tuple[str, ...], expires: str, as_json: bool
) -> None:
    """Make an API token and print it: this once, for it is kept only as a digest."""
    container = application.container
    account = container.accounts.by_name(name)
    made, text = container.accounts.new_token(
        account.id,
        label=label,
        scopes=frozenset(map(Scope, scopes)),
        expires_at=_instant(expires, container.clock()),
        actor=_ACTOR,
    )
    document = {
        "name": account.name,
        "prefix": made.prefix,
        "token": text,
        "scopes": sorted(made.scopes),
        "expires_at": made.expires_at.isoformat() if made.expires_at else None,
    }
    give(document, (text,), as_json=as_json)


@accounts.command()
@click.argument("name")
@json_option
@click.pass_obj
def tokens(application: Application, name: str, as_json: bool) -> None:
    """List the API tokens an account ever had, oldest first."""
    kept = application.container.accounts
    rows = [
        {
            "prefix": one.prefix,
            "label": one.label,
            "scopes": " ".join(sorted(one.scopes)),
            "created_at": one.created_at.isoformat(),
            "expires_at": one.expires_at.isoformat() if one.expires_at else None,
            "last_used_at": one.last_used_at.isoformat() if one.last_used_at else None,
            "revoked_at": one.revoked_at.isoformat() if one.revoked_at else None,
        }
        for one in kept.tokens(kept.by_name(name).id)
    ]
    give(rows, table(rows), as_json=as_json)


@accounts.command()
@click.argument("name")
@click.argument("prefix")
@json_option
@click.pass_obj
def revoke(application: Application, name: str, prefix: str, as_json: bool) -> None:
    """Make an API token useless; PREFIX is its first part, such as mct_k7m2p9xa."""
    kept = application.container.accounts
    revoked = kept.revoke(kept.by_name(name).id, prefix, actor=_ACTOR)
    give({"prefix": revoked.prefix, "revoked": True}, (f"revoked: {revoked.prefix}",), as_json=as_json)


def _change(change: Callable[..., Account], name: str, *, as_json: bool) -> None:
    account = change(name, actor=_ACTOR)
    state = "locked" if account.is_locked else "open"
    give({"name": account.name, "locked": account.is_locked}, (f"{account.name}: {state}",), as_json=as_json)


def _password(*, from_stdin: bool) -> str | None:
    """Return the password typed or handed in; None where nobody is there to type one."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        return None
    return str(click.prompt("password", hide_input=True, confirmation_prompt=True, err=True))


def _document(account: Account) -> dict[str, object]:
    return {
        "name": account.name,
        "person": account.person,
        "role": account.role.value,
        "organ": account.organ_id,
        "clearance": account.clearance.value,
        "email": account.email,
        "locked": account.is_locked,
        "second_factor": account.has_second_factor,
    }


def _instant(text: str, now: datetime) -> datetime | None:
    """Read when a token ends: `never`, a number of days such as `90d`, or the last day on which it works."""
    if text == "never":
        return None
    if days := _DAYS.fullmatch(text):
        return now + timedelta(days=int(days[1]))
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=CITY_ZONE)
    except ValueError as error:
        raise InvalidInput("token_expiry_form", value=text) from error
    return datetime.combine(day + timedelta(days=1), time(), CITY_ZONE).astimezone(UTC)
