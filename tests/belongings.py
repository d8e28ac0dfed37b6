"""Databases and search indexes of a test run end with what made them: the fixture or the test.

A plugin of its own, for a conftest hears nothing of the fixtures of a session.
"""

from collections.abc import Generator

import pytest

from tests import postgres, search_shared


class Belongings:
    """Knows which fixture made which database; what no fixture made is the running test's."""

    def __init__(self) -> None:
        self._kept: set[str] = set()

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Generator[None, object, object]:
        """Drop what a fixture makes when the fixture ends, whichever test of whichever module asked for it first."""
        mine: set[str] = set()
        fixturedef.addfinalizer(lambda: self._drop(mine))
        before = _made()
        try:
            return (yield)
        finally:
            mine |= _made() - before - self._kept
            self._kept |= mine

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self) -> Generator[None, object, object]:
        """Drop what the test itself made, after its fixtures have ended."""
        try:
            return (yield)
        finally:
            self._drop(_made() - self._kept)

    def _drop(self, names: set[str]) -> None:
        postgres.drop(postgres.made_here() & names)
        search_shared.drop(search_shared.made_here() & names)
        self._kept -= names


def _made() -> set[str]:
    return set(postgres.made_here() | search_shared.made_here())
