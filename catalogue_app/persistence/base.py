"""What every table shares: declarative base, naming convention, column types, and the engine that serves them.

All that differs between SQLite and PostgreSQL is in this file, in `dialects.py`, `sqlite.py` and `postgresql.py`.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVarTuple, final
from uuid import UUID

import orjson
from sqlalchemy import (
    JSON,
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    Row,
    Select,
    Uuid,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from catalogue_app.domain.errors import ConfigurationError
from catalogue_app.domain.metadata import JsonValue
from catalogue_app.persistence import postgresql, sqlite
from catalogue_app.settings import Database

_ESCAPED_NUL: Final = re.compile(r"(?<!\\)(?P<before>(?:\\\\)*)\\u0000")
"""NUL as JSON writes it; a backslash before it, itself written as two, makes it plain text."""

Columns = TypeVarTuple("Columns")

NAMING: Final[Mapping[str, str]] = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

JsonDocument = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""A JSON value: text in SQLite, `jsonb` in PostgreSQL."""

OrderedJson = JSON(none_as_null=True)
"""A JSON value whose order says something: the first language of a text is its original, and `jsonb` sorts keys."""


@final
class UtcDateTime(TypeDecorator[datetime]):
    """An instant, stored in UTC and read back aware; a naive value is a fault of the caller."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive values.

        Raises:
            ValueError: the value has no zone.
        """
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive instant: {value}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back that SQLite forgets."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of all rows; no relationship crosses files, and nothing is loaded unasked."""

    metadata = MetaData(naming_convention=dict(NAMING))
    type_annotation_map: Mapping[Any, Any] = {
        datetime: UtcDateTime(),
        UUID: Uuid(),
        JsonValue: JsonDocument,
    }


def make_engine(url: str, settings: Database | None = None) -> Engine:
    """Open the database behind a URL; nothing is connected yet.

    Args:
        url: as SQLAlchemy writes it.
        settings: of the pool and its connections; read by PostgreSQL alone.

    Raises:
        ConfigurationError: the URL is none, or its database needs a driver that is not installed.
    """
    try:
        is_sqlite = make_url(url).get_backend_name() == "sqlite"
        options = sqlite.options(url) if is_sqlite else postgresql.limits(settings) if settings is not None else {}
        engine = create_engine(url, json_serializer=to_json, json_deserializer=from_json, **options)
    except (ArgumentError, ImportError) as error:
        raise ConfigurationError("database_url_unusable", why=str(error)) from error
    if is_sqlite:
        sqlite.prepare(engine)
    else:
        postgresql.prepare(engine)
        event.listen(engine, "begin", _begin_postgresql)
    return engine


def for_reading(engine: Engine) -> Engine:
    """Return the same database for units that only read: each sees one state of it and never waits for a writer."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{sqlite.READING: True})
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def streamed(session: Session, rows: Select[*Columns], batch: int) -> Iterator[Row[*Columns]]:
    """Yield rows with at most `batch` of them in memory; the cursor is closed with the iteration, however it ends."""
    with session.execute(rows.execution_options(yield_per=batch)) as result:
        yield from result


def for_asides(engine: Engine) -> Engine:
    """Return the same database for units that write beside other work: where a writer is at it, they fail at once."""
    return engine.execution_options(**{sqlite.ASIDE: True})


def from_json(stored: str | bytes | float) -> JsonValue:
    """Read a JSON value as a database hands it over: SQLite keeps one that is a bare number as that number."""
    if isinstance(stored, (int, float)):
        return stored
    value: JsonValue = orjson.loads(stored)
    return value


def to_json(value: JsonValue) -> str:
    """Write a JSON value as every JSON column stores it."""
    return storable_json(orjson.dumps(value).decode())


def storable_json(written: str) -> str:
    """Replace NUL in JSON text, which PostgreSQL cannot hold, by Unicode's replacement character."""
    return _ESCAPED_NUL.sub(r"\g<before>\\ufffd", written) if r"\u0000" in written else written


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get(sqlite.ASIDE, False):
        connection.exec_driver_sql("SET LOCAL lock_timeout = '500ms'")
