"""Codes are found whole, as people copy them, on every engine."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from indexing.port import SearchEngine
from tests.builders import a_metadata, an_entry
from tests.searching import BOTH, a_language, ask, engines_of, ids, keep


@pytest.fixture(params=BOTH)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchEngine]:
    with engines_of(request.param) as make:
        yield make(tmp_path / "index", a_language)


def test_a_code_is_found_as_it_is_typed(engine: SearchEngine) -> None:
    entry, other = (
        an_entry(number, metadata=replace(a_metadata(), resource_code=f"307003/00000{number}")) for number in (1, 2)
    )
    keep(engine, entry, other)
    for text in ("307003/000001", '"307003/000001"', "code:307003/000001", "307003/000001 -天气"):
        assert ids(ask(engine, text)) == [entry.id], text
