"""How hosts are spared: reservations shared by threads and processes, a least distance, a cap on any minute."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harvesters.politeness import HostPacer
from tests.shared import ROOT


class Clock:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(params=["in memory", "in a folder"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return tmp_path / "hosts" if request.param == "in a folder" else None


def starts(pacer: HostPacer, clock: Clock, count: int, host: str = "a") -> list[float]:
    found = []
    for _ in range(count):
        pacer.wait(host)
        found.append(clock.now - 1_000_000.0)
    return found


def test_no_minute_has_more_than_its_share(folder: Path | None) -> None:
    clock = Clock()
    pacer = HostPacer(0.0, clock.sleep, per_minute=3, folder=folder, clock=clock)
    assert starts(pacer, clock, 8) == [0, 0, 0, 60, 60, 60, 120, 120]


def test_distance_and_share_hold_together(folder: Path | None) -> None:
    clock = Clock()
    pacer = HostPacer(2.0, clock.sleep, per_minute=3, folder=folder, clock=clock)
    assert starts(pacer, clock, 7) == [0, 2, 4, 60, 62, 64, 120]


def test_hosts_do_not_wait_for_each_other(folder: Path | None) -> None:
    clock = Clock()
    pacer = HostPacer(5.0, clock.sleep, folder=folder, clock=clock)
    assert [starts(pacer, clock, 1, host)[0] for host in ("a", "b", "A")] == [0, 0, 5]


def test_a_clock_set_back_does_not_block_a_host(folder: Path | None) -> None:
    clock = Clock()
    pacer = HostPacer(5.0, clock.sleep, folder=folder, clock=clock)
    pacer.wait("a")
    clock.now -= 86_400
    before = clock.now
    pacer.wait("a")
    assert clock.now == before


def test_a_damaged_reservation_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    clock = Clock()
    pacer = HostPacer(5.0, clock.sleep, folder=tmp_path, clock=clock)
    pacer.wait("a")
    [file] = tmp_path.iterdir()
    file.write_bytes(file.read_bytes() + b"xyz")
    assert starts(pacer, clock, 2) == [5, 10]


def test_threads_share_one_host(folder: Path | None) -> None:
    waits: list[float] = []
    pacer = HostPacer(1.0, waits.append, folder=folder, clock=lambda: 1_000_000.0)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: pacer.wait("a"), range(40)))
    assert sorted(waits) == [float(number) for number in range(1, 40)]


_CHILD = """
import sys
from pathlib import Path
from harvesters.politeness import HostPacer
pacer = HostPacer(1.0, lambda wait: print(wait), folder=Path(sys.argv[1]), clock=lambda: 1_000_000.0)
for _ in range(10):
    pacer.wait("a")
"""


def test_processes_share_one_host(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _CHILD, str(tmp_path)]
    children = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [child.communicate()[0] for child in children]
    waits = sorted(float(line) for out in said for line in out.split())
    assert waits == [float(number) for number in range(1, 20)]
