"""Many rows at once by the driver's own means, with the types of the declared tables: the pace of a harvest.

PostgreSQL takes them by COPY, SQLite by `executemany`. SQLAlchemy would build a dictionary of parameters for every row,
which costs more than storing the row.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

import psycopg
from psycopg import sql
from sqlalchemy import JSON, Connection, Dialect, Table, insert
from sqlalchemy.orm import DeclarativeBase

from catalogue_app.persistence.base import to_json
from catalogue_app.persistence.postgresql import without_nul

Convert = Callable[[object], object]


def insert_rows(connection: Connection, row: type[DeclarativeBase], rows: Iterable[tuple[object, ...]]) -> None:
    """Insert rows given as tuples in the order of the table's columns, all of them."""
    table: Final = row.__table__
    assert isinstance(table, Table)  # noqa: S101 — no row of ours is mapped to a join
    converted = _convert(rows, _converters(table, connection.dialect))
    if connection.dialect.name == "postgresql":
        _copy(connection, table, converted)
        return
    stored = list(converted)
    if stored:
        connection.exec_driver_sql(_statement(table, connection.dialect), stored)


@lru_cache(maxsize=64)
def _statement(table: Table, dialect: Dialect) -> str:
    columns = [column.key for column in table.columns]
    return str(insert(table).compile(dialect=dialect, column_keys=columns))


@lru_cache(maxsize=64)
def _converters(table: Table, dialect: Dialect) -> list[tuple[int, Convert]]:
    """Return place and conversion of the columns whose values the driver does not take as they are."""
    converters: list[tuple[int, Convert]] = []
    for place, column in enumerate(table.columns):
        if dialect.name == "postgresql" and isinstance(column.type, JSON):
            converters.append((place, _json_or_null))
        elif (convert := column.type.dialect_impl(dialect).bind_processor(dialect)) is not None:
            converters.append((place, convert))
    return converters


def _convert(
    rows: Iterable[tuple[object, ...]], converters: Sequence[tuple[int, Convert]]
) -> Iterator[tuple[object, ...]]:
    for values in rows:
        stored = list(values)
        for place, convert in converters:
            stored[place] = convert(stored[place])
        yield tuple(stored)


def _copy(connection: Connection, table: Table, rows: Iterable[tuple[object, ...]]) -> None:
    """Stream rows into a table in one COPY."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)  # noqa: S101 — the one driver for PostgreSQL
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.columns)
    order = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
    with raw.cursor() as cursor, cursor.copy(order) as copy:
        for values in rows:
            try:
                copy.write_row(values)
            except psycopg.DataError:  # raised before anything of the row is sent
                copy.write_row([without_nul(value) if isinstance(value, str) else value for value in values])


def _json_or_null(value: object) -> object:
    return None if value is None else to_json(value)  # type: ignore[arg-type]  # the column says that it is JSON
