"""Which encoding a text file is in: every candidate is read, and the text it gives is scored.

Trying encodings in turn is no way, because GB18030 reads Big5 without an error, into nonsense. A character scores by
what people write: the frequent halves of the two Chinese character sets (GB 2312 level 1, Big5 level 1), which the
codecs themselves know by code position; words of catalogue headers weigh most; characters that nobody types (private
use, unassigned, controls, undecodable bytes) weigh against.
"""

import codecs
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import BinaryIO, Final

from catalogue_app.domain.errors import SourceError
from harvesters.sheet_words import FREQUENT, WORDS

SAMPLE_BYTES: Final = 16_384
"""So much of a file is scored, from the first chunk on that is not plain ASCII."""

CANDIDATES: Final = ("utf-8", "gb18030", "big5hkscs", "utf-16-le", "utf-16-be")
"""Encodings that organs use, in order of preference where texts score the same (plain ASCII)."""

_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_HINT: Final = 0.1
_VALID_UTF8: Final = 0.8
_WORD: Final = 1.0
_UNDECODABLE: Final = "\ufffd"
_ALIASES: Final = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "utf-16": "utf-16-le",
    "cp950": "big5hkscs",
}


def detect(open_body: Callable[[], BinaryIO], declared: str = "") -> str:
    """Return the name of the codec that makes the best text of a file.

    Args:
        open_body: opens the file at its start.
        declared: charset that a server named: a hint that decides a close call, no proof.
    """
    with open_body() as body:
        sample, is_whole = _sample(body)
    for mark, codec in _MARKS:
        if sample.startswith(mark):
            return codec
    if not sample:
        return "utf-8"
    hint = _ALIASES.get(declared.lower().replace("_", "-"), declared.lower())
    ratings = {codec: score(_decode(sample, codec, is_whole=is_whole), codec) for codec in CANDIDATES}
    return max(ratings, key=lambda codec: ratings[codec] + _HINT * (codec == hint))


def undecodable_at(open_body: Callable[[], BinaryIO], codec: str) -> int:
    """Return the offset of the first byte that the codec cannot read; the length of the file where it can."""
    decoder, offset = codecs.getincrementaldecoder(codec)(), 0
    with open_body() as body:
        while chunk := body.read(SAMPLE_BYTES):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as fault:
                return offset + len(chunk) - len(fault.object) + fault.start
            offset += len(chunk)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as fault:
        return offset - len(fault.object) + fault.start
    return offset


def known_codec(name: str) -> str:
    """Return Python's name of an encoding that an operator named.

    Raises:
        SourceError: no text encoding of that name.
    """
    try:
        found = codecs.lookup(_ALIASES.get(name.lower(), name))
    except (LookupError, ValueError) as fault:
        raise SourceError("unknown_encoding", encoding=name) from fault
    if not getattr(found, "_is_text_encoding", True):
        raise SourceError("unknown_encoding", encoding=name)
    return "utf-8-sig" if found.name == "utf-8" else found.name


def score(text: str, codec: str) -> float:
    """Rate a decoded text: mean weight of its characters beyond ASCII, more is better, about 1 for good text."""
    unusual = [place for place, character in enumerate(text) if not _is_plain(character)]
    if not unusual:
        return 0.0
    total = sum(_weight_at(text, place) for place in unusual)
    words = sum(len(word) * text.count(word) for word in WORDS)
    valid = _VALID_UTF8 if codec == "utf-8" and _UNDECODABLE not in text else 0.0
    return (total + _WORD * words) / len(unusual) + valid


def _sample(body: BinaryIO) -> tuple[bytes, bool]:
    """Read the part of a file that tells most, empty for plain ASCII; and whether it reaches the end of the file."""
    first = chunk = body.read(SAMPLE_BYTES)
    while chunk and chunk.isascii() and b"\x00" not in chunk:
        chunk = body.read(SAMPLE_BYTES)
    if not chunk or chunk is first:
        return chunk, len(chunk) < SAMPLE_BYTES
    start = next(place for place, byte in enumerate(chunk) if not 0 < byte < 128)  # noqa: PLR2004 — end of ASCII
    return chunk[start:], len(chunk) < SAMPLE_BYTES


def _decode(sample: bytes, codec: str, *, is_whole: bool) -> str:
    """Decode for scoring; a character that the end of the sample cut in two does not count."""
    text = codecs.getincrementaldecoder(codec)("replace").decode(sample, final=is_whole)
    return text if is_whole else text.rstrip(_UNDECODABLE)


def _is_plain(character: str) -> bool:
    return " " <= character <= "~" or character in "\n\r\t"


def _weight_at(text: str, place: int) -> float:
    character = text[place]
    if "\u00c0" <= character <= "\u024f":
        return 0.9 if any(part.isascii() and part.isalpha() for part in text[max(place - 1, 0) : place + 2]) else -0.3
    return _weight(character)


@cache
def _weight(character: str) -> float:
    """Weigh one character beyond ASCII by how likely a catalogue holds it."""
    if character in FREQUENT:
        return 1.5
    if "\u4e00" <= character <= "\u9fff":
        return _han_weight(character)
    if character == _UNDECODABLE:
        return -12.0
    if character in "，。、；：？！（）「」『』《》【】〔〕“”‘’—…－·％～　／＃＊＋＝～﹙﹚":  # noqa: RUF001 — what organs type
        return 0.8
    return _KIND_WEIGHTS.get(unicodedata.category(character), -0.4)


_KIND_WEIGHTS: Final = {"Co": -3.0, "Cn": -3.0, "Cs": -3.0, "Cc": -5.0, "Cf": -0.5, "Nd": 0.3, "Lo": -0.8}


def _han_weight(character: str) -> float:
    if character in _everyday_characters():
        return 1.0
    return 0.1 if character in _known() else -0.8


@cache
def _everyday_characters() -> frozenset[str]:
    """Level 1 of GB 2312 (rows 16 to 55) and of Big5 (A440 to C67E): the characters in daily use."""
    simplified = _characters("gb2312", range(0xB0, 0xD8), range(0xA1, 0xFF))
    traditional = _characters("big5", range(0xA4, 0xC7), (*range(0x40, 0x7F), *range(0xA1, 0xFF)))
    return frozenset((*simplified, *traditional))


@cache
def _known() -> frozenset[str]:
    """Both levels of GB 2312 and of Big5."""
    simplified = _characters("gb2312", range(0xB0, 0xF8), range(0xA1, 0xFF))
    traditional = _characters("big5", range(0xA4, 0xFA), (*range(0x40, 0x7F), *range(0xA1, 0xFF)))
    return frozenset((*simplified, *traditional))


def _characters(codec: str, rows: Iterable[int], cells: Iterable[int]) -> Iterator[str]:
    cells = tuple(cells)
    for row in rows:
        for cell in cells:
            yield bytes((row, cell)).decode(codec, "ignore")
