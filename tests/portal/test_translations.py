"""Words: every sentence of the pages has its English, every member of a closed list has a name in both languages."""

import re
from collections.abc import Iterator
from enum import StrEnum

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask

from catalogue_app.domain.account import Role, Scope
from catalogue_app.domain.finding import FindingKind, FindingState
from catalogue_app.domain.flagging.stale import FreshnessState
from catalogue_app.domain.proposal import ProposalKind, ProposalState
from catalogue_app.domain.text import has_han
from catalogue_app.domain.upload import UploadState, Verdict
from catalogue_app.domain.vocabulary import (
    DisclosureCategory,
    OpenType,
    OrganKind,
    SharingType,
    Tier,
    UpdateCycle,
)
from catalogue_app.services.catalogue_views import CoverageState
from catalogue_app.web.portal import terms, words
from indexing.fields import FacetField, Sort
from tests.shared import ROOT

WEB = ROOT / "catalogue_app" / "web"
FULL_WIDTH = re.compile(r"[：、，；（）]")
PLACEHOLDER = re.compile(r"%\(\w+\)s|%%")
Sentence = str | tuple[str, ...]

NAMED = [
    (words.freshness, FreshnessState),
    (words.freshness_meaning, FreshnessState),
    (words.tier, Tier),
    (words.coverage, CoverageState),
    (words.category_mark, DisclosureCategory),
    (words.category_short, DisclosureCategory),
    (words.organ_kind, OrganKind),
    (words.facet, FacetField),
    (words.sort, Sort),
    (words.finding, FindingKind),
    (words.finding_state, FindingState),
    (words.role, Role),
    (words.proposal_kind, ProposalKind),
    (words.proposal_state, ProposalState),
    (words.upload_state, UploadState),
    (words.verdict, Verdict),
    (words.scope, Scope),
    (words.scope_meaning, Scope),
    (terms.category, DisclosureCategory),
    (terms.cycle, UpdateCycle),
    (terms.sharing, SharingType),
    (terms.opening, OpenType),
]


def marked() -> Iterator[tuple[str, Sentence]]:
    """Yield the file and the sentence of all that templates and modules of the web floor mark for translation."""
    methods = [("**.py", "python"), ("templates/**", "jinja2")]
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "say": None, "mark": None}
    for name, _, sentence, _, _ in extract_from_dir(
        WEB, methods, {"templates/**": {"newstyle_gettext": "true"}}, keywords
    ):
        yield name, sentence if isinstance(sentence, str) else tuple(sentence[:2])


def sentences() -> set[Sentence]:
    return {sentence for _, sentence in marked()}


def first(sentence: Sentence) -> str:
    """Return the sentence itself, of singular and plural the first: it is the key of both."""
    return sentence if isinstance(sentence, str) else sentence[0]


def is_chinese(sentence: str) -> bool:
    return has_han(sentence) or FULL_WIDTH.search(sentence) is not None


def catalogue() -> Catalog:
    with (WEB / "translations" / "en" / "LC_MESSAGES" / "messages.po").open("rb") as source:
        return read_po(source, locale="en")


def english() -> dict[Sentence, Message]:
    return {
        message.id if isinstance(message.id, str) else tuple(message.id): message
        for message in catalogue()
        if message.id
    }


def forms(message: Message) -> Iterator[tuple[str, str]]:
    keys = [message.id] if isinstance(message.id, str) else list(message.id)
    texts = [message.string] if isinstance(message.string, str) else list(message.string or ())
    yield from zip(keys, texts, strict=True)


def test_an_act_of_the_log_shares_no_sentence_with_a_page() -> None:
    """What was done and what can be done may be one sentence in Chinese; in English they are two."""
    told: dict[bool, set[str]] = {True: set(), False: set()}
    for name, sentence in marked():
        told[name.endswith("acts.py")].add(first(sentence))
    assert len(told[True]) > 50
    assert told[True] & told[False] == set()


def test_pages_are_written_in_chinese() -> None:
    assert {sentence for sentence in map(first, sentences()) if not is_chinese(sentence)} == set()


def test_every_sentence_has_its_english_and_no_other_is_kept() -> None:
    assert set(map(first, english())) == set(map(first, sentences()))


def faults(message: Message) -> Iterator[str]:
    """Yield what is wrong with a translation."""
    for key, text in forms(message):
        unfilled = set(PLACEHOLDER.findall(key)) ^ set(PLACEHOLDER.findall(text))
        may_lack = {"%(num)s"} if message.pluralizable else set()  # one may be said without a figure
        if not text.strip() or has_han(text) or message.fuzzy or unfilled - may_lack:
            yield f"{key} -> {text}"


def test_every_translation_is_whole() -> None:
    assert [fault for message in english().values() for fault in faults(message)] == []


@pytest.mark.parametrize(("name", "members"), NAMED, ids=lambda value: value.__name__)
def test_every_member_has_a_name_in_both_languages(portal_app: Flask, name: object, members: type[StrEnum]) -> None:
    assert callable(name)
    for path, is_chinese in (("/", True), ("/en/", False)):
        with portal_app.test_request_context(path):
            named = {member: name(member) for member in members}
        assert {member for member, text in named.items() if not text or has_han(text) != is_chinese} == set()
