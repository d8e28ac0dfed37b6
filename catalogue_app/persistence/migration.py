"""Brings a database to the tables of this version, wherever the code is installed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util.exc import CommandError
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from catalogue_app.domain.errors import ConfigurationError
from catalogue_app.settings import migrations_dir

HEAD: Final = "head"
BASE: Final = "base"


def upgrade(engine: Engine, revision: str = HEAD, *, progress: Callable[[int], None] = lambda _: None) -> None:
    """Apply the migrations that a database lacks; none when it is up to date.

    Args:
        engine: the database.
        revision: the last one to apply.
        progress: told how many were applied, after each.

    Raises:
        ConfigurationError: it cannot be opened, or belongs to another version.
    """
    steps = count(1)

    def order(config: Config) -> None:
        config.attributes["on_version_apply"] = lambda **_: progress(next(steps))
        command.upgrade(config, revision)

    with _named(engine):
        _run(engine, order)


def pending(engine: Engine) -> int:
    """Return how many migrations a database lacks.

    Raises:
        ConfigurationError: it cannot be opened, or belongs to another version.
    """
    with _named(engine):
        with engine.connect() as connection:
            present = MigrationContext.configure(connection).get_current_revision()
        return len(list(ScriptDirectory.from_config(_config()).iterate_revisions(HEAD, present or BASE)))


def downgrade(engine: Engine, revision: str = BASE) -> None:
    """Take migrations back; what only they could hold is lost."""
    _run(engine, lambda config: command.downgrade(config, revision))


def check(engine: Engine) -> None:
    """Prove that migrations and declared tables say the same.

    Raises:
        alembic.util.exc.CommandError: they differ; names the differences.
    """
    _run(engine, command.check)


def is_current(engine: Engine) -> bool:
    """Say whether a database has all tables of this version.

    Raises:
        ConfigurationError: it cannot be opened.
    """
    head = ScriptDirectory.from_config(_config()).get_current_head()
    with _named(engine), engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head


@contextmanager
def _named(engine: Engine) -> Iterator[None]:
    """Say of which database a failure is."""
    database = engine.url.render_as_string(hide_password=True)
    try:
        yield
    except DBAPIError as error:
        raise ConfigurationError("database_unusable", database=database, why=str(error.orig)) from error
    except (CommandError, RevisionError) as error:
        raise ConfigurationError("database_of_another_version", database=database, why=str(error)) from error


def _run(engine: Engine, order: Callable[[Config], None]) -> None:
    with engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        order(config)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations_dir()))
    config.set_main_option("path_separator", "os")
    return config
