"""The port of a search engine: what the catalogue asks of it, in the catalogue's words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from catalogue_app.domain.ids import EntryId
from catalogue_app.domain.visibility import Audience
from indexing.document import SearchDocument
from indexing.query import SearchQuery
from indexing.reconcile import Share, Sums
from indexing.results import EngineHealth, SearchResults, Suggestion

__all__ = ["Build", "SearchEngine"]


class Build(Protocol):
    """An index beside the present one, not searched yet. Whatever is written to the present one reaches it too."""

    def fill(self, documents: Iterable[SearchDocument]) -> int:
        """Keep documents, never an older one over a newer one; returns how many were given."""
        ...

    def digests(self) -> Iterator[tuple[EntryId, int]]:
        """Yield (entry, revision) of every document in it, by entry id."""
        ...

    def sums(self) -> Mapping[Share, Sums]:
        """Return how many documents of each organ and tier it holds, and the sum of their revisions."""
        ...

    def revisions(self, ids: Sequence[EntryId]) -> Mapping[EntryId, int]:
        """Return the revisions at which it holds these entries; those it does not hold are left out."""
        ...

    def swap(self) -> None:
        """Make it the index that is searched, at once for everybody; the one before is kept for a way back."""
        ...


class SearchEngine(Protocol):
    """One index of entries; safe to use from several threads."""

    def write(self, documents: Sequence[SearchDocument]) -> None:
        """Keep documents durably, each under its entry id; from then on they are found.

        A document older than the one kept is passed over, so that a late writer never wins.

        Raises:
            Conflict: another process is writing; nothing was kept.
            SearchUnavailable: the engine does not answer.
        """
        ...

    def build(self) -> AbstractContextManager[Build]:
        """Begin a new index beside the present one; left without a swap, it is thrown away.

        Searches and writes go on meanwhile.

        Raises:
            Conflict: somebody builds already.
            SearchUnavailable: the engine does not answer.
        """
        ...

    def former(self) -> AbstractContextManager[Build]:
        """Take up the index that was searched before the present one; left without a swap, it stays aside.

        Raises:
            Conflict: there is none that this version can read, or somebody builds.
            SearchUnavailable: the engine does not answer.
        """
        ...

    def sweep(self, retired_before: datetime) -> int:
        """Remove indexes that were last searched before an instant, and what interrupted builds left."""
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
