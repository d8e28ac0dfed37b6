"""The composition root: chooses the adapters by the settings and hands every service its parts."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypedDict, final

from sqlalchemy import Engine

from catalogue_app.container_sources import around_runs, desk_of_sources, source_access, ways_out
from catalogue_app.domain.clock import Clock, today
from catalogue_app.domain.errors import ConfigurationError, SearchUnavailable
from catalogue_app.domain.long_work import WorkKind
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.profile import Violation
from catalogue_app.domain.profile_rules import check
from catalogue_app.domain.source import Source
from catalogue_app.metrics import Instruments
from catalogue_app.persistence import backup, migration
from catalogue_app.persistence.base import make_engine
from catalogue_app.persistence.entries import EntryPolicy
from catalogue_app.persistence.leadership import AdvisoryLock
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from catalogue_app.reference import Reference, load_reference
from catalogue_app.services.account_keeping import AccountKeeping
from catalogue_app.services.accounts import Accounts
from catalogue_app.services.audit import Audit
from catalogue_app.services.bundle_access import BundleAccess
from catalogue_app.services.bundle_export import BundleExport
from catalogue_app.services.bundle_import import BundleImport
from catalogue_app.services.bundle_senders import BundleSenders
from catalogue_app.services.bundle_signature import SigningKey
from catalogue_app.services.catalogue import Catalogue
from catalogue_app.services.changes import Changes
from catalogue_app.services.demo import Demo
from catalogue_app.services.dispatch import Dispatch
from catalogue_app.services.entry_keeping import EntryKeeping
from catalogue_app.services.explanation import Explanations
from catalogue_app.services.export import Export
from catalogue_app.services.flagging import Flagging
from catalogue_app.services.harvest_plan import ProfileCheck
from catalogue_app.services.harvest_pool import HarvestPool
from catalogue_app.services.harvest_steps import Progress
from catalogue_app.services.harvesting import Harvesting
from catalogue_app.services.health import Health
from catalogue_app.services.index_feed import IndexFeed
from catalogue_app.services.lead import SCHEDULER_LOCK, FileLock, Lead
from catalogue_app.services.long_work import LongWorks, Show
from catalogue_app.services.mail import SmtpPost
from catalogue_app.services.merging import Merging
from catalogue_app.services.monitoring import Monitoring
from catalogue_app.services.openid import OpenId
from catalogue_app.services.organ_desk import organ_desk
from catalogue_app.services.organ_sheets import OrganSheets
from catalogue_app.services.organ_tree import OrganTree
from catalogue_app.services.organs import Organs
from catalogue_app.services.own_account import OwnAccount
from catalogue_app.services.passwords import Passwords
from catalogue_app.services.quarantine import Quarantine
from catalogue_app.services.registration import Registration
from catalogue_app.services.releases import Releases
from catalogue_app.services.retention import RunRetention
from catalogue_app.services.review import Review
from catalogue_app.services.run_reports import RunReports
from catalogue_app.services.search import Search
from catalogue_app.services.secrecy import Seal, read_secret
from catalogue_app.services.sign_in import SignIn, SignInRules
from catalogue_app.services.similar import Similar
from catalogue_app.services.source_desk import SourceDesk
from catalogue_app.services.source_files import SourceFiles
from catalogue_app.services.source_letters import LetterSender, SourceLetters
from catalogue_app.services.source_samples import SourceSamples
from catalogue_app.services.source_secrets import SourceSecrets
from catalogue_app.services.source_setup import SourceSetup
from catalogue_app.services.sources import Sources
from catalogue_app.services.succession import Succession
from catalogue_app.services.timetable import Timetable
from catalogue_app.services.turns import Turns
from catalogue_app.services.upkeep import Upkeep
from catalogue_app.services.upload_retention import UploadRetention
from catalogue_app.services.uploads import Uploads
from catalogue_app.settings import Settings, search_urls
from harvesters import registry
from harvesters.limits import Limited
from harvesters.politeness import Places
from harvesters.port import Harvester
from harvesters.reading_tables import reading_tables
from indexing.concepts import Thesaurus, district_names
from indexing.elastic.connection import Connection
from indexing.elastic.engine import ElasticEngine
from indexing.embedded.engine import EmbeddedEngine
from indexing.language import Language, RegisterLanguage
from indexing.port import SearchEngine


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """Everything the faces call; built once a process, safe to share between threads."""

    settings: Settings
    reference: Reference
    clock: Clock
    uow: UnitsOfWork
    organs: Organs
    succession: Succession
    organ_tree: OrganTree
    sources: Sources
    source_secrets: SourceSecrets
    source_desk: SourceDesk
    source_files: SourceFiles
    source_samples: SourceSamples
    source_setup: SourceSetup
    letter_sender: LetterSender
    run_retention: RunRetention
    upload_retention: UploadRetention
    harvesting: Harvesting
    harvest_pool: HarvestPool
    run_reports: RunReports
    quarantine: Quarantine
    entry_keeping: EntryKeeping
    explanations: Explanations
    index_feed: IndexFeed
    engine: SearchEngine
    language: Callable[[], Language]
    search: Search
    catalogue: Catalogue
    export: Export
    bundle_key: SigningKey
    bundle_senders: BundleSenders
    bundle_export: BundleExport
    bundle_import: BundleImport
    changes: Changes
    flagging: Flagging
    upkeep: Upkeep
    works: LongWorks
    health: Health
    dispatch: Dispatch
    make_lead: Callable[[], Lead]
    monitoring: Monitoring
    instruments: Instruments
    demo: Demo
    accounts: Accounts
    account_keeping: AccountKeeping
    sign_in: SignIn
    own_account: OwnAccount
    openid: OpenId
    audit: Audit
    registration: Registration
    merging: Merging
    uploads: Uploads
    organ_sheets: OrganSheets
    releases: Releases
    review: Review
    secret: str
    upgrade: Callable[[], None]
    is_current: Callable[[], bool]
    backup: Callable[[Path], int]

    def bring_up(self, say: Callable[[str], None]) -> int:
        """Bring the data directory to this version: tables, organs, index; returns how many organs are registered.

        Safe to repeat. Organs that were never registered are audited as added by the operator.
        """
        self.upgrade()
        say("database: present schema")
        organs = self.organs.seed(actor="operator")
        self.refresh_index(say)
        return organs

    def refresh_index(self, say: Callable[[str], None]) -> None:
        """Rebuild the index where the register's words are no longer those it was built by.

        Where the search engine does not answer, everything else goes on; the nightly comparison makes up for it.
        """
        try:
            if self.index_feed.status().needs_rebuild:
                count = self.upkeep.rebuild_index()
                say(f"index rebuilt for the present register: {count} entries")
        except SearchUnavailable as error:
            say(f"index left as it is, for the search engine does not answer: {error}")


def build(
    settings: Settings,
    clock: Clock | None = None,
    *,
    show: Show = lambda _: None,
    watch: Callable[[Progress], None] = lambda _: None,
) -> Container:
    """Compose the services of one process; the database is opened at its first use.

    Args:
        settings: of this process.
        clock: the present instant; the system's unless given.
        show: told how far the long work of this process has come.
        watch: told after every step of a harvest; may raise to have it given back.

    Raises:
        ConfigurationError: a reference table is broken, or the data directory or the database cannot be used.
    """
    clock = clock or _system_clock
    _make_folder(settings.data_dir)
    reference = load_reference(settings.config_dir)
    database = make_engine(settings.database_url, settings.database)
    policy = EntryPolicy(code_prefix=settings.municipality.code_prefix, tier_ceiling=settings.tier_ceiling)
    uow = UnitsOfWork(database, clock=clock, policy=policy)
    works, instruments = LongWorks(uow, clock, show), Instruments()
    make_lead, organs = partial(_make_lead, settings, database), Organs(uow, reference, clock)
    sources = Sources(uow, settings.tier_ceiling, Timetable(reference.harvest_rules), clock)
    secret = read_secret(settings.web.secret, settings.data_dir)
    language = RegisterLanguage(partial(_thesaurus, organs, reference, settings.municipality.division), organs.stamp)
    engine = make_search_engine(settings, language, clock)
    index_feed, flagging = IndexFeed(uow, engine), Flagging(uow, reference, clock)
    catalogue = Catalogue(uow, reference, clock)
    health = Health(uow, engine, make_lead())
    harvesting = make_harvesting(settings, reference, uow, clock, works=works, watch=watch)
    return Container(
        settings=settings,
        reference=reference,
        clock=clock,
        uow=uow,
        organs=organs,
        succession=Succession(uow, clock),
        organ_tree=OrganTree(catalogue, flagging),
        sources=sources,
        harvesting=harvesting,
        **around_runs(settings, reference, uow, clock),
        **desk_of_sources(settings, reference, uow, clock, works=works, check=partial(_check, reference, clock)),
        index_feed=index_feed,
        engine=engine,
        language=engine.language,
        search=Search(uow, engine, engine.language, instruments),
        catalogue=catalogue,
        **ways_out(settings, uow, harvesting, clock),
        changes=Changes(uow),
        flagging=flagging,
        upkeep=Upkeep(uow, index_feed, flagging, works),
        works=works,
        health=health,
        dispatch=Dispatch(uow, clock),
        make_lead=make_lead,
        monitoring=Monitoring(uow, health, clock),
        instruments=instruments,
        demo=Demo(settings.config_dir / "demo", settings.data_dir / "demo", organs, sources, clock),
        **_people(settings, uow, secret, clock),
        audit=Audit(uow, settings.tier_ceiling),
        **organ_desk(uow, reference, Similar(uow, engine), partial(_check, reference, clock), works, clock),
        merging=Merging(uow, clock),
        secret=secret,
        upgrade=partial(_upgrade, database, works),
        is_current=partial(migration.is_current, database),
        backup=partial(backup.copy_database, database),
    )


def make_search_engine(
    settings: Settings, language: Callable[[], Language], clock: Clock
) -> EmbeddedEngine | ElasticEngine:
    """Choose the search engine: Elasticsearch where an address is set, else the embedded one."""
    if not settings.search_url:
        return EmbeddedEngine(settings.data_dir / "index", language)
    said = settings.search
    connection = Connection(
        urls=search_urls(settings.search_url),
        user=said.user,
        password=said.password,
        api_key=said.api_key,
        ca_file=said.ca_file,
        deadline_s=said.deadline_s,
        retries=said.retries,
    )
    return ElasticEngine(connection, said.prefix, language, clock)


def make_harvesting(  # noqa: PLR0913 — the main job and who may watch or measure it
    settings: Settings,
    reference: Reference,
    uow: UnitsOfWork,
    clock: Clock,
    *,
    works: LongWorks,
    watch: Callable[[Progress], None] = lambda _: None,
    around_harvester: Callable[[Harvester], Harvester] = lambda it: it,
    around_check: Callable[[ProfileCheck], ProfileCheck] = lambda it: it,
) -> Harvesting:
    """Compose the main job; `around_…` may stand between its parts to measure them."""
    tables = reading_tables(reference)
    access, places = source_access(settings, reference, uow, clock), Places(settings.harvest.runs)
    letters = SourceLetters(reference.messages, reference.letters, is_on=bool(settings.mail.host))

    def make_harvester(source: Source, since: datetime | None) -> Harvester:
        limit = source.limit("max_records", settings.harvest.max_records)
        return around_harvester(Limited(registry.make(source, tables, since=since), limit))

    return Harvesting(
        uow,
        make_harvester=make_harvester,
        open_fetcher=BundleAccess(uow, access.in_turn(places).open, settings.bundle.max_bytes).open,
        open_ahead=BundleAccess(uow, access.open, settings.bundle.max_bytes).open,
        profile_check=around_check(partial(_check, reference, clock)),
        reference_version=_version_of_tables(settings.config_dir),
        tier_ceiling=settings.tier_ceiling,
        turns=Turns(reference.harvest_rules, reference.failing_after, letters),
        rules=reference.conclusions,
        clock=clock,
        works=works,
        watch=watch,
    )


class _People(TypedDict):
    """What serves those who sign in."""

    accounts: Accounts
    account_keeping: AccountKeeping
    sign_in: SignIn
    own_account: OwnAccount
    openid: OpenId


def _people(settings: Settings, uow: UnitsOfWork, secret: str, clock: Clock) -> _People:
    passwords, seal, said = Passwords(settings.accounts.shortest_password), Seal(secret), settings.accounts
    post, accounts = SmtpPost(settings.mail, clock), Accounts(uow, passwords, clock, said.setup_link_s)
    return {
        "accounts": accounts,
        "account_keeping": AccountKeeping(uow, accounts, clock),
        "sign_in": SignIn(uow, passwords, seal, _sign_in_rules(settings), clock),
        "own_account": OwnAccount(uow, passwords, seal, post, clock, reset_link_s=said.reset_link_s),
        "openid": OpenId(settings.openid),
    }


def _sign_in_rules(settings: Settings) -> SignInRules:
    accounts = settings.accounts
    return SignInRules(
        idle=timedelta(seconds=accounts.idle_s),
        absolute=timedelta(seconds=accounts.absolute_s),
        max_failures=accounts.max_failures,
        lockout=timedelta(seconds=accounts.lockout_s),
    )


def _upgrade(database: Engine, works: LongWorks) -> None:
    """Bring the database to this version; shown where there is something to do."""
    steps = migration.pending(database)
    if steps == 0:
        return
    with works.shown(WorkKind.MIGRATION, total=steps) as meter:
        migration.upgrade(database, progress=meter.at)


def _make_lead(settings: Settings, database: Engine) -> Lead:
    return AdvisoryLock(database) if settings.shares_work else FileLock(settings.data_dir / SCHEDULER_LOCK)


def _check(reference: Reference, clock: Clock, metadata: EntryMetadata, organ: Organ) -> tuple[Violation, ...]:
    return check(metadata, organ, reference.profile, today(clock))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError("data_dir_unusable", folder=str(folder), why=str(error)) from error


def _thesaurus(organs: Organs, reference: Reference, city: str) -> Thesaurus:
    """Gather what the language of searching is made from, as it is now."""
    districts = {
        code: district_names(division.zh, division.former_names)
        for code, division in reference.divisions.items()
        if code != city and not code.endswith("00")
    }
    synonyms = tuple((group.term, group.synonyms, group.is_two_way) for group in reference.synonyms)
    return Thesaurus(organs=organs.all(), districts=districts, synonyms=synonyms, noise=reference.noise, city=city)


def _version_of_tables(config_dir: Path) -> str:
    """Return a digest of the tables that reading and checking depend on."""
    paths = sorted(
        path for folder in ("profile", "vocabularies", "sheets") for path in (config_dir / folder).glob("*.csv")
    )
    return hashlib.blake2b(b"".join(path.read_bytes() for path in paths), digest_size=8).hexdigest()


def _system_clock() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 — the one clock
