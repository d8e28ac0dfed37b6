"""Memory of a harvest stays flat from 10,000 to 100,000 records."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.installation import datasets, install
from tests.shared import ROOT

MEASURE = """
import sys
from pathlib import Path
from tests.harvest_child import main
main(Path(sys.argv[1]))
print(Path("/proc/self/status").read_text())
"""
"""The status, not getrusage: that one counts what the parent held when it made the child."""


def peak_kib(folder: Path, records: int) -> int:
    """Harvest so many records in a process of its own and return the most memory it ever held."""
    folder.mkdir()
    place = install(folder)
    offered = datasets(records, description="政务信息资源目录 " * 8)
    Path(place.source.address).write_text(json.dumps({"dataset": offered}, ensure_ascii=False), encoding="utf-8")
    place.engine.dispose()
    child = [sys.executable, "-c", MEASURE, str(folder)]
    told = subprocess.run(child, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert f"applying {records}\n" in told
    peak = re.search(r"^VmHWM:\s*(\d+) kB$", told, re.MULTILINE)
    assert peak is not None
    return int(peak[1])


@pytest.mark.full
def test_ten_times_the_records_do_not_need_more_memory(tmp_path: Path) -> None:
    small = peak_kib(tmp_path / "small", 10_000)
    large = peak_kib(tmp_path / "large", 100_000)
    assert large < 1.25 * small + 32 * 1024  # SQLite's own page cache may fill up to its 32 MiB
