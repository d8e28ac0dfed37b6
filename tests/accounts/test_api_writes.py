"""Programs register, change and withdraw entries by the API, and nothing of anybody is overwritten in silence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from catalogue_app.container import Container
from catalogue_app.domain.account import Role, Scope
from catalogue_app.web.app import create_app
from tests.accounts.people import send
from tests.accounts.test_merging import changed_by_desk
from tests.accounts.test_tokens import a_token, bearer
from tests.api.written import a_written
from tests.living import open_catalogue

STATEMENT = {"statement": "与已有条目的范围和用途都不同。"}


class Program:
    """A program with a token of its own."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self.client = client
        self.headers = bearer(token)

    def send(self, method: str, path: str, body: object = None, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        kind = {"content_type": "application/merge-patch+json"} if method == "PATCH" else {}
        return self.client.open(f"/api/v1{path}", method=method, json=body, headers=self.headers | named, **kind)  # type: ignore[arg-type]  # of the client's own

    def started(self, title: str, **rest: Any) -> dict[str, Any]:
        answer = self.send("POST", "/proposals", {"metadata": a_written(title, **rest)})
        assert answer.status_code == 201, answer.get_data(as_text=True)
        return dict(answer.get_json())

    def published(self, desk: "Program", title: str) -> str:
        handed = self.over(self.started(title), "POST", "/submit", STATEMENT).get_json()
        return str(desk.over(handed, "POST", "/approve").get_json()["entry"])

    def over(self, seen: dict[str, Any], method: str, act: str = "", body: object = None) -> TestResponse:
        return self.send(method, f"/proposals/{seen['id']}{act}", body, If_Match=f'"v{seen["version"]}"')


@pytest.fixture
def organ(staffed: Container, browser: FlaskClient) -> Program:
    return Program(browser, a_token(staffed, Role.ORGAN_EDITOR, Scope.ENTRIES))


@pytest.fixture
def desk(staffed: Container, browser: FlaskClient) -> Program:
    return Program(browser, a_token(staffed, Role.DESK_REVIEWER, Scope.REVIEW))


def test_a_program_takes_an_entry_all_the_way(organ: Program, desk: Program, staffed: Container) -> None:
    made = organ.send("POST", "/proposals", {"metadata": a_written("泵站运行记录"), "tier": "portal"})
    draft = made.get_json()
    assert (made.status_code, made.headers["Location"]) == (201, f"/api/v1/proposals/{draft['id']}")
    assert made.headers["ETag"].endswith('"v1"')
    assert (draft["state"], draft["violations"], draft["entry"]) == ("draft", [], None)
    handed = organ.over(draft, "POST", "/submit", STATEMENT).get_json()
    assert [one["id"] for one in desk.send("GET", "/proposals?state=submitted").get_json()["items"]][-1] == draft["id"]
    back = desk.over(handed, "POST", "/return", {"reason": "请补充关键词"}).get_json()
    assert (back["state"], back["reason"]) == ("returned", "请补充关键词")
    mended = organ.over(back, "PATCH", "", {"metadata": {"keywords": ["泵站"]}}).get_json()
    assert mended["metadata"]["keywords"] == ["泵站"]
    assert mended["metadata"]["title"] == {"zh": "泵站运行记录"}
    again = organ.over(mended, "POST", "/submit", STATEMENT).get_json()
    approved = desk.over(again, "POST", "/approve").get_json()
    entry = organ.send("GET", f"/entries/{approved['entry']}").get_json()
    assert entry["metadata"]["keywords"] == ["泵站"]
    change = organ.send("POST", f"/entries/{entry['code']}/change").get_json()
    assert (change["kind"], change["entry"]) == ("change", entry["code"])
    discarded = organ.over(change, "POST", "/discard").get_json()
    assert discarded["state"] == "discarded"
    going = organ.send("POST", f"/entries/{entry['code']}/withdrawal", {"reason": "已并入排水设施名录"}).get_json()
    assert desk.over(going, "POST", "/approve").status_code == 200
    assert organ.send("GET", f"/entries/{entry['code']}").status_code == 410
    assert staffed.audit.verify().broken_at is None


def test_what_is_written_anew_says_nothing_of_before(organ: Program) -> None:
    draft = organ.started("河长名单", keywords=["河长"])
    sent = {name: value for name, value in draft["metadata"].items() if name != "keywords"}
    kept = organ.over(draft, "PUT", "", {"metadata": sent}).get_json()
    assert "keywords" not in kept["metadata"]
    assert kept["metadata"]["provider_name"] == draft["metadata"]["provider_name"]
    assert kept["version"] == 2


def test_a_change_over_an_older_version_is_answered_with_the_present_one(organ: Program, desk: Program) -> None:
    draft = organ.started("水闸名录")
    organ.over(draft, "PATCH", "", {"metadata": {"keywords": ["先到"]}})
    for method, act, body in (
        ("PATCH", "", {"metadata": {"keywords": ["后到"]}}),
        ("PUT", "", {"metadata": a_written("后到")}),
        ("POST", "/submit", STATEMENT),
        ("POST", "/discard", None),
    ):
        answer = organ.over(draft, method, act, body)
        problem = answer.get_json()
        assert (answer.status_code, answer.content_type) == (412, "application/problem+json")
        assert (problem["code"], problem["present"]["version"]) == ("proposal_changed_meanwhile", 2)
        assert problem["present"]["metadata"]["keywords"] == ["先到"]
    present = organ.send("GET", f"/proposals/{draft['id']}").get_json()
    handed = organ.over(present, "POST", "/submit", STATEMENT).get_json()
    assert desk.over(present, "POST", "/approve").status_code == 412
    moved_on = organ.over(handed, "PATCH", "", {"metadata": {"keywords": ["晚了"]}})
    assert (moved_on.status_code, moved_on.get_json()["code"]) == (409, "proposal_moved_on")


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [("", 428, "version_missing"), ("*", 428, "version_missing"), ("nonsense", 412, "version_unknown")],
)
def test_a_change_says_what_it_is_made_over(organ: Program, sent: str, status: int, code: str) -> None:
    draft = organ.started("堤防名录")
    headers = {"If_Match": sent} if sent else {}
    answer = organ.send("PATCH", f"/proposals/{draft['id']}", {"metadata": {"keywords": ["x"]}}, **headers)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    weak = organ.send("PATCH", f"/proposals/{draft['id']}", {"tier": "portal"}, If_Match='W/"v1"')
    assert weak.status_code == 200


