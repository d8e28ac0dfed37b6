"""Long work shows itself: to whoever watches this process at every step, and about once a second in the database."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, final

from catalogue_app.domain.clock import Clock
from catalogue_app.domain.harvest import HarvestRun
from catalogue_app.domain.ids import WorkId, new_id
from catalogue_app.domain.long_work import LongWork, WorkKind, WorkState
from catalogue_app.domain.visibility import Audience
from catalogue_app.persistence.unit_of_work import UnitOfWork, UnitsOfWork
from catalogue_app.services.lease import is_gone, this_process

_STORE_S: Final = 1.0
"""Seconds between two times that one piece of work is stored."""

_BRIEF: Final = timedelta(seconds=3)
"""Work that is often brief is stored once it has gone on for so long, and not at all if it ends before."""

_PATIENCE_S: Final = 5.0
"""Seconds that the end of a piece of work waits for a busy database."""

_KEPT: Final = timedelta(days=30)

_SILENT: Final = timedelta(minutes=10)
"""So long after its last word, work is told to have gone silent; each says a word about every second."""

Show = Callable[[LongWork], None]
"""Told of every step of the work of this process."""


@final
class Meter:
    """How far one piece of work has come; handed to the work itself."""

    def __init__(self, uow: UnitsOfWork, clock: Clock, show: Show, work: LongWork, *, is_often_brief: bool) -> None:
        self._uow: Final = uow
        self._clock: Final = clock
        self._show: Final = show
        self._work = work
        self._is_often_brief: Final = is_often_brief
        self._is_begun = False
        self._tried = -_STORE_S
        self._store(work.started_at)

    def at(self, done: int, *, stage: str = "", total: int | None = None) -> None:
        """Say how much is done of this stage; a new stage counts anew, a total once named stays."""
        now = self._clock()
        is_new = stage != self._work.stage
        self._work = replace(
            self._work,
            stage=stage,
            stage_at=self._work.updated_at if is_new else self._work.stage_at,
            updated_at=now,
            done=done,
            total=total if is_new or total is not None else self._work.total,
        )
        self._show(self._work)
        self._store(now)

    def end(self, state: WorkState) -> None:
        """Say how it ended; a database that stays busy keeps the last word that was stored."""
        now = self._clock()
        self._work = replace(self._work, state=state, updated_at=now, ended_at=now)
        self._show(self._work)
        if self._is_often_brief and not self._is_begun:
            return
        until = time.monotonic() + _PATIENCE_S
        while not self._uow.aside(self._keep) and time.monotonic() < until:
            time.sleep(0.05)

    def _store(self, now: datetime) -> None:
        """Store how the work stands, where that is due; a database that is busy is asked again with a later step."""
        is_due = time.monotonic() - self._tried >= _STORE_S
        if is_due and (not self._is_often_brief or now - self._work.started_at >= _BRIEF):
            self._tried = time.monotonic()
            stored = self._uow.aside(self._keep if self._is_begun else self._begin)
            self._is_begun = self._is_begun or stored

    def _begin(self, unit: UnitOfWork) -> None:
        unit.long_work.lose_earlier(self._work)
        unit.long_work.forget_before(self._work.started_at - _KEPT)
        unit.long_work.begin(self._work)

    def _keep(self, work: UnitOfWork) -> None:
        work.long_work.keep(self._work)


@final
class LongWorks:
    """The long work of this catalogue. What it writes is in transactions of its own and never holds the work up."""

    def __init__(self, uow: UnitsOfWork, clock: Clock, show: Show = lambda _: None) -> None:
        self._uow: Final = uow
        self._clock: Final = clock
        self._show: Final = show

    @contextmanager
    def shown(
        self,
        kind: WorkKind,
        *,
        subject: str = "",
        stage: str = "",
        total: int | None = None,
        is_often_brief: bool = False,
    ) -> Iterator[Meter]:
        """Show a piece of work from its beginning to its end, `failed` where it raises.

        Args:
            kind: what it is.
            subject: what it is about, such as `source:…`.
            stage: what it begins with.
            total: how much there is to do in it, where that is known.
            is_often_brief: most work of its kind ends at once and is on record elsewhere, so that a list of it would
                hide what does take long; it is stored only once it has.
        """
        now = self._clock()
        work = LongWork(
            id=WorkId(new_id()),
            kind=kind,
            subject=subject,
            stage=stage,
            state=WorkState.RUNNING,
            holder=str(this_process()),
            started_at=now,
            stage_at=now,
            updated_at=now,
            ended_at=None,
            done=0,
            total=total,
        )
        meter = Meter(self._uow, self._clock, self._show, work, is_often_brief=is_often_brief)
        state = WorkState.FAILED
        try:
            yield meter
            state = WorkState.DONE
        finally:
            meter.end(state)

    def latest(self, audience: Audience, limit: int = 20) -> tuple[LongWork, ...]:
        """Return the work that began last, newest first, to those who are told of it."""
        with self._uow.reading() as look:
            return look.long_work.latest(audience, limit)

    def tells(self, audience: Audience) -> bool:
        """Say whether an audience is told of the work at all."""
        with self._uow.reading() as look:
            return look.long_work.tells(audience)

    def is_silent(self, work: LongWork) -> bool:
        """Say whether work that calls itself running has no process any more, or has long said nothing."""
        now = self._clock()
        is_over = is_gone(work.holder, work.updated_at, now) or now - work.updated_at > _SILENT
        return work.state is WorkState.RUNNING and is_over

    def of_harvest(self, run: HarvestRun) -> LongWork | None:
        """Return how far a run has come, once it takes long and until it ends; for whoever may look at its source."""
        with self._uow.reading() as look:
            work = look.long_work.running(WorkKind.HARVEST, f"source:{run.source_id}")
        return work if work is not None and work.started_at >= run.started_at else None
