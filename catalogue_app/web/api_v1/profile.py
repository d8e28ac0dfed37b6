"""`/profile`: the municipal metadata profile and its vocabularies, as the check of entries reads them."""

from typing import Final

from catalogue_app.domain.metadata import Document
from catalogue_app.domain.profile import Element
from catalogue_app.domain.visibility import Audience
from catalogue_app.web.context import services
from catalogue_app.web.endpoint import Group
from catalogue_app.web.schemas.entry import LANGUAGE_ONLY, LanguageAsked
from catalogue_app.web.schemas.profile import ProfileSchema

PROFILE: Final = Group("profile", "The metadata profile that entries are checked against.")


@PROFILE.get("/profile", asks=LANGUAGE_ONLY, answers=ProfileSchema)
def show_profile(audience: Audience, asked: LanguageAsked) -> Document:
    """Show the metadata profile in force, element by element, and the vocabularies its values come from."""
    del audience  # the standard is public on every network
    reference = services().reference
    return {
        "version": reference.profile.version,
        "elements": [_element(element) for element in reference.profile.elements.values()],
        "vocabularies": {
            name: [{"code": term.code, "name": term.name(asked.lang)} for term in terms.values()]
            for name, terms in reference.vocabularies.items()
        },
    }


def _element(element: Element) -> Document:
    return {
        "number": element.number,
        "identifier": element.identifier,
        "name": element.name_zh,
        "obligation": element.obligation,
        "max_length": element.max_length or None,
    }
