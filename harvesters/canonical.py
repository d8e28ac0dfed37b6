"""The canonical form of a record: what stays equal when only key order, white space or bookkeeping changed."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from typing import Final

import orjson

from catalogue_app.domain.metadata import JsonValue

_ODD_ASCII: Final = (b"\\", b"  ", b'" ', b' "')
"""Bytes without which a record written as JSON has no ASCII white space to fold: no escape, no blank beside another
blank or a quote."""
_ODD_SPACE: Final = re.compile(r"[^\S ]")


def canonical(
    record: Mapping[str, JsonValue],
    *,
    volatile: frozenset[str] = frozenset(),
    unordered: frozenset[str] = frozenset(),
) -> bytes:
    """Write the canonical form of one record as JSON.

    Texts are NFC with white space folded and outer blanks gone; keys are sorted at every depth.

    Args:
        record: the record as its source gave it, nested at most some tens of levels.
        volatile: keys, at any depth, that change although the entry does not, such as counters of visitors.
        unordered: keys, at any depth, of lists whose order says nothing, such as keywords.
    """
    shaped = _shape(record, volatile, unordered) if volatile or unordered else record
    written = orjson.dumps(shaped, option=orjson.OPT_SORT_KEYS)
    if _is_folded(written):
        return written
    return orjson.dumps(_shape(_fold(shaped), frozenset(), unordered), option=orjson.OPT_SORT_KEYS)


def digest(content: bytes) -> str:
    """Return the 32 hexadecimal characters (BLAKE2b, 128 bits) that stand for a content."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _is_folded(written: bytes) -> bool:
    """Tell quickly, for most records, that folding would change nothing."""
    if any(odd in written for odd in _ODD_ASCII):
        return False
    if written.isascii():
        return True
    text = written.decode()
    return _ODD_SPACE.search(text) is None and unicodedata.is_normalized("NFC", text)


def _shape(value: object, volatile: frozenset[str], unordered: frozenset[str]) -> object:
    match value:
        case Mapping():
            kept = ((key, part) for key, part in value.items() if key not in volatile)
            return {key: _shape_of(key, part, volatile, unordered) for key, part in kept}
        case list():
            return [_shape(part, volatile, unordered) for part in value]
        case _:
            return value


def _shape_of(key: str, value: object, volatile: frozenset[str], unordered: frozenset[str]) -> object:
    shaped = _shape(value, volatile, unordered)
    if key in unordered and isinstance(shaped, list):
        shaped.sort(key=lambda part: orjson.dumps(part, option=orjson.OPT_SORT_KEYS))
    return shaped


def _fold(value: object) -> object:
    match value:
        case str():
            return " ".join(unicodedata.normalize("NFC", value).split())
        case Mapping():
            return {key: _fold(part) for key, part in value.items()}  # two keys may not become one
        case list():
            return [_fold(part) for part in value]
        case _:
            return value
