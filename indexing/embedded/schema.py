"""The fields of the embedded index."""

from typing import Final

from tantivy import Document, Schema, SchemaBuilder

from indexing.analysis import Analyser
from indexing.document import SearchDocument
from indexing.fields import FacetField
from indexing.keys import changed_key, suggestion_keys, title_key, updated_key
from indexing.plan import IN_ORDER, WHOLE, TextField
from indexing.terms import terms_of

VERSION: Final = 4
"""Raised when the fields change; indexes built before are then rebuilt."""

ID: Final = "id"
REVISION: Final = "revision"
SERIAL: Final = "serial"
LABEL: Final = "label"
CHANGED: Final = "changed"
UPDATED: Final = "updated"
TITLE_KEY: Final = "title_key"
NEWNESS: Final = "newness"
SUGGEST: Final = "suggest"

_STEP_BITS: Final = 6
_REST: Final = (1 << _STEP_BITS) - 1
_STEP: Final = 2.0**-22


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
    builder.add_float_field(NEWNESS, fast=True)
    for name in (REVISION, SERIAL, CHANGED, UPDATED):
        builder.add_unsigned_field(name, indexed=True, fast=True)
    for field in TextField:
        tokenizer = "raw" if field in WHOLE else "whitespace"
        option = "position" if field in IN_ORDER else "basic"
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
    made.add_text(TITLE_KEY, title_key(document))
    made.add_float(NEWNESS, newness(document.serial))
    made.add_unsigned(REVISION, document.revision)
    made.add_unsigned(SERIAL, document.serial)
    made.add_unsigned(CHANGED, changed_key(document))
    made.add_unsigned(UPDATED, updated_key(document))
    for field, terms in terms_of(document, analyser).items():
        for text in terms if field in WHOLE else filter(None, (" ".join(terms),)):
            made.add_text(field, text)
    for facet, value in ((facet, value) for facet, values in document.facets.items() for value in values):
        made.add_text(facet_name(facet), value)
    return made


def newness(serial: int) -> float:
    """Return what a document's score is multiplied by, as the engine wants it: it takes `log2(2 + newness)`.

    That is 1 and less than a 2,048th more, in steps of two of the smallest differences that the engine's numbers of 32
    bits know there. Scores up to 2,047 thus stay below the next one, and a larger number never comes out below a
    smaller one. A step is a running number's length in bits, and the six bits after its first.
    """
    length = max(1, serial.bit_length())
    step = (length << _STEP_BITS) | ((serial << _STEP_BITS >> (length - 1)) & _REST)
    return float(2.0 ** (1.0 + step * _STEP)) - 2.0
