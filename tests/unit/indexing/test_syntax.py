"""What was typed becomes a tree: precedence kept, brackets read, broken syntax taken as plain words, never an error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexing.syntax import Both, Either, Not, Wanted, Words, parse

SIGNS = st.sampled_from(
    ["(", ")", "（", "）", '"', "“", "”", "-", "!", "*", ":", "：", " OR ", "||", " AND ", " NOT ", " "]
)


def w(text: str, **rest: object) -> Words:
    return Words(text, **rest)  # type: ignore[arg-type]  # fields of Words


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", Both(())),
        ("  ", Both(())),
        ("幼儿园", w("幼儿园")),
        ("幼儿园 名录", Both((w("幼儿园"), w("名录")))),
        ("a AND b", Both((w("a"), w("b")))),
        ("a OR b c", Either((w("a"), Both((w("b"), w("c")))))),
        ("a b OR c", Either((Both((w("a"), w("b"))), w("c")))),
        ("(a OR b) c", Both((Either((w("a"), w("b"))), w("c")))),
        ("（a || b） c", Both((Either((w("a"), w("b"))), w("c")))),
        ("a -b", Both((w("a"), Not(w("b"))))),
        ("a NOT b", Both((w("a"), Not(w("b"))))),
        ("a -(b c)", Both((w("a"), Not(Both((w("b"), w("c"))))))),
        ('"行政 处罚"', w("行政 处罚", is_phrase=True)),
        ("“行政处罚”", w("行政处罚", is_phrase=True)),
        ('-"行政处罚" a', Both((Not(w("行政处罚", is_phrase=True)), w("a")))),
        ("title:幼儿园", w("幼儿园", field="title")),
        ("标题：幼儿园", w("幼儿园", field="标题")),
        ('organ:"市 教委" a', Both((w("市 教委", field="organ", is_phrase=True), w("a")))),
        ("幼儿*", w("幼儿", is_open=True)),
        ("title:幼儿*", w("幼儿", field="title", is_open=True)),
        ('"poor food" OR health', Either((w("poor food", is_phrase=True), w("health")))),
    ],
)
def test_syntax_is_read(text: str, tree: Wanted) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    "title", ["文化馆（站）信息", "文化馆(站)信息", "PM2.5", "A级", "2024-2025年", "x-y", "天津市公共交通集团（控股）"]
)
def test_signs_inside_a_word_belong_to_the_word(title: str) -> None:
    assert parse(title) == w(title)


@pytest.mark.parametrize("text", ["OR", "NOT", "(", "((", "()", "OR OR", "( OR )", "AND"])
def test_syntax_around_nothing_asks_for_nothing(text: str) -> None:
    assert parse(text) == Both(())


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("(a", w("a")),
        ("a)", w("a")),
        ("a OR", w("a")),
        ("OR a", w("a")),
        ("a (b", Both((w("a"), w("b")))),
        ('"a b', Both((w('"a'), w("b")))),
    ],
)
def test_broken_syntax_is_read_as_the_words_it_has(text: str, tree: Wanted) -> None:
    assert parse(text) == tree


def words_of(tree: Wanted) -> list[str]:
    match tree:
        case Words():
            return [tree.text]
        case Both() | Either():
            return [text for part in tree.parts for text in words_of(part)]
        case Not():
            return words_of(tree.part)


@given(st.one_of(st.text(max_size=200), st.lists(SIGNS | st.text(max_size=4), max_size=60).map("".join)))
def test_whatever_is_typed_is_read(text: str) -> None:
    words_of(parse(text))


@given(st.lists(st.text(alphabet="幼儿园名录abc1", min_size=1, max_size=5), min_size=1, max_size=8))
def test_plain_words_are_kept_in_their_order(words: list[str]) -> None:
    assert words_of(parse(" ".join(words))) == words
