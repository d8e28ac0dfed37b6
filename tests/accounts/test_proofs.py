"""What OWASP asks of every web application, tried here: injection, enumeration, timing, redirects, hosts of letters."""

import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from catalogue_app.container import Container
from catalogue_app.domain.account import Role
from catalogue_app.domain.errors import NotSignedIn
from catalogue_app.domain.metadata import Contact, Distribution, EntryMetadata, Item, UnreadValue
from catalogue_app.domain.text import LocalizedText
from catalogue_app.services.accounts import NewAccount
from catalogue_app.web.app import create_app
from tests.accounts.conftest import GENEROUS
from tests.accounts.people import NAMES, PASSWORD, send, sign_in
from tests.accounts.test_routes_by_role import recorded
from tests.accounts.test_tokens import a_token
from tests.builders import an_entry, an_event
from tests.integration.test_source_letters import mailbox
from tests.living import open_catalogue

EVIL = "\"'></script><script>alert(1)</script><img src=x onerror=alert(1)>[点我](javascript:alert(1)) ![](x)"
RUNS = "JaVaScRiPt:alert(1)"
MARKUP = re.compile(r"<script>alert|<img src=x|<a [^>]*href=[\"']?\s*(?:javascript|data|vbscript):", re.IGNORECASE)


def evil_metadata() -> EntryMetadata:
    """Return an entry every text of which is an attack, and every address runs as code."""
    texts = {
        name: EVIL
        for name, kind in EntryMetadata.__annotations__.items()
        if kind is str and name not in {"resource_code", "provider_uscc"}
    }
    lists = {
        name: (EVIL,)
        for name, kind in EntryMetadata.__annotations__.items()
        if kind == tuple[str, ...] and name != "online_urls"
    }
    assert len(texts) > 10
    assert len(lists) > 5
    return EntryMetadata(
        title=LocalizedText((("zh", f"恶意{EVIL}"), ("en", f"Evil {EVIL}"))),
        abstract=LocalizedText((("zh", f"恶意{EVIL}"), ("en", f"Evil {EVIL}"))),
        **texts,  # type: ignore[arg-type]  # chosen by their kind
        **lists,  # type: ignore[arg-type]  # chosen by their kind
        online_urls=(RUNS, "data:text/html,<script>alert(1)</script>", f"https://x.example/{EVIL}"),
        distributions=(
            Distribution(url=RUNS, title=EVIL, format=EVIL, media_type=EVIL, description=EVIL),
            Distribution(url="vbscript:x", title=EVIL, modified_on=date(2026, 1, 1)),
        ),
        items=(Item(name=EVIL, data_type=EVIL, length=EVIL, code=EVIL, note=EVIL),),
        contact=Contact(name=EVIL, telephone=EVIL, email=f"{EVIL}@x.example"),
        extensions=((EVIL, EVIL),),
        unread=(UnreadValue(element=EVIL, value=EVIL, code="unknown_value"),),
    )


@pytest.fixture(scope="module")
def attacked_code(staffed: Container) -> str:
    """Publish an entry that is nothing but attacks, with two revisions; returns its code."""
    first = replace(an_entry(39, metadata=evil_metadata()), identifier=EVIL)
    with staffed.uow() as work:
        work.entries.save(first, "harvest")
        changed = replace(first.metadata, licence=f"{EVIL}2", online_urls=(RUNS,))
        work.entries.save(replace(first, metadata=changed, revision=2), "harvest")
        work.record(an_event())
        work.commit()
    staffed.index_feed.drain()
    return first.code


PAGES = (
    "/entries/{code}",
    "/entries/{code}/history",
    "/search?q=恶意",
    "/search?q=<script>alert(1)</script>",
    "/organs/edu",
    "/",
    "/feeds/changes.atom",
    "/feeds/search.atom?q=恶意",
    "/findings?organ=edu",
    "/sitemap.xml",
)


@pytest.mark.parametrize("prefix", ["", "/en"])
@pytest.mark.parametrize("path", PAGES)
def test_no_text_of_an_entry_becomes_markup(browser: FlaskClient, attacked_code: str, path: str, prefix: str) -> None:
    answer = browser.get(f"{prefix}{path.format(code=attacked_code)}")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200 or (prefix, path) == ("/en", "/sitemap.xml")
    assert not MARKUP.search(text), MARKUP.search(text)
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_the_api_hands_on_no_address_that_runs(browser: FlaskClient, attacked_code: str) -> None:
    for path in ("", "/revisions", "/history"):
        answer = browser.get(f"/api/v1/entries/{attacked_code}{path}")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert not re.search(r'"(?:javascript|vbscript|data):', answer.get_data(as_text=True), re.IGNORECASE)


