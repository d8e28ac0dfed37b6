"""A catalogue without a network for tests: a database, a search engine, the feed between them, and searching."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from catalogue_app.domain.entry import Entry
from catalogue_app.domain.ids import EntryId
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.metrics import Instruments
from catalogue_app.persistence.base import make_engine
from catalogue_app.persistence.entries import EntryPolicy
from catalogue_app.persistence.migration import upgrade
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from catalogue_app.services.index_feed import IndexFeed
from catalogue_app.services.search import Search
from indexing.elastic.engine import ElasticEngine
from indexing.embedded.engine import EmbeddedEngine
from indexing.query import SearchQuery
from tests.builders import TickingClock, an_event
from tests.searching import EXTRANET, ORGANS
from tests.stack import database_url

POLICY: Final = EntryPolicy(code_prefix="TJ", tier_ceiling=Tier.INTRANET)


@dataclass(frozen=True, kw_only=True)
class Place:
    """What a test of the feed needs at hand; `url` is that of the database, `folder` where it lies."""

    url: str
    folder: Path
    uow: UnitsOfWork
    engine: EmbeddedEngine | ElasticEngine
    feed: IndexFeed
    search: Search

    def save(self, *entries: Entry) -> None:
        with self.uow() as work:
            for entry in entries:
                work.entries.save(entry, "registration")
            work.record(an_event())
            work.commit()

    def waiting(self) -> int:
        with self.uow.reading() as look:
            return look.outbox.size()

    def total(self, text: str = "", audience: Audience = EXTRANET) -> int:
        return self.engine.search(SearchQuery(text=text, audience=audience)).total

    def ids(self, text: str, audience: Audience = EXTRANET) -> list[EntryId]:
        return [hit.entry.id for hit in self.search.search(SearchQuery(text=text, audience=audience)).hits]


@contextmanager
def a_place(folder: Path, engine: EmbeddedEngine | ElasticEngine) -> Iterator[Place]:
    """Make a database with two organs, and what stands between it and an engine."""
    url = database_url(folder)
    database = make_engine(url)
    upgrade(database)
    uow = UnitsOfWork(database, clock=TickingClock(), policy=POLICY)
    with uow() as work:
        for organ in ORGANS.values():
            work.organs.save(organ)
        work.record(an_event())
        work.commit()
    yield Place(
        url=url,
        folder=folder,
        uow=uow,
        engine=engine,
        feed=IndexFeed(uow, engine),
        search=Search(uow, engine, engine.language, Instruments()),
    )
    database.dispose()