@pytest.mark.parametrize(
    ("metadata", "member", "code", "allowed"),
    [
        ({"state": "published"}, "#/metadata/state", "unknown_member", "title"),
        ({"resource_code": "307/000001"}, "#/metadata/resource_code", "unknown_member", "title"),
        ({"provider_uscc": "x"}, "#/metadata/provider_uscc", "unknown_member", "title"),
        ({"title": "泵站"}, "#/metadata/title", "wrong_type", None),
        ({"title": {"zh": " "}}, "#/metadata/title", "missing", None),
        ({"title": {"../x": "泵站"}}, "#/metadata/title/..~1x", "not_a_language", None),
        ({"keywords": [1]}, "#/metadata/keywords/0", "wrong_type", None),
        ({"keywords": ["a"] * 201}, "#/metadata/keywords", "too_many", None),
        ({"update_cycle": "hourly"}, "#/metadata/update_cycle", "unknown_value", "monthly"),
        ({"items": [{"name": "a", "sharing_type": "x"}]}, "#/metadata/items/0/sharing_type", "unknown_value", "none"),
        ({"items": [{"name": "a", "secret": 1}]}, "#/metadata/items/0/secret", "unknown_member", "data_type"),
        ({"issued_on": "昨天"}, "#/metadata/issued_on", "not_a_date", None),
        ({"online_urls": ["javascript:alert(1)"]}, "#/metadata/online_urls/0", "unsafe_url", None),
        ({"distributions": [{"url": " JaVaScRiPt:x"}]}, "#/metadata/distributions/0/url", "unsafe_url", None),
        ({"abstract": {"zh": "长" * 5_001}}, "#/metadata/abstract/zh", "too_long", None),
        ({"record_count": -1}, "#/metadata/record_count", "out_of_range", None),
        ({"record_count": 1.5}, "#/metadata/record_count", "wrong_type", None),
        ({"personal_information": "yes"}, "#/metadata/personal_information", "wrong_type", None),
        ({"contact": None}, "#/metadata/contact", "wrong_type", None),
    ],
)
def test_a_member_that_will_not_do_is_named(
    organ: Program, metadata: dict[str, Any], member: str, code: str, allowed: str | None
) -> None:
    answer = organ.send("POST", "/proposals?lang=en", {"metadata": a_written("窨井名录", **metadata)})
    problem = answer.get_json()
    assert (answer.status_code, problem["code"]) == (422, "invalid_body")
    (flaw,) = problem["errors"]
    assert (flaw["parameter"], flaw["code"]) == (member, code)
    assert member in flaw["detail"]
    assert allowed is None or allowed in flaw["allowed"]


