"""Documents are stored once as text, and their digest tells whether two metadata say the same."""

import json

from hypothesis import given

from catalogue_app.domain.metadata import EntryMetadata, from_document, to_document
from catalogue_app.persistence.entry_rows import write_document
from tests.strategies import METADATA


@given(METADATA)
def test_the_text_is_the_document(metadata: EntryMetadata) -> None:
    text, digest = write_document(metadata)
    assert json.loads(text) == to_document(metadata)
    assert from_document(json.loads(text)) == metadata
    assert len(digest) == 32


@given(METADATA, METADATA)
def test_digests_are_equal_exactly_when_metadata_are(one: EntryMetadata, other: EntryMetadata) -> None:
    assert (write_document(one)[1] == write_document(other)[1]) == (one == other)
