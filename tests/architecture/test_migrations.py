"""Migrations: one line of them, each goes down and up again, and the last one agrees with the tables in code."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.shared import ROOT


def alembic(database: Path, *arguments: str) -> str:
    """Run Alembic against a SQLite file as an operator does; return what it printed, fail where it fails."""
    environment = os.environ | {
        "CATALOGUE_DATABASE_URL": f"sqlite:///{database}",
        "CATALOGUE_DATA_DIR": str(database.parent),
    }
    command = [sys.executable, "-m", "alembic", *arguments]
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def schema(database: Path) -> set[str]:
    """Return the statements that would build the database as it is; Alembic's and SQLite's own tables left out."""
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {sql for table, sql in rows if table != "alembic_version" and not table.startswith("sqlite_")}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Return a database at the newest revision."""
    file = tmp_path / "catalogue.sqlite3"
    alembic(file, "upgrade", "head")
    return file


def test_migrations_form_one_line(database: Path) -> None:
    assert len(alembic(database, "heads").strip().splitlines()) == 1


def test_every_migration_goes_down_and_up_again(database: Path) -> None:
    newest = schema(database)
    assert newest
    for _ in alembic(database, "history").strip().splitlines():
        alembic(database, "downgrade", "-1")
    assert schema(database) == set()
    alembic(database, "upgrade", "head")
    assert schema(database) == newest


def test_the_newest_revision_agrees_with_the_tables_in_code(database: Path) -> None:
    alembic(database, "check")