@pytest.mark.parametrize("member", ["state", "organ", "version", "submitted_by", "id", "entry", "authors"])
def test_nobody_sets_what_is_not_theirs_to_set(organ: Program, member: str) -> None:
    answer = organ.send("POST", "/proposals", {"metadata": a_written("护栏名录"), member: "civil"})
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["parameter"] == f"#/{member}"


def test_what_the_catalogue_says_itself_may_come_back_and_not_be_changed(organ: Program) -> None:
    draft = organ.started("桥梁名录")
    same = organ.over(draft, "PUT", "", {"metadata": draft["metadata"]})
    assert same.status_code == 200
    forged = draft["metadata"] | {"provider_name": "别的机关"}
    answer = organ.over(same.get_json(), "PUT", "", {"metadata": forged})
    assert answer.get_json()["errors"][0]["code"] == "read_only"


@pytest.mark.parametrize(
    ("sent", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'"x"', "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"metadata=x", "application/x-www-form-urlencoded", 415),
        (b"{}", "text/plain", 415),
        (b"", "application/json", 422),
    ],
)
def test_what_is_no_json_object_is_refused(organ: Program, sent: bytes, kind: str, status: int) -> None:
    answer = organ.client.post("/api/v1/proposals", data=sent, content_type=kind, headers=organ.headers)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def test_handing_in_says_what_departs_from_the_profile_and_how_to_mend_it(organ: Program) -> None:
    draft = organ.send("POST", "/proposals", {"metadata": {"title": {"zh": "半成品"}}}).get_json()
    answer = organ.send(
        "POST", f"/proposals/{draft['id']}/submit?lang=en", STATEMENT, If_Match=f'"v{draft["version"]}"'
    )
    problem = answer.get_json()
    assert (answer.status_code, problem["code"]) == (422, "proposal_has_violations")
    assert "abstract" in {one["element"] for one in problem["violations"]}
    assert all(one["message"] and one["mend"] for one in problem["violations"])
    assert "departs from the profile" in problem["detail"]


def test_the_same_request_again_begins_nothing_new(organ: Program, staffed: Container) -> None:
    body, key = {"metadata": a_written("路灯名录")}, "0f3c9a7e-route-lamps"
    first = organ.send("POST", "/proposals", body, Idempotency_Key=key).get_json()
    again = organ.send("POST", "/proposals", body, Idempotency_Key=key)
    assert (again.status_code, again.get_json()) == (201, first)
    assert len(list(staffed.audit.backwards(f"proposal:{first['id']}"))) == 1
    other = Program(organ.client, a_token(staffed, Role.ORGAN_APPROVER, Scope.ENTRIES))
    assert other.send("POST", "/proposals", body, Idempotency_Key=key).get_json()["id"] != first["id"]
    refused = organ.send("POST", "/proposals", body, Idempotency_Key="短")
    assert refused.status_code == 422


def test_a_token_may_not_more_than_its_scopes(staffed: Container, browser: FlaskClient, organ: Program) -> None:
    reads = Program(browser, a_token(staffed, Role.ORGAN_EDITOR))
    assert reads.send("POST", "/proposals", {"metadata": a_written()}).status_code == 403
    draft = organ.started("座椅名录")
    both = Program(browser, a_token(staffed, Role.ORGAN_EDITOR, Scope.ENTRIES, Scope.REVIEW))
    assert both.over(draft, "POST", "/approve").status_code == 403
    assert browser.get("/api/v1/proposals").status_code == 401


def test_a_cookie_changes_nothing_by_the_api(signed_in: Callable[[Role], FlaskClient]) -> None:
    client = signed_in(Role.ORGAN_EDITOR)
    assert client.get("/api/v1/proposals").status_code == 200
    answer = client.post("/api/v1/proposals", json={"metadata": a_written()})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_changes_by_the_api_are_limited(staffed_dir: Path) -> None:
    app = create_app(open_catalogue(staffed_dir, web_write_limit="2 per minute"))
    container = app.extensions["catalogue"]
    program = Program(app.test_client(), a_token(container, Role.ORGAN_EDITOR, Scope.ENTRIES))
    answers = [program.send("POST", "/proposals", {"metadata": {}}) for _ in range(3)]
    assert [one.status_code for one in answers] == [422, 422, 429]
    assert answers[2].get_json()["code"] == "too_often"
    assert answers[2].headers["Retry-After"]


def test_a_page_shows_what_a_program_began(organ: Program, signed_in: Callable[[Role], FlaskClient]) -> None:
    draft = organ.started("井盖<script>名录")
    client = signed_in(Role.ORGAN_EDITOR)
    page = client.get(draft["links"]["page"]).get_data(as_text=True)
    assert "井盖&lt;script&gt;名录" in page
    assert send(client, f"/workspace/proposals/{draft['id']}/discard", shown_on="/workspace").status_code == 303


