"""The kinds of sources of this installation, with the words for them and for their options."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

from catalogue_app.domain.source import GENERAL_OPTIONS
from catalogue_app.reference import Reference
from harvesters.fields import READING_OPTIONS
from harvesters.kinds import Broken, Kind
from harvesters.registry import broken_kinds, kinds


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class OptionView:
    """One option.

    Attributes:
        name: or `prefix.*` for a family of them.
        pattern: regular expression that a value must match wholly.
        is_general: whether sources of every kind have it.
    """

    name: str
    pattern: str
    zh: str
    en: str
    is_general: bool


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class KindView:
    """One kind.

    Attributes:
        origin: distribution that brings it; empty for kinds of the house.
        options: its own first, then those of every kind.
    """

    name: str
    zh: str
    en: str
    origin: str
    options: tuple[OptionView, ...]


def source_kinds(reference: Reference) -> tuple[KindView, ...]:
    """Return every kind that sources of this installation may have, those of the house first; anybody may ask."""
    return tuple(_view(kind, reference) for kind in kinds().values())


def broken_source_kinds() -> tuple[Broken, ...]:
    """Return the plug-ins that are installed and cannot be used, for the operator."""
    return broken_kinds()


def _view(kind: Kind, reference: Reference) -> KindView:
    zh, en = reference.source_words.get((kind.name, ""), (kind.zh, kind.en))
    return KindView(name=kind.name, zh=zh, en=en, origin=kind.origin, options=tuple(_options(kind, reference)))


def _options(kind: Kind, reference: Reference) -> Iterator[OptionView]:
    for name, setting in kind.settings.items():
        zh, en = reference.source_words.get((kind.name, name), (setting.zh, setting.en))
        yield OptionView(name=name, pattern=setting.pattern, zh=zh, en=en, is_general=False)
    for name, pattern in {**GENERAL_OPTIONS, **READING_OPTIONS}.items():
        zh, en = reference.source_words.get(("", name), ("", ""))
        yield OptionView(name=name, pattern=pattern, zh=zh, en=en, is_general=True)
