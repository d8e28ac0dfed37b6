"""Hits of equal score stand newest first in the embedded engine, wherever its files hold them, page after page."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tantivy import Document, Index, Query, Searcher

from indexing.embedded.ranking import ranked
from indexing.embedded.schema import NEWNESS, SERIAL, build_schema, newness

HIGHEST = (1 << 31) - 1
MOST = 2047
"""Scores up to here stay below the next one."""


def an_index(folder: Path, batches: Iterable[Iterable[int]]) -> Searcher:
    """Write running numbers, a file of the index for each batch until they are merged."""
    index = Index(build_schema(), path=str(folder))
    for batch in batches:
        writer = index.writer(num_threads=1)
        for serial in batch:
            document = Document()
            document.add_unsigned(SERIAL, serial)
            document.add_float(NEWNESS, newness(serial))
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
    index.reload()
    return index.searcher()


def mixed(serials: Sequence[int]) -> list[int]:
    """Return numbers in no order."""
    return [serials[place * 7919 % len(serials)] for place in range(len(serials))]


def in_pages(searcher: Searcher, query: Query, limit: int) -> list[tuple[int, int]]:
    """Return score and running number of every hit, page by page."""
    found: list[tuple[int, int]] = []
    while True:
        total, page = ranked(searcher, query, len(found), limit)
        serials = searcher.fast_field_values(SERIAL, [address for _, address in page]) if page else []
        found += [(score, int(serial or 0)) for (score, _), serial in zip(page, serials, strict=True)]
        if not page:
            assert total == len(found)
            return found


@given(st.integers(1, HIGHEST), st.integers(1, HIGHEST))
def test_a_later_number_is_never_less_new(one: int, other: int) -> None:
    assert 0 <= newness(min(one, other)) <= newness(max(one, other))


@pytest.mark.parametrize("score", [1, 2, 3, 77, 1000, MOST - 1, MOST])
def test_of_equal_scores_the_newest_is_first_and_none_reaches_the_next_score(tmp_path: Path, score: int) -> None:
    steps = [serial for length in range(7, 31) for serial in range(1 << length, 2 << length, 1 << (length - 6))]
    serials = sorted({*range(1, 128), *steps, *(serial - 1 for serial in steps), HIGHEST}, reverse=True)
    searcher = an_index(tmp_path, [mixed(serials)])
    found = in_pages(searcher, Query.const_score_query(Query.all_query(), score), 1000)
    assert found == [(score, serial) for serial in serials]


def test_pages_of_equal_hits_neither_miss_nor_repeat_one(tmp_path: Path) -> None:
    """A step of newness holds more than the margin that is read beside a page."""
    serials = mixed(range(60_000, 72_000, 2))
    searcher = an_index(tmp_path, [serials[start : start + 1500] for start in range(0, 6_000, 1500)])
    upper = Query.const_score_query(Query.all_query(), 5)
    lifted = Query.const_score_query(Query.term_set_query(build_schema(), SERIAL, serials[::3]), 1)
    query = upper.or_should_match(lifted)
    expected = sorted(((5 + (place % 3 == 0), serial) for place, serial in enumerate(serials)), reverse=True)
    assert in_pages(searcher, query, 997) == expected
