"""The proof before a swap: a new index holds what the database holds, in figures and in a sample."""

import random
from collections.abc import Mapping, Sequence
from typing import Final

from catalogue_app.domain.errors import IndexDiffers
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from indexing.port import Build
from indexing.reconcile import Share, Sums, unlike_shares

_SAMPLE: Final = 1000
"""Running numbers drawn of each tier; of a small catalogue all."""
_NAMED: Final = 3
"""Shares named in a refusal."""


def prove(uow: UnitsOfWork, build: Build) -> None:
    """Compare a new index with the database: entries of each organ and tier, then the revisions of a sample.

    Edits go on meanwhile, so the database is read before the index and, of each entry, before the outbox: what has no
    row in the outbox by then must be in the index at that revision or a later one.

    Raises:
        IndexDiffers: more differs than the edits under way explain; says what.
    """
    _prove_figures(uow, build)
    _prove_sample(uow, build)


def _prove_figures(uow: UnitsOfWork, build: Build) -> None:
    with uow.reading() as look:
        database = look.sums.by_share()
        waiting = look.outbox.size()
    index = build.sums()
    with uow.reading() as look:
        edits = _edits(look.sums.by_share()) - _edits(database)
    unlike = unlike_shares(database, index)
    # An entry that is edited may leave one share for another, so it explains a difference of one in each.
    explained = 2 * (waiting + edits)
    differing = sum(abs(ours[0] - its[0]) for ours, its in unlike.values())
    if unlike and (not explained or differing > explained):
        words = [
            f"{organ} {tier}: database {ours[0]} entries (revisions {ours[1]}), index {its[0]} ({its[1]})"
            for (organ, tier), (ours, its) in list(unlike.items())[:_NAMED]
        ]
        raise IndexDiffers(why="; ".join(words), shares=len(unlike))


def _edits(sums: Mapping[Share, Sums]) -> int:
    return sum(revisions for _, revisions in sums.values())


def _prove_sample(uow: UnitsOfWork, build: Build) -> None:
    with uow.reading() as look:
        drawn = _drawn(look.sums.taken_serials())
        database = look.sums.revisions(drawn)
        waiting = look.outbox.waiting(list(database))
    index = build.revisions(list(database))
    behind = [entry for entry, revision in database.items() if entry not in waiting and index.get(entry, 0) < revision]
    if behind:
        named = ", ".join(str(entry) for entry in behind[:_NAMED])
        raise IndexDiffers(why=f"{len(behind)} of {len(database)} entries looked at are missing or behind: {named}")


def _drawn(taken: Sequence[range]) -> list[int]:
    return [
        serial
        for serials in taken
        for serial in (random.sample(serials, _SAMPLE) if len(serials) > _SAMPLE else serials)
    ]
