"""What SQLite needs: pragmas, transactions that begin where they say, and one writer of a process after the other."""

import sqlite3
import threading
from typing import Any, Final, final

from sqlalchemy import Connection, Engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

READING: Final = "catalogue_reading"
"""Execution option of a connection that will only read, and so never waits for a writer."""

ASIDE: Final = "catalogue_aside"
"""Execution option of a connection that writes at once or not at all."""

BUSY_TIMEOUT_MS: Final = 60_000

POOL_SIZE: Final = 32
"""Connections kept to a file, and as many again in a rush: threads must not wait for one."""

_PRAGMAS: Final = (
    f"busy_timeout = {BUSY_TIMEOUT_MS}",
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "foreign_keys = ON",
    "cache_size = -32768",
    "wal_autocheckpoint = 4096",
    "temp_store = MEMORY",
)


@final
class QueuingConnection(sqlite3.Connection):
    """A connection whose turn to write ends with its transaction.

    SQLite lets a writer that finds another at work sleep, longer each time, up to a tenth of a second; the threads of
    one process wake each other instead. Between processes SQLite's own waiting remains.
    """

    turn: "threading.Lock | None" = None

    def wait_for_turn(self, turn: threading.Lock) -> None:
        """Wait until no other thread writes; after the busy time SQLite's own lock decides."""
        if turn.acquire(timeout=BUSY_TIMEOUT_MS / 1000):
            self.turn = turn

    def end_turn(self) -> None:
        """Let the next thread write."""
        turn, self.turn = self.turn, None
        if turn is not None:
            turn.release()

    def commit(self) -> None:
        """Commit; a commit that fails is still to be rolled back."""
        super().commit()
        self.end_turn()

    def rollback(self) -> None:
        """Roll back."""
        try:
            super().rollback()
        finally:
            self.end_turn()

    def close(self) -> None:
        """Close, whatever is under way."""
        try:
            super().close()
        finally:
            self.end_turn()


def options(url: str) -> dict[str, Any]:
    """Return what an engine is made with; a database in memory has one connection a thread."""
    is_file = make_url(url).database not in {None, "", ":memory:"}
    places = {"pool_size": POOL_SIZE, "max_overflow": POOL_SIZE} if is_file else {}
    return {"connect_args": {"factory": QueuingConnection}} | places


def prepare(engine: Engine) -> None:
    """Let transactions begin as they should: a writer takes its lock at once, so that it never fails half way."""
    turn = threading.Lock()

    def begin(connection: Connection) -> None:
        _begin(connection, turn)

    event.listen(engine, "connect", _connected)
    event.listen(engine, "begin", begin)


def _connected(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    del entry
    assert isinstance(connection, sqlite3.Connection)  # noqa: S101 — listens to SQLite engines only
    connection.isolation_level = None  # transactions begin where `_begin` says, not at the first write
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection, turn: threading.Lock) -> None:
    chosen = connection.get_execution_options()
    if chosen.get(READING, False):
        connection.exec_driver_sql("BEGIN")
    elif chosen.get(ASIDE, False):
        _begin_at_once(connection)
    else:
        _begin_in_turn(connection, turn)


def _begin_in_turn(connection: Connection, turn: threading.Lock) -> None:
    own: object = connection.connection.dbapi_connection
    assert isinstance(own, QueuingConnection)  # noqa: S101 — made by `options`
    own.wait_for_turn(turn)
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except BaseException:
        own.end_turn()
        raise


def _begin_at_once(connection: Connection) -> None:
    connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
