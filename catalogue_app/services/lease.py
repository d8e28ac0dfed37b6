"""Who holds a harvest run or an upload: a process of a host, by a name that tells whether it still lives."""

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, final

from catalogue_app.domain.long_work import NOBODY
from catalogue_app.domain.upload import Upload

LEASE: Final = timedelta(minutes=30)
"""So long after its last step a process of another host counts as gone; no step of a harvest takes that long."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A process, told apart from an earlier or later one of the same number by when it began.

    Attributes:
        began: its start in clock ticks since the host came up; 0 where the system does not tell.
    """

    host: str
    pid: int
    began: int

    def __str__(self) -> str:
        """Write the form that is stored with a run."""
        return f"{self.host}/{self.pid}/{self.began}"


def this_process() -> Holder:
    """Name the process that asks."""
    return Holder(host=socket.gethostname(), pid=os.getpid(), began=_began(os.getpid()))


def is_gone(holder: str, heartbeat_at: datetime, now: datetime) -> bool:
    """Say whether the holder of a run will not come back.

    A process of this host is asked for; one of another host is given `LEASE` from its last heartbeat.
    """
    if holder == NOBODY:
        return True
    host, pid, began = holder.rsplit("/", 2)
    if host != socket.gethostname():
        return now - heartbeat_at > LEASE
    return not _lives(int(pid)) or _began(int(pid)) != int(began)


def is_left(upload: Upload, now: datetime) -> bool:
    """Say whether an uploaded table is to be gone on with and no process is at it."""
    return upload.state.is_at_work and is_gone(upload.holder, upload.changed_at, now)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _began(pid: int) -> int:
    """Read field 22 of proc(5) `stat`; the name before it may hold blanks, so count from its closing bracket."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    return int(stat.rpartition(")")[2].split()[19])
