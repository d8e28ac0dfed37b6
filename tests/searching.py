"""What tests of searching stand on: a small language of their own, and the demo municipality ready to be indexed."""

import csv
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from catalogue_app.domain.entry import Entry
from catalogue_app.domain.ids import EntryId, OrganId, new_id
from catalogue_app.domain.metadata import Item
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.text import LocalizedText
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import DisclosureCategory, OpenType, Tier, UpdateCycle
from catalogue_app.reference import Reference, load_reference
from indexing.concepts import Thesaurus, district_names
from indexing.document import SearchDocument, project
from indexing.elastic.connection import Connection
from indexing.elastic.engine import ElasticEngine
from indexing.embedded.engine import EmbeddedEngine
from indexing.language import Language
from indexing.port import SearchEngine
from indexing.query import SearchQuery
from indexing.results import SearchResults
from tests.builders import NOW, a_metadata, an_entry, an_organ
from tests.search_shared import search_url
from tests.shared import ROOT

CITY = "120000"
EDU = an_organ("edu", "天津市教育委员会", short_name="市教委", aliases=("教委", "教育局"))
HRSS = an_organ("hrss", "天津市人力资源和社会保障局", short_name="市人社局", aliases=("人社局",))
ORGANS: Mapping[OrganId, Organ] = {organ.id: organ for organ in (EDU, HRSS)}

PORTAL = Audience.of_tier(Tier.PORTAL)
EXTRANET = Audience.of_tier(Tier.EXTRANET)

MakeEngine = Callable[[Path, Callable[[], Language]], SearchEngine]


def make_elastic(place: Path, language: Callable[[], Language]) -> ElasticEngine:
    """Make an engine on this run's server; a place stands for a prefix of its own."""
    prefix = f"t{hashlib.blake2b(str(place).encode(), digest_size=8).hexdigest()}"
    return ElasticEngine(Connection(urls=(search_url(),)), prefix, language, system_clock)


def system_clock() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 — a server judges by its own time too


ENGINES: Mapping[str, MakeEngine] = {"embedded": EmbeddedEngine, "elastic": make_elastic}
BOTH = ["embedded", pytest.param("elastic", marks=pytest.mark.engines)]
"""Every engine there is; all of them are held to the same contract."""


@contextmanager
def engines_of(name: str) -> Iterator[MakeEngine]:
    """Make engines of one kind; what they left in the server is removed after."""
    made: list[SearchEngine] = []

    def make(place: Path, language: Callable[[], Language]) -> SearchEngine:
        made.append(ENGINES[name](place, language))
        return made[-1]

    yield make
    for engine in made:
        discard(engine)


def discard(engine: SearchEngine) -> None:
    """Remove what an engine left outside the folder of its test."""
    if isinstance(engine, ElasticEngine):
        engine._indexes.remove(engine._indexes.all())


def rebuild(engine: SearchEngine, documents: Iterable[SearchDocument]) -> int:
    """Build a new index and swap it in, without a look at any database."""
    with engine.build() as build:
        count = build.fill(documents)
        build.swap()
    return count


def a_thesaurus(organs: Iterable[Organ] = ORGANS.values()) -> Thesaurus:
    """Make the tables of a small language."""
    return Thesaurus(
        organs=tuple(organs),
        districts={"120101": ("和平区", "和平"), "120119": ("蓟州区", "蓟县", "蓟州")},
        synonyms=(
            ("养老院", ("养老机构", "敬老院"), True),
            ("小学", ("义务教育学校",), False),
            ("暖气", ("供热", "采暖"), True),
            ("公租房", ("公共租赁住房",), True),
            ("劳动厅", ("人社局",), False),
        ),
        noise=frozenset({"的", "有哪些", "请问", "天津市", "天津"}),
        city=CITY,
    )


@cache
def a_language() -> Language:
    """Make a small language."""
    return Language(a_thesaurus())


def a_document(entry: Entry, organ: Organ | None = None) -> SearchDocument:
    """Project an entry of one of the few organs here."""
    return project(entry, organ or ORGANS[entry.organ_id])


