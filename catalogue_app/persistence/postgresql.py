"""PostgreSQL made to keep the same contract as SQLite: what it cannot hold is mended before it gets there."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExecutionContext
from sqlalchemy.engine.interfaces import DBAPICursor

NUL: Final = "\x00"

INSTEAD: Final = "\ufffd"
"""Unicode's replacement character: what has been there is still seen, and nothing else is equal to it."""

Parameters = Any
"""Of one statement or of many: a mapping or tuple, or a sequence of these."""


def prepare(engine: Engine) -> None:
    """Attach to an engine what every connection to PostgreSQL needs."""
    event.listen(engine, "before_cursor_execute", _replace_nul, retval=True)


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
    return statement, [_cleaned(row) for row in parameters] if executemany else _cleaned(parameters)


def _cleaned(row: Mapping[str, object] | Sequence[object]) -> Mapping[str, object] | Sequence[object]:
    values = row.values() if isinstance(row, Mapping) else row
    if not any(type(value) is str and NUL in value for value in values):
        return row
    if isinstance(row, Mapping):
        return {name: _clean(value) for name, value in row.items()}
    return tuple(map(_clean, row))


def _clean(value: object) -> object:
    return without_nul(value) if isinstance(value, str) else value
