"""The form that begins an entry, sent more than once: one draft, on which what was typed last stands."""

import re
from collections.abc import Callable
from uuid import UUID

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from catalogue_app.container import Container
from catalogue_app.domain.account import Role
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.proposal import ProposalId
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from tests.accounts.people import NAMES, fill, send
from tests.accounts.registered import FORMS

EDU = Audience(tier=Tier.EXTRANET, organs=frozenset({OrganId("edu")}))
DRAFT = re.compile(r'name="draft" value="([0-9a-f-]{36})"')
PROPOSAL = re.compile(r"/workspace/proposals/([0-9a-f-]{36})/")


def test_the_first_form_sent_again_writes_on_the_draft_it_began(
    staffed: Container, signed_in: Callable[[Role], FlaskClient]
) -> None:
    editor = staffed.accounts.by_name(NAMES[Role.ORGAN_EDITOR])
    organ, path = signed_in(Role.ORGAN_EDITOR), "/workspace/entries/new"
    key = DRAFT.findall(organ.get(path).get_data(as_text=True))[0]

    def send_again(title: str, draft: str = key) -> TestResponse:
        return fill(organ, path, {**FORMS["what"], "title": title, "draft": draft})

    refused = fill(organ, path, {"title": "", "draft": key})
    assert DRAFT.findall(refused.get_data(as_text=True)) == [key]
    first = send_again("课后托管班名录")
    version = organ.get(first.location).get_data(as_text=True).partition('name="version" value="')[2].partition('"')[0]
    assert fill(organ, first.location, {"version": version, **FORMS["items"]}).status_code == 303
    assert [send_again(title).location for title in ("课后托管班名录", "课后托管班一览")] == [first.location] * 2
    found = PROPOSAL.search(first.location)
    assert found is not None
    begun = staffed.registration.read(editor, ProposalId(UUID(found[1])), EDU)
    assert (begun.metadata.title.original, bool(begun.metadata.items)) == ("课后托管班一览", True)
    other = send_again("寒假作息时刻", DRAFT.findall(organ.get(path).get_data(as_text=True))[0])
    assert other.location != first.location
    assert send(organ, f"/workspace/proposals/{found[1]}/discard", shown_on=first.location).status_code == 303
    late = send_again("器材借用规则")
    assert (late.status_code, late.location == first.location) == (303, False)
