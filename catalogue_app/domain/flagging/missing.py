"""What is not there: a catalogue (art. 11), a category owed (art. 14), an entry at its source, an organ."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from typing import Final

from catalogue_app.domain.clock import CITY_ZONE
from catalogue_app.domain.finding import Condition, FindingKind
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.vocabulary import DisclosureCategory

_COMPILES: Final = "R01"
_DISCLOSES: Final = "R05"
_KEEPS: Final = "R83"
_FOLLOWS_DUTIES: Final = "R46"


def organs_without_catalogue(organs: Iterable[Organ], with_entries: AbstractSet[OrganId]) -> Iterator[Condition]:
    """Yield the organs that have no published entry at all."""
    for organ in organs:
        if organ.id not in with_entries:
            yield Condition(
                kind=FindingKind.ORGAN_WITHOUT_CATALOGUE,
                subject=f"organ:{organ.id}",
                organ_id=organ.id,
                rule=_COMPILES,
                evidence=(("published_entries", "0"),),
            )


def disclosure_gaps(
    organs: Iterable[Organ], present: AbstractSet[tuple[OrganId, DisclosureCategory]]
) -> Iterator[Condition]:
    """Yield every category that an organ owes and has no published entry for, (a) to (i)."""
    for organ in organs:
        for category in DisclosureCategory:
            if category in organ.obligations and (organ.id, category) not in present:
                yield Condition(
                    kind=FindingKind.DISCLOSURE_GAP,
                    subject=f"organ:{organ.id}/category:{category}",
                    organ_id=organ.id,
                    rule=_DISCLOSES,
                    evidence=(("category", category.value),),
                )


def missing_at_source(code: str, organ_id: OrganId, identifier: str, since: datetime) -> Condition:
    """Say that a complete run no longer saw an entry; it stays published until somebody withdraws it.

    The first such run opens the finding. That a second one confirms it is seen in the day it counts from.
    """
    return Condition(
        kind=FindingKind.MISSING_AT_SOURCE,
        subject=f"entry:{code}",
        organ_id=organ_id,
        rule=_KEEPS,
        evidence=(
            ("identifier", identifier),
            ("missing_since", since.astimezone(CITY_ZONE).date().isoformat()),
        ),
        entry_code=code,
    )


def organ_closed(code: str, organ_id: OrganId, closed_on: date) -> Condition:
    """Say that an entry is still published for an organ that is no more and that nobody succeeded.

    An organ is closed by whoever keeps the register, who need not see all of its entries: what they do not see stands
    until those who see it let another organ succeed it.
    """
    return Condition(
        kind=FindingKind.ORGAN_CLOSED,
        subject=f"entry:{code}",
        organ_id=organ_id,
        rule=_FOLLOWS_DUTIES,
        evidence=(("closed_on", closed_on.isoformat()),),
        entry_code=code,
    )
