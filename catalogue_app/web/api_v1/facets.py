"""Names of the values that entries are counted by."""

from collections.abc import Mapping
from typing import Final

from catalogue_app.web.context import services
from catalogue_app.web.language import Language
from indexing.fields import FacetField

_VOCABULARIES: Final[Mapping[FacetField, str]] = {
    FacetField.CATEGORY: "disclosure_category",
    FacetField.CYCLE: "update_cycle",
    FacetField.OPEN: "open_type",
    FacetField.SHARING: "sharing_type",
    FacetField.STATE: "lifecycle",
    FacetField.THEME: "theme",
    FacetField.TIER: "tier",
}


def names_of(field: FacetField, language: Language) -> Mapping[str, str]:
    """Return the names of the values of a facet; a value without a name, such as a format, is its own."""
    reference = services().reference
    if field is FacetField.ORGAN:
        return {organ: name.pick(language)[1] for organ, name in services().catalogue.organ_names().items()}
    if field is FacetField.DISTRICT:
        divisions = reference.divisions.values()
        return {one.code: one.zh if language is Language.ZH else one.en or one.zh for one in divisions}
    terms = reference.vocabularies[_VOCABULARIES[field]] if field in _VOCABULARIES else {}
    return {code: term.name(language) for code, term in terms.items()}
