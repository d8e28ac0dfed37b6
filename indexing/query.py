"""What is asked of a search engine: text, audience, filters, facets, order and page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import final

from catalogue_app.domain.visibility import Audience
from indexing.fields import FacetField, Sort


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """One question.

    Attributes:
        text: what the person typed; empty browses everything.
        audience: who asks; nothing above it is found, counted or suggested.
        filters: field to the values accepted; values of one field are alternatives, fields narrow each other.
        facets: fields to count; each ignores its own filter.
        limit: hits wanted, 1 to 100.
        cursor: where the page before ended; from `SearchResults.next_cursor`.
    """

    text: str = ""
    audience: Audience
    filters: Mapping[FacetField, tuple[str, ...]] = field(default_factory=dict)
    facets: tuple[FacetField, ...] = ()
    sort: Sort = Sort.RELEVANCE
    limit: int = 20
    cursor: str | None = None
