"""Frozen settings: `config/default.toml`, then a file of the operator's, then variables; unknown ones are refused."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Final, TypeVar, cast, final, get_origin, get_type_hints

from catalogue_app.domain.errors import ConfigurationError
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.settings_tables import Table, from_environment, overlay, read_toml

_SHORTEST_SECRET: Final = 32
_SERVER: Final = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+:\d{1,5}")
_SEARCH_URLS: Final = "empty, for the embedded index, or http(s)://host:port of each node, separated by commas"
_INDEX_PREFIX: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_SECRET: Final = frozenset({"search.password", "search.api_key", "web.secret"})
"""Settings whose value no message shows."""
_LOG_LEVELS: Final = ("debug", "info", "warning", "error")
_LOG_FORMATS: Final = ("text", "json")
_TYPE_WORDS: Final[Mapping[type, str]] = {
    bool: "true or false",
    int: "whole number",
    float: "number",
    str: "text",
}


Section = TypeVar("Section")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """The connections of one process to PostgreSQL; times in seconds."""

    pool_size: int
    pool_overflow: int
    pool_timeout_s: float
    pool_recycle_s: int
    statement_timeout_s: float
    lock_timeout_s: float


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Municipality:
    """Whose catalogue it is."""

    name_zh: str
    name_en: str
    division: str
    code_prefix: str
    licence: str
    contact: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SearchCluster:
    """How Elasticsearch is talked to where `search_url` names it; secrets never stand in its text."""

    prefix: str
    user: str
    password: str = field(repr=False)
    api_key: str = field(repr=False)
    ca_file: str
    deadline_s: float
    retries: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """How pages and the API are served."""

    host: str
    port: int
    tier: Tier
    public_url: str
    threads: int
    secret: str
    network_header: str
    trusted_proxies: tuple[str, ...]
    limits_storage: str
    sign_in_limit: str
    write_limit: str

    @property
    def address(self) -> str:
        """Where people reach the pages, as letters and commands say it: never what a request claims."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.public_url or f"http://{host}:{self.port}").rstrip("/")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSettings:
    """How accounts are kept; seconds and characters."""

    shortest_password: int
    max_failures: int
    lockout_s: int
    idle_s: int
    absolute_s: int
    reset_link_s: int
    setup_link_s: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class OpenIdProvider:
    """Who else may say who somebody is; no issuer, nobody."""

    issuer: str
    client_id: str
    client_secret: str
    label: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where letters are handed over; no host, no letters."""

    host: str
    port: int
    starttls: bool
    username: str
    password: str
    sender: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """Limits of fetching; seconds and bytes."""

    user_agent: str
    deadline_s: float
    max_bytes: int
    max_pages: int
    max_records: int
    run_s: int
    retries: int
    host_interval_s: float
    host_per_minute: int
    host_runs: int
    secret_keys: tuple[str, ...]
    runs: int
    max_wait_s: float


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Bundles:
    """How large a bundle from a lower tier may be."""

    max_bytes: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Jobs:
    """When the scheduler does what; clock times are `HH:MM` in Asia/Shanghai."""

    poll_s: float
    drain_s: float
    evaluate_at: str
    reconcile_at: str
    harvests: int
    stalled_s: float


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """Where a process gives its figures to a monitor; port 0 gives none."""

    host: str
    port: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """What is logged and how."""

    level: str
    format: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of one process; `config/default.toml` says what each means.

    Attributes:
        config_dir: where the reference tables are.
        data_dir: absolute; everything the catalogue writes lies below it.
        database_url: never empty.
    """

    config_dir: Path
    data_dir: Path
    database_url: str
    search_url: str
    tier_ceiling: Tier
    allowed_private_hosts: tuple[str, ...]
    database: Database
    municipality: Municipality
    search: SearchCluster
    web: Web
    accounts: AccountSettings
    mail: MailServer
    openid: OpenIdProvider
    harvest: Harvest
    bundle: Bundles
    jobs: Jobs
    metrics: Metrics
    log: Log

    @property
    def shares_work(self) -> bool:
        """Whether several processes share the work out: on PostgreSQL, which has a queue; SQLite is of one machine."""
        return self.database_url.startswith("postgresql")


