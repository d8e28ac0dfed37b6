"""Rules of the profile on who may have the content: sharing between organs, opening to all, persons protected."""

from collections.abc import Iterator, Sequence
from typing import Final

from catalogue_app.domain.metadata import Item
from catalogue_app.domain.profile import Rule, Subject, TextPattern, Violation, missing, wrong
from catalogue_app.domain.vocabulary import OpenType, SharingType

_BASIC: Final = "1"
"""Class (类) of the basic databases."""

_WIDTH: Final[Sequence[SharingType]] = (SharingType.NONE, SharingType.CONDITIONAL, SharingType.UNCONDITIONAL)
"""Sharing types, narrowest first."""


def sharing_grounds(it: Subject) -> Iterator[Violation]:
    """Conditional sharing states its condition (R44), no sharing the law it rests on (R43)."""
    said = it.metadata
    if said.sharing_type is SharingType.CONDITIONAL and not it.is_said(said.sharing_condition):
        yield Violation(element="sharing_condition", code="missing", flag="condition_missing", rule="R44")
    if said.sharing_type is not SharingType.NONE:
        return
    # The standard workbook has no column of its own for the basis: it stands under the conditions.
    basis = next(filter(it.is_said, (said.non_sharing_basis, said.sharing_condition)), "")
    if not it.is_text(TextPattern.LEGAL_INSTRUMENT, basis):
        code = "basis_names_no_law" if basis else "missing"
        flag = "non_sharing_without_basis"
        yield Violation(element="non_sharing_basis", code=code, value=basis[:200], flag=flag, rule="R43")


def sharing_methods(it: Subject) -> Iterator[Violation]:
    """What is shared says how, and the way fits the format (R41)."""
    said = it.metadata
    is_shared = said.sharing_type in {SharingType.CONDITIONAL, SharingType.UNCONDITIONAL}
    if is_shared and not said.sharing_methods and not it.was_unread("sharing_method"):
        yield missing("sharing_method", "R41")
    fits = it.profile.vocabularies.methods
    for method in said.sharing_methods:
        if said.format_class is not None and not {said.format_class, "any"} & {*fits.get(method.type, ("any",))}:
            yield wrong("sharing_method", "method_does_not_fit", method.type)


def item_sharing(it: Subject) -> Iterator[Violation]:
    """No item is shared more widely than its entry."""
    of_entry = it.metadata.sharing_type
    if of_entry is None:
        return
    if wider := [item.name for item in it.metadata.items if _is_wider(item, of_entry)]:
        yield wrong("items", "item_shared_wider", *wider)


def basic_databases(it: Subject) -> Iterator[Violation]:
    """Basic items of the basic databases are shared unconditionally (State Council 2016 No 51; R63): a question."""
    kind = it.metadata.sharing_type
    if it.class_code.startswith(_BASIC) and kind in {SharingType.CONDITIONAL, SharingType.NONE}:
        flag = "basic_not_unconditional"
        yield Violation(element="sharing_type", code="basic_not_shared", value=str(kind), flag=flag, rule="R63")


def opening(it: Subject) -> Iterator[Violation]:
    """What is open can be had; what is open on conditions states them; core data is never open."""
    said = it.metadata
    is_open = said.open_type is OpenType.OPEN
    if is_open and not (said.distributions or said.online_urls):
        yield missing("distributions", "R07")
    if said.open_type is OpenType.CONDITIONAL and not it.is_said(said.open_condition):
        yield Violation(element="open_condition", code="missing", flag="condition_missing", rule="R07")
    if is_open and it.is_text(TextPattern.CORE_GRADE, said.data_grade):
        yield wrong("data_grade", "core_open", said.data_grade)


def persons(it: Subject) -> Iterator[Violation]:
    """What is open holds no item about a person (R72), and its contact is an office."""
    said = it.metadata
    if said.contact is not None and it.is_text(TextPattern.PERSONAL_NUMBER, said.contact.telephone):
        yield wrong("contact", "personal_number", f"{said.contact.telephone[:3]}…")
    if said.open_type is not OpenType.OPEN:
        return
    personal = [item.name for item in said.items if item.sensitive or _is_personal(it, item)]
    if personal or said.personal_information:
        value = "、".join(personal)[:200]
        yield Violation(
            element="items" if personal else "personal_information",
            code="personal_item_open",
            value=value,
            flag="personal_item_open",
            rule="R72",
        )


ACCESS: Final[tuple[Rule, ...]] = (
    sharing_grounds,
    sharing_methods,
    item_sharing,
    basic_databases,
    opening,
    persons,
)


def _is_wider(item: Item, of_entry: SharingType) -> bool:
    return item.sharing_type is not None and _WIDTH.index(item.sharing_type) > _WIDTH.index(of_entry)


def _is_personal(it: Subject, item: Item) -> bool:
    """Whether an item is about a person whatever else stands beside it; weak names only ask for a closer look."""
    return any(one.is_strong and one.pattern.search(item.name) for one in it.profile.vocabularies.personal)
