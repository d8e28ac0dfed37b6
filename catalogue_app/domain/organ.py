"""An administrative organ (arts. 2, 3): its names, kind, place, unified social credit code, and how long it stands."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final, final

from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.text import LocalizedText
from catalogue_app.domain.vocabulary import DisclosureCategory, OrganKind

_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_BODY_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_CODE_LENGTH: Final = 18
_SEPARATORS: Final = re.compile(r"[\s\-\u2010-\u2015]+")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Organ:
    """One administrative organ of the register.

    Attributes:
        id: short permanent name.
        name: full name; Chinese required, English where known.
        kind: what sort of organ it is.
        short_name: what people call it officially, such as 市教委.
        aliases: other and former names that a search should understand.
        district_code: division code (GB/T 2260).
        uscc: unified social credit code; empty when unknown.
        main_theme: theme code of most of its entries; empty when unknown.
        obligations: disclosure categories it owes an entry for (art. 14).
        parent: the organ it stands below; None for those at the top.
        contact: how people reach it: telephone, address, mail box.
        valid_from: first day of it; None when unknown.
        valid_to: day from which it is no more; None while it stands.
        successor: the organ that took its duties over, after a merger or a new name.
        former_usccs: credit codes of the organs it took over, under which entries of theirs still name it.
        version: counts what was saved of it; 0 before the first time. Who saves it names the one they saw.
    """

    id: OrganId
    name: LocalizedText
    kind: OrganKind
    short_name: str = ""
    aliases: tuple[str, ...] = ()
    district_code: str = ""
    uscc: str = ""
    main_theme: str = ""
    obligations: frozenset[DisclosureCategory] = frozenset()
    parent: OrganId | None = None
    contact: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    successor: OrganId | None = None
    former_usccs: tuple[str, ...] = ()
    version: int = 0

    def is_closed(self, on: date) -> bool:
        """Say whether it is no more on a day: nothing new may be given to it."""
        return self.successor is not None or (self.valid_to is not None and self.valid_to <= on)

    @property
    def all_names(self) -> tuple[str, ...]:
        """Every Chinese or English text that means this organ, full name first."""
        texts = (*(text for _, text in self.name.texts), self.short_name, *self.aliases)
        return tuple(dict.fromkeys(text for text in texts if text))


def normalise_uscc(text: str) -> str:
    """Write a unified social credit code as the standard does: half-width capitals, no blanks or hyphens."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()


def is_valid_uscc(code: str) -> bool:
    """Check form and both check characters of a normalised code (GB 32100-2015, GB 11714)."""
    if len(code) != _CODE_LENGTH or any(letter not in _ALPHABET for letter in code) or not code[2:8].isdigit():
        return False
    return code[16] == _body_check(code[8:16]) and code[17] == _code_check(code[:17])


def _body_check(body: str) -> str:
    total = sum(weight * int(letter, 36) for weight, letter in zip(_BODY_WEIGHTS, body, strict=True))
    return "0123456789X0"[(11 - total % 11)]


def _code_check(code: str) -> str:
    total = sum(pow(3, place, 31) * _ALPHABET.index(letter) for place, letter in enumerate(code))
    return _ALPHABET[(31 - total % 31) % 31]
