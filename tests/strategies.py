"""Values by chance, for properties."""

from datetime import date

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
    distributions=tuples(
        st.builds(Distribution, url=TEXT, size_bytes=st.none() | st.integers(0, 10**18), modified_on=DATES)
    ),
    extensions=tuples(st.tuples(TEXT, TEXT)),
    unread=tuples(st.builds(UnreadValue, element=TEXT, value=TEXT, code=TEXT)),
)
