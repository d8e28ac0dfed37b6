"""How Chinese and Latin text becomes terms: folded, segmented, cut into pairs of characters, sounded out.

One analyser serves both engines and both sides, index and query, so that they always agree. Words come from rjieba with
the register's names in its dictionary; pairs of neighbouring characters find what segmentation cuts elsewhere; single
characters in order find abbreviations that skip some; pinyin syllables find what was typed by sound.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise
from typing import Final, final

import opencc
import rjieba
from pypinyin import Style, lazy_pinyin

VERSION: Final = 2
"""Raised when the same text would give other terms; indexes built before are then rebuilt."""

_LATIN: Final = re.compile(r"[a-z]+\d*(?:\.\d+)?|\d+(?:\.\d+)*")
_PIECE: Final = re.compile(r"[a-z0-9]+(?:\.[0-9]+)*|[^\W_]")
_WORDLIKE: Final = re.compile(r"\w")
_HAN: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_INITIALS_MAX: Final = 12
_CACHE: Final = 50_000
_NAMES: Final = 1 << 14
"""Names of organs and items come again in entry after entry; cutting them anew was half of building an index."""


@final
class Analyser:
    """Turns text into terms by one dictionary.

    Attributes:
        fingerprint: changes whenever the same text might give other terms.
        normalise: `fold_once` with a memory, for titles, names and items, which repeat.
        syllables: the pinyin of one word, a syllable a character.
        words: `words_once` with a memory, for names. What these hand out is shared: nobody may change it.
        cut: `cut_once` with a memory.
        pairs: `pairs_once` with a memory.
        sounds: `sounds_once` with a memory.
    """

    def __init__(self, words: Iterable[str]) -> None:
        """Learn words that the stock dictionary would cut: names of organs, districts, terms of synonyms."""
        self._fold_tw = opencc.OpenCC("tw2sp")
        self._fold_t = opencc.OpenCC("t2s")
        self._jieba = rjieba.Jieba()
        self.normalise = lru_cache(_CACHE)(self.fold_once)
        self.syllables = lru_cache(_CACHE)(self._syllables)
        self.words = lru_cache(_NAMES)(self.words_once)
        self.cut = lru_cache(_NAMES)(self.cut_once)
        self.pairs = lru_cache(_NAMES)(self.pairs_once)
        self.sounds = lru_cache(_NAMES)(self.sounds_once)
        own = sorted({self.fold_once(word) for word in words})
        for word in own:
            if len(word) > 1 and _HAN.search(word) and not self._jieba.has_word(word):
                self._jieba.add_word(word, None, None)
        text = "\n".join([str(VERSION), *own])
        self.fingerprint = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    def fold_once(self, text: str) -> str:
        """Fold width, case and traditional forms; Taiwan words become the mainland's. For texts that rarely repeat."""
        folded = unicodedata.normalize("NFKC", text).casefold()
        return str(self._fold_t.convert(self._fold_tw.convert(folded))) if _HAN.search(folded) else folded

    def words_once(self, text: str) -> list[str]:
        """Return the words of a folded text for the index: also the shorter words inside long ones."""
        return [*self._kept(self._jieba.cut_for_search(text, hmm=False)), *_LATIN.findall(text)]

    def cut_once(self, text: str) -> list[str]:
        """Return the words of a folded text for a query: each character in one word, nothing but words.

        Latin words with a number, such as `pm2.5`, stay whole.
        """
        tokens: list[str] = []
        place = 0
        for found in _LATIN.finditer(text):
            tokens += self._kept(self._jieba.cut(text[place : found.start()], hmm=False))
            tokens.append(found[0])
            place = found.end()
        return tokens + self._kept(self._jieba.cut(text[place:], hmm=False))

    @staticmethod
    def _kept(tokens: Iterable[str]) -> list[str]:
        return [token for token in tokens if _WORDLIKE.match(token)]

    def pairs_once(self, text: str) -> list[str]:
        """Return the pairs of neighbouring characters of a folded text; a Latin word counts as one character."""
        return [one + other for one, other in pairwise(characters(text))]

    def _syllables(self, word: str) -> tuple[str, ...]:
        """Return the pinyin of one word, a syllable a character; sounded word by word, for 行 is xing or hang."""
        return tuple(lazy_pinyin(word, style=Style.NORMAL, errors="default")) if _HAN.search(word) else (word,)

    def sounds_once(self, text: str) -> list[str]:
        """Return the pinyin syllables of a folded text, in order."""
        return [syllable for word in self.cut(text) for syllable in self.syllables(word)]

    def sound_pairs(self, text: str) -> list[str]:
        """Return the pairs of neighbouring syllables: what typing by sound is matched against."""
        return [f"{one}_{other}" for one, other in pairwise(self.sounds(text))]

    def initials(self, text: str) -> str:
        """Return the first letters of the syllables, at most twelve."""
        return "".join(syllable[0] for syllable in self.sounds(text) if syllable[0].isalnum())[:_INITIALS_MAX]

    def initials_of_runs(self, text: str) -> list[str]:
        """Return the initials from each word of a folded text on, words inside words too: 中小企业 is found as zxqy."""
        letters = ""
        starts: list[int] = []
        for word in self.cut(text):
            starts += (len(letters) + place for place in self._inner_starts(word))
            letters += "".join(syllable[0] for syllable in self.syllables(word))
        return [letters[start : start + _INITIALS_MAX] for start in starts]

    def _inner_starts(self, word: str) -> list[int]:
        """Return where a word and the words inside it begin; a Latin word has one sound, so it begins once."""
        if not _HAN.search(word):
            return [0]
        inner = self._jieba.cut_for_search(word, hmm=False)
        return sorted({0, *(word.find(part) for part in inner if len(part) > 1)})


def characters(text: str) -> list[str]:
    """Return the characters of a folded text, Latin words and numbers whole, punctuation left out."""
    return _PIECE.findall(text)


def has_han(text: str) -> bool:
    """Say whether there is a Chinese character."""
    return _HAN.search(text) is not None
