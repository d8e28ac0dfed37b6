"""The rules of the metadata profile, one small function each, and the check that runs them all.

What the table says (obligation, length, value domain) is read from the table; code is only where a rule has logic.
Elements the catalogue fills itself are not held against an organ: its code, its organ's name and credit code, the tier,
and the licence, which falls back to the municipal terms (decision 10).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Final

from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.organ import Organ, is_valid_uscc, normalise_uscc
from catalogue_app.domain.profile import VALUE_LIMIT, Profile, Rule, Subject, Violation
from catalogue_app.domain.text import fold, has_han
from catalogue_app.domain.vocabulary import FormatClass, OpenType, SharingType

_PRESENCE: Final[Mapping[str, Callable[[EntryMetadata], bool]]] = {
    "resource_classification": lambda it: it.classification is not None,
    "abstract": lambda it: it.abstract is not None,
    "format_class": lambda it: it.format_class is not None,
    "format_type": lambda it: bool(it.format_types),
    "sharing_type": lambda it: it.sharing_type is not None,
    "open_type": lambda it: it.open_type is not None,
    "update_cycle": lambda it: it.update_cycle is not None,
    "issued_on": lambda it: it.issued_on is not None,
    "updated_on": lambda it: it.updated_on is not None,
    "theme": lambda it: bool(it.themes),
    "contact": lambda it: it.contact is not None,
    "personal_information": lambda it: it.personal_information is not None,
}
"""Elements an organ must state, and how to see that it did; whether it must is the table's obligation."""

_LISTED: Final = frozenset(
    {"resource_classification", "abstract", "format_class", "format_type", "sharing_type", "update_cycle"}
)
"""Elements the catalogue must list by R41; the others are asked for by the standard alone (R07)."""

_SHORTEST_ABSTRACT: Final = 15
_PLACEHOLDERS: Final = frozenset(
    {"无", "暂无", "todo", "tbd", "n/a", "na", "none", "null", "待补充", "待定", "测试", "test", "-", "—"}
)
_SYSTEM_NAME: Final = re.compile(r"(系统|平台|子系统|软件|app)$")
_DRAGGED_NUMBER: Final = re.compile(r"[\u4e00-\u9fff）)]\s*\d{1,3}$")
_RESOURCE_CODE: Final = re.compile(r"\d{3,}/\d+")
_NEEDS_ITEMS: Final = frozenset({FormatClass.SPREADSHEET, FormatClass.DATABASE, FormatClass.SERVICE})


def check(metadata: EntryMetadata, organ: Organ, profile: Profile, today: date) -> tuple[Violation, ...]:
    """Check an entry against the profile; returns what departs from it, in the order of the rules."""
    subject = Subject(metadata=metadata, organ=organ, profile=profile, today=today)
    found = (violation for rule in RULES for violation in rule(subject))
    return tuple(dict.fromkeys(found))


def _missing(element: str, rule: str = "R41") -> Violation:
    return Violation(element=element, code="missing", flag="missing_field", rule=rule)


def _wrong(element: str, code: str, value: object = "") -> Violation:
    return Violation(element=element, code=code, value=str(value)[:VALUE_LIMIT])


def mandatory_elements(it: Subject) -> Iterator[Violation]:
    """Every mandatory element is stated (guide 1272; R41)."""
    for element, is_said in _PRESENCE.items():
        stated = it.profile.elements.get(element)
        wanted = stated is not None and stated.obligation.startswith("mandatory")
        if wanted and not is_said(it.metadata) and not it.was_unread(element):
            yield _missing(element, "R41" if element in _LISTED else "R07")


def readable_values(it: Subject) -> Iterator[Violation]:
    """What the organ wrote could be understood."""
    for note in it.metadata.unread:
        yield _wrong(note.element, note.code, note.value)


