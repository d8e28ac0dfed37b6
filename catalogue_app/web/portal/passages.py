"""Passages of text on a page: which language each is in, so that voices and fonts are right (WCAG 3.1.2)."""

import re
from typing import Final

from markupsafe import Markup, escape

from catalogue_app.domain.text import LocalizedText, clean_line, has_han
from catalogue_app.web.context import language
from catalogue_app.web.language import Language

_LATIN_WORD: Final = re.compile(r"[A-Za-z]{3,}")
_NOT_OF_AN_ID: Final = re.compile(r"[^A-Za-z0-9_-]")


def plain(text: LocalizedText | str) -> str:
    """Return a text as one line, in the language of the answer where it has one."""
    return clean_line(text.pick(language())[1] if isinstance(text, LocalizedText) else text)


def foreign_tag(text: str) -> str:
    """Return the BCP 47 tag of a text that is not in the language of the page; empty where it is.

    A text with Chinese characters is Chinese; one without them but with a Latin word is taken for English.
    """
    if has_han(text):
        return "" if language() is Language.ZH else Language.ZH.tag
    return Language.EN.tag if language() is Language.ZH and _LATIN_WORD.search(text) else ""


def lang(text: object) -> Markup:
    """Write the attribute `lang` that an element with this text needs, with a blank before it, or nothing."""
    tag = foreign_tag(str(text))
    return Markup(' lang="{}"').format(tag) if tag else Markup()


def xml_lang(text: object) -> Markup:
    """Write the attribute `xml:lang` of a feed's element with this text, with a blank before it, or nothing."""
    tag = foreign_tag(str(text))
    return Markup(' xml:lang="{}"').format(tag) if tag else Markup()


def passage(text: LocalizedText | str | None) -> Markup:
    """Write a text; in another language than the page, inside an element that says so."""
    if text is None or isinstance(text, Markup):
        return Markup() if text is None else text
    shown = text.pick(language())[1] if isinstance(text, LocalizedText) else text
    tag = foreign_tag(shown)
    return Markup('<span lang="{}">{}</span>').format(tag, shown) if tag else escape(shown)


def one_line(text: object) -> str:
    """Write a text without line breaks and outer blanks, for attributes and titles."""
    return clean_line(str(text))


def machine_id(text: str) -> str:
    """Write a text as a part of an element's id; different texts stay different."""
    return _NOT_OF_AN_ID.sub(lambda found: f".{ord(found.group()):x}.", text)
