"""The text of an XML or HTML answer as UTF-8: its real encoding, no declaration, and what stands before its root.

A declared encoding is a hint, never a proof: servers declare ISO-8859-1 for GB18030 and UTF-8 for anything. What
cannot be read is told with the byte; a document type and a web page in place of XML are recognised before any parser
sees them.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, final

from catalogue_app.domain.errors import SourceError, SourceRefused
from catalogue_app.domain.text import clean_line
from harvesters.port import Payload
from harvesters.sheet_encoding import CANDIDATES, detect, known_codec, score, undecodable_at

CHUNK_BYTES: Final = 65_536
HEAD_BYTES: Final = 262_144
"""The document must have begun by then: comments before the root are longer than a licence in no real file."""

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Longer marks before the shorter ones they begin with."""
_UTF16_LE: Final = re.compile(rb"(?:[ \t\r\n]\x00)*<\x00")
_UTF16_BE: Final = re.compile(rb"(?:\x00[ \t\r\n])*\x00<")
_DECLARED: Final = re.compile(rb"<\?xml\s[^<>]{0,200}?encoding\s*=\s*[\"']([A-Za-z][\w.:-]{0,40})[\"']")
_META: Final = re.compile(rb"<meta\s[^<>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z][\w.:-]{0,40})", re.IGNORECASE)
_DECLARATION: Final = re.compile(r"[\ufeff\s]*<\?xml(?=[\s?])[^<>]{0,300}?\?>")
_COMMENTS: Final = re.compile(r"(?:\s++|<!--(?:[^-]|-(?!->))*+-->|<\?(?:[^?]|\?(?!>))*+\?>)*+")
_DOCTYPE: Final = re.compile(r"<!\s*doctype\b\s*([^\s<>\[]*)", re.IGNORECASE)
_BARE_DOCTYPE: Final = re.compile(
    r"<!DOCTYPE\s+(?!html\b)[\w:.-]+(?:\s+(?:SYSTEM|PUBLIC\s+(?:\"[^\"<>]*\"|'[^'<>]*'))\s+(?:\"[^\"<>]*\"|'[^'<>]*'))?\s*>"
)
"""A document type without declarations of its own; the one it names is never fetched."""
_PAGE: Final = re.compile(
    r"<(?:html|head|body|title|meta|script|style|center|div|h1|p|pre|table|ul)[\s/>]", re.IGNORECASE
)
_TITLE: Final = re.compile(r"<title[^<>]{0,200}>([^<]{0,2000})", re.IGNORECASE)
_HEADING: Final = re.compile(r"<h[12][^<>]{0,200}>([^<]{0,2000})", re.IGNORECASE)
_FORBIDDEN: Final = bytes(code for code in range(0x20) if code not in b"\t\n\r")
"""Control characters that XML 1.0 forbids even escaped; sources let them slip in, and they mean nothing."""
_SAMPLE_BYTES: Final = 131_072
_DECLARED_BONUS: Final = 0.1
_NOT_BYTEWISE: Final = re.compile(r"utf|ucs|punycode|idna|escape", re.IGNORECASE)
"""Encodings that a text without mark or zero bytes is not in, or that are no document's; UTF-8 is tried first."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Prolog:
    """What stands at the start of a document.

    Attributes:
        codec: Python's name of the encoding of the body.
        skipped: bytes before the text: the mark.
        left_out: characters at the start that no parser is shown: the declaration, and a document type that is passed
            over.
    """

    codec: str
    skipped: int
    left_out: str


def xml_prolog(payload: Payload, *, passes_doctype: bool = False) -> Prolog:
    """Look at the start of an XML document and say how its text is to be read.

    Args:
        payload: the document.
        passes_doctype: whether a document type that declares nothing itself, but names one elsewhere, is passed over.

    Raises:
        SourceError: `empty_answer`, `html_instead_of_xml` with the page's title, `not_xml` with how it begins,
            `undecodable_text` with the byte.
        SourceRefused: `xml_dtd_refused`.
    """
    head = _head(payload)
    marked, skipped = _marked(head)
    declared = _named(_DECLARED, head)
    codec = marked or _codec_of(payload, declared)
    text = head[skipped:].decode(codec, "ignore")
    declaration = _DECLARATION.match(text)
    start = declaration.end() if declaration else 0
    if passes_doctype and (bare := _BARE_DOCTYPE.match(text, _past_comments(text, start))):
        start = bare.end()
    _check_start(payload, text, start)
    return Prolog(codec=codec, skipped=skipped, left_out=text[:start])


def xml_pieces(payload: Payload, prolog: Prolog) -> Iterator[bytes]:
    """Yield the text as UTF-8, of what is left out only the line breaks, so that lines count right."""
    skipped = prolog.skipped + len(prolog.left_out.encode(prolog.codec))
    yield b"\n" * prolog.left_out.count("\n")
    for piece in _utf8(payload, prolog.codec, skipped):
        yield piece.translate(None, _FORBIDDEN)


def page_text(payload: Payload) -> str:
    """Return the text of a web page in the encoding that its bytes show, what cannot be read replaced.

    Raises:
        SourceError: `empty_answer`.
    """
    head = _head(payload)
    marked, skipped = _marked(head)
    try:
        codec = marked or _codec_of(payload, _named(_META, head) or _named(_DECLARED, head))
    except SourceError:
        codec = detect(payload.open, payload.charset)
    with payload.open() as body:
        body.seek(skipped)
        return body.read().decode(codec, "replace")


def title_of(text: str) -> str:
    """Return what a web page calls itself: its title, else its first heading."""
    found = _TITLE.search(text) or _HEADING.search(text)
    return clean_line(found[1])[:200] if found else ""


def is_page(payload: Payload) -> bool:
    """Tell whether an answer is a web page: it begins like one, after its comments and document type."""
    text = page_text_head(payload)
    start = _DECLARATION.match(text)
    place = _past_comments(text, start.end() if start else 0)
    return _is_page_at(text, place)


def page_text_head(payload: Payload) -> str:
    """Return the first characters of a page, decoded as `page_text` does."""
    head = _head(payload)
    marked, skipped = _marked(head)
    return head[skipped:].decode(marked or detect(payload.open, payload.charset), "replace")


def _head(payload: Payload) -> bytes:
    with payload.open() as body:
        head = body.read(HEAD_BYTES)
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise SourceError("empty_answer", address=payload.address)
    return head


def _marked(head: bytes) -> tuple[str, int]:
    """Return the codec that a mark or the zero bytes of UTF-16 show, and the length of the mark; no codec else."""
    for mark, codec in _MARKS:
        if head.startswith(mark):
            return codec, len(mark)
    if _UTF16_LE.match(head):
        return "utf-16-le", 0
    return ("utf-16-be", 0) if _UTF16_BE.match(head) else ("", 0)


def _named(pattern: re.Pattern[bytes], head: bytes) -> str:
    found = pattern.search(head[:4096])
    return found[1].decode("ascii") if found else ""


def _codec_of(payload: Payload, declared: str) -> str:
    """Return the codec of a text without a mark: UTF-8 where it is UTF-8, else what makes the best text of it."""
    bad = undecodable_at(payload.open, "utf-8")
    if bad >= payload.size_bytes:
        return "utf-8"
    hints = [codec for name in (declared, payload.charset) if (codec := _text_codec(name))]
    others = (codec for codec in dict.fromkeys([*hints, *CANDIDATES]) if not _NOT_BYTEWISE.search(codec))
    whole = [codec for codec in others if undecodable_at(payload.open, codec) >= payload.size_bytes]
    sample = _sample(payload, bad)
    ratings = {codec: score(sample.decode(codec, "replace"), codec) for codec in (*whole, "utf-8")}
    best = max(ratings, key=lambda codec: ratings[codec] + _DECLARED_BONUS * (codec in hints))
    if best == "utf-8":  # with some broken bytes: another encoding would read it into nonsense
        raise SourceError("undecodable_text", offset=bad, address=payload.address)
    return best


def _text_codec(name: str) -> str:
    """Return Python's name of a declared encoding; none where it knows none or it cannot be this text's."""
    try:
        codec = known_codec(name) if name else ""
    except SourceError:
        return ""
    return "" if _NOT_BYTEWISE.search(codec) else codec


def _sample(payload: Payload, offset: int) -> bytes:
    """Read the part around the first byte that is not UTF-8, from a line's start where there is one."""
    with payload.open() as body:
        body.seek(max(0, offset - CHUNK_BYTES))
        return body.read(_SAMPLE_BYTES)


