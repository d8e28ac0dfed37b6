"""A whole catalogue in a folder, without a network: real database and adapters, sources that are files beside it."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, text

from catalogue_app.domain.conclusion import ConclusionRules
from catalogue_app.domain.entry import Entry
from catalogue_app.domain.errors import SourceError
from catalogue_app.domain.harvest import HarvestRun
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.source import Source
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.base import make_engine
from catalogue_app.persistence.entries import EntryPolicy
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from catalogue_app.services.harvest_plan import ProfileCheck
from catalogue_app.services.harvest_report import RunReport
from catalogue_app.services.harvest_steps import Progress
from catalogue_app.services.harvesting import Harvesting, MakeHarvester
from catalogue_app.services.long_work import LongWorks
from catalogue_app.services.turns import Turns
from harvesters.data_json import DataJsonHarvester
from harvesters.fields import Readings, ReadingTables
from harvesters.port import Harvester, Payload
from tests.builders import RULES, TickingClock, a_source, an_event, an_organ, harvest_rules, no_violations
from tests.stack import Stack, database_url

Dataset = Mapping[str, object]


class FileFetcher:
    """The way to files of the folder; a missing one is a source that does not answer."""

    def expand(self, address: str) -> tuple[str, ...]:
        return (address,)

    @contextmanager
    def fetch(self, address: str, parameters: Mapping[str, str] | None = None) -> Iterator[Payload]:
        del parameters
        path = Path(address)
        if not path.exists():
            raise SourceError("unreachable", address=path.name)
        with path.open("rb") as body:
            digest = hashlib.file_digest(body, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
        size_bytes = path.stat().st_size
        yield Payload(address=path.name, size_bytes=size_bytes, digest=digest, open=lambda: path.open("rb"))


def data_json(source: Source, since: datetime | None = None) -> Harvester:
    """The adapter of all sources here, with empty vocabularies."""
    del since
    return DataJsonHarvester(source, Readings(ReadingTables(), source.options))


@dataclass(kw_only=True)
class Installation:
    """One deployment.

    Attributes:
        source: its first source, of the organ `edu`, a data.json in the folder.
    """

    folder: Path
    engine: Engine
    uow: UnitsOfWork
    clock: TickingClock
    tier_ceiling: Tier
    source: Source = field(default_factory=a_source)

    def harvesting(
        self,
        *,
        check: ProfileCheck = no_violations,
        reference_version: str = "1",
        make_harvester: MakeHarvester = data_json,
        rules: ConclusionRules = RULES,
        works: LongWorks | None = None,
        watch: Callable[[Progress], None] = lambda _: None,
    ) -> Harvesting:
        return Harvesting(
            self.uow,
            make_harvester=make_harvester,
            open_fetcher=_file_fetcher,
            open_ahead=_file_fetcher,
            profile_check=check,
            reference_version=reference_version,
            tier_ceiling=self.tier_ceiling,
            turns=Turns(harvest_rules(), failing_after=3),
            rules=rules,
            clock=self.clock,
            works=works or LongWorks(self.uow, self.clock),
            watch=watch,
        )

    def offer(self, *datasets: Dataset) -> None:
        """Make the first source offer these datasets."""
        Path(self.source.address).write_text(json.dumps({"dataset": datasets}, ensure_ascii=False), encoding="utf-8")

    def harvest(self, *datasets: Dataset, release: str | None = None) -> RunReport:
        """Offer datasets and harvest them."""
        self.offer(*datasets)
        return self.harvesting().run(self.source.id, actor="tester", release=release)

    def entries(self) -> dict[str, Entry]:
        """Every entry by the identifier its source uses."""
        with self.uow.reading() as look:
            return {entry.identifier: entry for entry in look.entries.stream()}

    def register(self, *organs: Organ) -> None:
        with self.uow() as work:
            versions = {organ.id: organ.version for organ in work.organs.all()}
            for organ in organs:
                work.organs.save(replace(organ, version=versions.get(organ.id, 0)))
            work.record(an_event())
            work.commit()

    def add(self, source: Source) -> None:
        with self.uow() as work:
            work.sources.add(source)
            work.record(an_event())
            work.commit()

    def replace(self, source: Source) -> None:
        with self.uow() as work:
            work.sources.replace(source)
            work.record(an_event())
            work.commit()

    def move_source(self, address: Path) -> None:
        """Let the first source be another file."""
        self.source = replace(self.source, address=str(address))
        self.replace(self.source)

    def rows(self, table: str) -> list[tuple[object, ...]]:
        """All rows of a table, as the database holds them."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(f"SELECT * FROM {table}"))]  # noqa: S608 — a test's own


@contextmanager
def _file_fetcher(source: Source) -> Iterator[FileFetcher]:
    del source
    yield FileFetcher()


def a_dataset(identifier: str = "a-1", title: str = "幼儿园名录", **rest: object) -> Dataset:
    return {"identifier": identifier, "title": title, "modified": "2026-05-01", **rest}


def datasets(count: int, **rest: object) -> list[Dataset]:
    return [a_dataset(f"a-{number}", f"幼儿园名录第{number}册", **rest) for number in range(1, count + 1)]


def units_of_work(
    folder: Path, *, tier_ceiling: Tier = Tier.EXTRANET, stack: Stack | None = None
) -> tuple[Engine, UnitsOfWork, TickingClock]:
    """Open a migrated, empty database of a folder, or the one that is there already; of the run's kind unless given."""
    engine, clock = make_engine(database_url(folder, stack)), TickingClock()
    return (
        engine,
        UnitsOfWork(engine, clock=clock, policy=EntryPolicy(code_prefix="TJ", tier_ceiling=tier_ceiling)),
        clock,
    )


def reopen(folder: Path, *, tier_ceiling: Tier = Tier.EXTRANET) -> Installation:
    """Open the deployment that another process made in a folder."""
    engine, uow, clock = units_of_work(folder, tier_ceiling=tier_ceiling)
    with uow.reading() as look:
        source = look.sources.all()[0]
    return Installation(folder=folder, engine=engine, uow=uow, clock=clock, tier_ceiling=tier_ceiling, source=source)


def install(
    folder: Path, *, tier_ceiling: Tier = Tier.EXTRANET, stack: Stack | None = None, **source: object
) -> Installation:
    """Make a deployment with the organs `edu` and `health` and one source."""
    engine, uow, clock = units_of_work(folder, tier_ceiling=tier_ceiling, stack=stack)
    made = Installation(folder=folder, engine=engine, uow=uow, clock=clock, tier_ceiling=tier_ceiling)
    made.source = a_source(**{"address": str(folder / "data.json"), **source})  # type: ignore[arg-type]  # fields of Source
    made.register(an_organ(), an_organ("health", "天津市卫生健康委员会", short_name="市卫生健康委"))
    made.add(made.source)
    return made


def figures(run: HarvestRun) -> dict[str, int]:
    """What a run counted, without zeros."""
    counted = {"gathered": run.gathered, **{str(name): number for name, number in run.outcomes.items()}}
    counted |= {"vanished": run.vanished, "restored": run.restored}
    return {name: number for name, number in counted.items() if number}
