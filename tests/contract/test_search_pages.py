"""What every search engine must hold to in pages: every order reaches its end without a double; cursors are ours."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from catalogue_app.domain.entry import Entry
from catalogue_app.domain.errors import InvalidCursor
from catalogue_app.domain.ids import EntryId
from indexing.fields import FacetField, Sort
from indexing.port import SearchEngine
from indexing.results import SearchResults
from tests.builders import NOW, a_metadata, an_entry
from tests.searching import BOTH, PORTAL, a_language, ask, engines_of, ids, keep, some_entries


@pytest.fixture(params=BOTH)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchEngine]:
    with engines_of(request.param) as make:
        yield make(tmp_path / "index", a_language)


def pages(engine: SearchEngine, text: str = "", limit: int = 7, **rest: Any) -> Iterator[SearchResults]:
    cursor: str | None = None
    while True:
        page = ask(engine, text, limit=limit, cursor=cursor, **rest)
        yield page
        cursor = page.next_cursor
        if cursor is None:
            return


def _expected(entries: Sequence[Entry], sort: Sort) -> list[EntryId]:
    def updated(entry: Entry) -> tuple[date, int]:
        return entry.metadata.updated_on or date.min, entry.serial

    def changed(entry: Entry) -> tuple[datetime, int]:
        return entry.changed_at, entry.serial

    if sort is Sort.UPDATED:
        return [entry.id for entry in sorted(entries, key=updated, reverse=True)]
    return [entry.id for entry in sorted(entries, key=changed, reverse=True)]


@pytest.mark.parametrize("sort", [Sort.CHANGED, Sort.UPDATED])
@pytest.mark.parametrize("text", ["", "幼儿园"])
def test_pages_by_date_follow_each_other_exactly(engine: SearchEngine, sort: Sort, text: str) -> None:
    entries = [*some_entries(), an_entry(99, metadata=a_metadata("幼儿园", updated_on=None))]
    keep(engine, *entries)
    found = list(pages(engine, text, sort=sort))
    assert [hit for page in found for hit in ids(page)] == _expected(entries, sort)
    assert {page.total for page in found} == {len(entries)}


def test_pages_by_title_are_in_the_order_of_code_points(engine: SearchEngine) -> None:
    entries = some_entries()
    keep(engine, *entries)
    titles = {entry.id: entry.metadata.title.original for entry in entries}
    found = [titles[entry_id] for page in pages(engine, sort=Sort.TITLE) for entry_id in ids(page)]
    assert found == sorted(titles.values())


@pytest.mark.parametrize("sort", Sort)
def test_pages_reach_the_end_without_a_double(engine: SearchEngine, sort: Sort) -> None:
    entries = some_entries()
    keep(engine, *entries)
    found = [entry_id for page in pages(engine, "幼儿园", sort=sort) for entry_id in ids(page)]
    assert sorted(found) == sorted(entry.id for entry in entries)


def test_a_page_by_date_goes_on_rightly_while_newer_entries_arrive(engine: SearchEngine) -> None:
    entries = some_entries()
    keep(engine, *entries)
    first = ask(engine, limit=10, sort=Sort.CHANGED)
    keep(engine, an_entry(100, changed_at=NOW + timedelta(days=1)))
    rest = ask(engine, limit=100, sort=Sort.CHANGED, cursor=first.next_cursor)
    assert ids(first) + ids(rest) == _expected(entries, Sort.CHANGED)


@pytest.mark.parametrize("cursor", ["x", "%%%", "幼", "MTI", "a" * 400, "OjE6MQ", "-", "AAAA"])
def test_a_cursor_that_nobody_gave_is_refused(engine: SearchEngine, cursor: str) -> None:
    keep(engine, an_entry())
    with pytest.raises(InvalidCursor):
        ask(engine, cursor=cursor)


def test_a_cursor_of_another_question_is_refused(engine: SearchEngine) -> None:
    keep(engine, *some_entries())
    cursor = ask(engine, "幼儿园", limit=5).next_cursor
    others: list[dict[str, Any]] = [
        {"text": "名录"},
        {"text": "幼儿园", "sort": Sort.TITLE},
        {"text": "幼儿园", "filters": {FacetField.ORGAN: ("edu",)}},
        {"text": "幼儿园", "audience": PORTAL},
    ]
    for other in others:
        with pytest.raises(InvalidCursor):
            ask(engine, cursor=cursor, **other)