_SECTIONS: Final[Mapping[str, type]] = {
    "database": Database,
    "municipality": Municipality,
    "search": SearchCluster,
    "web": Web,
    "accounts": AccountSettings,
    "mail": MailServer,
    "openid": OpenIdProvider,
    "harvest": Harvest,
    "bundle": Bundles,
    "jobs": Jobs,
    "metrics": Metrics,
    "log": Log,
}


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings of this process: defaults, then the operator's file, then variables.

    Raises:
        ConfigurationError: a setting is unknown, of the wrong type or out of its range; says where and which.
    """
    environment = os.environ if environment is None else environment
    config_dir = Path(environment.get("CATALOGUE_CONFIG_DIR") or _shipped("config")).resolve()
    defaults = read_toml(config_dir / "default.toml")
    values = defaults
    if own := environment.get("CATALOGUE_CONFIG"):
        values = overlay(defaults, read_toml(Path(own)), Path(own).name)
    return _build(overlay(values, from_environment(environment, defaults), "environment"), config_dir)


def _shipped(folder: str) -> Path:
    """Find a folder that travels with the code: inside an installed wheel, else at the root of a checkout."""
    package = Path(str(resources.files("catalogue_app")))
    inside = package / "_shipped" / folder
    return inside if inside.is_dir() else package.parent / folder


def migrations_dir() -> Path:
    """Return where the migrations are."""
    return _shipped("migrations")


def _build(values: Table, config_dir: Path) -> Settings:
    folder, database_url, search_url = (
        str(_typed(values[name], str, name)) for name in ("data_dir", "database_url", "search_url")
    )
    if not folder:
        raise ConfigurationError("setting_out_of_range", setting="data_dir", value=folder, allowed="a folder")
    data_dir = Path(folder).expanduser().resolve()
    hosts = values["allowed_private_hosts"]
    if not isinstance(hosts, list):
        raise ConfigurationError("setting_mistyped", setting="allowed_private_hosts", value=hosts, wanted="list")
    settings = Settings(
        config_dir=config_dir,
        data_dir=data_dir,
        database_url=database_url or f"sqlite:///{data_dir / 'catalogue.sqlite3'}",
        search_url=search_url,
        tier_ceiling=_tier(values["tier_ceiling"], "tier_ceiling"),
        allowed_private_hosts=tuple(str(host) for host in hosts),
        **{name: _fill(kind, cast("Table", values[name]), name) for name, kind in _SECTIONS.items()},
    )
    _check(settings)
    return settings


def _fill(kind: type[Section], table: Table, section: str) -> Section:
    types = get_type_hints(kind)
    return kind(**{name: _typed(table[name], wanted, f"{section}.{name}") for name, wanted in types.items()})


def _typed(value: object, wanted: type, setting: str) -> object:
    if wanted is Tier:
        return _tier(value, setting)
    if get_origin(wanted) is tuple:
        if not isinstance(value, list):
            raise ConfigurationError("setting_mistyped", setting=setting, value=value, wanted="list")
        return tuple(map(str, value))
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not wanted:
        shown = "…" if setting in _SECRET else value
        raise ConfigurationError("setting_mistyped", setting=setting, value=shown, wanted=_TYPE_WORDS[wanted])
    return value


def _tier(value: object, setting: str) -> Tier:
    try:
        return Tier(str(value))
    except ValueError as error:
        raise ConfigurationError(
            "setting_out_of_range", setting=setting, value=str(value), allowed=", ".join(Tier)
        ) from error


def _check(settings: Settings) -> None:
    database = settings.database
    web, harvest, jobs, log = settings.web, settings.harvest, settings.jobs, settings.log
    prefix, search = settings.municipality.code_prefix, settings.search
    shown = "…" if "@" in settings.search_url else settings.search_url  # it may hold a password
    rules = (
        ("search_url", shown, _are_addresses(settings.search_url), _SEARCH_URLS),
        ("search.prefix", search.prefix, _INDEX_PREFIX.fullmatch(search.prefix) is not None, _INDEX_PREFIX.pattern),
        ("search.ca_file", search.ca_file, not search.ca_file or Path(search.ca_file).is_file(), "a file"),
        ("search.deadline_s", search.deadline_s, search.deadline_s > 0, "above 0"),
        ("search.retries", search.retries, search.retries >= 0, "0 or more"),
        ("database.pool_size", database.pool_size, database.pool_size > 0, "1 or more"),
        ("database.pool_overflow", database.pool_overflow, database.pool_overflow >= 0, "0 or more"),
        ("database.pool_timeout_s", database.pool_timeout_s, database.pool_timeout_s > 0, "above 0"),
        ("database.pool_recycle_s", database.pool_recycle_s, database.pool_recycle_s > 0, "1 or more"),
        ("database.statement_timeout_s", database.statement_timeout_s, database.statement_timeout_s >= 0, "0 or more"),
        ("database.lock_timeout_s", database.lock_timeout_s, database.lock_timeout_s >= 0, "0 or more"),
        ("municipality.code_prefix", prefix, re.fullmatch("[A-Z]{2}", prefix) is not None, "two capital letters"),
        ("web.port", web.port, 0 < web.port < 1 << 16, "1 to 65535"),
        ("web.threads", web.threads, web.threads > 0, "1 or more"),
        ("web.tier", web.tier, web.tier.level <= settings.tier_ceiling.level, "not above tier_ceiling"),
        ("web.secret", "…", not web.secret or len(web.secret) >= _SHORTEST_SECRET, "empty, or 32 characters and more"),
        *((f"accounts.{name}", value, value > 0, "above 0") for name, value in _numbers_of(settings.accounts)),
        ("mail.port", settings.mail.port, 0 < settings.mail.port < 1 << 16, "1 to 65535"),
        ("harvest.deadline_s", harvest.deadline_s, harvest.deadline_s > 0, "above 0"),
        ("harvest.max_bytes", harvest.max_bytes, harvest.max_bytes > 0, "1 or more"),
        ("harvest.max_pages", harvest.max_pages, harvest.max_pages > 0, "1 or more"),
        ("harvest.max_records", harvest.max_records, harvest.max_records > 0, "1 or more"),
        ("harvest.run_s", harvest.run_s, harvest.run_s > 0, "1 or more"),
        ("harvest.host_per_minute", harvest.host_per_minute, harvest.host_per_minute >= 0, "0 or more"),
        ("harvest.host_runs", harvest.host_runs, harvest.host_runs > 0, "1 or more"),
        ("harvest.runs", harvest.runs, harvest.runs > 0, "1 or more"),
        ("harvest.retries", harvest.retries, harvest.retries >= 0, "0 or more"),
        ("harvest.host_interval_s", harvest.host_interval_s, harvest.host_interval_s >= 0, "0 or more"),
        ("harvest.max_wait_s", harvest.max_wait_s, harvest.max_wait_s >= 0, "0 or more"),
        ("bundle.max_bytes", settings.bundle.max_bytes, settings.bundle.max_bytes > 0, "1 or more"),
        ("jobs.poll_s", jobs.poll_s, jobs.poll_s > 0, "above 0"),
        ("jobs.drain_s", jobs.drain_s, jobs.drain_s > 0, "above 0"),
        ("jobs.harvests", jobs.harvests, jobs.harvests > 0, "1 or more"),
        ("jobs.stalled_s", jobs.stalled_s, jobs.stalled_s > 0, "above 0"),
        ("jobs.evaluate_at", jobs.evaluate_at, _is_clock_time(jobs.evaluate_at), "HH:MM"),
        ("jobs.reconcile_at", jobs.reconcile_at, _is_clock_time(jobs.reconcile_at), "HH:MM"),
        ("metrics.port", settings.metrics.port, 0 <= settings.metrics.port < 1 << 16, "0 to 65535"),
        ("log.level", log.level, log.level in _LOG_LEVELS, ", ".join(_LOG_LEVELS)),
        ("log.format", log.format, log.format in _LOG_FORMATS, ", ".join(_LOG_FORMATS)),
    )
    for setting, value, holds, allowed in rules:
        if not holds:
            raise ConfigurationError("setting_out_of_range", setting=setting, value=str(value), allowed=allowed)


def _numbers_of(accounts: AccountSettings) -> list[tuple[str, int]]:
    return [(name, getattr(accounts, name)) for name in get_type_hints(AccountSettings)]


def _are_addresses(text: str) -> bool:
    """Say whether a text is empty or names servers: scheme, host and port of each, and nothing secret."""
    return not text or all(_SERVER.fullmatch(url) for url in search_urls(text))


def search_urls(text: str) -> tuple[str, ...]:
    """Return the addresses in a list separated by commas."""
    return tuple(part.strip().rstrip("/") for part in text.split(",") if part.strip())


def _is_clock_time(text: str) -> bool:
    hours, _, minutes = text.partition(":")
    return hours.isdigit() and minutes.isdigit() and int(hours) < 24 and int(minutes) < 60  # noqa: PLR2004 — a day's clock