def test_what_waits_for_the_desk_is_taken_back_and_handed_in_again(organ: Program, desk: Program) -> None:
    code = organ.published(desk, "闸门名录")
    change = organ.send("POST", f"/entries/{code}/change").get_json()
    handed = organ.over(change, "POST", "/submit", STATEMENT).get_json()
    assert organ.over(change, "POST", "/take-back").status_code == 412
    back = organ.over(handed, "POST", "/take-back").get_json()
    assert (back["state"], back["submitted_at"], back["statement"]) == ("draft", None, STATEMENT["statement"])
    assert desk.over(handed, "POST", "/approve").status_code == 412
    assert desk.over(back, "POST", "/approve").status_code == 409
    assert organ.over(back, "POST", "/take-back").get_json()["code"] == "proposal_moved_on"
    assert organ.send("GET", f"/entries/{code}").get_json()["state"] == "published"
    mended = organ.over(back, "PATCH", "", {"metadata": {"keywords": ["闸门"]}}).get_json()
    again = organ.over(mended, "POST", "/submit", STATEMENT).get_json()
    assert desk.over(again, "POST", "/approve").status_code == 200
    assert organ.send("GET", f"/entries/{code}").get_json()["metadata"]["keywords"] == ["闸门"]


def test_a_program_brings_a_change_onto_its_entry_as_it_stands(
    organ: Program, desk: Program, staffed: Container
) -> None:
    code = organ.published(desk, "涵洞名录")
    begun = organ.send("POST", f"/entries/{code}/change").get_json()
    assert organ.send("GET", f"/proposals/{begun['id']}/merge").get_json()["needed"] is False
    mine = organ.over(begun, "PATCH", "", {"metadata": {"keywords": ["涵洞"]}}).get_json()
    changed_by_desk(staffed, code)
    refused = organ.over(mine, "POST", "/submit", STATEMENT)
    assert (refused.status_code, refused.get_json()["code"]) == (412, "entry_changed_meanwhile")
    shown = organ.send("GET", f"/proposals/{mine['id']}/merge").get_json()
    assert {one["element"]: one["advised"] for one in shown["differences"]} == {"keywords": "mine", "licence": "theirs"}
    half = organ.over(mine, "POST", "/merge", {"revision": shown["revision"], "choices": {"keywords": "mine"}})
    assert (half.status_code, half.get_json()["errors"][0]["parameter"]) == (422, "#/choices/licence")
    whole = {"revision": shown["revision"], "choices": {"keywords": "mine", "licence": "theirs"}}
    changed_by_desk(staffed, code, "另一许可")
    late = organ.over(mine, "POST", "/merge", whole)
    assert (late.status_code, late.get_json()["code"]) == (412, "entry_changed_meanwhile")
    anew = organ.send("GET", f"/proposals/{mine['id']}/merge").get_json()
    merged = organ.over(mine, "POST", "/merge", whole | {"revision": anew["revision"]}).get_json()
    assert (merged["metadata"]["licence"], merged["metadata"]["keywords"]) == ("另一许可", ["涵洞"])
    assert organ.over(mine, "POST", "/merge", whole | {"revision": anew["revision"]}).status_code == 412
    assert organ.over(merged, "POST", "/submit", STATEMENT).status_code == 200


@pytest.mark.parametrize(
    ("body", "member", "code"),
    [
        ({"choices": {}}, "#/revision", "missing"),
        ({"revision": 1}, "#/choices", "missing"),
        ({"revision": 1, "choices": {"state": "mine"}}, "#/choices/state", "unknown_member"),
        ({"revision": 1, "choices": {"title": "yours"}}, "#/choices/title", "unknown_value"),
        ({"revision": 1, "choices": {}, "tier": "portal"}, "#/tier", "unknown_member"),
    ],
)
def test_choices_that_will_not_do_are_named(organ: Program, body: dict[str, Any], member: str, code: str) -> None:
    answer = organ.over({"id": "01a21456-0000-7000-8000-000000000000", "version": 1}, "POST", "/merge", body)
    (flaw,) = answer.get_json()["errors"]
    assert (answer.status_code, flaw["parameter"], flaw["code"]) == (422, member, code)


def test_no_program_of_the_desk_or_without_a_token_sees_how_an_organ_chooses(
    organ: Program, desk: Program, browser: FlaskClient
) -> None:
    draft = organ.started("倒虹吸名录")
    assert browser.get(f"/api/v1/proposals/{draft['id']}/merge").status_code == 401
    assert desk.send("GET", f"/proposals/{draft['id']}/merge").status_code == 403
    assert organ.send("GET", f"/proposals/{draft['id']}/merge").status_code == 409
