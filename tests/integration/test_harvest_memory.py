"""Memory of a harvest stays flat from 10,000 to 100,000 records."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.installation import datasets, install
from tests.shared import ROOT

MEASURE = """
import resource, sys
from pathlib import Path
from tests.harvest_child import main
main(Path(sys.argv[1]))
print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak_kib(folder: Path, records: int) -> int:
    """Harvest so many records in a process of its own and return the most memory it ever held."""
    folder.mkdir()
    place = install(folder)
    offered = datasets(records, description="政务信息资源目录 " * 8)
    Path(place.source.address).write_text(json.dumps({"dataset": offered}, ensure_ascii=False), encoding="utf-8")
    place.engine.dispose()
    told = subprocess.run(
        [sys.executable, "-c", MEASURE, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert told[-2] == f"applying {records}"
    return int(told[-1].removeprefix("peak "))


@pytest.mark.full
def test_ten_times_the_records_do_not_need_more_memory(tmp_path: Path) -> None:
    small = peak_kib(tmp_path / "small", 10_000)
    large = peak_kib(tmp_path / "large", 100_000)
    assert large < 1.25 * small + 32 * 1024  # SQLite's own page cache may fill up to its 32 MiB
