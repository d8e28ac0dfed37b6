"""Two who change the same thing: each sees both, chooses by element, and fifty at once lose nothing in silence."""

import html
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from catalogue_app.container import Container
from catalogue_app.domain.account import Account, Role, Scope
from catalogue_app.domain.text import LocalizedText
from tests.accounts.people import NAMES, fill, form_token
from tests.accounts.registered import FORMS
from tests.accounts.test_life_of_an_entry import DESK, EDU, fill_in, published
from tests.accounts.test_tokens import a_token, bearer
from tests.builders import an_event

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
EDITORS = 50


def hidden(page: str) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in HIDDEN.findall(page)}


def overtaken(client: FlaskClient, other: FlaskClient, title: str) -> tuple[str, str]:
    """Let two editors open the same step, and the other one save first; returns its path and what the first gets."""
    proposal_id = fill_in(client, title)
    path = f"/workspace/proposals/{proposal_id}/what"
    mine, theirs = (hidden(each.get(path).get_data(as_text=True)) for each in (client, other))
    changed = {**FORMS["what"], "title": f"{title}（他人）", "abstract": "他人改写的摘要，说明内容、范围和用途。"}
    assert other.post(path, data={**theirs, **changed}).status_code == 303
    typed = {**FORMS["what"], "title": f"{title}（本人）", "theme": "T13"}
    answer = client.post(path, data={**mine, **typed})
    assert answer.status_code == 409
    return proposal_id, answer.get_data(as_text=True)


def test_who_was_overtaken_sees_three_columns_and_chooses(signed_in: Callable[[Role], FlaskClient]) -> None:
    client, other = signed_in(Role.ORGAN_EDITOR), signed_in(Role.ORGAN_APPROVER)
    proposal_id, page = overtaken(client, other, "公厕名录")
    for text in ("公厕名录（他人）", "公厕名录（本人）", "两份都改了", "原来"):
        assert text in page
    assert re.search(r'id="abstract-theirs"[^>]* checked', page)
    assert re.search(r'id="themes-mine"[^>]* checked', page)
    assert not re.search(r'id="title-(theirs|mine)"[^>]* checked', page)
    path = f"/workspace/proposals/{proposal_id}/merge"
    undecided = client.post(path, data=hidden(page) | {"choice.abstract": "theirs", "choice.themes": "mine"})
    assert undecided.status_code == 409
    assert "还有 1 项没有选择" in undecided.get_data(as_text=True)
    assert re.search(r'id="abstract-theirs"[^>]* checked', undecided.get_data(as_text=True))
    choices = {"choice.title": "mine", "choice.abstract": "theirs", "choice.themes": "mine"}
    kept = client.post(path, data=hidden(undecided.get_data(as_text=True)) | choices)
    assert (kept.status_code, kept.location) == (303, f"/workspace/proposals/{proposal_id}/check")
    shown = client.get(kept.location).get_data(as_text=True)
    assert "公厕名录（本人）" in shown
    assert "他人改写的摘要" in shown


def test_who_is_overtaken_again_while_choosing_chooses_again(signed_in: Callable[[Role], FlaskClient]) -> None:
    client, other = signed_in(Role.ORGAN_EDITOR), signed_in(Role.ORGAN_APPROVER)
    proposal_id, page = overtaken(client, other, "报刊亭名录")
    step = f"/workspace/proposals/{proposal_id}/what"
    newest = {**hidden(other.get(step).get_data(as_text=True)), **FORMS["what"], "title": "报刊亭名录（第三稿）"}
    assert other.post(step, data=newest).status_code == 303
    choices = {f"choice.{name}": "mine" for name in ("title", "abstract", "themes")}
    answer = client.post(f"/workspace/proposals/{proposal_id}/merge", data=hidden(page) | choices)
    assert answer.status_code == 409
    assert "报刊亭名录（第三稿）" in answer.get_data(as_text=True)
    assert "内容刚被他人保存" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "forged",
    ['{"title": {"zh": "x"}, "tier": "portal", "state": "approved"}', '{"tier": "portal"}', "[]", "{", '{"tier": 1}'],
)
def test_what_comes_back_is_read_like_what_is_typed(signed_in: Callable[[Role], FlaskClient], forged: str) -> None:
    client, other = signed_in(Role.ORGAN_EDITOR), signed_in(Role.ORGAN_APPROVER)
    proposal_id, page = overtaken(client, other, "邮筒名录")
    answer = client.post(f"/workspace/proposals/{proposal_id}/merge", data=hidden(page) | {"mine": forged})
    assert answer.status_code == 422
    client.post(f"/workspace/proposals/{proposal_id}/discard", data={"csrf_token": form_token(client, "/workspace")})


@pytest.fixture
def editor(staffed: Container) -> Account:
    return staffed.accounts.by_name(NAMES[Role.ORGAN_EDITOR])


