"""Bundles between tiers: what is below stands above as it stands there, once, and nothing above is ever overwritten."""

import stat
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from catalogue_app.container import Container
from catalogue_app.domain.entry import Entry, EntryState
from catalogue_app.domain.errors import BundleRefused, Conflict, Gone, InvalidInput
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.metadata import UnreadValue
from catalogue_app.domain.source import SourceKind
from catalogue_app.domain.text import LocalizedText
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import OpenType, Tier
from catalogue_app.persistence.base import make_engine
from tests.builders import a_metadata, an_entry, an_event, an_organ
from tests.bundles import SENDER, Tiers, members_of, save, two_tiers, withdraw
from tests.living import codes, harvest, open_catalogue, tally

COUNT = 8
ENTRIES = [an_entry(serial, f"第{serial}号名录") for serial in range(1, COUNT + 1)]
RICH = an_entry(
    20,
    "道路挖掘许可",
    tier=Tier.EXTRANET,
    organ_id=OrganId("data"),
    metadata=a_metadata(
        "道路挖掘许可",
        open_type=OpenType.OPEN,
        issued_on=date(2026, 1, 2),
        keywords=("道路",),
        unread=(UnreadValue(element="update_cycle", value="偶尔", code="unknown_value"),),
    ),
)
ALL_SEEN = Audience.of_tier(Tier.INTRANET)


@pytest.fixture
def tiers(tmp_path: Path) -> Tiers:
    tiers = two_tiers(tmp_path)
    save(tiers.below, *ENTRIES, RICH)
    return tiers


def state_of(tiers: Tiers, code: str) -> EntryState:
    return tiers.arrived[code].state


def as_said(entry: Entry) -> tuple[object, ...]:
    return entry.code, entry.organ_id, entry.tier, entry.state, entry.metadata


def test_what_is_below_stands_above_as_it_stands_there(tiers: Tiers) -> None:
    taking = tiers.send("one.bundle")
    assert (taking.report.state, taking.missed, taking.vanished) == (RunState.COMPLETE, 0, 0)
    assert tally(taking.report) == (COUNT + 1, COUNT + 1, 0, 0, 0, 0, 0)
    assert {as_said(it) for it in tiers.arrived.values()} == {as_said(it) for it in (*ENTRIES, RICH)}
    assert tiers.above.catalogue.entry("TJ00000020", ALL_SEEN).entry.metadata == RICH.metadata
    assert tiers.above.index_feed.verify().is_equal


def test_the_next_bundle_brings_only_what_changed(tiers: Tiers) -> None:
    tiers.send("one.bundle")
    save(tiers.below, replace(ENTRIES[0], revision=2, metadata=a_metadata("改名了的名录")), an_entry(30, "新名录"))
    taking = tiers.send("two.bundle")
    assert tally(taking.report) == (COUNT + 2, 1, 1, COUNT, 0, 0, 0)
    assert tiers.arrived["TJ00000001"].metadata.title.original == "改名了的名录"
    assert tiers.arrived["TJ00000001"].revision == 2


def test_entries_withdrawn_below_are_withdrawn_above_and_come_back_with_them(tiers: Tiers) -> None:
    tiers.send("one.bundle")
    withdraw(tiers.below, *ENTRIES[:7], successor=ENTRIES[7])
    taking = tiers.send("two.bundle")
    assert (taking.report.state, taking.withdrawn, taking.vanished) == (RunState.COMPLETE, 7, 0)
    with pytest.raises(Gone) as gone:
        tiers.above.catalogue.entry("TJ00000001", ALL_SEEN)
    assert gone.value.parameters["reason"] == "gone_below"
    assert gone.value.parameters["successor"] == "TJ00000008"
    tiers.below.entry_keeping.restore("TJ00000001", by="王芳", reason="误撤")
    assert tiers.send("three.bundle").report.run.restored == 1
    assert tiers.arrived["TJ00000001"].state is EntryState.PUBLISHED


def test_an_entry_that_is_no_longer_shown_below_is_withdrawn_above(tiers: Tiers) -> None:
    tiers.send("one.bundle")
    save(tiers.below, replace(ENTRIES[0], revision=2, state=EntryState.SUSPENDED))
    taking = tiers.send("two.bundle")
    assert (taking.report.run.vanished, taking.vanished, taking.withdrawn) == (1, 1, 0)
    assert tiers.arrived["TJ00000001"].state is EntryState.WITHDRAWN


