"""A shell for the session, and a catalogue for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.commands import Catalogue, Shell, a_shell
from tests.stack import stack_variables


@pytest.fixture(scope="session")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with a_shell(tmp_path_factory.mktemp("streams")) as shell:
        yield shell


@pytest.fixture
def catalogue(shell: Shell, tmp_path: Path) -> Catalogue:
    """Return the command in an empty folder; its data directory does not exist yet."""
    return Catalogue(shell=shell, folder=tmp_path, variables=stack_variables(tmp_path / "var", migrated=False))
