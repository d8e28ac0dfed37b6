"""The one list of source kinds: which harvester reads which, and which options a source of a kind may have.

A kind of the house goes here: one member of `SourceKind`, one adapter module, one line below, and its words in
`config/messages/source_kinds.csv`. Kinds of others are found by their entry points, see `kinds.plugged`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Final

import structlog

from catalogue_app.domain.bundle import BUNDLE_KIND
from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.source import GENERAL_OPTIONS, Source, SourceKind
from catalogue_app.domain.vocabulary import DisclosureCategory, FormatClass, OpenType, SharingType, Tier, UpdateCycle
from harvesters.bundle import BundleHarvester
from harvesters.catalogue import CatalogueHarvester
from harvesters.ckan import CkanHarvester
from harvesters.csw import CswHarvester
from harvesters.data_json import DataJsonHarvester
from harvesters.dcat import DcatHarvester
from harvesters.fields import READING_OPTIONS, Readings, ReadingTables
from harvesters.json_api import JsonApiHarvester
from harvesters.json_mapping import check_mapping
from harvesters.kinds import Broken, Kind, Setting, plugged
from harvesters.oai_pmh import OaiPmhHarvester
from harvesters.port import Harvester
from harvesters.schema_org import SchemaOrgHarvester
from harvesters.sheet import SheetHarvester
from harvesters.waf import WafHarvester

SOURCE_KIND_BROKEN: Final = "source_kind_broken"
"""Log event: an installed plug-in brings no kind that can be used."""

_CLOCK_SKEW: Final = timedelta(hours=1)
"""Two machines' clocks may differ; asking for a little more than needed costs nothing."""

CODED_ELEMENTS: Final[Mapping[str, type[StrEnum] | None]] = {
    "update_cycle": UpdateCycle,
    "sharing_type": SharingType,
    "open_type": OpenType,
    "network_tier": Tier,
    "disclosure_category": DisclosureCategory,
    "format_class": FormatClass,
    "format_type": None,
    "sharing_method": None,
    "sharing_method_type": None,
    "data_type": None,
    "theme": None,
    "division": None,
    "licence": None,
    "personal_information": None,
}
"""Elements a source may map its own codes to; those with a closed list accept its members only."""


Adapter = type[
    BundleHarvester
    | CatalogueHarvester
    | CkanHarvester
    | CswHarvester
    | DataJsonHarvester
    | DcatHarvester
    | JsonApiHarvester
    | OaiPmhHarvester
    | SchemaOrgHarvester
    | SheetHarvester
    | WafHarvester
]


def _of(adapter: Adapter, check: Callable[[Mapping[str, str]], None] | None = None) -> Kind:
    settings = {name: Setting(pattern=pattern) for name, pattern in adapter.options.items()}
    kind = Kind(name=adapter.kind.value, make=adapter, settings=settings)
    return replace(kind, check=check) if check else kind


BUILT_IN: Final[Mapping[SourceKind, Kind]] = {
    SourceKind.SHEET: _of(SheetHarvester),
    SourceKind.CKAN: _of(CkanHarvester),
    SourceKind.DATA_JSON: _of(DataJsonHarvester),
    SourceKind.DCAT: _of(DcatHarvester),
    SourceKind.JSON_API: _of(JsonApiHarvester, check_mapping),
    SourceKind.SCHEMA_ORG: _of(SchemaOrgHarvester),
    SourceKind.CATALOGUE: _of(CatalogueHarvester),
    SourceKind.OAI_PMH: _of(OaiPmhHarvester),
    SourceKind.CSW: _of(CswHarvester),
    SourceKind.WAF: _of(WafHarvester),
}
"""Kinds of the house."""

SEALED: Final[Mapping[SourceKind, Kind]] = {BUNDLE_KIND: _of(BundleHarvester)}
"""Kinds of which nobody registers a source: they stand for senders of bundles, which are verified before reading."""


