"""The desk corrects elements of harvested entries in the browser: by form, with a reason, and the way back."""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from catalogue_app.domain.account import Role
from catalogue_app.domain.curation import ELEMENTS
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.metadata import to_document
from catalogue_app.domain.source import Source
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from tests.accounts.people import NAMES, fill
from tests.accounts.source_desk import SourceDesk, list_of, words

CODE: Final = "TJ70000000"
PATH: Final = f"/desk/entries/{CODE}/curate"
WHY: Final = f"/desk/entries/{CODE}/why"
HIDDEN: Final = re.compile(r'<input type="hidden" name="(element|revision)" value="([^"]*)">')
ALL: Final = Audience(tier=Tier.EXTRANET, supervises=True)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SourceDesk]:
    """Return a desk over two harvested entries; each test corrects elements of its own."""
    desk = SourceDesk(tmp_path_factory.mktemp("curated"))
    desk.harvest(source_of(desk))
    yield desk
    assert desk.container.audit.verify().broken_at is None


def source_of(desk: SourceDesk) -> Source:
    (known,) = desk.container.sources.all() or (desk.source(list_of(["幼儿园名录", "中小学名录"])),)
    return known


def said(desk: SourceDesk) -> dict[str, Any]:
    return dict(to_document(desk.container.catalogue.entry(CODE, ALL).entry.metadata))


def send(client: FlaskClient, element: str, **fields: str) -> TestResponse:
    address = f"{PATH}?element={element}"
    shown = {name: html.unescape(value) for name, value in HIDDEN.findall(client.get(address).get_data(as_text=True))}
    return fill(client, PATH, {**shown, "reason": "名称不全", **fields}, shown_on=address)


def test_the_desk_corrects_an_element_and_harvests_leave_it(desk: SourceDesk) -> None:
    client = desk.enter(Role.DESK_REVIEWER)
    page = client.get(WHY).get_data(as_text=True)
    assert f"{PATH}?element=title" in page
    answer = send(client, "title", **{"value-zh": "全市幼儿园名录", "value-en": "Kindergartens"})
    assert (answer.status_code, answer.location) == (303, WHY)
    told = words(client.get(WHY))
    for text in ("主管部门更正", "名称不全", "全市幼儿园名录", "仍有效"):
        assert text in told
    assert desk.harvest(source_of(desk)).state is RunState.COMPLETE
    assert said(desk)["title"] == {"zh": "全市幼儿园名录", "en": "Kindergartens"}
    lines = list(desk.container.audit.backwards(f"entry:{CODE}"))
    line, *_ = [one for one in lines if one.event.action == "entry_curated"]
    assert line.event.actor == f"account:{NAMES[Role.DESK_REVIEWER]}"


def test_a_corrected_element_is_given_back_to_its_source(desk: SourceDesk) -> None:
    client = desk.enter(Role.DESK_ADMINISTRATOR)
    assert "结束更正" not in words(client.get(f"{PATH}?element=keywords"))
    send(client, "keywords", value="幼儿园\n 学前教育 \n")
    assert said(desk)["keywords"] == ["幼儿园", "学前教育"]
    page = client.get(f"{PATH}?element=keywords").get_data(as_text=True)
    assert "结束更正" in page
    ended = send(client, "keywords", end="1")
    assert ended.location == WHY
    assert "keywords" not in said(desk)
    again = send(client, "keywords", end="1")
    assert again.status_code == 422
    assert "没有被更正" in words(again)


VALUES: Final[Mapping[str, tuple[str, Any]]] = {
    "provider_name": ("教育局  信息中心", "教育局 信息中心"),
    "update_cycle": ("monthly", "monthly"),
    "network_tier": ("extranet", "extranet"),
    "personal_information": ("yes", True),
    "record_count": ("1200", 1200),
    "updated_on": ("2026-11-01", "2026-11-01"),
    "online_urls": ("https://example.cn/a\nhttps://example.cn/b", ["https://example.cn/a", "https://example.cn/b"]),
    "contact": ('{"name": "王芳", "telephone": "022-1"}', {"name": "王芳", "telephone": "022-1"}),
    "items": ('[{"name": "园所名称", "data_type": "C"}]', [{"name": "园所名称", "data_type": "C"}]),
    "resource_code": ("", None),
}


