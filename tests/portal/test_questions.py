"""State stands in the address: every way on keeps everything else, and nothing a visitor sends breaks a page."""

from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from catalogue_app.web.portal.question import Question, read_question
from catalogue_app.web.portal.turns import Place
from indexing.fields import FacetField, Sort
from tests.portal.reading import read_page

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), max_size=12)
WORD = st.text("abcT0123市教", min_size=1, max_size=5)
FILTERS = st.dictionaries(
    st.sampled_from(FacetField), st.lists(WORD, min_size=1, max_size=3, unique=True).map(tuple), max_size=4
)
CURSOR = st.text("abcdefXYZ0189-_", min_size=1, max_size=30)
PLACES = st.lists(CURSOR, max_size=4).map(lambda way: Place(cursor=way[-1], before=tuple(way[:-1])) if way else Place())
QUESTIONS = st.builds(Question, text=TEXT, filters=FILTERS, sort=st.none() | st.sampled_from(Sort), place=PLACES)
PATHS = st.sampled_from(["/search", "/en/search", "/findings", "/themes/T05", "/feeds/search.atom"])
NAMES = st.sampled_from(["q", "sort", "cursor", "before", "kind", "state", "page", *FacetField]) | WORD


def parameters(address: str) -> list[tuple[str, str]]:
    return sorted(parse_qsl(urlsplit(address).query))


def chosen(question: Question) -> list[tuple[str, str]]:
    return sorted(question.parameters)


@given(question=QUESTIONS)
def test_an_address_says_the_whole_question(portal_app: Flask, question: Question) -> None:
    with portal_app.test_request_context("/search"):
        sent = MultiDict(parse_qsl(urlsplit(question.address()).query))
        assert read_question(sent).address() == question.address()


@given(question=QUESTIONS, field=st.sampled_from(FacetField), value=WORD)
def test_switching_a_filter_keeps_every_other_parameter(
    portal_app: Flask, question: Question, field: FacetField, value: str
) -> None:
    with portal_app.test_request_context("/search"):
        here, there = chosen(question), parameters(question.toggled(field, value))
    pair = (field.value, value)
    expected = [each for each in here if each != pair] if pair in here else sorted([*here, pair])
    assert there == expected


@given(question=QUESTIONS, sort=st.sampled_from(Sort))
def test_another_order_keeps_text_and_filters(portal_app: Flask, question: Question, sort: Sort) -> None:
    with portal_app.test_request_context("/search"):
        there = parameters(question.with_sort(sort))
    assert [each for each in there if each[0] != "sort"] == [each for each in chosen(question) if each[0] != "sort"]


@given(place=PLACES, cursor=CURSOR)
def test_turning_on_and_back_ends_where_it_began(place: Place, cursor: str) -> None:
    assert place.turned_to(cursor).turned_back() == place


@given(question=QUESTIONS)
def test_the_other_language_asks_the_same(portal_app: Flask, question: Question) -> None:
    with portal_app.test_request_context("/search"):
        chinese = question.address()
    with portal_app.test_request_context("/en/search"):
        assert question.address() == f"/en{chinese}"


@given(path=PATHS, query=st.lists(st.tuples(NAMES, TEXT), max_size=5))
def test_nothing_sent_breaks_a_page(portal_app: Flask, path: str, query: list[tuple[str, str]]) -> None:
    answer = portal_app.test_client().get(f"{path}?{urlencode(query)}")
    assert answer.status_code in {200, 302, 400}


def test_pages_are_turned_by_plain_links_to_the_end_and_back(portal_app: Flask) -> None:
    client, first = portal_app.test_client(), "/search?theme=T05&sort=changed"
    links = read_page(client.get(first).get_data(as_text=True)).links
    (following,) = [link for link in links if link.startswith("/search?") and "cursor=" in link]
    later = read_page(client.get(following).get_data(as_text=True)).links
    codes = [link for link in links + later if link.startswith("/entries/")]
    assert len(codes) == len(set(codes)) == 30
    assert [link for link in later if link.startswith("/search?") and "cursor=" in link] == []
    assert first in later, "the first page is one step back"
