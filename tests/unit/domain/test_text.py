"""Text is cleaned and folded alike whether or not it was clean already: the short ways change nothing."""

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.text import clean, clean_line, fold

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
