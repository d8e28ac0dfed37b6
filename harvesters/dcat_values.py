"""Shapes that JSON catalogues share: language maps, names inside objects, contacts, places, links."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from catalogue_app.domain.metadata import Contact, Distribution, JsonValue, UnreadValue
from catalogue_app.domain.text import LocalizedText
from catalogue_app.domain.vocabulary import FormatClass
from harvesters.fields import Readings
from harvesters.raw_values import NOTE_LIMIT, Notes, Reading, text_of, texts_of, unread

EXTENSION_COUNT: Final = 100
"""Extensions kept of one entry; what a record has beyond is in its snapshot."""

_NAMES: Final = ("@value", "name", "title", "fn", "prefLabel", "label", "notation", "@id", "id")
"""Keys under which an object says what it is called, the best first."""
_FIRST_LANGUAGES: Final[Mapping[str, int]] = {"zh": 0, "en": 1}
_NUMBER: Final = r"[-+]?\d+(?:\.\d+)?"
_BOX: Final = re.compile(rf"\s*{_NUMBER}(?:[\s,;]+{_NUMBER}){{1,3}}\s*")
_GEOMETRY: Final = re.compile(
    r"\s*(?:(?:SRID=\d+;)?\s*(?:MULTI)?(?:POINT|POLYGON|LINESTRING)|GEOMETRYCOLLECTION|ENVELOPE)", re.IGNORECASE
)


def listed(value: JsonValue) -> list[JsonValue]:
    """Return a list as it is, nothing as an empty list, anything else as a list of one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def plain(value: JsonValue) -> JsonValue:
    """Return what an object is called, the first part of a list, any other value as it is."""
    match value:
        case list():
            return plain(next((part for part in value if text_of(part)), None))
        case dict():
            named = next((value[name] for name in _NAMES if text_of(value.get(name))), None)
            return plain(named) if named is not None else next((part for part in value.values() if text_of(part)), None)
        case _:
            return value


def mapping(value: JsonValue) -> Mapping[str, JsonValue]:
    """Return the object in a value: itself or the first of a list; an empty one where there is none."""
    return next((part for part in listed(value) if isinstance(part, dict)), {})


def keywords_of(value: JsonValue) -> tuple[str, ...]:
    """Read keywords from a list of texts or objects, or from one text that parts them by commas or semicolons."""
    return texts_of([plain(part) for part in value] if isinstance(value, list) else value, ",;，；、")


def localized_of(
    texts: Iterable[tuple[str, JsonValue]], read: Callable[[JsonValue], Reading[LocalizedText]]
) -> Reading[LocalizedText]:
    """Read one text in several languages, Chinese and English first.

    Args:
        texts: (language tag, text) pairs; an empty tag means that nobody says, and the reading decides. Of several in
            one language the first counts.
        read: the reading of one text; its note is kept.
    """
    found: dict[str, str] = {}
    first_note: UnreadValue | None = None
    for tag, text in texts:
        localized, note = read(text)
        first_note = first_note or note
        if localized is not None:
            guessed, words = localized.texts[0]
            found.setdefault(_language(tag) or guessed, words)
    ordered = sorted(found.items(), key=lambda pair: _FIRST_LANGUAGES.get(pair[0], len(_FIRST_LANGUAGES)))
    return LocalizedText(tuple(ordered)) if ordered else None, first_note


def contact_of(name: JsonValue, email: JsonValue, telephone: JsonValue) -> Contact | None:
    """Make a contact of its parts, `mailto:` and `tel:` taken off; none where nothing is said.

    A name that is a mail address is read as one.
    """
    called, address = text_of(plain(name)), text_of(plain(email))
    if "@" in called and not address:
        called, address = "", called
    contact = Contact(
        name=called[:NOTE_LIMIT],
        email=_without(address, "mailto:"),
        telephone=_without(text_of(plain(telephone)), "tel:"),
    )
    return contact if contact != Contact() else None


def places_of(values: Iterable[JsonValue], readings: Readings) -> Iterator[Reading[str]]:
    """Read places by name or code; coordinates are no place names and are noted `not_a_place_name`."""
    for value in values:
        text = text_of(plain(value))
        if _BOX.fullmatch(text) or _GEOMETRY.match(text) or len(text) > NOTE_LIMIT:
            yield None, unread("spatial", text, "not_a_place_name")
        elif text:
            yield readings.place(text)


def links_of(values: Iterable[JsonValue], readings: Readings) -> Iterator[Reading[str]]:
    """Read addresses of pages; one that must never be a link is noted and left out."""
    for value in values:
        link, note = readings.url("online_urls", plain(value))
        yield None if note else link, note


def formats_of(distributions: Iterable[Distribution], readings: Readings) -> tuple[tuple[str, ...], FormatClass | None]:
    """Return the formats of distributions, and their class where all that are known agree on one."""
    found = [known for it in distributions if (known := readings.format(it.format, it.media_type))]
    classes = {known.format_class for known in found if known.format_class}
    return tuple(dict.fromkeys(known.code for known in found)), classes.pop() if len(classes) == 1 else None


def extensions_of(
    pairs: Iterable[tuple[str, JsonValue]], readings: Readings, notes: Notes
) -> tuple[tuple[str, str], ...]:
    """Keep what has no element of its own as (name, text) pairs, at most a hundred."""
    read = ((name[:NOTE_LIMIT], notes.take(readings.line(name[:NOTE_LIMIT], value))) for name, value in pairs)
    return tuple((name, text) for name, text in read if text)[:EXTENSION_COUNT]


def _language(tag: str) -> str:
    """Return the primary language of a tag: entries are read in Chinese or English, not in its regions."""
    primary = tag.strip().lower().replace("_", "-").partition("-")[0]
    return primary if primary.isascii() and primary.isalpha() and len(primary) in {2, 3} else ""


def _without(text: str, prefix: str) -> str:
    return (text[len(prefix) :] if text.lower().startswith(prefix) else text)[:NOTE_LIMIT]