def _check_start(payload: Payload, text: str, start: int) -> None:
    place = _past_comments(text, start)
    if _is_page_at(text, place):
        raise SourceError("html_instead_of_xml", address=payload.address, title=title_of(text))
    if _DOCTYPE.match(text, place):
        raise SourceRefused("xml_dtd_refused", address=payload.address)
    if text[place : place + 1] != "<":
        raise SourceError("not_xml", address=payload.address, start=clean_line(text[place : place + 40]))


def _past_comments(text: str, start: int) -> int:
    place = _COMMENTS.match(text, start)
    return place.end() if place else start


def _is_page_at(text: str, place: int) -> bool:
    doctype = _DOCTYPE.match(text, place)
    return bool(_PAGE.match(text, place) or (doctype and doctype[1].lower() == "html"))


def _utf8(payload: Payload, codec: str, skipped: int) -> Iterator[bytes]:
    with payload.open() as body:
        body.seek(skipped)
        if codec == "utf-8":
            while chunk := body.read(CHUNK_BYTES):
                yield chunk
            return
        decoder = codecs.getincrementaldecoder(codec)()
        is_more = True
        while is_more:
            chunk = body.read(CHUNK_BYTES)
            is_more = bool(chunk)
            try:
                yield decoder.decode(chunk, final=not chunk).encode("utf-8", "replace")
            except UnicodeDecodeError as fault:
                raise SourceError("undecodable_text", offset=body.tell(), address=payload.address) from fault
