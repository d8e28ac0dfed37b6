"""Every table of the catalogue by name: importing this file declares them all, for migrations and for checks."""

from typing import Final

from catalogue_app.persistence import (
    accounts,
    audit,
    credentials,
    curations,
    entry_rows,
    findings,
    held,
    letters,
    long_work,
    organs,
    outbox,
    outcomes,
    proposals,
    runs,
    showings,
    snapshots,
    source_secrets,
    sources,
    staging,
)

TABLES: Final = frozenset(
    row.__tablename__
    for row in (
        organs.OrganRow,
        sources.SourceRow,
        source_secrets.SourceSecretRow,
        letters.LetterRow,
        runs.RunRow,
        outcomes.OutcomeRow,
        snapshots.SnapshotRow,
        snapshots.SnapshotChunkRow,
        snapshots.FetchRow,
        staging.StagedRow,
        entry_rows.EntryRow,
        entry_rows.RevisionRow,
        entry_rows.TombstoneRow,
        curations.CurationRow,
        curations.SightingRow,
        held.HeldAbsenceRow,
        held.FormerIdentifierRow,
        entry_rows.LabelRow,
        entry_rows.AttributeRow,
        entry_rows.CounterRow,
        showings.ShowingRow,
        outbox.QueuedRow,
        findings.FindingRow,
        long_work.LongWorkRow,
        audit.AuditRow,
        accounts.AccountRow,
        proposals.ProposalRow,
        credentials.SessionRow,
        credentials.TokenRow,
        credentials.LinkRow,
        credentials.FailureRow,
    )
)