def test_a_bundle_that_lost_most_of_its_entries_waits_for_a_named_person(tiers: Tiers) -> None:
    tiers.send("one.bundle")
    save(tiers.below, *(replace(it, revision=2, state=EntryState.SUSPENDED) for it in ENTRIES[:7]))
    file = tiers.export("two.bundle")
    held = tiers.take(file)
    assert (held.report.state, held.vanished) == (RunState.HELD, 0)
    assert state_of(tiers, "TJ00000001") is EntryState.PUBLISHED
    assert tiers.take(file, release="王芳").vanished == 7
    assert state_of(tiers, "TJ00000001") is EntryState.WITHDRAWN


def test_what_a_person_withdrew_above_stays_withdrawn(tiers: Tiers) -> None:
    tiers.send("one.bundle")
    tiers.above.entry_keeping.withdraw("TJ00000001", ALL_SEEN, by="王芳", reason="涉密")
    assert tiers.send("two.bundle").report.run.restored == 0
    assert tiers.arrived["TJ00000001"].state is EntryState.WITHDRAWN


def test_an_entry_above_is_never_overwritten_by_one_with_its_code(tiers: Tiers) -> None:
    own = an_entry(500, "本级条目", code="TJ00000001")
    save(tiers.above, own)
    taking = tiers.send("one.bundle")
    assert tally(taking.report) == (COUNT + 1, COUNT, 0, 0, 1, 0, 0)
    assert codes(taking.report).count("code_held_here") == 1
    assert tiers.above.catalogue.entry("TJ00000001", ALL_SEEN).entry.metadata.title.original == "本级条目"


def test_a_code_of_the_kind_made_here_is_not_taken_from_below(tiers: Tiers) -> None:
    save(tiers.below, an_entry(40, "冒用编码", code="TW00000001"))
    assert codes(tiers.send("one.bundle").report).count("code_held_here") == 1
    assert "TW00000001" not in tiers.arrived


def test_organs_that_are_unknown_come_along_and_known_ones_stay(tiers: Tiers) -> None:
    unknown, other = an_organ("ferry", "天津市轮渡事务所"), an_organ("edu2", "天津市教育委员会")
    with tiers.below.uow() as work:
        renamed = replace(work.organs.by_id(OrganId("edu")), name=LocalizedText.of("天津市教育局"))
        for organ in (unknown, other, renamed):
            work.organs.save(organ)
        work.record(an_event())
        work.commit()
    save(tiers.below, an_entry(50, "航线表", organ_id=unknown.id), an_entry(51, "校历", organ_id=other.id))
    taking = tiers.send("one.bundle")
    assert (taking.organs_added, taking.organs_kept) == (("ferry",), ("edu", "edu2"))
    assert tiers.arrived["TJ00000050"].organ_id == "ferry"
    assert tiers.arrived["TJ00000051"].organ_id == "edu", "the organ that has this name above"
    above = {organ.id: organ.name.original for organ in tiers.above.organs.all()}
    assert above[OrganId("edu")] == "天津市教育委员会"


def test_nothing_above_the_tier_of_the_sender_is_in_the_file(tmp_path: Path) -> None:
    below = two_tiers(tmp_path / "a").below
    hidden = an_entry(9, "绝不外传的标题", tier=Tier.EXTRANET)
    gone = an_entry(10, "撤销的标题", tier=Tier.EXTRANET)
    draft = an_entry(11, "草稿的标题", state=EntryState.SUBMITTED)
    raised = an_entry(12, "已升级的标题")
    save(below, ENTRIES[0], hidden, gone, draft, raised)
    save(below, replace(raised, revision=2, tier=Tier.EXTRANET, metadata=a_metadata("升级后的标题")))
    withdraw(below, gone)
    lowered = _lowered(tmp_path / "a")
    file = tmp_path / "portal.bundle"
    lowered.bundle_export.write(file, Tier.EXTRANET, actor="test")
    written = b"\n".join(members_of(file).values())
    assert "第1号名录".encode() in written
    for word in ("绝不外传", "撤销的标题", "草稿", "升级", *(it.code for it in (hidden, gone, draft, raised))):
        assert word.encode() not in written, word


def _lowered(folder: Path) -> Container:
    """Open the deployment below again, now for the portal alone: what it holds above that is shown to nobody."""
    return open_catalogue(folder / "below", tier_ceiling="portal", web_tier="portal")


def test_a_bundle_is_let_in_once(tiers: Tiers) -> None:
    first, second = tiers.export("one.bundle"), tiers.export("two.bundle")
    tiers.take(first)
    for again in (first, first):
        with pytest.raises(BundleRefused, match="bundle_replayed"):
            tiers.take(again)
    tiers.take(second)
    with pytest.raises(BundleRefused, match="bundle_replayed"):
        tiers.take(first)


def test_a_bundle_that_never_came_is_told(tiers: Tiers) -> None:
    tiers.take(tiers.export("one.bundle"))
    tiers.export("lost.bundle")
    assert tiers.take(tiers.export("three.bundle")).missed == 1


