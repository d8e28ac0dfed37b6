"""Threads that write to one SQLite file wake each other: a turn to write ends however its transaction does."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError, OperationalError

from catalogue_app.persistence.base import for_asides, for_reading, make_engine

LONG_S = 40.0
"""Shorter than the wait for a turn that nobody gives back; longer than anything else here takes."""

pytestmark = pytest.mark.embedded


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = make_engine(f"sqlite:///{tmp_path}/a.sqlite3")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE a (n INTEGER PRIMARY KEY)"))
    return engine


def in_another_thread(call: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    return thread


def write(engine: Engine, number: int) -> None:
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO a VALUES (:n)"), {"n": number})


def commit(connection: Connection) -> None:
    connection.commit()


def roll_back(connection: Connection) -> None:
    connection.rollback()


def close(connection: Connection) -> None:
    connection.close()


def invalidate(connection: Connection) -> None:
    connection.invalidate()


def fail(connection: Connection) -> None:
    with pytest.raises(IntegrityError):
        connection.execute(text("INSERT INTO a VALUES (1), (1)"))
    connection.close()


@pytest.mark.parametrize("end", [commit, roll_back, close, invalidate, fail])
def test_a_turn_ends_with_its_transaction(engine: Engine, end: Callable[[Connection], None]) -> None:
    with engine.connect() as connection:
        connection.begin()
        next_writer = in_another_thread(lambda: write(engine, 7))
        end(connection)
        next_writer.join(LONG_S)
        assert not next_writer.is_alive()
    with engine.connect() as look:
        assert 7 in look.scalars(text("SELECT n FROM a")).all()


def test_a_writer_waits_while_another_writes_and_a_reader_does_not(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.begin()
        next_writer = in_another_thread(lambda: write(engine, 7))
        next_writer.join(0.3)
        assert next_writer.is_alive()
        with for_reading(engine).connect() as look:
            assert look.scalars(text("SELECT n FROM a")).all() == []
        connection.commit()
    next_writer.join(LONG_S)
    assert not next_writer.is_alive()


def test_what_is_written_aside_waits_for_nobody_and_takes_no_turn(engine: Engine) -> None:
    aside = for_asides(engine)
    with engine.connect() as connection:
        connection.begin()
        with pytest.raises(OperationalError, match="locked"), aside.begin():
            pass
    with aside.begin() as connection:
        connection.execute(text("INSERT INTO a VALUES (3)"))
    next_writer = in_another_thread(lambda: write(engine, 7))
    next_writer.join(LONG_S)
    assert not next_writer.is_alive()


def test_a_database_locked_by_another_process_keeps_no_turn(engine: Engine, tmp_path: Path) -> None:
    other = make_engine(f"sqlite:///{tmp_path}/a.sqlite3")
    with other.connect() as connection:
        connection.begin()
        with engine.connect() as own:
            own.connection.cursor().execute("PRAGMA busy_timeout = 1")
            with pytest.raises(OperationalError, match="locked"):
                own.begin()
    next_writer = in_another_thread(lambda: write(engine, 7))
    next_writer.join(LONG_S)
    assert not next_writer.is_alive()
