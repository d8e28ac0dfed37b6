"""Reads rules with their deadlines and flags, the working calendar, and the metadata profile with its patterns."""

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from pathlib import Path
from typing import Final

from catalogue_app.domain.calendar import WorkingCalendar
from catalogue_app.domain.finding import FindingKind
from catalogue_app.domain.flagging.source import ANSWERS
from catalogue_app.domain.profile import (
    Element,
    FormatTerm,
    PersonalPattern,
    Profile,
    TextPattern,
    Vocabularies,
)
from catalogue_app.reference_tables import Row, read_table, table_name
from catalogue_app.reference_values import Deadline, Term

CITED: Final = frozenset(
    {"R01", "R05", "R07", "R22", "R41", "R43", "R44", "R47", "R63", "R72", "R80", "R82", "R83", "R84", "R85", "R86"}
)
"""Rules that findings, runs and the desk cite; their rows may change, but not go."""

_COUNTED: Final = frozenset({"working days", "complete runs"})
_SEVERITIES: Final = frozenset({"high", "medium", "low", "by rule"})
_REST, _WORK = "rest_day", "make_up_working_day"
_SATURDAY: Final = 5

_COLUMN_OF: Final[Mapping[str, str]] = {
    "class_lei": "resource_classification",
    "is_open": "open_type",
    "sharing_method.class": "sharing_method",
    "sharing_method.type": "sharing_method",
}
"""Columns of the standard workbook that hold an element under another name, or a part of it."""


def read_deadlines(path: Path) -> dict[str, Deadline]:
    """Read the rules, id to rule.

    Raises:
        ConfigurationError: a row is broken, or a rule that findings cite is gone.
    """
    columns = ("id", "rule_zh", "rule_en", "instrument", "article", "limit", "limit_unit", "flag", "severity")
    rows = read_table(path, columns, ("who", "trigger", "extension", "what_the_catalogue_checks"), key="id")
    deadlines = {row.text("id"): _deadline(row) for row in rows}
    if lost := sorted(CITED - set(deadlines)):
        (rows[-1] if rows else Row(file=table_name(path), number=1, cells={})).fail(
            "id", f"is not followed by rows for {', '.join(lost)}, which findings cite"
        )
    return deadlines


def _deadline(row: Row) -> Deadline:
    if row.text("limit_unit") in _COUNTED and not row.text("limit").isdecimal():
        row.fail("limit", f"must be a whole number of {row.text('limit_unit')}")
    if row.text("id") == ANSWERS and (not row.text("limit").isdecimal() or int(row.text("limit")) < 1):
        row.fail("limit", "must be a whole number of failures in a row, 1 or more")
    if row.required("severity") not in _SEVERITIES:
        row.fail("severity", f"must be one of {', '.join(sorted(_SEVERITIES))}")
    return Deadline(
        id=row.text("id"),
        zh=row.required("rule_zh"),
        en=row.required("rule_en"),
        instrument=row.required("instrument"),
        article=row.text("article"),
        flag=row.required("flag"),
        severity=row.text("severity"),
        limit=row.text("limit"),
        limit_unit=row.text("limit_unit"),
    )


def read_flags(path: Path, deadlines: Mapping[str, Deadline]) -> dict[str, Term]:
    """Read the flags, code to names.

    Raises:
        ConfigurationError: a flag rests on an unknown rule, or a kind of finding has no row.
    """
    rows = read_table(path, ("flag", "zh", "rules", "job"), ("en",), key="flag")
    for row in rows:
        if not row.many("rules"):
            row.fail("rules", "must name at least one rule of rules/deadlines.csv")
        for rule in row.many("rules"):
            if rule not in deadlines:
                row.fail("rules", f"names {rule}, which rules/deadlines.csv has not")
    codes = [row.text("flag") for row in rows]
    if lost := sorted(set(FindingKind) - set(codes)):
        (rows[-1] if rows else Row(file=table_name(path), number=1, cells={})).fail(
            "flag", f"is not followed by rows for {', '.join(lost)}, which findings are of"
        )
    return {
        row.text("flag"): Term(
            code=row.text("flag"), zh=row.required("zh"), en=row.text("en") or row.text("flag").replace("_", " ")
        )
        for row in rows
    }


def read_calendar(paths: Iterable[Path]) -> WorkingCalendar:
    """Read the State Council's notices; each file covers the years that its name tells, such as `cn_2027.csv`.

    Raises:
        ConfigurationError: a day is of no such year, a make-up day is no weekend day, or a day stands twice.
    """
    days: dict[date, str] = {}
    years: set[int] = set()
    for path in paths:
        covered = {int(year) for year in re.findall(r"(?<!\d)\d{4}(?!\d)", path.stem)}
        for row in read_table(path, ("date", "kind"), ("kind_zh", "holiday_en"), key="date"):
            day, kind = _notice(row, covered)
            if day in days:
                row.fail("date", "stands already in another table of the calendar")
            days[day] = kind
        years |= covered
    rest = frozenset(day for day, kind in days.items() if kind == _REST)
    return WorkingCalendar(years=frozenset(years), rest_days=rest, make_up_days=frozenset(days) - rest)


