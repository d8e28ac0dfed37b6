"""What a source sends is kept before it is believed: large answers one by one, small ones several in a transaction."""

import time
from collections.abc import Callable
from io import BytesIO
from types import TracebackType
from typing import Final, Self, final

from catalogue_app.domain.address import without_secrets
from catalogue_app.domain.clock import Clock
from catalogue_app.domain.errors import Conflict, RunCancelled
from catalogue_app.domain.harvest import HarvestRun
from catalogue_app.persistence.snapshots import Answer, Fetch
from catalogue_app.persistence.unit_of_work import UnitOfWork, UnitsOfWork
from harvesters.port import Payload

_HELD_BYTES: Final = 1 << 20
"""Most that waits in memory to be kept."""

_HELD_S: Final = 1.0
"""Longest time from one keeping to the next while answers come; a source that is slow has each kept as it comes."""

Beat = Callable[[UnitOfWork, HarvestRun], None]
"""Says in a transaction that the run is still held."""


@final
class PageKeeper:
    """Keeps the answers of one run; all of them are kept when its context ends, unless the run is no longer ours."""

    def __init__(self, uow: UnitsOfWork, clock: Clock, run: HarvestRun, beat: Beat) -> None:
        """Begin with nothing.

        Args:
            uow: opens units of work.
            clock: the present instant.
            run: whose answers they are.
            beat: said with each keeping.
        """
        self._uow: Final = uow
        self._clock: Final = clock
        self._run: Final = run
        self._beat: Final = beat
        self._held: list[Answer] = []
        self._held_bytes = 0
        self._kept_at = time.monotonic()

    def __enter__(self) -> Self:
        """Enter the reading of a source."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Keep what waits, also where the reading failed: it may be just what the reading failed at."""
        if not isinstance(error, Conflict | RunCancelled):
            self.keep_all()

    def take(self, payload: Payload) -> None:
        """Take an answer, whose body is read before this returns."""
        fetch = Fetch(
            address=without_secrets(payload.address),
            media_type=payload.media_type,
            charset=payload.charset,
            digest=payload.digest,
            size_bytes=payload.size_bytes,
            fetched_at=self._clock(),
            link=payload.link,
            validators=payload.validators,
        )
        with payload.open() as body:
            if payload.size_bytes > _HELD_BYTES:
                self.keep_all()
                self._keep([Answer(fetch=fetch, body=body)])
                return
            self._held.append(Answer(fetch=fetch, body=BytesIO(body.read())))
        self._held_bytes += payload.size_bytes
        if self._held_bytes >= _HELD_BYTES or time.monotonic() - self._kept_at >= _HELD_S:
            self.keep_all()

    def keep_all(self) -> None:
        """Keep what waits."""
        held, self._held, self._held_bytes = self._held, [], 0
        if held:
            self._keep(held)

    def _keep(self, answers: list[Answer]) -> None:
        with self._uow() as work:
            work.snapshots.add(self._run.id, answers)
            self._beat(work, self._run)
            work.commit()
        self._kept_at = time.monotonic()
