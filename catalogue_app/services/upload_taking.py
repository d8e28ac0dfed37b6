"""Rows of an upload become proposals of their editor: some hundreds at a time, or all of them in one transaction."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, final

from catalogue_app.domain.audit import AuditEvent
from catalogue_app.domain.entry import Entry, EntryState
from catalogue_app.domain.errors import Conflict, NotFound
from catalogue_app.domain.ids import EntryId, new_id
from catalogue_app.domain.proposal import Proposal, ProposalId, ProposalKind, ProposalState
from catalogue_app.domain.upload import CellFlaw, Rows, Upload, UploadRow, UploadState
from catalogue_app.domain.visibility import Audience
from catalogue_app.persistence.unit_of_work import UnitOfWork, UnitsOfWork
from catalogue_app.services.registration import change_of, mark_entry, proposal_event

BATCH: Final = 200
"""Rows of one transaction where only good ones are taken: what is committed stays, whatever happens to the process."""

Told = Callable[[int], None]
"""Told how many rows were taken so far."""


@final
@dataclass(slots=True)
class _Batch:
    """What one batch leads to.

    Attributes:
        new: proposals there were none of.
        became: number of a row to its proposal.
        left: number of a row to why it was not taken.
    """

    new: list[Proposal] = field(default_factory=list)
    became: dict[int, ProposalId] = field(default_factory=dict)
    left: dict[int, CellFlaw] = field(default_factory=dict)


@final
class Taking:
    """Takes the rows of one upload."""

    def __init__(self, uow: UnitsOfWork, upload: Upload, now: Callable[[], datetime]) -> None:
        self._uow: Final = uow
        self._upload = upload
        self._now: Final = now
        self._audience: Final = Audience(tier=upload.reached, organs=frozenset({upload.organ_id}))

    def take(self, told: Told) -> Upload:
        """Take what is to be taken and was not yet; returns the upload as it then stands, stored.

        Only good rows: batch by batch, so that a killed process is gone on with after its last batch. All: in one
        transaction, which leaves nothing where a single row cannot be taken any more.
        """
        if self._upload.rows is Rows.ALL:
            return self._all(told)
        while self._one_batch(told):
            pass
        return self._upload

    def _one_batch(self, told: Told) -> bool:
        with self._uow() as work:
            rows = work.uploads.to_take(self._upload.id, BATCH)
            batch = self._carry_out(work, rows)
            self._note(work, batch)
            self._upload = replace(
                self._upload,
                taken=self._upload.taken + len(batch.became),
                left=self._upload.left + len(batch.left),
                changed_at=self._now(),
            )
            if len(rows) < BATCH:
                self._upload = self._upload.in_state(UploadState.TAKEN, self._now())
            work.uploads.save(self._upload)
            work.record(upload_event("upload_taken", self._upload))
            work.commit()
        told(self._upload.taken)
        return len(rows) == BATCH

    def _all(self, told: Told) -> Upload:
        with self._uow() as work:
            taken = 0
            for rows in iter(lambda: work.uploads.to_take(self._upload.id, BATCH), ()):
                batch = self._carry_out(work, rows)
                if batch.left:
                    return self._give_up(next(iter(batch.left.values())))
                self._note(work, batch)
                taken += len(batch.became)
                told(taken)
            self._upload = self._upload.in_state(UploadState.TAKEN, self._now(), taken=taken)
            work.uploads.save(self._upload)
            work.record(upload_event("upload_taken", self._upload))
            work.commit()
        return self._upload

    def _give_up(self, flaw: CellFlaw) -> Upload:
        """Leave everything as it is, and say that nothing was taken."""
        return self._upload.in_state(
            UploadState.CHECKED, self._now(), problem="upload_not_whole", problem_value=flaw.value
        )

    def _note(self, work: UnitOfWork, batch: _Batch) -> None:
        if batch.new:
            work.proposals.add_all(batch.new)
        work.uploads.note_taken(self._upload.id, batch.became)
        work.uploads.note_left(self._upload.id, batch.left)

    def _carry_out(self, work: UnitOfWork, rows: Sequence[UploadRow]) -> _Batch:
        batch = _Batch()
        wanted = [row.entry_id for row in rows if row.entry_id is not None]
        entries = {entry.id: entry for entry in work.entries.by_ids(wanted)}
        for row in rows:
            try:
                proposal = self._proposal(work, row, entries)
            except (Conflict, NotFound) as error:
                batch.left[row.number] = CellFlaw(element="identifier", code=error.code, value=row.code or row.title)
                continue
            batch.became[row.number] = proposal.id
            if row.draft_id is None:
                batch.new.append(proposal)
        return batch

    def _proposal(self, work: UnitOfWork, row: UploadRow, entries: dict[EntryId, Entry]) -> Proposal:
        """Return the proposal that a row becomes; one that is there already is stored in its next versions."""
        if row.draft_id is not None:
            versions = list(self._gone_on_with(work, row, row.draft_id))
            for version in versions:
                work.proposals.replace(version)
            return versions[-1]
        started = self._started(row, entries)
        work.record(proposal_event(self._upload.by, "proposal_started", started))
        return self._handed_in(work, started) if self._upload.submits else started

    def _started(self, row: UploadRow, entries: dict[EntryId, Entry]) -> Proposal:
        assert row.metadata is not None  # noqa: S101 — a good row says something
        now, by = self._now(), self._upload.by
        if row.entry_id is not None:
            entry = entries[row.entry_id]
            if entry.revision != row.base_revision or entry.state is not EntryState.PUBLISHED:
                raise Conflict("entry_changed_meanwhile", entry=entry.code)
            return replace(change_of(entry, by=by, at=now), metadata=row.metadata, tier=row.tier)
        return Proposal(
            id=ProposalId(new_id()),
            organ_id=self._upload.organ_id,
            kind=ProposalKind.NEW,
            state=ProposalState.DRAFT,
            metadata=row.metadata,
            tier=row.tier,
            version=1,
            authors=(by,),
            created_at=now,
            changed_at=now,
        )

    def _gone_on_with(self, work: UnitOfWork, row: UploadRow, draft_id: ProposalId) -> Iterator[Proposal]:
        """Yield the next versions of an open proposal.

        Raises:
            Conflict: somebody saved it since the dry run, or it is with the desk.
            NotFound: it is above what who uploaded may see.
        """
        assert row.metadata is not None  # noqa: S101 — a good row says something
        draft = work.proposals.by_id(draft_id, self._audience)
        if draft.version != row.draft_version:
            raise Conflict("proposal_changed_meanwhile")
        written = draft.written(row.metadata, row.tier, by=self._upload.by, at=self._now())
        work.record(proposal_event(self._upload.by, "proposal_saved", written, before=f"version {draft.version}"))
        yield written
        if self._upload.submits:
            yield self._handed_in(work, written)

    def _handed_in(self, work: UnitOfWork, proposal: Proposal) -> Proposal:
        now = self._now()
        handed_in = proposal.submitted(self._upload.statement, by=self._upload.by, at=now)
        if handed_in.entry_id is not None:
            handed_in = mark_entry(work, handed_in, now)
        work.record(proposal_event(self._upload.by, "proposal_submitted", handed_in))
        return handed_in


def upload_event(action: str, upload: Upload) -> AuditEvent:
    """Say what was done to an upload, in figures."""
    figures = " ".join(f"{verdict} {count}" for verdict, count in upload.counts.items())
    after = " ".join(filter(None, [upload.state, figures, f"taken {upload.taken} left {upload.left}", upload.problem]))
    return AuditEvent(actor=upload.by, action=action, subject=f"upload:{upload.id}", after=after)
