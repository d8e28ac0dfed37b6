"""A long piece of work as it shows itself: what it is, how far it has come, how fast, how long still."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique
from typing import Final, final

from catalogue_app.domain.ids import WorkId
from catalogue_app.domain.metadata import Document
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier

TOLD_FROM: Final = Tier.EXTRANET
"""Lowest network told of the work going on: it is a matter of organs and operators, and names their sources."""

NOBODY: Final = ""
"""Holder of a run or an upload that no process is at work on, or that was given up."""


@unique
class WorkKind(StrEnum):
    """Work that takes longer than somebody waits without a word."""

    HARVEST = "harvest"
    INDEX_REBUILD = "index_rebuild"
    MIGRATION = "migration"
    EVALUATION = "findings_evaluation"
    UPLOAD = "upload"


@unique
class WorkState(StrEnum):
    """Where it stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    LOST = "lost"
    """Its process ended without a word; the same work has begun anew since."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LongWork:
    """One piece of long work.

    Attributes:
        subject: `source:UUID` of a harvest, `upload:UUID` of an uploaded table, else empty; never a title.
        stage: part of the work that is counted now, such as `reading`; empty where there are no parts.
        holder: name of the process, `host/pid/began`.
        stage_at: when the present stage began.
        updated_at: when it last said how far it has come.
        done: records, entries or steps done in this stage.
        total: how many there are in this stage; an estimate for a source being read; None where nobody knows.
    """

    id: WorkId
    kind: WorkKind
    subject: str
    stage: str
    state: WorkState
    holder: str
    started_at: datetime
    stage_at: datetime
    updated_at: datetime
    ended_at: datetime | None
    done: int
    total: int | None

    @property
    def rate(self) -> float:
        """Done per second in this stage."""
        seconds = (self.updated_at - self.stage_at).total_seconds()
        return self.done / seconds if seconds > 0 else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds this stage takes still, at its rate; None where that cannot be said."""
        if self.state is not WorkState.RUNNING or not self.total or not self.rate:
            return None
        return max(self.total - self.done, 0) / self.rate

    def document(self) -> Document:
        """Return it as one JSON object; instants in UTC."""
        return {
            "id": str(self.id),
            "kind": self.kind.value,
            "subject": self.subject,
            "stage": self.stage,
            "state": self.state.value,
            "holder": self.holder,
            "started_at": _iso(self.started_at),
            "updated_at": _iso(self.updated_at),
            "ended_at": _iso(self.ended_at),
            "done": self.done,
            "total": self.total,
            "rate": round(self.rate, 1),
            "left_s": None if self.left_s is None else round(self.left_s, 1),
        }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def may_be_told(audience: Audience, ceiling: Tier) -> bool:
    """Say whether an audience is told of the work going on: its figures count every entry that is held here.

    Args:
        audience: who asks.
        ceiling: the highest tier that is held here; whoever does not reach it would learn how much lies above them.
    """
    return audience.tier.level >= max(TOLD_FROM.level, ceiling.level)
