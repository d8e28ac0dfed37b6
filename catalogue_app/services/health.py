"""Whether the parts that a serving process stands on do their work: database, search, scheduler."""

import fcntl
from collections.abc import Callable, Mapping
from enum import StrEnum, unique
from pathlib import Path
from typing import Final, final

import structlog

from catalogue_app.domain.errors import SearchUnavailable
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from indexing.port import SearchEngine

SCHEDULER_LOCK: Final = "scheduler.lock"
"""File in the data directory that the leading scheduler holds locked."""

_log: Final = structlog.get_logger()


@unique
class PartState(StrEnum):
    """How a part stands."""

    OK = "ok"
    STALE = "stale"
    """It answers, from an index that another version built; a rebuild is due."""
    ABSENT = "absent"
    """Nobody does its work: entries stay readable, but nothing is harvested, indexed or evaluated by itself."""
    DOWN = "down"


@final
class Health:
    """Asks every part how it is; nothing is changed."""

    def __init__(self, uow: UnitsOfWork, engine: SearchEngine, data_dir: Path) -> None:
        self._uow: Final = uow
        self._engine: Final = engine
        self._lock: Final = data_dir / SCHEDULER_LOCK

    def parts(self) -> Mapping[str, PartState]:
        """Return part to state: `database`, `search`, `scheduler`."""
        return {
            "database": _asked(self._database, "database"),
            "search": _asked(self._search, "search"),
            "scheduler": _asked(self._scheduler, "scheduler"),
        }

    def _database(self) -> PartState:
        with self._uow.reading() as work:
            work.outbox.size()
        return PartState.OK

    def _search(self) -> PartState:
        return PartState.STALE if self._engine.health().needs_rebuild else PartState.OK

    def _scheduler(self) -> PartState:
        """Try the leader's lock: who gets it proves that nobody leads, and gives it back at once."""
        if not self._lock.exists():
            return PartState.ABSENT
        with self._lock.open("rb") as lock:
            try:
                fcntl.flock(lock.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return PartState.OK
        return PartState.ABSENT


def _asked(ask: Callable[[], PartState], part: str) -> PartState:
    try:
        return ask()
    except SearchUnavailable:
        return PartState.DOWN
    except Exception as error:  # noqa: BLE001 — whatever a broken part raises, it is down
        _log.warning("part_down", part=part, why=type(error).__name__)
        return PartState.DOWN
