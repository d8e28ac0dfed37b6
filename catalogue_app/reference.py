"""The law as data: every table of `config/` read, checked against the others, and handed on as frozen values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Final, final

from catalogue_app.domain.calendar import WorkingCalendar
from catalogue_app.domain.flagging.stale import CycleRule
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.organ import Organ, is_valid_uscc, normalise_uscc
from catalogue_app.domain.profile import Element, FormatTerm, PersonalPattern, Profile, Vocabularies
from catalogue_app.domain.text import LocalizedText
from catalogue_app.domain.vocabulary import (
    DisclosureCategory,
    FormatClass,
    OpenType,
    OrganKind,
    SharingType,
    Tier,
    UpdateCycle,
)
from catalogue_app.messages import Messages, read_messages
from catalogue_app.reference_tables import Row, read_table

_ORGAN_COLUMNS: Final = ("organ_id", "zh", "kind")
_ORGAN_OPTIONAL: Final = ("en", "short_zh", "aliases_zh", "district_code", "main_theme", "demo_uscc", "uscc")


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A word of a vocabulary: its code and its names."""

    code: str
    zh: str
    en: str

    def name(self, language: str) -> str:
        """Return the name in `zh` or `en`."""
        return self.zh if language == "zh" else self.en or self.zh


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """A division (GB/T 2260) with the names of what it was made from."""

    code: str
    zh: str
    en: str
    former_names: tuple[str, ...]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """One rule with its instrument and limit (`config/rules/deadlines.csv`)."""

    id: str
    zh: str
    en: str
    instrument: str
    article: str
    flag: str
    severity: str
    limit: str
    limit_unit: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SynonymGroup:
    """Words that mean the same; `is_two_way` says whether each finds each or only the first finds the others."""

    term: str
    synonyms: tuple[str, ...]
    is_two_way: bool


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """What organs write for a code: (element, written form, code)."""

    element: str
    written: str
    code: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """All tables of one deployment.

    Attributes:
        organs: the register's seed, in its order.
        vocabularies: vocabulary to (code to term): `update_cycle`, `sharing_type`, `open_type`, `theme`, `tier`,
            `lifecycle`, `disclosure_category`, `field_type`, `format_class`, `sharing_method`, `resource_class`.
        sheet_headers: (column header as organs write it, element it means) pairs; earlier ones win.
        default_obligations: categories every organ owes where no row says more (art. 14).
    """

    organs: Mapping[OrganId, Organ]
    profile: Profile
    vocabularies: Mapping[str, Mapping[str, Term]]
    cycles: Mapping[UpdateCycle, CycleRule]
    calendar: WorkingCalendar
    deadlines: Mapping[str, Deadline]
    flags: Mapping[str, Term]
    divisions: Mapping[str, Division]
    synonyms: tuple[SynonymGroup, ...]
    noise: frozenset[str]
    aliases: tuple[Alias, ...]
    sheet_headers: tuple[tuple[str, str], ...]
    formats: Mapping[str, FormatTerm]
    sharing_methods: Mapping[str, str]
    default_obligations: frozenset[DisclosureCategory]
    obligations: Mapping[OrganId, frozenset[DisclosureCategory]]
    messages: Messages

    def name(self, vocabulary: str, code: str, language: str) -> str:
        """Return the name of a code in `zh` or `en`; the code itself where the vocabulary has no such row."""
        term = self.vocabularies[vocabulary].get(code)
        return term.name(language) if term else code


def load_reference(config_dir: Path) -> Reference:
    """Read and check every table.

    Raises:
        ConfigurationError: a table is missing or broken; names file, row, column and how to mend it.
    """
    words = config_dir / "vocabularies"
    vocabularies = _vocabularies(words)
    divisions = _divisions(words / "divisions_tianjin.csv")
    deadlines = _deadlines(config_dir / "rules" / "deadlines.csv")
    formats = _formats(words / "format.csv")
    obligations = _obligations(config_dir / "rules" / "obligations.csv")
    default = _default_obligations(words / "disclosure_category.csv")
    organs = _organs(config_dir / "organs" / "organs.csv", divisions, vocabularies["theme"], obligations, default)
    return Reference(
        organs=organs,
        profile=_profile(config_dir / "profile" / "profile.csv", words, vocabularies, divisions, formats),
        vocabularies=vocabularies,
        cycles=_cycles(words / "update_cycle.csv"),
        calendar=_calendar(sorted((config_dir / "calendar").glob("*.csv"))),
        deadlines=deadlines,
        flags=_flags(config_dir / "rules" / "flags.csv", deadlines),
        divisions=divisions,
        synonyms=_synonyms(config_dir / "search" / "synonyms.csv"),
        noise=_noise(config_dir / "search" / "noise.csv"),
        aliases=_aliases(words / "value_aliases.csv"),
        sheet_headers=_headers(config_dir / "sheets" / "header_aliases.csv"),
        formats=formats,
        sharing_methods={row.required("type_code"): row.required("class_code") for row in _method_rows(words)},
        default_obligations=default,
        obligations=obligations,
        messages=read_messages(config_dir / "messages" / "problems.csv"),
    )


