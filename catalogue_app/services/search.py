"""Search for an audience: the engine proposes, the database confirms."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, final

import structlog

from catalogue_app.domain.entry import Entry
from catalogue_app.domain.errors import SearchUnavailable
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.register import heirs
from catalogue_app.domain.visibility import Audience
from catalogue_app.metrics import Instruments
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from indexing.fields import FacetField
from indexing.highlight import Highlighter, Segments
from indexing.language import Language
from indexing.port import SearchEngine
from indexing.query import SearchQuery
from indexing.results import FacetCount, SearchResults, Suggestion

_log: Final = structlog.get_logger()
_ITEMS_SHOWN: Final = 6
"""Matching items named with a hit."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """One hit, ready to be shown.

    Attributes:
        title: the original title, marked.
        abstract: the part of the abstract around the first match, marked.
        items: names of information items that match, marked.
    """

    entry: Entry
    organ: Organ
    title: Segments
    abstract: Segments
    items: tuple[Segments, ...]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """One page of an answer; see `SearchResults` for what is not explained here.

    Attributes:
        total: entries found in all, less those of this page that the database did not confirm.
    """

    total: int
    hits: tuple[SearchHit, ...]
    facets: Mapping[FacetField, tuple[FacetCount, ...]]
    next_cursor: str | None
    is_relaxed: bool
    did_you_mean: str | None


@final
class Search:
    """Searching the directory; nothing is changed."""

    def __init__(
        self, uow: UnitsOfWork, engine: SearchEngine, language: Callable[[], Language], instruments: Instruments
    ) -> None:
        """Keep the parts.

        Args:
            uow: opens units of work.
            engine: proposes.
            language: how words are folded, for marking matches.
            instruments: time the engine.
        """
        self._uow = uow
        self._engine = engine
        self._language = language
        self._instruments = instruments

    def search(self, query: SearchQuery) -> SearchPage:
        """Answer a question of anybody, for their audience.

        An entry whose tier was raised a moment ago may still be proposed; it is dropped here, because the database no
        longer shows it to this audience.

        Raises:
            InvalidCursor: the cursor is not one of this question.
            SearchUnavailable: the engine does not answer.
        """
        query = self._of_heirs(query)
        with self._instruments.searching("search"):
            results = self._engine.search(query)
        ids = [hit.entry_id for hit in results.hits]
        with self._uow.reading() as look:
            confirmed = look.entries.confirm(ids, query.audience)
            entries = look.entries.by_ids([entry_id for entry_id in ids if entry_id in confirmed])
            organs = look.organs.by_ids(entry.organ_id for entry in entries)
        marker = Highlighter(self._language().analyser, results.terms)
        hits = tuple(_shown(entry, organs[entry.organ_id], marker) for entry in entries)
        return _page(results, hits, dropped=len(ids) - len(entries))

    def _of_heirs(self, query: SearchQuery) -> SearchQuery:
        """Ask for the organs that answer today: an address from before a merger leads on."""
        wanted = query.filters.get(FacetField.ORGAN, ())
        if not wanted:
            return query
        now = heirs(self._language().thesaurus.organs)
        organs = dict.fromkeys(str(now.get(OrganId(organ), organ)) for organ in wanted)
        return replace(query, filters={**query.filters, FacetField.ORGAN: tuple(organs)})

    def suggest(self, prefix: str, audience: Audience, limit: int = 8) -> tuple[Suggestion, ...]:
        """Complete what is being typed, from what this audience may see; nothing where the engine does not answer."""
        try:
            with self._instruments.searching("suggest"):
                return self._engine.suggest(prefix, audience, limit)
        except SearchUnavailable as error:
            _log.info("suggestions_left_out", why=str(error))
            return ()


def _page(results: SearchResults, hits: tuple[SearchHit, ...], dropped: int) -> SearchPage:
    return SearchPage(
        total=results.total - dropped,
        hits=hits,
        facets=results.facets,
        next_cursor=results.next_cursor,
        is_relaxed=results.is_relaxed,
        did_you_mean=results.did_you_mean,
    )


def _shown(entry: Entry, organ: Organ, marker: Highlighter) -> SearchHit:
    said = entry.metadata
    matching = [item.name for item in said.items if marker.is_in(item.name)]
    return SearchHit(
        entry=entry,
        organ=organ,
        title=marker.mark(said.title.original),
        abstract=marker.snippet(said.abstract.original) if said.abstract else (),
        items=tuple(marker.mark(name) for name in matching[:_ITEMS_SHOWN]),
    )
