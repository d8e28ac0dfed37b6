"""What changed between two metadata of one entry."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.diff import FieldChange, compare
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.vocabulary import UpdateCycle
from tests.builders import a_metadata

SAYINGS = st.builds(
    a_metadata,
    st.sampled_from(["幼儿园名录", "公园名录"]),
    sharing_condition=st.sampled_from(["", "部门核验"]),
    updated_on=st.sampled_from([None, date(2026, 1, 1), date(2026, 2, 1)]),
    keywords=st.sampled_from([(), ("学前",), ("学前", "教育")]),
)


def test_a_change_names_the_element_and_both_values() -> None:
    before = a_metadata(update_cycle=UpdateCycle.YEARLY)
    after = a_metadata(update_cycle=UpdateCycle.MONTHLY)
    assert compare(before, after) == (FieldChange(element="update_cycle", before="yearly", after="monthly"),)


def test_what_is_said_for_the_first_time_has_no_before() -> None:
    assert compare(a_metadata(), a_metadata(licence="CC-BY")) == (
        FieldChange(element="licence", before=None, after="CC-BY"),
    )


def test_changes_stand_in_the_order_of_the_profile() -> None:
    changes = compare(a_metadata("甲", licence="a", keywords=("k",)), a_metadata("乙"))
    assert [change.element for change in changes] == ["title", "keywords", "licence"]


@given(SAYINGS, SAYINGS)
def test_no_change_means_the_same_is_said(before: EntryMetadata, after: EntryMetadata) -> None:
    assert (compare(before, after) == ()) == (before == after)


@given(SAYINGS, SAYINGS)
def test_the_way_back_is_the_same_changes_turned_round(before: EntryMetadata, after: EntryMetadata) -> None:
    forth = {(change.element, str(change.before), str(change.after)) for change in compare(before, after)}
    assert forth == {(change.element, str(change.after), str(change.before)) for change in compare(after, before)}
