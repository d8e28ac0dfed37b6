"""DCAT as organs offer it: a folder of every syntax, a broken file among them, a catalogue that turns bad."""

from pathlib import Path

import pytest

from catalogue_app.container import Container
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.source import SourceKind
from tests.living import add_source, harvest, open_catalogue
from tests.malformed import entries_of

BROKEN = "ckanext-dcat-dataset.ttl"


@pytest.fixture
def catalogue(tmp_path: Path) -> Container:
    return open_catalogue(tmp_path / "var")


def test_a_folder_of_every_syntax_is_read_but_for_its_broken_file(catalogue: Container, shared_data: Path) -> None:
    source = add_source(catalogue, SourceKind.DCAT, shared_data / "dcat-mixed")
    report = harvest(catalogue, source.id)
    assert (report.state, report.run.vanished) == (RunState.ABORTED, 0)
    assert report.run.problem is not None
    assert (report.run.problem.code, BROKEN in report.run.problem.value) == ("parts_unread", True)
    told = {it.record: it for it in report.problems if it.record in {BROKEN, "SOURCE.md"}}
    assert told["SOURCE.md"].code == "foreign_file"
    assert told[BROKEN].code == "invalid_rdf"
    assert told[BROKEN].value == 'line=149, reason=Prefix "healthdcatap:" not bound'
    counts = report.tallies()
    assert (counts["gathered"], counts["rejected"]) == (23 + 2, 2), "the datasets of SOURCE.md, and two bad files"
    assert counts["added"] + counts["duplicate"] == 23
    again = harvest(catalogue, source.id).tallies()
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, counts["added"])


def test_a_catalogue_that_turns_bad_loses_nothing(catalogue: Container, shared_data: Path, tmp_path: Path) -> None:
    live = tmp_path / "catalog.rdf"
    live.write_bytes((shared_data / "dcat-it" / "upo-catalog.rdf").read_bytes())
    source = add_source(catalogue, SourceKind.DCAT, live)
    assert harvest(catalogue, source.id).tallies()["added"] == 18
    before = entries_of(catalogue, source.id)
    live.write_bytes((shared_data / "dcat-mixed" / BROKEN).read_bytes())
    failed = harvest(catalogue, source.id)
    assert failed.state is RunState.ABORTED
    assert failed.run.problem is not None
    assert (failed.run.problem.code, "line=149" in failed.run.problem.value) == ("invalid_rdf", True)
    assert entries_of(catalogue, source.id) == before


def test_the_pages_of_one_collection_are_one_catalogue(catalogue: Container, shared_data: Path, tmp_path: Path) -> None:
    offered = tmp_path / "pages"
    offered.mkdir()
    for number in (1, 2):
        name = f"udata-partial-collection-{number}.jsonld"
        (offered / name).write_bytes((shared_data / "dcat-mixed" / name).read_bytes())
    source = add_source(catalogue, SourceKind.DCAT, offered)
    report = harvest(catalogue, source.id)
    assert (report.state, report.tallies()["added"]) == (RunState.COMPLETE, 4)
