"""Previews: what a run would do, told exactly, and not one byte of the catalogue touched."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect

from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.profile import Violation
from catalogue_app.services.harvest_preview import Change, EntryChange
from tests.builders import a_source
from tests.installation import Dataset, Installation, a_dataset, datasets, figures, install


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    place = install(tmp_path)
    yield place
    place.engine.dispose()


def everything(place: Installation) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, the audit log among them."""
    return {table: place.rows(f'"{table}"') for table in inspect(place.engine).get_table_names()}


def previewed(place: Installation) -> dict[tuple[Change, str], EntryChange]:
    with place.harvesting().preview(place.source) as preview:
        return {(change.change, change.identifier): change for change in preview.changes()}


def short_titles(metadata: EntryMetadata, _: Organ) -> tuple[Violation, ...]:
    return (Violation(element="title", code="too_short"),) if len(metadata.title.original) < 4 else ()


def a_mixed_offer() -> list[Dataset]:
    return [
        *datasets(15),
        a_dataset("a-16", "改过的名录"),
        a_dataset("b-1", "新表", modified="2026-05-02"),
        a_dataset("b-1", "新表"),
        {"title": "没有标识"},
        {"identifier": "c-1"},
    ]


def test_a_preview_touches_nothing_and_says_what_the_run_then_does(place: Installation) -> None:
    place.harvest(*datasets(20))
    place.offer(*a_mixed_offer())
    before = everything(place)
    assert len(before["audit_event"]) > 2
    with place.harvesting(check=short_titles).preview(place.source) as preview:
        promised = (preview.run.state, figures(preview.run))
        changes = {(change.change, change.identifier): change for change in preview.changes()}
        problems = [(problem.record, problem.code) for problem in preview.problems()]
    assert everything(place) == before
    assert not list(place.folder.glob("**/*scratch*"))
    assert set(changes) == {
        (Change.CHANGED, "a-16"),
        (Change.ADDED, "b-1"),
        *((Change.VANISHED, f"a-{number}") for number in range(17, 21)),
    }
    changed = changes[Change.CHANGED, "a-16"]
    [field] = changed.fields
    assert (field.element, changed.code) == ("title", place.entries()["a-16"].code)
    assert (str(field.before), str(field.after)) == ("{'zh': '幼儿园名录第16册'}", "{'zh': '改过的名录'}")
    [violation] = changes[Change.ADDED, "b-1"].violations
    assert violation.code == "too_short"
    report = place.harvesting(check=short_titles).run(place.source.id, actor="tester")
    assert (report.state, figures(report.run)) == promised
    told = [(problem.record, problem.code) for problem in report.problems if problem.code != "too_short"]
    assert problems == told


def test_a_preview_says_what_would_be_held(place: Installation) -> None:
    place.harvest(*datasets(20))
    place.offer(*({**dataset, "identifier": f"new-{dataset['identifier']}"} for dataset in datasets(20)))
    with place.harvesting().preview(place.source) as preview:
        assert (preview.run.state, figures(preview.run)) == (RunState.HELD, {"gathered": 20, "held": 20})
        assert [problem.code for problem in preview.problems()] == ["identifiers_renamed"]
        kinds = [change.change for change in preview.changes()]
    assert (kinds.count(Change.HELD), kinds.count(Change.VANISHED)) == (20, 20)


def test_a_preview_of_a_source_that_does_not_answer_says_why(place: Installation) -> None:
    with place.harvesting().preview(place.source) as preview:
        assert preview.run.state is RunState.ABORTED
        assert [problem.code for problem in preview.problems()] == ["unreachable"]
        assert list(preview.changes()) == []


def test_a_source_can_be_tried_before_it_is_registered(place: Installation) -> None:
    place.offer(*datasets(3))
    considered = a_source(address=place.source.address)
    before = everything(place)
    with place.harvesting().preview(considered) as preview:
        assert figures(preview.run) == {"gathered": 3, "added": 3}
        assert {change.code for change in preview.changes()} == {None}
    assert everything(place) == before


def test_a_preview_of_an_unchanged_source_is_empty(place: Installation) -> None:
    place.harvest(*datasets(5))
    assert previewed(place) == {}
