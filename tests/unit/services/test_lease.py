"""A holder is gone when its process is; a process of another host when it has been silent for long."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from catalogue_app.domain.long_work import NOBODY
from catalogue_app.services.lease import LEASE, is_gone, this_process
from tests.builders import NOW


def test_the_process_that_asks_lives() -> None:
    assert not is_gone(str(this_process()), NOW, NOW + 10 * LEASE)


def test_a_run_nobody_holds_is_free() -> None:
    assert is_gone(NOBODY, NOW, NOW)


def test_a_process_that_ended_is_gone_at_once() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    assert is_gone(str(replace(this_process(), pid=child.pid)), NOW, NOW)


def test_another_process_of_the_same_number_is_another_holder() -> None:
    here = this_process()
    assert is_gone(str(replace(here, began=here.began - 1)), NOW, NOW)


@pytest.mark.parametrize(
    ("silent", "gone"), [(timedelta(), False), (LEASE, False), (LEASE + timedelta(seconds=1), True)]
)
def test_a_process_of_another_host_is_given_its_lease(silent: timedelta, gone: bool) -> None:  # noqa: FBT001 — expected
    holder = replace(this_process(), host="some/other.host")
    assert is_gone(str(holder), NOW, NOW + silent) is gone
