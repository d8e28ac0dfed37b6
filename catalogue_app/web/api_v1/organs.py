"""`/organs`: the directory of organs, and one organ with its nine disclosure categories."""

from http import HTTPStatus
from typing import Final

from catalogue_app.domain.metadata import Document
from catalogue_app.domain.visibility import Audience
from catalogue_app.services.catalogue_views import OrganSummary
from catalogue_app.web.api_v1.documents import coverage_of, iso, item_of, organ_of
from catalogue_app.web.context import services
from catalogue_app.web.endpoint import Group
from catalogue_app.web.language import Language
from catalogue_app.web.schemas.entry import LANGUAGE_ONLY, LanguageAsked
from catalogue_app.web.schemas.organ import OrganSchema, OrgansSchema

ORGANS: Final = Group("organs", "Organs of the municipality and how they meet their duties.")


@ORGANS.get("/organs", asks=LANGUAGE_ONLY, answers=OrgansSchema)
def list_organs(audience: Audience, asked: LanguageAsked) -> Document:
    """List every organ of the register.

    Counts are those of the entries that this server shows.
    """
    found = services().catalogue.organs(audience)
    return {"total": len(found), "items": [_directory_item(organ, asked.lang) for organ in found]}


@ORGANS.get("/organs/<organ>", asks=LANGUAGE_ONLY, answers=OrganSchema, problems=(HTTPStatus.NOT_FOUND,))
def show_organ(audience: Audience, asked: LanguageAsked, organ: str) -> Document:
    """Show one organ.

    With the state of all nine disclosure categories of article 14 and the entries that changed last.
    """
    view = services().catalogue.organ(organ, audience)
    name = services().reference.name
    return {
        **organ_of(view.organ, view.entries, view.timeliness, asked.lang),
        "coverage": [coverage_of(one, name("disclosure_category", one.category, asked.lang)) for one in view.coverage],
        "recent": [item_of(card, asked.lang) for card in view.recent],
    }


def _directory_item(summary: OrganSummary, language: Language) -> Document:
    document = organ_of(summary.organ, summary.entries, summary.timeliness, language)
    return {**document, "changed_at": iso(summary.changed_at)}
