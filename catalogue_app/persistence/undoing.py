"""What undoing a run stands on: the entries it touched, whether anybody changed them since, and what they were."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, final
from uuid import UUID

from sqlalchemy import Select, SQLColumnExpression, Uuid, and_, func, insert, literal, select, update
from sqlalchemy.orm import Session, aliased

from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.harvest import HarvestRun, Outcome
from catalogue_app.domain.ids import EntryId, OrganId, RunId
from catalogue_app.domain.metadata import EntryMetadata, from_document
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.entry_rows import EntryRow, RevisionRow
from catalogue_app.persistence.outcomes import OutcomeRow
from catalogue_app.persistence.runs import RunRow


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FormerState:
    """What an entry was before a run first touched it.

    Attributes:
        position: place of the entry in the undoing run.
        metadata: what it said; None where the run added it.
        tier: of that revision.
        state: None where revisions did not keep it yet.
        organ_id: None where revisions did not keep it yet.
    """

    position: int
    entry_id: EntryId
    metadata: EntryMetadata | None = None
    tier: Tier | None = None
    state: EntryState | None = None
    organ_id: OrganId | None = None


@final
class UndoingRepository:
    """Runs that take back what another run did."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def changed_since(self, run: HarvestRun, limit: int) -> tuple[int, tuple[str, ...]]:
        """Return how many entries that a run touched somebody changed after it, and the codes of the first few.

        What an earlier, interrupted undoing of the same run did does not count.
        """
        undoings = select(RunRow.id).where(RunRow.undoes == run.id)
        later = aliased(RevisionRow)
        of_others = (later.run_id.is_(None)) | (later.run_id != run.id) & later.run_id.not_in(undoings)
        since = and_(later.entry_id == EntryRow.id, later.number > RevisionRow.number, of_others)
        changed = _touched(run).where(select(later.number).where(since).exists())
        codes = changed.with_only_columns(EntryRow.code).distinct().order_by(EntryRow.code)
        number = self._session.scalar(select(func.count()).select_from(codes.order_by(None).subquery())) or 0
        return number, tuple(self._session.scalars(codes.limit(limit)))

    def plan(self, undoing: RunId, run: HarvestRun) -> int:
        """Give every entry that a run touched its place in the undoing; returns how many there are."""
        touched = _touched(run).with_only_columns(EntryRow.serial, EntryRow.identifier).distinct().subquery()
        columns: dict[str, SQLColumnExpression[Any]] = {
            "run_id": literal(undoing, Uuid()),
            "position": func.row_number().over(order_by=touched.c.serial),
            "identifier": touched.c.identifier,
            "outcome": literal(Outcome.UNAPPLIED.value),
            **{name: literal("") for name in ("place", "digest", "element", "code", "value")},
        }
        rows = insert(OutcomeRow).from_select(list(columns), select(*columns.values()), include_defaults=False)
        self._session.connection().execute(rows)
        return self._session.scalar(select(func.count()).where(OutcomeRow.run_id == undoing)) or 0

    def next(self, undoing: RunId, run: HarvestRun, limit: int) -> tuple[FormerState, ...]:
        """Return the next entries to be put back, with what they were."""
        waiting = (
            select(OutcomeRow.position, EntryRow.id)
            .join(EntryRow, and_(EntryRow.source_id == run.source_id, EntryRow.identifier == OutcomeRow.identifier))
            .where(OutcomeRow.run_id == undoing, OutcomeRow.outcome == Outcome.UNAPPLIED)
            .order_by(OutcomeRow.position)
            .limit(limit)
        )
        places = {entry_id: position for position, entry_id in self._session.execute(waiting)}
        first = (
            select(RevisionRow.entry_id, func.min(RevisionRow.number).label("number"))
            .where(RevisionRow.entry_id.in_(list(places)), RevisionRow.run_id == run.id)
            .group_by(RevisionRow.entry_id)
            .subquery()
        )
        before = and_(RevisionRow.entry_id == first.c.entry_id, RevisionRow.number == first.c.number - 1)
        found = {row.entry_id: row for row in self._session.scalars(select(RevisionRow).join(first, before))}
        return tuple(_former(position, entry_id, found.get(entry_id)) for entry_id, position in places.items())

    def settle(self, undoing: RunId, positions: Sequence[int], outcome: Outcome) -> None:
        """Note what became of entries of an undoing."""
        chosen = (OutcomeRow.run_id == undoing, OutcomeRow.position.in_(positions))
        self._session.execute(update(OutcomeRow).where(*chosen).values(outcome=outcome.value))

    def forget_records(self, entry_ids: Sequence[EntryId]) -> None:
        """Let the source's record of these entries count as changed at the next harvest."""
        self._session.execute(update(EntryRow).where(EntryRow.id.in_(entry_ids)).values(source_digest=""))

    def take_back_absence(self, run: HarvestRun) -> None:
        """Take one run away from the absence of the entries that a complete run did not see."""
        own, since = EntryRow.source_id == run.source_id, EntryRow.missing_since
        newly = (own, since >= run.started_at, since <= run.finished_at)
        still = (own, since < run.started_at)
        self._session.execute(update(EntryRow).where(*newly).values(missing_since=None, missing_runs=0))
        self._session.execute(update(EntryRow).where(*still).values(missing_runs=EntryRow.missing_runs - 1))


def _touched(run: HarvestRun) -> Select[UUID]:
    """Select the entries of a source that have a revision by a run; found by the source's own index."""
    by_run = and_(RevisionRow.entry_id == EntryRow.id, RevisionRow.run_id == run.id)
    return select(EntryRow.id).join(RevisionRow, by_run).where(EntryRow.source_id == run.source_id)


def _former(position: int, entry_id: UUID, row: RevisionRow | None) -> FormerState:
    if row is None:
        return FormerState(position=position, entry_id=EntryId(entry_id))
    return FormerState(
        position=position,
        entry_id=EntryId(entry_id),
        metadata=from_document(row.document),
        tier=Tier(row.tier),
        state=EntryState(row.state) if row.state else None,
        organ_id=OrganId(row.organ_id) if row.organ_id else None,
    )
