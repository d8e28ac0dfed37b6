"""Metadata survive their JSON document."""

import json
from dataclasses import fields, replace

from hypothesis import given

from catalogue_app.domain.metadata import (
    Distribution,
    EntryMetadata,
    from_document,
    to_document,
    with_values,
)
from catalogue_app.domain.text import LocalizedText
from tests.strategies import METADATA


@given(METADATA)
def test_the_document_loses_nothing(metadata: EntryMetadata) -> None:
    assert from_document(json.loads(json.dumps(to_document(metadata)))) == metadata


@given(METADATA, METADATA)
def test_other_values_stand_in_place_of_those_said(metadata: EntryMetadata, other: EntryMetadata) -> None:
    assert with_values(metadata, {}) == metadata
    values = {"keywords": other.keywords, "unread": other.unread}
    assert with_values(metadata, values) == replace(metadata, keywords=other.keywords, unread=other.unread)


def test_what_the_organ_did_not_say_is_left_out() -> None:
    bare = EntryMetadata(title=LocalizedText.of("幼儿园名录"))
    assert set(to_document(bare)) == {"title"}
    assert {field.name for field in fields(EntryMetadata)} >= set(to_document(bare))


def test_only_web_addresses_become_links() -> None:
    assert Distribution(url="https://a.example/x.csv").is_linkable
    assert not Distribution(url="javascript:alert(1)").is_linkable
    assert not Distribution(url="data:text/html,x").is_linkable
