"""The leading scheduler killed by kill -9: a standby leads within three polls, and nothing is ever fired by two."""

from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import pytest

from tests.processes import START_S, Process, a_fleet, shared_catalogue
from tests.servers import wait_until

pytestmark = pytest.mark.engines

KILLS = 5
FIRINGS = 25
"""Of each leader, at least."""
QUICK = {"jobs_poll_s": "0.3", "jobs_drain_s": "0.3", "jobs_stalled_s": "600"}


def test_of_two_schedulers_one_fires_and_the_other_takes_over(tmp_path: Path) -> None:
    container = shared_catalogue(tmp_path)
    kills: list[tuple[datetime, Process]] = []
    with a_fleet(container, tmp_path, **QUICK) as fleet:
        everybody = [fleet.scheduler(), fleet.scheduler()]
        leader = the_leader(everybody)
        for _ in range(KILLS):
            standby = next(it for it in everybody if it.is_alive() and it is not leader)
            standby.wait_for("scheduler_waits")
            leader.wait_for("sweep_fired", FIRINGS)
            leader.kill()
            kills.append((datetime.now(UTC), standby))  # noqa: TID251 — compared with the clock of other processes
            standby.wait_for("scheduler_leads")
            leader = standby
            everybody.append(fleet.scheduler())
        leader.wait_for("sweep_fired", FIRINGS)
    tries = [sum(at > killed for at in standby.instants("scheduler_waits")) for killed, standby in kills]
    assert max(tries) <= 3, tries
    firings = sorted((at, it.pid) for it in everybody for at in it.instants("sweep_fired"))
    assert len(firings) >= FIRINGS * (KILLS + 1)
    turns = [pid for pid, _ in groupby(pid for _, pid in firings)]
    assert len(turns) == len(set(turns)) == KILLS + 1, "nobody fires once another does"


def the_leader(schedulers: list[Process]) -> Process:
    assert wait_until(lambda: any(it.instants("scheduler_leads") for it in schedulers), START_S)
    [leader] = [it for it in schedulers if it.instants("scheduler_leads")]
    return leader
