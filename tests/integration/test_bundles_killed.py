"""Killed while a bundle is taken in: the same file goes on, and everything stands as if nothing had happened."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.errors import BundleRefused
from catalogue_app.domain.ids import OrganId
from catalogue_app.persistence.locks import Lock
from tests.builders import a_metadata, an_entry, an_event, an_organ
from tests.bundles import Tiers, save, two_tiers, withdraw
from tests.servers import wait_until
from tests.shared import ROOT
from tests.stack import stack_variables

ENTRIES = [an_entry(serial, f"第{serial}号名录") for serial in range(1, 31)]
COMMITS = (1, 2, 3, 5, 7, 8, 9)
"""After the file was copied, after it was let in, before and in the run, at its end, and before the last word."""


def killed_at(tiers: Tiers, file: Path, commit: int) -> None:
    command = [sys.executable, "-m", "tests.bundle_child", str(file), str(commit)]
    above = {"CATALOGUE_TIER_CEILING": "intranet", "CATALOGUE_MUNICIPALITY_CODE_PREFIX": "TW"}
    settings = os.environ | stack_variables(tiers.above.settings.data_dir) | above
    ended = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, check=False)
    assert ended.returncode == -9, ended.stderr
    assert wait_until(lambda: _is_free(tiers), 30.0), "the database notices that who held its lock is gone"


def _is_free(tiers: Tiers) -> bool:
    with tiers.above.uow.alone(Lock.BUNDLE) as is_free:
        return is_free


def change_below(tiers: Tiers) -> Path:
    """Withdraw one entry, hide one, change one, add one of a new organ; and write all that down."""
    withdraw(tiers.below, ENTRIES[0])
    ferry = an_organ("ferry", "天津市轮渡事务所")
    with tiers.below.uow() as work:
        work.organs.save(ferry)
        work.record(an_event())
        work.commit()
    save(
        tiers.below,
        replace(ENTRIES[1], revision=2, state=EntryState.SUSPENDED),
        replace(ENTRIES[2], revision=2, metadata=a_metadata("改名了的名录")),
        an_entry(40, "航线表", organ_id=ferry.id),
    )
    return tiers.export("two.bundle")


@pytest.mark.parametrize("commit", COMMITS)
def test_the_same_file_goes_on_and_nothing_is_doubled(tmp_path: Path, commit: int) -> None:
    tiers = two_tiers(tmp_path)
    save(tiers.below, *ENTRIES)
    tiers.send("one.bundle")
    file = change_below(tiers)
    killed_at(tiers, file, commit)
    tiers.take(file)
    arrived = tiers.arrived
    assert len(arrived) == len(ENTRIES) + 1
    gone = {code for code, entry in arrived.items() if entry.state is EntryState.WITHDRAWN}
    assert gone == {"TJ00000001", "TJ00000002"}
    revisions = {code: entry.revision for code, entry in arrived.items() if entry.revision > 1}
    assert revisions == {"TJ00000001": 2, "TJ00000002": 2, "TJ00000003": 2}
    assert arrived["TJ00000040"].organ_id == OrganId("ferry")
    assert tiers.above.index_feed.verify().is_equal
    with pytest.raises(BundleRefused, match="bundle_replayed"):
        tiers.take(file)
    with tiers.above.uow.reading() as look:
        assert look.audit.verify().broken_at is None
        assert look.runs.running(tiers.source_id) == ()
