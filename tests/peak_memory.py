"""The most memory that a harvest ever holds, measured in a process of its own."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from catalogue_app.domain.source import SourceKind
from tests.shared import ROOT

_MEASURE: Final = """
import sys
from pathlib import Path
from catalogue_app.domain.source import SourceKind
from tests.living import add_source, harvest, open_catalogue, tally
folder, kind, address = sys.argv[1:]
container = open_catalogue(Path(folder))
source = add_source(container, SourceKind(kind), address, tier="portal")
print(tally(harvest(container, source.id)))
print(Path("/proc/self/status").read_text())
"""
"""The status, not getrusage: that one counts what the parent held when it made the child."""


def peak_kib(folder: Path, kind: SourceKind, address: Path, added: int) -> int:
    """Harvest a source that is new, in a folder of its own, all of whose records become entries."""
    child = [sys.executable, "-c", _MEASURE, str(folder), kind.value, str(address)]
    told = subprocess.run(child, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert f"({added}, {added}, 0, 0, 0, 0, 0)\n" in told
    peak = re.search(r"^VmHWM:\s*(\d+) kB$", told, re.MULTILINE)
    assert peak is not None
    return int(peak[1])
