"""Somebody else was faster: three columns an element (before, theirs, mine) and a choice each, without script."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from uuid import UUID

import orjson
from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from catalogue_app.domain.account import Account, Power
from catalogue_app.domain.errors import CatalogueError, NotFound
from catalogue_app.domain.merge import TIER, Side, differences, merged, read_back, written_down
from catalogue_app.domain.metadata import Document, JsonValue, to_document
from catalogue_app.domain.proposal import Proposal, ProposalId
from catalogue_app.web.bodies import checked
from catalogue_app.web.context import audience, require, services
from catalogue_app.web.forms import Flaws, flaw_of
from catalogue_app.web.portal.addresses import page
from catalogue_app.web.problems import BadBody
from catalogue_app.web.schemas.proposal import OF_CATALOGUE, WrittenProposalSchema

MEANWHILE: Final = "proposal_changed_meanwhile"
OVERTAKEN: Final = "entry_changed_meanwhile"

_LONGEST_NUMBER: Final = 9


def merge(proposal_id: str) -> ResponseReturnValue:
    """Show what differs between a proposal and what was saved meanwhile, or take of each element the side chosen."""
    account, key = require(Power.WORK_FOR_ORGAN), read_id(proposal_id)
    mine = _document("mine")
    if mine is not None and request.method == "POST":
        return _settle_versions(account, key, mine)
    flaws = Flaws()
    if request.method == "POST":
        try:
            settled = services().merging.settle(
                account, key, _choices(), version=version_seen(), revision=_number("revision"), audience=audience()
            )
        except CatalogueError as error:
            flaws = Flaws([flaw_of(error, "choices")])
        else:
            return redirect(page("proposal", proposal_id=str(settled.id), step="check"), HTTPStatus.SEE_OTHER)
    found = services().merging.look(account, key, audience())
    if not found.is_needed:
        return redirect(page("proposal", proposal_id=proposal_id, step="check"), HTTPStatus.SEE_OTHER)
    shown = _page(found.proposal, flaws, differences=found.differences, is_entry=True, revision=found.revision)
    return shown, HTTPStatus.CONFLICT if flaws else HTTPStatus.OK


def merge_page(account: Account, key: ProposalId, base: Document | None, mine: Document) -> ResponseReturnValue:
    """Show what somebody typed beside what was saved meanwhile; nothing of either is lost."""
    present = services().registration.read(account, key, audience())
    return _versions_page(present, base, mine, Flaws())


def read_id(text: str) -> ProposalId:
    """Read the id of a proposal from an address.

    Raises:
        NotFound: it is none.
    """
    try:
        return ProposalId(UUID(text))
    except ValueError as error:
        raise NotFound("proposal_not_found") from error


def version_seen() -> int:
    """Return the version that a form was shown with; 0, which there never is, where it says none."""
    return _number("version")


def seen_document() -> Document | None:
    """Return what a proposal said when a form was shown; None where the form does not say."""
    return _document("seen")


def as_field(document: Document) -> str:
    """Write a document for a hidden field."""
    return orjson.dumps(document).decode()


def _settle_versions(account: Account, key: ProposalId, mine: Document) -> ResponseReturnValue:
    """Save the one that was made of what somebody typed and what was saved meanwhile."""
    present, base = services().registration.read(account, key, audience()), _document("base")
    theirs, said = written_down(present.metadata, present.tier), _as_written(mine, present)
    try:
        chosen = merged(theirs, said, differences(base, theirs, said), _choices())
        metadata, tier = read_back(chosen)
        saved = services().registration.save(account, key, metadata, tier, version=version_seen(), audience=audience())
    except CatalogueError as error:
        anew = services().registration.read(account, key, audience())
        return _versions_page(anew, base, said, Flaws([flaw_of(error, "choices")]))
    return redirect(page("proposal", proposal_id=str(saved.id), step="check"), HTTPStatus.SEE_OTHER)


def _versions_page(present: Proposal, base: Document | None, mine: Document, flaws: Flaws) -> ResponseReturnValue:
    found = differences(base, written_down(present.metadata, present.tier), mine)
    if not found:
        return redirect(page("proposal", proposal_id=str(present.id), step="check"), HTTPStatus.SEE_OTHER)
    shown = _page(
        present,
        flaws,
        differences=found,
        mine=as_field(mine),
        base=as_field(base) if base is not None else "",
        is_entry=False,
    )
    return shown, HTTPStatus.CONFLICT


def _page(proposal: Proposal, flaws: Flaws, **values: object) -> str:
    chosen = {name: side.value for name, side in _choices().items()}
    return render_template("workspace/merge.html", proposal=proposal, flaws=flaws, chosen=chosen, tier=TIER, **values)


def _as_written(sent: Document, present: Proposal) -> Document:
    """Return what came back from a hidden field as if it had been typed: only what is an organ's to say counts.

    Raises:
        BadBody: something in it could not have been typed.
    """
    metadata: Document = {name: value for name, value in sent.items() if name not in {TIER, *OF_CATALOGUE}}
    read = checked(WrittenProposalSchema, {"metadata": metadata, TIER: sent.get(TIER)})
    own = {name: value for name, value in to_document(present.metadata).items() if name in OF_CATALOGUE}
    said = read["metadata"]
    return {**own, **(said if isinstance(said, dict) else {}), TIER: read[TIER]}


def _number(field: str) -> int:
    text = request.form.get(field, "")
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_NUMBER else 0


def _document(field: str) -> Document | None:
    text = request.form.get(field, "")
    if not text:
        return None
    try:
        read: JsonValue = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadBody from error
    if not isinstance(read, dict):
        raise BadBody
    return read


def _choices() -> Mapping[str, Side]:
    sent = {name.removeprefix("choice."): value for name, value in request.form.items() if name.startswith("choice.")}
    return {name: Side(value) for name, value in sent.items() if value in set(Side)}
