"""What was handed in goes with time: taken, forgotten and cut-off tables, and files that no source names."""

import io
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from catalogue_app.container import Container
from catalogue_app.domain.account import Account, Role
from catalogue_app.domain.long_work import NOBODY
from catalogue_app.domain.source import SourceKind
from catalogue_app.domain.upload import Rows, Upload, UploadState
from catalogue_app.jobs.tasks import sweep_uploads
from catalogue_app.services.lease import this_process
from catalogue_app.web.app import create_app
from tests.accounts.conftest import GENEROUS
from tests.accounts.people import NAMES, hire, sign_in
from tests.accounts.test_uploads import EDU, STATEMENT, a_row, a_table, looked_at, taken
from tests.living import add_source, open_catalogue

KEPT: Final = timedelta(days=90)


@pytest.fixture
def place(tmp_path: Path) -> Container:
    container = open_catalogue(tmp_path, **GENEROUS)
    hire(container)
    return container


@pytest.fixture
def editor(place: Container) -> Account:
    return place.accounts.by_name(NAMES[Role.ORGAN_EDITOR])


def aged(place: Container, upload: Upload, **rest: object) -> Upload:
    """Let what happened to an upload last have happened long ago."""
    old = replace(upload, changed_at=place.clock() - KEPT - timedelta(minutes=1), **rest)  # type: ignore[arg-type]  # fields of Upload
    with place.uow() as work:
        work.uploads.keep(old)
        work.commit()
    return old


def is_kept(place: Container, upload: Upload) -> bool:
    return place.uploads.is_kept(upload) or bool(place.uploads.all_rows(upload))


def test_a_table_goes_whose_rows_were_taken_long_ago_and_what_became_of_it_stays(
    place: Container, editor: Account
) -> None:
    ended = taken(place, editor, looked_at(place, editor, a_table(a_row("路灯登记表"), a_row("坏", 更新周期="x"))))
    young = taken(place, editor, looked_at(place, editor, a_table(a_row("井盖登记表"))))
    place_in_time = aged(place, ended)
    assert place.upload_retention.sweep_tables(actor="scheduler") == 1
    assert not is_kept(place, ended)
    assert is_kept(place, young)
    assert place.uploads.read(editor, ended.id, EDU) == place_in_time
    assert len(place.registration.open_proposals(EDU)) == 2
    (line,) = [
        line.event for line in place.audit.backwards(f"upload:{ended.id}") if line.event.action == "upload_swept"
    ]
    assert (line.actor, line.before) == ("scheduler", "taken")
    assert place.upload_retention.sweep_tables(actor="scheduler") == 0
    browser = create_app(place).test_client()
    sign_in(browser, NAMES[Role.ORGAN_EDITOR])
    page = browser.get(f"/workspace/uploads/{ended.id}").get_data(as_text=True)
    assert "已按保留期限清除" in page
    assert "/file" not in page
    assert browser.get(f"/workspace/uploads/{ended.id}/file").status_code == 404


@pytest.mark.parametrize("is_chosen", [False, True], ids=["never looked at", "cut off"])
def test_a_table_that_was_forgotten_or_cut_off_expires(place: Container, editor: Account, is_chosen: bool) -> None:  # noqa: FBT001 — a case of the test
    upload = place.uploads.receive(editor, "目录.csv", io.BytesIO(a_table(a_row("路灯登记表"))), EDU)
    if is_chosen:
        place.uploads.go_on(upload.id)
        upload = place.uploads.choose(editor, upload.id, EDU, rows=Rows.GOOD, submits=False, statement=STATEMENT)
    aged(place, upload, holder=NOBODY if is_chosen else f"{os.uname().nodename}/999999/1")
    sweep_uploads(place)
    swept = place.uploads.read(editor, upload.id, EDU)
    assert (swept.state, is_kept(place, swept)) == (UploadState.EXPIRED, False)
    assert place.uploads.take_up() == 0
    assert place.uploads.go_on(upload.id) == swept
    assert place.audit.verify().broken_at is None


def test_what_waits_for_its_editor_expires_and_says_so(place: Container, editor: Account) -> None:
    upload = aged(place, looked_at(place, editor, a_table(a_row("路灯登记表"))))
    sweep_uploads(place)
    assert place.uploads.read(editor, upload.id, EDU).state is UploadState.EXPIRED
    browser = create_app(place).test_client()
    sign_in(browser, NAMES[Role.ORGAN_EDITOR])
    assert "逾期未处理" in browser.get("/workspace/uploads").get_data(as_text=True)
    assert "Nobody dealt with it in time" in browser.get(f"/en/workspace/uploads/{upload.id}").get_data(as_text=True)


def test_a_table_that_a_process_is_at_is_left_to_it(place: Container, editor: Account) -> None:
    upload = place.uploads.receive(editor, "目录.csv", io.BytesIO(a_table(a_row("路灯登记表"))), EDU)
    held = aged(place, upload, holder=str(this_process()))
    assert place.upload_retention.sweep_tables(actor="scheduler") == 0
    assert is_kept(place, held)


@pytest.fixture
def hand_in(place: Container) -> Callable[[str], Path]:
    """Return what hands a file in as it would have been long ago."""

    def hand(name: str) -> Path:
        path = Path(place.source_files.keep(name, io.BytesIO(b'{"dataset": []}')))
        age(path)
        return path

    return hand


def age(path: Path) -> None:
    then = (path.stat().st_mtime_ns // 10**9) - KEPT.total_seconds() - 60
    for each in (path, path.parent):
        os.utime(each, (then, then))


def test_files_go_that_no_source_names(place: Container, hand_in: Callable[[str], Path]) -> None:
    forgotten, named, young, foreign = (hand_in(f"{name}.json") for name in ("a", "b", "c", "d"))
    source = add_source(place, SourceKind.DATA_JSON, named, organ="edu")
    place.sources.pause(source.id, actor="test")
    young.touch()
    kept = foreign.parent.rename(foreign.parent.with_name("not-ours"))
    os.utime(kept, (0, 0))
    assert place.upload_retention.sweep_files(actor="scheduler") == 1
    assert [path.exists() for path in (forgotten.parent, named, young, kept)] == [False, True, True, True]
    (line,) = place.audit.backwards(f"file:{forgotten.parent.name}")
    assert line.event.action == "source_file_swept"
    assert place.upload_retention.sweep_files(actor="scheduler") == 0


def test_a_form_that_still_shows_a_file_keeps_it(place: Container, hand_in: Callable[[str], Path]) -> None:
    path = hand_in("a.json")
    assert place.source_files.of_ticket(place.source_files.ticket(str(path))) == str(path)
    assert place.upload_retention.sweep_files(actor="scheduler") == 0
    age(path)
    before = place.clock() - KEPT
    (old,) = place.source_files.older(before)
    path.touch()  # shown again between the look and the act
    place.source_files.remove(old, before)
    assert path.exists()


def test_a_catalogue_whose_folder_moved_keeps_what_its_sources_name(
    place: Container, hand_in: Callable[[str], Path], tmp_path: Path
) -> None:
    path = hand_in("a.json")
    elsewhere = tmp_path / "elsewhere" / path.parent.name / path.name
    elsewhere.parent.mkdir(parents=True)
    elsewhere.write_bytes(path.read_bytes())
    add_source(place, SourceKind.DATA_JSON, elsewhere, organ="edu")
    assert place.upload_retention.sweep_files(actor="scheduler") == 0
    assert path.exists()
