"""What readers are shown: figures of their audience, history up to their tier, statements that do not grow."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from catalogue_app.domain.entry import Entry, EntryState
from catalogue_app.domain.errors import Gone, InvalidCursor, NotFound
from catalogue_app.domain.flagging.stale import FreshnessState
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.profile import Violation
from catalogue_app.domain.selection import EVERYTHING, EntryFilter
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import DisclosureCategory, Tier, UpdateCycle
from catalogue_app.persistence.base import make_engine
from catalogue_app.persistence.entries import EntryPolicy
from catalogue_app.persistence.migration import upgrade
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from catalogue_app.reference import Reference, load_reference
from catalogue_app.services.catalogue import Catalogue
from catalogue_app.services.catalogue_views import CoverageState
from catalogue_app.services.timeliness import Timekeeper
from tests.builders import NOW, a_metadata, a_withdrawal, an_entry, an_event, an_organ
from tests.shared import ROOT
from tests.stack import database_url

PUBLIC = Audience.of_tier(Tier.PORTAL)
OFFICERS = Audience.of_tier(Tier.EXTRANET)
TODAY = date(2026, 11, 24)
EDU, CIVIL = OrganId("edu"), OrganId("civil")


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load_reference(ROOT / "config")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = make_engine(database_url(tmp_path))
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def uow(engine: Engine) -> UnitsOfWork:
    uow = UnitsOfWork(engine, clock=lambda: NOW, policy=EntryPolicy(code_prefix="TJ", tier_ceiling=Tier.EXTRANET))
    owed = frozenset({DisclosureCategory.A, DisclosureCategory.B, DisclosureCategory.C})
    with uow() as work:
        work.organs.save(an_organ(EDU, obligations=owed))
        work.organs.save(an_organ(CIVIL, "天津市民政局"))
        work.record(an_event())
        work.commit()
    return uow


@pytest.fixture
def catalogue(uow: UnitsOfWork, reference: Reference) -> Catalogue:
    return Catalogue(uow, reference, lambda: NOW)


def keep(uow: UnitsOfWork, *entries: Entry) -> None:
    with uow() as work:
        for entry in entries:
            work.entries.save(entry, "test")
        work.record(an_event())
        work.commit()


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def codes(cards: Sequence[object]) -> list[str]:
    return [card.entry.code for card in cards]  # type: ignore[attr-defined]  # cards of any view


def test_an_entry_comes_with_its_organ_and_its_freshness(uow: UnitsOfWork, catalogue: Catalogue) -> None:
    keep(uow, an_entry(1, metadata=a_metadata(update_cycle=UpdateCycle.MONTHLY, updated_on=date(2026, 1, 5))))
    view = catalogue.entry("TJ00000001", PUBLIC)
    assert (view.organ.id, view.source, view.revisions) == (EDU, None, 1)
    assert view.freshness.state is FreshnessState.STALE


def test_an_entry_above_the_audience_is_missing_to_it(uow: UnitsOfWork, catalogue: Catalogue) -> None:
    keep(uow, an_entry(1, tier=Tier.EXTRANET))
    assert catalogue.entry("TJ00000001", OFFICERS).entry.serial == 1
    for ask in (catalogue.entry, catalogue.history):
        with pytest.raises(NotFound):
            ask("TJ00000001", PUBLIC)


def test_a_withdrawn_entry_is_gone_for_whom_it_was_there(uow: UnitsOfWork, catalogue: Catalogue) -> None:
    public, inner = an_entry(1), an_entry(2, tier=Tier.EXTRANET)
    keep(uow, public, inner)
    with uow() as work:
        work.withdrawals.withdraw([public.id], a_withdrawal(NOW))
        work.withdrawals.withdraw([inner.id], a_withdrawal(NOW))
        work.record(an_event())
        work.commit()
    with pytest.raises(Gone):
        catalogue.entry(public.code, PUBLIC)
    with pytest.raises(NotFound):
        catalogue.entry(inner.code, PUBLIC)


def test_every_figure_counts_what_its_audience_sees(uow: UnitsOfWork, catalogue: Catalogue) -> None:
    said = a_metadata(themes=("T05",), disclosure_categories=(DisclosureCategory.B,))
    keep(
        uow,
        an_entry(1, metadata=said),
        an_entry(2, metadata=said, tier=Tier.EXTRANET),
        an_entry(3, metadata=said, tier=Tier.EXTRANET, organ_id=CIVIL),
        an_entry(4, metadata=said, state=EntryState.SUBMITTED),
    )
    for audience, entries, organs in ((PUBLIC, 1, 1), (OFFICERS, 3, 2)):
        overview = catalogue.overview(audience)
        assert (overview.entries, overview.organs, len(overview.recent)) == (entries, organs, entries)
        assert overview.themes == {"T05": entries}
        assert overview.categories[DisclosureCategory.B] == entries
        assert catalogue.entries(EVERYTHING, audience).total == entries
        assert sum(organ.entries for organ in catalogue.organs(audience)) == entries


def test_an_organ_without_entries_stays_in_the_directory(catalogue: Catalogue) -> None:
    found = catalogue.organs(PUBLIC)
    assert [(organ.organ.id, organ.entries, organ.changed_at) for organ in found] == [(EDU, 0, None), (CIVIL, 0, None)]
    assert found[0].timeliness.share is None


def test_all_nine_categories_of_an_organ_have_a_state(uow: UnitsOfWork, catalogue: Catalogue) -> None:
    def of(serial: int, category: DisclosureCategory, updated_on: date) -> Entry:
        said = a_metadata(update_cycle=UpdateCycle.YEARLY, updated_on=updated_on, disclosure_categories=(category,))
        return an_entry(serial, metadata=said)

    keep(
        uow,
        of(1, DisclosureCategory.A, date(2026, 6, 1)),
        of(2, DisclosureCategory.A, date(2020, 6, 1)),
        of(3, DisclosureCategory.B, date(2020, 6, 1)),
        of(4, DisclosureCategory.I, date(2026, 6, 1)),
    )
    coverage = {one.category.value: one.state for one in catalogue.organ("edu", PUBLIC).coverage}
    states = {"a": CoverageState.PRESENT, "b": CoverageState.STALE, "c": CoverageState.MISSING}
    others = dict.fromkeys("defgh", CoverageState.NOT_OWED)
    assert coverage == {**states, **others, "i": CoverageState.PRESENT}


def test_an_unknown_organ_is_not_found(catalogue: Catalogue) -> None:
    with pytest.raises(NotFound):
        catalogue.organ("nobody", PUBLIC)


def test_the_database_judges_timeliness_as_the_rule_does(
    uow: UnitsOfWork, catalogue: Catalogue, reference: Reference
) -> None:
    days = [None, date(1899, 1, 1), *(TODAY - timedelta(days=back) for back in (0, 1, 2, 3, 8, 20, 45, 120, 230, 430))]
    cycles = [None, *UpdateCycle]
    confirmations = [None, TODAY - timedelta(days=10), TODAY - timedelta(days=500)]
    every = [(cycle, day, confirmed) for cycle in cycles for day in days for confirmed in confirmations]
    entries = [
        an_entry(
            serial,
            metadata=a_metadata(update_cycle=cycle, updated_on=day, update_period="P10D" if serial % 2 else ""),
            confirmed_on=confirmed,
        )
        for serial, (cycle, day, confirmed) in enumerate(every, 1)
    ]
    keep(uow, *entries)
    judge = Timekeeper(reference.cycles, TODAY).judge
    states = [judge(entry) for entry in entries]
    judged = [
        found
        for entry, found in zip(entries, states, strict=True)
        if found.due_on is not None and entry.metadata.update_cycle is not UpdateCycle.IRREGULAR
    ]
    late = sum(found.state is FreshnessState.STALE for found in judged)
    timeliness = catalogue.overview(PUBLIC).timeliness
    assert 0 < late < len(judged)
    assert (timeliness.late, timeliness.on_time) == (late, len(judged) - late)


def test_history_says_what_each_revision_changed(uow: UnitsOfWork, catalogue: Catalogue) -> None:
    first = an_entry(1, metadata=a_metadata(licence=""))
    keep(uow, first)
    keep(uow, replace(first, revision=2, metadata=a_metadata(licence="CC-BY")))
    history = catalogue.history(first.code, PUBLIC)
    assert [step.revision.number for step in history.steps] == [2, 1]
    assert [change.element for step in history.steps for change in step.changes] == ["licence"]


def test_history_leaves_out_what_belonged_to_a_higher_tier(uow: UnitsOfWork, catalogue: Catalogue) -> None:
    first = an_entry(1, tier=Tier.EXTRANET, metadata=a_metadata(sharing_condition="内部"))
    keep(uow, first)
    keep(uow, replace(first, revision=2, tier=Tier.PORTAL, metadata=a_metadata()))
    steps = catalogue.history(first.code, PUBLIC).steps
    assert [(step.revision.number, step.changes) for step in steps] == [(2, ())]
    assert catalogue.entry(first.code, PUBLIC).revisions == 1
    assert len(catalogue.history(first.code, OFFICERS).steps) == 2


def test_pages_follow_each_other_to_the_end_without_doubles(uow: UnitsOfWork, catalogue: Catalogue) -> None:
    keep(uow, *(an_entry(serial, changed_at=NOW - timedelta(hours=serial // 3)) for serial in range(1, 24)))
    seen: list[str] = []
    cursor: str | None = None
    while cursor is not None or not seen:
        page = catalogue.entries(EVERYTHING, PUBLIC, cursor, 5)
        assert page.total == 23
        seen += codes(page.cards)
        cursor = page.next_cursor
    assert len(seen) == len(set(seen)) == 23


def test_a_foreign_cursor_is_refused(catalogue: Catalogue) -> None:
    with pytest.raises(InvalidCursor):
        catalogue.entries(EVERYTHING, PUBLIC, "page-2")


def test_a_list_is_narrowed_by_organ_and_theme(uow: UnitsOfWork, catalogue: Catalogue) -> None:
    keep(
        uow,
        an_entry(1, metadata=a_metadata(themes=("T05",))),
        an_entry(2, metadata=a_metadata(themes=("T03",))),
        an_entry(3, metadata=a_metadata(themes=("T05",)), organ_id=CIVIL),
    )
    wanted = EntryFilter(organs=frozenset({EDU}), themes=frozenset({"T05"}))
    assert codes(catalogue.entries(wanted, PUBLIC).cards) == ["TJ00000001"]


def test_related_entries_share_the_theme_first_and_never_the_entry_itself(
    uow: UnitsOfWork, catalogue: Catalogue
) -> None:
    entries = [an_entry(serial, metadata=a_metadata(themes=(theme,))) for serial, theme in ((1, "T05"), (2, "T03"))]
    keep(uow, *entries, an_entry(3, metadata=a_metadata(themes=("T05",)), changed_at=NOW - timedelta(days=9)))
    assert codes(catalogue.related(entries[0], PUBLIC)) == ["TJ00000003", "TJ00000002"]


def test_problems_have_words_in_both_languages(catalogue: Catalogue, reference: Reference) -> None:
    code, wording = next(iter(reference.messages.wordings.items()))
    entry = an_entry(
        1, violations=(Violation(element="abstract", code=code, value="无", flag="missing_field", rule="R22"),)
    )
    words = {language: catalogue.problems(entry, language)[0] for language in ("zh", "en")}
    assert words["zh"].message.startswith(wording.zh.partition("{")[0])
    assert words["en"].message.startswith(wording.en.partition("{")[0])
    assert (words["zh"].element, words["zh"].value, words["zh"].rule) == ("abstract", "无", "R22")


def test_the_number_of_statements_does_not_grow_with_the_catalogue(
    engine: Engine, uow: UnitsOfWork, catalogue: Catalogue
) -> None:
    def asked() -> list[int]:
        counts = []
        for ask in (
            lambda: catalogue.overview(PUBLIC),
            lambda: catalogue.organs(PUBLIC),
            lambda: catalogue.organ("edu", PUBLIC),
            lambda: catalogue.entries(EVERYTHING, PUBLIC),
            lambda: catalogue.entry("TJ00000001", PUBLIC),
            lambda: catalogue.history("TJ00000001", PUBLIC),
        ):
            with statements(engine) as seen:
                ask()
            counts.append(len([one for one in seen if not one.startswith("BEGIN")]))
        return counts

    keep(uow, an_entry(1))
    few = asked()
    keep(uow, *(an_entry(serial, organ_id=(EDU, CIVIL)[serial % 2]) for serial in range(2, 60)))
    assert asked() == few
    assert max(few) <= 8


def test_reading_does_not_wait_for_a_writer(uow: UnitsOfWork, catalogue: Catalogue) -> None:
    keep(uow, an_entry(1))
    with uow() as writing:
        writing.entries.save(an_entry(2, changed_at=datetime(2026, 12, 1, tzinfo=UTC)), "test")
        assert catalogue.overview(PUBLIC).entries == 1
