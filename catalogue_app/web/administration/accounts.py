"""Accounts kept at the desk: listed, made, changed, locked, and given back to who lost the way in."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from catalogue_app.domain.account import Account, Power, Role
from catalogue_app.domain.errors import CatalogueError
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.services.accounts import NewAccount
from catalogue_app.web.context import language, require, services
from catalogue_app.web.forms import Flaw, Flaws, flaw_of, typed
from catalogue_app.web.portal.addresses import page

_FIELDS: Final = ("name", "person", "role", "organ", "email", "clearance", "subject")
_FIELD_OF: Final[Mapping[str, str]] = {
    "account_name_form": "name",
    "account_name_taken": "name",
    "name_length": "person",
    "role_needs_organ": "organ",
    "role_has_no_organ": "organ",
    "organ_not_found": "organ",
    "organ_closed": "organ",
    "not_found": "organ",
    "mail_address_form": "email",
    "clearance_above_own": "clearance",
}
"""Code of a refusal to the field it is about."""


def listing() -> str:
    """List every account, those that a search is for where there is one."""
    wanted = request.args.get("q", "").strip()[:80]
    return render_template(
        "administration/accounts.html",
        accounts=[one for one in services().accounts.all() if wanted in f"{one.name} {one.person}"],
        organs=services().catalogue.register(),
        wanted=wanted,
    )


def new() -> ResponseReturnValue:
    """Make an account, and show the link by which its owner sets a password, this once."""
    keeper, flaws = _keeper(), Flaws()
    if request.method == "POST":
        try:
            made, secret = services().account_keeping.create(keeper, _told(typed("name")))
        except CatalogueError as error:
            flaws = Flaws([_flaw(error)])
        else:
            return _link_page(made, secret)
    blank = {name: typed(name) for name in _FIELDS}
    return _form("administration/account_new.html", flaws, blank)


def one(account: str) -> str:
    """Show one account: what it is, its tokens, and what may be done to it."""
    return _account_page(services().accounts.by_name(account), Flaws())


def change(account: str) -> ResponseReturnValue:
    """Change what an account is."""
    keeper, flaws = _keeper(), Flaws()
    kept = services().accounts.by_name(account)
    if request.method == "POST":
        try:
            services().account_keeping.change(keeper, _told(kept.name))
        except CatalogueError as error:
            flaws = Flaws([_flaw(error)])
        else:
            return redirect(page("keep_account", account=kept.name, done="changed"), HTTPStatus.SEE_OTHER)
    said = {name: typed(name) for name in _FIELDS} if flaws else _said(kept)
    return _form("administration/account_change.html", flaws, said, account=kept)


def lock(account: str) -> ResponseReturnValue:
    """Close an account."""
    return _act(account, services().account_keeping.lock, "locked")


def unlock(account: str) -> ResponseReturnValue:
    """Open an account again."""
    return _act(account, services().account_keeping.unlock, "unlocked")


def reset_second_factor(account: str) -> ResponseReturnValue:
    """Take the second factor of who lost it away."""
    return _act(account, services().account_keeping.reset_second_factor, "second_factor")


def shut_out(account: str) -> ResponseReturnValue:
    """End every session and every token of an account."""
    return _act(account, services().account_keeping.shut_out, "shut_out")


def revoke(account: str, prefix: str) -> ResponseReturnValue:
    """Make one token of an account useless."""
    return _act(account, lambda keeper, of: services().account_keeping.revoke(keeper, of, prefix), "token")


def reset_password(account: str) -> ResponseReturnValue:
    """Make a password useless, and show the link by which its owner sets another, this once."""
    try:
        kept, secret = services().account_keeping.reset_password(_keeper(), account)
    except CatalogueError as error:
        return _refused(account, error)
    return _link_page(kept, secret)


def _act(name: str, act: Callable[[Account, str], object], done: str) -> ResponseReturnValue:
    try:
        act(_keeper(), name)
    except CatalogueError as error:
        return _refused(name, error)
    return redirect(page("keep_account", account=name, done=done), HTTPStatus.SEE_OTHER)


def _refused(name: str, error: CatalogueError) -> ResponseReturnValue:
    account = services().accounts.by_name(name)
    return _account_page(account, Flaws([flaw_of(error, "acts")])), HTTPStatus.FORBIDDEN


def _account_page(account: Account, flaws: Flaws) -> str:
    return render_template(
        "administration/account.html",
        account=account,
        organ=services().catalogue.register().get(account.organ_id) if account.organ_id else None,
        tokens=services().accounts.tokens(account.id),
        is_own=account.id == _keeper().id,
        flaws=flaws,
        done=request.args.get("done", ""),
    )


def _link_page(account: Account, secret: str) -> str:
    link = f"{services().settings.web.address}{language().prefix}/set-password/{secret}"
    return render_template("administration/link.html", account=account, link=link)


def _form(template: str, flaws: Flaws, said: Mapping[str, str], **values: object) -> ResponseReturnValue:
    answer = render_template(
        template,
        flaws=flaws,
        said=said,
        roles=tuple(Role),
        tiers=[tier for tier in Tier if tier.level <= _keeper().clearance.level],
        organs=sorted(_open_organs(), key=lambda organ: organ.name.original),
        **values,
    )
    return answer, HTTPStatus.UNPROCESSABLE_ENTITY if flaws else HTTPStatus.OK


def _open_organs() -> list[Organ]:
    return [organ for organ in services().catalogue.register().values() if organ.successor is None]


def _told(name: str) -> NewAccount:
    """Read the form; a choice that is none of those offered is the least that one may be."""
    role, clearance = typed("role"), typed("clearance")
    return NewAccount(
        name=name,
        person=typed("person"),
        role=Role(role) if role in set(Role) else Role.ORGAN_EDITOR,
        organ=typed("organ"),
        email=typed("email"),
        clearance=Tier(clearance) if clearance in set(Tier) else Tier.PORTAL,
        subject=typed("subject"),
    )


def _said(account: Account) -> Mapping[str, str]:
    return {
        "name": account.name,
        "person": account.person,
        "role": account.role,
        "organ": account.organ_id or "",
        "email": account.email,
        "clearance": account.clearance,
        "subject": account.subject,
    }


def _flaw(error: CatalogueError) -> Flaw:
    return flaw_of(error, _FIELD_OF.get(error.code, "name"))


def _keeper() -> Account:
    return require(Power.KEEP_ACCOUNTS)
