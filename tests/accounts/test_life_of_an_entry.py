"""The life of an entry: registered, returned, published, changed and withdrawn, each by who may, nothing lost."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from catalogue_app.container import Container
from catalogue_app.domain.account import Account, Role
from catalogue_app.domain.errors import AboveCeiling, Conflict, InvalidInput, NotAllowed, NotFound
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.metadata import Classification, Contact, EntryMetadata, Item, SharingMethod
from catalogue_app.domain.proposal import Proposal, ProposalId, ProposalState
from catalogue_app.domain.text import LocalizedText
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import FormatClass, OpenType, SharingType, Tier, UpdateCycle
from catalogue_app.services.accounts import NewAccount
from tests.accounts.people import NAMES, PASSWORD, fill, form_token, send, sign_in
from tests.accounts.registered import FORMS
from tests.api.small_catalogue import INNER
from tests.builders import a_metadata

EDU = Audience(tier=Tier.EXTRANET, organs=frozenset({OrganId("edu")}))
DESK = Audience(tier=Tier.EXTRANET, supervises=True)
PROPOSAL = re.compile(r"/workspace/proposals/([0-9a-f-]{36})/")


@pytest.fixture
def editor(staffed: Container) -> Account:
    return staffed.accounts.by_name(NAMES[Role.ORGAN_EDITOR])


@pytest.fixture
def reviewer(staffed: Container) -> Account:
    return staffed.accounts.by_name(NAMES[Role.DESK_REVIEWER])


def fill_in(client: FlaskClient, title: str, prefix: str = "") -> str:
    """Register an entry by its forms, up to the last step; returns the id of the proposal."""
    forms = {**FORMS, "what": {**FORMS["what"], "title": title}}
    path = f"{prefix}/workspace/entries/new"
    answer = client.post(path, data={"csrf_token": form_token(client, path), **forms["what"]})
    for step in ("items", "sharing", "access"):
        assert answer.status_code == 303, answer.get_data(as_text=True)
        assert answer.location.endswith(f"/{step}")
        page = client.get(answer.location).get_data(as_text=True)
        version = page.partition('name="version" value="')[2].partition('"')[0]
        answer = fill(client, answer.location, {"version": version, **forms[step]})
    found = PROPOSAL.search(answer.location)
    assert found is not None
    return found[1]


def hand_in(client: FlaskClient, proposal_id: str, statement: str = "") -> None:
    path = f"/workspace/proposals/{proposal_id}/check"
    version = client.get(path).get_data(as_text=True).partition('name="version" value="')[2].partition('"')[0]
    answer = send(client, path, version=version, statement=statement)
    assert (answer.status_code, answer.location) == (303, "/workspace?done=submitted")


def decide(client: FlaskClient, proposal_id: str, **fields: object) -> str:
    path = f"/desk/queue/{proposal_id}"
    version = client.get(path).get_data(as_text=True).partition('name="version" value="')[2].partition('"')[0]
    answer = fill(client, path, {"version": version, **fields})
    return answer.location if answer.status_code == 303 else answer.get_data(as_text=True)


def test_an_entry_is_registered_returned_mended_approved_and_then_public(
    staffed: Container, signed_in: Callable[[Role], FlaskClient], browser: FlaskClient
) -> None:
    organ, desk = signed_in(Role.ORGAN_EDITOR), signed_in(Role.DESK_REVIEWER)
    proposal_id = fill_in(organ, "城市道路积水点位登记表")
    assert "城市道路积水点位登记表" not in desk.get("/desk/queue").get_data(as_text=True)
    hand_in(organ, proposal_id)
    assert "城市道路积水点位登记表" in desk.get("/desk/queue").get_data(as_text=True)
    assert "没有填写理由" in decide(desk, proposal_id, **{"return": "1"})
    assert decide(desk, proposal_id, reason="请补充所属区", **{"return": "1"}) == "/desk/queue?done=returned"
    assert "请补充所属区" in organ.get("/workspace").get_data(as_text=True)
    hand_in(organ, proposal_id)
    assert decide(desk, proposal_id, approve="1") == "/desk/queue?done=approved"
    staffed.index_feed.drain()
    found = browser.get("/api/v1/entries?q=城市道路积水点位登记表").get_json()["items"]
    assert [one["title"] for one in found] == ["城市道路积水点位登记表"]
    entry = browser.get(f"/api/v1/entries/{found[0]['code']}").get_json()
    serial = int(entry["code"].removeprefix("TJ"))
    assert serial > 40
    assert entry["metadata"]["resource_code"] == f"307/{serial:06d}"
    assert "机关登记，主管部门审核通过" in browser.get(f"/entries/{entry['code']}/history").get_data(as_text=True)
    told = [line.event.action for line in staffed.audit.backwards(f"proposal:{proposal_id}")]
    assert told[0] == "proposal_approved"
    assert told.count("proposal_submitted") == 2
    assert staffed.audit.verify().broken_at is None


def test_a_change_leaves_what_is_published_until_it_is_approved(
    staffed: Container, editor: Account, reviewer: Account, browser: FlaskClient
) -> None:
    code = published(staffed, editor, reviewer, "河道水位观测站名录")
    proposal = staffed.registration.change(editor, code, EDU)
    changed = replace(proposal.metadata, title=LocalizedText.of("河道水位与流量观测站名录"))
    kept = staffed.registration.save(editor, proposal.id, changed, proposal.tier, version=1, audience=EDU)
    handed = staffed.registration.submit(
        editor, kept.id, "只改了名称，内容范围不变。", version=kept.version, audience=EDU
    )
    shown = browser.get(f"/entries/{code}").get_data(as_text=True)
    assert "河道水位观测站名录" in shown
    assert "与流量" not in shown
    case = staffed.review.case(handed.id, DESK)
    assert [change.element for change in case.changes] == ["title"]
    staffed.review.approve(reviewer, handed.id, version=handed.version, audience=DESK)
    assert "河道水位与流量观测站名录" in browser.get(f"/entries/{code}").get_data(as_text=True)


def test_a_withdrawal_needs_a_reason_and_a_review_and_the_code_stays_gone(
    staffed: Container, editor: Account, reviewer: Account, browser: FlaskClient
) -> None:
    code = published(staffed, editor, reviewer, "临时避险点清单")
    with pytest.raises(InvalidInput, match="reason_missing"):
        staffed.registration.withdraw(editor, code, "  ", EDU)
    first = staffed.registration.withdraw(editor, code, "已并入应急避难场所名录", EDU)
    with pytest.raises(Conflict, match="proposal_pending"):
        staffed.registration.change(editor, code, EDU)
    back = staffed.review.give_back(reviewer, first.id, "请先公告", version=first.version, audience=DESK)
    assert browser.get(f"/entries/{code}").status_code == 200
    assert back.state is ProposalState.RETURNED
    again = staffed.registration.withdraw(editor, code, "已公告，已并入应急避难场所名录", EDU)
    staffed.review.approve(reviewer, again.id, version=again.version, audience=DESK)
    assert browser.get(f"/entries/{code}").status_code == 410
    assert published(staffed, editor, reviewer, "临时安置点清单") != code


def test_what_was_handed_in_too_early_is_taken_back_on_the_page(
    staffed: Container, signed_in: Callable[[Role], FlaskClient], editor: Account
) -> None:
    organ, desk = signed_in(Role.ORGAN_EDITOR), signed_in(Role.DESK_REVIEWER)
    proposal_id = fill_in(organ, "雨水口登记表")
    hand_in(organ, proposal_id, "范围和用途都与已有条目不同。")
    path = f"/workspace/proposals/{proposal_id}/take-back"
    assert path in organ.get("/workspace").get_data(as_text=True)
    version = staffed.registration.read(editor, ProposalId(UUID(proposal_id)), EDU).version
    assert send(organ, path, shown_on="/workspace", version=version - 1).status_code == 409
    back = send(organ, path, shown_on="/workspace", version=version)
    assert (back.status_code, back.location) == (303, "/workspace?done=taken_back")
    assert "已撤回" in organ.get(back.location).get_data(as_text=True)
    assert "雨水口登记表" not in desk.get("/desk/queue").get_data(as_text=True)
    hand_in(organ, proposal_id, "范围和用途都与已有条目不同。")
    assert decide(desk, proposal_id, approve="1") == "/desk/queue?done=approved"
    assert send(organ, path, shown_on="/workspace", version=version + 3).status_code == 409


def test_what_exists_already_is_shown_and_a_statement_is_demanded(
    staffed: Container, signed_in: Callable[[Role], FlaskClient]
) -> None:
    organ = signed_in(Role.ORGAN_EDITOR)
    staffed.index_feed.drain()
    proposal_id = fill_in(organ, "天津市第7幼儿园名录")
    path = f"/workspace/proposals/{proposal_id}/check"
    page = organ.get(path).get_data(as_text=True)
    assert "TJ00000007" in page
    version = page.partition('name="version" value="')[2].partition('"')[0]
    refused = send(organ, path, version=version, statement="不同")
    assert refused.status_code == 422
    assert "须说明为何不重复" in refused.get_data(as_text=True)
    hand_in(organ, proposal_id, "本表只收录附属幼儿园，范围不同。")


def test_what_the_network_must_not_know_is_no_duplicate(staffed: Container, editor: Account) -> None:
    staffed.index_feed.drain()
    by_portal = replace(EDU, tier=Tier.PORTAL)
    proposal = staffed.registration.start(editor, a_metadata(INNER), Tier.PORTAL, by_portal)
    assert staffed.registration.judge(editor, proposal.id, by_portal).similar == ()
    assert staffed.registration.judge(editor, proposal.id, EDU).similar


def test_a_proposal_of_a_higher_tier_is_hidden_from_the_network_below(staffed: Container, editor: Account) -> None:
    proposal = staffed.registration.start(editor, a_metadata("内部通讯录"), Tier.EXTRANET, EDU)
    for audience in (replace(EDU, tier=Tier.PORTAL), replace(DESK, tier=Tier.PORTAL)):
        with pytest.raises(NotFound):
            staffed.registration.read(editor, proposal.id, audience)
        assert proposal.id not in {one.id for one in staffed.registration.open_proposals(audience)}
    with pytest.raises(InvalidInput, match="tier_above_network"):
        staffed.registration.start(editor, a_metadata(), Tier.EXTRANET, replace(EDU, tier=Tier.PORTAL))
    with pytest.raises(AboveCeiling):
        staffed.registration.start(editor, a_metadata(), Tier.INTRANET, replace(EDU, tier=Tier.INTRANET))


def test_no_organ_reaches_into_another(staffed: Container, editor: Account) -> None:
    told = NewAccount(name="civil.editor", role=Role.ORGAN_EDITOR, organ="civil", person="民政编目员")
    stranger, _ = staffed.accounts.create(told, password=PASSWORD, actor="test")
    theirs = replace(EDU, organs=frozenset({OrganId("civil")}))
    proposal = staffed.registration.start(editor, a_metadata("教师花名册"), Tier.PORTAL, EDU)
    with pytest.raises(NotFound):
        staffed.registration.read(stranger, proposal.id, theirs)
    with pytest.raises(NotAllowed):
        staffed.registration.read(stranger, proposal.id, EDU)
    with pytest.raises(NotAllowed):
        staffed.registration.change(stranger, "TJ00000001", EDU)


def test_fifty_editors_at_once_lose_nothing_in_silence(staffed: Container, editor: Account) -> None:
    proposal = staffed.registration.start(editor, a_metadata("并发登记"), Tier.PORTAL, EDU)

    def edit(number: int) -> bool:
        seen = staffed.registration.read(editor, proposal.id, EDU)
        said = replace(seen.metadata, keywords=(*seen.metadata.keywords, f"k{number}"))
        try:
            staffed.registration.save(editor, proposal.id, said, Tier.PORTAL, version=seen.version, audience=EDU)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        kept = [number for number, was_kept in enumerate(pool.map(edit, range(50))) if was_kept]
    after = staffed.registration.read(editor, proposal.id, EDU)
    assert after.version == 1 + len(kept)
    assert set(after.metadata.keywords) == {f"k{number}" for number in kept}


def test_a_form_filled_in_over_an_older_version_keeps_what_was_saved_meanwhile(
    signed_in: Callable[[Role], FlaskClient],
) -> None:
    organ = signed_in(Role.ORGAN_EDITOR)
    proposal_id = fill_in(organ, "校车线路登记表")
    path = f"/workspace/proposals/{proposal_id}/what"
    answer = fill(organ, path, {"version": 1, **FORMS["what"], "title": "旧稿"})
    assert answer.status_code == 409
    assert "somebody" not in answer.get_data(as_text=True)
    assert "他人保存了同一份内容" in answer.get_data(as_text=True)
    assert "旧稿" not in organ.get(f"/workspace/proposals/{proposal_id}/check").get_data(as_text=True)


def test_a_form_is_kept_while_it_is_filled_in(signed_in: Callable[[Role], FlaskClient]) -> None:
    organ = signed_in(Role.ORGAN_EDITOR)
    proposal_id = fill_in(organ, "校园书目登记表")
    path = f"/workspace/proposals/{proposal_id}/access"
    page = organ.get(path).get_data(as_text=True)
    version = page.partition('name="version" value="')[2].partition('"')[0]
    half = {"version": version, "update_cycle": "yearly", "issued_on": "not a day", "autosave": "1"}
    kept = fill(organ, path, half)
    assert kept.get_json() == {"saved": True, "version": int(version) + 1}
    late = fill(organ, path, half)
    assert (late.status_code, late.get_json()["saved"]) == (409, False)
    page = organ.get(path).get_data(as_text=True)
    assert re.search(r'value="yearly" selected', page)


def test_what_is_wrong_stands_beside_its_field_in_words(signed_in: Callable[[Role], FlaskClient]) -> None:
    organ = signed_in(Role.ORGAN_EDITOR)
    for prefix, told in (("", "信息资源摘要：过短"), ("/en", "Abstract: too short")):
        path = f"{prefix}/workspace/entries/new"
        wrong = {**FORMS["what"], "title": "路灯编号表", "abstract": "路灯"}
        answer = fill(organ, path, wrong)
        assert answer.status_code == 422
        text = answer.get_data(as_text=True)
        assert told in text
        assert 'href="#abstract"' in text
        assert 'aria-describedby="abstract-hint abstract-flaw1" aria-invalid="true"' in text


@pytest.mark.parametrize("step", ["what", "items", "sharing", "access"])
def test_no_field_brings_markup_onto_a_page(
    staffed: Container, signed_in: Callable[[Role], FlaskClient], step: str
) -> None:
    organ, desk = signed_in(Role.ORGAN_EDITOR), signed_in(Role.DESK_REVIEWER)
    proposal_id = fill_in(organ, f"市政设施{step}登记表")
    evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    page = organ.get(f"/workspace/proposals/{proposal_id}/{step}").get_data(as_text=True)
    version = page.partition('name="version" value="')[2].partition('"')[0]
    forged = {name: value if name in CHOSEN else evil for name, value in FORMS[step].items()}
    extra = {
        "title_en": evil,
        "contact_name": evil,
        "format_note": evil,
        "online_url": f"javascript:{evil}",
        "state": "approved",
    }
    fill(organ, f"/workspace/proposals/{proposal_id}/{step}", {"version": version, "later": "1", **extra, **forged})
    shown = [f"/workspace/proposals/{proposal_id}/{name}" for name in (*FORMS, "check")]
    for client, path in [*((organ, path) for path in (*shown, "/workspace")), (desk, f"/desk/queue/{proposal_id}")]:
        text = client.get(path).get_data(as_text=True)
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert 'href="javascript' not in text
    kept = {one.id: one for one in staffed.registration.open_proposals(EDU)}
    assert {one.state for one in kept.values() if str(one.id) == proposal_id} == {ProposalState.DRAFT}


CHOSEN = {
    "theme",
    "classification",
    "format_type",
    "sharing_type",
    "sharing_method",
    "open_type",
    "update_cycle",
    "tier",
}


def published(staffed: Container, editor: Account, reviewer: Account, title: str) -> str:
    """Register an entry and have it approved; returns its code."""
    ready = complete(staffed, editor, title)
    handed = staffed.registration.submit(
        editor, ready.id, "与已有条目的范围和用途都不同。", version=ready.version, audience=EDU
    )
    code = staffed.review.approve(reviewer, handed.id, version=handed.version, audience=DESK).code
    assert code is not None
    staffed.index_feed.drain()
    return code


def complete(staffed: Container, editor: Account, title: str) -> Proposal:
    return staffed.registration.start(editor, whole_metadata(title), Tier.PORTAL, EDU)


def whole_metadata(title: str) -> EntryMetadata:
    return a_metadata(
        title,
        abstract=LocalizedText.of("收录名称、位置、管理单位和联系电话，供公众查询和部门调度使用。"),
        classification=Classification(lei="3", xiang="07"),
        themes=("T05",),
        format_class=FormatClass.SPREADSHEET,
        format_types=("xlsx",),
        items=(Item(name=f"{title}名称", data_type="C", length="100"),),
        sharing_type=SharingType.UNCONDITIONAL,
        sharing_methods=(SharingMethod(method="platform", type="file"),),
        open_type=OpenType.NONE,
        personal_information=False,
        update_cycle=UpdateCycle.MONTHLY,
        issued_on=date(2026, 1, 5),
        contact=Contact(telephone="022-23456789"),
    )


def test_the_desk_has_two_working_days(staffed: Container, editor: Account) -> None:
    ready = complete(staffed, editor, "节前报送的条目")
    handed = staffed.registration.submit(
        editor, ready.id, "与已有条目的范围和用途都不同。", version=ready.version, audience=EDU
    )
    assert staffed.review.working_days == 2
    before_holiday = replace(handed, submitted_at=staffed.clock().replace(2026, 9, 30, 2))
    assert before_holiday.due_on(staffed.reference.calendar, 2) == date(2026, 10, 9)
    waiting = {one.proposal.id: one for one in staffed.review.queue(DESK)}
    assert waiting[handed.id].due_on is not None


def test_nobody_decides_about_their_own(staffed: Container, editor: Account) -> None:
    ready = complete(staffed, editor, "自己报送的条目")
    handed = staffed.registration.submit(
        editor, ready.id, "与已有条目的范围和用途都不同。", version=ready.version, audience=EDU
    )
    both = replace(editor, role=Role.DESK_REVIEWER)
    with pytest.raises(NotAllowed, match="own_submission"):
        staffed.review.approve(both, handed.id, version=handed.version, audience=DESK)
    with pytest.raises(NotAllowed, match="own_submission"):
        staffed.review.give_back(both, handed.id, "不行", version=handed.version, audience=DESK)


def test_a_decision_over_an_older_version_is_refused(staffed: Container, editor: Account, reviewer: Account) -> None:
    ready = complete(staffed, editor, "重复审核的条目")
    handed = staffed.registration.submit(
        editor, ready.id, "与已有条目的范围和用途都不同。", version=ready.version, audience=EDU
    )
    with pytest.raises(Conflict):
        staffed.review.approve(reviewer, handed.id, version=ready.version, audience=DESK)
    staffed.review.approve(reviewer, handed.id, version=handed.version, audience=DESK)
    with pytest.raises(Conflict):
        staffed.review.approve(reviewer, handed.id, version=handed.version + 1, audience=DESK)
    with pytest.raises(Conflict):
        staffed.registration.discard(editor, handed.id, EDU)


def test_a_page_of_registering_is_reached_in_six_clicks(signed_in: Callable[[Role], FlaskClient]) -> None:
    organ = signed_in(Role.ORGAN_EDITOR)
    for start in ("/", "/workspace"):
        assert 'href="/workspace/entries/new"' in organ.get(start).get_data(as_text=True), start
    hand_in(organ, fill_in(organ, "六次点击登记的条目"))  # one to begin, four to go on, one to hand in


def test_one_who_signed_in_by_mistake_sees_nothing_of_the_desk(
    browser: FlaskClient,
) -> None:
    sign_in(browser, NAMES[Role.OPERATOR])
    for path in ("/workspace", "/desk/queue"):
        answer = browser.get(path)
        assert answer.status_code == 403
        assert "您的账号不能打开这里" in answer.get_data(as_text=True)
