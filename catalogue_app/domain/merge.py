"""Two people changed the same thing: what differs, element by element, and one thing made of both by choice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final, final

from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.metadata import Document, EntryMetadata, JsonValue, from_document, to_document
from catalogue_app.domain.vocabulary import Tier

TIER: Final = "tier"
"""What stands beside the elements of the profile: the network tier that a proposal is for."""


@unique
class Side(StrEnum):
    """Whose word is taken."""

    THEIRS = "theirs"
    """What somebody else saved meanwhile."""
    MINE = "mine"
    """What this person wrote."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One element that the two sides say differently; None where a side says nothing.

    Attributes:
        base: what it said when both began.
        advised: the side that alone changed it; None where both did, or nobody knows what it said before.
    """

    element: str
    base: JsonValue
    theirs: JsonValue
    mine: JsonValue
    advised: Side | None


def written_down(metadata: EntryMetadata, tier: Tier) -> Document:
    """Write what a proposal says as one document, its tier beside the elements."""
    return {**to_document(metadata), TIER: tier.value}


def read_back(document: Mapping[str, JsonValue]) -> tuple[EntryMetadata, Tier]:
    """Read what `written_down` wrote.

    Raises:
        KeyError: the document has no tier or title, or an element that this version does not know.
        ValueError: a value outside its closed list.
    """
    said = {name: value for name, value in document.items() if name != TIER}
    return from_document(said), Tier(str(document[TIER]))


def differences(
    base: Mapping[str, JsonValue] | None, theirs: Mapping[str, JsonValue], mine: Mapping[str, JsonValue]
) -> tuple[Difference, ...]:
    """Return what the sides say differently, in the order of the profile; `base` is None where it is not known."""
    order = [*EntryMetadata.__dataclass_fields__, TIER]
    return tuple(
        _difference(name, base, theirs.get(name), mine.get(name))
        for name in order
        if theirs.get(name) != mine.get(name)
    )


def merged(
    theirs: Mapping[str, JsonValue],
    mine: Mapping[str, JsonValue],
    found: Sequence[Difference],
    choices: Mapping[str, Side],
) -> Document:
    """Make one document of two: what both say alike, and of what differs the side chosen.

    Raises:
        InvalidInput: `merge_choice_missing`, an element that differs has no choice.
    """
    undecided = [one.element for one in found if one.element not in choices]
    if undecided:
        raise InvalidInput("merge_choice_missing", count=len(undecided), elements=undecided)
    result = dict(theirs)
    for one in found:
        if choices[one.element] is Side.THEIRS:
            continue
        result.pop(one.element, None)
        if one.element in mine:
            result[one.element] = mine[one.element]
    return result


def _difference(name: str, base: Mapping[str, JsonValue] | None, theirs: JsonValue, mine: JsonValue) -> Difference:
    before = base.get(name) if base is not None else None
    advised = None
    if base is not None and before in (theirs, mine):
        advised = Side.MINE if before == theirs else Side.THEIRS
    return Difference(element=name, base=before, theirs=theirs, mine=mine, advised=advised)