def read_organs(path: Path, reference: Reference) -> tuple[Organ, ...]:
    """Read a CSV of organs that an operator offers, with the columns of `config/organs/organs.csv`.

    Raises:
        ConfigurationError: a row is broken; names file, row, column and how to mend it.
    """
    known = (reference.divisions, reference.vocabularies["theme"], reference.obligations, reference.default_obligations)
    return tuple(_organs(path, *known).values())


def _terms(path: Path, code: str, columns: tuple[str, ...], zh: str = "zh", en: str = "en") -> dict[str, Term]:
    rows = read_table(path, (code, zh, en), columns)
    return {row.required(code): Term(code=row.text(code), zh=row.required(zh), en=row.required(en)) for row in rows}


def _vocabularies(folder: Path) -> dict[str, Mapping[str, Term]]:
    cycle = ("iso8601_period", "calendar_rule", "grace_days", "stale_from", "eu_frequency", "in_1272", "zh_synonyms")
    sharing = ("guide_value", "condition_text_required", "meaning_of_condition_text", "network_tier_default")
    opening = ("condition_text_required", "review_days", "public_metadata", "public_download")
    tier = ("audience", "may_hold", "may_expose", "seed_article")
    category = ("seed_item", "minimum_per_organ", "related_art20_2019_regulation")
    method = ("class_code", "class_zh", "type_zh", "type_en", "allowed_for_format_class")
    klass = ("class_en", "type", "machine_readable", "open_standard", "stars_5")
    found: dict[str, Mapping[str, Term]] = {
        "update_cycle": _terms(folder / "update_cycle.csv", "code", cycle),
        "sharing_type": _terms(folder / "sharing_type.csv", "code", sharing),
        "open_type": _terms(folder / "open_type.csv", "code", opening),
        "tier": _terms(folder / "network_tier.csv", "code", tier),
        "disclosure_category": _terms(folder / "disclosure_category.csv", "code", category),
        "lifecycle": _terms(folder / "lifecycle.csv", "state", ("who_moves_it_on", "next_states", "visible_on_portal")),
        "theme": _terms(folder / "theme.csv", "code", ("eu_data_theme",)),
        "field_type": _terms(folder / "field_type.csv", "code", ("length_required", "sql_type", "json_schema")),
        "format_class": _terms(folder / "format.csv", "class_code", klass, "class_zh", "class_en"),
        "sharing_method": _terms(folder / "sharing_method.csv", "type_code", method, "type_zh", "type_en"),
        "resource_class": _classes(folder / "resource_class.csv"),
    }
    _same_members(found)
    return found


def _same_members(found: Mapping[str, Mapping[str, Term]]) -> None:
    """Refuse a table that has other codes than the closed list the rules are written for."""
    lists: dict[str, type[StrEnum]] = {
        "update_cycle": UpdateCycle,
        "sharing_type": SharingType,
        "open_type": OpenType,
        "tier": Tier,
        "disclosure_category": DisclosureCategory,
        "format_class": FormatClass,
    }
    for name, kind in lists.items():
        wanted, got = {member.value for member in kind}, set(found[name])
        if wanted != got:
            row = Row(file=f"vocabularies/{name}.csv", number=1, cells={"code": ", ".join(sorted(wanted ^ got))})
            row.fail("code", "must be exactly the codes that the rules know")


