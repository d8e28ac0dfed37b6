"""One leader among the schedulers of a database: who holds an advisory lock, on a connection of its own."""

import threading
from typing import Final, final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

_KEY: Final = 0x6361_7461  # "cata"
"""Key of the lock; advisory locks are parted by database."""

_TAKE: Final = text("SELECT pg_try_advisory_lock(:key)")
_HELD: Final = "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND classid = 0 AND objid = :key"
_OF_DATABASE: Final = " AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
_MINE: Final = text(f"{_HELD}{_OF_DATABASE} AND pid = pg_backend_pid()")
_ANYBODYS: Final = text(f"{_HELD}{_OF_DATABASE}")


@final
class AdvisoryLock:
    """The leader's lock. The server lets go of it when its connection ends, however that ends."""

    def __init__(self, engine: Engine) -> None:
        self._engine: Final = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._own: Connection | None = None
        self._turn: Final = threading.Lock()

    def take(self) -> bool:
        """Try to lead; False where another leads or the database does not answer."""
        self.let_go()
        try:
            own = self._engine.connect()
            own.detach()  # not of the pool: nobody else may use the connection that holds the lock
            if own.scalar(_TAKE, {"key": _KEY}):
                self._own = own
                return True
            own.close()
        except DBAPIError:
            return False
        return False

    def is_held(self) -> bool:
        """Say whether this process still leads: its connection lives and holds the lock."""
        with self._turn:  # several firings ask at once, and a connection answers one at a time
            if self._own is None:
                return False
            try:
                return bool(self._own.scalar(_MINE, {"key": _KEY}))
            except DBAPIError:
                self._own = None
                return False

    def let_go(self) -> None:
        """Stop leading."""
        with self._turn:
            own, self._own = self._own, None
        if own is not None:
            own.close()

    def is_anybodys(self) -> bool:
        """Say whether some process leads.

        Raises:
            DBAPIError: the database does not answer.
        """
        with self._engine.connect() as look:
            return bool(look.scalar(_ANYBODYS, {"key": _KEY}))
