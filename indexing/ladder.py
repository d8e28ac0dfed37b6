"""Chooses how to read a plan: strictly, where that finds nothing generously, and only then relaxed, and says which.

The rule, "adding a word never widens an answer": every wish is read strictly as long as it finds something by itself,
and generously otherwise, whatever stands beside it; wishes narrow each other. Only where nothing at all has everything
are entries shown that have a part of it, and the answer says so (`is_relaxed`). Filters have no say: narrowing an
answer never changes how it was found.
"""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import combinations, groupby
from typing import Final, final

from indexing.plan import All, Clause, Plan, Some, Wish, Without

_ENOUGH: Final = 0.5
"""Share of a part's characters that must be met for the part to count as met in a relaxed answer."""
_MOST_WISHES: Final = 6
"""Wishes of one part whose combinations are tried; more of them must all be met."""

Finds = Callable[[Clause], bool]
"""Says whether anything that the audience sees meets a clause."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A plan as it was read in the end.

    Attributes:
        clause: what to look for; None for everything.
        is_generous: a wish was read by sound or the like, so another spelling may have been meant.
        is_relaxed: entries need not have everything that was asked for.
    """

    clause: Clause | None
    is_generous: bool = False
    is_relaxed: bool = False


def read(plan: Plan, finds: Finds) -> Reading:
    """Return the first reading that finds something; where none does, the strict one."""
    if plan.clause is None or finds(plan.clause):
        return Reading(clause=plan.clause)
    wishes = tuple(_wishes(plan.clause))
    weak = frozenset(wish for wish in wishes if wish.generous is not None and not finds(wish.strict))
    settled = _settle(plan.clause, weak)
    if weak and finds(settled):
        return Reading(clause=settled, is_generous=True)
    for looser in _looser(settled):
        if finds(looser):
            return Reading(clause=looser, is_relaxed=True)
    return Reading(clause=plan.clause)


def largest_part(plan: Plan, finds: Finds) -> str | None:
    """Return the longest wish of a plan that finds something by itself; None where there is none, or nothing else."""
    wishes = sorted(_wishes(plan.clause), key=lambda wish: -len(wish.text)) if plan.clause is not None else []
    return next((wish.text for wish in wishes if len(wishes) > 1 and finds(wish.strict)), None)


def _looser(clause: Clause) -> Iterator[Clause]:
    """Yield clauses that ask for less: the wider area for a place, then some of the wishes."""
    wishes = tuple(_wishes(clause))
    if len(wishes) > 1 and any(wish.wider for wish in wishes):
        yield _widen(clause)
    if isinstance(clause, All) and all(isinstance(part, Wish) for part in clause.clauses):
        yield Some(tuple(_mostly(tuple(part)) for _, part in groupby(wishes, key=lambda wish: wish.part)))


def _mostly(part: Sequence[Wish]) -> Clause:
    """Return what meets enough of one part: any of the smallest sets of its wishes that are long enough together."""
    if len(part) == 1 or len(part) > _MOST_WISHES:
        return All(tuple(part))
    wanted = _ENOUGH * sum(len(wish.text) for wish in part)
    enough: list[frozenset[Wish]] = []
    for number in range(1, len(part) + 1):
        for some in map(frozenset, combinations(part, number)):
            if sum(len(wish.text) for wish in some) >= wanted and not any(fewer <= some for fewer in enough):
                enough.append(some)
    return Some(tuple(All(tuple(wish for wish in part if wish in some)) for some in enough))


def _wishes(clause: Clause) -> Iterator[Wish]:
    """Yield the wishes of a clause, those of what is not wanted left out."""
    match clause:
        case Wish():
            yield clause
        case All() | Some():
            for part in clause.clauses:
                yield from _wishes(part)
        case Without() if clause.wanted is not None:
            yield from _wishes(clause.wanted)


def _settle(clause: Clause, weak: AbstractSet[Wish]) -> Clause:
    return _mapped(clause, lambda wish: _generous(wish) if wish in weak else wish)


def _generous(wish: Wish) -> Wish:
    assert wish.generous is not None  # noqa: S101 — weak wishes have one
    return Wish(wish.generous, wider=wish.wider, text=wish.text, part=wish.part)


def _widen(clause: Clause) -> Clause:
    return _mapped(clause, lambda wish: Some((wish, wish.wider)) if wish.wider else wish)


def _mapped(clause: Clause, change: Callable[[Wish], Clause]) -> Clause:
    match clause:
        case Wish():
            return change(clause)
        case All():
            return All(tuple(_mapped(part, change) for part in clause.clauses))
        case Some():
            return Some(tuple(_mapped(part, change) for part in clause.clauses))
        case Without() if clause.wanted is not None:
            return Without(_mapped(clause.wanted, change), clause.unwanted)
    return clause
