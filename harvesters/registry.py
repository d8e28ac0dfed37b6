"""The one list of source kinds: which adapter reads which, and which options a source of a kind may have.

A new source kind goes here: one member of `SourceKind`, one adapter module, one line below.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.source import GENERAL_OPTIONS, Source, SourceKind
from catalogue_app.domain.vocabulary import DisclosureCategory, FormatClass, OpenType, SharingType, Tier, UpdateCycle
from harvesters.ckan import CkanHarvester
from harvesters.csw import CswHarvester
from harvesters.data_json import DataJsonHarvester
from harvesters.dcat import DcatHarvester
from harvesters.fields import READING_OPTIONS, Readings, ReadingTables
from harvesters.oai_pmh import OaiPmhHarvester
from harvesters.port import Harvester
from harvesters.sheet import SheetHarvester
from harvesters.waf import WafHarvester

Adapter = type[
    CkanHarvester | CswHarvester | DataJsonHarvester | DcatHarvester | OaiPmhHarvester | SheetHarvester | WafHarvester
]

HARVESTERS: Final[Mapping[SourceKind, Adapter]] = {
    SourceKind.SHEET: SheetHarvester,
    SourceKind.CKAN: CkanHarvester,
    SourceKind.DATA_JSON: DataJsonHarvester,
    SourceKind.DCAT: DcatHarvester,
    SourceKind.OAI_PMH: OaiPmhHarvester,
    SourceKind.CSW: CswHarvester,
    SourceKind.WAF: WafHarvester,
}

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


def make(source: Source, tables: ReadingTables, *, since: datetime | None = None) -> Harvester:
    """Make the harvester of one run.

    Args:
        source: kind, address and options.
        tables: the vocabularies, shared by all sources.
        since: start of the last complete run; a source that may be asked for its changes only (`increment=yes`) is then
            asked for what changed after it, and the harvester `is_partial`. None asks for everything.
    """
    adapter = HARVESTERS[source.kind]
    if since is not None and "since" in adapter.options:
        instant = (since.astimezone(UTC) - _CLOCK_SKEW).strftime("%Y-%m-%dT%H:%M:%SZ")
        source = replace(source, options={**source.options, "since": instant})
    return adapter(source, Readings(tables, source.options))


def options_of(kind: SourceKind) -> Mapping[str, str]:
    """Return every option a source of a kind may have: name (or `prefix.*`) to the pattern of its value."""
    return {**GENERAL_OPTIONS, **READING_OPTIONS, **HARVESTERS[kind].options}


def check_options(kind: SourceKind, options: Mapping[str, str]) -> None:
    """Refuse options no source of this kind has, and values none of them may have.

    Raises:
        InvalidInput: names the option, its value, and what is allowed.
    """
    allowed = options_of(kind)
    for name, value in options.items():
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