def test_no_text_of_a_person_or_a_decision_becomes_markup(
    staffed: Container, signed_in: Callable[[Role], FlaskClient]
) -> None:
    keeper = signed_in(Role.DESK_ADMINISTRATOR)
    told = {"person": EVIL[:80], "role": "auditor", "clearance": "portal", "subject": EVIL}
    assert send(keeper, "/desk/accounts/new", name="evil.person", **told).status_code == 200
    owner = signed_in(Role.AUDITOR)
    send(owner, "/account/tokens/new", label=EVIL[:80], days="30")
    shown = [
        keeper.get("/desk/accounts"),
        keeper.get("/desk/accounts/evil.person"),
        keeper.get("/desk/accounts/evil.person/change"),
        keeper.get(f"/desk/accounts/{NAMES[Role.AUDITOR]}"),
        keeper.get(f"/desk/accounts?q={EVIL}"),
        keeper.get("/audit"),
        owner.get("/account"),
    ]
    for answer in shown:
        assert answer.status_code == 200
        assert not MARKUP.search(answer.get_data(as_text=True)), answer.request.path
    assert staffed.accounts.by_name("evil.person").person


def test_a_forgotten_password_tells_nobody_who_has_an_account(browser: FlaskClient) -> None:
    pages, steps = [], []
    for name in (NAMES[Role.AUDITOR], f"{NAMES[Role.AUDITOR]}@example.cn", "nobody.at.all", "!!", EVIL):
        seen: list[str] = []
        with recorded(seen):
            answer = send(browser, "/forgotten", name=name)
            steps.append(answer.status_code)
        pages.append(re.sub(r'value="[^"]*"', "", answer.get_data(as_text=True)))
    assert len(set(pages)) == 1
    assert set(steps) == {200}


def test_a_token_that_is_nobodys_takes_the_same_steps_as_a_wrong_one(staffed: Container) -> None:
    token = a_token(staffed, Role.AUDITOR)
    steps = []
    for text in (f"{token[:-1]}{'x' if token[-1] != 'x' else 'y'}", "mct_nobodyhs_" + "x" * 43):
        seen: list[str] = []
        with recorded(seen), pytest.raises(NotSignedIn):
            staffed.sign_in.of_token(text)
        steps.append(seen)
    assert steps[0] == steps[1]


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "localhost@evil.example"])
def test_a_letter_leads_to_us_whatever_host_the_request_named(tmp_path: Path, host: str) -> None:
    with mailbox() as (box, port):
        settings = {
            "mail_host": "127.0.0.1",
            "mail_port": port,
            "mail_starttls": "false",
            "mail_sender": "c@example.cn",
        }
        container = open_catalogue(tmp_path, web_public_url="https://data.example.cn", **settings, **GENEROUS)
        told = NewAccount(name="who.forgot", role=Role.AUDITOR, email="who@example.cn")
        container.accounts.create(told, password=PASSWORD, actor="test")
        client = create_app(container).test_client()
        page = client.get("/forgotten", base_url="https://data.example.cn").get_data(as_text=True)
        token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        client.post(
            "/forgotten",
            base_url="https://data.example.cn",
            data={"csrf_token": token, "name": "who.forgot"},
            headers={"Host": host, "X-Forwarded-Host": host, "Forwarded": f"host={host}"},
        )
        client.post(
            "/forgotten",
            base_url="https://data.example.cn",
            data={"csrf_token": token, "name": "who.forgot"},
            headers={"X-Forwarded-Host": host, "Forwarded": f"host={host}", "Referer": "https://data.example.cn/"},
        )
        for _ in range(300):
            if box.letters:
                break
            time.sleep(0.1)
    assert box.letters
    for letter in box.letters:
        text = letter.get_content()
        assert "https://data.example.cn/set-password/" in text
        assert "evil.example" not in text
        assert letter["To"] == "who@example.cn"


@pytest.mark.parametrize("next_", ["https://evil.example/", "//evil.example", "/\\evil.example", "/sign-out"])
def test_who_is_in_already_is_sent_nowhere_else(browser: FlaskClient, next_: str) -> None:
    sign_in(browser, NAMES[Role.AUDITOR])
    assert browser.get("/sign-in", query_string={"next": next_}).location in {"/account", "/en/account"}


def test_a_session_planted_before_signing_in_is_of_no_use_after(
    staffed: Container, signed_in: Callable[[Role], FlaskClient], browser: FlaskClient
) -> None:
    """Who hands somebody their own session does not share what the other does."""
    del staffed
    attacker = signed_in(Role.OPERATOR)
    planted = attacker.get_cookie("catalogue_session")
    assert planted is not None
    browser.set_cookie("catalogue_session", planted.value)
    token = send(browser, "/sign-out", shown_on="/account")
    assert token.status_code == 303
    sign_in(browser, NAMES[Role.AUDITOR])
    assert "审计员" in browser.get("/account").get_data(as_text=True)
    assert attacker.get("/account").status_code == 303
