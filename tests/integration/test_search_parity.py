"""Both search engines give the same answers: totals, counts of every facet, and every order."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest

from catalogue_app.domain.entry import Entry, EntryState
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from indexing.document import SearchDocument, project
from indexing.fields import FacetField, Sort
from indexing.port import SearchEngine
from indexing.query import SearchQuery
from indexing.results import Hit, SearchResults
from tests.builders import NOW
from tests.searching import demo_entries, demo_language, engines_of, rebuild
from tests.shared import shared_path

pytestmark = pytest.mark.engines

OWN = Path(__file__).with_name("parity_queries.csv")
HOLDOUT = Path(__file__).with_name("holdout_queries.csv")
AUDIENCES: Mapping[str, Audience] = {
    "portal": Audience.of_tier(Tier.PORTAL),
    "extranet": Audience.of_tier(Tier.EXTRANET),
    "intranet": Audience.of_tier(Tier.INTRANET),
    "edu": Audience(tier=Tier.PORTAL, organs=frozenset({OrganId("edu")})),
    "hrss": Audience(tier=Tier.EXTRANET, organs=frozenset({OrganId("hrss")})),
    "supervision": Audience(tier=Tier.INTRANET, supervises=True),
}


def _varied(entry: Entry) -> Entry:
    """Return an entry of another day, tier or state, so that every rule has something to decide."""
    number = entry.serial
    state = {0: EntryState.DRAFT, 1: EntryState.WITHDRAWN}.get(number % 17, entry.state)
    updated_on = None if number % 13 == 0 else date(2026, 1, 1) + timedelta(days=number % 31)
    return replace(
        entry,
        tier=Tier.INTRANET if number % 11 == 0 else entry.tier,
        state=state,
        changed_at=NOW - timedelta(hours=number * 7 % 90),
        metadata=replace(entry.metadata, updated_on=updated_on),
    )


@cache
def documents() -> tuple[SearchDocument, ...]:
    return tuple(project(_varied(demo.entry), demo.organ) for demo in demo_entries())


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SearchEngine, SearchEngine]]:
    folder = tmp_path_factory.mktemp("parity")
    with engines_of("embedded") as embedded, engines_of("elastic") as elastic:
        both = embedded(folder / "index", demo_language), elastic(folder / "index", demo_language)
        for engine in both:
            rebuild(engine, documents())
        yield both


def rows_of(path: Path) -> list[Mapping[str, str]]:
    with path.open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def _question(row: Mapping[str, str]) -> SearchQuery:
    filters = dict(part.split("=") for part in row.get("filters", "").split(";") if part)
    return SearchQuery(
        text=row["query"],
        audience=AUDIENCES[row.get("audience", "extranet")],
        filters={FacetField(field): tuple(values.split("|")) for field, values in filters.items()},
        facets=tuple(FacetField),
        limit=100,
    )


def _order(engine: SearchEngine, question: SearchQuery) -> list[Hit]:
    """Return every hit in order, page by page."""
    found: list[Hit] = []
    cursor: str | None = None
    while True:
        page = engine.search(replace(question, facets=(), cursor=cursor))
        found += page.hits
        cursor = page.next_cursor
        if cursor is None:
            return found


def _figures(results: SearchResults) -> tuple[object, ...]:
    return results.total, results.facets, results.is_relaxed, results.terms


def differences(engines: tuple[SearchEngine, SearchEngine], question: SearchQuery) -> list[str]:
    embedded, elastic = engines
    found = [] if _figures(embedded.search(question)) == _figures(elastic.search(question)) else ["figures"]
    for sort in (Sort.RELEVANCE, Sort.CHANGED, Sort.UPDATED):
        sorted_by = replace(question, sort=sort)
        if _order(embedded, sorted_by) != _order(elastic, sorted_by):
            found.append(sort.value)
    by_title = replace(question, sort=Sort.TITLE, facets=())
    if embedded.search(by_title).hits != elastic.search(by_title).hits:
        found.append("title")
    return found


@pytest.mark.parametrize("table", [OWN, HOLDOUT, Path("search_tests.csv")], ids=lambda path: path.stem)
def test_both_engines_give_the_same_answers(engines: tuple[SearchEngine, SearchEngine], table: Path) -> None:
    rows = rows_of(table if table.is_absolute() else shared_path(f"reference/{table}"))
    differing = {(row["no"], row["query"]): differences(engines, _question(row)) for row in rows}
    assert {query: found for query, found in differing.items() if found} == {}


def test_the_golden_set_is_large_and_finds_much(engines: tuple[SearchEngine, SearchEngine]) -> None:
    rows = rows_of(OWN)
    assert len(rows) >= 150
    assert sum(engines[0].search(_question(row)).total > 0 for row in rows) >= 0.8 * len(rows)
    assert {row["audience"] for row in rows} == set(AUDIENCES)
    assert {field.value for field in FacetField} <= {
        part.split("=")[0] for row in rows for part in row["filters"].split(";")
    }
