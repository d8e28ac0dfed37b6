"""Migrations, on both databases: one line of them, each goes down and up again, and the last agrees with the code."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from catalogue_app.persistence.base import make_engine
from tests import postgres
from tests.shared import ROOT
from tests.stack import Stack

SQLITE_SCHEMA = (
    "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name <> 'alembic_version' "
    "AND tbl_name NOT LIKE 'sqlite_%'"
)
POSTGRESQL_SCHEMA = """
    SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default, collation_name)
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'
    UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text <> 'alembic_version'
    UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""


def alembic(url: str, *arguments: str) -> str:
    """Run Alembic against a database as an operator does; return what it printed, fail where it fails."""
    environment = os.environ | {"CATALOGUE_DATABASE_URL": url}
    command = [sys.executable, "-m", "alembic", *arguments]
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def schema(url: str) -> list[str]:
    """Return lines that tell one schema of a database from another; Alembic's own table left out."""
    engine = make_engine(url)
    with engine.connect() as connection:
        statement = SQLITE_SCHEMA if engine.dialect.name == "sqlite" else POSTGRESQL_SCHEMA
        lines = sorted(connection.scalars(text(statement)))
    engine.dispose()
    return lines


@pytest.fixture(params=list(Stack))
def database(tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Return a database at the newest revision: SQLite, then PostgreSQL."""
    is_embedded = request.param is Stack.EMBEDDED
    url = f"sqlite:///{tmp_path}/a.sqlite3" if is_embedded else postgres.database_url(tmp_path, like=postgres.EMPTY)
    alembic(url, "upgrade", "head")
    return url


def test_migrations_form_one_line(database: str) -> None:
    assert len(alembic(database, "heads").strip().splitlines()) == 1


def test_every_migration_goes_down_and_up_again(database: str) -> None:
    newest = schema(database)
    assert newest
    for _ in alembic(database, "history").strip().splitlines():
        alembic(database, "downgrade", "-1")
    assert schema(database) == []
    alembic(database, "upgrade", "head")
    assert schema(database) == newest


def test_the_newest_revision_agrees_with_the_tables_in_code(database: str) -> None:
    alembic(database, "check")