NAMED: Final[Mapping[str, str]] = {"update_cycle": "每月", "network_tier": "政务外网", "personal_information": "是"}


@pytest.mark.parametrize("element", list(VALUES))
def test_every_shape_of_element_is_written_and_shown_again(desk: SourceDesk, element: str) -> None:
    client, (typed, value) = desk.enter(Role.DESK_REVIEWER), VALUES[element]
    answer = send(client, element, value=typed)
    assert answer.status_code == 303, words(answer)
    assert said(desk).get(element) == value
    shown = html.unescape(client.get(f"{PATH}?element={element}").get_data(as_text=True))
    assert ("王芳" if element == "contact" else typed.strip("[{").split("\n")[0].split(" ")[0]) in shown
    if element in NAMED:
        assert f"更正为 {NAMED[element]}" in words(client.get(f"{PATH}?element={element}"))
        for path in (WHY, f"/entries/{CODE}/history"):
            assert f"<td>{NAMED[element]}</td>" in client.get(path).get_data(as_text=True)


@pytest.mark.parametrize(
    ("element", "fields", "told"),
    [
        ("title", {"value-zh": "", "value-en": ""}, "不能留空"),
        ("title", {"value-zh": "新名称", "reason": "  "}, "没有填写理由"),
        ("data_grade", {"value": ""}, "与现有的相同"),
        ("title", {"value-zh": "新名称", "revision": "7"}, "条目已被更改"),
        ("update_cycle", {"value": "hourly"}, "不适用于"),
        ("updated_on", {"value": "昨天"}, "不适用于"),
        ("record_count", {"value": "many"}, "不适用于"),
        ("record_count", {"value": "-1.5"}, "不适用于"),
        ("contact", {"value": "{"}, "不适用于"),
        ("items", {"value": '[{"colour": "red"}]'}, "不适用于"),
    ],
)
def test_what_will_not_do_is_told_beside_the_field_and_kept(
    desk: SourceDesk, element: str, fields: dict[str, str], told: str
) -> None:
    client, before = desk.enter(Role.DESK_REVIEWER), said(desk)
    answer = send(client, element, **fields)
    assert answer.status_code == 422
    assert told in words(answer)
    assert said(desk) == before
    typed = fields.get("value-zh", fields.get("value", ""))
    assert html.escape(typed, quote=False) in html.unescape(answer.get_data(as_text=True))
    assert 'aria-invalid="true"' in answer.get_data(as_text=True)


def test_every_element_has_a_form_in_both_languages(desk: SourceDesk) -> None:
    client = desk.enter(Role.DESK_REVIEWER)
    for element in ELEMENTS:
        for prefix in ("", "/en"):
            assert client.get(f"{prefix}{PATH}?element={element}").status_code == 200, element


def test_an_element_that_is_none_and_an_entry_without_source_are_refused(desk: SourceDesk) -> None:
    client = desk.enter(Role.DESK_REVIEWER)
    for element in ("", "unread", "colour"):
        assert client.get(f"{PATH}?element={element}").status_code == 400
    assert client.get("/desk/entries/TJ00009999/curate?element=title").status_code == 404


@pytest.mark.parametrize("role", [Role.ORGAN_EDITOR, Role.OPERATOR, Role.AUDITOR], ids=str)
def test_only_the_desk_is_offered_to_correct(desk: SourceDesk, role: Role) -> None:
    client = desk.enter(role)
    assert client.get(f"{PATH}?element=title").status_code == 403
    assert PATH not in client.get(WHY).get_data(as_text=True)


def test_no_value_brings_markup_onto_the_page(desk: SourceDesk) -> None:
    client, evil = desk.enter(Role.DESK_REVIEWER), '"><script>alert(1)</script></textarea>'
    send(client, "provider_name", value=evil, reason=evil)
    for path in (f"{PATH}?element=provider_name", WHY):
        assert "<script>alert" not in client.get(path).get_data(as_text=True)
