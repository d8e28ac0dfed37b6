"""What a source kind is: its harvester, its settings and its words; and the kinds that other distributions bring.

A plug-in is a distribution with an entry point in the group `municipal_catalogue.source_kinds` that leads to a
`Kind`. It is found when it is installed, without a word in any setting; see `docs/sources/plug-ins.md`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from typing import Final, final

from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.source import GENERAL_OPTIONS, Source, SourceKind
from harvesters.fields import READING_OPTIONS, Readings
from harvesters.port import Harvester

GROUP: Final = "municipal_catalogue.source_kinds"
"""Entry points of plugged-in kinds."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,39}")
_OPTION: Final = re.compile(r"[a-z][a-z0-9_]{0,39}(\.\*)?")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One option that sources of a kind may have.

    Attributes:
        pattern: regular expression that a value must match wholly.
        zh: what it does, in Chinese; empty for kinds of the house, whose words stand in `config/messages`.
        en: the same in English.
    """

    pattern: str
    zh: str = ""
    en: str = ""


def _accept(options: Mapping[str, str]) -> None:
    """Accept whatever the patterns accept."""
    del options


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One source kind.

    Attributes:
        name: lower-case letters, digits and underscores, such as `city_portal`.
        make: makes the harvester of one run; its `kind` is `SourceKind(name)`.
        settings: option (or `prefix.*` for a family of them) to what it takes.
        zh: what the kind is called, in Chinese; empty for kinds of the house.
        en: the same in English.
        check: looks at all options of a source together; raises InvalidInput.
        origin: distribution that brings it; empty for kinds of the house.
    """

    name: str
    make: Callable[[Source, Readings], Harvester]
    settings: Mapping[str, Setting] = field(default_factory=dict)
    zh: str = ""
    en: str = ""
    check: Callable[[Mapping[str, str]], None] = _accept
    origin: str = ""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """An entry point that brings no kind.

    Attributes:
        name: of the entry point.
        origin: its distribution.
        why: one line, for the operator.
    """

    name: str
    origin: str
    why: str


def plugged(taken: Iterable[str], points: Iterable[EntryPoint] | None = None) -> tuple[list[Kind], list[Broken]]:
    """Load the kinds that installed distributions bring, in the order of their names.

    A broken one harms only itself: its sources cannot be harvested, all others can.

    Args:
        taken: names of kinds there are already.
        points: entry points to look at; those installed unless given.
    """
    kinds, broken, names = list[Kind](), list[Broken](), set(taken)
    for point in sorted(entry_points(group=GROUP) if points is None else points, key=lambda it: it.name):
        origin = point.dist.name if point.dist else ""
        try:
            kind = _checked(point.load(), names, origin)
        except Exception as fault:  # noqa: BLE001 — another's code may fail in any way
            broken.append(Broken(name=point.name, origin=origin, why=f"{type(fault).__name__}: {fault}"[:200]))
            continue
        names.add(kind.name)
        kinds.append(kind)
    return kinds, broken


def _checked(found: object, taken: set[str], origin: str) -> Kind:
    """Return a plugged kind as it may be used.

    Raises:
        InvalidInput: it is no kind, has a name in use, or settings or words that are not as they must be.
    """
    if not isinstance(found, Kind):
        raise InvalidInput("plugin_broken", why="the entry point does not lead to a harvesters.kinds.Kind")
    if not _NAME.fullmatch(found.name) or found.name in taken:
        raise InvalidInput("plugin_broken", why=f"the name {found.name!r} is taken, or not of lower-case letters")
    if not (found.zh and found.en and all(it.zh and it.en for it in found.settings.values())):
        raise InvalidInput("plugin_broken", why="the kind or a setting has no words in zh and en")
    for name, setting in found.settings.items():
        if not _OPTION.fullmatch(name) or name in GENERAL_OPTIONS or name in READING_OPTIONS:
            raise InvalidInput("plugin_broken", why=f"the setting {name!r} is every kind's, or not well named")
        re.compile(setting.pattern)
    SourceKind(found.name)
    return Kind(
        name=found.name,
        make=found.make,
        settings=found.settings,
        zh=found.zh,
        en=found.en,
        check=found.check,
        origin=origin,
    )
