"""Two records that say the same have one digest; two that do not, have two."""

import random
import unicodedata
from collections.abc import Mapping

import orjson
from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.metadata import JsonValue
from harvesters.canonical import canonical, digest

Record = dict[str, JsonValue]

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
records = st.dictionaries(texts, values, max_size=6)


def shuffled(value: JsonValue, chance: random.Random) -> JsonValue:
    if isinstance(value, dict):
        names = list(value)
        chance.shuffle(names)
        return {name: shuffled(value[name], chance) for name in names}
    return [shuffled(part, chance) for part in value] if isinstance(value, list) else value


@given(records, st.randoms())
def test_the_order_of_keys_does_not_matter(record: Record, chance: random.Random) -> None:
    other = shuffled(record, chance)
    assert isinstance(other, Mapping)
    assert canonical(record) == canonical(other)


@given(records)
def test_the_canonical_form_is_its_own_canonical_form(record: Record) -> None:
    form = canonical(record)
    assert canonical(orjson.loads(form)) == form


@given(texts)
def test_white_space_and_composition_do_not_matter(text: str) -> None:
    spaced = "  " + text.replace(" ", "\n\t ") + "\u3000"
    assert canonical({"a": text}) == canonical({"a": spaced})
    assert canonical({"a": unicodedata.normalize("NFD", text)}) == canonical({"a": unicodedata.normalize("NFC", text)})


def test_keys_that_look_alike_stay_two() -> None:
    assert canonical({"": None, "\r": []}) == canonical({"\r": [], "": None}) != canonical({"": []})


def test_every_word_matters() -> None:
    base = canonical({"title": "养老机构", "keyword": ["a", "b"]})
    assert canonical({"title": "养老机构", "keyword": ["b", "a"]}) != base
    assert canonical({"title": "养老机构 ", "keyword": ["a", "b"]}) == base
    assert canonical({"title": "养老 机构", "keyword": ["a", "b"]}) != base
    assert canonical({"title": "养老机构", "keyword": ["a", "b"], "x": None}) != base


def test_named_keys_are_left_out_and_named_lists_sorted_at_any_depth() -> None:
    one: Record = {"tags": [{"name": "b", "seen": 1}, {"name": "a"}], "hits": 7, "resources": [{"hits": 1, "url": "u"}]}
    two: Record = {"resources": [{"url": "u", "hits": 2}], "tags": [{"name": "a"}, {"seen": 9, "name": "b"}], "hits": 8}
    named = {"volatile": frozenset({"hits", "seen"}), "unordered": frozenset({"tags"})}
    assert canonical(one, **named) == canonical(two, **named)
    assert canonical(one) != canonical(two)


def test_a_digest_is_32_hexadecimal_characters() -> None:
    assert len(digest(b"")) == 32
    assert digest(b"a") != digest(b"b")
