"""Peak memory of a harvest, measured on a process of its own."""

import subprocess
import sys
from pathlib import Path


def peak_bytes(folder: Path, catalogue: Path) -> int:
    """Harvest a catalogue in a new process; returns the most memory it had."""
    command = [sys.executable, "-m", "bench.memory", str(folder), str(catalogue)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 — this very module
    return int(done.stdout)


if __name__ == "__main__":
    import resource

    from bench.parts import set_up

    set_up(Path(sys.argv[1]), Path(sys.argv[2])).harvest()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