def _notice(row: Row, years: AbstractSet[int]) -> tuple[date, str]:
    day, kind = row.day("date"), row.required("kind")
    if day.year not in years:
        row.fail("date", "is of a year that the name of the file does not tell; rename the file, such as cn_2027.csv")
    if kind not in {_REST, _WORK}:
        row.fail("kind", f"must be {_REST} or {_WORK}")
    if kind == _WORK and day.weekday() < _SATURDAY:
        row.fail("date", "is no Saturday or Sunday, and so cannot make up for a rest day")
    return day, kind


def read_elements(path: Path, columns: Path) -> dict[str, Element]:
    """Read the elements of the profile, identifier to element in the order of the table.

    Args:
        path: the profile.
        columns: the columns of the standard workbook.

    Raises:
        ConfigurationError: a row is broken, or an element stands under a parent that is not there.
    """
    in_workbook = {row.required("identifier") for row in read_table(columns, ("identifier",), _WORKBOOK)}
    in_workbook |= {_COLUMN_OF[name] for name in in_workbook & set(_COLUMN_OF)}
    needed = ("no", "element_zh", "identifier", "parent", "obligation", "max_length")
    optional = ("cardinality", "type", "value_domain", "dcat_term", "ckan_field", "validation_rule")
    rows = read_table(path, needed, optional, key="no")
    numbers, elements = {row.text("no") for row in rows}, dict[str, Element]()
    for row in rows:
        identifier = row.required("identifier")
        if row.text("parent") and row.text("parent") not in numbers:
            row.fail("parent", "is the number of no row")
        if identifier in elements:
            row.fail("identifier", "stands already in another row")
        if not row.required("obligation").startswith(("mandatory", "conditional", "optional", "system")):
            row.fail("obligation", "must begin with mandatory, conditional, optional or system")
        elements[identifier] = Element(
            number=row.text("no"),
            identifier=identifier,
            name_zh=row.required("element_zh"),
            obligation=row.text("obligation"),
            max_length=row.number_or("max_length", 0),
            has_column=identifier in in_workbook,
        )
    return elements


_WORKBOOK: Final = ("order", "group_zh", "column_zh", "per_row_or_merged")


def read_profile(
    config_dir: Path,
    vocabularies: Mapping[str, Mapping[str, Term]],
    divisions: AbstractSet[str],
    formats: Mapping[str, FormatTerm],
    methods: Mapping[str, tuple[str, ...]],
) -> Profile:
    """Read the profile with everything its check looks into."""
    words = config_dir / "vocabularies"
    return Profile(
        version="2026",
        elements=read_elements(config_dir / "profile" / "profile.csv", config_dir / "sheets" / "columns.csv"),
        vocabularies=Vocabularies(
            classes=frozenset(vocabularies["resource_class"]),
            themes=frozenset(vocabularies["theme"]),
            divisions=frozenset(divisions),
            formats=formats,
            field_types=frozenset(vocabularies["field_type"]),
            types_with_length=_types_with_length(words / "field_type.csv"),
            methods=methods,
            personal=_personal_patterns(words / "personal_item_patterns.csv"),
            texts=_text_patterns(config_dir / "rules" / "text_patterns.csv"),
        ),
    )


def _types_with_length(path: Path) -> frozenset[str]:
    rows = read_table(path, ("code", "length_required"), ("zh", "en", "sql_type", "json_schema"), key="code")
    return frozenset(row.text("code") for row in rows if row.required("length_required") != "no")


def _personal_patterns(path: Path) -> tuple[PersonalPattern, ...]:
    patterns = []
    for row in read_table(path, ("pattern", "kind", "strength"), ("example_value_regex", "note"), key="pattern"):
        if row.required("strength") not in {"strong", "weak"}:
            row.fail("strength", "must be strong or weak")
        patterns.append(PersonalPattern(pattern=row.pattern("pattern"), is_strong=row.text("strength") == "strong"))
    return tuple(patterns)


def _text_patterns(path: Path) -> dict[TextPattern, tuple[re.Pattern[str], ...]]:
    found: dict[TextPattern, list[re.Pattern[str]]] = {kind: [] for kind in TextPattern}
    for row in read_table(path, ("kind", "pattern"), ("note",), key="pattern"):
        found[row.member("kind", TextPattern)].append(row.pattern("pattern"))
    return {kind: tuple(patterns) for kind, patterns in found.items()}
