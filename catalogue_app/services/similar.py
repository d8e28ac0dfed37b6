"""What already exists like an entry somebody is about to register (art. 9): same or near title, same items."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, final

from rapidfuzz import fuzz

from catalogue_app.domain.entry import Entry
from catalogue_app.domain.errors import SearchUnavailable
from catalogue_app.domain.ids import EntryId
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.selection import EntryFilter
from catalogue_app.domain.text import fold
from catalogue_app.domain.visibility import Audience
from catalogue_app.persistence.unit_of_work import UnitOfWork, UnitsOfWork
from indexing.port import SearchEngine
from indexing.query import SearchQuery

_NEAR_TITLE: Final = 80.0
"""Likeness of two titles, of 100, from which they are shown side by side."""

_SHARED_ITEMS: Final = 0.6
"""Share of all items of two entries that both have, from which they are shown side by side."""

_FEWEST_ITEMS: Final = 3
_CANDIDATES: Final = 40
_SHOWN: Final = 5


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarEntry:
    """One entry like the one in hand, with why.

    Attributes:
        title_likeness: 0 to 100; 100 for the same title.
        shared_items: names of items that both have.
        is_same_items: whether so many are shared that the contents may be the same.
    """

    entry: Entry
    organ: Organ
    title_likeness: float
    shared_items: tuple[str, ...]
    is_same_items: bool


@final
class Similar:
    """Finds entries like one in hand, among those an audience may see."""

    def __init__(self, uow: UnitsOfWork, engine: SearchEngine) -> None:
        self._uow: Final = uow
        self._engine: Final = engine

    def to(
        self, metadata: EntryMetadata, audience: Audience, *, but: EntryId | None = None
    ) -> tuple[SimilarEntry, ...]:
        """Return at most five entries like what is said, the likest first; never the entry `but` itself.

        The engine proposes by the words of the title; without it, only titles that are equal are found.
        """
        with self._uow.reading() as look:
            found = {entry.id: entry for entry in self._proposed(look, metadata, audience) if entry.id != but}
            organs = look.organs.by_ids({entry.organ_id for entry in found.values()})
        compared = (_compared(metadata, entry, organs[entry.organ_id]) for entry in found.values())
        alike = [one for one in compared if one.title_likeness >= _NEAR_TITLE or one.is_same_items]
        alike.sort(key=lambda one: (-one.title_likeness, -len(one.shared_items), one.entry.serial))
        return tuple(alike[:_SHOWN])

    def _proposed(self, look: UnitOfWork, metadata: EntryMetadata, audience: Audience) -> Iterable[Entry]:
        same = EntryFilter(titles=frozenset({fold(metadata.title.original)}))
        yield from look.entries.list(same, audience, None, _CANDIDATES).entries
        try:
            asked = SearchQuery(text=metadata.title.original[:200], audience=audience, limit=_CANDIDATES)
            ids = [hit.entry_id for hit in self._engine.search(asked).hits]
        except SearchUnavailable:
            return
        seen = look.entries.confirm(ids, audience)
        yield from look.entries.by_ids([entry_id for entry_id in ids if entry_id in seen])


def _compared(metadata: EntryMetadata, entry: Entry, organ: Organ) -> SimilarEntry:
    mine = {fold(item.name) for item in metadata.items}
    theirs = {fold(item.name): item.name for item in entry.metadata.items}
    shared = tuple(name for folded, name in theirs.items() if folded in mine)
    everything = len(mine | theirs.keys())
    return SimilarEntry(
        entry=entry,
        organ=organ,
        title_likeness=fuzz.ratio(fold(metadata.title.original), fold(entry.metadata.title.original)),
        shared_items=shared,
        is_same_items=len(shared) >= _FEWEST_ITEMS and len(shared) / everything >= _SHARED_ITEMS,
    )
