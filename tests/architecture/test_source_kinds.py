"""Every kind of source has its page and its words in Chinese and English, for itself and for each of its options."""

import re

import pytest

from catalogue_app.domain.source import GENERAL_OPTIONS, SourceKind
from catalogue_app.reference import load_reference
from harvesters.fields import READING_OPTIONS
from harvesters.registry import BUILT_IN
from tests.shared import ROOT

PAGES = ROOT / "docs" / "sources"
WORDS = load_reference(ROOT / "config").source_words


@pytest.mark.parametrize("kind", SourceKind)
def test_every_kind_has_a_page_that_names_its_options(kind: SourceKind) -> None:
    page = (PAGES / f"{kind.value}.md").read_text("utf-8")
    assert page.startswith(f"# `{kind.value}`: ")
    assert f"--kind {kind.value} " in page
    names = {option.removesuffix(".*") for option in BUILT_IN[kind].settings}
    assert {name for name in names if not re.search(rf"`{re.escape(name)}[`.]", page)} == set()
    assert f"]({kind.value}.md)" in (PAGES / "README.md").read_text("utf-8")


def test_no_page_outlives_its_kind() -> None:
    pages = {page.stem for page in PAGES.glob("*.md")} - {"README", "plug-ins"}
    assert pages == {kind.value for kind in SourceKind if kind in BUILT_IN}


def test_every_kind_and_option_has_words_and_no_words_outlive_them() -> None:
    own = {(kind.value, option) for kind, it in BUILT_IN.items() for option in ("", *it.settings)}
    assert set(WORDS) == own | {("", option) for option in (*GENERAL_OPTIONS, *READING_OPTIONS)}
