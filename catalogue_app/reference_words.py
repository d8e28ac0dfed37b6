"""Reads vocabularies and what people write for their words: codes, names, aliases, synonyms, headers."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum
from pathlib import Path
from typing import Final

from catalogue_app.domain.entry import EntryState
from catalogue_app.domain.flagging.stale import CycleRule
from catalogue_app.domain.profile import FormatTerm
from catalogue_app.domain.vocabulary import (
    DisclosureCategory,
    FormatClass,
    OpenType,
    SharingType,
    Tier,
    UpdateCycle,
)
from catalogue_app.reference_tables import Row, read_table
from catalogue_app.reference_values import Alias, Division, SynonymGroup, Term

DIVISIONS: Final = "divisions_tianjin.csv"

_ANY_CLASS: Final = "any"
_PERIOD: Final = re.compile(r"P(?=[\dT])(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T\d+[HMS])?")
_NO_PERIOD: Final = frozenset({UpdateCycle.IRREGULAR, UpdateCycle.ONCE, UpdateCycle.OTHER})
"""Cycles that are no calendar period by themselves."""

_CLOSED: Final[Mapping[str, type[StrEnum]]] = {
    "update_cycle.csv": UpdateCycle,
    "sharing_type.csv": SharingType,
    "open_type.csv": OpenType,
    "network_tier.csv": Tier,
    "disclosure_category.csv": DisclosureCategory,
    "format.csv": FormatClass,
    "lifecycle.csv": EntryState,
}
"""Tables whose codes are exactly those that rules in code are written for."""

_ALIASED: Final[Mapping[str, str]] = {
    "update_cycle": "update_cycle",
    "sharing_type": "sharing_type",
    "open_type": "open_type",
    "network_tier": "tier",
    "disclosure_category": "disclosure_category",
    "data_type": "field_type",
    "format_class": "format_class",
    "sharing_method_type": "sharing_method",
    "theme": "theme",
}
"""Elements of aliases to the vocabulary their codes are of."""


def read_vocabularies(folder: Path) -> dict[str, Mapping[str, Term]]:
    """Read every vocabulary, code to term; names are those of `Reference.vocabularies`.

    Raises:
        ConfigurationError: a table is broken, or has other codes than the rules know.
    """
    names = {
        "update_cycle": ("update_cycle.csv", "code"),
        "sharing_type": ("sharing_type.csv", "code"),
        "open_type": ("open_type.csv", "code"),
        "tier": ("network_tier.csv", "code"),
        "disclosure_category": ("disclosure_category.csv", "code"),
        "lifecycle": ("lifecycle.csv", "state"),
        "theme": ("theme.csv", "code"),
        "field_type": ("field_type.csv", "code"),
    }
    found: dict[str, Mapping[str, Term]] = {
        name: _terms(folder / file, (code, "zh", "en"), key=code) for name, (file, code) in names.items()
    }
    found["format_class"] = _terms(folder / "format.csv", ("class_code", "class_zh", "class_en"))
    found["sharing_method"] = _terms(
        folder / "sharing_method.csv", ("type_code", "type_zh", "type_en"), key="type_code"
    )
    found["resource_class"] = _classes(folder / "resource_class.csv")
    return found


def read_cycles(path: Path) -> dict[UpdateCycle, CycleRule]:
    """Read what each cycle means in days.

    Raises:
        ConfigurationError: a period is not ISO 8601, or missing where a cycle needs one.
    """
    cycles = {}
    for row in read_table(path, ("code", "iso8601_period", "grace_days"), _OPTIONAL["update_cycle.csv"], key="code"):
        cycle, period = row.member("code", UpdateCycle), row.text("iso8601_period")
        if not period and cycle not in _NO_PERIOD:
            row.fail("iso8601_period", "must not be empty; write a period such as P1M")
        if period and _PERIOD.fullmatch(period) is None:
            row.fail("iso8601_period", "must be an ISO 8601 period such as P1M")
        cycles[cycle] = CycleRule(period=period, grace_days=row.number_or("grace_days", 0))
    return cycles


def read_divisions(path: Path) -> dict[str, Division]:
    """Read the divisions of the municipality, code to division, with former names as people still write them."""
    divisions = {}
    for row in read_table(path, ("code", "zh", "en", "former_names"), ("pinyin", "group_zh"), key="code"):
        code = row.text("code")
        if re.fullmatch(r"\d{6}", code) is None:
            row.fail("code", "must be six digits (GB/T 2260)")
        former = tuple(name.split()[0] for name in row.many("former_names"))
        divisions[code] = Division(code=code, zh=row.required("zh"), en=row.required("en"), former_names=former)
    return divisions


def read_formats(path: Path) -> dict[str, FormatTerm]:
    """Read the formats, code to class and openness."""
    columns = ("class_code", "type", "machine_readable", "open_standard")
    return {
        row.text("type"): FormatTerm(
            format_class=row.member("class_code", FormatClass),
            is_machine_readable=row.flag("machine_readable"),
            is_open=row.flag("open_standard"),
        )
        for row in read_table(path, columns, _OPTIONAL["format.csv"], key="type")
    }


def read_sharing_methods(path: Path) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Read the types of sharing methods: each to its class and the format classes it fits, or `any`."""
    methods = {}
    columns = ("class_code", "type_code", "allowed_for_format_class")
    for row in read_table(path, columns, _OPTIONAL["sharing_method.csv"], key="type_code"):
        fits = row.many("allowed_for_format_class")
        if unknown := set(fits) - {_ANY_CLASS, *FormatClass}:
            row.fail(
                "allowed_for_format_class", f"names {', '.join(sorted(unknown))}, which vocabularies/format.csv has not"
            )
        methods[row.text("type_code")] = (row.required("class_code"), fits)
    return methods


