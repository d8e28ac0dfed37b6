"""What the embedded index must survive: a death between its files, forged cursors, an index of another version."""

import shutil
from base64 import b64decode, urlsafe_b64encode
from dataclasses import replace
from pathlib import Path

import pytest

from catalogue_app.domain.errors import InvalidCursor, SearchUnavailable
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from indexing.embedded.engine import EmbeddedEngine
from indexing.fields import FacetField, Sort
from indexing.query import SearchQuery
from tests.builders import an_entry
from tests.searching import a_document, a_language, rebuild


def test_a_commit_cut_off_before_it_was_named_is_cleared_away(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path, a_language)
    entries = [an_entry(serial) for serial in range(1, 21)]
    engine.write([a_document(entry) for entry in entries])
    meta = next(tmp_path.glob("*/meta.json"))
    before = meta.with_suffix(".before")
    shutil.copy(meta, before)
    changed = [a_document(replace(entry, revision=2)) for entry in entries[:5]]
    engine.write(changed)
    before.replace(meta)  # as if the process had died just before the new files were named

    again = EmbeddedEngine(tmp_path, a_language)
    again.write(changed)
    assert sorted(revision for _, revision in again.digests()) == [1] * 15 + [2] * 5


@pytest.mark.parametrize("sort", [Sort.RELEVANCE, Sort.TITLE])
@pytest.mark.parametrize("place", ["1000000000000000000", "99999999999999999999", "-1", "", "1.5"])
def test_a_place_that_cannot_be_is_refused(tmp_path: Path, sort: Sort, place: str) -> None:
    engine = EmbeddedEngine(tmp_path, a_language)
    engine.write([a_document(an_entry(serial)) for serial in range(1, 11)])
    question = SearchQuery(text="幼儿园", audience=Audience.of_tier(Tier.PORTAL), sort=sort, limit=3)
    cursor = engine.search(question).next_cursor
    assert cursor is not None
    digest = b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_").decode().partition(":")[0]
    forged = urlsafe_b64encode(f"{digest}:{place}".encode()).decode().rstrip("=")
    with pytest.raises(InvalidCursor):
        engine.search(replace(question, cursor=forged))


def test_an_index_of_other_fields_is_unavailable_until_it_is_rebuilt(tmp_path: Path) -> None:
    entry = an_entry()
    EmbeddedEngine(tmp_path, a_language).write([a_document(entry)])
    about = next(tmp_path.glob("*/about.json"))
    about.write_text(about.read_text("utf-8").replace('": "', '": "0'), "utf-8")

    newer = EmbeddedEngine(tmp_path, a_language)
    question = SearchQuery(text="幼儿园", audience=Audience.of_tier(Tier.PORTAL), facets=(FacetField.ORGAN,))
    with pytest.raises(SearchUnavailable):
        newer.search(question)
    with pytest.raises(SearchUnavailable):
        newer.write([a_document(entry)])
    assert newer.health().needs_rebuild
    rebuild(newer, [a_document(entry)])
    assert newer.search(question).total == 1
