"""Pages as they are sent: titles, addresses, languages, failures in words, and nothing above the audience."""

import re

import pytest
from flask.testing import FlaskClient

from catalogue_app.domain.text import has_han
from tests.api.small_catalogue import ABOVE, INNER, NOBODY
from tests.portal.reading import read_page
from tests.portal.test_translations import english, forms

PAGES = [
    "/",
    "/search",
    "/search?q=幼儿园",
    "/search?q=没有的东西&organ=edu",
    "/entries/TJ00000001",
    "/entries/TJ00000002",
    "/entries/TJ00000001/history",
    "/organs",
    "/organs/edu",
    "/themes",
    "/themes/T05",
    "/categories",
    "/categories/f",
    "/findings",
    "/findings?kind=disclosure_gap&organ=edu",
    "/findings?state=closed",
    "/help",
    "/about",
    "/law",
    "/accessibility",
]
FAILURES = [
    ("/nowhere", 404),
    (f"/entries/{NOBODY}", 404),
    (f"/entries/{ABOVE}", 404),
    ("/entries/TJ00000034", 410),
    ("/organs/nobody", 404),
    ("/themes/T99", 404),
    ("/categories/z", 404),
    ("/search?sort=loudest", 400),
    ("/search?organ=nobody", 400),
    ("/search?cursor=page2", 400),
    ("/search?q=" + "长" * 201, 400),
    ("/findings?kind=nothing", 400),
    ("/findings?cursor=page2", 400),
    ("/themes/T05?cursor=page2", 400),
]
LANGUAGES = ["zh-Hans", "en"]
TWO_WORDS = re.compile(r"[^%]*[A-Za-z]+ [A-Za-z]+[^%]*$")


def in_language(path: str, language: str) -> str:
    return path if language == "zh-Hans" else f"/en{path}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_what_it_is_and_where_it_stands(portal: FlaskClient, path: str, language: str) -> None:
    answer = portal.get(in_language(path, language))
    assert answer.status_code == 200
    page = read_page(answer.get_data(as_text=True))
    assert page.meta("description")
    assert {page.meta(f"og:{name}") != "" for name in ("title", "description", "type", "locale", "url")} == {True}
    (canonical,) = page.link("canonical")
    assert canonical["href"].startswith("http://localhost/")
    assert {each["hreflang"] for each in page.link("alternate") if "hreflang" in each} == {"zh-Hans", "en", "x-default"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_of_pages_differ(portal: FlaskClient, language: str) -> None:
    paths = [path for path in PAGES if not path.startswith("/findings?") and "没有" not in path]
    titles = [read_page(portal.get(in_language(path, language)).get_data(as_text=True)).title for path in paths]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("path", [*PAGES, *(path for path, _ in FAILURES)])
def test_english_pages_hold_chinese_only_where_they_say_so(portal: FlaskClient, path: str) -> None:
    page = read_page(portal.get(f"/en{path}").get_data(as_text=True))
    passages = [text for language, text in page.passages if not language.startswith("zh") and has_han(text)]
    assert passages == []


@pytest.mark.parametrize("path", [*PAGES, *(path for path, _ in FAILURES)])
def test_chinese_pages_hold_no_english_sentence_of_ours(portal: FlaskClient, path: str) -> None:
    ours = {text for message in english().values() for _, text in forms(message) if TWO_WORDS.match(text)}
    page = read_page(portal.get(path).get_data(as_text=True))
    said = "\n".join(text for language, text in page.passages if language.startswith("zh"))
    assert {text for text in ours if text in said} == set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("path", "status"), FAILURES)
def test_a_failure_is_a_page_with_ways_on(portal: FlaskClient, path: str, status: int, language: str) -> None:
    answer = portal.get(in_language(path, language))
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    page = read_page(answer.get_data(as_text=True))
    assert page.meta("robots") == "noindex"
    assert in_language("/organs", language) in page.links
    assert f'<html lang="{language}">' in answer.get_data(as_text=True)


def test_a_hidden_entry_and_none_are_the_same_page(portal: FlaskClient) -> None:
    hidden, absent = (portal.get(f"/entries/{code}").get_data(as_text=True) for code in (ABOVE, NOBODY))
    assert hidden.replace(ABOVE, NOBODY) == absent


@pytest.mark.parametrize("path", [*PAGES, "/feeds/changes.atom", "/feeds/search.atom?q=涉密", "/sitemap.xml"])
def test_no_byte_of_a_hidden_entry_is_sent(portal: FlaskClient, path: str) -> None:
    text = portal.get(path).get_data(as_text=True)
    assert INNER not in text
    assert ABOVE not in text


def test_the_extranet_says_which_network_it_is_and_keeps_robots_out(extranet: FlaskClient) -> None:
    answer = extranet.get(f"/entries/{ABOVE}")
    assert answer.status_code == 200
    page = read_page(answer.get_data(as_text=True))
    assert page.meta("robots") == "noindex, nofollow"
    assert "政务外网" in answer.get_data(as_text=True)


def test_an_unsafe_address_is_shown_but_never_linked(portal: FlaskClient) -> None:
    answer = portal.get("/entries/TJ00000001").get_data(as_text=True)
    assert "javascript:alert(1)" in answer
    assert not any(link.startswith("javascript") for link in read_page(answer).links)


def test_an_address_with_parameters_of_other_sites_is_mended(portal: FlaskClient) -> None:
    answer = portal.get("/search?utm_source=x&q=幼儿园&organ=edu")
    assert answer.status_code == 302
    assert answer.location == "/search?q=%E5%B9%BC%E5%84%BF%E5%9B%AD&organ=edu"


def test_words_typed_by_visitors_are_text(portal: FlaskClient) -> None:
    answer = portal.get("/search?q=<script>alert(1)</script>").get_data(as_text=True)
    assert "<script>alert" not in answer
