"""Text becomes the same terms on both sides: folded, cut by the register's words, sounded word by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexing import pinyin
from indexing.analysis import Analyser, characters
from indexing.concepts import district_names
from tests.searching import a_language

ANALYSER: Analyser = a_language().analyser


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ＰＭ２．５", "pm2.5"),
        ("Ａ级景区", "a级景区"),
        ("醫療機構", "医疗机构"),
        ("計程車", "出租车"),
        ("軟體", "软件"),
        ("（站）", "(站)"),
        ("ＣＰＩ", "cpi"),
        ("①", "1"),
        ("幼儿园", "幼儿园"),
    ],
)
def test_width_case_and_traditional_forms_are_folded(written: str, folded: str) -> None:
    assert ANALYSER.normalise(written) == folded


def test_folding_a_folded_text_changes_nothing() -> None:
    for text in ("計程車資訊", "ＰＭ２．５ 監測", "臺灣", "Ⅷ级"):
        folded = ANALYSER.normalise(text)
        assert ANALYSER.normalise(folded) == folded


def test_names_of_the_register_are_words() -> None:
    assert ANALYSER.cut("市人社局劳务派遣")[0] == "市人社局"
    assert "蓟县" in ANALYSER.cut("蓟县景区")


def test_letters_with_a_number_stay_whole_on_both_sides() -> None:
    assert "pm2.5" in ANALYSER.cut("空气pm2.5监测")
    assert "pm2.5" in ANALYSER.words("空气pm2.5监测")


@pytest.mark.parametrize(
    ("text", "sounds"),
    [
        ("行政处罚", ["xing", "zheng", "chu", "fa"]),
        ("银行", ["yin", "hang"]),
        ("长春道", ["chang", "chun", "dao"]),
        ("绿化", ["lv", "hua"]),
        ("a级", ["a", "ji"]),
    ],
)
def test_a_character_sounds_as_its_word_says(text: str, sounds: list[str]) -> None:
    assert ANALYSER.sounds(text) == sounds


def test_initials_are_taken_from_every_word_on() -> None:
    assert "yeyml" in ANALYSER.initials_of_runs("幼儿园名录")
    assert "ml" in ANALYSER.initials_of_runs("幼儿园名录")


def test_pairs_take_a_latin_word_as_one_character() -> None:
    assert ANALYSER.pairs("a级景区") == ["a级", "级景", "景区"]
    assert characters("pm2.5、空气（实时）") == ["pm2.5", "空", "气", "实", "时"]


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_every_word_of_a_question_can_stand_in_the_index(text: str) -> None:
    folded = ANALYSER.normalise(text)
    for term in (*ANALYSER.cut(folded), *ANALYSER.words(folded), *ANALYSER.pairs(folded), *ANALYSER.sounds(folded)):
        assert term
        assert not any(character.isspace() for character in term), "the index cuts terms at blanks"


@given(st.lists(st.sampled_from(["幼儿园", "名录", "市人社局", "和平区", "pm2.5", "行政", "处罚", "的"]), max_size=6))
def test_the_words_of_a_text_are_among_those_the_index_keeps(words: list[str]) -> None:
    text = "".join(words)
    assert set(ANALYSER.cut(text)) <= set(ANALYSER.words(text))


@pytest.mark.parametrize(
    ("letters", "way"),
    [
        ("youeryuan", ("you", "er", "yuan")),
        ("yanglaojigou", ("yang", "lao", "ji", "gou")),
        ("lvhua", ("lv", "hua")),
        ("xian", ("xi", "an")),
    ],
)
def test_letters_are_split_into_syllables(letters: str, way: tuple[str, ...]) -> None:
    assert way in pinyin.split(letters)


@pytest.mark.parametrize("letters", ["rsj", "gdp", "asdfghjkl", "幼儿园", "", "a", "ming", "n" * 500])
def test_what_is_no_pinyin_of_several_syllables_is_not_split(letters: str) -> None:
    assert pinyin.split(letters) == []


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", max_size=40))
def test_a_split_says_the_same_letters(letters: str) -> None:
    assert all("".join(way) == letters for way in pinyin.split(letters))


def test_districts_are_known_by_former_and_short_names() -> None:
    assert district_names("蓟州区", ("蓟县",)) == ("蓟州区", "蓟县", "蓟州")
    assert "滨海" in district_names("滨海新区", ("塘沽区",))
    assert "塘沽" in district_names("滨海新区", ("塘沽区",))


def test_the_fingerprint_changes_with_the_dictionary() -> None:
    assert Analyser(["甲乙丙局"]).fingerprint != Analyser(["甲乙丁局"]).fingerprint
    assert Analyser(["甲局", "乙局"]).fingerprint == Analyser(["乙局", "甲局"]).fingerprint
