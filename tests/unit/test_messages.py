"""Codes and words: every code that people may meet has its sentences, and no sentence outlives its code."""

import ast
import re
import string
from collections.abc import Iterator
from typing import Final

import pytest

from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.reference import load_reference
from tests.architecture.tree import Module, modules
from tests.shared import ROOT

REFERENCE: Final = load_reference(ROOT / "config")
WORDS: Final = REFERENCE.messages.wordings
CODE: Final = re.compile(r"[a-z]+(_[a-z]+)+|missing|placeholder|interrupted")
ELEMENTS: Final = {
    *EntryMetadata.__dataclass_fields__,
    *REFERENCE.profile.elements,
    *(element for _, element in REFERENCE.sheet_headers),
    *(element for element in (alias.element for alias in REFERENCE.aliases)),
    "sharing_type",
}
"""Names that stand beside codes in the same calls."""

NOTING: Final = {"unread", "note", "_note", "wrong"}
"""Functions that take a code among other words."""

AT_START: Final = {"ConfigurationError"}
"""Said in the error's own form: the words' own table may be what is broken."""


def errors() -> set[str]:
    """Return the names of the classes of errors that carry codes."""
    names = {"CatalogueError"}
    classes = [node for module in modules() for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)]
    for _ in range(5):
        names |= {
            node.name for node in classes if names & {base.id for base in node.bases if isinstance(base, ast.Name)}
        }
    return names - AT_START


ERRORS: Final = errors()


def texts(node: ast.AST) -> Iterator[str]:
    """Yield the texts in a piece of code that have the form of a code."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and CODE.fullmatch(part.value):
            yield part.value


def codes_of_call(call: ast.Call) -> Iterator[str]:
    """Yield the codes that a call hands over."""
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    if name in {"Problem", "UnreadValue", "Violation"}:
        yield from (code for keyword in call.keywords if keyword.arg == "code" for code in texts(keyword.value))
    elif name in NOTING:
        yield from (code for argument in call.args[1:] for code in texts(argument) if code not in ELEMENTS)
    elif name in ERRORS and call.args:
        yield from texts(call.args[0])


def codes_of(module: Module) -> Iterator[str]:
    """Yield the codes that a module uses."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield from codes_of_call(node)
        elif isinstance(node, ast.ClassDef) and node.name in ERRORS:
            assigned = (part for part in node.body if isinstance(part, ast.Assign))
            yield from (code for part in assigned for code in texts(part.value))
        elif isinstance(node, ast.Return) and module.path.name == "dates.py":
            yield from texts(node)


WEB: Final = "catalogue_app/web/"
"""Faults of an address or a form, with words of their own."""

USED: Final = {
    code: str(module) for module in modules() if not str(module).startswith(WEB) for code in codes_of(module)
}


def test_codes_are_found_in_every_form_they_are_written_in() -> None:
    assert {"not_a_date", "too_long", "html_instead_of_json", "missing", "same_as_title", "not_found"} <= set(USED)


@pytest.mark.parametrize("code", sorted(USED))
def test_every_code_has_words(code: str) -> None:
    assert code in WORDS, f"{code} of {USED[code]} has no row in config/messages/problems.csv"


def test_no_words_outlive_their_code() -> None:
    written = {text for module in modules() for text in texts(module.tree)} | {
        node.value
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(WORDS) - written == set()


def places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("code", sorted(WORDS))
def test_both_languages_name_the_same_values(code: str) -> None:
    wording = WORDS[code]
    assert places(wording.zh) == places(wording.en)
    assert places(wording.mend_zh) == places(wording.mend_en)
    assert wording.mend_zh
    assert wording.mend_en
