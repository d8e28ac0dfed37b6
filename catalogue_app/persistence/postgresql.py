"""PostgreSQL made to keep the same contract as SQLite: what it cannot hold is mended before it gets there."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import ExecutionContext
from sqlalchemy.engine.interfaces import DBAPICursor

from catalogue_app.settings import Database

NUL: Final = "\x00"

INSTEAD: Final = "\ufffd"
"""Unicode's replacement character: what has been there is still seen, and nothing else is equal to it."""

_OTHERWISE_SORTED: Final = """
    SELECT pg_class.relname AS "table", attname AS "column", format_type(atttypid, atttypmod) AS "type"
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relname = ANY(:tables)
        AND attnum > 0 AND NOT attisdropped AND attcollation NOT IN (0, '"C"'::regcollation)
    ORDER BY relname, attnum
"""

Parameters = Any
"""Of one statement or of many: a mapping or tuple, or a sequence of these."""


def prepare(engine: Engine) -> None:
    """Attach to an engine what every connection to PostgreSQL needs."""
    event.listen(engine, "before_cursor_execute", _replace_nul, retval=True)


def limits(database: Database) -> dict[str, object]:
    """Write the settings of the pool and of every connection in it as arguments of SQLAlchemy's `create_engine`."""
    timeouts = {"statement_timeout": database.statement_timeout_s, "lock_timeout": database.lock_timeout_s}
    options = " ".join(f"-c {name}={round(seconds * 1000)}" for name, seconds in timeouts.items())
    return {
        "pool_size": database.pool_size,
        "max_overflow": database.pool_overflow,
        "pool_timeout": database.pool_timeout_s,
        "pool_recycle": database.pool_recycle_s,
        "pool_pre_ping": True,
        "connect_args": {"application_name": "catalogue", "options": options},
    }


def take_time(connection: Connection) -> None:
    """Let the statements of this transaction take as long as they need: a migration is not to be cut off half way."""
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    connection.exec_driver_sql("SET LOCAL lock_timeout = 0")


def sort_by_code_point(connection: Connection, tables: Sequence[str]) -> None:
    """Let the text columns of some tables sort by code point, whatever the language of the database.

    SQLite sorts so, and so does the code; the same lists then come in the same order everywhere, and an upgrade of the
    system's locales cannot break an index.
    """
    found = connection.execute(text(_OTHERWISE_SORTED), {"tables": list(tables)})
    for table, columns in groupby(found, key=lambda row: str(row.table)):
        changes = ", ".join(f'ALTER COLUMN "{row.column}" TYPE {row.type} COLLATE "C"' for row in columns)
        connection.exec_driver_sql(f'ALTER TABLE "{table}" {changes}')


def without_nul(text: str) -> str:
    """Replace NUL, the one character that PostgreSQL cannot hold: no address and no file breaks a statement by it."""
    return text.replace(NUL, INSTEAD) if NUL in text else text


def _replace_nul(
    connection: Connection,
    cursor: DBAPICursor,
    statement: str,
    parameters: Parameters,
    context: ExecutionContext | None,
    executemany: bool,  # noqa: FBT001 — as above
) -> tuple[str, Parameters]:
    del connection, cursor, context
    if executemany and not isinstance(parameters, Mapping):  # many rows in one statement come as one mapping
        return statement, [_cleaned(row) for row in parameters]
    return statement, _cleaned(parameters)


def _cleaned(row: Mapping[str, object] | Sequence[object]) -> Mapping[str, object] | Sequence[object]:
    values = row.values() if isinstance(row, Mapping) else row
    if not any(type(value) is str and NUL in value for value in values):
        return row
    if isinstance(row, Mapping):
        return {name: _clean(value) for name, value in row.items()}
    return tuple(map(_clean, row))


def _clean(value: object) -> object:
    return without_nul(value) if isinstance(value, str) else value
