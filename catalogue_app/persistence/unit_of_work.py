"""One session with all repositories: everything of a use case becomes true together, or nothing does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Final, Self, final

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from catalogue_app.domain.audit import ACTS, AuditEvent
from catalogue_app.domain.clock import Clock
from catalogue_app.domain.source import Source
from catalogue_app.persistence.accountability import note_audit, owes_audit
from catalogue_app.persistence.accounts import AccountRepository
from catalogue_app.persistence.audit import AuditLog
from catalogue_app.persistence.base import for_asides, for_reading
from catalogue_app.persistence.bundles import BundleRepository
from catalogue_app.persistence.credentials import CredentialRepository
from catalogue_app.persistence.curations import CurationRepository
from catalogue_app.persistence.entries import EntryPolicy, EntryRepository
from catalogue_app.persistence.entry_sums import EntrySums
from catalogue_app.persistence.exports import Exports
from catalogue_app.persistence.findings import FindingRepository
from catalogue_app.persistence.held import HeldRepository
from catalogue_app.persistence.letters import LetterRepository
from catalogue_app.persistence.locks import Lock, alone
from catalogue_app.persistence.long_work import LongWorkRepository
from catalogue_app.persistence.observations import Observations
from catalogue_app.persistence.organs import OrganRepository
from catalogue_app.persistence.outbox import Outbox
from catalogue_app.persistence.outcomes import OutcomeRepository
from catalogue_app.persistence.plans import Plans
from catalogue_app.persistence.proposals import ProposalRepository
from catalogue_app.persistence.releases import ReleaseRepository
from catalogue_app.persistence.reports import Reports
from catalogue_app.persistence.retention import Retention
from catalogue_app.persistence.runs import RunRepository
from catalogue_app.persistence.scratch import copy_of
from catalogue_app.persistence.showings import Showings
from catalogue_app.persistence.snapshots import SnapshotRepository
from catalogue_app.persistence.source_reach import SourceReach
from catalogue_app.persistence.source_secrets import SourceSecretRepository
from catalogue_app.persistence.sources import SourceRepository
from catalogue_app.persistence.staged_entries import StagedEntries
from catalogue_app.persistence.staging import StagingRepository
from catalogue_app.persistence.successions import SuccessionRepository
from catalogue_app.persistence.undoing import UndoingRepository
from catalogue_app.persistence.uploads import UploadRepository
from catalogue_app.persistence.vital_signs import VitalSignsReader
from catalogue_app.persistence.withdrawals import WithdrawalRepository
from catalogue_app.persistence.work_queue import WorkQueue


@final
class UnitOfWork:
    """The repositories of one transaction, as attributes; `commit` ends it well, leaving `with` undoes the rest.

    Attributes:
        organs: the register of organs.
        retention: what is let go of with time.
        letters: letters about sources.
        source_secrets: sealed secrets of sources.
        sources: where catalogues are pulled from.
        source_reach: which of them an audience may know of.
        bundles: deployments whose bundles are taken in.
        runs: harvest runs and their leases.
        outcomes: what became of each gathered record.
        snapshots: raw payloads.
        staging: plans of running runs.
        staged: the way from a plan into the entries.
        plans: what plans would do, for people.
        curations: what the desk lets entries say.
        held: what held runs wait with.
        withdrawals: entries that left the catalogue.
        undoing: what undoing a run stands on.
        successions: what belongs to organs, and moves with their duties.
        entries: the catalogue itself.
        showings: the feed of its changes, deletions included.
        sums: its figures, for the proof that the index holds the same.
        outbox: what the index has yet to confirm.
        findings: duties not met.
        observations: what the rules of findings look at.
        reports: figures for people.
        exports: the whole catalogue for people.
        long_work: how far long work has come.
        vital_signs: figures for the monitor.
        queue: tasks for whichever worker is free.
        audit: who did what.
        accounts: people who may sign in.
        proposals: what organs propose for the catalogue.
        releases: what organs released of their catalogues.
        uploads: tables that organs uploaded.
        credentials: sessions, tokens and links of theirs.
    """

    def __init__(  # noqa: PLR0915 — one statement a repository
        self, session: Session, clock: Clock, policy: EntryPolicy
    ) -> None:
        self._session: Final = session
        self._clock: Final = clock
        self._events: Final = list[tuple[AuditEvent, datetime]]()
        self.organs: Final = OrganRepository(session)
        self.sources: Final = SourceRepository(session)
        self.source_reach: Final = SourceReach(session, policy.tier_ceiling)
        self.bundles: Final = BundleRepository(session)
        self.retention: Final = Retention(session)
        self.letters: Final = LetterRepository(session)
        self.source_secrets: Final = SourceSecretRepository(session)
        self.runs: Final = RunRepository(session)
        self.outcomes: Final = OutcomeRepository(session)
        self.snapshots: Final = SnapshotRepository(session)
        self.staging: Final = StagingRepository(session)
        self.staged: Final = StagedEntries(session, policy)
        self.plans: Final = Plans(session)
        self.curations: Final = CurationRepository(session)
        self.held: Final = HeldRepository(session)
        self.withdrawals: Final = WithdrawalRepository(session)
        self.undoing: Final = UndoingRepository(session)
        self.successions: Final = SuccessionRepository(session, policy.tier_ceiling)
        self.entries: Final = EntryRepository(session, policy)
        self.showings: Final = Showings(session)
        self.sums: Final = EntrySums(session)
        self.outbox: Final = Outbox(session)
        self.findings: Final = FindingRepository(session, policy.tier_ceiling)
        self.observations: Final = Observations(session)
        self.reports: Final = Reports(session)
        self.exports: Final = Exports(session)
        self.long_work: Final = LongWorkRepository(session, policy.tier_ceiling)
        self.queue: Final = WorkQueue(session)
        self.vital_signs: Final = VitalSignsReader(session)
        self.audit: Final = AuditLog(session)
        self.accounts: Final = AccountRepository(session)
        self.proposals: Final = ProposalRepository(session, policy.tier_ceiling)
        self.releases: Final = ReleaseRepository(session)
        self.uploads: Final = UploadRepository(session)
        self.credentials: Final = CredentialRepository(session)

    def copy_of(self, source: Source, folder: Path) -> Engine:
        """Copy what is known of a source into a database of a folder; see `persistence.scratch`."""
        return copy_of(self._session, source, folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def record(self, event: AuditEvent) -> None:
        """Name who did what in this unit; every use case that changes something does so once.

        The line is written when the unit commits: the end of the chain is then held for a moment only.

        Raises:
            ValueError: an act that is none of `domain.audit.ACTS`: a fault of ours, nobody would know what it means.
        """
        if event.action not in ACTS:
            raise ValueError(event.action)
        self._events.append((event, self._clock()))
        note_audit(self._session)

    def commit(self) -> None:
        """Make everything of this unit true.

        Raises:
            RuntimeError: something was changed that somebody answers for, and no audit event says who: a fault of ours.
        """
        if owes_audit(self._session):
            raise RuntimeError("a change without an audit event")
        self._session.flush()
        self.audit.extend(self._events)
        self._session.commit()
        self._events.clear()
        self._session.info.clear()


@final
class UnitsOfWork:
    """Opens units of work on one database; call it to write, `reading` to read."""

    def __init__(self, engine: Engine, *, clock: Clock, policy: EntryPolicy) -> None:
        self._engine: Final = engine
        self._snapshots: Final = for_reading(engine)
        self._clock: Final = clock
        self._policy: Final = policy

    def __call__(self) -> UnitOfWork:
        """Open a unit that may write; it waits for other writers at its first statement."""
        return self._open(self._engine)

    def reading(self) -> UnitOfWork:
        """Open a unit that only reads: it sees one state of the database and never waits for a writer."""
        return self._open(self._snapshots)

    @contextmanager
    def scratch(self, source: Source) -> Iterator["UnitsOfWork"]:
        """Open a throw-away database that knows what this one knows of a source; what is done there is never true."""
        with TemporaryDirectory(prefix="catalogue-preview-") as folder:
            with self.reading() as look:
                copy = look.copy_of(source, Path(folder))
            try:
                yield UnitsOfWork(copy, clock=self._clock, policy=self._policy)
            finally:
                copy.dispose()

    def aside(self, write: Callable[[UnitOfWork], None]) -> bool:
        """Write a remark beside whatever goes on, in a transaction of its own: at once, or not at all.

        Returns:
            Whether it was written; False where a writer holds the database, or it does not answer.
        """
        try:
            with self._open(for_asides(self._engine)) as work:
                write(work)
                work.commit()
        except DBAPIError:
            return False
        return True

    @contextmanager
    def alone(self, lock: Lock) -> Iterator[bool]:
        """Be the only one of all processes at some work of many transactions; yields whether nobody else is at it."""
        with alone(self._engine, lock) as is_free:
            yield is_free

    def _open(self, engine: Engine) -> UnitOfWork:
        return UnitOfWork(Session(engine, autoflush=False, expire_on_commit=True), self._clock, self._policy)