def read_aliases(
    path: Path, vocabularies: Mapping[str, Mapping[str, Term]], formats: AbstractSet[str]
) -> tuple[Alias, ...]:
    """Read what organs write for codes.

    Raises:
        ConfigurationError: an alias stands for a code that its vocabulary has not.
    """
    known: dict[str, AbstractSet[str]] = {element: set(vocabularies[name]) for element, name in _ALIASED.items()}
    known["format_type"] = formats
    aliases = []
    for row in read_table(path, ("field", "incoming_value", "code")):
        element, code = row.required("field"), row.required("code")
        if element == "update_period" and _PERIOD.fullmatch(code) is None:
            row.fail("code", "must be an ISO 8601 period such as P2W")
        if element in known and code not in known[element]:
            row.fail("code", f"is no code of {element}; known are {', '.join(sorted(known[element]))}")
        aliases.append(Alias(element=element, written=row.required("incoming_value"), code=code))
    return tuple(aliases)


def read_synonyms(path: Path) -> tuple[SynonymGroup, ...]:
    """Read the synonyms of search."""
    groups = []
    for row in read_table(path, ("term", "synonyms", "direction"), ("reason",)):
        direction = row.required("direction")
        if not direction.startswith(("two-way", "one-way")):
            row.fail("direction", "must begin with two-way or one-way")
        if not row.many("synonyms"):
            row.fail("synonyms", "must name at least one word")
        is_two_way = direction.startswith("two-way")
        groups.append(SynonymGroup(term=row.required("term"), synonyms=row.many("synonyms"), is_two_way=is_two_way))
    return tuple(groups)


def read_noise(path: Path) -> frozenset[str]:
    """Read the words that say nothing in a query."""
    return frozenset(row.text("word") for row in read_table(path, ("word", "reason"), key="word"))


def read_headers(path: Path) -> tuple[tuple[str, str], ...]:
    """Read (column header, element) pairs of organs' tables; earlier rows win."""
    rows = read_table(path, ("alias", "element"))
    return tuple((row.required("alias"), row.required("element")) for row in rows)


_OPTIONAL: Final[Mapping[str, tuple[str, ...]]] = {
    "update_cycle.csv": (
        "zh", "en", "iso8601_period", "calendar_rule", "grace_days", "stale_from", "eu_frequency", "in_1272",
        "zh_synonyms",
    ),
    "sharing_type.csv": (
        "guide_value", "condition_text_required", "meaning_of_condition_text", "network_tier_default",
    ),
    "open_type.csv": ("condition_text_required", "review_days", "public_metadata", "public_download"),
    "network_tier.csv": ("audience", "may_hold", "may_expose", "seed_article"),
    "disclosure_category.csv": ("seed_item", "minimum_per_organ", "related_art20_2019_regulation"),
    "lifecycle.csv": ("who_moves_it_on", "next_states", "visible_on_portal"),
    "theme.csv": ("eu_data_theme",),
    "field_type.csv": ("length_required", "sql_type", "json_schema"),
    "format.csv": ("class_code", "class_zh", "class_en", "type", "machine_readable", "open_standard", "stars_5"),
    "sharing_method.csv": (
        "class_code", "class_zh", "type_code", "type_zh", "type_en", "allowed_for_format_class",
    ),
}  # fmt: skip
"""Columns a vocabulary may have besides those asked for."""


def _terms(path: Path, columns: tuple[str, str, str], key: str = "") -> dict[str, Term]:
    code, zh, en = columns
    rows = read_table(path, columns, _OPTIONAL[path.name], key=key)
    terms = {row.required(code): Term(code=row.text(code), zh=row.required(zh), en=row.required(en)) for row in rows}
    if path.name in _CLOSED:
        _same_members(path, rows, code)
    return terms


def _same_members(path: Path, rows: list[Row], column: str) -> None:
    """Refuse a table that has other codes than the closed list that rules are written for."""
    kind = _CLOSED[path.name]
    for row in rows:
        row.member(column, kind)
    if lacking := sorted(set(kind) - {row.text(column) for row in rows}):
        last = rows[-1] if rows else Row(file=f"{path.parent.name}/{path.name}", number=1, cells={})
        last.fail(column, f"is not followed by rows for {', '.join(lacking)}, which rules are written for")


def _classes(path: Path) -> dict[str, Term]:
    columns = ("lei_code", "lei_zh", "lei_en", "xiang_code", "xiang_zh", "xiang_en")
    terms: dict[str, Term] = {}
    for row in read_table(path, columns, ("in_guide",)):
        lei, xiang = row.required("lei_code"), row.required("xiang_code")
        if re.fullmatch(r"\d", lei) is None or re.fullmatch(r"\d\d", xiang) is None:
            row.fail("xiang_code", "must be two digits, after a class (lei_code) of one")
        if lei + xiang in terms:
            row.fail("xiang_code", "stands already in this class")
        terms.setdefault(lei, Term(code=lei, zh=row.required("lei_zh"), en=row.required("lei_en")))
        terms[lei + xiang] = Term(code=lei + xiang, zh=row.required("xiang_zh"), en=row.required("xiang_en"))
    return terms
