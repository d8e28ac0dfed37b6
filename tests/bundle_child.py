"""Run as a process of its own, with the settings of a catalogue: takes a bundle in, and is killed before a commit."""

import os
import signal
import sys
from pathlib import Path

from sqlalchemy import Connection, Engine, event

from catalogue_app.container import build
from catalogue_app.settings import load_settings


def main(file: Path, fatal: int) -> None:
    container = build(
        load_settings({name: value for name, value in os.environ.items() if name.startswith("CATALOGUE_")})
    )
    commits: list[Connection] = []

    def about_to_commit(connection: Connection) -> None:
        if connection.get_execution_options().get("catalogue_aside"):
            return
        commits.append(connection)
        if len(commits) == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "commit", about_to_commit)
    container.bundle_import.take(file, actor="test")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
