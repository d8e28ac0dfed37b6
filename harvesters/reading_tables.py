"""The vocabularies of `config/` in the form in which readings look them up: every written form to its code."""

from collections.abc import Iterator, Mapping
from typing import Final

from catalogue_app.reference import Reference
from harvesters.fields import ReadingTables

_ELEMENTS: Final[Mapping[str, str]] = {
    "update_cycle": "update_cycle",
    "sharing_type": "sharing_type",
    "open_type": "open_type",
    "tier": "network_tier",
    "disclosure_category": "disclosure_category",
    "field_type": "data_type",
    "format_class": "format_class",
    "sharing_method": "sharing_method_type",
    "theme": "theme",
}
"""Vocabulary to the element whose values it lists."""


def reading_tables(reference: Reference) -> ReadingTables:
    """Turn the reference tables into reading tables; made once, shared by all sources."""
    return ReadingTables.of(
        terms=_terms(reference),
        format_classes={code: term.format_class for code, term in reference.formats.items()},
        method_classes=reference.sharing_methods,
        headers=reference.sheet_headers,
    )


def _terms(reference: Reference) -> Iterator[tuple[str, str, str]]:
    """Yield (element, written form, code), the most certain forms last, because a later one wins."""
    for division in reference.divisions.values():
        for name in (*division.former_names, division.en, division.zh, division.code):
            yield "division", name, division.code
    for alias in reference.aliases:
        yield alias.element, alias.written, alias.code
    for vocabulary, element in _ELEMENTS.items():
        for code, term in reference.vocabularies[vocabulary].items():
            for written in (term.en, term.zh, code):
                yield element, written, code
    for code in reference.formats:
        yield "format_type", code, code
