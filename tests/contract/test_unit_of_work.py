"""What every database must hold to: one transaction, audience on every read for people, nothing overwritten."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from catalogue_app.domain.entry import Entry, EntryState
from catalogue_app.domain.errors import AboveCeiling, Conflict, Gone, InvalidCursor, NotFound
from catalogue_app.domain.ids import EntryId, OrganId, new_id
from catalogue_app.domain.selection import EVERYTHING, EntryFilter
from catalogue_app.domain.serials import SERIES
from catalogue_app.domain.text import LocalizedText
from catalogue_app.domain.visibility import Audience, may_see
from catalogue_app.domain.vocabulary import DisclosureCategory, Tier, UpdateCycle
from catalogue_app.persistence.entry_reads import EntryFacet
from catalogue_app.persistence.unit_of_work import UnitOfWork
from tests.builders import NOW, a_metadata, a_withdrawal, an_entry, an_event, an_organ
from tests.installation import Installation, install
from tests.stack import Stack

PORTAL = Audience.of_tier(Tier.PORTAL)
EXTRANET = Audience.of_tier(Tier.EXTRANET)


@pytest.fixture(scope="module", params=list(Stack))
def stack(request: pytest.FixtureRequest) -> Stack:
    """Return each database in turn: SQLite and PostgreSQL keep the same contract."""
    return Stack(request.param)


@pytest.fixture
def place(tmp_path: Path, stack: Stack) -> Iterator[Installation]:
    place = install(tmp_path, stack=stack)
    yield place
    place.engine.dispose()


def keep(place: Installation, *entries: Entry) -> None:
    with place.uow() as work:
        for entry in entries:
            work.entries.save(entry, "registration")
        work.record(an_event())
        work.commit()


def test_nothing_is_true_before_the_commit(place: Installation) -> None:
    with place.uow() as work:
        work.entries.save(an_entry(), "registration")
        work.record(an_event())
    with place.uow.reading() as look:
        assert look.entries.count(EVERYTHING, EXTRANET) == 0
        assert look.outbox.size() == 0
        assert look.audit.verify().lines == 2  # the organs and the source of the installation


def test_a_change_nobody_answers_for_is_not_committed(place: Installation) -> None:
    with place.uow() as work:
        work.entries.save(an_entry(), "registration")
        with pytest.raises(RuntimeError, match="audit"):
            work.commit()


def test_an_act_that_nobody_named_is_not_recorded(place: Installation) -> None:
    with place.uow() as work:
        work.organs.save(an_organ("civil", "天津市民政局"))
        with pytest.raises(ValueError, match="made_up"):
            work.record(an_event("made_up"))
        with pytest.raises(RuntimeError, match="audit"):
            work.commit()


def test_one_audit_event_does_not_pay_for_the_next_change(place: Installation) -> None:
    with place.uow() as work:
        work.organs.save(an_organ("civil", "天津市民政局"))
        work.record(an_event())
        work.commit()
        work.organs.save(an_organ("water", "天津市水务局"))
        with pytest.raises(RuntimeError, match="audit"):
            work.commit()


def test_a_reader_sees_one_state_while_a_writer_writes(place: Installation) -> None:
    with place.uow.reading() as look, place.uow() as work:
        assert look.entries.count(EVERYTHING, PORTAL) == 0
        work.entries.save(an_entry(), "registration")
        work.record(an_event())
        work.commit()
        assert look.entries.count(EVERYTHING, PORTAL) == 0
    with place.uow.reading() as look:
        assert look.entries.count(EVERYTHING, PORTAL) == 1


def test_save_leaves_revision_labels_and_outbox_row_together(place: Installation) -> None:
    entry = an_entry(metadata=a_metadata(themes=("A", "A"), disclosure_categories=(DisclosureCategory.B,)))
    keep(place, entry)
    with place.uow.reading() as look:
        assert look.entries.by_code(entry.code, PORTAL) == entry
        assert [revision.number for revision in look.entries.revisions(entry.id, PORTAL)] == [1]
        assert [row.entry_id for row in look.outbox.take(10)] == [entry.id]
        assert list(look.entries.revision_pairs()) == [(entry.id, 1)]
        assert look.entries.facet(EntryFacet.THEME, EVERYTHING, PORTAL) == {"A": 1}


@pytest.mark.parametrize("languages", [("zh", "en"), ("en", "zh")])
def test_the_language_an_organ_wrote_stays_the_first(place: Installation, languages: tuple[str, str]) -> None:
    title = LocalizedText(tuple((language, f"名录 {language}") for language in languages))
    entry = an_entry(metadata=replace(a_metadata(), title=title))
    keep(place, entry)
    place.register(replace(an_organ("civil"), name=title))
    with place.uow.reading() as look:
        assert look.entries.by_code(entry.code, PORTAL).metadata.title == title
        assert look.organs.by_id(OrganId("civil")).name == title


def test_a_change_is_a_further_revision_and_keeps_the_first(place: Installation) -> None:
    first = an_entry(title="旧名")
    second = replace(first, revision=2, metadata=a_metadata("新名"), changed_at=NOW + timedelta(days=1))
    keep(place, first)
    keep(place, second)
    with place.uow.reading() as look:
        titles = [str(revision.metadata.title) for revision in look.entries.revisions(first.id, PORTAL)]
        assert titles == ["旧名", "新名"]
        assert look.entries.by_code(first.code, PORTAL) == second


@pytest.mark.parametrize("revision", [1, 3])
def test_a_revision_that_does_not_follow_is_refused(place: Installation, revision: int) -> None:
    entry = an_entry()
    keep(place, entry)
    with place.uow() as work, pytest.raises(Conflict):
        work.entries.save(replace(entry, revision=revision), "registration")


def test_a_tier_above_the_ceiling_is_refused_before_anything_is_stored(place: Installation) -> None:
    with place.uow() as work:
        with pytest.raises(AboveCeiling):
            work.entries.save(an_entry(tier=Tier.INTRANET, title="机密名录"), "registration")
        work.commit()
    dump = "".join(str(place.rows(table)) for table in ("entry", "revision", "entry_label", "outbox", "audit_event"))
    assert "机密" not in dump


def test_an_entry_above_the_audience_looks_like_none(place: Installation) -> None:
    entry = an_entry(tier=Tier.EXTRANET)
    keep(place, entry)
    with place.uow.reading() as look:
        with pytest.raises(NotFound) as above:
            look.entries.by_code(entry.code, PORTAL)
        with pytest.raises(NotFound) as none:
            look.entries.by_code("TJ99999999", PORTAL)
        assert above.value.code == none.value.code
        assert look.entries.by_code(entry.code, EXTRANET) == entry


def test_a_withdrawn_entry_is_gone_within_reach_and_unknown_above_it(place: Installation) -> None:
    entry = an_entry(tier=Tier.EXTRANET)
    keep(place, entry)
    with place.uow() as work:
        work.withdrawals.withdraw([entry.id], a_withdrawal(NOW))
        work.record(an_event())
        work.commit()
    with place.uow.reading() as look:
        with pytest.raises(Gone):
            look.entries.by_code(entry.code, EXTRANET)
        with pytest.raises(NotFound):
            look.entries.by_code(entry.code, PORTAL)
        assert look.entries.confirm([entry.id], EXTRANET) == frozenset()
        [kept] = look.entries.by_ids([entry.id])
        assert (kept.state, kept.revision, look.outbox.size()) == (EntryState.WITHDRAWN, 2, 2)


def test_what_never_existed_cannot_be_withdrawn(place: Installation) -> None:
    with place.uow() as work:
        assert work.withdrawals.withdraw([EntryId(new_id())], a_withdrawal(NOW)) == 0


def test_revisions_of_a_higher_tier_stay_above(place: Installation) -> None:
    secret = an_entry(tier=Tier.EXTRANET, title="内部名录")
    opened = replace(secret, revision=2, tier=Tier.PORTAL, metadata=a_metadata("公开名录"))
    keep(place, secret)
    keep(place, opened)
    with place.uow.reading() as look:
        assert [revision.number for revision in look.entries.revisions(secret.id, PORTAL)] == [2]
        assert [revision.number for revision in look.entries.revisions(secret.id, EXTRANET)] == [1, 2]


def test_every_read_agrees_with_the_rule_for_every_tier_state_organ_and_audience(tmp_path: Path, stack: Stack) -> None:
    place = install(tmp_path, tier_ceiling=Tier.INTRANET, stack=stack)
    kinds = enumerate(product(Tier, EntryState, (OrganId("edu"), OrganId("health"))), start=1)
    entries = [an_entry(n, tier=tier, state=state, organ_id=organ) for n, (tier, state, organ) in kinds]
    keep(place, *entries)
    with place.uow.reading() as look:
        for tier, own, supervises in product(Tier, (frozenset(), frozenset({OrganId("edu")})), (False, True)):
            audience = Audience(tier=tier, organs=own, supervises=supervises)
            seen = {e for e in entries if may_see(audience, tier=e.tier, state=e.state, organ=e.organ_id)}
            assert set(look.entries.list(EVERYTHING, audience, None, 99).entries) == seen
            assert look.entries.count(EVERYTHING, audience) == len(seen)
            assert look.entries.confirm([e.id for e in entries], audience) == {e.id for e in seen}
            assert sum(look.entries.facet(EntryFacet.ORGAN, EVERYTHING, audience).values()) == len(seen)
            assert {e for e in entries if is_shown(look, e, audience)} == seen
    place.engine.dispose()


def is_shown(look: UnitOfWork, entry: Entry, audience: Audience) -> bool:
    try:
        return look.entries.by_code(entry.code, audience) == entry
    except (NotFound, Gone):
        return False


def test_paging_visits_every_entry_once_newest_change_first(place: Installation) -> None:
    keep(place, *(an_entry(serial, changed_at=NOW + timedelta(hours=serial // 3)) for serial in range(1, 24)))
    seen: list[Entry] = []
    cursor = None
    with place.uow.reading() as look:
        while True:
            page = look.entries.list(EVERYTHING, PORTAL, cursor, 5)
            seen += page.entries
            cursor = page.next_cursor
            if cursor is None:
                break
    assert len(seen) == 23
    assert seen == sorted(seen, key=lambda entry: (entry.changed_at, entry.serial), reverse=True)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, stack: Stack) -> Iterator[Installation]:
    place = install(tmp_path_factory.mktemp("empty"), stack=stack)
    yield place
    place.engine.dispose()


@given(st.text(max_size=60) | st.binary(max_size=40).map(lambda raw: urlsafe_b64encode(raw).decode()))
def test_a_cursor_of_others_is_refused(empty: Installation, cursor: str) -> None:
    with empty.uow.reading() as look, pytest.raises(InvalidCursor):
        look.entries.list(EVERYTHING, PORTAL, cursor, 5)


def test_filters_narrow_each_other_and_facets_ignore_their_own(place: Installation) -> None:
    yearly = a_metadata(themes=("A",), update_cycle=UpdateCycle.YEARLY, disclosure_categories=(DisclosureCategory.A,))
    monthly = a_metadata(themes=("A", "B"), update_cycle=UpdateCycle.MONTHLY)
    keep(
        place,
        an_entry(1, metadata=yearly),
        an_entry(2, metadata=monthly),
        an_entry(3, metadata=monthly, organ_id=OrganId("health")),
    )
    wanted = EntryFilter(themes=frozenset({"B"}), organs=frozenset({OrganId("edu")}))
    with place.uow.reading() as look:
        assert [entry.serial for entry in look.entries.list(wanted, PORTAL, None, 9).entries] == [2]
        assert look.entries.count(wanted, PORTAL) == 1
        assert look.entries.facet(EntryFacet.THEME, wanted, PORTAL) == {"A": 2, "B": 1}
        assert look.entries.facet(EntryFacet.ORGAN, wanted, PORTAL) == {"edu": 1, "health": 1}
        assert look.entries.facet(EntryFacet.CYCLE, wanted, PORTAL) == {"monthly": 1}
        assert look.entries.count(EntryFilter(categories=frozenset({DisclosureCategory.A})), PORTAL) == 1
        assert look.entries.count(EntryFilter(cycles=frozenset({UpdateCycle.MONTHLY})), PORTAL) == 2
        assert look.entries.count(EntryFilter(states=frozenset({EntryState.DRAFT})), PORTAL) == 0
        assert look.entries.count(EntryFilter(tiers=frozenset({Tier.PORTAL})), PORTAL) == 3
        assert look.entries.count(EntryFilter(sources=frozenset({place.source.id})), PORTAL) == 0


def test_ids_come_back_in_the_order_asked_for_without_strangers(place: Installation) -> None:
    one, two = an_entry(1), an_entry(2)
    keep(place, one, two)
    with place.uow.reading() as look:
        assert look.entries.by_ids([two.id, EntryId(new_id()), one.id]) == (two, one)


def test_the_outbox_forgets_exactly_what_was_done(place: Installation) -> None:
    keep(place, an_entry(1), an_entry(2))
    with place.uow() as work:
        first, second = work.outbox.take(10)
        work.outbox.done([first.position])
        work.commit()
    keep(place, an_entry(3))
    with place.uow.reading() as look:
        positions = [row.position for row in look.outbox.take(10)]
    assert positions[0] == second.position
    assert len(positions) == 2
    assert positions[1] > second.position


def test_codes_are_never_given_twice_and_failed_plans_cost_none(place: Installation) -> None:
    with place.uow() as work:
        assert work.entries.allot(Tier.PORTAL) == (1, "TJ00000001")
    with place.uow() as work:
        assert work.entries.allot(Tier.PORTAL)[0] == 1
        work.commit()
    with place.uow() as work:
        assert work.entries.allot(Tier.PORTAL)[0] == 2


def test_codes_of_one_tier_tell_nothing_of_another(place: Installation) -> None:
    tiers = (Tier.EXTRANET, Tier.PORTAL, Tier.INTRANET, Tier.INTRANET, Tier.EXTRANET, Tier.PORTAL)
    with place.uow() as work:
        codes = [work.entries.allot(tier)[1] for tier in tiers]
        work.commit()
    assert codes == ["TJ70000000", "TJ00000001", "TJ90000000", "TJ90000001", "TJ70000001", "TJ00000002"]


def test_a_tier_whose_numbers_are_used_up_takes_none_of_the_next(place: Installation) -> None:
    with place.uow() as work:
        taken = text("INSERT INTO counter (name, value) VALUES ('entry_serial', :taken)")
        work.entries._session.execute(taken, {"taken": len(SERIES[Tier.PORTAL]) - 1})
        assert work.entries.allot(Tier.PORTAL)[1] == "TJ69999999"
        with pytest.raises(OverflowError, match="69999999"):
            work.entries.allot(Tier.PORTAL)


@pytest.mark.parametrize(
    ("table", "column"),
    [("revision", "cause"), ("snapshot", "size_bytes"), ("snapshot_chunk", "body"), ("audit_event", "actor")],
)
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET {} = NULL"])
def test_history_cannot_be_changed_even_by_hand(place: Installation, table: str, column: str, change: str) -> None:
    place.harvest({"identifier": "a-1", "title": "幼儿园名录"})
    with place.engine.begin() as connection, pytest.raises(DBAPIError, match="insert-only"):
        connection.execute(text(change.format(table, column)))


def unseal_audit_log(place: Installation) -> None:
    """Take the guard away, as only somebody can who owns the database."""
    on_postgresql = place.engine.dialect.name == "postgresql"
    guards = ["insert_only ON audit_event"] if on_postgresql else ["no_update", "no_delete"]
    with place.engine.begin() as connection:
        for guard in guards:
            connection.execute(text(f"DROP TRIGGER audit_event_{guard}"))


def test_the_audit_chain_holds_and_tells_an_altered_line(place: Installation) -> None:
    place.harvest({"identifier": "a-1", "title": "幼儿园名录"})
    with place.uow.reading() as look:
        assert look.audit.verify().broken_at is None
        assert [line.event.action for line in look.audit.lines(f"source:{place.source.id}")] == [
            "harvest_started",
            "harvest_complete",
        ]
    unseal_audit_log(place)
    with place.engine.begin() as connection:
        connection.execute(text("UPDATE audit_event SET actor = 'somebody else' WHERE position = 2"))
    with place.uow.reading() as look:
        assert look.audit.verify().broken_at == 2


def test_a_removed_audit_line_is_noticed(place: Installation) -> None:
    unseal_audit_log(place)
    with place.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit_event WHERE position = 1"))
    with place.uow.reading() as look:
        assert look.audit.verify().broken_at == 1


def test_an_instant_without_zone_is_refused(place: Installation) -> None:
    with place.uow() as work, pytest.raises(Exception, match="naive"):
        work.sources.put_off(place.source.id, datetime(2026, 1, 1))  # noqa: DTZ001 — the fault under test


def test_sources_fall_due_by_the_clock(place: Installation) -> None:
    with place.uow() as work:
        assert [source.id for source in work.sources.due(NOW)] == [place.source.id]
        assert work.sources.is_due(place.source.id, NOW)
        work.sources.put_off(place.source.id, NOW + timedelta(hours=1))
        assert work.sources.due(NOW) == ()
        assert not work.sources.is_due(place.source.id, NOW)
        assert work.sources.due(NOW + timedelta(hours=1))[0].due_at == NOW + timedelta(hours=1)


def test_organs_keep_their_order_and_can_be_replaced(place: Installation) -> None:
    place.register(an_organ("edu", "天津市教委", short_name="市教委", uscc="x"), an_organ("civil", "天津市民政局"))
    with place.uow.reading() as look:
        assert [organ.id for organ in look.organs.all()] == ["edu", "health", "civil"]
        assert look.organs.by_id(OrganId("edu")).short_name == "市教委"
        with pytest.raises(NotFound):
            look.organs.by_id(OrganId("none"))


def test_dates_and_instants_come_back_as_they_went(place: Installation) -> None:
    entry = an_entry(
        missing_since=datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC),
        confirmed_on=date(2026, 2, 3),
        metadata=a_metadata(issued_on=date(1949, 10, 1)),
    )
    keep(place, entry)
    with place.uow.reading() as look:
        assert look.entries.by_code(entry.code, PORTAL) == entry
