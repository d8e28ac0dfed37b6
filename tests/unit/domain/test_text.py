"""Text is cleaned and folded alike whether or not it was clean already: the short ways change nothing."""

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.text import clean, clean_line, fold, remembered

ODD = st.sampled_from(
    ["  ", " ", "\t", "\u3000", "\u200b", "\u2028", "\xa8", "e\u0301", "\u2126", "ﬁ", "Ａ", "İ", "ß", "\ud800"]
)
TEXTS = st.lists(ODD | st.text(st.characters(), max_size=6), max_size=12).map("".join)


@given(TEXTS)
def test_a_line_is_clean_text_whose_white_space_is_single_blanks(text: str) -> None:
    assert clean_line(text) == re.sub(r"\s+", " ", clean(text))
    assert clean_line(clean_line(text)) == clean_line(text)


@given(TEXTS)
def test_folding_cleans_first(text: str) -> None:
    folded = unicodedata.normalize("NFKC", clean(text)).casefold()
    assert fold(text) == re.sub(r"\s+", " ", folded).strip()


def test_every_character_is_folded_as_its_clean_form() -> None:
    for text in map(chr, range(0x30000)):
        folded = unicodedata.normalize("NFKC", clean(text)).casefold()
        assert fold(text) == re.sub(r"\s+", " ", folded).strip()
        assert clean_line(text) == re.sub(r"\s+", " ", clean(text))


def test_nothing_turns_the_direction_of_a_text_round() -> None:
    assert clean_line("公示\u202eevil\u202c 名录\u2066x\u2069") == "公示evil 名录x"


def test_only_short_texts_are_remembered() -> None:
    asked: list[str] = []

    def read(text: str, other: str = "") -> int:
        asked.append(text)
        return len(text) + len(other)

    recalled = remembered(2)(read)
    for text in ("a", "a", "b", "x" * 1_000_000, "x" * 1_000_000):
        assert recalled(text) == len(text)
    assert [len(text) for text in asked] == [1, 1, 1_000_000, 1_000_000]
    assert recalled("a", "y" * 1_000) == recalled("a", "y" * 1_000) == 1_001
    assert len(asked) == 6
