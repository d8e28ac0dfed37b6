"""The review queue of the desk, and one proposal with what a reviewer decides by."""

from http import HTTPStatus

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from catalogue_app.domain.account import Power
from catalogue_app.domain.errors import CatalogueError
from catalogue_app.domain.proposal import ProposalState
from catalogue_app.services.review import Case
from catalogue_app.web.context import audience, language, require, services
from catalogue_app.web.forms import Flaws, flaw_of, typed
from catalogue_app.web.portal.addresses import page
from catalogue_app.web.workspace.merging import read_id


def queue() -> ResponseReturnValue:
    """List what waits for a decision, oldest first, each with its last day."""
    review = services().review
    return render_template(
        "desk/queue.html",
        waiting=review.queue(audience()),
        working_days=review.working_days,
        done=request.args.get("done", ""),
    )


def case(proposal_id: str) -> ResponseReturnValue:
    """Show a proposal against what was approved last; approve it, or return it with a reason.

    One that does not wait is shown with what became of it, for a reviewer who comes late.
    """
    account, key, flaws = require(Power.REVIEW_ENTRIES), read_id(proposal_id), Flaws()
    if request.method == "POST":
        version = int(typed("version")) if typed("version").isdecimal() else 0
        review, is_approval = services().review, "approve" in request.form
        try:
            if is_approval:
                review.approve(account, key, version=version, audience=audience())
            else:
                review.give_back(account, key, typed("reason", 1_000), version=version, audience=audience())
        except CatalogueError as error:
            flaws = Flaws([flaw_of(error, "reason")])
        else:
            return redirect(page("queue", done="approved" if is_approval else "returned"), HTTPStatus.SEE_OTHER)
    found = services().review.case(key, audience())
    if found.waiting.proposal.state is not ProposalState.SUBMITTED:
        return _settled_page(found, is_late=bool(flaws)), HTTPStatus.CONFLICT if flaws else HTTPStatus.OK
    problems = [
        services().reference.problem(one.code, language().value, value=one.value, element=one.element)
        for one in found.violations
    ]
    answer = render_template(
        "desk/case.html",
        case=found,
        proposal=found.waiting.proposal,
        problems=problems,
        flaws=flaws,
        reason=typed("reason", 1_000),
        person=services().accounts.people()(found.waiting.proposal.submitted_by),
    )
    return answer, HTTPStatus.UNPROCESSABLE_ENTITY if flaws else HTTPStatus.OK


def _settled_page(found: Case, *, is_late: bool) -> str:
    proposal = found.waiting.proposal
    return render_template(
        "desk/settled.html",
        case=found,
        proposal=proposal,
        is_late=is_late,
        person=services().accounts.people(),
    )
