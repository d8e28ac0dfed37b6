"""Brings a database to the tables of this version, wherever the code is installed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from catalogue_app.domain.errors import ConfigurationError
from catalogue_app.settings import migrations_dir

HEAD: Final = "head"
BASE: Final = "base"


def upgrade(engine: Engine, revision: str = HEAD) -> None:
    """Apply the migrations that a database lacks; none when it is up to date.

    Raises:
        ConfigurationError: it cannot be opened, or belongs to another version.
    """
    with _named(engine):
        _run(engine, lambda config: command.upgrade(config, revision))


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
    except CommandError as error:
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
