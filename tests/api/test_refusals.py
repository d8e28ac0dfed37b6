"""What cannot be answered is refused in words: which parameter, which values would do; never a 500."""

from urllib.parse import quote, urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.web.schemas.entry import EntriesParameters

LISTS = ("/api/v1/entries", "/api/v1/findings", "/api/v1/suggest", "/api/v1/organs", "/search", "/en/findings")
KNOWN = [field.data_key or name for name, field in EntriesParameters().fields.items()]


@pytest.mark.parametrize(
    ("query", "parameter", "code", "allowed"),
    [
        ("pages=2", "pages", "unknown_parameter", "cursor"),
        ("facets=colour", "facets", "unknown_value", "organ"),
        ("facets=organ,colour", "facets", "unknown_value", "theme"),
        ("sort=loudest", "sort", "unknown_value", "relevance"),
        ("cycle=hourly", "cycle", "unknown_value", "monthly"),
        ("category=z", "category", "unknown_value", "a"),
        ("fields=password", "fields", "unknown_value", "title"),
        ("lang=fr", "lang", "unknown_value", "zh"),
        ("limit=0", "limit", "out_of_range", "1–100"),
        ("limit=101", "limit", "out_of_range", "1–100"),
        ("limit=ten", "limit", "out_of_range", "1–100"),
        ("limit=1&limit=2", "limit", "given_twice", None),
        ("cursor=page2", "cursor", "invalid_cursor", None),
        ("q=a&cursor=page2", "cursor", "invalid_cursor", None),
        ("q=" + "a" * 501, "q", "too_long", None),
    ],
)
def test_a_refusal_names_the_parameter_and_what_would_do(
    portal: FlaskClient, query: str, parameter: str, code: str, allowed: str | None
) -> None:
    answer = portal.get(f"/api/v1/entries?{query}")
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    problem = answer.get_json()
    assert problem["status"] == 400
    (flaw,) = problem["errors"]
    assert (flaw["parameter"], flaw["code"]) == (parameter, code)
    assert parameter in flaw["detail"]
    assert allowed is None or allowed in flaw["allowed"]


def test_every_flaw_is_named_at_once(portal: FlaskClient) -> None:
    errors = portal.get("/api/v1/entries?limit=0&sort=loudest&pages=2").get_json()["errors"]
    assert {flaw["parameter"] for flaw in errors} == {"limit", "sort", "pages"}


def test_a_cursor_of_one_list_is_none_of_another(portal: FlaskClient) -> None:
    cursor = portal.get("/api/v1/entries?limit=2").get_json()["next"]
    assert portal.get(f"/api/v1/findings?cursor={cursor}").status_code == 400
    assert portal.get(f"/api/v1/entries?q=幼儿园&cursor={cursor}").status_code == 400


def test_refusals_speak_both_languages(portal: FlaskClient) -> None:
    texts = [portal.get(f"/api/v1/entries?limit=0&lang={lang}").get_json()["detail"] for lang in ("zh", "en")]
    assert "参数" in texts[0]
    assert texts[1].isascii() or "–" in texts[1]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_what_only_reads_refuses_other_methods(portal: FlaskClient, method: str) -> None:
    answer = getattr(portal, method)("/api/v1/entries")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.get_json()["code"] == "method_not_allowed"


@pytest.mark.parametrize("address", ["/api/v1/entries", "/api/v1/organs/edu", "/api/v1/openapi.json", "/healthz"])
def test_head_is_get_without_its_body(portal: FlaskClient, address: str) -> None:
    whole, head = portal.get(address), portal.head(address)
    assert (head.status_code, head.get_data()) == (200, b"")
    assert head.headers.get("ETag") == whole.headers.get("ETag")
    assert portal.options(address).status_code == 200


def test_other_forms_than_json_are_not_to_be_had_from_the_api(portal: FlaskClient) -> None:
    refused = portal.get("/api/v1/entries", headers={"Accept": "text/csv"})
    assert (refused.status_code, refused.content_type) == (406, "application/problem+json")
    for accept in ("*/*", "application/json", "text/html, application/*;q=0.5"):
        assert portal.get("/api/v1/entries", headers={"Accept": accept}).status_code == 200


def test_a_slash_too_many_leads_to_the_page(portal: FlaskClient) -> None:
    answer = portal.get("/api/v1/entries/?organ=edu")
    assert (answer.status_code, answer.headers["Location"]) == (308, "/api/v1/entries?organ=edu")
    foreign = portal.get("/", environ_overrides={"PATH_INFO": "//evil.example/organs/"})
    assert foreign.status_code == 404


def test_an_overlong_address_is_refused_in_its_own_form(portal: FlaskClient) -> None:
    assert portal.get("/api/v1/entries?q=" + "a" * 9000).status_code == 414
    page = portal.get("/search?q=" + "a" * 9000)
    assert (page.status_code, page.mimetype) == (414, "text/html")


def test_programs_get_documents_and_people_get_pages(portal: FlaskClient) -> None:
    page = portal.get("/nowhere", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    document = portal.get("/nowhere", headers={"Accept": "application/json"})
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert (document.status_code, document.mimetype) == (404, "application/problem+json")
    assert portal.get("/api/v1/nowhere", headers={"Accept": "text/html"}).mimetype == "application/problem+json"


@pytest.mark.parametrize("code", ["abc", "TJ1", "TJ99999999", "%00", "../etc", "幼儿园", "a" * 300])
def test_a_code_that_is_none_is_not_found(portal: FlaskClient, code: str) -> None:
    assert portal.get(f"/api/v1/entries/{code}").status_code == 404


TEXT = st.text(max_size=30)
NAMES = st.one_of(st.sampled_from(KNOWN), TEXT)
VALUES = st.one_of(
    TEXT, st.sampled_from(["1", "edu", "organ", "zh", "published", "-1", "1e9", "NaN", ",", '"', "title:"])
)
QUERIES = st.lists(st.tuples(NAMES, VALUES), max_size=6)


@given(st.sampled_from(LISTS), QUERIES)
def test_no_query_string_breaks_anything(portal_app: Flask, path: str, query: list[tuple[str, str]]) -> None:
    answer = portal_app.test_client().get(f"{path}?{urlencode(query, errors='replace')}")
    assert answer.status_code in {200, 302, 400}, answer.get_data(as_text=True)


@given(st.sampled_from(LISTS), st.binary(max_size=60))
def test_no_bytes_in_an_address_break_anything(portal_app: Flask, path: str, tail: bytes) -> None:
    answer = portal_app.test_client().get(path, environ_overrides={"QUERY_STRING": tail.decode("latin-1")})
    assert answer.status_code in {200, 302, 400}, answer.get_data(as_text=True)


def test_an_address_that_came_unencoded_is_understood(portal: FlaskClient) -> None:
    raw = "q=幼儿园&limit=1".encode().decode("latin-1")
    answer = portal.get("/api/v1/entries", environ_overrides={"QUERY_STRING": raw})
    assert answer.get_json()["total"] == 30


@given(st.text(max_size=40))
def test_no_path_breaks_anything(portal_app: Flask, tail: str) -> None:
    for base in ("/api/v1/entries/", "/api/v1/organs/", "/entries/", "/organs/"):
        status = portal_app.test_client().get(base + quote(tail, errors="replace")).status_code
        assert status in {200, 301, 308, 404, 405}, (base, tail, status)
