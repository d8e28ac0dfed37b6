"""Merging two changes: nothing of either is lost in silence, and each element is somebody's by choice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.merge import TIER, Side, differences, merged, read_back, written_down
from catalogue_app.domain.metadata import Document
from catalogue_app.domain.vocabulary import Tier
from tests.builders import a_metadata

NAMES = ("licence", "data_grade", "keywords", TIER)
DOCUMENTS = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["a", "b", "c"]), max_size=4)


def test_the_side_that_alone_changed_an_element_is_advised() -> None:
    base: Document = {"licence": "a", "data_grade": "1", "keywords": ["x"]}
    theirs: Document = base | {"licence": "b", "keywords": ["x", "y"]}
    mine: Document = base | {"data_grade": "2", "keywords": ["z"]}
    found = {one.element: one.advised for one in differences(base, theirs, mine)}
    assert found == {"keywords": None, "licence": Side.THEIRS, "data_grade": Side.MINE}


def test_nothing_is_advised_where_nobody_knows_what_it_said_before() -> None:
    (found,) = differences(None, {"licence": "a"}, {"licence": "b"})
    assert (found.advised, found.base) == (None, None)


def test_an_element_without_a_choice_is_no_merge() -> None:
    theirs: Document = {"licence": "a", "data_grade": "1"}
    found = differences({}, theirs, {})
    with pytest.raises(InvalidInput, match="merge_choice_missing"):
        merged(theirs, {}, found, {"licence": Side.MINE})
    assert merged(theirs, {}, found, {"licence": Side.MINE, "data_grade": Side.THEIRS}) == {"data_grade": "1"}


@given(DOCUMENTS, DOCUMENTS, DOCUMENTS, st.data())
def test_every_element_is_of_a_side_and_what_both_say_stays(
    base: Document, theirs: Document, mine: Document, data: st.DataObject
) -> None:
    found = differences(base, theirs, mine)
    choices = {one.element: data.draw(st.sampled_from(Side)) for one in found}
    result = merged(theirs, mine, found, choices)
    for name in NAMES:
        side = choices.get(name, Side.THEIRS)
        assert result.get(name) == (theirs if side is Side.THEIRS else mine).get(name)


def test_what_was_written_down_is_read_back() -> None:
    said = a_metadata("泵站名录", keywords=("泵站",))
    assert read_back(written_down(said, Tier.EXTRANET)) == (said, Tier.EXTRANET)
