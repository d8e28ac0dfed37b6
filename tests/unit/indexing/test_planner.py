"""Plans are made of whatever is typed: concepts by the longest run of words, noise left out, no text refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexing.fields import FacetField
from indexing.plan import All, Clause, Plan, Some, Term, TextField, Value, Wish, Without
from indexing.weights import CODE
from tests.searching import CITY, a_language

PLANNER = a_language().planner


def wishes(clause: Clause | None) -> list[str]:
    match clause:
        case Wish():
            return [clause.text]
        case All() | Some():
            return [text for part in clause.clauses for text in wishes(part)]
        case Without():
            return wishes(clause.wanted)
    return []


def leaves(clause: Clause | None) -> list[Clause]:
    match clause:
        case Wish():
            return leaves(clause.strict)
        case All() | Some():
            return [leaf for part in clause.clauses for leaf in leaves(part)]
        case None:
            return []
    return [clause]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("幼儿园名录", ["幼儿园名录"]),
        ("幼儿园 名录", ["幼儿园", "名录"]),
        ("市人社局劳务派遣", ["市人社局", "劳务派遣"]),
        ("蓟县的养老院有哪些", ["蓟县", "养老院"]),
        ("天津市天津市幼儿园", ["幼儿园"]),
        ("公租房名单", ["公租房", "名单"]),
        ("幼儿园 幼儿园", ["幼儿园"]),
        ("養老院", ["养老院"]),
        ("rensheju", ["rensheju"]),
        ("Sino-Singapore", ["sino singapore"]),
        ("COVID-19疫情", ["covid 19疫情"]),
        ("行政/处罚", ["行政处罚"]),
    ],
)
def test_a_text_is_cut_into_what_it_asks_for(text: str, asked: list[str]) -> None:
    assert sorted(wishes(PLANNER.plan(text).clause)) == sorted(asked)


@pytest.mark.parametrize("text", ["人社局", "市人社局", "人力资源和社会保障局", "rensheju", "人社办", "劳动厅"])
def test_every_name_of_an_organ_means_the_organ(text: str) -> None:
    assert any(isinstance(it, Value) and it.value == "hrss" for it in leaves(PLANNER.plan(text).clause))


@pytest.mark.parametrize("text", ["蓟县", "蓟州", "蓟州区", "jizhouqu"])
def test_every_name_of_a_district_means_the_district_and_leaves_the_city_alone(text: str) -> None:
    plan = PLANNER.plan(text)
    district = [it for it in leaves(plan.clause) if isinstance(it, Value)]
    assert [(it.field, it.value) for it in district] == [(FacetField.DISTRICT, "120119")]
    assert not any(isinstance(it, Value) for it in plan.preferred)


def test_where_no_district_is_named_the_whole_city_is_preferred() -> None:
    preferred = PLANNER.plan("幼儿园").preferred
    assert [it.value for it in preferred if isinstance(it, Value)] == [CITY]


def test_synonyms_go_one_way_or_both() -> None:
    def words(text: str) -> set[str]:
        return {it.text for it in leaves(PLANNER.plan(text).clause) if isinstance(it, Term)}

    assert "养老机构" in words("养老院")
    assert "养老院" in words("养老机构")
    assert "义务教育学校" in words("小学")
    assert "小学" not in words("义务教育学校")


def test_noise_alone_is_taken_at_its_word() -> None:
    assert wishes(PLANNER.plan("天津市").clause) == ["天津市"]


def test_nothing_typed_browses_everything_and_signs_alone_find_nothing() -> None:
    assert PLANNER.plan("").clause is None
    assert PLANNER.plan("   ").clause is None
    assert PLANNER.plan("？！、").clause == Some(())


def test_a_word_in_two_alternatives_is_asked_for_in_both() -> None:
    plan = PLANNER.plan("(公园 停车场) OR (公园 厕所)")
    assert wishes(plan.clause) == ["公园", "停车场", "公园", "厕所"]


def test_what_is_excluded_is_not_marked() -> None:
    assert "停车场" not in PLANNER.plan("公园 -停车场").terms


def test_terms_name_what_was_looked_for_in_folded_words() -> None:
    terms = PLANNER.plan('養老院 "ＡＢ 級"').terms
    assert {"养老院", "养老机构", "敬老院", "ab 级"} <= set(terms)


@pytest.mark.parametrize("typed", ["307003/000001", '"307003/000001"', "３０７００３／０００００１", "307003/00000A"])
def test_a_code_with_a_stroke_is_looked_for_whole(typed: str) -> None:
    code = "307003/00000a" if "A" in typed else "307003/000001"
    assert Term(TextField.CODE, code, CODE) in leaves(PLANNER.plan(typed).clause)


@pytest.mark.parametrize("typed", ["水/电", "a/b", "307003/", "/000001"])
def test_words_with_a_stroke_are_words(typed: str) -> None:
    assert Term(TextField.CODE, typed, CODE) not in leaves(PLANNER.plan(typed).clause)


def test_a_field_that_is_none_is_plain_words() -> None:
    assert wishes(PLANNER.plan("时间:2024").clause) == ["时间2024"]
    assert isinstance(PLANNER.plan("code:TJ00000001").clause, Wish)
    assert leaves(PLANNER.plan("code:TJ00000001").clause) == [Term(TextField.CODE, "tj00000001")]


@given(
    st.one_of(
        st.text(max_size=250),
        st.lists(st.sampled_from([*'()"-*: ', " OR ", "title:", "幼儿园", "的", "rsj", "pm2.5"]), max_size=30).map(
            "".join
        ),
    )
)
def test_whatever_is_typed_is_planned(text: str) -> None:
    assert isinstance(PLANNER.plan(text), Plan)
