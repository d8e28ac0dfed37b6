"""What every answer carries, and what keeps it small."""

import gzip

import pytest
from flask import Flask
from flask.testing import FlaskClient

ADDRESSES = ("/", "/en/", "/search?q=幼儿园", "/api/v1/entries", "/healthz", "/nowhere", "/static/site.css")


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_keeps_browsers_on_the_straight_path(portal: FlaskClient, address: str) -> None:
    headers = portal.get(address, buffered=True).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    for name in ("Strict-Transport-Security", "Referrer-Policy", "Cross-Origin-Opener-Policy", "X-Request-Id"):
        assert headers[name]


def test_a_request_keeps_the_id_it_came_with_if_that_is_one(portal: FlaskClient) -> None:
    assert portal.get("/healthz", headers={"X-Request-Id": "abcd-1234"}).headers["X-Request-Id"] == "abcd-1234"
    assert portal.get("/healthz", headers={"X-Request-Id": "a b\tc" * 40}).headers["X-Request-Id"] != "a b\tc" * 40


@pytest.mark.parametrize("address", ["/", "/api/v1/entries", "/static/site.css"])
def test_text_is_compressed_for_those_who_take_it(portal: FlaskClient, address: str) -> None:
    plain = portal.get(address, buffered=True)
    packed = portal.get(address, buffered=True, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert gzip.decompress(packed.get_data()) == plain.get_data()
    assert "Content-Encoding" not in plain.headers


@pytest.mark.parametrize("address", ["/", "/api/v1/entries", "/static/site.css"])
def test_an_answer_unchanged_is_not_sent_twice(portal: FlaskClient, address: str) -> None:
    for headers in ({}, {"Accept-Encoding": "gzip"}):
        etag = portal.get(address, buffered=True, headers=headers).headers["ETag"]
        again = portal.get(address, buffered=True, headers={**headers, "If-None-Match": etag})
        assert (again.status_code, again.get_data()) == (304, b"")


def test_a_file_named_by_its_content_is_kept_for_a_year(portal: FlaskClient) -> None:
    page = portal.get("/").get_data(as_text=True)
    start = page.index("/static/site.css?v=")
    address = page[start : page.index('"', start)]
    assert "immutable" in portal.get(address, buffered=True).headers["Cache-Control"]
    assert "immutable" not in portal.get("/static/site.css", buffered=True).headers["Cache-Control"]


def test_pages_and_answers_are_asked_for_again(portal: FlaskClient) -> None:
    for address in ("/", "/api/v1/entries"):
        assert "no-cache" in portal.get(address, buffered=True).headers["Cache-Control"]
    assert portal.get("/nowhere").headers["Cache-Control"] == "no-store"


def test_what_json_has_no_number_for_is_null(portal_app: Flask) -> None:
    assert portal_app.json.dumps({"share": float("nan"), "most": float("inf")}) == '{"share":null,"most":null}'


def test_a_script_of_another_site_may_ask_whether_something_changed(portal: FlaskClient) -> None:
    asked = {"Origin": "https://example.org", "Access-Control-Request-Headers": "If-None-Match"}
    allowed = portal.options("/api/v1/entries", headers=asked).headers
    assert allowed["Access-Control-Allow-Origin"] == "*"
    assert "If-None-Match" in allowed["Access-Control-Allow-Headers"]
    assert "GET" in allowed["Access-Control-Allow-Methods"]
