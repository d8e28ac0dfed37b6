"""Whether the parts that a serving process stands on do their work: database, search, scheduler."""

from collections.abc import Callable, Mapping
from enum import StrEnum, unique
from typing import Final, final

import structlog

from catalogue_app.domain.errors import SearchUnavailable
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from catalogue_app.services.lead import Lead
from indexing.port import SearchEngine

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

    def __init__(self, uow: UnitsOfWork, engine: SearchEngine, lead: Lead) -> None:
        self._uow: Final = uow
        self._engine: Final = engine
        self._lead: Final = lead

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
        return PartState.OK if self._lead.is_anybodys() else PartState.ABSENT


def _asked(ask: Callable[[], PartState], part: str) -> PartState:
    try:
        return ask()
    except SearchUnavailable:
        return PartState.DOWN
    except Exception as error:  # noqa: BLE001 — whatever a broken part raises, it is down
        _log.warning("part_down", part=part, why=type(error).__name__)
        return PartState.DOWN
