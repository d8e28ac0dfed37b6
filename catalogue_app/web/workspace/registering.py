"""Registering an entry and changing one: five steps, one topic a page, each kept when it is left."""

from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Final

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from catalogue_app.domain.account import Account, Power
from catalogue_app.domain.clock import today
from catalogue_app.domain.errors import CatalogueError, Conflict, InvalidInput, NotFound
from catalogue_app.domain.ids import new_id
from catalogue_app.domain.merge import written_down
from catalogue_app.domain.metadata import Classification, EntryMetadata
from catalogue_app.domain.proposal import Proposal, ProposalId
from catalogue_app.domain.text import LocalizedText, fold
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.services.sample_items import LARGEST_BYTES, items_of_sample
from catalogue_app.web.context import audience, language, require, services
from catalogue_app.web.forms import Flaw, Flaws, flaw_of, typed
from catalogue_app.web.portal.addresses import page
from catalogue_app.web.portal.ways import ways_of
from catalogue_app.web.workspace.merging import (
    MEANWHILE,
    OVERTAKEN,
    as_field,
    merge_page,
    read_id,
    seen_document,
    version_seen,
)
from catalogue_app.web.workspace.steps import (
    BY_NAME,
    FEWEST_ROWS,
    MORE_ROWS,
    MOST_ROWS,
    STEPS,
    Step,
    flaws_in,
    read_tier,
    step_of,
)

_UNTITLED: Final = LocalizedText.of("—", "zh")
"""Stands in the metadata of a registration that has no title yet; it is never stored."""

_USUAL_CLASS: Final = Classification(lei="3", xiang="07")
"""部门信息资源, 省（自治区、直辖市）及其下各级政务部门: what almost every entry of a municipal organ is."""

_DRAFT: Final = "draft"
"""Field of the key by which the form of a new entry, sent again, finds what it began."""

_LONGEST_DRAFT: Final = 36


def register() -> ResponseReturnValue:
    """Begin a new entry with its first step; nothing is kept before it has a title.

    The same form sent again, after going back or by a second press, writes on the draft that it began.
    """
    account, first = require(Power.WORK_FOR_ORGAN), STEPS[0]
    blank = _blank(account)
    if request.method == "GET":
        return _step_page(None, blank, Tier.PORTAL, first, Flaws())
    metadata, unread = first.read(request.form, blank)
    if unread:
        return _step_page(None, metadata, Tier.PORTAL, first, Flaws(unread)), HTTPStatus.UNPROCESSABLE_ENTITY
    begun = _begun(account, metadata)
    again, unread = first.read(request.form, begun.metadata)
    if again != begun.metadata:
        begun = services().registration.save(
            account, begun.id, again, begun.tier, version=begun.version, audience=audience()
        )
    return _onward(begun, first, Flaws(unread))


def _begun(account: Account, metadata: EntryMetadata) -> Proposal:
    """Begin a draft, or return the one that this form began; one that is no more to be written on is left alone."""
    start = partial(services().registration.start, account, metadata, Tier.PORTAL, audience())
    begun = start(repeat_key=typed(_DRAFT, _LONGEST_DRAFT))
    return begun if begun.state.is_with_organ else start()


def proposal(proposal_id: str, step: str) -> ResponseReturnValue:
    """Show a step of a proposal, or keep what was typed into it and go on."""
    account, key, at = require(Power.WORK_FOR_ORGAN), read_id(proposal_id), BY_NAME.get(step)
    if at is None:
        raise NotFound
    if at is STEPS[-1]:
        return _send(account, key) if request.method == "POST" else _check_page(account, key, Flaws())
    known = services().registration.read(account, key, audience())
    if request.method == "GET":
        return _opened(known, at)
    metadata, unread = at.read(request.form, known.metadata)
    metadata, untold = _with_sample(at, metadata)
    unread += untold
    tier = read_tier(request.form, known.tier)
    try:
        kept = services().registration.save(account, key, metadata, tier, version=version_seen(), audience=audience())
    except CatalogueError as error:
        flaws = Flaws([*unread, flaw_of(error, "tier" if error.code.startswith("tier") else "version")])
        if "autosave" in request.form:
            return {"saved": False, "message": next(iter(flaws)).message}, HTTPStatus.CONFLICT
        if error.code == MEANWHILE and not unread:
            return merge_page(account, key, seen_document(), written_down(metadata, tier))
        return _step_page(known, metadata, tier, at, flaws), HTTPStatus.UNPROCESSABLE_ENTITY
    return _onward(kept, at, Flaws(unread))


def discard(proposal_id: str) -> ResponseReturnValue:
    """Give a proposal up."""
    services().registration.discard(require(Power.WORK_FOR_ORGAN), read_id(proposal_id), audience())
    return redirect(page("workspace", done="discarded"), HTTPStatus.SEE_OTHER)


def take_back(proposal_id: str) -> ResponseReturnValue:
    """Take back what waits for the desk, to write on it."""
    account, key = require(Power.WORK_FOR_ORGAN), read_id(proposal_id)
    services().registration.take_back(account, key, version=version_seen(), audience=audience())
    return redirect(page("workspace", done="taken_back"), HTTPStatus.SEE_OTHER)


def _opened(known: Proposal, at: Step) -> ResponseReturnValue:
    """Show a step to write on; of what is not with its organ now, the last, which says where it stands."""
    if not known.state.is_with_organ:
        return redirect(page("proposal", proposal_id=str(known.id), step=STEPS[-1].name), HTTPStatus.SEE_OTHER)
    return _step_page(known, known.metadata, known.tier, at, _shown_flaws(known, at))


