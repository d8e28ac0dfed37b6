"""The order of hits, page by page, is that of what its reader may see: whatever else is in the index moves nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import cycle, islice, product
from typing import final

import pytest

from catalogue_app.domain.entry import Entry, EntryState
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.metadata import Item
from catalogue_app.domain.text import LocalizedText
from catalogue_app.domain.visibility import Audience, may_see
from catalogue_app.domain.vocabulary import Tier
from indexing.fields import FacetField
from indexing.port import SearchEngine
from indexing.results import SearchResults
from tests.builders import NOW, a_metadata, an_entry
from tests.searching import BOTH, CITY, EXTRANET, PORTAL, MakeEngine, a_language, ask, engines_of, keep

AUDIENCES: Mapping[str, Audience] = {
    "portal": PORTAL,
    "extranet": EXTRANET,
    "edu": Audience(tier=Tier.PORTAL, organs=frozenset({OrganId("edu")})),
    "supervision": Audience(tier=Tier.EXTRANET, supervises=True),
}
QUERIES = (
    "幼儿园",
    "幼儿园名录",
    "养老院",
    "敬老院",
    "停车场 收费",
    "小学 名单",
    "暖气",
    "公租房",
    "市教委",
    "人社局 名录",
    "和平区幼儿园",
    "蓟县 停车场",
    "youeryuan",
    "yey",
    "幼儿圆",
    "收费标准和名录",
    "名录 OR 名单",
    "名录 -幼儿园",
    "幼*",
    '"幼儿园名录"',
    "title:名录",
    "园",
    "幼儿园 养老院",
    "法定代表人",
)
BEGINNINGS = ("幼", "幼儿", "名", "yey", "youer", "市", "法定")

TOPICS = ("幼儿园", "养老院", "敬老院", "停车场", "小学", "暖气", "公租房", "公共租赁住房")
KINDS = ("名录", "名单", "收费标准", "年检结果公示名录", "名录和收费标准")
PLACES = (("", CITY), ("和平区", "120101"), ("蓟州区", "120119"))
ITEMS = ((), ("法定代表人",), ("幼儿园名称", "法定代表人", "停车场地址"))


def entries() -> list[Entry]:
    """Make entries whose texts are near to each other, on every tier, of two organs, some of them drafts."""
    rest = cycle(product(Tier, ("edu", "hrss"), ITEMS, (EntryState.PUBLISHED,) * 4 + (EntryState.DRAFT,)))
    texts = product(KINDS, TOPICS, PLACES)
    return [
        an_entry(
            serial,
            organ_id=OrganId(organ),
            tier=tier,
            state=state,
            metadata=a_metadata(
                f"{place}{topic}{kind}",
                abstract=LocalizedText.of(f"{place}各{TOPICS[serial % 8]}的{kind}" * (1 + serial % 3)),
                items=tuple(Item(name=item) for item in items),
                spatial=(code,),
            ),
        )
        for serial, ((kind, topic, (place, code)), (tier, organ, items, state)) in enumerate(zip(texts, rest), 1)  # noqa: B905 — the second has no end
    ]


def weights_of_the_deep() -> list[Entry]:
    """Make hundreds of entries nobody here may see, that change how frequent words are and how long texts."""
    titles = (
        "幼儿园幼儿园幼儿园名录",
        "养老院收费",
        "停车场",
        "和平区小学名单公共租赁住房",
        "暖气收费标准法定代表人",
    )
    return [
        an_entry(
            5000 + number,
            tier=Tier.INTRANET,
            organ_id=OrganId("hrss"),
            metadata=a_metadata(
                title,
                abstract=LocalizedText.of("名录" * 300 if number % 2 else "公"),
                items=tuple(Item(name=f"法定代表人{one}") for one in range(number % 40)),
            ),
        )
        for number, title in enumerate(islice(cycle(titles), 400))
    ]


@final
@dataclass(frozen=True, slots=True)
class Pair:
    """Two engines of one kind: over everything, and over what each audience may see."""

    full: SearchEngine
    bare: Mapping[str, SearchEngine]


def write(engine: SearchEngine, batches: Sequence[Sequence[Entry]]) -> None:
    """Write batch after batch, entries of the batch before again in between, so that segments are many and merge."""
    for number, batch in enumerate(batches):
        keep(engine, *batch)
        again = [entry for entry in batches[number - 1] if entry.serial % 5 == number % 5]
        keep(engine, *(replace(it, revision=2 + number, changed_at=NOW + timedelta(hours=number)) for it in again))


@pytest.fixture(scope="module", params=BOTH)
def make(request: pytest.FixtureRequest) -> Iterator[MakeEngine]:
    with engines_of(request.param) as make:
        yield make


@pytest.fixture(scope="module")
def pair(make: MakeEngine, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    shown, deep = entries(), weights_of_the_deep()
    batches = [shown[start : start + 24] for start in range(0, len(shown), 24)]
    full = make(tmp_path_factory.mktemp("full"), a_language)
    share = len(deep) // len(batches)
    between = [deep[number * share : (number + 1) * share] for number in range(len(batches))]
    write(
        full,
        [
            [*hidden, *batch] if number % 2 else [*batch, *hidden]
            for number, (batch, hidden) in enumerate(zip(batches, between, strict=True))
        ],
    )
    bare = {}
    for name, audience in AUDIENCES.items():
        bare[name] = make(tmp_path_factory.mktemp(name), a_language)
        write(
            bare[name],
            [
                [it for it in batch if may_see(audience, tier=it.tier, state=it.state, organ=it.organ_id)]
                for batch in batches
            ],
        )
    return Pair(full, bare)


def pages(engine: SearchEngine, text: str, audience: Audience) -> list[SearchResults]:
    """Return every page of an answer."""
    found = [ask(engine, text, audience, limit=5, facets=tuple(FacetField))]
    while (cursor := found[-1].next_cursor) is not None:
        found.append(ask(engine, text, audience, limit=5, facets=tuple(FacetField), cursor=cursor))
    return found


@pytest.mark.parametrize("name", AUDIENCES)
def test_what_an_audience_may_not_see_moves_no_hit(pair: Pair, name: str) -> None:
    audience = AUDIENCES[name]
    moved = [text for text in QUERIES if pages(pair.full, text, audience) != pages(pair.bare[name], text, audience)]
    assert moved == []
    assert sum(bool(ask(pair.full, text, audience).total) for text in QUERIES) >= len(QUERIES) - 4


@pytest.mark.parametrize("name", AUDIENCES)
def test_what_an_audience_may_not_see_moves_no_suggestion(pair: Pair, name: str) -> None:
    audience = AUDIENCES[name]
    both = [[engine.suggest(text, audience, 10) for text in BEGINNINGS] for engine in (pair.full, pair.bare[name])]
    assert both[0] == both[1]
    assert any(both[0])
