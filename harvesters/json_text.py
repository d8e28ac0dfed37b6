"""The text of a JSON answer as UTF-8: byte order marks, other encodings, and web pages sent in its place."""

import codecs
import re
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

from catalogue_app.domain.errors import SourceError
from catalogue_app.domain.text import clean_line
from harvesters.port import Payload
from harvesters.sheet_encoding import detect, undecodable_at

CHUNK_BYTES: Final = 262_144
HEAD_BYTES: Final = 65_536

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Longer marks before the shorter ones they begin with."""
_UTF16_LE: Final = re.compile(rb'[<\[{" \r\n\t]\x00')
_UTF16_BE: Final = re.compile(rb'\x00[<\[{" \r\n\t]')
_LONGEST_CHARACTER: Final = 3
_FALLBACKS: Final = frozenset({"gb18030", "big5hkscs"})
"""Encodings other than Unicode in which quotes and brackets are still themselves."""
_TITLE: Final = re.compile(rb"<title[^<>]{0,200}>([^<]{0,2000})", re.IGNORECASE)

Reader = Callable[[int], bytes]
"""Returns the next bytes of the text as UTF-8, about as many as asked for; none at its end."""


def text_reader(payload: Payload, body: BinaryIO) -> tuple[Reader, int]:
    """Return a reader of the text as UTF-8, and the offset of its first byte in the answer.

    Args:
        payload: the answer, opened as `body` at its start.
        body: read on by the reader.

    Raises:
        SourceError: `empty_answer`, `html_instead_of_json` with the page's title, `undecodable_text` with the offset.
    """
    head = body.read(HEAD_BYTES)
    if not head.strip():
        raise SourceError("empty_answer", address=payload.address)
    codec, skipped = _marked(head)
    if _is_page(head[skipped:].decode(codec or "latin-1", "ignore")):
        raise SourceError("html_instead_of_json", address=payload.address, title=_title_of(payload, head))
    body.seek(skipped)
    codec = codec or _codec_of(payload)
    return (body.read if codec == "utf-8" else _transcoded(body, codec, payload)), skipped


def _marked(head: bytes) -> tuple[str, int]:
    """Return the codec that a mark or the zero bytes of UTF-16 show, and the length of the mark; no codec else."""
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return codec, len(mark)
    if _UTF16_LE.match(head):
        return "utf-16-le", 0
    return ("utf-16-be", 0) if _UTF16_BE.match(head) else ("", 0)


def _codec_of(payload: Payload) -> str:
    bad = undecodable_at(payload.open, "utf-8")
    is_cut = bad >= payload.size_bytes - _LONGEST_CHARACTER  # in the middle of its last character, at worst
    return "utf-8" if is_cut else _other_codec(payload, bad)


def _other_codec(payload: Payload, bad: int) -> str:
    codec = detect(payload.open, payload.charset)
    if codec not in _FALLBACKS or undecodable_at(payload.open, codec) < payload.size_bytes:
        raise SourceError("undecodable_text", address=payload.address, offset=bad)
    return codec


def _is_page(text: str) -> bool:
    return text.lstrip("\ufeff \t\r\n").startswith("<")


def _title_of(payload: Payload, head: bytes) -> str:
    found = _TITLE.search(head)
    codec = detect(payload.open, payload.charset)
    return clean_line(found[1].decode(codec, "replace"))[:200] if found else ""


def _transcoded(body: BinaryIO, codec: str, payload: Payload) -> Reader:
    chunks = _utf8_chunks(body, codec, payload)
    return lambda _size: next(chunks, b"")


def _utf8_chunks(body: BinaryIO, codec: str, payload: Payload) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(codec)()
    while True:
        chunk = body.read(CHUNK_BYTES)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as fault:
            raise SourceError("undecodable_text", address=payload.address, offset=body.tell()) from fault
        if text:
            yield text.encode("utf-8", "surrogatepass")
        elif not chunk:
            return
