"""Departures from the profile (art. 10) as findings: one for each entry and kind, with every departure as evidence."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Final

from catalogue_app.domain.finding import Condition, FindingKind
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.profile import IN_THE_FUTURE, Violation, wrong

UNKNOWN_RELATION: Final = "related_code_unknown"
"""A related resource code that no entry has; seen across entries, so never among an entry's own violations."""


def nonconforming(code: str, organ_id: OrganId, violations: Iterable[Violation], day: date) -> Iterator[Condition]:
    """Yield one condition for each kind of finding that the violations of an entry raise, in the order of kinds.

    A violation is as old as the reading of its record: a date that lay ahead then may have come meanwhile.
    """
    groups: dict[str, list[Violation]] = {}
    for violation in violations:
        if not _has_come(violation, day):
            groups.setdefault(violation.flag, []).append(violation)
    for flag in sorted(groups):
        found = groups[flag]
        yield Condition(
            kind=FindingKind(flag),
            subject=f"entry:{code}",
            organ_id=organ_id,
            rule=found[0].rule,
            evidence=tuple((one.element, f"{one.code} {one.value}".rstrip()) for one in found),
            entry_code=code,
        )


def unknown_relations(related: AbstractSet[str]) -> tuple[Violation, ...]:
    """Return the violation of an entry whose related resource codes no entry has; none where there are no such."""
    return (wrong("related_resource_codes", UNKNOWN_RELATION, *sorted(related)),) if related else ()


def _has_come(violation: Violation, day: date) -> bool:
    return violation.code == IN_THE_FUTURE and violation.value <= day.isoformat()
