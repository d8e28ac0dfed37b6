"""Metadata survive their JSON document, and equal metadata have equal digests."""

import json
from dataclasses import fields
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.metadata import (
    Classification,
    Contact,
    Distribution,
    EntryMetadata,
    Interval,
    Item,
    SharingMethod,
    UnreadValue,
    content_digest,
    from_document,
    to_document,
)
from catalogue_app.domain.text import LocalizedText
from catalogue_app.domain.vocabulary import DisclosureCategory, FormatClass, OpenType, SharingType, Tier, UpdateCycle

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
DATES = st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1))
LOCALIZED = st.dictionaries(st.sampled_from(["zh", "en"]), TEXT, min_size=1).map(LocalizedText.from_mapping)


def tuples(values: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(values, max_size=3).map(tuple)


METADATA = st.builds(
    EntryMetadata,
    title=LOCALIZED,
    abstract=st.none() | LOCALIZED,
    classification=st.none() | st.builds(Classification, lei=TEXT, ximu=TEXT),
    format_class=st.none() | st.sampled_from(FormatClass),
    format_types=tuples(TEXT),
    items=tuples(st.builds(Item, name=TEXT, length=TEXT, sharing_type=st.none() | st.sampled_from(SharingType))),
    sharing_type=st.none() | st.sampled_from(SharingType),
    sharing_methods=tuples(st.builds(SharingMethod, method=TEXT)),
    open_type=st.none() | st.sampled_from(OpenType),
    update_cycle=st.none() | st.sampled_from(UpdateCycle),
    updated_on=DATES,
    keywords=tuples(TEXT),
    disclosure_categories=tuples(st.sampled_from(DisclosureCategory)),
    temporal=st.none() | st.builds(Interval, start=DATES, end=DATES),
    network_tier=st.none() | st.sampled_from(Tier),
    contact=st.none() | st.builds(Contact, name=TEXT),
    personal_information=st.none() | st.booleans(),
    record_count=st.none() | st.integers(0, 10**12),
    distributions=tuples(st.builds(Distribution, url=TEXT, size_bytes=st.none() | st.integers(0), modified_on=DATES)),
    extensions=tuples(st.tuples(TEXT, TEXT)),
    unread=tuples(st.builds(UnreadValue, element=TEXT, value=TEXT, code=TEXT)),
)


@given(METADATA)
def test_the_document_loses_nothing(metadata: EntryMetadata) -> None:
    assert from_document(json.loads(json.dumps(to_document(metadata)))) == metadata


@given(METADATA, METADATA)
def test_digests_are_equal_exactly_when_metadata_are(one: EntryMetadata, other: EntryMetadata) -> None:
    assert (content_digest(one) == content_digest(other)) == (to_document(one) == to_document(other))


def test_every_element_takes_part_in_the_digest() -> None:
    bare = EntryMetadata(title=LocalizedText.of("幼儿园名录"))
    assert set(to_document(bare)) == {"title"}
    assert {field.name for field in fields(EntryMetadata)} >= set(to_document(bare))


def test_only_web_addresses_become_links() -> None:
    assert Distribution(url="https://a.example/x.csv").is_linkable
    assert not Distribution(url="javascript:alert(1)").is_linkable
    assert not Distribution(url="data:text/html,x").is_linkable
