"""Undo a whole run: every entry it touched goes to the state before it, as new revisions; itself a run, resumable."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, final

from catalogue_app.domain.audit import AuditEvent
from catalogue_app.domain.clock import Clock
from catalogue_app.domain.conclusion import WithdrawalReason
from catalogue_app.domain.entry import Entry, EntryState
from catalogue_app.domain.errors import Conflict
from catalogue_app.domain.harvest import Gate, HarvestRun, Outcome, RunState
from catalogue_app.domain.ids import OrganId, RunId, new_id
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.register import heirs
from catalogue_app.persistence.runs import Seal
from catalogue_app.persistence.undoing import FormerState
from catalogue_app.persistence.unit_of_work import UnitOfWork, UnitsOfWork
from catalogue_app.persistence.withdrawals import Withdrawal
from catalogue_app.services.harvest_plan import ProfileCheck

CAUSE: Final = "undo"

_BATCH: Final = 200
"""Entries put back in one transaction; each is saved through the one door, so nobody waits long for the lock."""

_NAMED: Final = 10
"""Codes of changed entries that a refusal names."""

SEAL: Final = Seal(verdict=RunState.COMPLETE, gate=Gate.HOLD_VANISHED)
"""An undoing is planned whole when it opens, and says nothing about entries it did not touch."""


@final
class HarvestUndo:
    """The steps of an undoing."""

    def __init__(self, uow: UnitsOfWork, clock: Clock, holder: str, check: ProfileCheck) -> None:
        self._uow: Final = uow
        self._clock: Final = clock
        self._holder: Final = holder
        self._check: Final = check

    def open(self, run_id: RunId, by: str) -> HarvestRun:
        """Plan the undoing of an ended run and take the lease of its source; audited as `harvest_undo_started`.

        Raises:
            NotFound: no run has this id.
            Conflict: it has not ended, was undone before or is an undoing itself, somebody changed one of its entries
                since, or its source is being harvested.
        """
        with self._uow() as work:
            run = work.runs.by_id(run_id)
            _refuse_unless_undoable(work, run)
            undoing = HarvestRun(
                id=RunId(new_id()),
                source_id=run.source_id,
                state=RunState.RUNNING,
                started_at=self._clock(),
                outcomes={},
                undoes=run.id,
            )
            work.runs.open(undoing, actor=by, holder=self._holder, reading="")
            work.undoing.plan(undoing.id, run)
            if run.state is RunState.COMPLETE:
                work.undoing.take_back_absence(run)
            work.runs.seal(undoing.id, SEAL, self._clock())
            subject = f"source:{run.source_id}"
            work.record(AuditEvent(actor=by, action="harvest_undo_started", subject=subject, after=str(run.id)))
            work.commit()
        return undoing

    def apply(self, undoing: HarvestRun, by: str) -> None:
        """Put entries back, batch by batch, until none waits.

        Raises:
            RunCancelled: a person asked to stop; what was put back stays so.
        """
        assert undoing.undoes is not None  # noqa: S101 — only undoings come here
        while True:
            with self._uow() as work:
                run = work.runs.by_id(undoing.undoes)
                batch = work.undoing.next(undoing.id, run, _BATCH)
                if not batch:
                    return
                self._put_back(work, undoing, batch, by)
                work.runs.beat(undoing.id, holder=self._holder, at=self._clock())
                subject = f"source:{run.source_id}"
                work.record(
                    AuditEvent(actor=by, action="entries_put_back", subject=subject, after=f"entries={len(batch)}")
                )
                work.commit()

    def _put_back(self, work: UnitOfWork, undoing: HarvestRun, batch: tuple[FormerState, ...], by: str) -> None:
        organs = {organ.id: organ for organ in work.organs.all()}
        ids = [former.entry_id for former in batch]
        entries = {entry.id: entry for entry in work.entries.by_ids(ids)}
        names = work.held.former(undoing.undoes, ids) if undoing.undoes else {}
        changed, added = [], []
        for former in batch:
            entry = entries[former.entry_id]
            if former.metadata is None:
                added.append(former)
            else:
                named = replace(entry, identifier=names.get(entry.id, entry.identifier))
                self._return(work, undoing, named, former, organs)
                changed.append(former)
        gone = [former.entry_id for former in (*added, *(it for it in changed if it.state is EntryState.WITHDRAWN))]
        reason = WithdrawalReason.UNDONE
        work.withdrawals.withdraw(gone, Withdrawal(reason=reason, at=self._clock(), by=by, run_id=undoing.id))
        work.undoing.forget_records(ids)
        work.undoing.settle(undoing.id, [former.position for former in changed], Outcome.CHANGED)
        work.undoing.settle(undoing.id, [former.position for former in added], Outcome.WITHDRAWN)

    def _return(
        self,
        work: UnitOfWork,
        undoing: HarvestRun,
        entry: Entry,
        former: FormerState,
        organs: Mapping[OrganId, Organ],
    ) -> None:
        """Save what an entry said, under what it was; one that was withdrawn then is withdrawn again by the caller."""
        assert former.metadata is not None  # noqa: S101 — the caller's condition
        # no entry goes back to an organ that is no more
        organ_id = heirs(organs.values())[former.organ_id or entry.organ_id]
        state = former.state if former.state not in {None, EntryState.WITHDRAWN} else entry.state
        returned = replace(
            entry,
            metadata=former.metadata,
            tier=former.tier or entry.tier,
            organ_id=organ_id,
            state=state or entry.state,
            violations=self._check(former.metadata, organs[organ_id]),
            revision=entry.revision + 1,
            changed_at=self._clock(),
        )
        if returned.state is not EntryState.WITHDRAWN:
            work.withdrawals.forget(entry.id)
        work.entries.save(returned, CAUSE, undoing.id)


def _refuse_unless_undoable(work: UnitOfWork, run: HarvestRun) -> None:
    name = str(run.id)
    if run.state is RunState.RUNNING:
        raise Conflict("run_still_running", run=name)
    if run.undone_by is not None:
        raise Conflict("run_undone_before", run=name, by=str(run.undone_by))
    if run.undoes is not None:
        raise Conflict("run_is_an_undoing", run=name)
    number, codes = work.undoing.changed_since(run, _NAMED)
    if number:
        raise Conflict("entries_changed_since", run=name, number=number, entries=", ".join(codes))
