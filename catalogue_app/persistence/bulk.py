"""Many rows at once by the driver's own `executemany`: the pace of a harvest, with the types of the declared tables.

SQLAlchemy builds a dictionary of parameters for every row of an `executemany`, which costs more than storing the row.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, Table, insert
from sqlalchemy.orm import DeclarativeBase


def insert_rows(connection: Connection, row: type[DeclarativeBase], rows: Iterable[tuple[object, ...]]) -> None:
    """Insert rows given as tuples in the order of the table's columns, all of them."""
    table: Final = row.__table__
    assert isinstance(table, Table)  # noqa: S101 — no row of ours is mapped to a join
    dialect = connection.dialect
    columns = [column.key for column in table.columns]
    statement = insert(table).compile(dialect=dialect, column_keys=columns)
    converters = [
        (place, convert)
        for place, column in enumerate(table.columns)
        if (convert := column.type.dialect_impl(dialect).bind_processor(dialect)) is not None
    ]
    converted = []
    for values in rows:
        stored = list(values)
        for place, convert in converters:
            stored[place] = convert(stored[place])
        converted.append(tuple(stored))
    if not converted:
        return
    if statement.positional:
        connection.exec_driver_sql(str(statement), converted)
    else:
        connection.exec_driver_sql(str(statement), [dict(zip(columns, stored, strict=True)) for stored in converted])
