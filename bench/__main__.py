"""Measures, and prints one table of ratios with the goal beside each; a miss is shown as a miss."""

import os
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bench.database import export_line, postgresql_lines
from bench.engines import engine_lines
from bench.line import Line
from bench.memory import own_peak_bytes, peak_bytes
from bench.municipality import write_catalogue
from bench.pages import measure
from bench.parts import TABLES, Stand, bare_index, bare_insert, set_up

SCALE: Final = int(os.environ.get("SCALE", "100000"))
_SMALL: Final = 10


def lines(folder: Path) -> Iterator[Line]:
    """Measure one thing after the other."""
    catalogue = folder / "all.json"
    write_catalogue(catalogue, SCALE)
    stand = set_up(folder / "a", catalogue)
    yield from harvest_lines(folder, stand)
    yield from page_lines(stand)
    yield export_line("SQLite", stand)
    yield from engine_lines(folder, stand, SCALE)
    yield from postgresql_lines(folder / "postgresql", catalogue, SCALE)


def harvest_lines(folder: Path, stand: Stand) -> Iterator[Line]:
    """Measure a first harvest, its parts bare, the index, and a harvest in which nothing changed."""
    first = stand.harvest()
    yield memory_line(folder)
    parts = dict(stand.watch.seconds)
    step = first - sum(parts.values())
    bare = bare_insert(folder / "b", folder / "a", TABLES)
    narrow = bare_insert(folder / "c", folder / "a", ("entry", "revision"))
    note = f"{SCALE / step:,.0f} records/s"
    yield Line(
        what="first harvest, database step: bare insert, same rows / step", ratio=bare / step, goal=0.5, note=note
    )
    yield Line(what="  the same against entry and revision rows alone", ratio=narrow / step, goal=0.5)
    drain = _seconds_of(stand.container.index_feed.drain)
    loop = bare_index(stand, folder / "bare-index")
    whole, bests = first + drain, parts | {"store": bare, "index": loop}
    note = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in bests.items())
    yield Line(what="whole pipeline: sum of its parts / whole", ratio=sum(bests.values()) / whole, goal=0.5, note=note)
    again = stand.harvest()
    note = f"{SCALE / again:,.0f} records/s"
    yield Line(what="unchanged harvest: first / unchanged", ratio=first / again, goal=4.0, note=note)
    rebuild = _seconds_of(lambda: stand.container.index_feed.rebuild(lambda _done: None))
    note = f"{SCALE / rebuild:,.0f} entries/s, reading them from the database included"
    yield Line(what="index build: bare loop / rebuild", ratio=loop / rebuild, goal=0.8, note=note)


def page_lines(stand: Stand) -> Iterator[Line]:
    """Measure search pages."""
    times = measure(stand)
    note = f"engine {times.engine * 1000:.1f} ms, own {times.own * 1000:.1f} ms"
    ratio = times.own / times.engine
    yield Line(what="search page: own code / engine", ratio=ratio, goal=1.0, at_least=False, note=note)
    note = f"p50 {times.p50 * 1000:.1f} ms, p95 {times.p95 * 1000:.1f} ms"
    yield Line(what="search page: p95 / p50", ratio=times.p95 / times.p50, goal=3.0, at_least=False, note=note)


def memory_line(folder: Path) -> Line:
    """Measure the peak memory of a harvest of a tenth, beside that of this process, which has harvested all."""
    large = own_peak_bytes()
    tenth = folder / "tenth.json"
    write_catalogue(tenth, SCALE // _SMALL)
    small = peak_bytes(folder / "d", tenth)
    note = f"{small / 2**20:.0f} MiB → {large / 2**20:.0f} MiB"
    what = f"harvest memory: {SCALE:,} / {SCALE // _SMALL:,} records"
    return Line(what=what, ratio=large / small, goal=1.2, at_least=False, note=note)


def _seconds_of(call: object) -> float:
    assert callable(call)  # noqa: S101 — a method
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main() -> None:
    """Print the table; exit 0 whether or not goals are met: a figure is no verdict on the machine it was taken on."""
    ArgumentParser(
        description=f"{__doc__} SCALE in the environment says how many entries; 100000 without it."
    ).parse_args()
    print(f"{SCALE:,} entries, one run on this machine; ratios within the run\n")
    with tempfile.TemporaryDirectory(prefix="catalogue-bench-") as folder:
        for line in lines(Path(folder)):
            print(line, flush=True)


if __name__ == "__main__":
    main()
