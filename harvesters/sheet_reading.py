"""From a payload to its sheets: the first bytes tell the format, not a name or the server's word."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from catalogue_app.domain.errors import SourceError
from catalogue_app.domain.text import clean_line
from harvesters import sheet_xls, sheet_xlsx
from harvesters.port import Payload
from harvesters.sheet_csv import read_rows
from harvesters.sheet_encoding import detect, known_codec
from harvesters.sheet_rows import Sheet

_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BARE_BIFF: Final = (
    b"\x09\x00\x04\x00",
    b"\x09\x02\x06\x00",
    b"\x09\x04\x06\x00",
    b"\x09\x08\x08\x00",
    b"\x09\x08\x10\x00",
)
_NO_TABLES: Final = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"{\\rtf")
_MARKUP: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|body|table|\?xml|meta|!--)", re.IGNORECASE)
_TITLE: Final = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_HEAD_BYTES: Final = 4096


def read_sheets(payload: Payload, encoding: str, is_header: Callable[[str], bool]) -> Iterator[Sheet]:
    """Yield the sheets of a payload in their order; hidden ones are left out.

    Args:
        payload: a workbook or a text file.
        encoding: encoding of a text file as the operator fixed it; empty: found by scoring.
        is_header: whether a text is a known column header.

    Raises:
        SourceError: what came is no table.
    """
    with payload.open() as body:
        head = body.read(_HEAD_BYTES)
    if head.startswith(_ZIP):
        return sheet_xlsx.read_sheets(payload.open)
    if head.startswith((_OLE, *_BARE_BIFF)):
        return sheet_xls.read_sheets(payload.open)
    _refuse_what_is_no_table(head, payload)
    codec = known_codec(encoding) if encoding else detect(payload.open, payload.charset)
    return iter((Sheet(rows=partial(read_rows, payload.open, codec, is_header)),))


def _refuse_what_is_no_table(head: bytes, payload: Payload) -> None:
    if _MARKUP.match(head):
        title = _TITLE.search(head.decode(detect(payload.open, payload.charset), "replace"))
        raise SourceError("markup_instead_of_table", page_title=clean_line(title[1])[:200] if title else "")
    if head.startswith(_NO_TABLES):
        raise SourceError("no_table", beginning=head[:4].decode("ascii", "replace"))
