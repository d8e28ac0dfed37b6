"""Closed lists as enums, each citing where it comes from; names and periods of members are tables in `config/`."""

from enum import StrEnum, unique


@unique
class Tier(StrEnum):
    """Network tier (art. 8): portal website < government extranet < government intranet."""

    PORTAL = "portal"
    """Government portal website, for everyone (art. 8 para. 5)."""
    EXTRANET = "extranet"
    """Government extranet: non-confidential, between organs (art. 8 para. 3)."""
    INTRANET = "intranet"
    """Government intranet: confidential (art. 8 para. 4)."""

    @property
    def level(self) -> int:
        """Place in the order of secrecy, 0 for the portal."""
        return _LEVELS[self]


_LEVELS = {tier: level for level, tier in enumerate(Tier)}


@unique
class DisclosureCategory(StrEnum):
    """What an organ discloses of its own accord (art. 14 (a) to (i))."""

    A = "a"
    """Functions, principal responsible person, office location, contact."""
    B = "b"
    """Laws, regulations, rules and normative documents it acts on."""
    C = "c"
    """Matters handled: basis, conditions, procedure, time limit, charges, materials, results."""
    D = "d"
    """Social, economic and urban plans and their implementation."""
    E = "e"
    """Budget and accounts, infrastructure, procurement, public funds."""
    F = "f"
    """Social security, employment, poverty alleviation, education, health."""
    G = "g"
    """Epidemics, disasters and emergencies and their handling."""
    H = "h"
    """Recruitment of civil servants and open selection of cadres."""
    I = "i"  # noqa: E741 — the article's own letter
    """Other information decided by the Municipal People's Government."""


@unique
class UpdateCycle(StrEnum):
    """How often an entry's content is renewed (guide 1272, element 更新周期; art. 13)."""

    REALTIME = "realtime"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    HALF_YEARLY = "half_yearly"
    YEARLY = "yearly"
    IRREGULAR = "irregular"
    ONCE = "once"
    OTHER = "other"


@unique
class SharingType(StrEnum):
    """Sharing between organs (guide 1272, element 共享类型)."""

    UNCONDITIONAL = "unconditional"
    CONDITIONAL = "conditional"
    NONE = "none"


@unique
class OpenType(StrEnum):
    """Opening to the public (Tianjin's regulation on big data; profile element 开放类型)."""

    OPEN = "open"
    CONDITIONAL = "conditional"
    NONE = "none"


@unique
class FormatClass(StrEnum):
    """Kind of format (guide 1272, element 信息资源格式分类)."""

    DOCUMENT = "document"
    SPREADSHEET = "spreadsheet"
    DATABASE = "database"
    IMAGE = "image"
    STREAMING = "streaming"
    SELF_DESCRIBED = "self_described"
    SERVICE = "service"


@unique
class OrganKind(StrEnum):
    """Kind of administrative organ (art. 3 and `config/organs/organs.csv`)."""

    GOVERNMENT_OFFICE = "government_office"
    DEPARTMENT = "department"
    PUBLIC_INSTITUTION = "public_institution"
    VERTICAL_OFFICE = "vertical_office"
    MASS_ORGANISATION = "mass_organisation"
    ZONE_COMMITTEE = "zone_committee"
    PUBLIC_UTILITY = "public_utility"
    DISTRICT_GOVERNMENT = "district_government"