def lengths(it: Subject) -> Iterator[Violation]:
    """Texts keep to the length the profile gives them."""
    metadata = it.metadata
    texts = {
        "title": metadata.title.original,
        "abstract": metadata.abstract.original if metadata.abstract else "",
        "provider_name": metadata.provider_name,
        "resource_code": metadata.resource_code,
        "sharing_condition": metadata.sharing_condition,
        "open_condition": metadata.open_condition,
        "non_sharing_basis": metadata.non_sharing_basis,
        "format_note": metadata.format_note,
    }
    for element, text in texts.items():
        stated = it.profile.elements.get(element)
        if stated is not None and 0 < stated.max_length < len(text):
            yield _wrong(element, "too_long", f"{len(text)} > {stated.max_length}")


def title(it: Subject) -> Iterator[Violation]:
    """A title names content, not a system, and carries no digits left by dragging a cell."""
    text = fold(it.metadata.title.original)
    if text in _PLACEHOLDERS:
        yield _wrong("title", "placeholder", text)
    if _SYSTEM_NAME.search(text) and has_han(text):
        yield _wrong("title", "title_is_a_system", text)
    if _DRAGGED_NUMBER.search(text):
        yield _wrong("title", "title_ends_in_a_number", text)


def abstract(it: Subject) -> Iterator[Violation]:
    """An abstract says more than the title."""
    if it.metadata.abstract is None:
        return
    text = fold(it.metadata.abstract.original)
    if text in _PLACEHOLDERS:
        yield _wrong("abstract", "placeholder", text)
    elif text == fold(it.metadata.title.original):
        yield _wrong("abstract", "same_as_title")
    elif len(text) < _SHORTEST_ABSTRACT:
        yield _wrong("abstract", "too_short", text)


def provider(it: Subject) -> Iterator[Violation]:
    """The provider is the organ that answers for the entry, under its own credit code (GB 32100-2015)."""
    name, code = it.metadata.provider_name, normalise_uscc(it.metadata.provider_uscc)
    if name and fold(name) not in {fold(known) for known in it.organ.all_names}:
        yield _wrong("provider_name", "provider_is_another", name)
    if code and not is_valid_uscc(code):
        yield _wrong("provider_uscc", "bad_check_digit", code)
    elif code and it.organ.uscc and code != it.organ.uscc:
        yield _wrong("provider_uscc", "code_of_another_organ", code)


def classification(it: Subject) -> Iterator[Violation]:
    """Class codes exist; a resource code is class code, slash, serial number (guide 1272)."""
    stated = it.metadata.classification
    classes = it.profile.vocabularies.classes
    if stated is not None and stated.lei + stated.xiang not in classes:
        yield _wrong("resource_classification", "unknown_value", stated.code)
    code = it.metadata.resource_code
    if code and _RESOURCE_CODE.fullmatch(code) is None:
        yield _wrong("resource_code", "code_form", code)
    elif code and code[:3] not in classes:
        yield _wrong("resource_code", "code_class_unknown", code)


def dates(it: Subject) -> Iterator[Violation]:
    """Nothing is issued or updated in the future, or updated before it was issued."""
    issued, updated = it.metadata.issued_on, it.metadata.updated_on
    for element, day in (("issued_on", issued), ("updated_on", updated)):
        if day is not None and day > it.today:
            yield _wrong(element, "in_the_future", day)
    if issued is not None and updated is not None and updated < issued <= it.today:
        yield _wrong("updated_on", "before_issued", f"{updated} < {issued}")
    span = it.metadata.temporal
    if span is not None and span.start is not None and span.end is not None and span.start > span.end:
        yield _wrong("temporal", "start_after_end", f"{span.start} > {span.end}")


def formats(it: Subject) -> Iterator[Violation]:
    """Formats are known, and one of them at least is of the class stated."""
    known = it.profile.vocabularies.formats
    types = it.metadata.format_types
    for unknown in (name for name in types if name not in known):
        yield _wrong("format_type", "unknown_value", unknown)
    classes = {known[name].format_class for name in types if name in known}
    stated = it.metadata.format_class
    if stated is not None and classes and stated not in classes:
        yield _wrong("format_type", "type_not_of_class", f"{stated}: {', '.join(types)}")


