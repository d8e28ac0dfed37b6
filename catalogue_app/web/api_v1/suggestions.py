"""`/suggest`: what may be meant while somebody types."""

from http import HTTPStatus
from typing import Final

from catalogue_app.domain.metadata import Document
from catalogue_app.domain.visibility import Audience
from catalogue_app.web.context import services
from catalogue_app.web.endpoint import Group
from catalogue_app.web.schemas.suggestion import SuggestionsAsked, SuggestionsParameters, SuggestionsSchema

SUGGESTIONS: Final = Group("suggestions", "What may be meant while somebody types.")


@SUGGESTIONS.get(
    "/suggest",
    asks=(SuggestionsParameters, SuggestionsAsked),
    answers=SuggestionsSchema,
    problems=(HTTPStatus.SERVICE_UNAVAILABLE,),
)
def suggest(audience: Audience, asked: SuggestionsAsked) -> Document:
    """Suggest titles, organs and themes for the beginning of a text, also by pinyin and initials."""
    found = services().search.suggest(asked.q, audience, asked.limit)
    return {"items": [{"text": one.text, "kind": one.kind} for one in found]}