def _onward(kept: Proposal, at: Step, unread: Flaws) -> ResponseReturnValue:
    """Go where the pressed button leads: nowhere by itself, to more rows, out, or on once the step is in order."""
    if "autosave" in request.form:
        return {"saved": True, "version": kept.version}
    if "later" in request.form:
        return redirect(page("workspace", done="kept"), HTTPStatus.SEE_OTHER)
    flaws = Flaws(dict.fromkeys([*unread, *flaws_in(at, services().registration.violations(kept))]))
    if "sample" in request.form:
        shown = [flaw for flaw in unread if flaw.field == "sample"]
        status = HTTPStatus.UNPROCESSABLE_ENTITY if shown else HTTPStatus.OK
        return _step_page(kept, kept.metadata, kept.tier, at, Flaws(shown)), status
    if "more" in request.form:
        return _step_page(kept, kept.metadata, kept.tier, at, Flaws(), more=MORE_ROWS)
    if flaws:
        return _step_page(kept, kept.metadata, kept.tier, at, flaws), HTTPStatus.UNPROCESSABLE_ENTITY
    return _to_step_after(kept, at)


def _to_step_after(kept: Proposal, at: Step) -> ResponseReturnValue:
    following = STEPS[STEPS.index(at) + 1]
    if "send" in request.form and following is STEPS[-1]:
        return _sent_if_in_order(kept)
    return redirect(page("proposal", proposal_id=str(kept.id), step=following.name), HTTPStatus.SEE_OTHER)


def _sent_if_in_order(kept: Proposal) -> ResponseReturnValue:
    """Send what has nothing to mend and is like nothing else; else the last step shows what there is to see to."""
    account = require(Power.WORK_FOR_ORGAN)
    try:
        services().registration.submit(account, kept.id, "", version=kept.version, audience=audience())
    except (InvalidInput, Conflict):
        return redirect(page("proposal", proposal_id=str(kept.id), step=STEPS[-1].name), HTTPStatus.SEE_OTHER)
    return redirect(page("workspace", done="submitted"), HTTPStatus.SEE_OTHER)


def _with_sample(at: Step, said: EntryMetadata) -> tuple[EntryMetadata, list[Flaw]]:
    """Add the items of a sample that was sent with the step; those that are there already stay as they are."""
    if at.name != "items" or "sample" not in request.form:
        return said, []
    sample = request.files.get("sample_file")
    try:
        found = items_of_sample(sample.read(LARGEST_BYTES + 1) if sample else b"")
    except CatalogueError as error:
        return said, [flaw_of(error, "sample")]
    known = {fold(item.name) for item in said.items}
    added = [item for item in found if fold(item.name) not in known]
    return replace(said, items=(*said.items, *added)[:MOST_ROWS]), []


def _send(account: Account, key: ProposalId) -> ResponseReturnValue:
    statement = typed("statement", 1_000)
    try:
        services().registration.submit(account, key, statement, version=version_seen(), audience=audience())
    except CatalogueError as error:
        if error.code == OVERTAKEN:
            return redirect(page("merge", proposal_id=str(key)), HTTPStatus.SEE_OTHER)
        field = "statement" if error.code == "statement_missing" else "version"
        return _check_page(account, key, Flaws([flaw_of(error, field)])), HTTPStatus.UNPROCESSABLE_ENTITY
    return redirect(page("workspace", done="submitted"), HTTPStatus.SEE_OTHER)


def _check_page(account: Account, key: ProposalId, flaws: Flaws) -> str:
    judged = services().registration.judge(account, key, audience())
    return render_template(
        "workspace/check.html",
        step=STEPS[-1],
        steps=STEPS,
        judged=judged,
        proposal=judged.proposal,
        metadata=judged.proposal.metadata,
        ways=ways_of(judged.proposal.metadata),
        problems=[(step_of(one), *_words(one.code, one.value, one.element), one.element) for one in judged.violations],
        flaws=flaws,
        statement=typed("statement", 1_000) or judged.proposal.statement,
    )


def _step_page(
    kept: Proposal | None, metadata: EntryMetadata, tier: Tier, at: Step, flaws: Flaws, *, more: int = 0
) -> str:
    reference = services().reference
    return render_template(
        f"workspace/{at.name}.html",
        step=at,
        steps=STEPS,
        proposal=kept,
        draft=typed(_DRAFT, _LONGEST_DRAFT) or str(new_id()),
        seen=kept and as_field(written_down(kept.metadata, kept.tier)),
        metadata=metadata,
        is_blank=metadata.title == _UNTITLED,
        tier=tier,
        tiers=[one for one in Tier if one.level <= audience().tier.level],
        flaws=flaws,
        typed=typed,
        reference=reference,
        rows=max(FEWEST_ROWS, len(metadata.items) + (more or 2)),
        latest=today(services().clock).isoformat(),
    )


def _shown_flaws(known: Proposal, at: Step) -> Flaws:
    """Return the flaws of a step that was filled in before: one that is still to come is no reproach yet."""
    if request.args.get("mend") is None:
        return Flaws()
    return flaws_in(at, services().registration.violations(known))


def _blank(account: Account) -> EntryMetadata:
    organ = services().catalogue.register()[account.organ_id] if account.organ_id else None
    if organ is None:
        raise NotFound
    return EntryMetadata(
        title=_UNTITLED,
        classification=_USUAL_CLASS,
        themes=(organ.main_theme,) if organ.main_theme else (),
        provider_name=organ.name.original,
        provider_uscc=organ.uscc,
    )


def _words(code: str, value: str, element: str) -> tuple[str, str]:
    return services().reference.problem(code, language().value, value=value, element=element)