def keep(engine: SearchEngine, *entries: Entry) -> None:
    engine.write([a_document(entry) for entry in entries])


def ask(engine: SearchEngine, text: str = "", audience: Audience = EXTRANET, **rest: Any) -> SearchResults:
    return engine.search(SearchQuery(text=text, audience=audience, **rest))


def ids(results: SearchResults) -> list[EntryId]:
    return [hit.entry_id for hit in results.hits]


def some_entries(number: int = 40) -> list[Entry]:
    """Make entries of many days, some of the same day, with titles in no order."""
    return [
        an_entry(
            serial,
            metadata=a_metadata(
                f"{'乙甲丁丙'[serial % 4]}级幼儿园名录{serial * 7 % 11}", updated_on=date(2026, 1, 1 + serial % 5)
            ),
            changed_at=NOW - timedelta(days=serial % 6),
        )
        for serial in range(1, number + 1)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoEntry:
    """One entry of the demo, with the row it was made of."""

    entry: Entry
    organ: Organ
    titles: frozenset[str]


@cache
def demo_reference() -> Reference:
    """Read the tables of the project once."""
    return load_reference(ROOT / "config")


@cache
def demo_language() -> Language:
    """Make the language of the demo's register."""
    reference = demo_reference()
    districts = {
        code: district_names(division.zh, division.former_names)
        for code, division in reference.divisions.items()
        if not code.endswith("00")
    }
    return Language(
        Thesaurus(
            organs=tuple(reference.organs.values()),
            districts=districts,
            synonyms=tuple((group.term, group.synonyms, group.is_two_way) for group in reference.synonyms),
            noise=reference.noise,
            city=CITY,
        )
    )


@cache
def demo_entries() -> tuple[DemoEntry, ...]:
    """Return the demo's entries; those not open stand on the extranet, as a harvest decides."""
    with (ROOT / "config" / "demo" / "titles.csv").open(encoding="utf-8", newline="") as table:
        return tuple(_demo_entry(serial, row) for serial, row in enumerate(csv.DictReader(table), 10_001))


def _demo_entry(serial: int, row: Mapping[str, str]) -> DemoEntry:
    metadata = a_metadata(
        row["title"],
        abstract=LocalizedText.of(row["abstract"]),
        items=tuple(Item(name=part.partition(":")[0]) for part in row["items"].split(";")),
        themes=(row["theme"],),
        disclosure_categories=tuple(map(DisclosureCategory, row["disclosure_category"])),
        update_cycle=UpdateCycle(row["update_cycle"]),
        open_type=OpenType(row["open_type"]),
        format_types=(row["format_type"],),
        spatial=(row["spatial_code"],),
    )
    tier = Tier.EXTRANET if row["open_type"] == "none" else Tier.PORTAL
    organ = demo_reference().organs[OrganId(row["organ_id"])]
    return DemoEntry(
        entry=an_entry(serial, organ_id=organ.id, metadata=metadata, tier=tier),
        organ=organ,
        titles=frozenset({row["title"], row["base_title"]}),
    )


@cache
def district_copies() -> tuple[DemoEntry, ...]:
    """Return a copy of every municipal entry for each district, titled after it; of like ones the demo's are newer."""
    districts = {code: one.zh for code, one in demo_reference().divisions.items() if not code.endswith("00")}
    municipal = [demo for demo in demo_entries() if demo.entry.metadata.spatial == (CITY,)]
    pairs = [(demo, code, name) for code, name in districts.items() for demo in municipal]
    return tuple(
        _district_copy(demo, code, name, serial) for serial, (demo, code, name) in enumerate(pairs, start=1001)
    )


def _district_copy(demo: DemoEntry, code: str, name: str, serial: int) -> DemoEntry:
    title = name + min(demo.titles, key=len)
    metadata = replace(demo.entry.metadata, title=LocalizedText.of(title), spatial=(code,))
    entry = replace(demo.entry, id=EntryId(new_id()), serial=serial, metadata=metadata)
    return DemoEntry(entry=entry, organ=demo.organ, titles=frozenset({title}))
