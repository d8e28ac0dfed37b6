"""What the rules of findings look at: facts about entries and sources, streamed in one statement each."""

from collections.abc import Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Final, final

from sqlalchemy import and_, case, func, null, select
from sqlalchemy.orm import Session, aliased

from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.flagging.source import SourceRecord
from catalogue_app.domain.flagging.stale import Content, content_day
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.ids import OrganId, SourceId
from catalogue_app.domain.profile import Violation
from catalogue_app.domain.vocabulary import DisclosureCategory, Tier, UpdateCycle
from catalogue_app.persistence.base import streamed
from catalogue_app.persistence.entry_reads import STREAM_BATCH
from catalogue_app.persistence.entry_rows import CATEGORY, AttributeRow, EntryRow, RevisionRow, read_violations
from catalogue_app.persistence.runs import RunRow, run_of
from catalogue_app.persistence.sources import SourceRow

_PUBLIC: Final = sorted(state.value for state in EntryState if state.is_public)
_OPEN_TO_ALL: Final = (EntryRow.state.in_(_PUBLIC), EntryRow.tier == Tier.PORTAL.value)
_CHECKED: Final = [*_PUBLIC, EntryState.SUBMITTED.value]
"""States whose entries answer to the profile: public ones, and those that ask to become public."""

_NOWHERE: Final = len(Tier) + 1
"""Level of what is in no tier: above all of them."""

_CURRENT: Final = and_(RevisionRow.entry_id == EntryRow.id, RevisionRow.number == EntryRow.revision)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Departures:
    """The violations of one entry."""

    code: str
    organ_id: OrganId
    violations: tuple[Violation, ...]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Disappearance:
    """A published entry that its source no longer has."""

    code: str
    organ_id: OrganId
    identifier: str
    since: datetime


