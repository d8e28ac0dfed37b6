"""Reads organs and what each owes: names, kind, credit code, district, theme, disclosure categories."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Final

from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.organ import Organ, is_valid_uscc, normalise_uscc
from catalogue_app.domain.text import LocalizedText
from catalogue_app.domain.vocabulary import DisclosureCategory, OrganKind
from catalogue_app.reference_tables import Row, read_table

Owed = Mapping[OrganId, frozenset[DisclosureCategory]]

_NEEDED: Final = ("organ_id", "zh", "kind")
_OPTIONAL: Final = ("en", "short_zh", "aliases_zh", "district_code", "main_theme", "demo_uscc", "uscc")
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


def read_organ_table(
    path: Path,
    divisions: AbstractSet[str],
    themes: AbstractSet[str],
    owed: Owed,
    default: frozenset[DisclosureCategory],
    known: Mapping[OrganId, Organ] | None = None,
) -> dict[OrganId, Organ]:
    """Read organs in the order of their table.

    Args:
        path: the table.
        divisions: codes that there are.
        themes: codes that there are.
        owed: categories that single organs owe.
        default: categories that all others owe.
        known: organs as they are; what the table has no column for, stays as it is.

    Raises:
        ConfigurationError: a row is broken; names file, row, column and how to mend it.
    """
    organs = {}
    for row in read_table(path, _NEEDED, _OPTIONAL, key="organ_id"):
        organ_id = OrganId(row.text("organ_id"))
        if _ORGAN_ID.fullmatch(organ_id) is None:
            row.fail("organ_id", "may have letters, digits, - and _ only")
        if known and organ_id in known:
            row = row.completed(_optional_cells(known[organ_id]))  # noqa: PLW2901 — the same row, with what it leaves out
        texts = {"zh": row.required("zh")} | ({"en": row.text("en")} if row.text("en") else {})
        organs[organ_id] = Organ(
            id=organ_id,
            name=LocalizedText.from_mapping(texts),
            kind=row.member("kind", OrganKind),
            short_name=row.text("short_zh"),
            aliases=row.many("aliases_zh"),
            district_code=_known(row, "district_code", divisions, "vocabularies/divisions_tianjin.csv"),
            uscc=_uscc(row),
            main_theme=_known(row, "main_theme", themes, "vocabularies/theme.csv"),
            obligations=owed.get(organ_id, default),
        )
    return organs


def check_obligations(rows: Mapping[OrganId, Row], organs: AbstractSet[OrganId]) -> None:
    """See to it that obligations are those of organs that there are.

    Raises:
        ConfigurationError: an organ is not in the register's seed.
    """
    for organ_id, row in rows.items():
        if organ_id not in organs:
            row.fail("organ_id", "is not in organs/organs.csv; add the organ there, or take this row out")


def _optional_cells(organ: Organ) -> dict[str, str]:
    return {
        "en": organ.name.to_mapping().get("en", ""),
        "short_zh": organ.short_name,
        "aliases_zh": ";".join(organ.aliases),
        "district_code": organ.district_code,
        "main_theme": organ.main_theme,
        "demo_uscc": organ.uscc,
    }


def _known(row: Row, column: str, known: AbstractSet[str], table: str) -> str:
    text = row.text(column)
    return text if not text or text in known else row.fail(column, f"is not in {table}")


def _uscc(row: Row) -> str:
    column = "uscc" if row.text("uscc") else "demo_uscc"
    code = normalise_uscc(row.text(column))
    return code if not code or is_valid_uscc(code) else row.fail(column, "has a wrong check character (GB 32100-2015)")
