"""JSON Patch: applied to what was, it gives what is; nothing is said where nothing changed."""

from copy import deepcopy

from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.metadata import Document, JsonValue
from catalogue_app.domain.patch import Operation, Operator, patch

SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab/~0", max_size=3)
VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab/~", max_size=2), inner, max_size=4)
)
DOCUMENTS: st.SearchStrategy[Document] = st.dictionaries(st.text("abc/~", max_size=2), VALUES, max_size=5)


def applied(document: Document, operations: tuple[Operation, ...]) -> Document:
    """Apply a patch as RFC 6902 §4 says."""
    result: JsonValue = deepcopy(document)
    for operation in operations:
        *way, last = [part.replace("~1", "/").replace("~0", "~") for part in operation.path.split("/")[1:]]
        target: JsonValue = result
        for part in way:
            target = target[int(part)] if isinstance(target, list) else target[part]  # type: ignore[index]  # a path into the document
        value = deepcopy(operation.value)
        if isinstance(target, list):
            at = int(last)
            if operation.operator is Operator.ADD:
                target.insert(at, value)
            elif operation.operator is Operator.REMOVE:
                del target[at]
            else:
                target[at] = value
        elif isinstance(target, dict):
            assert (last in target) is (operation.operator is not Operator.ADD)
            if operation.operator is Operator.REMOVE:
                del target[last]
            else:
                target[last] = value
    assert isinstance(result, dict)
    return result


@given(DOCUMENTS, DOCUMENTS)
def test_a_patch_makes_the_one_document_of_the_other(before: Document, after: Document) -> None:
    made = applied(before, patch(before, after))
    assert repr(sorted(made.items())) == repr(sorted(after.items())) or made == after
    assert patch(made, after) == ()


@given(DOCUMENTS)
def test_nothing_is_said_where_nothing_changed(document: Document) -> None:
    assert patch(document, deepcopy(document)) == ()


def test_a_change_in_a_list_names_its_place_alone() -> None:
    before: Document = {"items": [{"name": "甲"}, {"name": "乙"}, {"name": "丙"}]}
    after: Document = {"items": [{"name": "甲"}, {"name": "丁"}, {"name": "丙"}]}
    [operation] = patch(before, after)
    assert operation.document() == {"op": "replace", "path": "/items/1/name", "value": "丁"}


def test_yes_is_not_the_number_one() -> None:
    [operation] = patch({"a": 1}, {"a": True})
    assert operation.document() == {"op": "replace", "path": "/a", "value": True}


def test_a_removal_has_no_value_and_names_are_escaped() -> None:
    assert [it.document() for it in patch({"a/b": 1, "c~d": None}, {"c~d": 2})] == [
        {"op": "remove", "path": "/a~1b"},
        {"op": "replace", "path": "/c~0d", "value": 2},
    ]
