"""The fields of the embedded index."""

from typing import Final

from tantivy import Document, Schema, SchemaBuilder

from indexing.analysis import Analyser
from indexing.document import SearchDocument
from indexing.fields import FacetField
from indexing.plan import TextField
from indexing.terms import terms_of

VERSION: Final = 1
"""Raised when the fields change; indexes built before are then rebuilt."""

ID: Final = "id"
REVISION: Final = "revision"
SERIAL: Final = "serial"
LABEL: Final = "label"
CHANGED: Final = "changed"
UPDATED: Final = "updated"
TITLE_KEY: Final = "title_key"
SUGGEST: Final = "suggest"

_POSITIONS: Final = frozenset({TextField.CHARS, TextField.BODY_CHARS})
"""Fields asked for terms in order; the others need no positions."""

_RAW: Final = frozenset({TextField.CODE, TextField.EXACT})
"""Fields whose values are one term each."""

_SERIAL_BITS: Final = 31


def facet_name(field: FacetField) -> str:
    """Return the name of a facet's column."""
    return f"facet_{field}"


def build_schema() -> Schema:
    """Return the schema; the terms are made before, so every text field cuts at blanks only."""
    builder = SchemaBuilder()
    builder.add_text_field(ID, stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field(LABEL, tokenizer_name="raw", index_option="basic")
    builder.add_text_field(SUGGEST, tokenizer_name="raw", index_option="basic")
    builder.add_text_field(TITLE_KEY, fast=True, tokenizer_name="raw", index_option="basic")
    for name in (REVISION, SERIAL, CHANGED, UPDATED):
        builder.add_unsigned_field(name, indexed=True, fast=True)
    for field in TextField:
        tokenizer = "raw" if field in _RAW else "whitespace"
        option = "position" if field in _POSITIONS else "freq"
        builder.add_text_field(field, tokenizer_name=tokenizer, index_option=option)
    for facet in FacetField:
        builder.add_text_field(facet_name(facet), fast=True, tokenizer_name="raw", index_option="basic")
    return builder.build()


def to_tantivy(document: SearchDocument, analyser: Analyser) -> Document:
    """Turn a search document into the engine's own."""
    made = Document()
    made.add_text(ID, document.entry_id.hex)
    for label in document.labels:
        made.add_text(LABEL, label)
    for key in suggestion_keys(document, analyser):
        made.add_text(SUGGEST, key)
    made.add_text(TITLE_KEY, document.folded_title)
    made.add_unsigned(REVISION, document.revision)
    made.add_unsigned(SERIAL, document.serial)
    made.add_unsigned(CHANGED, int(document.changed_at.timestamp()) << _SERIAL_BITS | document.serial)
    days = document.updated_on.toordinal() if document.updated_on else 0
    made.add_unsigned(UPDATED, days << _SERIAL_BITS | document.serial)
    for field, terms in terms_of(document, analyser).items():
        for text in terms if field in _RAW else filter(None, (" ".join(terms),)):
            made.add_text(field, text)
    for facet, value in ((facet, value) for facet, values in document.facets.items() for value in values):
        made.add_text(facet_name(facet), value)
    return made


SEPARATOR: Final = "\t"


def suggestion_keys(document: SearchDocument, analyser: Analyser) -> set[str]:
    """Return what typing may begin with, each followed by kind and text: `key TAB kind TAB text`.

    A title is found from each of its words on, by its sound and by its initials; organs and items from their beginning.
    """
    fold = analyser.normalise
    keys = set()
    for title in document.titles:
        folded = fold(title)
        starts = _word_starts(analyser.cut(folded), folded)
        spoken = ("".join(analyser.sounds(folded)), analyser.initials(folded))
        keys |= {f"{key}{SEPARATOR}title{SEPARATOR}{title}" for key in (*starts, *spoken)}
    for name in document.organ_names:
        folded = fold(name)
        spoken = ("".join(analyser.sounds(folded)), analyser.initials(folded))
        keys |= {f"{key}{SEPARATOR}organ{SEPARATOR}{name}" for key in (folded, *spoken)}
    keys |= {f"{fold(item)}{SEPARATOR}item{SEPARATOR}{item}" for item in document.items}
    return keys


def _word_starts(words: list[str], text: str) -> list[str]:
    """Return the text from each of its words on."""
    starts = []
    place = 0
    for word in words:
        place = text.find(word, place)
        if place < 0:
            break
        starts.append(text[place:])
        place += len(word)
    return starts
