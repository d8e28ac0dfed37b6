"""A source: where an organ's catalogue is pulled from, in which format, how often, and what is a sane answer."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum, unique
from typing import Final, final

from catalogue_app.domain.ids import OrganId, SourceId
from catalogue_app.domain.vocabulary import Tier


@unique
class SourceKind(StrEnum):
    """Formats a source may have: the members are those of the house, each with one adapter in `harvesters`.

    Others are brought by plug-ins and known by their names alone: `SourceKind("city_portal")` is such a kind, the same
    object each time, whether or not anybody here reads it. Whether anybody does is the registry's to say: a source
    stays registered when its plug-in is taken away.
    """

    SHEET = "sheet"
    CKAN = "ckan"
    DATA_JSON = "data_json"
    DCAT = "dcat"
    JSON_API = "json_api"
    SCHEMA_ORG = "schema_org"
    CATALOGUE = "catalogue"
    OAI_PMH = "oai_pmh"
    CSW = "csw"
    WAF = "waf"

    @classmethod
    def _missing_(cls, value: object) -> "SourceKind | None":
        """Make the kind of a name that no member has; none where it is no name of a kind."""
        if not isinstance(value, str) or not _KIND_NAME.fullmatch(value):
            return None
        kind = str.__new__(cls, value)
        kind._name_, kind._value_ = value.upper(), value
        return cls._value2member_map_.setdefault(value, kind)  # type: ignore[return-value]  # members of this class alone


_KIND_NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,39}")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One source of one organ.

    Attributes:
        id: key of the source.
        organ_id: the organ whose catalogue it is.
        kind: its format.
        address: http(s) address, or a path of a file the operator put on this machine.
        options: settings of this source, name to text: `tier`, `review`, `organ_by`, `schedule`, `every_hours`,
            `min_records`, `max_vanish`, `language`, `columns`, `encoding`, `code.ELEMENT.VALUE` (code map), and its
            adapter's own.
        is_enabled: whether the schedule harvests it.
        due_at: when the schedule next harvests it; none means at the next sweep.
        planned_at: when its plan next would; `due_at` differs from it while the source is tried again after failures.
        failures: failed runs since the last good one.
        asked_by: who wants it harvested now, whether or not its time has come; none once that run began.
    """

    id: SourceId
    organ_id: OrganId
    kind: SourceKind
    address: str
    options: Mapping[str, str] = field(default_factory=dict)
    is_enabled: bool = True
    due_at: datetime | None = None
    planned_at: datetime | None = None
    failures: int = 0
    asked_by: str | None = None

    @property
    def stamp(self) -> str:
        """What its settings are known by, 32 hexadecimal digits: another as soon as address or options are."""
        settings = json.dumps([self.address, sorted(self.options.items())]).encode()
        return hashlib.blake2b(settings, digest_size=16).hexdigest()

    @property
    def tier(self) -> Tier:
        """Tier of entries whose opening attribute says nothing; the extranet unless set otherwise."""
        return Tier(self.options.get("tier", Tier.EXTRANET))

    @property
    def needs_review(self) -> bool:
        """Whether harvested entries wait for the desk instead of being published at once."""
        return self.options.get("review", "no") == "yes"

    @property
    def schedule(self) -> str | None:
        """Cron expression of five fields, read in the city's zone; none when runs are so many hours apart."""
        return self.options.get("schedule")

    @property
    def every_hours(self) -> int:
        """Hours between scheduled runs where no `schedule` says more, 24 by default."""
        return int(self.options.get("every_hours", "24"))

    @property
    def min_records(self) -> int:
        """Fewest records a sane answer has, 1 by default."""
        return int(self.options.get("min_records", "1"))

    @property
    def notify(self) -> tuple[str, ...]:
        """Mail addresses of the people who are told when its state changes, each once."""
        return tuple(dict.fromkeys(filter(None, self.options.get("notify", "").split(","))))

    @property
    def obeys_robots(self) -> bool:
        """Whether a host's robots.txt is followed; its organ may have agreed to be read in spite of it."""
        return self.options.get("robots", "obey") == "obey"

    @property
    def is_asked_for_changes(self) -> bool:
        """Whether its server's word that a page did not change is taken, for some days."""
        return self.options.get("conditional", "yes") == "yes"

    def limit(self, name: str, ceiling: int) -> int:
        """Return a limit of this source, `max_…`; never above what the deployment allows."""
        return min(int(self.options.get(name, ceiling)), ceiling)

    @property
    def max_vanish_share(self) -> float:
        """Largest share of live entries, 0 to 1, that one run may find vanished without a person; 0.10 by default."""
        return float(self.options.get("max_vanish", "0.10"))


GENERAL_OPTIONS: Mapping[str, str] = {
    "tier": r"portal|extranet|intranet",
    "review": r"yes|no",
    "organ_by": r"source|provider",
    "schedule": r"\S+( \S+)*",
    "every_hours": r"[1-9]\d{0,3}",
    "min_records": r"\d{1,7}",
    "max_vanish": r"0(\.\d+)?|1(\.0+)?",
    "max_bytes": r"[1-9]\d{0,11}",
    "max_pages": r"[1-9]\d{0,6}",
    "max_records": r"[1-9]\d{0,7}",
    "max_seconds": r"[1-9]\d{0,5}",
    "robots": r"obey|ignore",
    "notify": r"[^@\s,<>]+@[^@\s,<>]+(,[^@\s,<>]+@[^@\s,<>]+)*",
    "conditional": r"yes|no",
    "language": r"[a-z]{2,3}(-[A-Za-z0-9]+)*",
}
"""Options every source understands: name to the pattern its value must match wholly."""

OPERATIONAL_OPTIONS: Final = frozenset(
    {
        "schedule",
        "every_hours",
        "min_records",
        "max_vanish",
        "max_bytes",
        "max_pages",
        "max_records",
        "max_seconds",
        "robots",
        "notify",
        "conditional",
    }
)
"""Options that say when and whether a source is harvested, not how its records are read."""
