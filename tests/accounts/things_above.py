"""What a catalogue holds besides entries, up to a tier: releases, uploads, sources, bundles, curations, successions.

What is at a tier or below is the same whatever lies above it: two catalogues made for two tiers differ in nothing else.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import Final

from catalogue_app.container import Container
from catalogue_app.domain.account import Account, Role
from catalogue_app.domain.entry import Entry
from catalogue_app.domain.harvest import RunState
from catalogue_app.domain.ids import OrganId, catalogue_code
from catalogue_app.domain.metadata import JsonValue
from catalogue_app.domain.source import Source, SourceKind
from catalogue_app.domain.upload import Rows, Upload, UploadState
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from tests.accounts.people import NAMES
from tests.accounts.test_uploads import STATEMENT, a_row, a_table
from tests.api.small_catalogue import INNER
from tests.builders import NOW, a_metadata, an_entry
from tests.bundles import save
from tests.living import open_catalogue
from tests.malformed import entries_of
from tests.sheets import csv_bytes

DEEPEST: Final = "绝密雷达站分布"
"""Title of an entry of the intranet."""

EDU: Final = OrganId("edu")
MOVED, HEIR, CLOSED = OrganId("sport"), OrganId("culture"), OrganId("audit")
"""Organs that have, at most, entries above the portal: one is taken over by the next, the last is closed."""

_WORDS: Final = {Tier.PORTAL: "公开", Tier.EXTRANET: INNER, Tier.INTRANET: DEEPEST}
_LEVELS: Final = {Tier.PORTAL: "", Tier.EXTRANET: "政务外网", Tier.INTRANET: "政务内网"}


def tiers_up_to(reached: Tier) -> list[Tier]:
    return [tier for tier in Tier if tier.level <= reached.level]


def everything(tier: Tier) -> Audience:
    return Audience(tier=tier, organs=frozenset({EDU}), supervises=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """Fills one catalogue."""

    container: Container
    folder: Path
    reached: Tier

    def account(self, role: Role) -> Account:
        return self.container.accounts.by_name(NAMES[role])

    def release(self) -> None:
        """Let `edu` sign releases for every network, those of the highest first, and have one of each wait."""
        releases = self.container.releases
        editor, approver = self.account(Role.ORGAN_EDITOR), self.account(Role.ORGAN_APPROVER)
        for note in ("年度", "修订"):
            for tier in reversed(tiers_up_to(self.reached)):
                audience = everything(tier)
                waiting = releases.prepare(editor, _WORDS[tier] + note, audience)
                releases.sign(approver, waiting.id, audience)
        for tier in reversed(tiers_up_to(self.reached)):
            audience = everything(tier)
            given_up = releases.prepare(editor, _WORDS[tier], audience)
            releases.discard(editor, given_up.id, audience)
            releases.prepare(editor, _WORDS[tier] + "待签", audience)

    def upload(self) -> None:
        """Let tables with rows of each tier be looked at, taken, and let go."""
        for tier in reversed(tiers_up_to(self.reached)):
            for act in ("检查", "采纳", "放弃"):
                title = f"{_WORDS[tier]}{act}登记表"
                upload = self._looked_at(tier, title)
                if act == "采纳":
                    how = {"rows": Rows.GOOD, "submits": True, "statement": STATEMENT}
                    self.container.uploads.choose(self.account(Role.ORGAN_EDITOR), upload.id, everything(tier), **how)  # type: ignore[arg-type]  # parameters of `choose`
                    assert self.container.uploads.go_on(upload.id).state is UploadState.TAKEN
                elif act == "放弃":
                    self.container.uploads.discard(self.account(Role.ORGAN_EDITOR), upload.id, everything(tier))

    def _looked_at(self, tier: Tier, title: str) -> Upload:
        rows = [a_row(title, 网络层级=_LEVELS[tier]), a_row(f"{title}二", 网络层级=_LEVELS[tier], 更新周期="有时")]
        uploads, audience = self.container.uploads, everything(tier)
        upload = uploads.go_on(
            uploads.receive(self.account(Role.ORGAN_EDITOR), f"{title}.csv", BytesIO(a_table(*rows)), audience).id
        )
        assert upload.state is UploadState.CHECKED
        return upload

    def harvest(self) -> None:
        """Harvest a list of all tiers, those of the highest first, whose rows above the portal then vanish.

        Between its readings lists of one tier each are harvested, that of the highest first.
        """
        titles = [f"公开名录第{number}册" for number in range(12)]
        mixed, listed = self._source("mixed", [], tier="intranet"), list[str]()
        for tier in reversed(tiers_up_to(self.reached)):
            added = titles if tier is Tier.PORTAL else [f"{_WORDS[tier]}第{number}册" for number in range(6)]
            listed = [*listed, *added]
            self._write("mixed", listed)
            assert self._run(mixed) is RunState.COMPLETE
            if tier is not Tier.PORTAL:
                self._harvest_of(tier)
        self._write("mixed", titles)
        assert self._run(mixed) is (RunState.COMPLETE if listed == titles else RunState.HELD)

    def _harvest_of(self, tier: Tier) -> None:
        """Let a source of one tier be held and corrected, another fail; take in what a deployment below sends."""
        source = self._source(f"of-{tier}", [f"{_WORDS[tier]}来源{number}" for number in range(12)], organ="police")
        assert self._run(source) is RunState.COMPLETE
        self._write(f"of-{tier}", [f"{_WORDS[tier]}来源0"])
        assert self._run(source) is RunState.HELD
        self._curate(source, tier)
        failing = self._source(f"gone-{tier}", [], organ="police", tier=tier.value)
        Path(failing.address).unlink()
        for _ in range(4):
            assert self._run(failing) is RunState.ABORTED
        if tier is Tier.EXTRANET:
            self._take_bundle()

    def _curate(self, source: Source, tier: Tier) -> None:
        code = next(entry.code for entry in entries_of(self.container, source.id).values())
        said: dict[str, JsonValue] = {"keywords": [f"{_WORDS[tier]}关键词"]}
        self.container.entry_keeping.curate(code, said, everything(tier), by="account:desk", reason=_WORDS[tier])

    def _source(self, name: str, titles: list[str], organ: str = "edu", **options: str) -> Source:
        path = self._write(name, titles)
        return self.container.sources.add(OrganId(organ), SourceKind.SHEET, str(path), options, actor="test")

    def _write(self, name: str, titles: list[str]) -> Path:
        path = self.folder / f"{name}.csv"
        tier_of = {word: tier for tier, word in _WORDS.items()}
        rows, numbers = [], Counter[Tier]()
        for title in titles:
            tier = next(tier for word, tier in tier_of.items() if title.startswith(word))
            opened = "无条件开放" if tier is Tier.PORTAL else "不开放"
            rows.append([title, f"307{tier.level}{numbers[tier]:02}/000001", opened, _LEVELS[tier]])
            numbers[tier] += 1
        path.write_bytes(csv_bytes([["信息资源名称", "信息资源代码", "开放类型", "网络层级"], *rows]))
        return path

    def _run(self, source: Source) -> RunState:
        return self.container.harvesting.run(source.id, actor="test").run.state

    def _take_bundle(self) -> None:
        below = open_catalogue(self.folder / "below", tier_ceiling="extranet", municipality_code_prefix="TW")
        sent = an_entry(1, f"{INNER}来自下级", tier=Tier.EXTRANET, organ_id=OrganId("police"))
        save(below, replace(sent, code=catalogue_code("TW", 1)))
        file = self.folder / "one.bundle"
        below.bundle_export.write(file, Tier.INTRANET, actor="test")
        self.container.bundle_senders.trust("extranet", below.bundle_key.public, OrganId("data"), actor="test")
        self.container.bundle_import.take(file, actor="test")

    def succeed(self) -> None:
        """Let one organ take over another, and close a third; what they have lies above the portal."""
        actor, audience = self.account(Role.DESK_ADMINISTRATOR).actor, everything(Tier.PORTAL)
        self.container.succession.succeed(MOVED, HEIR, audience, actor=actor)
        closed = replace(self.container.organs.by_id(CLOSED), valid_to=NOW.date())
        self.container.organs.save(closed, audience, actor=actor)


def entries_of_organs(reached: Tier) -> Iterator[Entry]:
    """Yield entries of organs that are taken over or closed."""
    for number, organ in enumerate((MOVED, CLOSED)):
        for tier in tiers_up_to(reached)[1:]:
            serial = 200 + 10 * tier.level + number
            yield replace(an_entry(serial, metadata=a_metadata(f"{_WORDS[tier]}之{organ}"), tier=tier), organ_id=organ)


def fill_up_to(container: Container, folder: Path, reached: Tier) -> None:
    """Put everything into a catalogue that a tier may know of."""
    folder.mkdir(exist_ok=True)
    keeper = Keeper(container=container, folder=folder, reached=reached)
    keeper.harvest()
    keeper.release()
    keeper.upload()
    keeper.succeed()
