"""What a column header means: the alias table, matched without width, case, blanks, punctuation and brackets.

A header is a path, outer group first, such as `共享属性/共享类型`. Where the group decides (`信息项信息/名称` is no
title), the table has the alias with its group, written `信息项信息 > 名称`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, final

from catalogue_app.domain.text import fold, remembered

MANY: Final = frozenset(
    {"format_types", "keywords", "link", "download", "themes", "related_resource_codes", "legal_bases", "spatial"}
)
"""Elements that several columns may fill together; of any other, one column is chosen."""

_BRACKETED: Final = re.compile(r"[(\[【〔<《{（][^)\]】〕>》}）]*[)\]】〕>》}）]")
_SEPARATOR: Final = "/"
_GROUPED: Final = ">"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What the columns of one table mean.

    Attributes:
        chosen: element to the names of the columns that fill it, best first.
        rivals: name of a column to the better column for the same element; it says something only where it differs.
        unknown: names of columns without an element.
    """

    chosen: Mapping[str, tuple[str, ...]]
    rivals: Mapping[str, str]
    unknown: tuple[str, ...]

    def name_of(self, element: str) -> str:
        """Return the name of the column for an element, empty when there is none."""
        return self.chosen.get(element, ("",))[0]


@final
class Headers:
    """The alias table in the form headers are looked up."""

    def __init__(self, aliases: Iterable[tuple[str, str]]) -> None:
        """Keep the table's order: an earlier row is a better name for its element.

        Args:
            aliases: (written header, element) pairs; an element's own name always means itself.
        """
        self._ranked: dict[str, list[tuple[int, str]]] = {}
        pairs = tuple(aliases)
        own = ((element, element) for element in dict.fromkeys(element for _, element in pairs))
        for rank, (alias, element) in enumerate((*pairs, *own)):
            self._ranked.setdefault(_alias_key(alias), []).append((rank, element))
        self._meaning = remembered(4096)(self._look_up)
        self.columns = lru_cache(maxsize=256)(self._columns)

    def is_header(self, text: str) -> bool:
        """Tell whether a text is a known header."""
        return bool(text) and bool(self._meaning(text))

    def _look_up(self, name: str) -> tuple[tuple[int, str], ...]:
        """Return (rank, element) of everything a header path may mean; the most exact way of reading it decides."""
        for key in _keys(name):
            if found := self._ranked.get(key):
                return tuple(found)
        return ()

    def _columns(self, names: tuple[str, ...]) -> Columns:
        """Choose a column for each element; a column that loses one meaning may still have another.

        Args:
            names: names of the columns, each once, in their order.
        """
        wishes = sorted(
            (rank, place, element) for place, name in enumerate(names) for rank, element in self._meaning(name)
        )
        chosen: dict[str, list[str]] = {}
        placed, lost = set[str](), dict[str, str]()
        for _, place, element in wishes:
            name = names[place]
            if name in placed:
                continue
            if element in chosen and element not in MANY:
                lost.setdefault(name, chosen[element][0])
                continue
            chosen.setdefault(element, []).append(name)
            placed.add(name)
        return Columns(
            chosen={element: tuple(columns) for element, columns in chosen.items()},
            rivals={name: better for name, better in lost.items() if name not in placed},
            unknown=tuple(name for name in names if name not in placed),
        )


def path_name(path: Sequence[str]) -> str:
    """Write a header path as one name, texts that repeat downwards once."""
    parts = [part for place, part in enumerate(path) if part and part not in path[:place]]
    return _SEPARATOR.join(parts)


def distinct(names: Iterable[str]) -> Iterator[str]:
    """Make repeated names different: `备注`, `备注 (2)`."""
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name} ({seen[name]})"


def _keys(name: str) -> Iterator[str]:
    """Yield the keys under which a header path may stand in the table, the most exact first."""
    parts = name.split(_SEPARATOR)
    for group in reversed(parts[:-1]):
        yield f"{_key(group)}{_GROUPED}{_key(parts[-1])}"
        yield f"{_key(group)}{_GROUPED}{_key(_BRACKETED.sub('', parts[-1]))}"
    yield _key(name)
    yield _key(_BRACKETED.sub("", name))
    if len(parts) > 1:
        yield _key(parts[-1])
        yield _key(_BRACKETED.sub("", parts[-1]))


def _alias_key(alias: str) -> str:
    return _GROUPED.join(_key(part) for part in alias.split(_GROUPED))


@remembered(8192)
def _key(text: str) -> str:
    plain = "".join(character for character in fold(text) if character.isalnum())
    return plain or fold(text)
