"""Where the real catalogues and tables stand that tests read in place: beside the checkout, never inside it."""

import os
from pathlib import Path
from typing import Final, NoReturn

import pytest

ROOT: Final = Path(__file__).resolve().parent.parent
"""The checkout: the folder that holds pyproject.toml."""

SHARED: Final = Path(os.environ.get("SHARED_DIR", ROOT.parent / "shared"))
"""The folder of real catalogues (`data/`) and reference tables (`reference/`); SHARED_DIR names another place."""


def in_ci() -> bool:
    """Tell whether this is the gate, where what is absent is a failure and never a skip."""
    return os.environ.get("CI", "") not in {"", "0", "false"}


def absent(what: str) -> NoReturn:
    """End the running test because `what` is not there: it skips by name on a desk and fails in the gate."""
    if in_ci():
        pytest.fail(f"{what} is absent, and the gate skips nothing", pytrace=False)
    pytest.skip(f"{what} is absent")


def require(path: Path, what: str) -> Path:
    """Return `path` if it exists, else end the running test by name (see `absent`)."""
    return path if path.exists() else absent(f"{what} ({path})")


def shared_path(relative: str) -> Path:
    """Return a file or folder of the shared catalogues, such as `data/tw-counties`, or end the running test."""
    return require(SHARED / relative, "a shared catalogue")
