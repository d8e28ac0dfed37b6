"""Which entries a list is about: the restrictions that the register itself answers, without the search engine."""

from dataclasses import dataclass
from typing import final

from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.ids import OrganId, SourceId
from catalogue_app.domain.vocabulary import DisclosureCategory, Tier, UpdateCycle


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """Restrictions of a list: values of one attribute are alternatives, attributes narrow each other.

    An empty attribute restricts nothing.

    Attributes:
        codes: catalogue codes of the very entries wanted.
        titles: folded original titles, as `domain.text.fold` writes them.
        categories: disclosure categories (art. 14).
        themes: theme codes of `vocabularies/theme.csv`.
    """

    codes: frozenset[str] = frozenset()
    organs: frozenset[OrganId] = frozenset()
    categories: frozenset[DisclosureCategory] = frozenset()
    themes: frozenset[str] = frozenset()
    cycles: frozenset[UpdateCycle] = frozenset()
    states: frozenset[EntryState] = frozenset()
    tiers: frozenset[Tier] = frozenset()
    sources: frozenset[SourceId] = frozenset()
    titles: frozenset[str] = frozenset()


EVERYTHING = EntryFilter()
"""No restriction but the audience's own."""
