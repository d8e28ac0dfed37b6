"""Whose catalogue this is, and whether everybody may read this instance of it."""

from catalogue_app.domain.vocabulary import Tier
from catalogue_app.settings import Municipality
from catalogue_app.web.context import audience, language, services
from catalogue_app.web.language import Language


def site() -> Municipality:
    """Return whose catalogue this is."""
    return services().settings.municipality


def site_name() -> str:
    """Return the name of the catalogue in the language of the answer."""
    return site().name_zh if language() is Language.ZH else site().name_en


def is_public() -> bool:
    """Say whether everybody may read this instance: only then do search engines hear of it (art. 8)."""
    return audience().tier is Tier.PORTAL
