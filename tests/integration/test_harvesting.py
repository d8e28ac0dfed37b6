"""What becomes of the records of a source, run after run."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest

from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.errors import InvalidInput, NotFound
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.ids import SourceId, new_id
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.profile import Violation
from catalogue_app.domain.selection import EVERYTHING
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.services.source_views import SourceState, SourceView
from harvesters.data_json import DataJsonHarvester
from tests.builders import NOW, a_run, a_source, a_withdrawal, an_event, an_organ
from tests.installation import Installation, a_dataset, datasets, figures, install

EXTRANET = Audience.of_tier(Tier.EXTRANET)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    place = install(tmp_path)
    yield place
    place.engine.dispose()


def test_a_first_run_publishes_every_record(place: Installation) -> None:
    report = place.harvest(*datasets(3))
    assert report.state is RunState.COMPLETE
    assert figures(report.run) == {"gathered": 3, "added": 3}
    assert list(report.problems) == []
    with place.uow.reading() as look:
        assert look.entries.count(EVERYTHING, EXTRANET) == 3
        assert look.outbox.size() == 3
    entry = place.entries()["a-2"]
    assert (str(entry.metadata.title), entry.state, entry.revision) == ("幼儿园名录第2册", EntryState.PUBLISHED, 1)
    assert sorted(entry.code for entry in place.entries().values()) == ["TJ70000000", "TJ70000001", "TJ70000002"]


def test_a_second_run_changes_nothing(place: Installation) -> None:
    place.harvest(*datasets(3))
    before = place.entries()
    report = place.harvest(*datasets(3))
    assert figures(report.run) == {"gathered": 3, "unchanged": 3}
    assert place.entries() == before
    assert len(place.rows("outbox")) == 3


def test_key_order_white_space_and_record_order_are_no_change(place: Installation) -> None:
    place.harvest(*datasets(3))
    shuffled = [dict(reversed(list(dataset.items()))) for dataset in reversed(datasets(3))]
    Path(place.source.address).write_text(json.dumps({"dataset": shuffled}, indent=7), encoding="utf-8")
    report = place.harvesting().run(place.source.id, actor="tester")
    assert figures(report.run) == {"gathered": 3, "unchanged": 3}


def test_a_change_is_a_revision_of_the_same_entry(place: Installation) -> None:
    place.harvest(*datasets(3))
    before = place.entries()["a-1"]
    report = place.harvest(a_dataset("a-1", "新名录", theme=["A"]), *datasets(3)[1:])
    assert figures(report.run) == {"gathered": 3, "changed": 1, "unchanged": 2}
    after = place.entries()["a-1"]
    assert (after.id, after.code, after.revision, str(after.metadata.title)) == (before.id, before.code, 2, "新名录")
    with place.uow.reading() as look:
        first, second = look.entries.revisions(after.id, EXTRANET)
    assert (first.metadata, second.run_id) == (before.metadata, str(report.run.id))


def test_records_without_identity_or_title_are_rejected_by_place_or_name(place: Installation) -> None:
    report = place.harvest(a_dataset("a-1", ""), {"title": "没有标识"}, a_dataset("a-3"))
    assert figures(report.run) == {"gathered": 3, "added": 1, "rejected": 2}
    assert [(problem.record, problem.element) for problem in report.problems] == [
        ("a-1", "title"),
        ("dataset[1]", "identifier"),
    ]


def test_a_known_record_that_lost_its_title_stays_as_it_was(place: Installation) -> None:
    place.harvest(*datasets(2))
    before = place.entries()
    report = place.harvest(a_dataset("a-1", ""), datasets(2)[1])
    assert figures(report.run) == {"gathered": 2, "unchanged": 1, "rejected": 1}
    assert report.state is RunState.COMPLETE
    assert place.entries() == before
    assert len(list(report.problems)) == 1


newer = a_dataset("a-1", "甲", modified="2026-06-01")
older = a_dataset("a-1", "乙", modified="2026-05-01")
undated = a_dataset("a-1", "丙", modified="")


@pytest.mark.parametrize("order", list(permutations([newer, older, undated])))
def test_the_newest_of_duplicates_wins_whatever_the_order(place: Installation, order: list[dict[str, object]]) -> None:
    report = place.harvest(*order, order[0])
    assert figures(report.run) == {"gathered": 4, "added": 1, "duplicate": 3}
    assert str(place.entries()["a-1"].metadata.title) == "甲"
    problems = list(report.problems)
    assert [problem.value for problem in problems] == ["a-1"] * 3
    assert all(problem.record.startswith("dataset[") for problem in problems)
    assert "duplicate_identifier" in {problem.code for problem in problems}
    again = place.harvest(*reversed(order))
    assert figures(again.run) == {"gathered": 3, "unchanged": 1, "duplicate": 2}


def test_a_record_given_twice_is_told_from_two_that_disagree(place: Installation) -> None:
    report = place.harvest(newer, dict(newer), older)
    assert [problem.code for problem in report.problems] == ["duplicate_record", "duplicate_identifier"]


def test_among_equally_new_duplicates_the_same_wins_in_every_order(place: Installation) -> None:
    one, two = a_dataset("a-1", "甲"), a_dataset("a-1", "乙")
    place.harvest(one, two)
    winner = place.entries()["a-1"].metadata
    again = place.harvest(two, one)
    assert figures(again.run) == {"gathered": 2, "unchanged": 1, "duplicate": 1}
    assert place.entries()["a-1"].metadata == winner


def test_duplicates_are_found_across_batches(place: Installation) -> None:
    report = place.harvest(
        newer, *({**dataset, "identifier": f"b-{n}"} for n, dataset in enumerate(datasets(1500))), older
    )
    assert figures(report.run) == {"gathered": 1502, "added": 1501, "duplicate": 1}


def test_a_vanished_record_is_marked_and_stays_published(place: Installation) -> None:
    place.harvest(*datasets(10))
    report = place.harvest(*datasets(9))
    assert report.state is RunState.COMPLETE
    assert figures(report.run) == {"gathered": 9, "unchanged": 9, "vanished": 1}
    gone = place.entries()["a-10"]
    assert gone.missing_since is not None
    assert gone.state is EntryState.PUBLISHED
    again = place.harvest(*datasets(9))
    assert figures(again.run) == {"gathered": 9, "unchanged": 9, "vanished": 1}
    assert place.entries()["a-10"].missing_since == gone.missing_since


def test_a_record_that_comes_back_is_the_same_entry(place: Installation) -> None:
    place.harvest(*datasets(10))
    before = place.entries()["a-10"]
    place.harvest(*datasets(9))
    report = place.harvest(*datasets(10))
    assert figures(report.run) == {"gathered": 10, "unchanged": 10, "restored": 1}
    assert place.entries()["a-10"] == before


def test_a_rejected_record_also_proves_that_its_entry_is_not_missing(place: Installation) -> None:
    place.harvest(*datasets(10))
    place.harvest(*datasets(9))
    report = place.harvest(*datasets(9), a_dataset("a-10", ""))
    assert figures(report.run) == {"gathered": 10, "unchanged": 9, "rejected": 1, "restored": 1}


def test_other_sources_are_no_business_of_a_run(place: Installation, tmp_path: Path) -> None:
    other = a_source(address=str(tmp_path / "other.json"))
    place.add(other)
    (tmp_path / "other.json").write_text(json.dumps({"dataset": datasets(20)}), encoding="utf-8")
    place.harvest(*datasets(10))
    report = place.harvesting().run(other.id, actor="tester")
    assert figures(report.run) == {"gathered": 20, "added": 20}
    assert figures(place.harvest(*datasets(9)).run)["vanished"] == 1


def flag_everything(metadata: EntryMetadata, organ: Organ) -> tuple[Violation, ...]:
    return (
        Violation(element="abstract", code="missing", value=str(metadata.title), flag="missing_field", rule=organ.id),
    )


def test_violations_stand_beside_the_entry_and_in_the_report_of_every_run(place: Installation) -> None:
    place.offer(*datasets(2), a_dataset("a-3", ""))
    for _ in range(2):
        report = place.harvesting(check=flag_everything).run(place.source.id, actor="tester")
        assert [(problem.record, problem.code) for problem in report.problems] == [
            ("a-1", "missing"),
            ("a-2", "missing"),
            ("a-3", "missing_title"),
        ]
    assert place.entries()["a-1"].violations == flag_everything(place.entries()["a-1"].metadata, an_organ())


def test_new_tables_read_everything_anew_once_and_change_only_what_differs(place: Installation) -> None:
    place.harvest(*datasets(2))
    run = place.harvesting(reference_version="2").run(place.source.id, actor="tester")
    assert figures(run.run) == {"gathered": 2, "unchanged": 2}
    assert place.entries()["a-1"].revision == 1
    run = place.harvesting(reference_version="3", check=flag_everything).run(place.source.id, actor="tester")
    assert figures(run.run) == {"gathered": 2, "changed": 2}
    run = place.harvesting(reference_version="3").run(place.source.id, actor="tester")
    assert figures(run.run) == {"gathered": 2, "unchanged": 2}


def test_a_changed_option_is_a_changed_reading_but_a_changed_schedule_is_none(place: Installation) -> None:
    place.harvest(*datasets(2))
    seen: list[str] = []

    def watching(metadata: EntryMetadata, _: Organ) -> tuple[Violation, ...]:
        seen.append(str(metadata.title))
        return ()

    for options, read in (({"every_hours": "6"}, 0), ({"tier": "portal"}, 2)):
        seen.clear()
        place.replace(a_source(id=place.source.id, address=place.source.address, options=options))
        place.harvesting(check=watching).run(place.source.id, actor="tester")
        assert len(seen) == read
    assert {entry.tier for entry in place.entries().values()} == {Tier.PORTAL}


def test_records_go_to_the_organ_they_name_where_the_source_says_so(tmp_path: Path) -> None:
    place = install(tmp_path, options={"organ_by": "provider"})
    place.register(an_organ("twin-1", "甲局", aliases=("双名",)), an_organ("twin-2", "乙局", aliases=("双名",)))
    names = {"a-1": "天津市卫生健康委员会", "a-2": "市卫生健康委 ", "a-3": "某某公司", "a-4": "双名"}
    place.harvest(*(a_dataset(key, publisher={"name": name}) for key, name in names.items()))
    assert {key: entry.organ_id for key, entry in place.entries().items()} == {
        "a-1": "health",
        "a-2": "health",
        "a-3": "edu",
        "a-4": "edu",
    }


def test_entries_of_a_source_under_review_wait_for_the_desk(tmp_path: Path) -> None:
    place = install(tmp_path, options={"review": "yes"})
    place.harvest(*datasets(1))
    assert place.entries()["a-1"].state is EntryState.SUBMITTED
    with place.uow.reading() as look:
        assert look.entries.count(EVERYTHING, EXTRANET) == 0


def test_a_state_that_a_person_chose_outlives_a_harvest(place: Installation) -> None:
    place.harvest(*datasets(2))
    entry = place.entries()["a-1"]
    with place.uow() as work:
        work.withdrawals.withdraw([entry.id], a_withdrawal(place.clock()))
        work.record(an_event())
        work.commit()
    report = place.harvest(a_dataset("a-1", "新名录"), datasets(2)[1])
    assert figures(report.run) == {"gathered": 2, "changed": 1, "unchanged": 1}
    assert place.entries()["a-1"].state is EntryState.WITHDRAWN
    with place.uow.reading() as look:
        assert look.entries.confirm([entry.id], EXTRANET) == frozenset()


SECRET = a_dataset("a-1", "机密工程名录", accessLevel="non-public")


def test_a_record_above_the_ceiling_leaves_nothing_but_its_identifier(tmp_path: Path) -> None:
    place = install(tmp_path, tier_ceiling=Tier.PORTAL, options={"tier": "portal"})
    report = place.harvest(SECRET, a_dataset("a-2"))
    assert figures(report.run) == {"gathered": 2, "added": 1, "rejected": 1}
    [problem] = report.problems
    assert (problem.record, problem.code, problem.value) == ("a-1", "above_ceiling", "")
    kept = (
        "entry",
        "revision",
        "entry_label",
        "staged_entry",
        "harvest_outcome",
        "audit_event",
        "outbox",
        "harvest_run",
    )
    assert "机密" not in "".join(str(place.rows(table)) for table in kept)


def test_a_known_entry_declared_above_the_ceiling_is_hidden_at_once_and_comes_back(tmp_path: Path) -> None:
    place = install(tmp_path, tier_ceiling=Tier.PORTAL, options={"tier": "portal"})
    portal = Audience.of_tier(Tier.PORTAL)
    place.harvest(a_dataset("a-1"), a_dataset("a-2"))
    entry = place.entries()["a-1"]
    place.harvest(SECRET, a_dataset("a-2"))
    hidden = place.entries()["a-1"]
    assert (hidden.state, hidden.revision, hidden.missing_since) == (EntryState.SUSPENDED, 2, None)
    with place.uow.reading() as look:
        assert look.entries.confirm([entry.id], portal) == frozenset()
    report = place.harvest(a_dataset("a-1"), a_dataset("a-2"))
    assert figures(report.run) == {"gathered": 2, "changed": 1, "unchanged": 1}
    assert place.entries()["a-1"].state is EntryState.PUBLISHED


def test_every_payload_is_kept_and_equal_ones_once(place: Installation) -> None:
    place.harvest(*datasets(3))
    place.harvest(*datasets(3))
    place.harvest(*datasets(2))
    assert len(place.rows("harvest_fetch")) == 3
    assert len(place.rows("snapshot")) == 2
    with place.uow.reading() as look:
        [latest] = look.runs.latest(place.source.id)
        [fetch] = look.snapshots.of_run(latest.id)
        body = b"".join(look.snapshots.chunks(fetch.digest))
    assert body == Path(place.source.address).read_bytes()
    assert fetch.size_bytes == len(body)


def test_a_run_and_its_figures_are_on_the_audit_log(place: Installation) -> None:
    place.harvest(*datasets(3))
    with place.uow.reading() as look:
        started, ended = look.audit.lines(f"source:{place.source.id}")
    assert (started.event.action, ended.event.action) == ("harvest_started", "harvest_complete")
    assert "gathered=3 added=3" in ended.event.after
    assert ended.event.actor == "tester"


def test_the_next_run_falls_due_when_the_source_says(tmp_path: Path) -> None:
    place = install(tmp_path, options={"every_hours": "6"})
    run = place.harvest(*datasets(1)).run
    with place.uow.reading() as look:
        due_at = look.sources.by_id(place.source.id).due_at
    assert run.finished_at is not None
    assert due_at is not None
    assert 5.9 < (due_at - run.finished_at).total_seconds() / 3600 < 6.1


def test_a_source_nobody_registered_is_not_found(place: Installation) -> None:
    with pytest.raises(NotFound):
        place.harvesting().run(SourceId(new_id()), actor="tester")


def test_options_that_the_kind_refuses_open_no_run(place: Installation) -> None:
    def refusing(*_: object) -> DataJsonHarvester:
        raise InvalidInput("unknown_option", option="x")

    with pytest.raises(InvalidInput):
        place.harvesting(make_harvester=refusing).run(place.source.id, actor="tester")
    assert place.rows("harvest_run") == []


def test_of_runs_that_began_at_one_instant_the_one_named_later_is_the_last(place: Installation) -> None:
    """Whichever the database comes to first."""
    earlier, later = sorted((a_run(place.source, started_at=NOW) for _ in range(2)), key=lambda run: run.id)
    for run, state in ((later, RunState.ABORTED), (earlier, RunState.COMPLETE)):
        with place.uow() as work:
            work.runs.open(run, actor="tester", holder="somebody", reading="")
            work.runs.close(replace(run, state=state, finished_at=NOW))
            work.record(an_event())
            work.commit()
    with place.uow.reading() as look:
        assert look.runs.last_states() == {place.source.id: RunState.ABORTED}


def test_an_undoing_says_nothing_about_how_a_source_is_doing(place: Installation) -> None:
    done, failed = (replace(a_run(place.source), started_at=NOW + timedelta(hours=hour)) for hour in (0, 1))
    undoing = replace(a_run(place.source), started_at=NOW + timedelta(hours=2), undoes=done.id)
    for run, state in ((done, RunState.COMPLETE), (failed, RunState.ABORTED), (undoing, RunState.COMPLETE)):
        with place.uow() as work:
            work.runs.open(run, actor="tester", holder="somebody", reading="")
            work.runs.close(replace(run, state=state, finished_at=run.started_at))
            work.record(an_event())
            work.commit()
    with place.uow.reading() as look:
        assert look.runs.last_states() == {place.source.id: RunState.ABORTED}
        assert SourceView(source=place.source, runs=look.runs.latest(place.source.id, 9)).state is SourceState.FAILING
