"""Matches are marked in the text as its organ wrote it; not a character is added, lost or changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexing.highlight import Highlighter, Segments
from tests.searching import a_language

ANALYSER = a_language().analyser


def marked(text: str, *terms: str) -> list[str]:
    return [segment.text for segment in Highlighter(ANALYSER, terms).mark(text) if segment.is_match]


def whole(segments: Segments) -> str:
    return "".join(segment.text for segment in segments)


@pytest.mark.parametrize(
    ("text", "terms", "matches"),
    [
        ("幼儿园名录", ["幼儿园"], ["幼儿园"]),
        ("Ａ级旅游景区名录", ["a级"], ["Ａ级"]),
        ("醫療機構執業", ["医疗机构"], ["醫療機構"]),
        ("PM２.５ 监测", ["pm2.5"], ["PM２.５"]),
        ("幼儿园名录", ["幼儿园", "幼儿园名录"], ["幼儿园名录"]),
        ("名录里的名录", ["名录"], ["名录", "名录"]),
        ("幼儿园", [], []),
        ("幼儿园", ["学校"], []),
        ("a.b", ["."], ["."]),
        ("㎡ 与 ﬁ", ["m2", "fi"], ["㎡", "ﬁ"]),
    ],
)
def test_matches_are_marked_in_the_original(text: str, terms: list[str], matches: list[str]) -> None:
    assert marked(text, *terms) == matches


def test_single_characters_are_marked_only_where_nothing_longer_was_asked_for() -> None:
    assert marked("公园园林", "公园", "园") == ["公园"]
    assert marked("公园园林", "园") == ["园", "园"]


def test_markup_in_a_text_stays_text() -> None:
    segments = Highlighter(ANALYSER, ["b"]).mark("<b>幼</b>")
    assert whole(segments) == "<b>幼</b>"


@given(st.text(max_size=300), st.lists(st.text(max_size=5), max_size=5))
def test_nothing_is_added_or_lost(text: str, terms: list[str]) -> None:
    assert whole(Highlighter(ANALYSER, terms).mark(text)) == text


@given(st.text(alphabet="幼儿园名录，。", max_size=400))
def test_a_snippet_is_a_part_of_the_text(text: str) -> None:
    shown = whole(Highlighter(ANALYSER, ["幼儿园"]).snippet(text))
    assert shown.removeprefix("…").removesuffix("…") in text


def test_a_snippet_shows_the_first_match_of_a_long_text() -> None:
    text = "前" * 300 + "幼儿园" + "后" * 300
    segments = Highlighter(ANALYSER, ["幼儿园"]).snippet(text)
    assert [segment.text for segment in segments if segment.is_match] == ["幼儿园"]
    assert (segments[0].text, segments[-1].text) == ("…", "…")
    assert len(whole(segments)) < 130


def test_a_short_text_is_shown_whole() -> None:
    assert whole(Highlighter(ANALYSER, ["幼儿园"]).snippet("收录全市幼儿园名录")) == "收录全市幼儿园名录"
