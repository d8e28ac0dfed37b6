"""Nothing leaks: who may not know of higher entries finds the same catalogue with them and without.

Every route, feed, suggestion, facet count, total, error page, redirect, tag and log line is asked for over two
catalogues that differ in nothing but such entries; the bytes must be equal.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from catalogue_app.container import Container, build
from catalogue_app.domain.account import Role
from catalogue_app.domain.entry import Entry
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.settings import load_settings
from catalogue_app.web.app import create_app
from tests.accounts.conftest import GENEROUS
from tests.accounts.people import NAMES, begin_codes_after, hire, sign_in
from tests.accounts.test_routes_by_role import SAFE, address, is_page, rules
from tests.accounts.test_uploads import a_row, a_table
from tests.api.small_catalogue import INNER, kept_entries
from tests.builders import NOW, a_metadata, a_withdrawal, an_entry, an_event
from tests.stack import stack_variables

DEEPEST = "绝密雷达站分布"
"""Title of an entry of the intranet."""

TIERS = (Tier.PORTAL, Tier.EXTRANET)
ROLES = (None, Role.ORGAN_EDITOR, Role.DESK_REVIEWER, Role.AUDITOR)
VARIES = re.compile(
    r'[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|(?<=name="csrf_token" value=")[^"]+'
)
"""Ids made at random, and tokens of forms: they differ between any two catalogues."""

KEPT_HEADERS = ("ETag", "Link", "Location", "Content-Length", "Last-Modified", "Cache-Control", "Content-Type", "Vary")
MOST_ADDRESSES = 240


def a_catalogue(folder: Path, reached: Tier, web_tier: Tier) -> Container:
    """Make a catalogue that holds entries up to a tier, and is otherwise the same whichever tier that is."""
    variables = {"web_tier": web_tier, "tier_ceiling": "intranet", **GENEROUS}
    environment = {f"CATALOGUE_{name.upper()}": str(value) for name, value in variables.items()}
    container = build(load_settings(stack_variables(folder) | environment), clock=lambda: NOW + timedelta(days=1))
    container.upgrade()
    container.organs.seed(actor="test")
    entries = [entry for entry in [*kept_entries(), *more_entries()] if entry.tier.level <= reached.level]
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
    container.index_feed.drain()
    container.flagging.evaluate()
    hire(container)
    propose(container, reached)
    return container


def more_entries() -> Iterator[Entry]:
    hidden = an_entry(36, metadata=a_metadata(DEEPEST, themes=("T13",)), tier=Tier.INTRANET)
    yield replace(hidden, organ_id=OrganId("police"))
    yield an_entry(37, f"{DEEPEST}二", tier=Tier.INTRANET)


def propose(container: Container, reached: Tier) -> None:
    """Let the editor of `edu` have a draft of every tier that is reached, and an upload of the highest."""
    editor = container.accounts.by_name(NAMES[Role.ORGAN_EDITOR])
    audience = Audience(tier=Tier.INTRANET, organs=frozenset({OrganId("edu")}))
    for tier in Tier:
        if tier.level <= reached.level:
            name = {Tier.PORTAL: "公开草稿", Tier.EXTRANET: f"{INNER}草稿", Tier.INTRANET: f"{DEEPEST}草稿"}[tier]
            container.registration.start(editor, a_metadata(name), tier, audience)
    if reached is Tier.INTRANET:
        body = a_table(a_row(f"{DEEPEST}上传", 网络层级="政务内网"))
        container.uploads.go_on(container.uploads.receive(editor, f"{DEEPEST}.csv", BytesIO(body), audience).id)


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
    ]
    return list(dict.fromkeys([*pages, *asked]))


def without_random_order(path: str, text: str) -> str:
    """Leave the list of findings out, whose order within one evaluation is that of ids made at random."""
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
    text = answer.get_data(as_text=True)
    same = VARIES.sub("", without_random_order(path, text))
    varies = same != text
    kept = (
        KEPT_HEADERS if not varies else tuple(name for name in KEPT_HEADERS if name not in {"ETag", "Content-Length"})
    )
    kept = tuple(name for name in kept if name != "Link" or "findings" not in path)
    head = {name: VARIES.sub("", answer.headers.get(name, "")) for name in kept}
    return (answer.status_code, head, same, [sorted(line.items(), key=str) for line in log]), links_of(text)


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
            differing.append(path)
        waiting += [link for link in links if link not in seen]
    assert differing == []
    assert len(seen) > 150
    assert counted(full) == counted(bare)


def test_the_two_catalogues_do_differ_for_who_may_know(pair: tuple[Flask, Flask, Tier]) -> None:
    """The comparison sees differences where there are some."""
    full, bare, _ = pair
    for app, count in ((full, 2), (bare, 0)):
        audience = Audience(tier=Tier.INTRANET, supervises=True)
        container = app.extensions["catalogue"]
        codes = [container.catalogue.entry(code, audience) for code in ("TJ00000036", "TJ00000037") if count]
        assert len(codes) == count
    assert not is_page(next(rule for rule, _ in rules(full) if str(rule).startswith("/api/")))
