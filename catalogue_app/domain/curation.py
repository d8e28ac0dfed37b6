"""Local curation: the desk lets single elements of a harvested entry say something else than their source does."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from typing import Final, final

from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.ids import EntryId
from catalogue_app.domain.metadata import Document, EntryMetadata, JsonValue, from_document, to_document
from catalogue_app.domain.vocabulary import Tier

_NOT_CURATED: Final = frozenset({"unread"})
_LOCALIZED: Final = frozenset({"title", "abstract"})
_KINDS: Final[Mapping[str, type]] = {
    **{field.name: str for field in fields(EntryMetadata) if field.default == ""},
    "record_count": int,
    "personal_information": bool,
}
"""Elements of a plain kind; the form of all others is checked by reading them."""

ELEMENTS: Final = tuple(field.name for field in fields(EntryMetadata) if field.name not in _NOT_CURATED)
"""Elements that may be curated."""

_MANDATORY: Final = frozenset(field.name for field in fields(EntryMetadata) if field.default is MISSING)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Curation:
    """One element that says what the desk says.

    Attributes:
        value: in the form of the JSON document; None where the element is silenced.
        source_value: what the source said of it last.
        tier: highest tier the entry had while this was so; judges who may read it.
        by: the person who decided.
        reason: why, in words.
        ended_at: when it ceased to hold; None while it holds.
        ended_by: the person who ended it; empty where the source came to say the same by itself.
    """

    entry_id: EntryId
    element: str
    value: JsonValue
    source_value: JsonValue
    tier: Tier
    by: str
    at: datetime
    reason: str
    ended_at: datetime | None = None
    ended_by: str = ""
    note: str = ""


def value_of(metadata: EntryMetadata, element: str) -> JsonValue:
    """Return what metadata say of an element, in the form of the JSON document; None where they say nothing."""
    return to_document(metadata).get(element)


def curated(metadata: EntryMetadata, values: Mapping[str, JsonValue]) -> EntryMetadata:
    """Return metadata in which some elements say something else; None or an empty text silences one.

    A plain text for a title or abstract is its Chinese.

    Raises:
        InvalidInput: no such element, or a value that it cannot have.
    """
    document = to_document(metadata)
    for element, value in values.items():
        if element not in ELEMENTS:
            raise InvalidInput("unknown_element", element=element, allowed=", ".join(ELEMENTS))
        document = _with(document, element, value)
    return from_document(document)


def _with(document: Document, element: str, value: JsonValue) -> Document:
    if value is None or value in ("", []):
        if element in _MANDATORY:
            raise InvalidInput("element_cannot_be_silenced", element=element)
        return {name: old for name, old in document.items() if name != element}
    if element in _LOCALIZED and isinstance(value, str):
        before = document.get(element)
        value = {**before, "zh": value} if isinstance(before, dict) else {"zh": value}
    changed = {**document, element: value}
    if not _is_of(element, value) or _reread(changed, element) != value:
        raise InvalidInput("value_not_of_element", element=element, value=str(value)[:200])
    return changed


def _is_of(element: str, value: JsonValue) -> bool:
    kind = _KINDS.get(element)
    return kind is None or type(value) is kind


def _reread(document: Document, element: str) -> JsonValue:
    """Read a document and write it again; what cannot be read becomes nothing."""
    try:
        return to_document(from_document(document)).get(element)
    except (AssertionError, AttributeError, KeyError, TypeError, ValueError):
        return None
