"""A copy of an embedded database while it is in use; of PostgreSQL its own tools make one."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final, cast

from sqlalchemy import Engine

from catalogue_app.domain.errors import Conflict, InvalidInput

_PAGES: Final = 4096
"""Pages copied at once; writers go on between two such steps."""


def copy_database(engine: Engine, to: Path) -> int:
    """Copy the database as it is at one instant into a new file, whole or not at all; returns its size in bytes.

    Raises:
        Conflict: the database is no SQLite, or the file is there already.
        InvalidInput: the file cannot be written.
    """
    if engine.dialect.name != "sqlite":
        raise Conflict("backup_by_its_own_tools")
    if to.exists():
        raise Conflict("file_there_already", file=str(to))
    draft = to.with_name(f"{to.name}.part")
    try:
        _copy(engine, draft)
        os.link(draft, to)  # fails where somebody made the file meanwhile
    except (OSError, sqlite3.Error) as error:
        raise InvalidInput("file_not_writable", file=str(to), why=str(error)) from error
    finally:
        draft.unlink(missing_ok=True)
    return to.stat().st_size


def _copy(engine: Engine, to: Path) -> None:
    with closing(sqlite3.connect(to)) as copy, closing(engine.raw_connection()) as source:
        cast("sqlite3.Connection", source.driver_connection).backup(copy, pages=_PAGES)  # the driver of this dialect
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
