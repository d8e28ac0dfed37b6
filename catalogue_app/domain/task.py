"""A task that any worker may do: what, for which source or upload, in which lane and how soon."""

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final, final

from catalogue_app.domain.ids import SourceId
from catalogue_app.domain.upload import UploadId

LARGE: Final = 20_000
"""Records from which on a source is large: it has a lane of its own, so that no small organ waits behind it."""


@unique
class TaskKind(StrEnum):
    """What is to be done; every kind may be done again without harm."""

    HARVEST = "harvest"
    DRAIN = "drain"
    EVALUATE = "evaluate"
    RECONCILE = "reconcile"
    UPLOAD = "upload"


@unique
class Lane(StrEnum):
    """A queue that workers serve beside the others, each with its own places."""

    HARVEST = "harvest"
    LARGE_HARVEST = "harvest_large"
    FEED = "feed"
    UPKEEP = "upkeep"
    UPLOAD = "upload"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One thing to do.

    Attributes:
        source_id: of a harvest, else None.
        upload_id: of an uploaded table, else None.
        priority: higher ones first within a lane.
    """

    kind: TaskKind
    lane: Lane
    source_id: SourceId | None = None
    upload_id: UploadId | None = None
    priority: int = 0

    @property
    def subject(self) -> str:
        """What it is about: no two tasks about the same run at once, and none waits twice."""
        about = self.source_id or self.upload_id
        return f"{self.kind}:{about}" if about else self.kind.value


def harvest_task(source_id: SourceId, last_size: int | None) -> Task:
    """Return the task of harvesting a source: the fewer records it had last, the sooner.

    One that was never harvested goes with the small ones, after them: nobody knows its size.
    """
    if last_size is None:
        return Task(kind=TaskKind.HARVEST, lane=Lane.HARVEST, source_id=source_id, priority=-LARGE.bit_length())
    lane = Lane.LARGE_HARVEST if last_size >= LARGE else Lane.HARVEST
    return Task(kind=TaskKind.HARVEST, lane=lane, source_id=source_id, priority=-last_size.bit_length())


def upload_task(upload_id: UploadId) -> Task:
    """Return the task of going on with an uploaded table: somebody waits for it, and for no harvest."""
    return Task(kind=TaskKind.UPLOAD, lane=Lane.UPLOAD, upload_id=upload_id)


def upkeep_task(kind: TaskKind) -> Task:
    """Return a task about the whole catalogue; bringing changes into the index waits for no other upkeep."""
    return Task(kind=kind, lane=Lane.FEED if kind is TaskKind.DRAIN else Lane.UPKEEP)
