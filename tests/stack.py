"""Which adapters a test run stands on: `--stack=embedded` (unless said) or `--stack=server`.

The one place that turns the choice into settings: tests that open a living catalogue, in this process or as a command,
take its variables from `stack_variables`.
"""

import shutil
from enum import StrEnum, unique
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from catalogue_app.persistence.base import make_engine
from catalogue_app.persistence.migration import upgrade
from tests import postgres, search_shared

_ADDRESS: Final = "database-url.txt"
"""File in a folder that tells child processes where its database is, when it is not in the folder."""


@unique
class Stack(StrEnum):
    """A set of adapters."""

    EMBEDDED = "embedded"
    """Everything in the data directory: SQLite and the embedded index."""
    SERVER = "server"
    """The services of a municipality: PostgreSQL and Elasticsearch."""


_chosen: list[Stack] = [Stack.EMBEDDED]


def choose(stack: Stack) -> None:
    """Say what this run stands on; called once, at its start."""
    _chosen[0] = stack


def chosen() -> Stack:
    """Return what this run stands on."""
    return _chosen[0]


def stack_variables(data_dir: Path, *, migrated: bool = True) -> dict[str, str]:
    """Return the settings, as CATALOGUE_* variables, of a catalogue in a data directory of the test's own.

    Services it needs are started and its database is made at the first call; afterwards the answer stays the same.

    Args:
        data_dir: need not exist.
        migrated: whether its database has the tables already.
    """
    variables = {"CATALOGUE_DATA_DIR": str(data_dir)}
    if chosen() is Stack.SERVER:
        like = postgres.TEMPLATE if migrated else postgres.EMPTY
        variables["CATALOGUE_DATABASE_URL"] = postgres.database_url(data_dir, like=like)
        variables["CATALOGUE_SEARCH_URL"] = search_shared.search_url()
        variables["CATALOGUE_SEARCH_PREFIX"] = search_shared.prefix_of(data_dir)
    return variables


def database_url(folder: Path, stack: Stack | None = None) -> str:
    """Return the address of the migrated database of a folder that exists, made empty at the first call.

    Args:
        folder: keeps where its database is, so that other processes find it by the folder alone.
        stack: of whose kind it is; the run's unless given.
    """
    note = folder / _ADDRESS
    if note.exists():
        return note.read_text("utf-8")
    if (stack or chosen()) is Stack.SERVER:
        note.write_text(postgres.database_url(folder), "utf-8")
        return note.read_text("utf-8")
    path = folder / "catalogue.sqlite3"
    if not path.exists():
        shutil.copy(_empty_database(), path)
    return f"sqlite:///{path}"


def copy_folder(of: Path, folder: Path) -> None:
    """Copy a folder with its database, to which nobody may be connected."""
    shutil.copytree(of, folder, ignore=shutil.ignore_patterns(_ADDRESS))
    if (of / _ADDRESS).exists():
        (folder / _ADDRESS).write_text(postgres.copy_database(of, folder), "utf-8")


@cache
def _empty_database() -> Path:
    """Migrate once; every embedded database begins as its copy."""
    path = Path(mkdtemp(prefix="catalogue-test-")) / "empty.sqlite3"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path
