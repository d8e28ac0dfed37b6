"""Documents are stored once as text, and their digest tells whether two metadata say the same."""

import json

from hypothesis import assume, given

from catalogue_app.domain.metadata import EntryMetadata, from_document, to_document
from catalogue_app.persistence.entry_rows import write_document
from tests.builders import a_metadata
from tests.strategies import METADATA


def says_nul(metadata: EntryMetadata) -> bool:
    return "\\u0000" in json.dumps(to_document(metadata))


@given(METADATA)
def test_the_text_is_the_document(metadata: EntryMetadata) -> None:
    assume(not says_nul(metadata))
    text, digest = write_document(metadata)
    assert json.loads(text) == to_document(metadata)
    assert from_document(json.loads(text)) == metadata
    assert len(digest) == 32


def test_a_character_that_not_every_database_keeps_is_replaced() -> None:
    text, _ = write_document(a_metadata(keywords=("甲\x00乙", "丙")))
    assert json.loads(text)["keywords"] == ["甲\ufffd乙", "丙"]


@given(METADATA, METADATA)
def test_digests_are_equal_exactly_when_metadata_are(one: EntryMetadata, other: EntryMetadata) -> None:
    assert (write_document(one)[1] == write_document(other)[1]) == (one == other)
