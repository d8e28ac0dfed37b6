"""The last form of a new entry checks it, and sends what has nothing to mend and is like nothing else."""

from collections.abc import Callable

from flask.testing import FlaskClient

from catalogue_app.container import Container
from catalogue_app.domain.account import Role
from catalogue_app.domain.proposal import ProposalState
from tests.accounts.people import fill
from tests.accounts.registered import FORMS
from tests.accounts.test_life_of_an_entry import EDU, fill_in


def press_check_and_send(client: FlaskClient, proposal_id: str, **fields: object) -> str:
    """Press the main button of the last form; returns where it leads."""
    path = f"/workspace/proposals/{proposal_id}/access"
    version = client.get(path).get_data(as_text=True).partition('name="version" value="')[2].partition('"')[0]
    answer = fill(client, path, {**FORMS["access"], "version": version, "send": "1", **fields})
    return answer.location or str(answer.status_code)


def state_of(staffed: Container, proposal_id: str) -> ProposalState:
    everything = staffed.registration.open_proposals(EDU)
    return next(one.state for one in everything if str(one.id) == proposal_id)


def test_what_is_in_order_and_like_nothing_else_is_sent_from_the_last_form(
    staffed: Container, signed_in: Callable[[Role], FlaskClient]
) -> None:
    organ = signed_in(Role.ORGAN_EDITOR)
    proposal_id = fill_in(organ, "龙舟训练基地登记表")
    assert press_check_and_send(organ, proposal_id, update_cycle="") == "422"
    assert state_of(staffed, proposal_id) is ProposalState.DRAFT
    assert press_check_and_send(organ, proposal_id) == "/workspace?done=submitted"
    assert state_of(staffed, proposal_id) is ProposalState.SUBMITTED


def test_what_is_like_another_entry_is_shown_before_it_is_sent(
    staffed: Container, signed_in: Callable[[Role], FlaskClient]
) -> None:
    organ = signed_in(Role.ORGAN_EDITOR)
    proposal_id = fill_in(organ, "天津市第1幼儿园名录册")
    assert press_check_and_send(organ, proposal_id) == f"/workspace/proposals/{proposal_id}/check"
    assert state_of(staffed, proposal_id) is ProposalState.DRAFT
