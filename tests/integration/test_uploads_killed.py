"""Killed during an upload: the dry run begins anew, good rows go on, all or nothing leaves nothing; and it is told."""

import io
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from catalogue_app.container import Container
from catalogue_app.domain.account import Account, Role
from catalogue_app.domain.upload import Rows, Upload, UploadState, Verdict
from catalogue_app.persistence.proposals import ProposalFilter
from catalogue_app.services.lease import is_left, this_process
from catalogue_app.services.upload_taking import BATCH
from tests.accounts.people import NAMES, hire
from tests.accounts.test_uploads import EDU, a_row, a_table
from tests.living import open_catalogue
from tests.shared import ROOT
from tests.stack import stack_variables

FEW, MANY = BATCH + 20, 10_000
CLAIM = 1
"""The commit by which a process says that it is at work."""


@pytest.fixture
def place(tmp_path: Path) -> Container:
    container = open_catalogue(tmp_path)
    hire(container)
    return container


@pytest.fixture
def editor(place: Container) -> Account:
    return place.accounts.by_name(NAMES[Role.ORGAN_EDITOR])


def received(place: Container, editor: Account, size: int) -> Upload:
    body = a_table(*(a_row(f"第{number}号设施登记表") for number in range(size)))
    return place.uploads.receive(editor, "目录.csv", io.BytesIO(body), EDU)


def chosen(place: Container, editor: Account, size: int, rows: Rows) -> Upload:
    looked_at = place.uploads.go_on(received(place, editor, size).id)
    assert looked_at.counts == {Verdict.NEW: size}
    return place.uploads.choose(editor, looked_at.id, EDU, rows=rows, submits=False, statement="")


def killed_at(place: Container, commit: int) -> None:
    command = [sys.executable, "-m", "tests.upload_child", str(commit)]
    settings = os.environ | stack_variables(place.settings.data_dir)
    ended = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, text=True, check=False)
    assert ended.returncode == -9, ended.stderr


def titles(place: Container) -> Counter[str]:
    with place.uow.reading() as look:
        found = look.proposals.list(ProposalFilter(), EDU, 2 * MANY)
    return Counter(one.metadata.title.original for one in found)


def is_whole(place: Container, upload: Upload, size: int) -> bool:
    """Whether every row became a proposal once, and everything is told as it is."""
    counts = titles(place)
    after = place.uploads.go_on(upload.id)
    told = (after.state, after.taken) == (UploadState.TAKEN, size)
    with place.uow.reading() as look:
        is_sealed = look.audit.verify().broken_at is None
    return told and is_sealed and len(counts) == size and set(counts.values()) == {1}


@pytest.mark.parametrize(
    ("size", "commit"),
    [
        (FEW, CLAIM),
        (FEW, CLAIM + 1),
        (FEW, CLAIM + 2),
        pytest.param(MANY, CLAIM + 2, marks=pytest.mark.full),
    ],
)
def test_good_rows_are_gone_on_with_after_the_last_batch(
    place: Container, editor: Account, size: int, commit: int
) -> None:
    upload = chosen(place, editor, size, Rows.GOOD)
    killed_at(place, commit)
    left = place.uploads.read(editor, upload.id, EDU)
    kept = max(0, commit - CLAIM - 1) * BATCH
    assert (left.state, left.taken, titles(place).total()) == (UploadState.TAKING, kept, kept)
    assert is_left(left, place.clock())
    assert place.uploads.take_up() == 1
    assert is_whole(place, upload, size)


@pytest.mark.parametrize("size", [FEW, pytest.param(MANY, marks=pytest.mark.full)])
def test_all_or_nothing_leaves_nothing_and_is_taken_whole_afterwards(
    place: Container, editor: Account, size: int
) -> None:
    upload = chosen(place, editor, size, Rows.ALL)
    killed_at(place, CLAIM + 1)
    left = place.uploads.read(editor, upload.id, EDU)
    assert (left.state, left.taken, titles(place).total()) == (UploadState.TAKING, 0, 0)
    assert place.uploads.take_up() == 1
    assert is_whole(place, upload, size)


def test_a_dry_run_that_was_cut_off_begins_anew(place: Container, editor: Account) -> None:
    size = FEW
    upload = received(place, editor, size)
    assert not place.uploads.is_cut_off(upload), "it only waits to be begun"
    killed_at(place, CLAIM + 2)
    left = place.uploads.read(editor, upload.id, EDU)
    assert place.uploads.is_cut_off(left)
    assert (left.state, left.total) == (UploadState.CHECKING, BATCH)
    assert place.uploads.take_up() == 1
    assert place.uploads.read(editor, upload.id, EDU).counts == {Verdict.NEW: size}
    assert titles(place).total() == 0


def test_what_a_process_is_at_work_on_is_left_to_it(place: Container, editor: Account) -> None:
    upload = received(place, editor, 1)
    with place.uow() as work:
        work.uploads.keep(replace(work.uploads.held(upload.id), holder=str(this_process())))
        work.commit()
    assert place.uploads.take_up() == 0
    assert place.uploads.go_on(upload.id).state is UploadState.CHECKING
