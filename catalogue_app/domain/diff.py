"""What changed between two metadata of one entry, element by element, for people who read a history."""

from dataclasses import dataclass
from typing import final

from catalogue_app.domain.metadata import EntryMetadata, JsonValue, to_document


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One element that says something else than before.

    Attributes:
        element: profile element, such as `abstract`.
        before: what it said, in the form of the JSON document; None when it said nothing.
        after: what it says; None when it says nothing any more.
    """

    element: str
    before: JsonValue
    after: JsonValue


def compare(before: EntryMetadata, after: EntryMetadata) -> tuple[FieldChange, ...]:
    """Return what differs, in the order of the profile; empty exactly when both say the same."""
    old, new = to_document(before), to_document(after)
    elements = [name for name in EntryMetadata.__dataclass_fields__ if old.get(name) != new.get(name)]
    return tuple(FieldChange(element=name, before=old.get(name), after=new.get(name)) for name in elements)
