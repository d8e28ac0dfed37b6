"""One search server for all processes of one test run: the first that needs it starts it, it ends after the last.

Each process that uses the server holds a shared lock; the keeper, a process of its own, waits for the exclusive one.
The kernel gives locks back however a process ends, so a killed run leaves no server behind.

Run as `python -m tests.search_shared FOLDER` it is the keeper.
"""

import atexit
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from tests.search_node import PATIENCE_S, SearchNode, distribution, java_home
from tests.shared import ROOT

_ADDRESS: Final = "address"
_made: Final[dict[str, None]] = {}


@cache
def search_url() -> str:
    """Return the address of this run's server, started if it is not there; ends the running test where none can be."""
    distribution(), java_home()
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"alone-{os.getpid()}"
    folder = Path(tempfile.gettempdir()) / f"catalogue-search-{run}"
    folder.mkdir(mode=0o755, exist_ok=True)
    with (folder.parent / f"{folder.name}.start").open("wb") as start:
        fcntl.flock(start, fcntl.LOCK_EX)
        folder.mkdir(mode=0o755, exist_ok=True)
        use = (folder / "use.lock").open("wb")
        fcntl.flock(use, fcntl.LOCK_SH)
        atexit.register(use.close)
        if not (folder / _ADDRESS).exists():
            _start_keeper(folder)
        return (folder / _ADDRESS).read_text("utf-8")


def prefix_of(folder: Path) -> str:
    """Return what the indexes of a folder's catalogue begin with; they are dropped with those this process made."""
    prefix = "test_" + hashlib.blake2b(str(folder.resolve()).encode(), digest_size=10).hexdigest()
    _made[prefix] = None
    return prefix


def made_here() -> frozenset[str]:
    """Return the prefixes that this process made up and whose indexes may still be there."""
    return frozenset(_made)


def drop(prefixes: Iterable[str]) -> None:
    """Delete the indexes of some prefixes."""
    for prefix in prefixes:
        connection = HTTPConnection(urlsplit(search_url()).netloc, timeout=60)
        connection.request("DELETE", f"/{prefix}-v*")
        connection.getresponse().read()
        connection.close()
        _made.pop(prefix, None)


def _start_keeper(folder: Path) -> None:
    with (folder / "keeper.out").open("wb") as out:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.search_shared", str(folder)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    deadline = time.monotonic() + PATIENCE_S + 30
    while not (folder / _ADDRESS).exists():
        if keeper.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"no search server:\n{(folder / 'keeper.out').read_text('utf-8')}")
        time.sleep(0.1)
    keeper.returncode = 0  # it outlives this process by design; nobody here waits for it


def _keep(folder: Path) -> None:
    """Run the server until nobody uses it."""
    node = SearchNode(folder=folder)
    for sent in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sent, lambda *_: sys.exit(1))
    try:
        node.start()
        node.wait()
        (folder / "address.new").write_text(node.url, "utf-8")
        (folder / "address.new").replace(folder / _ADDRESS)
        with (folder / "use.lock").open("rb") as use:
            fcntl.flock(use, fcntl.LOCK_EX)
    finally:
        with (folder.parent / f"{folder.name}.start").open("wb") as start:
            fcntl.flock(start, fcntl.LOCK_EX)
            (folder / _ADDRESS).unlink(missing_ok=True)
            node.stop()
            shutil.rmtree(folder, ignore_errors=True)
            Path(start.name).unlink(missing_ok=True)


if __name__ == "__main__":
    _keep(Path(sys.argv[1]))
