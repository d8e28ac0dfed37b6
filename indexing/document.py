"""Projects an entry into what the index keeps of it; pure."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import final

from catalogue_app.domain.entry import Entry
from catalogue_app.domain.ids import EntryId
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.serials import place_in_series
from catalogue_app.domain.text import fold
from catalogue_app.domain.visibility import labels_of
from indexing.fields import FacetField


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SearchDocument:
    """What the index keeps of one entry; the engine makes terms of it.

    Attributes:
        serial: orders what is otherwise equal: the place of its running number among those of all tiers.
        labels: who may meet it; empty once it is withdrawn.
        titles: the title in each of its languages.
        organ_names: every name of its organ.
        items: names of its information items.
        codes: catalogue code, resource code, division codes: found only when typed whole.
        facets: field to values.
        updated_on: day of the last change of the content.
    """

    entry_id: EntryId
    serial: int
    revision: int
    labels: frozenset[str]
    titles: tuple[str, ...]
    abstract: str
    keywords: tuple[str, ...]
    organ_names: tuple[str, ...]
    items: tuple[str, ...]
    codes: tuple[str, ...]
    facets: dict[FacetField, tuple[str, ...]]
    folded_title: str
    changed_at: datetime
    updated_on: date | None


def project(entry: Entry, organ: Organ) -> SearchDocument:
    """Return the search document of an entry."""
    said = entry.metadata
    return SearchDocument(
        entry_id=entry.id,
        serial=place_in_series(entry.serial),
        revision=entry.revision,
        labels=labels_of(tier=entry.tier, state=entry.state, organ=entry.organ_id),
        titles=tuple(text for _, text in said.title.texts),
        abstract=" ".join(text for _, text in said.abstract.texts) if said.abstract else "",
        keywords=said.keywords,
        organ_names=organ.all_names,
        items=tuple(item.name for item in said.items),
        codes=tuple(filter(None, (entry.code, said.resource_code, entry.identifier, *said.spatial))),
        facets=_facets(entry),
        folded_title=fold(said.title.original),
        changed_at=entry.changed_at,
        updated_on=said.updated_on,
    )


def _facets(entry: Entry) -> dict[FacetField, tuple[str, ...]]:
    said = entry.metadata
    formats = (*said.format_types, *(one.format for one in said.distributions))
    values: dict[FacetField, tuple[str | None, ...]] = {
        FacetField.ORGAN: (entry.organ_id,),
        FacetField.THEME: said.themes,
        FacetField.CATEGORY: tuple(category.value for category in said.disclosure_categories),
        FacetField.CYCLE: (said.update_cycle,),
        FacetField.SHARING: (said.sharing_type,),
        FacetField.OPEN: (said.open_type,),
        FacetField.FORMAT: formats,
        FacetField.DISTRICT: said.spatial,
        FacetField.TIER: (entry.tier,),
        FacetField.STATE: (entry.state,),
    }
    return {name: tuple(dict.fromkeys(str(value) for value in found if value)) for name, found in values.items()}
