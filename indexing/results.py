"""What a search engine answers: hits, counts and suggestions, in the catalogue's own words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import final

from catalogue_app.domain.ids import EntryId
from indexing.fields import FacetField


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One entry found, at the revision the index knows."""

    entry_id: EntryId
    revision: int
    score: float


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FacetCount:
    """How many results have a value; results are counted without the field's own filter."""

    value: str
    count: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResults:
    """One page of an answer.

    Attributes:
        total: entries found in all.
        hits: those of this page, in order.
        facets: field to its counts, most frequent first.
        next_cursor: asks for the next page; None on the last.
        is_relaxed: nothing has all topics of the text, so entries that have one of them are shown.
        did_you_mean: a query that finds something, where this one does not; None otherwise.
        terms: folded words and synonyms that were looked for, for marking them in the original text.
    """

    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[FacetField, tuple[FacetCount, ...]] = field(default_factory=dict)
    next_cursor: str | None = None
    is_relaxed: bool = False
    did_you_mean: str | None = None
    terms: tuple[str, ...] = ()


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """One completion of what is being typed.

    Attributes:
        text: what to put into the box.
        kind: `title`, `organ`, `item`, `theme`.
    """

    text: str
    kind: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class EngineHealth:
    """How an engine stands.

    Attributes:
        documents: documents it holds, those without labels too.
        needs_rebuild: it was built by another schema, analyser or dictionary.
    """

    documents: int
    needs_rebuild: bool