@cache
def _found() -> tuple[Mapping[str, Kind], tuple[Broken, ...]]:
    """Find the kinds of this installation once a process."""
    brought, broken = plugged(dict(BUILT_IN) | dict(SEALED))
    for fault in broken:
        structlog.get_logger().error(SOURCE_KIND_BROKEN, kind=fault.name, origin=fault.origin, why=fault.why)
    return {**{kind.name: kind for kind in BUILT_IN.values()}, **{kind.name: kind for kind in brought}}, tuple(broken)


def kinds() -> Mapping[str, Kind]:
    """Return the kinds of this installation by name, those of the house first."""
    return _found()[0]


def broken_kinds() -> tuple[Broken, ...]:
    """Return the plug-ins that are installed and cannot be used."""
    return _found()[1]


def kind_of(kind: SourceKind) -> Kind:
    """Return one kind.

    Raises:
        InvalidInput: `unknown_kind`, as where the distribution that brought it is no longer installed.
    """
    found = kinds().get(kind.value) or SEALED.get(kind)
    if found is None:
        raise InvalidInput("unknown_kind", kind=kind.value, allowed=", ".join(kinds()))
    return found


def check_offered(kind: SourceKind) -> None:
    """Refuse a kind of which nobody registers a source.

    Raises:
        InvalidInput: `unknown_kind`.
    """
    if kind.value not in kinds():
        raise InvalidInput("unknown_kind", kind=kind.value, allowed=", ".join(kinds()))


def make(source: Source, tables: ReadingTables, *, since: datetime | None = None) -> Harvester:
    """Make the harvester of one run.

    Args:
        source: kind, address and options.
        tables: the vocabularies, shared by all sources.
        since: start of the last complete run; a source that may be asked for its changes only (`increment=yes`) is then
            asked for what changed after it, and the harvester `is_partial`. None asks for everything.

    Raises:
        InvalidInput: nobody here reads its kind.
    """
    kind = kind_of(source.kind)
    if since is not None and "since" in kind.settings:
        instant = (since.astimezone(UTC) - _CLOCK_SKEW).strftime("%Y-%m-%dT%H:%M:%SZ")
        source = replace(source, options={**source.options, "since": instant})
    return kind.make(source, Readings(tables, source.options))


def options_of(kind: SourceKind) -> Mapping[str, str]:
    """Return every option a source of a kind may have: name (or `prefix.*`) to the pattern of its value."""
    own = {name: setting.pattern for name, setting in kind_of(kind).settings.items()}
    return {**GENERAL_OPTIONS, **READING_OPTIONS, **own}


def check_options(kind: SourceKind, options: Mapping[str, str]) -> None:
    """Refuse options no source of this kind has, and values none of them may have.

    Raises:
        InvalidInput: names the option, its value, and what is allowed.
    """
    for name, value in options.items():
        check_option(kind, name, value)
    kind_of(kind).check(options)


def check_option(kind: SourceKind, name: str, value: str) -> None:
    """Refuse an option no source of this kind has, or a value it may not have, whatever the others are.

    Raises:
        InvalidInput: names the option, its value, and what is allowed.
    """
    allowed = options_of(kind)
    prefix, dot, _ = name.partition(".")
    pattern = allowed.get(f"{prefix}.*" if dot else name)
    if pattern is None:
        raise InvalidInput("unknown_option", option=name, kind=kind.value, allowed=", ".join(sorted(allowed)))
    if not re.fullmatch(pattern, value):
        raise InvalidInput("invalid_option", option=name, value=value, allowed=pattern)
    if name.startswith("code."):
        _check_code(name, value)


def _check_code(name: str, value: str) -> None:
    _, element, written = (*name.split(".", 2), "", "")[:3]
    if element not in CODED_ELEMENTS or not written:
        raise InvalidInput("invalid_option", option=name, value=value, allowed=", ".join(_code_options()))
    closed = CODED_ELEMENTS[element]
    if closed is not None and value not in set(closed):
        raise InvalidInput("invalid_option", option=name, value=value, allowed=", ".join(closed))


def _code_options() -> Iterator[str]:
    return (f"code.{element}.VALUE" for element in CODED_ELEMENTS)
