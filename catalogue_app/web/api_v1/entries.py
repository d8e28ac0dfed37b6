"""`/entries`: lists and searches of entries, one entry whole, and its revisions."""

from http import HTTPStatus
from typing import Final

from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.metadata import Document, JsonValue
from catalogue_app.domain.selection import EntryFilter
from catalogue_app.domain.visibility import Audience
from catalogue_app.web.api_v1.documents import change_of, curation_of, entry_of, item_of, named, only, revision_of
from catalogue_app.web.api_v1.facets import names_of
from catalogue_app.web.context import services
from catalogue_app.web.endpoint import Group
from catalogue_app.web.schemas.entry import (
    LANGUAGE_ONLY,
    EntriesAsked,
    EntriesParameters,
    EntriesSchema,
    EntrySchema,
    HistorySchema,
    LanguageAsked,
    RevisionsSchema,
)
from indexing.fields import FacetField, Sort
from indexing.query import SearchQuery

ENTRIES: Final = Group("entries", "Entries of the catalogue: search, lists, single entries and their revisions.")
_ONE: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


@ENTRIES.get(
    "/entries",
    asks=(EntriesParameters, EntriesAsked),
    answers=EntriesSchema,
    problems=(HTTPStatus.SERVICE_UNAVAILABLE,),
)
def list_entries(audience: Audience, asked: EntriesAsked) -> Document:
    """Search and list entries.

    Questions without text, facets or a particular order are answered by the register itself, also while search is out
    of order. `next` leads to the following page, as deep as the list is long.
    """
    return _from_register(audience, asked) if _is_plain(asked) else _from_search(audience, asked)


@ENTRIES.get("/entries/<code>", asks=LANGUAGE_ONLY, answers=EntrySchema, problems=_ONE)
def show_entry(audience: Audience, asked: LanguageAsked, code: str) -> Document:
    """Show one entry whole.

    `metadata` is what the organ says, in the elements of the municipal metadata profile; `violations` say where it
    departs from the profile and how to mend that. An entry that is not published on this network is answered like one
    that does not exist.
    """
    catalogue = services().catalogue
    view = catalogue.entry(code, audience)
    return entry_of(view, catalogue.problems(view.entry, asked.lang), asked.lang)


@ENTRIES.get("/entries/<code>/revisions", asks=LANGUAGE_ONLY, answers=RevisionsSchema, problems=_ONE)
def list_revisions(audience: Audience, asked: LanguageAsked, code: str) -> Document:
    """List the revisions of an entry, newest first, each with what it said and what it changed.

    Revisions that belonged to a higher network tier are left out.
    """
    del asked
    history = services().catalogue.history(code, audience)
    items: list[JsonValue] = [revision_of(step) for step in history.steps]
    return {"code": history.entry.code, "total": len(items), "items": items}


@ENTRIES.get("/entries/<code>/history", asks=LANGUAGE_ONLY, answers=HistorySchema, problems=_ONE)
def show_history(audience: Audience, asked: LanguageAsked, code: str) -> Document:
    """Show what changed in an entry, newest first: element by element, and as JSON Patch (RFC 6902).

    Applied from the oldest to the newest, beginning with an empty object, the patches give `metadata` as it stands.
    Revisions that belonged to a higher network tier are left out, and what they alone said with them. `curations` are
    the elements that the department in charge let say something else than the source does.
    """
    del asked
    history = services().catalogue.history(code, audience)
    items: list[JsonValue] = [change_of(step) for step in history.steps]
    curations: list[JsonValue] = [curation_of(curation) for curation in history.curations]
    return {"code": history.entry.code, "total": len(items), "items": items, "curations": curations}


def _is_plain(asked: EntriesAsked) -> bool:
    needs_search = asked.q or asked.facets or asked.format or asked.sharing or asked.open or asked.district
    return not needs_search and asked.sort in {None, Sort.CHANGED}


def _from_register(audience: Audience, asked: EntriesAsked) -> Document:
    wanted = EntryFilter(
        organs=frozenset(map(OrganId, asked.organ)),
        categories=frozenset(asked.category),
        themes=frozenset(asked.theme),
        cycles=frozenset(asked.cycle),
        states=frozenset(asked.state),
        tiers=frozenset(asked.tier),
    )
    page = services().catalogue.entries(wanted, audience, asked.cursor, asked.limit)
    return {
        "total": page.total,
        "items": [only(item_of(card, asked.lang), asked.members) for card in page.cards],
        "facets": {},
        "next": page.next_cursor,
        "relaxed": False,
        "did_you_mean": None,
    }


def _from_search(audience: Audience, asked: EntriesAsked) -> Document:
    query = SearchQuery(
        text=asked.q,
        audience=audience,
        filters=_filters(asked),
        facets=tuple(asked.facets),
        sort=asked.sort or (Sort.RELEVANCE if asked.q else Sort.CHANGED),
        limit=asked.limit,
        cursor=asked.cursor,
    )
    page = services().search.search(query)
    cards = services().catalogue.cards((hit.entry, hit.organ) for hit in page.hits)
    return {
        "total": page.total,
        "items": [only(item_of(card, asked.lang), asked.members) for card in cards],
        "facets": {
            field.value: named({one.value: one.count for one in counts}, names_of(field, asked.lang))
            for field, counts in page.facets.items()
        },
        "next": page.next_cursor,
        "relaxed": page.is_relaxed,
        "did_you_mean": page.did_you_mean,
    }


def _filters(asked: EntriesAsked) -> dict[FacetField, tuple[str, ...]]:
    """Return the filters by facet; parameters have the names of the facets."""
    values = {field: tuple(str(value) for value in getattr(asked, field.value)) for field in FacetField}
    return {field: chosen for field, chosen in values.items() if chosen}
