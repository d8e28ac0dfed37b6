"""Splits letters typed without blanks into pinyin syllables: `yanglaojigou` is yang lao ji gou."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from pypinyin import Style, lazy_pinyin

_FIRST_HAN: Final = 0x4E00
_LAST_HAN: Final = 0x9FA5
_LONGEST: Final = 6
_MOST_SPLITS: Final = 4
_MOST_LETTERS: Final = 40


@lru_cache(maxsize=1)
def _syllables() -> frozenset[str]:
    """Return every toneless syllable that a common character has."""
    every = "".join(map(chr, range(_FIRST_HAN, _LAST_HAN + 1)))
    found = lazy_pinyin(list(every), style=Style.NORMAL, errors="ignore")
    return frozenset(it for it in found if it.isascii() and it.isalpha() and any(v in it for v in "aeiouv"))


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