def test_nothing_travels_down_or_sideways(tiers: Tiers) -> None:
    for tier in (Tier.PORTAL, Tier.EXTRANET):
        with pytest.raises(BundleRefused, match="bundle_not_upwards"):
            tiers.export("down.bundle", tier)
    assert not (tiers.folder / "down.bundle").exists()


def test_only_the_tier_it_is_meant_for_takes_a_bundle(tmp_path: Path) -> None:
    tiers = two_tiers(tmp_path, tier_ceiling="extranet")
    with pytest.raises(BundleRefused, match="bundle_not_upwards"):
        tiers.take(tiers.export())
    portal = _lowered(tmp_path)
    other = tmp_path / "other.bundle"
    portal.bundle_export.write(other, Tier.INTRANET, actor="test")
    with pytest.raises(BundleRefused, match="bundle_for_another_tier"):
        tiers.take(other)


def test_two_deployments_that_make_the_same_codes_are_kept_apart(tmp_path: Path) -> None:
    tiers = two_tiers(tmp_path, municipality_code_prefix="TJ")
    with pytest.raises(BundleRefused, match="bundle_prefix_shared"):
        tiers.take(tiers.export())


def test_only_trusted_senders_are_listened_to(tiers: Tiers) -> None:
    file = tiers.export()
    senders = tiers.above.bundle_senders
    senders.distrust(SENDER, actor="test")
    with pytest.raises(BundleRefused, match="bundle_key_unknown"):
        tiers.take(file)
    senders.trust(SENDER, tiers.below.bundle_key.public, OrganId("data"), actor="test")
    assert tiers.take(file).report.state is RunState.COMPLETE


def test_a_name_and_a_key_belong_together(tiers: Tiers) -> None:
    senders, key = tiers.above.bundle_senders, tiers.below.bundle_key.public
    other = tiers.above.bundle_key.public
    with pytest.raises(Conflict, match="bundle_key_known"):
        senders.trust("second", key, OrganId("data"), actor="test")
    with pytest.raises(Conflict, match="bundle_sender_known"):
        senders.trust(SENDER, other, OrganId("data"), actor="test")
    for broken in ("", "ed25519:", "ed25519:AAAA", key.removeprefix("ed25519:"), "ed25519:中文"):
        with pytest.raises(InvalidInput, match="bundle_key_malformed"):
            senders.trust("third", broken, OrganId("data"), actor="test")
    for name in ("", "../evil", "A", "-x"):
        with pytest.raises(InvalidInput, match="bundle_sender_name"):
            senders.trust(name, other, OrganId("data"), actor="test")
    assert senders.trust(SENDER, other, OrganId("data"), actor="test", replaces=True).public_key == other
    with pytest.raises(BundleRefused, match="bundle_key_unknown"):
        tiers.take(tiers.export())


def test_the_signing_key_is_made_once_and_only_its_owner_reads_it(tiers: Tiers) -> None:
    key = tiers.below.bundle_key
    assert key.public == key.public
    path = tiers.below.settings.data_dir / "bundle.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(tiers.export().stat().st_mode) == 0o600


def test_nobody_registers_a_source_of_bundles(tiers: Tiers) -> None:
    with pytest.raises(InvalidInput, match="unknown_kind"):
        tiers.above.sources.add(OrganId("data"), SourceKind("bundle"), str(tiers.export()), {}, actor="test")


def test_a_source_of_bundles_reads_nothing_but_the_bundle_that_was_let_in(tiers: Tiers) -> None:
    tiers.send("one.bundle")
    assert tally(harvest(tiers.above, tiers.source_id)) == (COUNT + 1, 0, 0, COUNT + 1, 0, 0, 0)
    save(tiers.below, an_entry(60, "未经放行"))
    tiers.above.sources.change(tiers.source_id, {}, actor="test", address=str(tiers.export("two.bundle")))
    report = harvest(tiers.above, tiers.source_id)
    assert (report.state, codes(report)[0]) == (RunState.ABORTED, "bundle_changed")
    assert "TJ00000060" not in tiers.arrived


def test_everything_is_on_the_audit_log(tiers: Tiers) -> None:
    tiers.send("one.bundle")
    withdraw(tiers.below, ENTRIES[0])
    tiers.send("two.bundle")
    engine = make_engine(tiers.above.settings.database_url)
    with engine.connect() as database:
        acts = set(database.scalars(text("SELECT action FROM audit_event WHERE subject LIKE 'bundle:%'")))
    engine.dispose()
    assert acts == {"bundle_sender_trusted", "bundle_let_in", "bundle_withdrawn", "bundle_done"}
