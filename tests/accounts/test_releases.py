"""Releases of an organ's catalogue: numbered, signed by another person, never changed, and no more than one may see."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from openpyxl import load_workbook

from catalogue_app.container import Container
from catalogue_app.domain.account import Account, Role
from catalogue_app.domain.errors import Conflict, InvalidInput, NotAllowed, NotFound
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.release import Release, ReleaseState
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.web.app import create_app
from tests.accounts.conftest import GENEROUS
from tests.accounts.people import NAMES, begin_codes_after, hire, send, sign_in
from tests.api.small_catalogue import INNER, fill
from tests.builders import a_metadata, a_withdrawal, an_event
from tests.living import open_catalogue

EDU: Final = Audience(tier=Tier.EXTRANET, organs=frozenset({OrganId("edu")}))
BY_PORTAL: Final = replace(EDU, tier=Tier.PORTAL)
ANYBODY: Final = Audience.of_tier(Tier.PORTAL)


@pytest.fixture
def place(tmp_path: Path) -> Container:
    container = open_catalogue(tmp_path, **GENEROUS)
    fill(container)
    begin_codes_after(container, 40)
    hire(container)
    return container


@pytest.fixture
def editor(place: Container) -> Account:
    return place.accounts.by_name(NAMES[Role.ORGAN_EDITOR])


@pytest.fixture
def approver(place: Container) -> Account:
    return place.accounts.by_name(NAMES[Role.ORGAN_APPROVER])


def signed(place: Container, editor: Account, approver: Account, audience: Audience = BY_PORTAL) -> Release:
    return place.releases.sign(approver, place.releases.prepare(editor, "年度", audience).id, audience)


def change(place: Container, code: str, title: str) -> None:
    with place.uow() as work:
        entry = work.entries.by_code(code, EDU)
        work.entries.save(replace(entry, revision=entry.revision + 1, metadata=a_metadata(title)), "change")
        work.record(an_event())
        work.commit()


def test_a_release_is_numbered_and_never_changes(place: Container, editor: Account, approver: Account) -> None:
    first = signed(place, editor, approver)
    assert (first.name, first.state) == ("portal-1", ReleaseState.SIGNED)
    before = place.releases.entries(first, ANYBODY)
    change(place, "TJ00000001", "改了名的名录")
    assert place.releases.entries(first, ANYBODY) == before
    second = signed(place, editor, approver)
    assert second.number == 2
    diff = place.releases.compare(first, second, ANYBODY)
    assert [one.code for one in diff.changed] == ["TJ00000001"]
    assert (diff.added, diff.withdrawn) == ((), ())
    with pytest.raises(Conflict):
        place.releases.sign(approver, second.id, BY_PORTAL)
    with pytest.raises(Conflict):
        place.releases.discard(editor, second.id, BY_PORTAL)


def test_who_prepared_it_does_not_sign_it_and_an_editor_never_does(
    place: Container, editor: Account, approver: Account
) -> None:
    own = place.releases.prepare(approver, "", BY_PORTAL)
    with pytest.raises(NotAllowed, match="own_release"):
        place.releases.sign(approver, own.id, BY_PORTAL)
    with pytest.raises(NotAllowed):
        place.releases.sign(editor, own.id, BY_PORTAL)
    with pytest.raises(Conflict, match="release_pending"):
        place.releases.prepare(editor, "", BY_PORTAL)
    assert place.releases.of_organ("edu", ANYBODY) == ()
    with pytest.raises(NotAllowed):
        place.releases.discard(replace(editor, organ_id=OrganId("civil")), own.id, BY_PORTAL)
    place.releases.discard(editor, own.id, BY_PORTAL)
    assert place.releases.prepare(editor, "", BY_PORTAL).state is ReleaseState.PREPARED


def test_a_network_hears_of_its_own_releases_alone(place: Container, editor: Account, approver: Account) -> None:
    inner = signed(place, editor, approver, EDU)
    assert inner.name == "extranet-1"
    assert {one.tier for one in place.releases.entries(inner, EDU)} == {Tier.PORTAL, Tier.EXTRANET}
    assert place.releases.of_organ("edu", ANYBODY) == ()
    with pytest.raises(NotFound):
        place.releases.find("edu", "extranet-1", ANYBODY)
    outer = signed(place, editor, approver)
    assert outer.name == "portal-1", "its number tells nothing of what stands above"
    assert {one.tier for one in place.releases.entries(outer, EDU)} == {Tier.PORTAL}


def test_an_entry_that_was_raised_or_withdrawn_since_says_nothing_any_more(
    place: Container, editor: Account, approver: Account, tmp_path: Path
) -> None:
    release = signed(place, editor, approver)
    before = place.releases.entries(release, ANYBODY)
    with place.uow() as work:
        raised, gone = work.entries.by_code("TJ00000003", EDU), work.entries.by_code("TJ00000005", EDU)
        work.entries.save(replace(raised, revision=raised.revision + 1, tier=Tier.EXTRANET), "change")
        work.withdrawals.withdraw([gone.id], a_withdrawal())
        work.record(an_event())
        work.commit()
    after = {one.code: one for one in place.releases.entries(release, ANYBODY)}
    assert {one.code for one in before} - set(after) == {"TJ00000003"}
    assert after["TJ00000005"].metadata is None  # type: ignore[index]  # codes are texts
    for form in ("json", "csv", "xlsx"):
        path = tmp_path / f"release.{form}"
        place.releases.write(release, ANYBODY, form, path)
        text = str(list(load_workbook(path).worksheets[0].values)) if form == "xlsx" else path.read_text("utf-8-sig")
        assert "天津市第7幼儿园名录" in text
        for hidden in (INNER, "天津市第3幼儿园名录", "天津市第5幼儿园名录"):
            assert hidden not in text
    assert json.loads((tmp_path / "release.json").read_text())["withdrawn_since"] == ["TJ00000005"]
    with pytest.raises(InvalidInput):
        place.releases.write(release, ANYBODY, "exe", tmp_path / "x")


def test_a_release_is_prepared_signed_and_read_in_the_browser(place: Container) -> None:
    app = create_app(place)
    organ, chief, visitor = app.test_client(), app.test_client(), app.test_client()
    assert sign_in(organ, NAMES[Role.ORGAN_EDITOR]).status_code == 303
    assert sign_in(chief, NAMES[Role.ORGAN_APPROVER]).status_code == 303
    assert send(organ, "/workspace/releases", note="第一版<script>").status_code == 303
    page = organ.get("/workspace/releases").get_data(as_text=True)
    assert "由本机关另一位审批人签发" in page
    address = page.partition('action="/workspace/releases/')[2].partition("/")[0]
    assert send(organ, f"/workspace/releases/{address}/sign", shown_on="/workspace/releases").status_code == 422
    assert send(chief, f"/workspace/releases/{address}/sign", shown_on="/workspace/releases").status_code == 303
    for prefix, words in (("", "第1版"), ("/en", "Version 1")):
        shown = visitor.get(f"{prefix}/organs/edu/releases/portal-1").get_data(as_text=True)
        assert words in shown, shown[shown.find("<h1") :][:300]
        assert "<script>" not in shown.partition("<main")[2].partition("</main")[0]
        assert ("天津市第1幼儿园名录" if not prefix else "Kindergartens, list 1") in shown
        assert INNER not in shown
        assert words in visitor.get(f"{prefix}/organs/edu/releases").get_data(as_text=True)
    assert 'href="/organs/edu/releases"' in visitor.get("/organs/edu").get_data(as_text=True)
    for form in ("xlsx", "csv", "json"):
        assert visitor.get(f"/organs/edu/releases/portal-1/{form}").status_code == 200
    for missing in ("portal-2", "extranet-1", "portal-x", "portal-1/exe"):
        assert visitor.get(f"/organs/edu/releases/{missing}").status_code == 404
