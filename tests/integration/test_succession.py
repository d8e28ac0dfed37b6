"""A merger: what belonged to the old organ belongs to the new one, with its history, in one step; nothing is lost."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from catalogue_app.container import Container
from catalogue_app.domain.account import Role
from catalogue_app.domain.errors import Conflict
from catalogue_app.domain.finding import FindingFilter, FindingKind, FindingState
from catalogue_app.domain.ids import CatalogueCode, OrganId
from catalogue_app.domain.proposal import ProposalState
from catalogue_app.domain.release import ReleaseState
from catalogue_app.domain.source import SourceKind
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.proposals import ProposalFilter
from catalogue_app.services.accounts import NewAccount
from indexing.query import SearchQuery
from tests.accounts.people import NAMES, begin_codes_after, hire
from tests.api.small_catalogue import fill
from tests.builders import a_metadata, a_run, an_entry, an_event
from tests.living import add_source, harvest, open_catalogue
from tests.sheets import csv_bytes

EDU, SCI = OrganId("edu"), OrganId("sci")
DESK: Final = Audience(tier=Tier.EXTRANET, supervises=True)
PORTAL: Final = Audience.of_tier(Tier.PORTAL)
OF_EDU: Final = ("TJ00000001", "TJ00000033", "TJ00000034", "TJ00000032")
"""A published entry, one that waits, a withdrawn one, one of the extranet."""


@pytest.fixture
def place(tmp_path: Path) -> Container:
    container = open_catalogue(tmp_path / "data", tier_ceiling="extranet")
    fill(container)
    begin_codes_after(container, 40)
    hire(container)
    return container


def write_csv(path: Path, rows: list[list[object]]) -> Path:
    path.write_bytes(csv_bytes(rows))
    return path


def merge(place: Container) -> None:
    place.succession.succeed("edu", "sci", DESK, actor="tester")
    place.index_feed.drain()


def owners(place: Container) -> dict[CatalogueCode, tuple[OrganId, int]]:
    with place.uow.reading() as look:
        return {entry.code: (entry.organ_id, entry.revision) for entry in look.entries.stream()}


def test_every_entry_goes_along_with_code_words_and_history(place: Container) -> None:
    before = owners(place)
    with place.uow.reading() as look:
        said = {entry.code: (entry.id, entry.metadata, entry.state) for entry in look.entries.stream()}
    merge(place)
    after = owners(place)
    assert {code for code, (organ, _) in before.items() if organ == EDU} >= set(OF_EDU)
    for code, (organ, revision) in before.items():
        assert after[code] == ((SCI, revision + 1) if organ == EDU else (organ, revision))
    with place.uow.reading() as look:
        assert {entry.code: (entry.id, entry.metadata, entry.state) for entry in look.entries.stream()} == said
        for code in map(CatalogueCode, OF_EDU):
            trail = [line.event for line in look.audit.lines(f"entry:{code}")]
            assert [(event.action, event.before, event.after) for event in trail] == [("entry_moved", "edu", "sci")]
    steps = place.catalogue.history("TJ00000001", PORTAL).steps
    assert (steps[0].revision.number, steps[0].revision.cause) == (3, "succession")
    assert place.audit.verify().broken_at is None
    assert place.index_feed.verify().is_equal


def test_searches_and_figures_follow(place: Container) -> None:
    before = place.catalogue.organ("edu", PORTAL).entries
    merge(place)
    old, new = place.catalogue.organ("edu", PORTAL), place.catalogue.organ("sci", PORTAL)
    assert (old.entries, new.entries) == (0, before)
    assert (old.successor and old.successor.id, [it.id for it in new.predecessors]) == (SCI, [EDU])
    found = place.search.search(SearchQuery(text="市教委", audience=PORTAL))
    assert found.total == before
    assert {hit.organ.id for hit in found.hits} == {SCI}


def test_people_papers_and_sources_go_along_and_signed_releases_stay(place: Container, tmp_path: Path) -> None:
    editor = place.accounts.by_name(NAMES[Role.ORGAN_EDITOR])
    approver = place.accounts.by_name(NAMES[Role.ORGAN_APPROVER])
    theirs = Audience(tier=Tier.PORTAL, organs=frozenset({EDU}))
    draft = place.registration.start(editor, a_metadata("草稿"), Tier.PORTAL, theirs)
    signed = place.releases.sign(approver, place.releases.prepare(editor, "", theirs).id, theirs)
    waiting = place.releases.prepare(editor, "", theirs)
    source = add_source(place, SourceKind.SHEET, write_csv(tmp_path / "a.csv", [["信息资源名称"], ["甲"]]), "edu")
    plan = place.succession.preview("edu", "sci", DESK)
    assert (plan.moves.accounts, plan.moves.sources, plan.moves.proposals) == (2, 1, 1)
    merge(place)

    moved = Audience(tier=Tier.PORTAL, organs=frozenset({SCI}))
    assert place.accounts.by_name(editor.name).organ_id == SCI
    assert place.sources.by_id(source.id).organ_id == SCI
    with place.uow.reading() as look:
        found = look.proposals.list(ProposalFilter(states=frozenset(ProposalState)), moved, 10)
    assert [(it.id, it.version) for it in found] == [(draft.id, draft.version + 1)]
    with place.uow() as look:
        assert look.releases.by_id(signed.id, theirs).state is ReleaseState.SIGNED
        assert look.releases.by_id(waiting.id, theirs).state is ReleaseState.DISCARDED
    harvest(place, source.id)
    assert {organ for organ, _ in owners(place).values()} == {SCI, OrganId("civil"), OrganId("police")}


def test_findings_about_entries_go_along_and_those_about_the_old_organ_are_over(place: Container) -> None:
    place.flagging.evaluate()
    wanted = FindingFilter(organs=frozenset({EDU}), states=frozenset({FindingState.OPEN}))
    before = place.flagging.findings(wanted, DESK, limit=100).findings
    about_entries = {it.condition.subject for it in before if it.condition.entry_code}
    assert about_entries < {it.condition.subject for it in before}
    merge(place)
    assert place.flagging.findings(wanted, DESK).total == 0
    theirs = place.flagging.findings(replace(wanted, organs=frozenset({SCI})), DESK, limit=100).findings
    assert about_entries <= {it.condition.subject for it in theirs}
    place.flagging.evaluate()
    assert place.flagging.findings(wanted, DESK).total == 0


def test_a_closed_organ_takes_nothing_new(place: Container, tmp_path: Path) -> None:
    merge(place)
    path = write_csv(tmp_path / "a.csv", [["信息资源名称"], ["甲"]])
    with pytest.raises(Conflict):
        add_source(place, SourceKind.SHEET, path, "edu")
    told = NewAccount(name="late.one", role=Role.ORGAN_EDITOR, organ="edu", person="某人")
    with pytest.raises(Conflict):
        place.accounts.create(told, password="correct horse battery staple", actor="test")  # noqa: S106 — nobody's
    with pytest.raises(Conflict):
        place.succession.succeed("civil", "edu", DESK, actor="tester")


def test_records_that_name_the_old_organ_go_to_its_successor(place: Container, tmp_path: Path) -> None:
    table = write_csv(tmp_path / "a.csv", [["信息资源名称", "信息资源提供方"], ["甲名录", "天津市教育委员会"]])
    source = add_source(place, SourceKind.SHEET, table, "data", organ_by="provider")
    harvest(place, source.id)
    merge(place)
    harvest(place, source.id)
    [entry] = [it for it in entries_of(place) if it[0] == "甲名录"]
    assert entry[1] == SCI


def entries_of(place: Container) -> list[tuple[str, OrganId]]:
    with place.uow.reading() as look:
        return [(entry.metadata.title.original, entry.organ_id) for entry in look.entries.stream()]


def test_a_preview_counts_only_what_its_audience_may_know_of(place: Container) -> None:
    of_portal = place.succession.preview("edu", "sci", Audience(tier=Tier.PORTAL, supervises=True))
    of_all = place.succession.preview("edu", "sci", DESK)
    assert of_all.moves.entries == of_portal.moves.entries + 1


def test_asked_again_it_moves_nothing_and_a_second_organ_may_join(place: Container) -> None:
    merge(place)
    before = owners(place)
    merge(place)
    assert owners(place) == before
    place.succession.succeed("civil", "sci", DESK, actor="tester")
    assert [it.id for it in place.catalogue.organ("sci", PORTAL).predecessors] == ["edu", "civil"]


def test_while_a_harvest_is_at_work_nothing_moves(place: Container, tmp_path: Path) -> None:
    source = add_source(place, SourceKind.SHEET, write_csv(tmp_path / "a.csv", [["信息资源名称"], ["甲"]]), "edu")
    with place.uow() as work:
        work.runs.open(a_run(source), actor="tester", holder="somebody", reading="")
        work.record(an_event())
        work.commit()
    with pytest.raises(Conflict) as refused:
        place.succession.succeed("edu", "sci", DESK, actor="tester")
    assert refused.value.code == "organ_busy"
    assert (EDU, 1) in owners(place).values()


def test_a_new_name_finds_the_entries_at_once_in_every_process(place: Container, tmp_path: Path) -> None:
    other = open_catalogue(tmp_path / "data", tier_ceiling="extranet")
    query = SearchQuery(text="津门学务处", audience=PORTAL)
    counts = [each.search.search(query).total for each in (place, other)]
    organ = place.organs.by_id("edu")
    place.organs.save(replace(organ, aliases=(*organ.aliases, "津门学务处")), PORTAL, actor="tester")
    expected = place.catalogue.organ("edu", PORTAL).entries
    assert counts == [0, 0]
    assert [each.search.search(query).total for each in (place, other)] == [expected, expected]
    assert place.index_feed.status().needs_rebuild, "segmentation learns the word with the next rebuild"
    assert place.search.search(SearchQuery(text="津门学务处幼儿园名录", audience=PORTAL)).total > 0
    place.upkeep.rebuild_index()
    assert [each.search.search(query).total for each in (place, other)] == [expected, expected]


def test_a_name_taken_away_finds_nothing_any_more(place: Container) -> None:
    organ = place.organs.by_id("edu")
    named = replace(organ, aliases=(*organ.aliases, "津门学务处"))
    place.organs.save(named, PORTAL, actor="tester")
    place.organs.save(replace(organ, version=organ.version + 1), PORTAL, actor="tester")
    assert place.search.search(SearchQuery(text="津门学务处", audience=PORTAL)).total == 0


def test_a_change_of_an_organ_says_what_stood_before(place: Container) -> None:
    organ = place.organs.by_id("edu")
    place.organs.save(replace(organ, short_name="教委"), PORTAL, actor="tester")
    with place.uow.reading() as look:
        event = look.audit.about({"organ:edu"}, 1)[0].event
    assert (event.actor, event.action) == ("tester", "organ_changed")
    assert (event.before, event.after) == ("short_zh=市教委", "short_zh=教委")
    with pytest.raises(Conflict):
        place.organs.save(replace(organ, short_name="市教育局"), PORTAL, actor="somebody")


def test_an_organ_with_entries_is_not_closed_without_a_successor(place: Container) -> None:
    organ = replace(place.organs.by_id("edu"), valid_to=(place.clock() - timedelta(days=2)).date())
    assert [fault.code for fault in place.organs.faults(organ, PORTAL)] == ["organ_not_empty"]
    empty = replace(place.organs.by_id("cdc"), valid_to=organ.valid_to)
    place.organs.save(empty, PORTAL, actor="tester")


def test_what_its_keeper_may_not_know_of_keeps_no_organ_open_and_is_found_by_who_may(place: Container) -> None:
    inner = an_entry(90, tier=Tier.EXTRANET, organ_id=OrganId("cdc"))
    with place.uow() as work:
        work.entries.save(inner, "harvest")
        work.record(an_event())
        work.commit()
    officers = Audience.of_tier(Tier.EXTRANET)
    closed = replace(place.organs.by_id("cdc"), valid_to=(place.clock() - timedelta(days=2)).date())
    assert [fault.code for fault in place.organs.faults(closed, officers)] == ["organ_not_empty"]
    place.organs.save(closed, PORTAL, actor="tester")
    place.flagging.evaluate()
    wanted = FindingFilter(kinds=frozenset({FindingKind.ORGAN_CLOSED}))
    (told,) = place.flagging.findings(wanted, officers).findings
    assert (told.condition.entry_code, told.condition.evidence) == (inner.code, (("closed_on", str(closed.valid_to)),))
    assert place.flagging.findings(wanted, PORTAL).total == 0
    place.succession.succeed("cdc", "edu", officers, actor="tester")
    place.flagging.evaluate()
    assert place.flagging.findings(wanted, officers).total == 0
    assert place.catalogue.entry(inner.code, officers).entry.organ_id == "edu"
