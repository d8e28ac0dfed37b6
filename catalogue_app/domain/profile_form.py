"""Rules of the profile on what an entry says of itself: obligations, lengths, names, codes, days, formats, items.

What the table says (obligation, length, value domain) is read from the table; code is only where a rule has logic.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from catalogue_app.domain.metadata import EntryMetadata, Item
from catalogue_app.domain.organ import is_valid_uscc, normalise_uscc
from catalogue_app.domain.profile import (
    IN_THE_FUTURE,
    Rule,
    Subject,
    TextPattern,
    Violation,
    missing,
    wrong,
)
from catalogue_app.domain.text import fold
from catalogue_app.domain.vocabulary import FormatClass, UpdateCycle

_STATED: Final[Mapping[str, Callable[[EntryMetadata], bool]]] = {
    "abstract": lambda said: said.abstract is not None,
    "format_class": lambda said: said.format_class is not None,
    "format_type": lambda said: bool(said.format_types),
    "sharing_type": lambda said: said.sharing_type is not None,
    "open_type": lambda said: said.open_type is not None,
    "update_cycle": lambda said: said.update_cycle is not None,
    "issued_on": lambda said: said.issued_on is not None,
    "updated_on": lambda said: said.updated_on is not None,
    "theme": lambda said: bool(said.themes),
    "contact": lambda said: said.contact is not None,
    "personal_information": lambda said: said.personal_information is not None,
}
"""Elements that only an organ can state, and how to see that it did; whether it must is the table's obligation."""

_FIELDS: Final[Mapping[str, str]] = {"format_type": "format_types", "theme": "themes"}
"""Elements that notes of harvesters name otherwise."""

_RULES: Final[Mapping[str, str]] = {"issued_on": "R22"}
"""Elements that a law asks for by itself: the disclosure catalogue holds the date of creation."""

_LISTED: Final = "R41"
"""Order 809 art. 13 lists what a catalogue states, and is cited for every other element of the guide."""

_TEXTS: Final[Mapping[str, Callable[[EntryMetadata], tuple[str, ...]]]] = {
    "title": lambda said: (said.title.original,),
    "resource_code": lambda said: (said.resource_code,),
    "provider_name": lambda said: (said.provider_name,),
    "provider_division": lambda said: (said.provider_division,),
    "abstract": lambda said: (said.abstract.original,) if said.abstract else (),
    "format_note": lambda said: (said.format_note,),
    "items[].name": lambda said: tuple(item.name for item in said.items),
    "items[].code": lambda said: tuple(item.code for item in said.items),
    "sharing_condition": lambda said: (said.sharing_condition,),
    "non_sharing_basis": lambda said: (said.non_sharing_basis,),
    "open_condition": lambda said: (said.open_condition,),
    "keywords": lambda said: said.keywords,
    "online_url": lambda said: said.online_urls,
    "source_system": lambda said: said.source_systems,
    "legal_basis": lambda said: said.legal_bases,
}

_SHORTEST_ABSTRACT: Final = 15
_RESOURCE_CODE: Final = re.compile(r"\d{3,}/\d+")
_CLASS_DIGITS: Final = 3
"""Digits of 类 and 项, the levels the national guide numbers; 目 and 细目 are the municipality's own."""

_NEEDS_ITEMS: Final = frozenset({FormatClass.SPREADSHEET, FormatClass.DATABASE, FormatClass.SERVICE})
_LENGTH: Final = re.compile(r"0*[1-9]\d*\s*([,，.]\s*\d+)?")
_ITEM_CODE: Final = re.compile(r"[a-z][a-z0-9_]*", re.IGNORECASE)
_NO_WORD: Final = re.compile(r"[\W_]+")


def obligations(it: Subject) -> Iterator[Violation]:
    """Every element that is mandatory and has its column in the standard workbook is stated (decision 10)."""
    for identifier, is_stated in _STATED.items():
        element = it.profile.elements.get(identifier)
        is_asked = element is not None and element.has_column and element.obligation.startswith("mandatory")
        if is_asked and not is_stated(it.metadata) and not it.was_unread(_FIELDS.get(identifier, identifier)):
            yield missing(identifier, _RULES.get(identifier, _LISTED))


def readable_values(it: Subject) -> Iterator[Violation]:
    """What the organ wrote could be understood."""
    for note in it.metadata.unread:
        yield wrong(note.element, note.code, note.value)


def lengths(it: Subject) -> Iterator[Violation]:
    """Texts keep to the length the table gives them."""
    for identifier, texts_of in _TEXTS.items():
        element = it.profile.elements.get(identifier)
        if element is None or element.max_length == 0:
            continue
        longest = max(map(len, texts_of(it.metadata)), default=0)
        if longest > element.max_length and not it.was_unread(identifier):
            yield wrong(identifier, "too_long", f"{longest} > {element.max_length}")


def title(it: Subject) -> Iterator[Violation]:
    """A title names content, not a system, and carries no digits left by dragging a cell."""
    text = it.metadata.title.original
    folded = fold(text)
    if it.is_folded_text(TextPattern.PLACEHOLDER, folded):
        yield wrong("title", "placeholder", text)
    if it.is_folded_text(TextPattern.SYSTEM_NAME, folded):
        yield wrong("title", "title_is_a_system", text)
    if it.is_folded_text(TextPattern.DRAGGED_NUMBER, folded):
        yield wrong("title", "title_ends_in_a_number", text)


