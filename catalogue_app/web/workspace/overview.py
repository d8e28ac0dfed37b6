"""What an organ has to do, and its entries with what may be done to each."""

from typing import Final

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from catalogue_app.domain.account import Power
from catalogue_app.domain.errors import CatalogueError, NotAllowed
from catalogue_app.domain.finding import FindingFilter, FindingState
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.proposal import ProposalState
from catalogue_app.domain.selection import EntryFilter
from catalogue_app.web.context import audience, require, services
from catalogue_app.web.forms import Flaws, flaw_of, typed
from catalogue_app.web.portal.addresses import page, with_query
from catalogue_app.web.portal.turns import read_place, turns_from

_SEE_OTHER: Final = 303
_UNPROCESSABLE: Final = 422
_ORDER: Final = (ProposalState.RETURNED, ProposalState.DRAFT, ProposalState.SUBMITTED)


def todo() -> ResponseReturnValue:
    """Show what waits for the organ: returned first, then drafts, then what the desk has; and its open findings."""
    organ_id = _organ_id()
    proposals = services().registration.open_proposals(audience())
    wanted = FindingFilter(organs=frozenset({organ_id}), states=frozenset({FindingState.OPEN}))
    return render_template(
        "workspace/todo.html",
        organ=services().catalogue.register()[organ_id],
        parts=[(state, [one for one in proposals if one.state is state]) for state in _ORDER],
        figures=services().flagging.summary(audience(), wanted),
        done=request.args.get("done", ""),
    )


def entries() -> ResponseReturnValue:
    """List the organ's own entries, those that changed last first."""
    organ_id, place = _organ_id(), read_place(request.args)
    found = services().catalogue.entries(EntryFilter(organs=frozenset({organ_id})), audience(), place.cursor)
    turns = turns_from(place, found.next_cursor, lambda there: with_query(page("own_entries"), there.parameters))
    return render_template("workspace/entries.html", list=found, turns=turns)


def change(code: str) -> ResponseReturnValue:
    """Begin to change an entry, or go on with what was begun."""
    proposal = services().registration.change(require(Power.WORK_FOR_ORGAN), code, audience())
    return redirect(page("proposal", proposal_id=str(proposal.id), step="what"), _SEE_OTHER)


def withdraw(code: str) -> ResponseReturnValue:
    """Ask why an entry shall go, and hand that in for review."""
    account, flaws = require(Power.WORK_FOR_ORGAN), Flaws()
    services().registration.demand_keeper(account, code, audience())
    view = services().catalogue.entry(code, audience())
    if request.method == "POST":
        try:
            services().registration.withdraw(account, code, typed("reason", 1_000), audience())
        except CatalogueError as error:
            flaws = Flaws([flaw_of(error, "reason")])
        else:
            return redirect(page("workspace", done="withdrawal"), _SEE_OTHER)
    answer = render_template("workspace/withdraw.html", view=view, flaws=flaws, reason=typed("reason", 1_000))
    return answer, _UNPROCESSABLE if flaws else 200


def _organ_id() -> OrganId:
    account = require(Power.WORK_FOR_ORGAN)
    if account.organ_id is None:
        raise NotAllowed
    return account.organ_id