def _classes(path: Path) -> dict[str, Term]:
    columns = ("lei_code", "lei_zh", "lei_en", "xiang_code", "xiang_zh", "xiang_en")
    terms: dict[str, Term] = {}
    for row in read_table(path, columns, ("in_guide",)):
        lei, xiang = row.required("lei_code"), row.required("xiang_code")
        terms.setdefault(lei, Term(code=lei, zh=row.required("lei_zh"), en=row.required("lei_en")))
        terms[lei + xiang] = Term(code=lei + xiang, zh=row.required("xiang_zh"), en=row.required("xiang_en"))
    return terms


def _cycles(path: Path) -> dict[UpdateCycle, CycleRule]:
    optional = ("zh", "en", "calendar_rule", "stale_from", "eu_frequency", "in_1272", "zh_synonyms")
    rows = read_table(path, ("code", "iso8601_period", "grace_days"), optional, key="code")
    return {
        row.member("code", UpdateCycle): CycleRule(
            period=row.text("iso8601_period"), grace_days=row.number_or("grace_days", 0)
        )
        for row in rows
    }


def _divisions(path: Path) -> dict[str, Division]:
    rows = read_table(path, ("code", "zh", "en", "former_names"), ("pinyin", "group_zh"), key="code")
    return {
        row.text("code"): Division(
            code=row.text("code"),
            zh=row.required("zh"),
            en=row.required("en"),
            former_names=tuple(name.split()[0] for name in row.many("former_names")),
        )
        for row in rows
    }


def _deadlines(path: Path) -> dict[str, Deadline]:
    columns = ("id", "rule_zh", "rule_en", "instrument", "article", "limit", "limit_unit", "flag", "severity")
    rows = read_table(path, columns, ("who", "trigger", "extension", "what_the_catalogue_checks"), key="id")
    return {
        row.text("id"): Deadline(
            id=row.text("id"),
            zh=row.required("rule_zh"),
            en=row.required("rule_en"),
            instrument=row.required("instrument"),
            article=row.text("article"),
            flag=row.required("flag"),
            severity=row.required("severity"),
            limit=row.text("limit"),
            limit_unit=row.text("limit_unit"),
        )
        for row in rows
    }


def _flags(path: Path, deadlines: Mapping[str, Deadline]) -> dict[str, Term]:
    flags = {}
    for row in read_table(path, ("flag", "zh", "rules", "job"), ("en",), key="flag"):
        for rule in row.many("rules"):
            if rule not in deadlines:
                row.fail("rules", f"names {rule}, which rules/deadlines.csv has not")
        code = row.text("flag")
        flags[code] = Term(code=code, zh=row.required("zh"), en=row.text("en") or code.replace("_", " "))
    return flags


def _formats(path: Path) -> dict[str, FormatTerm]:
    columns = ("class_code", "type", "machine_readable", "open_standard")
    rows = read_table(path, columns, ("class_zh", "class_en", "stars_5"), key="type")
    return {
        row.text("type"): FormatTerm(
            format_class=row.member("class_code", FormatClass),
            is_machine_readable=row.flag("machine_readable"),
            is_open=row.flag("open_standard"),
        )
        for row in rows
    }


def _method_rows(folder: Path) -> list[Row]:
    optional = ("class_zh", "type_zh", "type_en")
    return read_table(folder / "sharing_method.csv", ("class_code", "type_code", "allowed_for_format_class"), optional)


def _obligations(path: Path) -> dict[OrganId, frozenset[DisclosureCategory]]:
    optional = ("organ_short", "kind", "present_in_titles", "missing_in_titles")
    found = {}
    for row in read_table(path, ("organ_id", "required"), optional, key="organ_id"):
        unknown = set(row.text("required")) - set(DisclosureCategory)
        if unknown:
            row.fail("required", "must be letters a to i")
        found[OrganId(row.text("organ_id"))] = frozenset(map(DisclosureCategory, row.text("required")))
    return found


def _default_obligations(path: Path) -> frozenset[DisclosureCategory]:
    optional = ("seed_item", "zh", "en", "related_art20_2019_regulation")
    rows = read_table(path, ("code", "minimum_per_organ"), optional)
    return frozenset(
        row.member("code", DisclosureCategory) for row in rows if "always" in row.text("minimum_per_organ")
    )