def abstract(it: Subject) -> Iterator[Violation]:
    """An abstract says more than the title."""
    if it.metadata.abstract is None:
        return
    text = it.metadata.abstract.original
    folded = fold(text)
    if it.is_folded_text(TextPattern.PLACEHOLDER, folded):
        yield wrong("abstract", "placeholder", text)
    elif _words(folded) == _words(fold(it.metadata.title.original)):
        yield wrong("abstract", "same_as_title")
    elif len(folded) < _SHORTEST_ABSTRACT:
        yield wrong("abstract", "too_short", text)


def provider(it: Subject) -> Iterator[Violation]:
    """The provider is the organ that answers for the entry, under its own credit code (GB 32100-2015)."""
    name, code = fold(it.metadata.provider_name), normalise_uscc(it.metadata.provider_uscc)
    if name and not any(known in name or name in known for known in map(fold, it.organ.all_names)):
        yield wrong("provider_name", "provider_is_another", it.metadata.provider_name)
    if code and not is_valid_uscc(code):
        yield wrong("provider_uscc", "bad_check_digit", code)
    elif code and it.organ.uscc and code not in {it.organ.uscc, *it.organ.former_usccs}:
        yield wrong("provider_uscc", "code_of_another_organ", code)


def classification(it: Subject) -> Iterator[Violation]:
    """The class exists; a resource code is class code, slash, serial number, and of the same class (guide 1272)."""
    code, classes = it.class_code, it.profile.vocabularies.classes
    if not code and not it.metadata.resource_code and _is_mandatory(it, "resource_classification"):
        yield missing("resource_classification", _LISTED)
    if code and (len(code) < _CLASS_DIGITS or code[:_CLASS_DIGITS] not in classes or not code.isdecimal()):
        yield wrong("resource_classification", "unknown_value", code)
    resource_code = it.metadata.resource_code
    if resource_code and _RESOURCE_CODE.fullmatch(resource_code) is None:
        yield wrong("resource_code", "code_form", resource_code)
    elif resource_code and not resource_code.startswith(code[:_CLASS_DIGITS]):
        yield wrong("resource_code", "code_of_another_class", f"{resource_code} ({code})")


def cycle(it: Subject) -> Iterator[Violation]:
    """A cycle outside the list comes with its period in ISO 8601."""
    if it.metadata.update_cycle is UpdateCycle.OTHER and not it.metadata.update_period:
        yield wrong("update_cycle", "cycle_without_period")


def days(it: Subject) -> Iterator[Violation]:
    """Nothing is issued or updated in the future, or updated before it was issued; a range runs forwards."""
    said = it.metadata
    for element, day in (("issued_on", said.issued_on), ("updated_on", said.updated_on)):
        if day is not None and day > it.today and not it.was_unread(element):
            yield wrong(element, IN_THE_FUTURE, day)
    if said.issued_on and said.updated_on and said.updated_on < said.issued_on <= it.today:
        yield wrong("updated_on", "before_issued", f"{said.updated_on} < {said.issued_on}")
    span = said.temporal
    if span and span.start and span.end and span.start > span.end:
        yield wrong("temporal", "start_after_end", f"{span.start} > {span.end}")


def formats(it: Subject) -> Iterator[Violation]:
    """Formats are known, one of them at least is of the class stated, and what describes itself is described."""
    known, said = it.profile.vocabularies.formats, it.metadata
    if unknown := [name for name in said.format_types if name not in known]:
        yield wrong("format_type", "unknown_value", *unknown)
    classes = {known[name].format_class for name in said.format_types if name in known}
    if said.format_class is not None and classes and said.format_class not in classes:
        yield wrong("format_type", "type_not_of_class", *said.format_types)
    if said.format_class is FormatClass.SELF_DESCRIBED and not said.format_note:
        yield missing("format_note", _LISTED)


def items(it: Subject) -> Iterator[Violation]:
    """Structured content lists its items, each once, of a known type, with a length where the type has one.

    A form that only lists names has no place for types, and none of its items is held to have one.
    """
    rows, words = it.metadata.items, it.profile.vocabularies
    has_types = any(row.data_type for row in rows)
    if not rows and it.metadata.format_class in _NEEDS_ITEMS and not it.was_unread("items"):
        yield missing("items", _LISTED)
    faults: Mapping[str, Callable[[Item], bool]] = {
        "item_type_unknown": lambda row: has_types and row.data_type not in words.field_types,
        "item_length_missing": lambda row: row.data_type in words.types_with_length and not row.length,
        "item_length_wrong": lambda row: bool(row.length) and _LENGTH.fullmatch(row.length) is None,
        "item_code_form": lambda row: bool(row.code) and _ITEM_CODE.fullmatch(row.code) is None,
    }
    if twice := [name for name, count in Counter(row.name for row in rows).items() if count > 1]:
        yield wrong("items", "item_twice", *twice)
    for code, is_fault in faults.items():
        if found := [row.name for row in rows if is_fault(row)]:
            yield wrong("items", code, *found)


def places_and_themes(it: Subject) -> Iterator[Violation]:
    """Division and theme codes are known."""
    words = it.profile.vocabularies
    if places := [code for code in it.metadata.spatial if code.isdecimal() and code not in words.divisions]:
        yield wrong("spatial", "unknown_value", *places)
    if themes := [theme for theme in it.metadata.themes if theme not in words.themes]:
        yield wrong("theme", "unknown_value", *themes)


FORM: Final[tuple[Rule, ...]] = (
    obligations,
    readable_values,
    lengths,
    title,
    abstract,
    provider,
    classification,
    cycle,
    days,
    formats,
    items,
    places_and_themes,
)


def _is_mandatory(it: Subject, identifier: str) -> bool:
    element = it.profile.elements.get(identifier)
    return element is not None and element.obligation.startswith("mandatory")


def _words(folded: str) -> str:
    return _NO_WORD.sub("", folded)
