"""Items of an entry read from a sample that an editor has at hand: CSV, workbook, JSON schema or SQL DDL."""

from collections.abc import Callable
from io import BytesIO
from itertools import islice
from typing import BinaryIO, Final

import orjson

from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.item_guess import MOST_ITEMS, item_of_values, items_of_schema, items_of_sql
from catalogue_app.domain.metadata import Item
from catalogue_app.domain.text import clean_line
from harvesters.port import Payload
from harvesters.sheet_encoding import detect
from harvesters.sheet_reading import read_sheets

LARGEST_BYTES: Final = 8 << 20
_ROWS: Final = 200
"""Rows of a sample that are looked at."""


def items_of_sample(body: bytes) -> tuple[Item, ...]:
    """Read the items of a sample, their types guessed; the first bytes tell what it is, not its name.

    Raises:
        InvalidInput: `sample_too_large`, or `sample_without_items` where nothing in it looks like an item.
        SourceError: a workbook that is broken, or refused for its size.
    """
    if len(body) > LARGEST_BYTES:
        raise InvalidInput("sample_too_large", limit=LARGEST_BYTES >> 20)
    items = _of_document(body) or _of_table(body)
    if not items:
        raise InvalidInput("sample_without_items")
    return items


def _of_document(body: bytes) -> tuple[Item, ...]:
    if body.startswith(b"PK"):
        return ()
    text = body.decode(detect(_opener(body)), "replace").lstrip("\ufeff \r\n\t")
    if text.startswith("{"):
        try:
            schema = orjson.loads(text)
        except orjson.JSONDecodeError:
            return ()
        return items_of_schema(schema)
    return items_of_sql(text)


def _of_table(body: bytes) -> tuple[Item, ...]:
    """Read the first row of the first sheet that has one as names, the rows below it as values."""
    payload = Payload(address="sample", size_bytes=len(body), digest="", open=_opener(body))
    for sheet in read_sheets(payload, "", lambda _: False):
        rows = list(islice(sheet.rows(), _ROWS))
        if not rows:
            continue
        names = rows[0].cells[:MOST_ITEMS]
        return tuple(
            item_of_values(name, (row.text(place) for row in rows[1:]))
            for place, name in enumerate(names)
            if clean_line(name)
        )
    return ()


def _opener(body: bytes) -> Callable[[], BinaryIO]:
    return lambda: BytesIO(body)
