"""Any order of runs, crashes and drains: every identifier stays reachable, every run balances, the index can follow."""

import shutil
from pathlib import Path
from tempfile import mkdtemp

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from catalogue_app.domain.harvest import Outcome, RunState
from catalogue_app.domain.ids import EntryId
from catalogue_app.services.harvest_steps import Progress
from tests.installation import Dataset, Installation, a_dataset, install

names = st.sampled_from([f"a-{number}" for number in range(14)])
records = st.builds(
    lambda name, title, modified: a_dataset(name, title, modified=modified),
    names,
    st.sampled_from(["", "甲", "乙"]),
    st.sampled_from(["", "2026-01-01", "2026-02-02"]),
)
offers = st.lists(records | st.just({"title": "没有标识"}), max_size=20)


class Killed(BaseException):
    """Stands for the process dying where it is raised: nothing after it happens."""


class HarvestMachine(RuleBasedStateMachine):
    """One source, harvested again and again, whatever happens in between."""

    place: Installation

    @initialize()
    def set_up(self) -> None:
        self.place = install(Path(mkdtemp(prefix="catalogue-machine-")), options={"min_records": "0"})
        self.ever: dict[str, EntryId] = {}
        self.index: dict[EntryId, int] = {}

    def teardown(self) -> None:
        if hasattr(self, "place"):
            self.place.engine.dispose()
            shutil.rmtree(self.place.folder)

    @rule(offered=offers, released=st.booleans())
    def harvest(self, offered: list[Dataset], released: bool) -> None:  # noqa: FBT001 — drawn
        report = self.place.harvest(*offered, release="王芳" if released else None)
        run = report.run
        assert run.gathered == sum(run.outcomes.values())
        if released:
            assert run.state is RunState.COMPLETE
        rejected = run.outcomes.get(Outcome.REJECTED, 0)
        assert rejected <= len(list(report.problems))

    @rule(offered=offers, steps=st.integers(min_value=0, max_value=3))
    def die_during_a_harvest(self, offered: list[Dataset], steps: int) -> None:
        told: list[Progress] = []

        def die(progress: Progress) -> None:
            told.append(progress)
            if len(told) > steps:
                raise Killed

        self.place.offer(*offered)
        try:
            self.place.harvesting(watch=die).run(self.place.source.id, actor="tester")
        except Killed:
            return

    @rule()
    def start_again(self) -> None:
        self.place.harvesting().resume_all(actor="scheduler")
        with self.place.uow.reading() as look:
            assert look.runs.running() == ()
        assert self.place.rows("staged_entry") == []

    @rule(limit=st.integers(min_value=1, max_value=9))
    def drain(self, limit: int) -> None:
        with self.place.uow() as work:
            rows = work.outbox.take(limit)
            self.index |= {entry.id: entry.revision for entry in work.entries.by_ids([row.entry_id for row in rows])}
            work.outbox.done([row.position for row in rows])
            work.commit()

    @invariant()
    def every_identifier_stays_with_its_entry(self) -> None:
        found = {name: entry.id for name, entry in self.place.entries().items()}
        assert self.ever.items() <= found.items()
        self.ever = found

    @invariant()
    def the_index_with_the_outbox_makes_the_database(self) -> None:
        with self.place.uow.reading() as look:
            revisions = dict(look.entries.revision_pairs())
            waiting = {row.entry_id for row in look.outbox.take(10_000)}
        behind = {entry_id for entry_id, revision in revisions.items() if self.index.get(entry_id) != revision}
        assert behind <= waiting

    @invariant()
    def every_revision_is_kept(self) -> None:
        with self.place.uow.reading() as look:
            revisions = dict(look.entries.revision_pairs())
        assert len(self.place.rows("revision")) == sum(revisions.values())


TestHarvestMachine = HarvestMachine.TestCase
TestHarvestMachine.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)