def items(it: Subject) -> Iterator[Violation]:
    """Structured content lists its items, each once, with a known type and a length where the type has one."""
    rows = it.metadata.items
    if not rows and it.metadata.format_class in _NEEDS_ITEMS and not it.was_unread("items"):
        yield _missing("items")
    for name, count in Counter(row.name for row in rows).items():
        if count > 1:
            yield _wrong("items", "item_twice", name)
    words = it.profile.vocabularies
    for row in rows:
        if row.data_type not in words.field_types:
            yield _wrong("items", "item_type_unknown", f"{row.name}: {row.data_type}")
        elif row.data_type in words.types_with_length and not row.length:
            yield _wrong("items", "item_length_missing", row.name)


def sharing(it: Subject) -> Iterator[Violation]:
    """Conditional sharing states its condition, no sharing its legal basis, any sharing its method (R41, R43, R44)."""
    said = it.metadata
    if said.sharing_type is SharingType.CONDITIONAL and not said.sharing_condition:
        yield Violation(element="sharing_condition", code="missing", flag="condition_missing", rule="R44")
    if said.sharing_type is SharingType.NONE and not (said.non_sharing_basis or said.sharing_condition):
        yield Violation(element="non_sharing_basis", code="missing", flag="non_sharing_without_basis", rule="R43")
    shared = said.sharing_type in {SharingType.CONDITIONAL, SharingType.UNCONDITIONAL}
    if shared and not said.sharing_methods and not it.was_unread("sharing_method"):
        yield _missing("sharing_method")
    for method in said.sharing_methods:
        fits = it.profile.vocabularies.methods.get(method.type, ("any",))
        if said.format_class is not None and said.format_class not in fits and "any" not in fits:
            yield _wrong("sharing_method", "method_does_not_fit", f"{said.format_class}: {method.type}")


def basic_databases(it: Subject) -> Iterator[Violation]:
    """Basic items of the basic databases are shared unconditionally (State Council 2016 No 51; R63)."""
    stated = it.metadata.classification
    if (
        stated is not None
        and stated.lei == "1"
        and it.metadata.sharing_type in {SharingType.CONDITIONAL, SharingType.NONE}
    ):
        kind = it.metadata.sharing_type
        yield Violation(
            element="sharing_type", code="basic_not_shared", value=kind, flag="basic_not_unconditional", rule="R63"
        )


def opening(it: Subject) -> Iterator[Violation]:
    """What is open can be had, states its condition, and holds no personal item (R72)."""
    said = it.metadata
    if said.open_type is OpenType.OPEN and not (said.distributions or said.online_urls):
        yield _missing("distributions", "R07")
    if said.open_type is OpenType.CONDITIONAL and not said.open_condition:
        yield Violation(element="open_condition", code="missing", flag="condition_missing", rule="R07")
    if said.open_type is OpenType.OPEN:
        patterns = [row.pattern for row in it.profile.vocabularies.personal if row.is_strong]
        personal = [row.name for row in said.items if any(re.search(pattern, row.name) for pattern in patterns)]
        if personal or said.personal_information:
            value = "、".join(personal)[:VALUE_LIMIT]
            flag = "personal_item_open"
            yield Violation(element="items", code="personal_item_open", value=value, flag=flag, rule="R72")


def places_and_themes(it: Subject) -> Iterator[Violation]:
    """Division and theme codes are known."""
    words = it.profile.vocabularies
    for code in it.metadata.spatial:
        if code.isdigit() and code not in words.divisions:
            yield _wrong("spatial", "unknown_value", code)
    for theme in it.metadata.themes:
        if theme not in words.themes:
            yield _wrong("theme", "unknown_value", theme)


RULES: Final[tuple[Rule, ...]] = (
    mandatory_elements,
    readable_values,
    lengths,
    title,
    abstract,
    provider,
    classification,
    dates,
    formats,
    items,
    sharing,
    basic_databases,
    opening,
    places_and_themes,
)
