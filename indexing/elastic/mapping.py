"""The fields of an Elasticsearch index, and a document as it is sent: terms made before, cut at blanks there."""

from collections.abc import Iterable, Mapping
from typing import Final

import orjson

from catalogue_app.domain.metadata import JsonValue
from indexing.analysis import Analyser
from indexing.document import SearchDocument
from indexing.fields import FacetField
from indexing.keys import changed_key, suggestion_keys, title_key, updated_key
from indexing.plan import IN_ORDER, WHOLE, TextField
from indexing.terms import terms_of

VERSION: Final = 3
"""Raised when the fields change; indexes built before are then rebuilt."""

ID: Final = "id"
REVISION: Final = "revision"
SERIAL: Final = "serial"
LABEL: Final = "label"
CHANGED: Final = "changed"
UPDATED: Final = "updated"
TITLE_KEY: Final = "title_key"
SUGGEST: Final = "suggest"

Json = dict[str, JsonValue]

_LONGEST: Final = 8000
"""Characters of a value that is one term: the server refuses terms of more than 32,766 bytes."""


def facet_name(field: FacetField) -> str:
    """Return the name of a facet's field."""
    return f"facet_{field}"


def mappings() -> Json:
    """Return the explicit mapping; nothing is guessed, and no source is kept: the database is the source."""
    keyword: Json = {"type": "keyword", "ignore_above": _LONGEST}
    number: Json = {"type": "long", "index": False}
    fields: dict[str, JsonValue] = {
        ID: {"type": "keyword", "index": False},
        TITLE_KEY: {"type": "keyword", "index": False},
        LABEL: {"type": "keyword", "doc_values": False},
        SUGGEST: keyword,
        **dict.fromkeys((REVISION, SERIAL, CHANGED, UPDATED), number),
        **{field.value: _text(field) for field in TextField},
        **{facet_name(facet): keyword for facet in FacetField},
    }
    return {"dynamic": "strict", "_source": {"enabled": False}, "properties": fields}


def _text(field: TextField) -> Json:
    return {
        "type": "text",
        "analyzer": "keyword" if field in WHOLE else "whitespace",
        "index_options": "positions" if field in IN_ORDER else "docs",
        "norms": False,
    }


def settings() -> Json:
    """Return the settings of an index that is being filled: it is refreshed only when somebody looks.

    One shard, so that counts are exact; a copy of it as soon as there is a second node.
    """
    return {"number_of_shards": 1, "auto_expand_replicas": "0-1", "refresh_interval": "-1"}


def operation(document: SearchDocument, analyser: Analyser) -> bytes:
    """Return a document as two lines of a bulk request; its revision is its version, so a late writer never wins."""
    action = {
        "index": {"_id": document.entry_id.hex, "version": document.revision, "version_type": "external"},
    }
    return orjson.dumps(action) + b"\n" + orjson.dumps(_fields(document, analyser))


def _fields(document: SearchDocument, analyser: Analyser) -> Mapping[str, object]:
    texts = terms_of(document, analyser)
    return {
        ID: document.entry_id.hex,
        REVISION: document.revision,
        SERIAL: document.serial,
        LABEL: sorted(document.labels),
        SUGGEST: list(suggestion_keys(document, analyser)),
        TITLE_KEY: title_key(document),
        CHANGED: changed_key(document),
        UPDATED: updated_key(document),
        **{field.value: _short(terms) if field in WHOLE else " ".join(terms) for field, terms in texts.items()},
        **{facet_name(facet): values for facet, values in document.facets.items()},
    }


def _short(values: Iterable[str]) -> list[str]:
    return [value for value in values if len(value) <= _LONGEST]