def _organs(
    path: Path,
    divisions: Mapping[str, Division],
    themes: Mapping[str, Term],
    obligations: Mapping[OrganId, frozenset[DisclosureCategory]],
    default: frozenset[DisclosureCategory],
) -> dict[OrganId, Organ]:
    organs = {}
    for row in read_table(path, _ORGAN_COLUMNS, _ORGAN_OPTIONAL, key="organ_id"):
        organ_id = OrganId(row.text("organ_id"))
        if not organ_id.replace("_", "").replace("-", "").isalnum() or not organ_id.isascii():
            row.fail("organ_id", "may have letters, digits, - and _ only")
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
            obligations=obligations.get(organ_id, default),
        )
    return organs


def _known(row: Row, column: str, known: Mapping[str, object], table: str) -> str:
    text = row.text(column)
    return text if not text or text in known else row.fail(column, f"is not in {table}")


def _uscc(row: Row) -> str:
    column = "uscc" if row.text("uscc") else "demo_uscc"
    code = normalise_uscc(row.text(column))
    return code if not code or is_valid_uscc(code) else row.fail(column, "has a wrong check character (GB 32100-2015)")


def _calendar(paths: Iterable[Path]) -> WorkingCalendar:
    rest: set[date] = set()
    work: set[date] = set()
    for path in paths:
        for row in read_table(path, ("date", "kind"), ("kind_zh", "holiday_en"), key="date"):
            kind = row.required("kind")
            if kind not in {"rest_day", "make_up_working_day"}:
                row.fail("kind", "must be rest_day or make_up_working_day")
            (rest if kind == "rest_day" else work).add(row.day("date"))
    return WorkingCalendar(
        years=frozenset(day.year for day in rest), rest_days=frozenset(rest), make_up_days=frozenset(work)
    )


def _noise(path: Path) -> frozenset[str]:
    return frozenset(row.text("word") for row in read_table(path, ("word", "reason"), key="word"))


def _synonyms(path: Path) -> tuple[SynonymGroup, ...]:
    groups = []
    for row in read_table(path, ("term", "synonyms", "direction"), ("reason",)):
        direction = row.required("direction")
        if not direction.startswith(("two-way", "one-way")):
            row.fail("direction", "must begin with two-way or one-way")
        is_two_way = direction.startswith("two-way")
        groups.append(SynonymGroup(term=row.required("term"), synonyms=row.many("synonyms"), is_two_way=is_two_way))
    return tuple(groups)


def _aliases(path: Path) -> tuple[Alias, ...]:
    rows = read_table(path, ("field", "incoming_value", "code"))
    return tuple(
        Alias(element=row.required("field"), written=row.required("incoming_value"), code=row.required("code"))
        for row in rows
    )


def _headers(path: Path) -> tuple[tuple[str, str], ...]:
    return tuple((row.required("alias"), row.required("element")) for row in read_table(path, ("alias", "element")))


def _profile(
    path: Path,
    words: Path,
    vocabularies: Mapping[str, Mapping[str, Term]],
    divisions: Mapping[str, Division],
    formats: Mapping[str, FormatTerm],
) -> Profile:
    columns = ("no", "element_zh", "identifier", "parent", "obligation", "max_length")
    optional = ("cardinality", "type", "value_domain", "dcat_term", "ckan_field", "validation_rule")
    elements = [
        Element(
            number=row.text("no"),
            identifier=row.required("identifier"),
            name_zh=row.required("element_zh"),
            obligation=row.required("obligation"),
            max_length=row.number_or("max_length", 0),
        )
        for row in read_table(path, columns, optional, key="no")
    ]
    patterns = read_table(
        words / "personal_item_patterns.csv", ("pattern", "kind", "strength"), ("example_value_regex", "note")
    )
    methods = {row.required("type_code"): row.many("allowed_for_format_class") for row in _method_rows(words)}
    lengths = read_table(words / "field_type.csv", ("code", "length_required"), ("zh", "en", "sql_type", "json_schema"))
    return Profile(
        version="2026",
        elements={element.identifier: element for element in elements},
        vocabularies=Vocabularies(
            classes=frozenset(vocabularies["resource_class"]),
            themes=frozenset(vocabularies["theme"]),
            divisions=frozenset(divisions),
            formats=formats,
            field_types=frozenset(vocabularies["field_type"]),
            types_with_length=frozenset(row.text("code") for row in lengths if row.text("length_required") != "no"),
            methods=methods,
            personal=tuple(
                PersonalPattern(pattern=row.required("pattern"), is_strong=row.text("strength") == "strong")
                for row in patterns
            ),
        ),
    )
