"""The declared list of what can be filtered, counted and sorted by; both engines and the query read it."""

from enum import StrEnum, unique


@unique
class FacetField(StrEnum):
    """What results can be narrowed and counted by."""

    ORGAN = "organ"
    THEME = "theme"
    CATEGORY = "category"
    """Disclosure category (art. 14)."""
    CYCLE = "cycle"
    SHARING = "sharing"
    OPEN = "open"
    FORMAT = "format"
    DISTRICT = "district"
    TIER = "tier"
    STATE = "state"


@unique
class Sort(StrEnum):
    """Orders of results; ties are broken by the running number of the entry, newest first."""

    RELEVANCE = "relevance"
    CHANGED = "changed"
    """When the entry's current revision was stored, latest first."""
    UPDATED = "updated"
    """Day of the last change of its content, latest first; unknown days last."""
    TITLE = "title"
    """By code point of the folded title."""
