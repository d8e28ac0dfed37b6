"""Reads organs and what each owes: names, kind, credit code, district, theme, disclosure categories."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, TypeVar, final

from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.organ import Organ, is_valid_uscc, normalise_uscc
from catalogue_app.domain.text import LocalizedText
from catalogue_app.domain.vocabulary import DisclosureCategory, OrganKind
from catalogue_app.reference_tables import Row, read_table

Owed = Mapping[OrganId, frozenset[DisclosureCategory]]
Value = TypeVar("Value")

NEEDED: Final = ("organ_id", "zh", "kind")
OPTIONAL: Final = (
    *("en", "short_zh", "aliases_zh", "district_code", "main_theme", "demo_uscc", "uscc"),
    *("parent", "contact", "valid_from", "valid_to", "successor"),
)
KEY: Final = "organ_id"
_ORGAN_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_ALWAYS: Final = "always"


def read_obligations(path: Path) -> tuple[Owed, dict[OrganId, Row]]:
    """Read the categories that single organs owe, with their rows for complaints to name."""
    optional = ("organ_short", "kind", "present_in_titles", "missing_in_titles")
    owed: dict[OrganId, frozenset[DisclosureCategory]] = {}
    rows = {}
    for row in read_table(path, ("organ_id", "required"), optional, key="organ_id"):
        if set(row.text("required")) - set(DisclosureCategory):
            row.fail("required", "must be letters a to i, such as abce")
        organ_id = OrganId(row.text("organ_id"))
        owed[organ_id] = frozenset(map(DisclosureCategory, row.text("required")))
        rows[organ_id] = row
    return owed, rows


def read_default_obligations(path: Path) -> frozenset[DisclosureCategory]:
    """Read the categories that every organ owes where no row says more: those that are owed always."""
    rows = read_table(path, ("code", "minimum_per_organ"), ("seed_item", "zh", "en", "related_art20_2019_regulation"))
    always = (row for row in rows if _ALWAYS in row.text("minimum_per_organ"))
    return frozenset(row.member("code", DisclosureCategory) for row in always)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class OrganCells:
    """What the cells of an organ are checked against.

    Attributes:
        divisions: codes of places that there are.
        themes: codes that there are.
        owed: categories that single organs owe.
        default: categories that all others owe.
    """

    divisions: AbstractSet[str]
    themes: AbstractSet[str]
    owed: Owed
    default: frozenset[DisclosureCategory]


def read_organ_table(path: Path, cells: OrganCells) -> dict[OrganId, Organ]:
    """Read organs in the order of their table.

    Raises:
        ConfigurationError: a row is broken; names file, row, column and how to mend it.
    """
    organs = (read_organ(row, cells, {}) for row in read_table(path, NEEDED, OPTIONAL, key=KEY))
    return {organ.id: organ for organ in organs}


def read_organ(row: Row, cells: OrganCells, known: Mapping[OrganId, Organ]) -> Organ:
    """Read one organ.

    Args:
        row: what is said of it.
        cells: what its cells are checked against.
        known: organs as they are; what the table has no column for, stays as it is.

    Raises:
        ConfigurationError: the row is broken; names file, row, column and how to mend it.
    """
    organ_id = OrganId(row.required("organ_id"))
    if _ORGAN_ID.fullmatch(organ_id) is None:
        row.fail("organ_id", "may have letters, digits, - and _ only")
    before = known.get(organ_id)
    if before is not None:
        row = row.completed(_optional_cells(before))
    texts = {"zh": row.required("zh")} | ({"en": row.text("en")} if row.text("en") else {})
    return Organ(
        id=organ_id,
        name=LocalizedText.from_mapping(texts),
        kind=row.member("kind", OrganKind),
        short_name=row.text("short_zh"),
        aliases=row.many("aliases_zh"),
        district_code=_known(row, "district_code", cells.divisions, "vocabularies/divisions_tianjin.csv"),
        uscc=_uscc(row),
        main_theme=_known(row, "main_theme", cells.themes, "vocabularies/theme.csv"),
        obligations=cells.owed.get(organ_id, cells.default),
        parent=OrganId(row.text("parent")) if row.text("parent") else None,
        contact=row.text("contact").replace("\r\n", "\n"),
        valid_from=_day(row, "valid_from"),
        valid_to=_settled(row, "valid_to", _day(row, "valid_to"), before),
        successor=_settled(row, "successor", OrganId(row.text("successor")) or None, before),
        former_usccs=before.former_usccs if before else (),
        version=before.version if before else 0,
    )


def organ_cells(organ: Organ) -> dict[str, str]:
    """Return what the columns of the table say of an organ."""
    return {
        "organ_id": organ.id,
        "zh": organ.name.to_mapping()["zh"],
        "en": organ.name.to_mapping().get("en", ""),
        "kind": organ.kind.value,
        "short_zh": organ.short_name,
        "aliases_zh": ";".join(organ.aliases),
        "district_code": organ.district_code,
        "main_theme": organ.main_theme,
        "uscc": organ.uscc,
        "parent": organ.parent or "",
        "contact": organ.contact,
        "valid_from": organ.valid_from.isoformat() if organ.valid_from else "",
        "valid_to": organ.valid_to.isoformat() if organ.valid_to else "",
        "successor": organ.successor or "",
    }


def check_obligations(rows: Mapping[OrganId, Row], organs: AbstractSet[OrganId]) -> None:
    """See to it that obligations are those of organs that there are.

    Raises:
        ConfigurationError: an organ is not in the register's seed.
    """
    for organ_id, row in rows.items():
        if organ_id not in organs:
            row.fail("organ_id", "is not in organs/organs.csv; add the organ there, or take this row out")


def _optional_cells(organ: Organ) -> dict[str, str]:
    cells = organ_cells(organ)
    return {column: text for column, text in cells.items() if column not in NEEDED} | {"demo_uscc": organ.uscc}


def _day(row: Row, column: str) -> date | None:
    return row.day(column) if row.text(column) else None


def _settled(row: Row, column: str, value: Value, before: Organ | None) -> Value:
    """Return how an organ that is registered ended, which a table may repeat and not change."""
    if before is not None and value != getattr(before, column):
        row.fail(column, "is not changed by an import: close an organ with catalogue organs succeed")
    return value


def _known(row: Row, column: str, known: AbstractSet[str], table: str) -> str:
    text = row.text(column)
    return text if not text or text in known else row.fail(column, f"is not in {table}")


def _uscc(row: Row) -> str:
    column = "uscc" if row.text("uscc") else "demo_uscc"
    code = normalise_uscc(row.text(column))
    return code if not code or is_valid_uscc(code) else row.fail(column, "has a wrong check character (GB 32100-2015)")
