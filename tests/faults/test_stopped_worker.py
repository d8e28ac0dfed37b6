"""A worker told to stop gives its harvest back after its present step, and another one goes on with it at once."""

import json
from pathlib import Path

import pytest

from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.long_work import NOBODY
from catalogue_app.domain.source import SourceKind
from tests.installation import datasets
from tests.living import add_source
from tests.processes import START_S, a_fleet, shared_catalogue
from tests.servers import wait_until

pytestmark = pytest.mark.engines

RECORDS = 10_000


def test_a_harvest_is_given_back_and_done_by_another_worker(tmp_path: Path) -> None:
    container = shared_catalogue(tmp_path)
    offered = tmp_path / "data.json"
    offered.write_text(json.dumps({"dataset": datasets(RECORDS)}), encoding="utf-8")
    source = add_source(container, SourceKind.DATA_JSON, offered)
    with a_fleet(container, tmp_path) as fleet:
        first = fleet.worker()

        def has_begun() -> bool:
            with container.uow.reading() as look:
                return bool(look.runs.running(source.id))

        assert wait_until(has_begun, START_S)
        assert first.stop() == 0
        assert first.said("task_given_back")
        with container.uow.reading() as look:
            [lease] = look.runs.running(source.id)
            assert (lease.holder, look.queue.backlog()["harvest"].tasks) == (NOBODY, 1)
        fleet.worker()

        def is_done() -> bool:
            with container.uow.reading() as look:
                return look.runs.latest(source.id)[0].state is RunState.COMPLETE

        assert wait_until(is_done, START_S)
    with container.uow.reading() as look:
        assert sum(1 for _ in look.entries.revision_pairs()) == RECORDS
