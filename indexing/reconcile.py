"""Proves that index and database hold the same: two streams of (entry, revision), compared as they pass."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from itertools import islice
from typing import Final, final

from catalogue_app.domain.ids import EntryId, OrganId
from catalogue_app.domain.vocabulary import Tier

_EXAMPLES: Final = 20
"""Entries named for each kind of difference; all are counted."""

Digest = tuple[EntryId, int]
Share = tuple[OrganId, Tier]
"""A part of the catalogue: what one organ has on one tier."""
Sums = tuple[int, int]
"""Of one share: how many entries, and the sum of their revisions, which every edit raises."""


@unique
class Difference(StrEnum):
    """What is wrong with an entry in the index."""

    MISSING = "missing"
    SURPLUS = "surplus"
    BEHIND = "behind"
    """Another revision than the database has."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The outcome of a comparison.

    Attributes:
        compared: entries in the database.
        counts: difference to how many entries have it.
        examples: (difference, entry) of some of them.
    """

    compared: int
    counts: dict[Difference, int]
    examples: tuple[tuple[Difference, EntryId], ...]

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs."""
        return not any(self.counts.values())

    def document(self) -> dict[str, object]:
        """Return the figures and examples as JSON value."""
        counts = {difference.value: self.counts[difference] for difference in Difference}
        examples = [f"{difference.value} {entry_id}" for difference, entry_id in self.examples]
        return {"equal": self.is_equal, "compared": self.compared, **counts, "examples": examples}


def compare(database: Iterable[Digest], index: Iterable[Digest]) -> Verification:
    """Compare two streams, each in the order of entry ids."""
    counts = dict.fromkeys(Difference, 0)
    examples: list[tuple[Difference, EntryId]] = []
    counted = _Counted(database)
    for difference, entry_id in _differences(counted, iter(index)):
        counts[difference] += 1
        if len(examples) < _EXAMPLES:
            examples.append((difference, entry_id))
    return Verification(compared=counted.count, counts=counts, examples=tuple(examples))


@final
class _Counted:
    """Counts what passes."""

    def __init__(self, stream: Iterable[Digest]) -> None:
        self._stream = iter(stream)
        self.count = 0

    def __iter__(self) -> Iterator[Digest]:
        return self

    def __next__(self) -> Digest:
        item = next(self._stream)
        self.count += 1
        return item


def differences(database: Iterable[Digest], index: Iterable[Digest]) -> Iterator[tuple[Difference, EntryId]]:
    """Yield every difference between two streams, each in the order of entry ids."""
    return _differences(iter(database), iter(index))


def _differences(database: Iterator[Digest], index: Iterator[Digest]) -> Iterator[tuple[Difference, EntryId]]:
    left, right = _next(database), _next(index)
    while left is not None or right is not None:
        if right is None or (left is not None and left[0] < right[0]):
            assert left is not None  # noqa: S101 — one of the two is there
            yield Difference.MISSING, left[0]
            left = _next(database)
        elif left is None or right[0] < left[0]:
            yield Difference.SURPLUS, right[0]
            right = _next(index)
        else:
            if left[1] != right[1]:
                yield Difference.BEHIND, left[0]
            left, right = _next(database), _next(index)


def _next(stream: Iterator[Digest]) -> Digest | None:
    return next(iter(islice(stream, 1)), None)


def unlike_shares(database: Mapping[Share, Sums], index: Mapping[Share, Sums]) -> Mapping[Share, tuple[Sums, Sums]]:
    """Return the shares that differ, with the sums of database and index."""
    nothing: Sums = (0, 0)
    shares = sorted({*database, *index})
    pairs = {share: (database.get(share, nothing), index.get(share, nothing)) for share in shares}
    return {share: pair for share, pair in pairs.items() if pair[0] != pair[1]}
