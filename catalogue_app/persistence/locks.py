"""Named locks of the whole catalogue: what SQLite's one writer gives for nothing, PostgreSQL is asked for by name.

Rows lock themselves; these are for what no single row stands for, such as the end of the audit chain.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum, unique
from typing import Final

from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

_SPACE: Final = 20_261_125
"""First half of every key, so that these locks are not those of another program in the same database."""

_HELD: Final = "locks_held"


@unique
class Lock(IntEnum):
    """The locks, in the order in which one transaction may take several; so no two can wait for each other."""

    MIGRATION = 1
    """The tables are being changed."""
    REGISTER = 2
    """The register of organs is being compared and changed."""
    EVALUATION = 3
    """Findings are being compared with what is so."""
    FEED = 4
    """The outbox is being drained into the index."""
    BUNDLE = 5
    """A bundle is being taken in."""
    AUDIT = 9
    """The end of the audit chain; taken last, when a unit commits, and so for a moment only."""


def hold(session: Session, lock: Lock) -> None:
    """Hold a lock until the end of the transaction, waiting for whoever has it.

    Raises:
        RuntimeError: the transaction holds a lock that comes later in the order: a fault of ours.
    """
    if session.info.get(_HELD, lock) > lock:
        raise RuntimeError(f"{lock.name} is taken too late")
    session.info[_HELD] = lock
    hold_on(session.connection(), lock)


def hold_on(connection: Connection, lock: Lock) -> None:
    """Hold a lock until the end of the transaction of a connection; SQLite's only writer holds all of them."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:space, :lock)"), {"space": _SPACE, "lock": lock.value})


@contextmanager
def alone(engine: Engine, lock: Lock) -> Iterator[bool]:
    """Hold a lock for as long as the context lasts, through many transactions; yields whether it was free.

    It falls with the connection that holds it, however its process ends. Always free on SQLite, whose processes share a
    data directory and keep each other apart there.
    """
    if engine.dialect.name != "postgresql":
        yield True
        return
    keys = {"space": _SPACE, "lock": lock.value}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        is_free = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:space, :lock)"), keys))
        try:
            yield is_free
        finally:
            if is_free and not connection.invalidated:
                connection.execute(text("SELECT pg_advisory_unlock(:space, :lock)"), keys)
