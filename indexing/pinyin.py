"""Splits letters typed without blanks into pinyin syllables: `yanglaojigou` is yang lao ji gou."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from pypinyin.constants import PINYIN_DICT

_FIRST_HAN: Final = 0x4E00
_LAST_HAN: Final = 0x9FA5
_LONGEST: Final = 6
_VOWELS: Final = frozenset("aeiouv")
_MOST_SPLITS: Final = 4
_MOST_LETTERS: Final = 40


@lru_cache(maxsize=1)
def _syllables() -> frozenset[str]:
    """Return every toneless syllable that a common character has as its first reading."""
    common = range(_FIRST_HAN, _LAST_HAN + 1)
    readings = {sounds.partition(",")[0] for character, sounds in PINYIN_DICT.items() if character in common}
    return frozenset(plain for plain in map(_toneless, readings) if plain.isascii() and set(plain) & _VOWELS)


def _toneless(sound: str) -> str:
    """Take the tone from a syllable; ü is typed as v."""
    letters = unicodedata.normalize("NFD", sound).replace("u\u0308", "v")
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def split(letters: str) -> list[tuple[str, ...]]:
    """Return the ways to read letters as two or more syllables, fewest syllables first; none where there is no way."""
    if not (letters.isascii() and letters.isalpha() and len(letters) <= _MOST_LETTERS):
        return []
    ways = sorted((way for way in _ways(letters) if len(way) > 1), key=len)
    return ways[:_MOST_SPLITS]


def _ways(letters: str) -> Iterator[tuple[str, ...]]:
    """Yield readings, longest first syllables first; dead ends are remembered, and few readings are enough."""
    known = _syllables()
    ends: dict[int, list[tuple[str, ...]]] = {len(letters): [()]}
    for start in range(len(letters) - 1, -1, -1):
        stops = range(min(len(letters), start + _LONGEST), start, -1)
        heads = ((letters[start:stop], stop) for stop in stops if letters[start:stop] in known)
        ways = [(head, *rest) for head, stop in heads for rest in ends.get(stop, [])]
        ends[start] = sorted(ways, key=len)[:_MOST_SPLITS]
    yield from ends[0]
