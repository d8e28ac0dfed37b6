"""Run as a process of its own: does one thing to an installation and is killed just before its n-th commit.

The remarks that show how far it has come are written beside it, as often as the clock says, and are not counted.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, event

from catalogue_app.services.long_work import LongWorks
from catalogue_app.services.quarantine import Choice
from tests.installation import Installation, reopen

COUNT: Final = 0
"""As place of the commit: none is missed, and how many there were is told."""


def act(place: Installation, action: str, works: LongWorks) -> None:
    """Do what is to be interrupted; the last run of the source is the one to decide about."""
    with place.uow.reading() as look:
        last = look.runs.latest(place.source.id)
    harvesting = place.harvesting(works=works)
    if action == "harvest":
        harvesting.run(place.source.id, actor="tester")
    elif action == "accept":
        harvesting.accept(last[0].id, Choice(as_renamed=True), actor="王芳")
    else:
        harvesting.undo(last[0].id, actor="王芳")


def main(folder: Path, action: str, fatal: int) -> None:
    place, beside = reopen(folder), reopen(folder)
    commits: list[Connection] = []

    def about_to_commit(connection: Connection) -> None:
        commits.append(connection)
        if len(commits) == fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(place.engine, "commit", about_to_commit)
    act(place, action, LongWorks(beside.uow, beside.clock))
    beside.engine.dispose()
    sys.stdout.write(f"{len(commits)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
