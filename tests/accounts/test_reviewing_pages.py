"""Pages about one proposal: what a reviewer reads, and what everybody sees once it is decided."""

from collections.abc import Callable
from uuid import UUID

from flask.testing import FlaskClient

from catalogue_app.container import Container
from catalogue_app.domain.account import Role
from catalogue_app.domain.proposal import ProposalId
from catalogue_app.domain.selection import EntryFilter
from tests.accounts.people import NAMES, form_token, send
from tests.accounts.source_desk import words
from tests.accounts.test_life_of_an_entry import DESK, EDU, complete, decide, fill_in, hand_in

OTHERS = "范围和用途都与已有条目不同。"


def test_a_reviewer_reads_names_of_codes(signed_in: Callable[[Role], FlaskClient]) -> None:
    organ, desk = signed_in(Role.ORGAN_EDITOR), signed_in(Role.DESK_REVIEWER)
    proposal_id = fill_in(organ, "雨水泵站登记表")
    hand_in(organ, proposal_id, "只收录雨水泵站，与已有条目不同。")
    chinese, english = (words(desk.get(f"{start}/desk/queue/{proposal_id}")) for start in ("", "/en"))
    for text in ("点位名称（类型：字符型、长度：100）", "涉及个人信息 否", "更新周期 每月"):
        assert text in chinese
    for text in ("(Type: Character, Length: 100)", "Personal information No", "Update cycle Monthly", "307 Provinces"):
        assert text in english


def test_what_is_decided_shows_by_whom_and_is_not_decided_again(
    staffed: Container, signed_in: Callable[[Role], FlaskClient]
) -> None:
    organ, first, second = (
        signed_in(role) for role in (Role.ORGAN_EDITOR, Role.DESK_REVIEWER, Role.DESK_ADMINISTRATOR)
    )
    editor = staffed.accounts.by_name(NAMES[Role.ORGAN_EDITOR])
    proposal_id = str(complete(staffed, editor, "排涝闸门登记表").id)
    hand_in(organ, proposal_id, OTHERS)
    path = f"/desk/queue/{proposal_id}"
    opened = {"csrf_token": form_token(second, path), "version": _version(second, path)}
    assert decide(first, proposal_id, approve="1") == "/desk/queue?done=approved"
    person = staffed.accounts.by_name(NAMES[Role.DESK_REVIEWER]).person
    for act in ({"approve": "1"}, {"return": "1", "reason": "重复"}):
        late = second.post(path, data={**opened, **act})
        told = words(late)
        assert late.status_code == 409
        assert "您刚才的决定没有记录" in told
        assert f"由{person}于" in told.replace(" ", "")
    shown = second.get(path)
    assert shown.status_code == 200
    assert "已通过" in words(shown)
    assert 'name="approve"' not in shown.get_data(as_text=True)
    assert "改前" not in words(shown)
    code = staffed.registration.read(editor, ProposalId(UUID(proposal_id)), EDU).code
    assert f'href="/entries/{code}"' in shown.get_data(as_text=True)
    check = f"/workspace/proposals/{proposal_id}/check"
    own = organ.get(check)
    assert "报送审核" not in words(own)
    assert f'href="/entries/{code}"' in own.get_data(as_text=True)
    assert organ.get(f"/workspace/proposals/{proposal_id}/what").location == check


def test_what_is_returned_or_given_up_says_so(signed_in: Callable[[Role], FlaskClient]) -> None:
    organ, desk = signed_in(Role.ORGAN_EDITOR), signed_in(Role.DESK_REVIEWER)
    proposal_id = fill_in(organ, "检查井盖登记表")
    path = f"/desk/queue/{proposal_id}"
    assert "没有报送" in words(desk.get(path))
    hand_in(organ, proposal_id, OTHERS)
    assert "要改请先在工作台撤回报送" in words(organ.get(f"/workspace/proposals/{proposal_id}/check"))
    decide(desk, proposal_id, reason="请补充所属区", **{"return": "1"})
    told = words(desk.get(path))
    assert "退回理由：请补充所属区" in told
    assert "决定。" in told
    assert send(organ, f"/workspace/proposals/{proposal_id}/discard", shown_on="/workspace").status_code == 303
    assert "已放弃" in words(desk.get(path))
    assert "报送审核" not in words(organ.get(f"/workspace/proposals/{proposal_id}/check"))


def test_nobody_is_asked_why_the_entry_of_another_organ_shall_go(
    staffed: Container, signed_in: Callable[[Role], FlaskClient]
) -> None:
    organ = signed_in(Role.ORGAN_EDITOR)
    found = staffed.catalogue.entries(EntryFilter(), DESK)
    codes = {card.entry.organ_id == "edu": card.entry.code for card in found.cards if card.entry.source_id is None}
    assert organ.get(f"/workspace/entries/{codes[True]}/withdraw").status_code == 200
    assert organ.get(f"/workspace/entries/{codes[False]}/withdraw").status_code == 403
    sent = send(organ, f"/workspace/entries/{codes[False]}/withdraw", shown_on="/workspace", reason="重复")
    assert sent.status_code == 403


def _version(client: FlaskClient, path: str) -> str:
    return client.get(path).get_data(as_text=True).partition('name="version" value="')[2].partition('"')[0]
