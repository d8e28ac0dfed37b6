"""Text as people write it: cleaned for display, folded for comparison, in one or more languages."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, ParamSpec, TypeVar, final

_Texts = ParamSpec("_Texts")
_Made = TypeVar("_Made")

_SPACES = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\u200b\u2060\u202a-\u202e\u2066-\u2069]")
"""Among them what turns the direction of text round: a title could show what it does not say."""
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_WORD: Final = 40
"""Characters up to which a folded text is remembered."""
_SHORT: Final = 200
"""Characters, of all its texts together, up to which what a reading made of them is remembered."""
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")


def clean(text: str) -> str:
    """Make text storable and showable: NFC, no control characters or lone surrogates, outer blanks gone.

    Line breaks stay; widths and case stay as the organ wrote them.
    """
    if not text.isprintable():  # most texts have nothing to take out, and asking is cheaper
        text = _CONTROL.sub("", _SURROGATE.sub("\ufffd", text))
    return unicodedata.normalize("NFC", text).strip()


def clean_line(text: str) -> str:
    """Clean a one-line text: like `clean`, with every run of white space turned into one blank."""
    if text.isprintable() and "  " not in text:  # so are most, and the only white space in them is single blanks
        return unicodedata.normalize("NFC", text).strip()
    return _SPACES.sub(" ", clean(text))


def fold(text: str) -> str:
    """Fold for comparing and searching only: NFKC (width, compatibility forms), case, white space."""
    return _folded_word(text) if len(text) <= _WORD else _folded(text)


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text if text.isprintable() else clean(text)).casefold()
    return (folded if folded.isprintable() and "  " not in folded else _SPACES.sub(" ", folded)).strip()


_folded_word = lru_cache(maxsize=1 << 15)(_folded)
"""Names, types and codes come again in record after record, and folding them anew cost a tenth of a harvest."""


def remembered(most: int) -> Callable[[Callable[_Texts, _Made]], Callable[_Texts, _Made]]:
    """Remember up to so many results of a function of texts: few short ones make up millions of cells.

    Long ones are read anew each time; else a process would keep for good what one source is full of.
    """

    def remembering(read: Callable[_Texts, _Made]) -> Callable[_Texts, _Made]:
        known = lru_cache(maxsize=most)(read)

        def recall(*texts: _Texts.args, **named: _Texts.kwargs) -> _Made:
            if sum(map(len, texts)) > _SHORT:  # type: ignore[arg-type]  # its arguments are texts
                return read(*texts, **named)
            return known(*texts, **named)  # type: ignore[arg-type]  # and texts are hashable

        return recall

    return remembering


def has_han(text: str) -> bool:
    """Say whether a text has at least one Chinese character."""
    return _HAN.search(text) is not None


def language_of(text: str) -> str:
    """Guess the language tag of a text nobody declared: `zh` when it has Chinese characters, else `en`."""
    return "zh" if has_han(text) else "en"


@final
@dataclass(frozen=True, slots=True)
class LocalizedText:
    """One text in one or more languages; the first is the one its organ wrote.

    Attributes:
        texts: (language tag, text) pairs, at least one, none blank; tags are `zh`, `en` or BCP 47.
    """

    texts: tuple[tuple[str, str], ...]

    @staticmethod
    def of(text: str, language: str | None = None) -> "LocalizedText":
        """Make a text in one language; guessed from its characters where nobody says."""
        return LocalizedText(((language or language_of(text), text),))

    @staticmethod
    def from_mapping(mapping: Mapping[str, str]) -> "LocalizedText":
        """Read the JSON object form, language tag to text, in its order."""
        return LocalizedText(tuple(mapping.items()))

    def to_mapping(self) -> dict[str, str]:
        """Write the JSON object form."""
        return dict(self.texts)

    def pick(self, language: str) -> tuple[str, str]:
        """Return (language tag, text) in the language asked for, else in the original's."""
        for tag, text in self.texts:
            if tag == language:
                return tag, text
        return self.texts[0]

    @property
    def original(self) -> str:
        """The text its organ wrote."""
        return self.texts[0][1]

    def __str__(self) -> str:
        """Show the original."""
        return self.original