def test_a_change_whose_entry_changed_meanwhile_is_merged_and_not_stuck(
    staffed: Container, signed_in: Callable[[Role], FlaskClient], editor: Account
) -> None:
    reviewer = staffed.accounts.by_name(NAMES[Role.DESK_REVIEWER])
    code = published(staffed, editor, reviewer, "充电桩名录")
    draft = staffed.registration.change(editor, code, EDU)
    said = replace(draft.metadata, title=LocalizedText.of("充电桩名录（新）"), keywords=("充电",))
    draft = staffed.registration.save(editor, draft.id, said, draft.tier, version=draft.version, audience=EDU)
    changed_by_desk(staffed, code)
    client = signed_in(Role.ORGAN_EDITOR)
    check = f"/workspace/proposals/{draft.id}/check"
    sent = fill(
        client, check, {**hidden(client.get(check).get_data(as_text=True)), "statement": "范围和用途都不同。" * 2}
    )
    assert (sent.status_code, sent.location) == (303, f"/workspace/proposals/{draft.id}/merge")
    page = client.get(sent.location).get_data(as_text=True)
    assert re.search(r'id="keywords-mine"[^>]* checked', page)
    assert re.search(r'id="licence-theirs"[^>]* checked', page)
    choices = {f"choice.{name}": "mine" for name in ("title", "keywords")} | {"choice.licence": "theirs"}
    stale = fill(client, f"/workspace/proposals/{draft.id}/merge", hidden(page) | choices | {"revision": "1"})
    assert stale.status_code == 409
    assert "条目已被更改" in stale.get_data(as_text=True)
    kept = fill(client, f"/workspace/proposals/{draft.id}/merge", hidden(page) | choices)
    assert kept.location == check
    after = staffed.registration.read(editor, draft.id, EDU)
    assert (after.metadata.licence, after.metadata.keywords) == ("开放许可", ("充电",))
    handed = staffed.registration.submit(
        editor, draft.id, "与已有条目的范围和用途都不同。", version=after.version, audience=EDU
    )
    changed_by_desk(staffed, code, "另一许可")
    back = staffed.review.give_back(reviewer, handed.id, "请合并", version=handed.version, audience=DESK)
    assert staffed.merging.look(editor, back.id, EDU).is_needed
    assert [line.event.action for line in staffed.audit.backwards(f"proposal:{draft.id}")].count("proposal_merged") == 1


def changed_by_desk(container: Container, code: str, licence: str = "开放许可") -> None:
    """Let the entry say something else, as a correction of the desk would."""
    with container.uow() as work:
        entry = work.entries.by_code(code, DESK)
        metadata = replace(entry.metadata, licence=licence)
        work.entries.save(replace(entry, metadata=metadata, revision=entry.revision + 1), "curation")
        work.record(an_event())
        work.commit()


@pytest.fixture(scope="module")
def address(staffed_app: Flask) -> Iterator[str]:
    """Serve the catalogue on loopback, a thread a request."""
    server = make_server("127.0.0.1", 0, staffed_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_fifty_editors_of_one_entry_lose_no_update_in_silence(
    staffed: Container, editor: Account, address: str
) -> None:
    reviewer = staffed.accounts.by_name(NAMES[Role.DESK_REVIEWER])
    code = published(staffed, editor, reviewer, "共享单车停放点名录")
    head = bearer(a_token(staffed, Role.ORGAN_EDITOR, Scope.ENTRIES))
    barrier = threading.Barrier(EDITORS)

    def edit(number: int) -> tuple[str, int]:
        """Begin or go on with the change of the entry, and add a word to it over and over until it is in."""
        with httpx.Client(base_url=f"{address}/api/v1", headers=head, timeout=120) as client:
            barrier.wait()
            begun = client.post(f"/entries/{code}/change")
            assert begun.status_code == 201, begun.text
            seen, refused = begun.json(), 0
            while True:
                words = [*seen["metadata"].get("keywords", []), f"k{number}"]
                answer = client.patch(
                    f"/proposals/{seen['id']}",
                    json={"metadata": {"keywords": words}},
                    headers={"If-Match": f'"v{seen["version"]}"'},
                )
                if answer.status_code == 200:
                    return str(seen["id"]), refused
                assert answer.status_code == 412, answer.text
                seen, refused = answer.json()["present"], refused + 1

    with ThreadPoolExecutor(EDITORS) as pool:
        told = list(pool.map(edit, range(EDITORS)))
    (proposal_id,) = {each for each, _ in told}
    (after,) = [one for one in staffed.registration.open_proposals(EDU) if str(one.id) == proposal_id]
    assert set(after.metadata.keywords) == {f"k{number}" for number in range(EDITORS)}
    assert after.version == 1 + EDITORS
    assert sum(refused for _, refused in told) > 0
    assert staffed.audit.verify().broken_at is None
