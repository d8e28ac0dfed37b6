"""What the composition root makes around sources: the ways to them, their secrets, reports, and the source desk."""

from datetime import datetime
from typing import TypedDict

from catalogue_app.domain.clock import Clock
from catalogue_app.domain.source import Source
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from catalogue_app.reference import Reference
from catalogue_app.services.bundle_export import BundleExport
from catalogue_app.services.bundle_import import BundleImport
from catalogue_app.services.bundle_senders import BundleSenders
from catalogue_app.services.bundle_signature import SigningKey
from catalogue_app.services.entry_keeping import EntryKeeping
from catalogue_app.services.explanation import Explanations
from catalogue_app.services.export import Export
from catalogue_app.services.fetch_terms import limits_of, manners_of
from catalogue_app.services.harvest_plan import ProfileCheck
from catalogue_app.services.harvest_pool import HarvestPool
from catalogue_app.services.harvesting import Harvesting
from catalogue_app.services.long_work import LongWorks
from catalogue_app.services.mail import SmtpPost
from catalogue_app.services.quarantine import Quarantine
from catalogue_app.services.retention import RunRetention
from catalogue_app.services.run_reports import RunReports
from catalogue_app.services.secrecy import read_secret
from catalogue_app.services.source_access import SourceAccess
from catalogue_app.services.source_desk import SourceDesk
from catalogue_app.services.source_files import SourceFiles
from catalogue_app.services.source_letters import LetterSender
from catalogue_app.services.source_samples import SourceSamples
from catalogue_app.services.source_secrets import SourceSecrets
from catalogue_app.services.source_setup import SourceSetup
from catalogue_app.services.sources import Sources
from catalogue_app.services.timetable import Timetable
from catalogue_app.services.upload_retention import UploadRetention
from catalogue_app.services.vault import Vault
from catalogue_app.settings import Settings
from harvesters import registry
from harvesters.port import Harvester
from harvesters.reading_tables import reading_tables


class AroundRuns(TypedDict):
    """What stands around the runs of sources."""

    run_reports: RunReports
    harvest_pool: HarvestPool
    source_secrets: SourceSecrets
    letter_sender: LetterSender
    run_retention: RunRetention
    upload_retention: UploadRetention


class WaysOut(TypedDict):
    """How the whole catalogue is handed on: to readers, and from tier to tier upwards."""

    export: Export
    bundle_key: SigningKey
    bundle_senders: BundleSenders
    bundle_export: BundleExport
    bundle_import: BundleImport


class DeskOfSources(TypedDict):
    """What serves the people who keep sources."""

    source_desk: SourceDesk
    source_files: SourceFiles
    source_samples: SourceSamples
    source_setup: SourceSetup
    quarantine: Quarantine
    explanations: Explanations
    entry_keeping: EntryKeeping


def around_runs(settings: Settings, reference: Reference, uow: UnitsOfWork, clock: Clock) -> AroundRuns:
    """Make what stands around the runs of sources."""
    return {
        "run_reports": RunReports(uow),
        "harvest_pool": HarvestPool(places=settings.harvest.runs, of_one_host=settings.harvest.host_runs),
        "source_secrets": _source_secrets(settings, uow, clock),
        "letter_sender": LetterSender(uow, SmtpPost(settings.mail, clock), clock),
        "run_retention": RunRetention(uow, reference.harvest_rules, clock),
        "upload_retention": UploadRetention(uow, _source_files(settings), reference.harvest_rules, clock),
    }


def desk_of_sources(
    settings: Settings,
    reference: Reference,
    uow: UnitsOfWork,
    clock: Clock,
    *,
    works: LongWorks,
    check: ProfileCheck,
) -> DeskOfSources:
    """Make the source desk; `check` judges what a sample and a corrected entry say."""

    def make_harvester(source: Source, since: datetime | None) -> Harvester:
        return registry.make(source, tables, since=since)

    tables, files = reading_tables(reference), _source_files(settings)
    access = source_access(settings, reference, uow, clock)
    sources = Sources(uow, settings.tier_ceiling, Timetable(reference.harvest_rules), clock)
    samples = SourceSamples(
        uow,
        open_fetcher=access.open,
        make_harvester=make_harvester,
        tables=tables,
        check=check,
    )
    return {
        "source_desk": SourceDesk(uow, works),
        "source_files": files,
        "source_samples": samples,
        "source_setup": SourceSetup(sources, files, access.open),
        "quarantine": Quarantine(uow, reference.conclusions, clock),
        "explanations": Explanations(uow, make_harvester),
        "entry_keeping": EntryKeeping(uow, check, clock),
    }


def ways_out(settings: Settings, uow: UnitsOfWork, harvesting: Harvesting, clock: Clock) -> WaysOut:
    """Make what hands the catalogue on, and takes it in where it is handed up."""
    key, folder = SigningKey(settings.data_dir), settings.data_dir / "bundles"
    ceiling, code_prefix = settings.tier_ceiling, settings.municipality.code_prefix
    return {
        "export": Export(uow),
        "bundle_key": key,
        "bundle_senders": BundleSenders(uow, folder),
        "bundle_export": BundleExport(uow, key, clock, ceiling=ceiling, code_prefix=code_prefix),
        "bundle_import": BundleImport(
            uow,
            harvesting,
            clock,
            folder=folder,
            max_bytes=settings.bundle.max_bytes,
            ceiling=ceiling,
            code_prefix=code_prefix,
        ),
    }


def source_access(settings: Settings, reference: Reference, uow: UnitsOfWork, clock: Clock) -> SourceAccess:
    """Make the way to sources, under the limits and manners of this deployment."""
    return SourceAccess(
        uow,
        _source_secrets(settings, uow, clock),
        limits=limits_of(settings),
        manners=manners_of(settings),
        rules=reference.harvest_rules,
        clock=clock,
    )


def _source_secrets(settings: Settings, uow: UnitsOfWork, clock: Clock) -> SourceSecrets:
    """Seal by the keys of the settings; the installation's own secret opens as well, and seals where there are none."""
    keys = (*settings.harvest.secret_keys, read_secret(settings.web.secret, settings.data_dir))
    return SourceSecrets(uow, Vault(keys), clock)


def _source_files(settings: Settings) -> SourceFiles:
    return SourceFiles(settings.data_dir / "uploads")
