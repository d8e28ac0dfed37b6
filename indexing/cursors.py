"""Where a page ended, as text that goes out and comes back: bound to its question, and refused when it is not ours.

A cursor is no secret: whoever makes one up moves within what they may see anyway. It carries a digest of the question,
so that a cursor of another question is refused and not misread.
"""

import base64
import binascii
import hashlib
import json
from typing import Final

from catalogue_app.domain.errors import InvalidCursor
from catalogue_app.domain.visibility import labels_for
from indexing.fields import Sort
from indexing.query import SearchQuery

_MOST_DIGITS: Final = 20
"""Digits of 64 bits."""
_MOST_SHOWN: Final = 80


def write_cursor(query: SearchQuery, sort: Sort, place: int | str) -> str:
    """Write the cursor of the page that goes on from a place: a number of hits, or the key of the last one."""
    return base64.urlsafe_b64encode(f"{_question(query, sort)}:{place}".encode()).decode().rstrip("=")


def read_cursor(query: SearchQuery, sort: Sort) -> int | None:
    """Return the number that a question's cursor says; None on the first page.

    Raises:
        InvalidCursor: it is none of ours, or of another question.
    """
    place = read_place(query, sort)
    if place is None:
        return None
    if not (place.isdecimal() and place.isascii() and len(place) <= _MOST_DIGITS and int(place) < 1 << 64):
        raise refused(query)
    return int(place)


def read_place(query: SearchQuery, sort: Sort) -> str | None:
    """Return what a question's cursor says, whatever it is; None on the first page.

    Raises:
        InvalidCursor: it is none of ours, or of another question.
    """
    if query.cursor is None:
        return None
    try:
        padded = query.cursor + "=" * (-len(query.cursor) % 4)
        question, _, place = base64.b64decode(padded, altchars=b"-_", validate=True).decode().partition(":")
    except (binascii.Error, ValueError) as error:
        raise refused(query) from error
    if question != _question(query, sort):
        raise refused(query)
    return place


def refused(query: SearchQuery) -> InvalidCursor:
    """Return the error of a cursor that is not one of this question."""
    return InvalidCursor(cursor=(query.cursor or "")[:_MOST_SHOWN])


def _question(query: SearchQuery, sort: Sort) -> str:
    """Return a digest of what a cursor belongs to: the question without its page."""
    filters = sorted((field.value, sorted(values)) for field, values in query.filters.items())
    text = json.dumps([query.text, filters, sort.value, sorted(labels_for(query.audience))])
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()
