"""Run as a process of its own: goes on with the upload that waits, and is killed just before its n-th commit."""

import os
import signal
import sys
from pathlib import Path

from sqlalchemy import Connection, Engine, event

from tests.living import open_catalogue


def main(folder: Path, fatal: int) -> None:
    container = open_catalogue(folder)
    commits: list[Connection] = []

    def about_to_commit(connection: Connection) -> None:
        if connection.get_execution_options().get("catalogue_aside"):
            return
        commits.append(connection)
        if len(commits) == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "commit", about_to_commit)
    container.uploads.take_up()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
