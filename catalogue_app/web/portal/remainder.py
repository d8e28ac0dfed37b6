"""What an entry says beside that for which its page has a place of its own: element and values, in words."""

from collections.abc import Iterator
from typing import Final

from catalogue_app.domain.metadata import EntryMetadata, to_document
from catalogue_app.web.portal import terms
from catalogue_app.web.portal.elements import each_written

_SHOWN_ABOVE: Final = frozenset(
    {
        *("title", "abstract", "provider_division", "contact", "themes", "disclosure_categories", "items"),
        *("update_cycle", "update_period", "updated_on", "sharing_type", "sharing_condition", "sharing_methods"),
        *("non_sharing_basis", "open_type", "open_condition", "licence", "distributions", "online_urls"),
    }
)

Row = tuple[str, tuple[str, ...]]


def remainder_of(metadata: EntryMetadata) -> list[Row]:
    """Return (name of the element, its values) in the order of the profile."""
    return [row for row in _rows(metadata) if any(row[1])]


def _rows(metadata: EntryMetadata) -> Iterator[Row]:
    document = to_document(metadata)
    for name, value in document.items():
        if name not in _SHOWN_ABOVE | {"extensions", "unread"}:
            yield terms.element(name), each_written(value, name)
    yield from ((name, (value,)) for name, value in metadata.extensions)
    yield terms.element("unread"), each_written(document.get("unread"), "unread")
