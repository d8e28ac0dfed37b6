"""An entry and its organ become one flat document; a withdrawn entry loses its labels."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.metadata import Distribution, Item
from catalogue_app.domain.text import LocalizedText
from catalogue_app.domain.visibility import labels_of
from catalogue_app.domain.vocabulary import DisclosureCategory, Tier, UpdateCycle
from indexing.document import project
from indexing.fields import FacetField
from indexing.plan import TextField
from indexing.terms import terms_of
from tests.builders import a_metadata, an_entry
from tests.searching import EDU, a_language


def test_what_an_entry_says_is_projected() -> None:
    metadata = a_metadata(
        items=(Item(name="地址"),),
        keywords=("学前教育",),
        themes=("T05", "T05"),
        disclosure_categories=(DisclosureCategory.F,),
        update_cycle=UpdateCycle.YEARLY,
        format_types=("mysql",),
        distributions=(Distribution(format="csv"), Distribution(format="csv")),
        spatial=("120000",),
    )
    titles = LocalizedText((("zh", "幼儿园名录"), ("en", "Kindergartens")))
    document = project(an_entry(metadata=replace(metadata, title=titles)), EDU)
    assert document.titles == ("幼儿园名录", "Kindergartens")
    assert document.organ_names == EDU.all_names
    assert (document.items, document.keywords) == (("地址",), ("学前教育",))
    assert document.facets[FacetField.THEME] == ("T05",)
    assert document.facets[FacetField.FORMAT] == ("mysql", "csv")
    assert document.facets[FacetField.CATEGORY] == ("f",)
    assert document.facets[FacetField.ORGAN] == ("edu",)


@given(st.sampled_from(Tier), st.sampled_from(EntryState))
def test_labels_are_those_of_the_one_rule(tier: Tier, state: EntryState) -> None:
    entry = an_entry(tier=tier, state=state)
    document = project(entry, EDU)
    assert document.labels == labels_of(tier=tier, state=state, organ=entry.organ_id)
    assert bool(document.labels) == (state is not EntryState.WITHDRAWN)


def test_terms_of_a_document_are_cut_at_blanks_only() -> None:
    document = project(an_entry(metadata=a_metadata("PM2.5 空气　质量\n日报")), EDU)
    terms = terms_of(document, a_language().analyser)
    for field in set(TextField) - {TextField.CODE, TextField.EXACT}:
        assert not any(character.isspace() for term in terms[field] for character in term), field
    assert "pm2.5" in terms[TextField.TITLE]
