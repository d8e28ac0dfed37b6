"""Languages as standards name them: ISO 639-1 and 639-2 codes, BCP 47 tags and addresses, to the catalogue's tags."""

import re
from collections.abc import Iterable
from typing import Final

from catalogue_app.domain.text import LocalizedText, language_of

_ALPHA3: Final = {
    "chi": "zh", "zho": "zh", "cmn": "zh", "eng": "en", "fre": "fr", "fra": "fr", "ger": "de", "deu": "de",
    "spa": "es", "ita": "it", "por": "pt", "rus": "ru", "jpn": "ja", "kor": "ko", "dut": "nl", "nld": "nl", "pol": "pl",
    "ara": "ar", "swe": "sv", "fin": "fi", "dan": "da", "nor": "no", "cze": "cs", "ces": "cs", "gre": "el", "ell": "el",
    "hun": "hu", "rum": "ro", "ron": "ro", "slo": "sk", "slk": "sk", "cat": "ca", "tib": "bo", "bod": "bo", "uig": "ug",
    "mon": "mn",
}  # fmt: skip
"""ISO 639-2 (both codes where there are two) to ISO 639-1, of the languages that catalogues are written in."""
_TAG: Final = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9-]+)?")


def language_tag(written: str) -> str:
    """Return the tag of a language; empty where what is written names none."""
    plain = re.split(r"[/#]", written.strip().rstrip("/"))[-1].partition(";")[0].strip().lower()
    found = _TAG.fullmatch(plain)
    if found is None:
        return ""
    return _ALPHA3.get(found[1], found[1] if len(found[1]) == 2 else "")  # noqa: PLR2004 — ISO 639-1 has two letters


def localized(texts: Iterable[tuple[str, str]], preferred: str = "") -> LocalizedText | None:
    """Make one text of (language, text) pairs; of two in one language the first counts.

    Args:
        texts: language as the source wrote it, empty where it did not say.
        preferred: the language that stands first, where it is among them; else the source's order holds.
    """
    found: dict[str, str] = {}
    for written, text in texts:
        if text:
            found.setdefault(language_tag(written) or language_of(text), text)
    ordered = sorted(found.items(), key=lambda pair: pair[0] != preferred)
    return LocalizedText(tuple(ordered)) if ordered else None
