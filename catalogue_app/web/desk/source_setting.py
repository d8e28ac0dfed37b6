"""Adding a source, changing one, and giving it a secret that nobody sees again."""

from http import HTTPStatus
from typing import Final

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from catalogue_app.domain.account import Account, Power
from catalogue_app.domain.errors import CatalogueError, Conflict, InvalidInput, NotFound
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.source import Source, SourceKind
from catalogue_app.services.source_files import LARGEST_FILE
from catalogue_app.services.source_kinds import source_kinds
from catalogue_app.web.context import require, services
from catalogue_app.web.desk.source_form import fields_of, flaw_of_source, flaws_of_options, kind_view, read_options
from catalogue_app.web.desk.sources import seen_source
from catalogue_app.web.forms import Flaws, flaw_of, typed
from catalogue_app.web.portal.addresses import page
from harvesters.credentials import SecretKind

LARGEST_FORM: Final = LARGEST_FILE + (1 << 20)
"""Bytes of a form with a file."""

_LONGEST_ADDRESS: Final = 2_000


def new_source() -> ResponseReturnValue:
    """Ask where a source is and whose, and register it; it waits until somebody enables it."""
    account, flaws = require(Power.KEEP_SOURCES), Flaws()
    kept, kind = "", _chosen_kind()
    if request.method == "POST":
        organ = OrganId(typed("organ"))
        try:
            kept = _address_of_form(account)
            _demand_organ(organ)
            kind = kind or services().source_setup.kind_at(account, organ, kept)
            options = read_options(kind, {})
            flaws = Flaws(flaws_of_options(kind, options))
            if not flaws:
                added = services().source_setup.add(account, organ, kept, kind, options)
                return redirect(page("source", source_id=str(added.id), done="added"), HTTPStatus.SEE_OTHER)
        except CatalogueError as error:
            flaws = Flaws([flaw_of_source(error)])
    return _form_page(None, kind, flaws, kept)


def change_source(source_id: str) -> ResponseReturnValue:
    """Show how a source is set, and set it otherwise."""
    account, line = require(Power.KEEP_SOURCES), seen_source(source_id)
    source, flaws, kept = line.view.source, Flaws(), ""
    seen = typed("stamp") if request.method == "POST" else source.stamp
    if request.method == "POST":
        had_secret = services().source_secrets.kept(source.id) is not None
        try:
            kept = _address_of_form(account, source)
            options = read_options(source.kind, source.options)
            flaws = Flaws(flaws_of_options(source.kind, options))
            if not flaws:
                services().source_setup.change(account, source, kept, options, seen=seen)
                is_moved = had_secret and services().source_secrets.kept(source.id) is None
                done = "moved" if is_moved else "changed"
                return redirect(page("source", source_id=source_id, done=done), HTTPStatus.SEE_OTHER)
        except Conflict as error:  # what was typed stays; saved once more, it stands over what the other one wrote
            source = seen_source(source_id).view.source
            flaws, seen = Flaws([flaw_of(error, "address")]), source.stamp
        except CatalogueError as error:
            flaws = Flaws([flaw_of_source(error)])
    return _form_page(source, source.kind, flaws, kept, seen)


def source_secret(source_id: str) -> ResponseReturnValue:
    """Take the secret of a source, or forget it; it is never shown."""
    account, source = require(Power.KEEP_SOURCES), seen_source(source_id).view.source
    secrets, flaws = services().source_secrets, Flaws()
    if request.method == "POST":
        if "drop" in request.form:
            secrets.drop(source.id, actor=account.actor)
            return redirect(page("source", source_id=source_id, done="dropped"), HTTPStatus.SEE_OTHER)
        try:
            kind = SecretKind(typed("kind")) if typed("kind") in set(SecretKind) else SecretKind.BEARER
            secrets.keep(source.id, kind, typed("name", 200), request.form.get("secret", ""), actor=account.actor)
        except InvalidInput as error:
            flaws = Flaws([flaw_of(error, "name" if error.code == "secret_name" else "secret")])
        else:
            return redirect(page("source", source_id=source_id, done="secret"), HTTPStatus.SEE_OTHER)
    answer = render_template(
        "desk/source_secret.html", source=source, kinds=tuple(SecretKind), kept=secrets.kept(source.id), flaws=flaws
    )
    return answer, HTTPStatus.UNPROCESSABLE_ENTITY if flaws else HTTPStatus.OK


def _form_page(
    source: Source | None, kind: SourceKind | None, flaws: Flaws, kept: str, seen: str = ""
) -> ResponseReturnValue:
    present = dict(source.options) if source else {}
    options = read_options(kind, present) if kind and request.method == "POST" else {}
    files = services().source_files
    answer = render_template(
        "desk/source_form.html",
        source=source,
        stamp=seen,
        chosen=kind,
        kinds=source_kinds(services().reference),
        fields=fields_of(kind, {name: value for name, value in {**present, **options}.items() if value}),
        organs=sorted(services().catalogue.register().values(), key=lambda organ: organ.name.original),
        organ=typed("organ"),
        typed_address=typed("address", _LONGEST_ADDRESS) if request.method == "POST" else _shown_address(source),
        ticket=files.ticket(kept),
        largest=LARGEST_FILE >> 20,
        flaws=flaws,
    )
    return answer, HTTPStatus.UNPROCESSABLE_ENTITY if flaws else HTTPStatus.OK


def _shown_address(source: Source | None) -> str:
    """Return the address as it is changed: a handed-in file is replaced by another file, not by a path."""
    if source is None or services().source_files.holds(source.address):
        return ""
    is_shown = "://" in source.address or Power.NAME_SERVER_FILES in require(Power.KEEP_SOURCES).powers
    return source.address if is_shown else ""


def _address_of_form(account: Account, source: Source | None = None) -> str:
    """Return where the form says the source is: a file just handed in, one handed in before, an address, or as it was.

    Raises:
        InvalidInput: it says nothing, or the file will not do.
    """
    files, file = services().source_files, request.files.get("file")
    if file is not None and file.filename:
        return services().source_setup.hand_in(account, file.filename, file.stream)
    if kept := files.of_ticket(typed("kept")):
        return kept
    address = typed("address", _LONGEST_ADDRESS) or (source.address if source else "")
    if not address:
        raise InvalidInput("address_missing")
    return address


def _demand_organ(organ: OrganId) -> None:
    if organ not in services().catalogue.register():
        raise InvalidInput("organ_not_chosen")


def _chosen_kind() -> SourceKind | None:
    name = typed("kind")
    if not name:
        return None
    kind = SourceKind(name) if name.isidentifier() else None
    if kind_view(kind) is None:
        raise NotFound
    return kind
