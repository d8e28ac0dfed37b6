"""Nothing leaks: who may not know of higher entries finds the same catalogue with them and without.

Every route, feed, suggestion, facet count, total, error page, redirect, tag and log line is asked for over two
catalogues that differ in nothing but such entries; the bytes must be equal.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from catalogue_app.container import Container, build
from catalogue_app.domain.account import Role
from catalogue_app.domain.entry import Entry
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.release import ReleaseState
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.services.releases import FORMS
from catalogue_app.settings import load_settings
from catalogue_app.web.app import create_app
from tests.accounts.conftest import GENEROUS
from tests.accounts.people import NAMES, begin_codes_after, form_token, hire, sign_in
from tests.accounts.test_routes_by_role import NO_ID, SAFE, address, is_page, rules
from tests.accounts.things_above import CLOSED, DEEPEST, HEIR, MOVED, entries_of_organs, everything, fill_up_to
from tests.api.small_catalogue import INNER, kept_entries
from tests.builders import NOW, a_metadata, a_withdrawal, an_entry, an_event
from tests.stack import stack_variables

TIERS = (Tier.PORTAL, Tier.EXTRANET)
ROLES = (
    *(None, Role.ORGAN_EDITOR, Role.ORGAN_APPROVER),
    *(Role.DESK_REVIEWER, Role.DESK_ADMINISTRATOR, Role.AUDITOR, Role.OPERATOR),
)
AN_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
VARIES = re.compile(AN_ID.pattern + r'|(?<=name="csrf_token" value=")[^"]+')
"""Ids made at random, and tokens of forms: they differ between any two catalogues."""

KEPT_HEADERS = ("ETag", "Link", "Location", "Content-Length", "Last-Modified", "Cache-Control", "Content-Type", "Vary")
MOST_ADDRESSES = 300
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MADE_AT = re.compile(r"<dcterms:(created|modified)[^>]*>[^<]*<")
"""When a workbook was written, to the second."""


def a_catalogue(folder: Path, reached: Tier, web_tier: Tier) -> Container:
    """Make a catalogue that holds entries up to a tier, and is otherwise the same whichever tier that is."""
    variables = {"web_tier": web_tier, "tier_ceiling": "intranet", **GENEROUS}
    environment = {f"CATALOGUE_{name.upper()}": str(value) for name, value in variables.items()}
    container = build(load_settings(stack_variables(folder) | environment), clock=lambda: NOW + timedelta(days=1))
    container.upgrade()
    container.organs.seed(actor="test")
    made = [*kept_entries(), *more_entries(), *entries_of_organs(reached)]
    entries = [entry for entry in made if entry.tier.level <= reached.level]
    with container.uow() as work:
        for entry in entries:
            work.entries.save(entry, "harvest")
        for entry in entries:
            if entry.serial in {34, 35}:
                work.withdrawals.withdraw([entry.id], a_withdrawal(NOW))
        work.record(an_event())
        work.commit()
    begin_codes_after(container, 40)
    container.refresh_index(lambda _line: None)
    hire(container)
    propose(container, reached)
    fill_up_to(container, folder / "sent", reached)
    container.index_feed.drain()
    container.flagging.evaluate()
    return container


def more_entries() -> Iterator[Entry]:
    hidden = an_entry(36, metadata=a_metadata(DEEPEST, themes=("T13",)), tier=Tier.INTRANET)
    yield replace(hidden, organ_id=OrganId("police"))
    yield an_entry(37, f"{DEEPEST}二", tier=Tier.INTRANET)


def propose(container: Container, reached: Tier) -> None:
    """Let the editor of `edu` have a draft of every tier that is reached."""
    editor = container.accounts.by_name(NAMES[Role.ORGAN_EDITOR])
    audience = Audience(tier=Tier.INTRANET, organs=frozenset({OrganId("edu")}))
    for tier in Tier:
        if tier.level <= reached.level:
            name = {Tier.PORTAL: "公开草稿", Tier.EXTRANET: f"{INNER}草稿", Tier.INTRANET: f"{DEEPEST}草稿"}[tier]
            container.registration.start(editor, a_metadata(name), tier, audience)


def addresses(app: Flask) -> list[str]:
    """Return every address to begin with: each route, codes seen and unseen, words that only hidden entries have."""
    pages = [address(rule) for rule, method in rules(app) if method in SAFE and "proposal" not in str(rule)]
    codes = [f"TJ{number:08d}" for number in (1, 31, 32, 33, 34, 35, 36, 37, 99)]
    words = (INNER, DEEPEST, INNER[:2], DEEPEST[:2], "雷达", "幼儿园", "leida", "jmldz", "涉密车两轨迹")
    asked = [f"/search?q={word}" for word in words]
    asked += [f"/feeds/search.atom?q={word}" for word in words[:3]]
    asked += [f"/api/v1/suggest?q={word}" for word in words]
    asked += [f"/api/v1/entries?q={word}&facets=organ,theme,category,tier,state,cycle,format" for word in words]
    asked += [
        f"/api/v1/entries{question}" for question in ("", "?organ=police", "?tier=intranet", "?theme=T13", "?limit=7")
    ]
    asked += [f"{root}/{code}{rest}" for code in codes for root, rest in (("/entries", ""), ("/entries", "/history"))]
    asked += [f"/api/v1/entries/{code}{rest}" for code in codes for rest in ("", "/revisions")]
    asked += ["/organs/police", "/api/v1/organs/police", "/themes/T13", "/categories/g", "/sitemaps/organs/police.xml"]
    asked += [
        "/api/v1/proposals",
        "/api/v1/proposals?state=draft,submitted",
        "/findings?organ=police",
        "/api/v1/findings?limit=100&state=open,closed",
        "/en/workspace",
        "/metrics",
        "/audit?subject=entry:",
        "/audit/table.csv?action=proposal_started",
        "/entries/TJ1/",
        "/desk/organs/police/change",
        f"/desk/organs/{MOVED}/succession?to={HEIR}",
        *(f"/desk/organs/{organ}/succession?to=edu" for organ in ("police", "data", CLOSED)),
        *(f"/api/v1/entries?organ={organ}" for organ in (MOVED, HEIR, CLOSED)),
        *(f"/organs/{organ}" for organ in (MOVED, HEIR, CLOSED)),
        *(f"/desk/sources?{asked}" for asked in ("state=held", "state=failing", "organ=police", "organ=data")),
        *released(),
    ]
    return list(dict.fromkeys([*pages, *asked]))


def released() -> Iterator[str]:
    """Yield the addresses of releases of every network, compared and as files."""
    yield from ("/organs/edu/releases", "/workspace/releases", "/workspace/uploads", "/desk/queue")
    for tier in Tier:
        for number in (1, 2, 3):
            name = f"/organs/edu/releases/{tier}-{number}"
            yield from (name, *(f"{name}/{form}" for form in FORMS))
        yield from (f"/organs/edu/releases/portal-2?against={tier}-1", f"/organs/edu/releases/{tier}-2?after=20")


def text_of(answer: TestResponse) -> str:
    """Return the text of an answer; of a workbook that of its parts, for archives tell when they were packed."""
    if answer.mimetype != WORKBOOK:
        return answer.get_data(as_text=True)
    with zipfile.ZipFile(BytesIO(answer.get_data())) as book:
        return "".join(f"{name}\n{MADE_AT.sub('<', book.read(name).decode())}\n" for name in sorted(book.namelist()))


def without_random_order(path: str, text: str) -> str:
    """Leave out what ids made at random decide: the order of findings, and the minute when a source is next due."""
    if "/desk/sources" in path:
        return re.sub(r"<time[^>]*>[^<]*<", "", text)
    if urlsplit(path).path.endswith("/api/v1/findings"):
        return re.sub(r'"items":.*', "", text)
    return text.partition('id="list"')[0] if urlsplit(path).path.endswith("/findings") else text


def links_of(text: str) -> list[str]:
    found = re.findall(r'(?:href="|<loc>http://localhost)(/[^"<#]*)', text)
    return [one.replace("&amp;", "&") for one in found if not urlsplit(one).path.startswith("/static/")]


def told(client: FlaskClient, path: str) -> tuple[object, list[str]]:
    """Return what an address answers, head, body and log, without what differs between any two catalogues."""
    with capture_logs() as log:
        answer = client.get(path, buffered=True)
    text = text_of(answer)
    same = VARIES.sub("", without_random_order(path, text))
    varies = same != text or answer.mimetype == WORKBOOK
    kept = (
        KEPT_HEADERS if not varies else tuple(name for name in KEPT_HEADERS if name not in {"ETag", "Content-Length"})
    )
    kept = tuple(name for name in kept if name != "Link" or "findings" not in path)
    head = {name: VARIES.sub("", answer.headers.get(name, "")) for name in kept}
    return (answer.status_code, head, same, [sorted(line.items(), key=str) for line in log]), links_of(text)


def where_they_part(one: str, other: str) -> str:
    """Show two answers around the first character in which they differ."""
    at = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), 0)
    return f"…{one[max(at - 80, 0) : at + 120]}… / …{other[max(at - 80, 0) : at + 120]}…"


def counted(app: Flask) -> dict[tuple[object, ...], float]:
    """Return what a process counts of itself for a monitor: requests by route and status, questions to the engine."""
    container = app.extensions["catalogue"]
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for metric in container.instruments.registry.collect()
        for sample in metric.samples
        if sample.name.endswith(("_total", "_count"))
    }


@pytest.fixture(scope="module", params=TIERS, ids=str)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Flask, Flask, Tier]:
    """Two applications for one network: over everything, and over what that network may know."""
    tier: Tier = request.param
    made = (a_catalogue(tmp_path_factory.mktemp("leaks"), reached, tier) for reached in (Tier.INTRANET, tier))
    full, bare = (create_app(container) for container in made)
    return full, bare, tier


@pytest.mark.parametrize("role", ROLES, ids=str)
def test_what_is_above_an_audience_changes_no_byte_of_any_answer(
    pair: tuple[Flask, Flask, Tier], role: Role | None
) -> None:
    full, bare, tier = pair
    clients = [app.test_client() for app in (full, bare)]
    for client in clients:
        if role is not None:
            assert sign_in(client, NAMES[role]).status_code == 303
    waiting, seen = addresses(bare), set[str]()
    hidden = [word for word, of in ((INNER, Tier.EXTRANET), (DEEPEST, Tier.INTRANET)) if of.level > tier.level]
    differing: list[str] = []
    while waiting and len(seen) < MOST_ADDRESSES:
        path = waiting.pop(0)
        if path in seen or path.endswith("/account/second-factor"):  # a secret of its own for every browser
            continue
        seen.add(path)
        (with_them, _), (without, links) = (told(client, path) for client in clients)
        shown = str(with_them).replace(path, "")
        if with_them != without or [word for word in hidden if word in shown and word not in path]:
            differing.append(f"{path}: {where_they_part(str(with_them), str(without))}")
        waiting += [link for link in links if link not in seen]
    assert differing == []
    assert len(seen) > 150
    assert counted(full) == counted(bare)


def pages_of_what_is_above(full: Flask, tier: Tier) -> Iterator[tuple[str, str]]:
    """Yield method and address of some of each kind of thing that has an id and lies above a tier."""
    container, all_of_it = full.extensions["catalogue"], everything(Tier.INTRANET)
    with container.uow.reading() as look:
        sources = look.source_reach.hidden(everything(tier))
        runs = [run.id for source in sources for run in look.runs.latest(source, 1)]
        uploads = [one.id for one in look.uploads.latest(all_of_it, 99) if one.tier.level > tier.level]
        releases = look.releases.of_organ("edu", list(ReleaseState), all_of_it)
    proposals = [one.id for one in container.registration.open_proposals(all_of_it) if one.tier.level > tier.level]
    kinds = {
        "source_id": sources,
        "run_id": runs,
        "upload_id": uploads,
        "release_id": [one.id for one in releases if one.tier.level > tier.level],
        "proposal_id": proposals,
    }
    assert all(kinds.values()), kinds
    for rule, method in rules(full):
        for part in rule.arguments & kinds.keys():
            yield from ((method, address(rule, **{part: str(one)})) for one in sorted(kinds[part])[-2:])


@pytest.mark.parametrize("role", ROLES, ids=str)
def test_what_has_an_id_above_an_audience_answers_like_what_there_is_not(
    pair: tuple[Flask, Flask, Tier], role: Role | None
) -> None:
    full, bare, tier = pair
    clients = [app.test_client() for app in (full, bare)]  # both are asked the same: they count and write down alike
    tokens = ["", ""]
    if role is not None:
        assert [sign_in(client, NAMES[role]).status_code for client in clients] == [303, 303]
        tokens = [form_token(client, "/account/password") for client in clients]

    @cache
    def answer(method: str, path: str) -> tuple[int, str]:
        found = [
            client.open(path, method=method, data={"csrf_token": token} if method == "POST" else None)
            for client, token in zip(clients, tokens, strict=True)
        ]
        over_everything, over_less = [(each.status_code, VARIES.sub("", each.get_data(as_text=True))) for each in found]
        assert over_everything == over_less
        return over_everything

    differing: list[str] = []
    for method, path in pages_of_what_is_above(full, tier):
        is_there, is_not = answer(method, path), answer(method, AN_ID.sub(NO_ID, path))
        if is_there != is_not or is_there[0] < HTTPStatus.MULTIPLE_CHOICES:
            differing.append(f"{method} {path}: {where_they_part(str(is_there), str(is_not))}")
    assert differing == []


def test_the_two_catalogues_do_differ_for_who_may_know(pair: tuple[Flask, Flask, Tier]) -> None:
    """The comparison sees differences where there are some."""
    full, bare, _ = pair
    for app, count in ((full, 2), (bare, 0)):
        audience = Audience(tier=Tier.INTRANET, supervises=True)
        container = app.extensions["catalogue"]
        codes = [container.catalogue.entry(code, audience) for code in ("TJ00000036", "TJ00000037") if count]
        assert len(codes) == count
    assert not is_page(next(rule for rule, _ in rules(full) if str(rule).startswith("/api/")))
