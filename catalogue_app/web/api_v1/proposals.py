"""`/proposals`: programs of organs register, change and withdraw entries; programs of the desk decide."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final
from uuid import UUID

from catalogue_app.domain.account import Account, Power
from catalogue_app.domain.errors import CatalogueError, Conflict, InvalidInput, NotFound
from catalogue_app.domain.merge import Side
from catalogue_app.domain.metadata import Document, EntryMetadata, JsonValue, from_document, to_document
from catalogue_app.domain.proposal import Proposal, ProposalId
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.services.registration import OPEN
from catalogue_app.web.api_v1.documents import merge_of, metadata_of, problems_of, proposal_of
from catalogue_app.web.bodies import checked, merged
from catalogue_app.web.context import require, require_any, services
from catalogue_app.web.endpoint import Act, Group
from catalogue_app.web.language import Language
from catalogue_app.web.problems import BadBody, Departs, Flaw, Outdated
from catalogue_app.web.schemas.entry import LANGUAGE_ONLY, LanguageAsked
from catalogue_app.web.schemas.proposal import (
    OF_CATALOGUE,
    ChoicesSchema,
    MergeSchema,
    NothingSchema,
    ProposalsAsked,
    ProposalSchema,
    ProposalsParameters,
    ProposalsSchema,
    ReasonSchema,
    StatementSchema,
    WrittenProposalSchema,
)

PROPOSALS: Final = Group("proposals", "Proposals of organs: new entries, changes, withdrawals; for API tokens.")

_READERS: Final = frozenset({Power.WORK_FOR_ORGAN, Power.REVIEW_ENTRIES})
_WORK: Final = Power.WORK_FOR_ORGAN
_REVIEW: Final = Power.REVIEW_ENTRIES
_MEANWHILE: Final = frozenset({"proposal_changed_meanwhile", "entry_changed_meanwhile"})


@PROPOSALS.get("/proposals", asks=(ProposalsParameters, ProposalsAsked), answers=ProposalsSchema, powers=_READERS)
def list_proposals(audience: Audience, asked: ProposalsAsked) -> Document:
    """List proposals: an organ sees its own, the desk all; what was handed in first comes first, at most 200."""
    found = services().registration.open_proposals(audience, frozenset(asked.state) or OPEN)
    items: list[JsonValue] = [_document(one, asked.lang) for one in found]
    return {"total": len(items), "items": items}


@PROPOSALS.get("/proposals/<proposal_id>", asks=LANGUAGE_ONLY, answers=ProposalSchema, powers=_READERS)
def show_proposal(audience: Audience, asked: LanguageAsked, proposal_id: str) -> Document:
    """Show one proposal whole; its entity tag is the version that a change is made over."""
    return _document(_read(require_any(_READERS), _id(proposal_id), audience), asked.lang)


@PROPOSALS.change(
    "POST /proposals",
    power=_WORK,
    takes=WrittenProposalSchema,
    answers=ProposalSchema,
    makes=True,
    over_version=False,
)
def start_proposal(act: Act) -> Document:
    """Begin a new entry as a draft; it may be incomplete until it is handed in.

    The answer's `violations` say what is to be mended before.
    """
    organ = services().catalogue.register()[act.account.organ_id] if act.account.organ_id else None
    if organ is None:
        raise NotFound
    usual: Document = {"provider_name": organ.name.original, "provider_uscc": organ.uscc}
    metadata = _metadata(act.body, {name: value for name, value in usual.items() if value})
    started = services().registration.start(
        act.account, metadata, _tier(act.body, Tier.PORTAL), act.audience, repeat_key=act.repeat_key
    )
    return _document(started, act.language)


@PROPOSALS.change("PUT /proposals/<proposal_id>", power=_WORK, takes=WrittenProposalSchema, answers=ProposalSchema)
def write_proposal(act: Act, proposal_id: str) -> Document:
    """Write a proposal anew: what the body does not say is not said any more."""
    known = services().registration.read(act.account, _id(proposal_id), act.audience)
    return _save(act, known, act.body)


@PROPOSALS.change("PATCH /proposals/<proposal_id>", power=_WORK, takes=WrittenProposalSchema, answers=ProposalSchema)
def change_proposal(act: Act, proposal_id: str) -> Document:
    """Change parts of a proposal by a merge patch (RFC 7396) over `{"metadata": …, "tier": …}`."""
    known = services().registration.read(act.account, _id(proposal_id), act.audience)
    present: Document = {"metadata": metadata_of(known.metadata), "tier": known.tier.value}
    wanted = merged(present, act.body)
    return _save(act, known, wanted if isinstance(wanted, dict) else {})


@PROPOSALS.change("POST /proposals/<proposal_id>/submit", power=_WORK, takes=StatementSchema, answers=ProposalSchema)
def submit_proposal(act: Act, proposal_id: str) -> Document:
    """Hand a proposal in for review.

    What departs from the profile is refused with `violations`; what exists already like it demands a statement.
    """
    key, statement = _id(proposal_id), str(act.body.get("statement", ""))
    with _over_present(act, key):
        try:
            handed_in = services().registration.submit(
                act.account, key, statement, version=act.version, audience=act.audience
            )
        except InvalidInput as error:
            if error.code != Departs.code:
                raise
            known = services().registration.read(act.account, key, act.audience)
            raise Departs(_problems(known, act.language)) from error
    return _document(handed_in, act.language)


@PROPOSALS.change("POST /proposals/<proposal_id>/discard", power=_WORK, takes=NothingSchema, answers=ProposalSchema)
def discard_proposal(act: Act, proposal_id: str) -> Document:
    """Give a proposal up that is with its organ; it is kept, and leads nowhere."""
    key = _id(proposal_id)
    with _over_present(act, key):
        given_up = services().registration.discard(act.account, key, act.audience, version=act.version)
    return _document(given_up, act.language)


@PROPOSALS.change("POST /proposals/<proposal_id>/take-back", power=_WORK, takes=NothingSchema, answers=ProposalSchema)
def take_proposal_back(act: Act, proposal_id: str) -> Document:
    """Take back what waits for the desk: it is a draft again, and its entry stands as published."""
    key = _id(proposal_id)
    with _over_present(act, key):
        back = services().registration.take_back(act.account, key, version=act.version, audience=act.audience)
    return _document(back, act.language)


@PROPOSALS.get(
    "/proposals/<proposal_id>/merge",
    asks=LANGUAGE_ONLY,
    answers=MergeSchema,
    problems=(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
    powers=frozenset({_WORK}),
)
def show_merge(audience: Audience, _asked: LanguageAsked, proposal_id: str) -> Document:
    """Show where a change and its entry part, since the entry changed meanwhile."""
    return merge_of(services().merging.look(require(_WORK), _id(proposal_id), audience))


@PROPOSALS.change("POST /proposals/<proposal_id>/merge", power=_WORK, takes=ChoicesSchema, answers=ProposalSchema)
def merge_proposal(act: Act, proposal_id: str) -> Document:
    """Bring a change onto its entry as it stands now, of what differs the side chosen.

    Every element of `differences` needs its choice.
    """
    key = _id(proposal_id)
    revision, sent = act.body["revision"], act.body["choices"]
    choices = {name: Side(str(side)) for name, side in sent.items()} if isinstance(sent, dict) else {}
    with _over_present(act, key):
        try:
            settled = services().merging.settle(
                act.account, key, choices, version=act.version, revision=int(str(revision)), audience=act.audience
            )
        except InvalidInput as error:
            raise _undecided(error) from error
    return _document(settled, act.language)


@PROPOSALS.change(
    "POST /entries/<code>/change",
    power=_WORK,
    takes=NothingSchema,
    answers=ProposalSchema,
    makes=True,
    over_version=False,
)
def propose_change(act: Act, code: str) -> Document:
    """Begin a change of a published entry, or go on with the one that was begun; the entry stays as it is."""
    return _document(services().registration.change(act.account, code, act.audience), act.language)


@PROPOSALS.change(
    "POST /entries/<code>/withdrawal",
    power=_WORK,
    takes=ReasonSchema,
    answers=ProposalSchema,
    makes=True,
    over_version=False,
)
def propose_withdrawal(act: Act, code: str) -> Document:
    """Propose that an entry be withdrawn, and hand that in for review."""
    reason = str(act.body["reason"])
    return _document(services().registration.withdraw(act.account, code, reason, act.audience), act.language)


@PROPOSALS.change("POST /proposals/<proposal_id>/approve", power=_REVIEW, takes=NothingSchema, answers=ProposalSchema)
def approve_proposal(act: Act, proposal_id: str) -> Document:
    """Let a proposal become true: the entry is published, changed or withdrawn."""
    key = _id(proposal_id)
    with _over_present(act, key):
        approved = services().review.approve(act.account, key, version=act.version, audience=act.audience)
    return _document(approved, act.language)


@PROPOSALS.change("POST /proposals/<proposal_id>/return", power=_REVIEW, takes=ReasonSchema, answers=ProposalSchema)
def return_proposal(act: Act, proposal_id: str) -> Document:
    """Send a proposal back to be mended, with the reason."""
    key, reason = _id(proposal_id), str(act.body["reason"])
    with _over_present(act, key):
        returned = services().review.give_back(act.account, key, reason, version=act.version, audience=act.audience)
    return _document(returned, act.language)


@contextmanager
def _over_present(act: Act, key: ProposalId) -> Iterator[None]:
    """Answer a change over an older version with the present one."""
    try:
        yield
    except Conflict as error:
        if error.code not in _MEANWHILE:
            raise
        raise Outdated(error.code, _document(_read(act.account, key, act.audience), act.language)) from error


def _undecided(error: InvalidInput) -> CatalogueError:
    """Name the elements that have no choice yet as members of the body."""
    elements = error.parameters.get("elements")
    if error.code != "merge_choice_missing" or not isinstance(elements, list):
        return error
    return BadBody(*(Flaw(parameter=f"#/choices/{name}", code="missing", allowed=tuple(Side)) for name in elements))


def _save(act: Act, known: Proposal, body: Document) -> Document:
    sent = checked(WrittenProposalSchema, _without_own(body, to_document(known.metadata)))
    kept = {name: value for name, value in to_document(known.metadata).items() if name in OF_CATALOGUE}
    metadata, tier = _metadata(sent, kept), _tier(sent, known.tier)
    with _over_present(act, known.id):
        saved = services().registration.save(
            act.account, known.id, metadata, tier, version=act.version, audience=act.audience
        )
    return _document(saved, act.language)


def _without_own(body: Document, present: Document) -> Document:
    """Leave out what the catalogue says itself, where it came back as it was read.

    Raises:
        BadBody: it came back changed.
    """
    metadata = body.get("metadata")
    if not isinstance(metadata, dict):
        return body
    changed = [name for name in OF_CATALOGUE if name in metadata and metadata[name] != present.get(name)]
    if changed:
        raise BadBody(*(Flaw(parameter=f"#/metadata/{name}", code="read_only") for name in changed))
    return body | {"metadata": {name: value for name, value in metadata.items() if name not in OF_CATALOGUE}}


def _metadata(sent: Document, kept: Document) -> EntryMetadata:
    written = sent["metadata"]
    return from_document({**kept, **written} if isinstance(written, dict) else kept)


def _tier(sent: Document, present: Tier) -> Tier:
    return Tier(str(sent["tier"])) if "tier" in sent else present


def _read(account: Account, key: ProposalId, audience: Audience) -> Proposal:
    if Power.REVIEW_ENTRIES in account.powers:
        return services().review.read(key, audience)
    return services().registration.read(account, key, audience)


def _document(proposal: Proposal, language: Language) -> Document:
    problems = services().registration.violations(proposal)
    return proposal_of(proposal, services().catalogue.in_words(problems, language), language)


def _problems(proposal: Proposal, language: Language) -> list[JsonValue]:
    return problems_of(services().catalogue.in_words(services().registration.violations(proposal), language))


def _id(text: str) -> ProposalId:
    try:
        return ProposalId(UUID(text))
    except ValueError as error:
        raise NotFound("proposal_not_found") from error
