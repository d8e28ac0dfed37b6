"""What a source is said to have done: readings of it count, undoings of them are our own doing."""

from datetime import timedelta
from typing import Final

from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.ids import RunId, new_id
from catalogue_app.services.source_views import SourceView
from tests.builders import NOW, a_run, a_source

DAY: Final = timedelta(days=1)


def test_an_undoing_is_no_good_run_of_the_source() -> None:
    source = a_source()
    read = a_run(source, state=RunState.COMPLETE, started_at=NOW, finished_at=NOW, gathered=20)
    failed = a_run(source, state=RunState.ABORTED, started_at=NOW + DAY, finished_at=NOW + DAY)
    later = NOW + 2 * DAY
    undoing = a_run(
        source, state=RunState.COMPLETE, started_at=later, finished_at=later, gathered=3, undoes=RunId(new_id())
    )
    view = SourceView(source=source, runs=(undoing, failed, read))
    assert view.last_good_at == NOW
    assert view.document()["last_good_at"] is not None
    trend = view.trend()
    assert (trend["runs"], trend["complete"], trend["failed"], trend["gathered"]) == (2, 1, 1, 20)


def test_a_source_that_was_only_undone_was_never_read() -> None:
    source = a_source()
    undoing = a_run(source, state=RunState.COMPLETE, finished_at=NOW, undoes=RunId(new_id()))
    assert SourceView(source=source, runs=(undoing,)).last_good_at is None