@final
class Observations:
    """Facts for the rules of findings, whatever the tier; what becomes of them is shown by audience."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def contents(self) -> Iterator[Content]:
        """Yield what timeliness looks at, for every public entry that declares a cycle, in the order of codes."""
        is_other = EntryRow.update_cycle == UpdateCycle.OTHER.value
        period = case((is_other, RevisionRow.document["update_period"].as_string()), else_=null())
        rows = (
            select(
                EntryRow.code,
                EntryRow.organ_id,
                EntryRow.update_cycle,
                EntryRow.updated_on,
                EntryRow.issued_on,
                EntryRow.confirmed_on,
                period,
            )
            .outerjoin(RevisionRow, and_(_CURRENT, is_other))
            .where(EntryRow.state.in_(_PUBLIC), EntryRow.update_cycle.is_not(None))
            .order_by(EntryRow.code)
        )
        found = streamed(self._session, rows, STREAM_BATCH)
        for code, organ, cycle, updated_on, issued_on, confirmed_on, own_period in found:
            yield Content(
                code=code,
                organ_id=OrganId(organ),
                cycle=UpdateCycle(cycle) if cycle else None,
                period=own_period or "",
                changed_on=content_day(updated_on, issued_on),
                confirmed_on=confirmed_on,
            )

    def departures(self) -> Iterator[Departures]:
        """Yield the entries with violations, in the order of codes."""
        rows = (
            select(EntryRow.code, EntryRow.organ_id, EntryRow.violations)
            .where(EntryRow.state.in_(_CHECKED), EntryRow.violation_count > 0)
            .order_by(EntryRow.code)
        )
        for code, organ, violations in streamed(self._session, rows, STREAM_BATCH):
            yield Departures(code=code, organ_id=OrganId(organ), violations=read_violations(violations))

    def unknown_relations(self) -> Mapping[tuple[str, OrganId], AbstractSet[str]]:
        """Return (entry, organ) to the related codes it names that no entry has, neither its organ's code nor ours.

        Only public entries up to the tier of the one that names them count (art. 8): whoever reads the finding reads
        those, and a finding that is missing would tell that somebody else's hidden entry has the code. What is held in
        memory are the codes that entries name, not those that they have.
        """
        named = dict(self._relations())
        lowest = {code: _NOWHERE for _, codes in named.values() for code in codes}
        if not lowest:
            return {}
        own = RevisionRow.document["resource_code"].as_string()
        rows = select(EntryRow.tier, EntryRow.code, EntryRow.identifier, own).join(RevisionRow, _CURRENT)
        for tier, *codes in streamed(self._session, rows.where(EntryRow.state.in_(_PUBLIC)), STREAM_BATCH):
            for code in lowest.keys() & codes:
                lowest[code] = min(lowest[code], Tier(tier).level)
        found = (
            (entry, frozenset(code for code in codes if lowest[code] > tier.level))
            for entry, (tier, codes) in named.items()
        )
        return {entry: lost for entry, lost in found if lost}

    def disappearances(self) -> Iterator[Disappearance]:
        """Yield the public entries that are missing at their source, in the order of codes."""
        rows = (
            select(EntryRow.code, EntryRow.organ_id, EntryRow.identifier, EntryRow.missing_since)
            .where(EntryRow.state.in_(_PUBLIC), EntryRow.missing_since.is_not(None))
            .order_by(EntryRow.code)
        )
        for code, organ, identifier, since in streamed(self._session, rows, STREAM_BATCH):
            if since is not None:
                yield Disappearance(code=code, organ_id=OrganId(organ), identifier=identifier, since=since)

    def entries_of(self, organs: Collection[OrganId]) -> Iterator[tuple[str, OrganId]]:
        """Yield code and organ of the public entries of some organs, in the order of codes."""
        rows = select(EntryRow.code, EntryRow.organ_id).where(
            EntryRow.state.in_(_PUBLIC), EntryRow.organ_id.in_(sorted(organs))
        )
        for code, organ in streamed(self._session, rows.order_by(EntryRow.code), STREAM_BATCH):
            yield code, OrganId(organ)

    def organs_with_entries(self) -> frozenset[OrganId]:
        """Return the organs that have a public entry, of whatever tier; who sees them all reads what comes of it."""
        rows = select(EntryRow.organ_id).where(EntryRow.state.in_(_PUBLIC)).distinct()
        return frozenset(map(OrganId, self._session.scalars(rows)))

    def disclosed(self) -> frozenset[tuple[OrganId, DisclosureCategory]]:
        """Return the disclosure categories in which each organ has an entry everybody may read (art. 14)."""
        rows = (
            select(EntryRow.organ_id, AttributeRow.value)
            .join(AttributeRow, and_(AttributeRow.entry_id == EntryRow.id, AttributeRow.name == CATEGORY))
            .where(*_OPEN_TO_ALL)
            .distinct()
        )
        found = self._session.execute(rows)
        return frozenset((OrganId(organ), DisclosureCategory(category)) for organ, category in found)

    def source_records(self) -> Iterator[SourceRecord]:
        """Yield how every enabled source has answered of late, oldest source first."""
        place = func.row_number().over(
            partition_by=RunRow.source_id, order_by=(RunRow.started_at.desc(), RunRow.id.desc())
        )
        tells = (RunRow.state.not_in([RunState.RUNNING.value, RunState.CANCELLED.value]), RunRow.undoes.is_(None))
        ended = select(RunRow, place.label("place")).where(*tells).subquery()
        recent = aliased(RunRow, ended)
        rows = (
            select(SourceRow.id, SourceRow.organ_id, SourceRow.failures, recent)
            .join(recent, recent.source_id == SourceRow.id)
            .where(SourceRow.is_enabled, ended.c.place == 1)
            .order_by(SourceRow.id)
        )
        for source, organ, failures, last in self._session.execute(rows):
            yield SourceRecord(
                source_id=SourceId(source), organ_id=OrganId(organ), failures=failures, last=run_of(last)
            )

    def _relations(self) -> Iterator[tuple[tuple[str, OrganId], tuple[Tier, frozenset[str]]]]:
        related = RevisionRow.document["related_resource_codes"]
        rows = (
            select(EntryRow.code, EntryRow.organ_id, EntryRow.tier, related)
            .join(RevisionRow, _CURRENT)
            .where(EntryRow.state.in_(_CHECKED), related.as_string().is_not(None))
        )
        for code, organ, tier, codes in streamed(self._session, rows, STREAM_BATCH):
            if isinstance(codes, list):
                yield (code, OrganId(organ)), (Tier(tier), frozenset(map(str, codes)))
