"""Peak memory of a harvest, measured on a process of its own.

By the status of the process, not by getrusage: that one counts what the parent held when it made the child.
"""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

_PEAK: Final = re.compile(r"^VmHWM:\s*(\d+) kB$", re.MULTILINE)


def peak_bytes(folder: Path, catalogue: Path) -> int:
    """Harvest a catalogue in a new process; returns the most memory it had."""
    command = [sys.executable, "-m", "bench.memory", str(folder), str(catalogue)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 — this very module
    return int(done.stdout)


def own_peak_bytes() -> int:
    """Return the most memory that this process ever held; see proc(5), `VmHWM`."""
    peak = _PEAK.search(Path("/proc/self/status").read_text(encoding="ascii"))
    assert peak is not None  # noqa: S101 — Linux always tells
    return int(peak[1]) * 1024


if __name__ == "__main__":
    import bench.__main__  # noqa: F401 — it is compared with that program, and begins as large
    from bench.parts import set_up

    set_up(Path(sys.argv[1]), Path(sys.argv[2])).harvest()
    print(own_peak_bytes())
