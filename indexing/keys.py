"""Keys of a document that every engine keeps alike: what it is sorted by, and what typing may begin with."""

from typing import Final

from indexing.analysis import Analyser
from indexing.document import SearchDocument

SEPARATOR: Final = "\t"
"""Stands between the parts of a suggestion key."""

SERIAL_BITS: Final = 31
"""Bits of a running number."""
_SERIAL_DIGITS: Final = 10
_TITLE_MAX: Final = 256
"""Characters of a title that decide its place; two titles as long and as alike are rare enough to stand by number."""


def changed_key(document: SearchDocument) -> int:
    """Return what no two entries share: second of the change, then running number; below 2 to the 63rd."""
    return int(document.changed_at.timestamp()) << SERIAL_BITS | document.serial


def updated_key(document: SearchDocument) -> int:
    """Return the day of the last change of the content, then the running number; unknown days are lowest."""
    days = document.updated_on.toordinal() if document.updated_on else 0
    return days << SERIAL_BITS | document.serial


def title_key(document: SearchDocument) -> str:
    """Return the folded title, then the running number so that of two like titles the newest comes first."""
    newest_first = (1 << SERIAL_BITS) - document.serial
    return f"{document.folded_title[:_TITLE_MAX]}\0{newest_first:0{_SERIAL_DIGITS}d}"


def suggestion_keys(document: SearchDocument, analyser: Analyser) -> set[str]:
    """Return what typing may begin with, each followed by kind and text: `key TAB kind TAB text`.

    A title is found from each of its words on, by its sound and by its initials; organs and items from their beginning.
    """
    fold = analyser.normalise
    keys = set()
    for title in document.titles:
        folded = fold(title)
        starts = _word_starts(analyser.cut(folded), folded)
        spoken = ("".join(analyser.sounds(folded)), analyser.initials(folded))
        keys |= {f"{key}{SEPARATOR}title{SEPARATOR}{title}" for key in (*starts, *spoken)}
    for name in document.organ_names:
        folded = fold(name)
        spoken = ("".join(analyser.sounds(folded)), analyser.initials(folded))
        keys |= {f"{key}{SEPARATOR}organ{SEPARATOR}{name}" for key in (folded, *spoken)}
    keys |= {f"{fold(item)}{SEPARATOR}item{SEPARATOR}{item}" for item in document.items}
    return keys


def _word_starts(words: list[str], text: str) -> list[str]:
    """Return the text from each of its words on."""
    starts = []
    place = 0
    for word in words:
        place = text.find(word, place)
        if place < 0:
            break
        starts.append(text[place:])
        place += len(word)
    return starts
