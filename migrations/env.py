"""Runs migrations: on the connection handed over by the application, else on the database of the settings."""

from typing import Literal

from alembic import context
from sqlalchemy import Connection

from catalogue_app.persistence import postgresql
from catalogue_app.persistence.base import Base, UtcDateTime, make_engine
from catalogue_app.persistence.locks import Lock, hold_on
from catalogue_app.persistence.tables import TABLES
from catalogue_app.settings import load_settings


def run(connection: Connection) -> None:
    """Migrate in the transaction of a connection; batch mode, because SQLite cannot alter most things in place.

    Of several processes that start at once, one does the work and the others wait for it.
    """
    is_postgresql = connection.dialect.name == "postgresql"
    if is_postgresql:
        postgresql.take_time(connection)
    hold_on(connection, Lock.MIGRATION)
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=_plain_types,
        include_name=_is_ours,
        on_version_apply=context.config.attributes.get("on_version_apply"),
    )
    with context.begin_transaction():
        context.run_migrations()
    if is_postgresql:
        postgresql.sort_by_code_point(connection, sorted(TABLES))


def _is_ours(name: str | None, kind: str, parents: object) -> bool:
    """Leave the tables of the queue to the library whose they are."""
    del parents
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


def _plain_types(kind: str, item: object, autogenerate: object) -> str | Literal[False]:
    """Write our own column types as plain ones: a migration never imports the application."""
    del autogenerate
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UtcDateTime) else False


# Importing the list has declared every table; a table missing here would be dropped by the next migration.
if TABLES - frozenset(Base.metadata.tables):
    raise RuntimeError("tables are not declared")

handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    run(handed_over)
else:
    with make_engine(load_settings().database_url).begin() as own:
        run(own)
