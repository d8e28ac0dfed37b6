"""Read models: figures of organs and disclosure categories, each one statement however many entries there are.

Whether an entry is late is a rule of `domain.flagging.stale`; it is handed in as its result, the last day of content
that is late today, so that the database only compares days.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, final

from sqlalchemy import ColumnElement, Date, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.ids import EntryId, OrganId, SourceId
from catalogue_app.domain.visibility import Audience, labels_for
from catalogue_app.domain.vocabulary import DisclosureCategory, Tier, UpdateCycle
from catalogue_app.persistence.entry_reads import seen_by
from catalogue_app.persistence.entry_rows import CATEGORY, AttributeRow, EntryRow, LabelRow, RevisionRow
from catalogue_app.persistence.runs import RunRow

Rhythm = tuple[UpdateCycle, str]
"""A cycle and, for `other`, its explicit ISO 8601 period."""

LastLateDays = Mapping[Rhythm, date]
"""Rhythm to the last content day that is late today; rhythms left out are never late."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts of some entries.

    Attributes:
        entries: all of them.
        judged: those whose rhythm and content day say when they are due.
        late: judged ones that are late.
        changed_at: when one of them last changed.
    """

    entries: int = 0
    judged: int = 0
    late: int = 0
    changed_at: datetime | None = None


@final
class Reports:
    """Figures for people; every one counts what its audience sees."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def of_organs(
        self, audience: Audience, last_late: LastLateDays, only: OrganId | None = None
    ) -> Mapping[OrganId, Figures]:
        """Return the figures of every organ that has an entry, or of one alone."""
        rows = select(EntryRow.organ_id, *_columns(last_late)).where(seen_by(audience)).group_by(EntryRow.organ_id)
        if only is not None:
            rows = rows.where(EntryRow.organ_id == only)
        found = self._session.execute(rows)
        return {OrganId(organ): _figures(entries, judged, late, at) for organ, entries, judged, late, at in found}

    def of_categories(
        self, organ_id: OrganId, audience: Audience, last_late: LastLateDays
    ) -> Mapping[DisclosureCategory, Figures]:
        """Return the figures of one organ in every disclosure category that it has an entry in."""
        is_category = and_(AttributeRow.entry_id == EntryRow.id, AttributeRow.name == CATEGORY)
        rows = (
            select(AttributeRow.value, *_columns(last_late))
            .join(EntryRow, is_category)
            .where(EntryRow.organ_id == organ_id, seen_by(audience))
            .group_by(AttributeRow.value)
        )
        found = self._session.execute(rows)
        return {
            DisclosureCategory(value): _figures(entries, judged, late, at) for value, entries, judged, late, at in found
        }

    def of_attributes(self, audience: Audience) -> Mapping[str, Mapping[str, int]]:
        """Return attribute (`theme`, `category`) to value to entries, most frequent first."""
        is_seen = select(LabelRow.entry_id).where(
            LabelRow.entry_id == AttributeRow.entry_id, LabelRow.label.in_(sorted(labels_for(audience)))
        )
        number = func.count()
        rows = select(AttributeRow.name, AttributeRow.value, number).where(is_seen.exists())
        rows = rows.group_by(AttributeRow.name, AttributeRow.value).order_by(number.desc(), AttributeRow.value)
        counts: dict[str, dict[str, int]] = {}
        for name, value, entries in self._session.execute(rows):
            counts.setdefault(name, {})[value] = entries
        return counts

    def own_periods(self) -> tuple[str, ...]:
        """Return the explicit periods that entries of the cycle `other` have."""
        current = and_(RevisionRow.entry_id == EntryRow.id, RevisionRow.number == EntryRow.revision)
        period = RevisionRow.document["update_period"].as_string()
        rows = select(period).join(EntryRow, current).where(EntryRow.update_cycle == UpdateCycle.OTHER).distinct()
        return tuple(sorted(found for found in self._session.scalars(rows) if found))

    def revisions(self, entry_id: EntryId, audience: Audience) -> int:
        """Count the revisions of an entry up to the tier of the audience."""
        reached = [tier.value for tier in Tier if tier.level <= audience.tier.level]
        rows = select(func.count()).where(RevisionRow.entry_id == entry_id, RevisionRow.tier.in_(reached))
        return self._session.scalar(rows) or 0

    def read_whole_at(self, source_id: SourceId) -> datetime | None:
        """Return when a source was last read to its end."""
        is_whole = and_(RunRow.state.in_([RunState.COMPLETE.value, RunState.HELD.value]), RunRow.undoes.is_(None))
        return self._session.scalar(select(func.max(RunRow.finished_at)).where(RunRow.source_id == source_id, is_whole))


def _columns(
    last_late: LastLateDays,
) -> tuple[ColumnElement[int], ColumnElement[int], ColumnElement[int], ColumnElement[datetime]]:
    content_day, border = _content_day(), _border(last_late)
    judged = and_(content_day.is_not(None), border.is_not(None))
    return func.count(), _number_of(judged), _number_of(content_day <= border), func.max(EntryRow.changed_at)


def _border(last_late: LastLateDays) -> ColumnElement[date | None]:
    """Return the last day that is late in the rhythm of an entry; null where its rhythm is never late."""
    cases = [(_has(rhythm), day) for rhythm, day in sorted(last_late.items())]
    return case(*cases, else_=None) if cases else literal(None, Date())


def _has(rhythm: Rhythm) -> ColumnElement[bool]:
    cycle, period = rhythm
    has_cycle = EntryRow.update_cycle == cycle.value
    if not period:
        return has_cycle
    current = and_(RevisionRow.entry_id == EntryRow.id, RevisionRow.number == EntryRow.revision)
    own = select(RevisionRow.document["update_period"].as_string()).where(current).scalar_subquery()
    return and_(has_cycle, own == period)


def _content_day() -> ColumnElement[date | None]:
    """Return the day the clock of timeliness runs from: the later one of change and confirmation."""
    changed, confirmed = func.coalesce(EntryRow.updated_on, EntryRow.issued_on), EntryRow.confirmed_on
    return case((or_(changed.is_(None), confirmed > changed), confirmed), else_=changed)


def _number_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _figures(entries: int, judged: int, late: int, changed_at: datetime) -> Figures:
    return Figures(entries=entries, judged=judged, late=late, changed_at=changed_at)
