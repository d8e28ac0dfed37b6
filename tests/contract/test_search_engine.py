"""What every search engine must hold to: labels in every answer, the newest revision wins, pages have no gaps."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.errors import Conflict
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.metadata import Item
from catalogue_app.domain.text import LocalizedText
from catalogue_app.domain.visibility import Audience, may_see
from catalogue_app.domain.vocabulary import Tier, UpdateCycle
from indexing.document import SearchDocument
from indexing.fields import FacetField
from indexing.language import Language
from indexing.port import SearchEngine
from tests.builders import a_metadata, an_entry, an_organ
from tests.searching import (
    BOTH,
    EXTRANET,
    PORTAL,
    MakeEngine,
    a_document,
    a_language,
    a_thesaurus,
    ask,
    engines_of,
    ids,
    keep,
    rebuild,
    some_entries,
    system_clock,
)


@pytest.fixture(params=BOTH)
def make(request: pytest.FixtureRequest) -> Iterator[MakeEngine]:
    with engines_of(request.param) as make:
        yield make


@pytest.fixture
def engine(make: MakeEngine, tmp_path: Path) -> SearchEngine:
    return make(tmp_path / "index", a_language)


def test_an_index_nobody_wrote_to_finds_nothing(engine: SearchEngine) -> None:
    results = ask(engine, "幼儿园", facets=(FacetField.ORGAN,))
    assert (results.total, results.hits, results.next_cursor) == (0, (), None)
    assert list(engine.digests()) == []
    assert engine.suggest("幼", EXTRANET, 5) == ()
    assert engine.health().needs_rebuild


def test_what_was_written_is_found_at_once(engine: SearchEngine) -> None:
    entry = an_entry()
    keep(engine, entry)
    results = ask(engine, "幼儿园")
    assert (results.total, ids(results), results.hits[0].revision) == (1, [entry.id], 1)
    assert not engine.health().needs_rebuild


def test_writing_again_changes_nothing(engine: SearchEngine) -> None:
    entry = an_entry()
    keep(engine, entry)
    keep(engine, entry, entry)
    assert ask(engine).total == 1
    assert list(engine.digests()) == [(entry.id, 1)]


def test_an_older_revision_never_replaces_a_newer_one(engine: SearchEngine) -> None:
    old = an_entry(title="幼儿园名录")
    new = replace(old, revision=3, metadata=a_metadata("托儿所名录"))
    keep(engine, new)
    keep(engine, old)
    keep(engine, replace(old, revision=2), new)
    assert ids(ask(engine, "托儿所")) == [old.id]
    assert ask(engine, "幼儿园").total == 0
    assert list(engine.digests()) == [(old.id, 3)]


def test_of_one_batch_the_newest_revision_counts_whatever_the_order(engine: SearchEngine) -> None:
    old = an_entry()
    new = replace(old, revision=2, metadata=a_metadata("托儿所名录"))
    keep(engine, new, old)
    assert list(engine.digests()) == [(old.id, 2)]
    assert ask(engine).total == 1


def test_a_withdrawn_entry_vanishes_and_no_late_writer_brings_it_back(engine: SearchEngine) -> None:
    entry = an_entry()
    keep(engine, entry)
    keep(engine, replace(entry, revision=2, state=EntryState.WITHDRAWN))
    keep(engine, entry)
    everybody = Audience(tier=Tier.INTRANET, organs=frozenset({entry.organ_id}), supervises=True)
    assert ask(engine, audience=everybody, facets=(FacetField.ORGAN,)).facets == {FacetField.ORGAN: ()}
    assert ask(engine, "幼儿园", everybody).total == 0
    assert engine.suggest("幼儿园", everybody, 5) == ()
    assert list(engine.digests()) == [(entry.id, 2)]


AUDIENCES = [
    PORTAL,
    EXTRANET,
    Audience.of_tier(Tier.INTRANET),
    Audience(tier=Tier.PORTAL, organs=frozenset({OrganId("edu")})),
    Audience(tier=Tier.EXTRANET, organs=frozenset({OrganId("hrss")})),
    Audience(tier=Tier.INTRANET, supervises=True),
]


@pytest.mark.parametrize("audience", AUDIENCES)
def test_hits_counts_and_suggestions_are_those_the_audience_may_see(engine: SearchEngine, audience: Audience) -> None:
    number = count(1)
    entries = [
        an_entry(serial, f"幼儿园名录{serial}", organ_id=OrganId(organ), tier=tier, state=state)
        for organ in ("edu", "hrss")
        for tier in Tier
        for state in (EntryState.PUBLISHED, EntryState.DRAFT, EntryState.CHANGE_PENDING, EntryState.WITHDRAWN)
        for serial in [next(number)]
    ]
    keep(engine, *entries)
    seen = [it for it in entries if may_see(audience, tier=it.tier, state=it.state, organ=it.organ_id)]
    results = ask(engine, "幼儿园", audience, limit=100, facets=(FacetField.TIER, FacetField.ORGAN))
    assert set(ids(results)) == {entry.id for entry in seen}
    assert results.total == len(seen)
    for field in (FacetField.TIER, FacetField.ORGAN):
        assert sum(one.count for one in results.facets[field]) == len(seen)
    titles = {one.text for one in engine.suggest("幼儿园名录", audience, 100) if one.kind == "title"}
    assert titles == {entry.metadata.title.original for entry in seen}


def test_what_was_meant_never_names_what_the_audience_may_not_see(engine: SearchEngine) -> None:
    keep(engine, an_entry(1, "幼儿园名录", tier=Tier.EXTRANET))
    for text in ("幼儿圆", "幼儿园的坏天气", "youeryu", "幼儿园名绿"):
        assert ask(engine, text, PORTAL).did_you_mean is None
    assert ask(engine, "youeryu", EXTRANET).did_you_mean == "幼儿园名录"


def test_each_facet_ignores_its_own_filter_and_obeys_the_others(engine: SearchEngine) -> None:
    cycles = [UpdateCycle.DAILY, UpdateCycle.MONTHLY, UpdateCycle.YEARLY]
    entries = [
        an_entry(serial, organ_id=OrganId(organ), metadata=a_metadata(update_cycle=cycles[serial % 3]))
        for serial, organ in enumerate(["edu"] * 6 + ["hrss"] * 3, start=1)
    ]
    keep(engine, *entries)
    filters = {FacetField.ORGAN: ("edu",), FacetField.CYCLE: ("daily", "monthly")}
    results = ask(engine, "幼儿园", filters=filters, facets=(FacetField.ORGAN, FacetField.CYCLE, FacetField.THEME))
    counted = {field: {one.value: one.count for one in counts} for field, counts in results.facets.items()}
    assert results.total == 4
    assert counted[FacetField.ORGAN] == {"edu": 4, "hrss": 2}
    assert counted[FacetField.CYCLE] == {"daily": 2, "monthly": 2, "yearly": 2}
    assert counted[FacetField.THEME] == {}


def test_a_facet_lists_every_organ_of_a_large_register(make: MakeEngine, tmp_path: Path) -> None:
    organs = [an_organ(f"o{number}", f"第{number}办公室") for number in range(400)]
    engine = make(tmp_path, lambda: Language(a_thesaurus(organs)))
    engine.write([a_document(an_entry(1 + n, organ_id=organ.id), organ) for n, organ in enumerate(organs)])
    counts = ask(engine, facets=(FacetField.ORGAN,)).facets[FacetField.ORGAN]
    assert len(counts) == 400


def test_values_of_one_entry_count_once_each(engine: SearchEngine) -> None:
    keep(engine, an_entry(1, metadata=a_metadata(themes=("T01", "T05", "T01"))))
    counts = ask(engine, facets=(FacetField.THEME,)).facets[FacetField.THEME]
    assert [(one.value, one.count) for one in counts] == [("T01", 1), ("T05", 1)]


def test_words_of_title_items_organ_abstract_and_keywords_are_found(engine: SearchEngine) -> None:
    entry = an_entry(
        metadata=a_metadata(
            "学生资助名单",
            items=(Item(name="法定代表人"),),
            abstract=LocalizedText.of("收录全市的补贴发放情况"),
            keywords=("助学金",),
        )
    )
    other = an_entry(2, "空气质量")
    keep(engine, entry, other)
    for text in ("资助", "法定代表人", "教育委员会", "市教委 学生", "补贴", "助学金", "TJ00000001", "xueshengzizhu"):
        assert entry.id in ids(ask(engine, text)), text
    for text in (
        "title:资助",
        "item:法定代表人",
        "organ:教育局",
        "code:TJ00000001",
        '"学生资助"',
        "学生*",
        "资助 -空气",
    ):
        assert set(ids(ask(engine, text))) in ({entry.id}, {entry.id, other.id}), text
    assert ask(engine, '"资助学生"').total == 0
    assert ask(engine, "资助 -学生").total == 0


def test_a_phrase_never_reaches_from_one_item_into_the_next(engine: SearchEngine) -> None:
    items = (Item(name="许可编号"), Item(name="许可内容"))
    keep(engine, an_entry(metadata=a_metadata(items=items)))
    assert ask(engine, '"许可编号"').total == 1
    assert ask(engine, '"编号许可"').total == 0


def test_a_rebuild_holds_exactly_what_it_was_given(engine: SearchEngine) -> None:
    stale, fresh = an_entry(1, "旧名录"), an_entry(2, "新名录")
    keep(engine, stale)
    assert rebuild(engine, [a_document(fresh)]) == 1
    assert list(engine.digests()) == [(fresh.id, 1)]
    assert ids(ask(engine, "名录")) == [fresh.id]


def test_searching_and_writing_go_on_while_a_new_index_is_built(engine: SearchEngine) -> None:
    entries = some_entries(20)
    keep(engine, *entries)
    changed = replace(entries[3], revision=2, metadata=a_metadata("托儿所名录"))
    new = an_entry(50)
    seen: list[int] = []

    def documents() -> Iterator[SearchDocument]:
        for entry in entries[:10]:
            seen.append(ask(engine, "幼儿园").total)
            yield a_document(entry)
        keep(engine, changed, new)
        seen.append(ask(engine, "幼儿园").total)

    rebuild(engine, documents())
    assert seen == [20] * 11
    held = {entry.id: 1 for entry in (*entries[:10], new)} | {changed.id: 2}
    assert list(engine.digests()) == sorted(held.items())
    assert ids(ask(engine, "托儿所")) == [changed.id]


def test_a_late_fill_never_replaces_what_was_written_meanwhile(engine: SearchEngine) -> None:
    entry = an_entry()
    keep(engine, entry)
    with engine.build() as build:
        keep(engine, replace(entry, revision=2, state=EntryState.WITHDRAWN))
        build.fill([a_document(entry)])
        assert dict(build.revisions([entry.id])) == {entry.id: 2}
        build.swap()
    assert ask(engine).total == 0


def test_a_build_says_what_it_holds(engine: SearchEngine) -> None:
    entries = [
        an_entry(1),
        an_entry(2, tier=Tier.EXTRANET),
        replace(an_entry(3), revision=5),
        an_entry(4, organ_id=OrganId("hrss"), state=EntryState.WITHDRAWN),
    ]
    with engine.build() as build:
        assert build.fill(map(a_document, entries)) == 4
        assert dict(build.sums()) == {
            (OrganId("edu"), Tier.PORTAL): (2, 6),
            (OrganId("edu"), Tier.EXTRANET): (1, 1),
            (OrganId("hrss"), Tier.PORTAL): (1, 1),
        }
        assert dict(build.revisions([entries[2].id, an_entry().id])) == {entries[2].id: 5}
        assert list(build.digests()) == sorted((entry.id, entry.revision) for entry in entries)
    assert ask(engine).total == 0, "what is left without a swap is thrown away"


def test_only_one_index_is_built_at_a_time(make: MakeEngine, tmp_path: Path) -> None:
    one, other = make(tmp_path, a_language), make(tmp_path, a_language)
    with one.build(), pytest.raises(Conflict), other.build():
        pass
    with other.build():
        pass


def test_the_index_before_can_be_taken_up_again(engine: SearchEngine) -> None:
    before, after = an_entry(1, "旧名录"), an_entry(2, "新名录")
    keep(engine, before)
    with pytest.raises(Conflict), engine.former():
        pass
    rebuild(engine, [a_document(after)])
    withdrawn = replace(before, revision=2, state=EntryState.WITHDRAWN)
    with engine.former() as former:
        assert list(former.digests()) == [(before.id, 1)]
        keep(engine, withdrawn)
        former.fill([a_document(after)])
        former.swap()
    assert list(engine.digests()) == sorted([(before.id, 2), (after.id, 1)])
    assert ids(ask(engine)) == [after.id]
    with engine.former() as former:
        assert list(former.digests()) == sorted([(before.id, 2), (after.id, 1)])


def test_an_old_index_is_swept_and_the_present_one_stays(engine: SearchEngine) -> None:
    keep(engine, an_entry(1))
    rebuild(engine, [a_document(an_entry(2))])
    now = system_clock()
    assert engine.sweep(now - timedelta(days=1)) == 0
    assert engine.sweep(now + timedelta(minutes=1)) == 1
    with pytest.raises(Conflict), engine.former():
        pass
    assert ask(engine).total == 1


def test_a_rebuild_that_fails_leaves_the_present_index_alone(engine: SearchEngine) -> None:
    keep(engine, *some_entries(5))

    def broken() -> Iterator[SearchDocument]:
        yield a_document(an_entry(50))
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError, match="went away"):
        rebuild(engine, broken())
    assert ask(engine).total == 5
    assert rebuild(engine, [a_document(an_entry(50))]) == 1


def test_searches_beside_swaps_see_one_whole_index_each(engine: SearchEngine) -> None:
    few, many = some_entries(5), some_entries(30)
    rebuild(engine, map(a_document, few))
    totals: set[int] = set()
    failures: list[Exception] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            try:
                totals.add(ask(engine, "幼儿园").total)
            except Exception as error:  # noqa: BLE001 — whatever it is, the test must name it
                failures.append(error)

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for turn in range(8):
        rebuild(engine, map(a_document, few if turn % 2 else many))
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert totals <= {5, 30}


def test_an_index_of_another_dictionary_asks_to_be_rebuilt(make: MakeEngine, tmp_path: Path) -> None:
    make(tmp_path, a_language).write([a_document(an_entry())])
    renamed = make(tmp_path, lambda: Language(a_thesaurus([an_organ("x", "天津市新设立管理局")])))
    assert renamed.health().needs_rebuild
    assert renamed.health().documents == 1
    rebuild(renamed, [a_document(an_entry())])
    assert not renamed.health().needs_rebuild


def test_an_index_is_read_by_whoever_opens_it_next(make: MakeEngine, tmp_path: Path) -> None:
    entry = an_entry()
    make(tmp_path, a_language).write([a_document(entry)])
    assert ids(ask(make(tmp_path, a_language), "幼儿园")) == [entry.id]


def test_one_engine_sees_at_once_what_another_wrote(make: MakeEngine, tmp_path: Path) -> None:
    writer, reader = make(tmp_path, a_language), make(tmp_path, a_language)
    for serial in range(1, 4):
        keep(writer, an_entry(serial))
        assert ask(reader).total == serial


def test_digests_come_in_the_order_of_ids(engine: SearchEngine) -> None:
    entries = some_entries(30)
    keep(engine, *entries)
    assert list(engine.digests()) == sorted((entry.id, 1) for entry in entries)


def test_suggestions_come_from_any_word_pinyin_or_initials(engine: SearchEngine) -> None:
    keep(engine, an_entry(1, "河西区幼儿园名录"), an_entry(2, "停车场信息", organ_id=OrganId("hrss")))
    for typed in ("幼儿", "河西", "名录", "hexiq", "hxqyey"):
        assert "河西区幼儿园名录" in [one.text for one in engine.suggest(typed, EXTRANET, 5)], typed
    assert [one.kind for one in engine.suggest("人社局", EXTRANET, 5)] == ["organ"]
    assert engine.suggest("", EXTRANET, 5) == ()
    assert len(engine.suggest("名", EXTRANET, 0)) == 0


def test_the_whole_city_comes_before_copies_of_its_districts(engine: SearchEngine) -> None:
    titles = ["和平区幼儿园名录", "蓟州区幼儿园名录", "幼儿园名录"]
    codes = ["120101", "120119", "120000"]
    entries = [
        an_entry(serial, metadata=a_metadata(title, spatial=(code,)))
        for serial, (title, code) in enumerate(zip(titles, codes, strict=True), start=1)
    ]
    keep(engine, *entries)
    assert ids(ask(engine, "幼儿园"))[0] == entries[2].id
    assert ids(ask(engine, "幼儿园 和平")) == [entries[0].id]
    assert ids(ask(engine, "蓟县 幼儿园")) == [entries[1].id]
    assert ids(ask(engine, "120119 幼儿园")) == [entries[1].id]


def test_a_district_without_an_entry_of_its_own_is_served_by_the_whole_city(engine: SearchEngine) -> None:
    city = an_entry(1, metadata=a_metadata("幼儿园名录", spatial=("120000",)))
    keep(engine, city, an_entry(2, metadata=a_metadata("和平区停车场", spatial=("120101",))))
    results = ask(engine, "和平区幼儿园")
    assert (ids(results), results.is_relaxed) == ([city.id], True)
