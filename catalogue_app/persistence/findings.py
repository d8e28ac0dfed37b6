"""Findings: their rows and their repository; one open finding for each kind and subject, the database sees to it."""

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple, final
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, and_, case, func, literal, or_, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.errors import InvalidCursor
from catalogue_app.domain.finding import Condition, Finding, FindingFilter, FindingKind, FindingState
from catalogue_app.domain.ids import FindingId, OrganId, new_id
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.accountability import demand_audit
from catalogue_app.persistence.base import Base, JsonDocument, streamed
from catalogue_app.persistence.dialects import insert_new
from catalogue_app.persistence.entry_reads import STREAM_BATCH, seen_by
from catalogue_app.persistence.entry_rows import EntryRow
from catalogue_app.persistence.locks import Lock, hold
from catalogue_app.persistence.source_reach import hidden_sources

RESOLVED: Final = "resolved"
ENTRY_WITHDRAWN: Final = "entry_withdrawn"


class FindingRow(Base):
    """One finding; `seen_in` numbers the evaluation that last saw its condition."""

    __tablename__ = "finding"
    __table_args__ = (
        Index(
            "uq_finding_open",
            "subject",
            "kind",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_finding_organ_id_state", "organ_id", "state"),
        Index("ix_finding_entry_code", "entry_code"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]
    state: Mapped[str]
    organ_id: Mapped[str] = mapped_column(ForeignKey("organ.id"))
    entry_code: Mapped[str | None]
    rule: Mapped[str]
    evidence: Mapped[list[list[str]]] = mapped_column(JsonDocument)
    due_on: Mapped[date | None]
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    cause: Mapped[str]
    seen_in: Mapped[int]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class FindingPage:
    """One page of a list.

    Attributes:
        findings: those opened last come first.
        next_cursor: asks for the next page; None on the last.
    """

    findings: tuple[Finding, ...]
    next_cursor: str | None


@final
class OpenFinding(NamedTuple):
    """An open finding as evaluations compare it: who it is, and what its condition said last."""

    id: FindingId
    condition: Condition


@final
class FindingRepository:
    """All findings; what answers people takes an audience."""

    def __init__(self, session: Session, tier_ceiling: Tier) -> None:
        self._session: Final = session
        self._ceiling: Final = tier_ceiling

    def next_evaluation(self) -> int:
        """Return the number of the evaluation that now begins; another one waits until it has ended."""
        hold(self._session, Lock.EVALUATION)
        return (self._session.scalar(select(func.max(FindingRow.seen_in))) or 0) + 1

    def hold(self) -> None:
        """Let no evaluation go on beside this unit."""
        hold(self._session, Lock.EVALUATION)

    def open_among(self, conditions: Sequence[Condition]) -> Mapping[tuple[FindingKind, str], OpenFinding]:
        """Return what the open findings of some conditions say so far, by kind and subject."""
        subjects = {condition.subject for condition in conditions}
        rows = select(FindingRow.id, *_SAID).where(FindingRow.subject.in_(subjects), _IS_OPEN)
        found = (OpenFinding(FindingId(key), _said(said)) for key, *said in self._session.execute(rows))
        return {(one.condition.kind, one.condition.subject): one for one in found}

    def open(self, conditions: Sequence[Condition], evaluation: int, at: datetime) -> None:
        """Open findings that were not open; one that somebody opened meanwhile stays as it is."""
        if conditions:
            demand_audit(self._session)
            rows = [_new_row(condition, evaluation, at) for condition in conditions]
            connection = self._session.connection()
            connection.execute(insert_new(connection, FindingRow), rows)

    def refresh(self, findings: Sequence[OpenFinding], at: datetime) -> None:
        """Store what the conditions of open findings now say."""
        if findings:
            demand_audit(self._session)
            rows = [{"id": one.id, "updated_at": at, **_columns(one.condition)} for one in findings]
            self._session.execute(update(FindingRow), rows)

    def see(self, findings: Sequence[OpenFinding], evaluation: int) -> None:
        """Note that an evaluation saw the conditions of these findings."""
        ids = [one.id for one in findings]
        self._session.connection().execute(update(FindingRow).where(FindingRow.id.in_(ids)).values(seen_in=evaluation))

    def close_unseen(self, evaluation: int, at: datetime) -> int:
        """Close every open finding whose condition an evaluation did not see; returns how many."""
        unseen = and_(_IS_OPEN, FindingRow.seen_in < evaluation)
        is_public = select(EntryRow.id).where(
            EntryRow.code == FindingRow.entry_code,
            EntryRow.state.in_([state for state in EntryState if state.is_public]),
        )
        is_withdrawn = and_(FindingRow.entry_code.is_not(None), ~is_public.exists())
        values = {
            "state": FindingState.CLOSED.value,
            "closed_at": at,
            "cause": case((is_withdrawn, ENTRY_WITHDRAWN), else_=RESOLVED),
        }
        closed = self._session.connection().execute(update(FindingRow).where(unseen).values(values)).rowcount
        if closed:
            demand_audit(self._session)
        return closed

    def follow(self, subject: str, kinds: AbstractSet[FindingKind], now: Condition | None, at: datetime) -> None:
        """Make the open findings of some kinds about one subject what holds now, between two evaluations.

        Args:
            subject: what they are about.
            kinds: those judged; findings of other kinds stay.
            now: the one condition that holds; none where all is well.
            at: when it was judged.
        """
        rows = select(FindingRow.id, *_SAID).where(FindingRow.subject == subject, _IS_OPEN)
        found = [OpenFinding(FindingId(key), _said(said)) for key, *said in self._session.execute(rows)]
        judged = [one for one in found if one.condition.kind in kinds]
        lasting = [one for one in judged if now is not None and one.condition.kind is now.kind]
        over = [one.id for one in judged if one not in lasting]
        if over:
            demand_audit(self._session)
            values = {"state": FindingState.CLOSED.value, "closed_at": at, "cause": RESOLVED}
            self._session.execute(update(FindingRow).where(FindingRow.id.in_(over)).values(values))
        if now is not None and not lasting:
            self.open([now], self.next_evaluation() - 1, at)
        elif now is not None:
            self.refresh([OpenFinding(one.id, now) for one in lasting if one.condition != now], at)

    def open_conditions(self) -> Iterator[Condition]:
        """Yield the conditions of all open findings for the operator, by kind and subject; memory stays flat."""
        rows = select(*_SAID).where(_IS_OPEN).order_by(FindingRow.kind, FindingRow.subject)
        for said in streamed(self._session, rows, STREAM_BATCH):
            yield _said(said)

    def list(self, wanted: FindingFilter, audience: Audience, cursor: str | None, limit: int) -> FindingPage:
        """Return a page of the findings wanted, those opened last first; any depth costs the same.

        Raises:
            InvalidCursor: the cursor was not made by this list.
        """
        rows = select(FindingRow).where(self._told_to(audience), *_conditions(wanted))
        if cursor is not None:
            rows = rows.where(FindingRow.id < _read_cursor(cursor))
        found = [_finding(row) for row in self._session.scalars(rows.order_by(FindingRow.id.desc()).limit(limit + 1))]
        more = len(found) > limit
        return FindingPage(findings=tuple(found[:limit]), next_cursor=_cursor(found[limit - 1]) if more else None)

    def count(self, wanted: FindingFilter, audience: Audience) -> int:
        """Return how many of the findings wanted the audience is told of."""
        rows = select(func.count()).select_from(FindingRow).where(self._told_to(audience), *_conditions(wanted))
        return self._session.scalar(rows) or 0

    def counts(self, wanted: FindingFilter, audience: Audience) -> Mapping[tuple[OrganId, FindingKind], int]:
        """Count the findings wanted by organ and kind."""
        rows = select(FindingRow.organ_id, FindingRow.kind, func.count()).where(
            self._told_to(audience), *_conditions(wanted)
        )
        found = self._session.execute(rows.group_by(FindingRow.organ_id, FindingRow.kind))
        return {(OrganId(organ), FindingKind(kind)): number for organ, kind, number in found}

    def kinds_told(self, audience: Audience) -> tuple[FindingKind, ...]:
        """Return the kinds of findings that an audience is told of."""
        return tuple(kind for kind in FindingKind if kind.is_told_on(audience.tier, self._ceiling))

    def _told_to(self, audience: Audience) -> ColumnElement[bool]:
        """Return the condition that an audience is told of a finding: its kind, and what it names, are for them."""
        kinds = [kind.value for kind in self.kinds_told(audience)]
        sees_entry = select(EntryRow.id).where(EntryRow.code == FindingRow.entry_code, seen_by(audience)).exists()
        hidden = [f"source:{source_id}" for source_id in self._session.scalars(hidden_sources(audience, self._ceiling))]
        is_about_seen = or_(FindingRow.entry_code.is_(None), sees_entry)
        return and_(FindingRow.kind.in_(kinds), is_about_seen, FindingRow.subject.not_in(hidden))


_IS_OPEN: Final = FindingRow.state == literal(FindingState.OPEN.value, literal_execute=True)
"""Written out in the statement: SQLite uses a partial index only where it sees that the condition implies it."""

_SAID: Final = (
    FindingRow.kind,
    FindingRow.subject,
    FindingRow.organ_id,
    FindingRow.rule,
    FindingRow.evidence,
    FindingRow.due_on,
    FindingRow.entry_code,
)
"""What a condition is stored in, in the order in which `_said` reads it."""


def _conditions(wanted: FindingFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.kinds:
        yield FindingRow.kind.in_(sorted(wanted.kinds))
    if wanted.organs:
        yield FindingRow.organ_id.in_(sorted(wanted.organs))
    if wanted.states:
        yield FindingRow.state.in_(sorted(wanted.states))
    if wanted.entry_codes:
        yield FindingRow.entry_code.in_(sorted(wanted.entry_codes))


def _cursor(finding: Finding) -> str:
    return base64.urlsafe_b64encode(finding.id.bytes).decode().rstrip("=")


def _read_cursor(cursor: str) -> UUID:
    try:
        return UUID(bytes=base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error) as error:
        raise InvalidCursor(cursor=cursor[:80]) from error


def _columns(condition: Condition) -> dict[str, object]:
    return {
        "organ_id": condition.organ_id,
        "rule": condition.rule,
        "evidence": [list(pair) for pair in condition.evidence],
        "due_on": condition.due_on,
    }


def _new_row(condition: Condition, evaluation: int, at: datetime) -> dict[str, object]:
    return {
        **_columns(condition),
        "id": new_id(),
        "kind": condition.kind.value,
        "subject": condition.subject,
        "state": FindingState.OPEN.value,
        "entry_code": condition.entry_code,
        "opened_at": at,
        "updated_at": at,
        "closed_at": None,
        "cause": "",
        "seen_in": evaluation,
    }


def _said(row: Sequence[Any]) -> Condition:
    kind, subject, organ_id, rule, evidence, due_on, entry_code = row
    return Condition(
        kind=FindingKind(kind),
        subject=subject,
        organ_id=OrganId(organ_id),
        rule=rule,
        evidence=tuple(map(tuple, evidence)),
        due_on=due_on,
        entry_code=entry_code,
    )


def _finding(row: FindingRow) -> Finding:
    return Finding(
        id=FindingId(row.id),
        condition=_said([getattr(row, column.key) for column in _SAID]),
        state=FindingState(row.state),
        opened_at=row.opened_at,
        updated_at=row.updated_at,
        closed_at=row.closed_at,
        cause=row.cause,
    )
