"""The port of a search engine: what the catalogue asks of it, in the catalogue's words."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from catalogue_app.domain.ids import EntryId
from catalogue_app.domain.visibility import Audience
from indexing.document import SearchDocument
from indexing.query import SearchQuery
from indexing.results import EngineHealth, SearchResults, Suggestion

__all__ = ["SearchEngine"]


class SearchEngine(Protocol):
    """One index of entries; safe to use from several threads."""

    def write(self, documents: Sequence[SearchDocument]) -> None:
        """Keep documents durably, each under its entry id.

        A document older than the one kept is passed over, so that a late writer never wins.

        Raises:
            Conflict: another process is writing; nothing was kept.
            SearchUnavailable: the engine does not answer.
        """
        ...

    def rebuild(self, documents: Iterable[SearchDocument]) -> int:
        """Build a new index beside the present one, swap them at once, return how many documents it holds.

        Searches go on against the old one until the swap. What was written to the old one meanwhile is lost: write it
        again after.

        Raises:
            Conflict: another process is writing.
        """
        ...

    def search(self, query: SearchQuery) -> SearchResults:
        """Answer a question.

        Raises:
            InvalidCursor: the cursor is not one of this engine for this question.
            SearchUnavailable: the engine does not answer.
        """
        ...

    def suggest(self, prefix: str, audience: Audience, limit: int) -> tuple[Suggestion, ...]:
        """Complete what is being typed, in Chinese, pinyin or initials, from what this audience may see."""
        ...

    def digests(self) -> Iterator[tuple[EntryId, int]]:
        """Yield (entry, revision) of every document kept, by entry id."""
        ...

    def health(self) -> EngineHealth:
        """Say how it stands.

        Raises:
            SearchUnavailable: it does not answer.
        """
        ...
