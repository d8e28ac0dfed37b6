"""The law as data: every table of `config/` read, checked against the others, and handed on as frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from catalogue_app.domain.calendar import WorkingCalendar
from catalogue_app.domain.conclusion import ABSENCE_GRACE, ABSENCE_RUNS, HOLD_TIME, ConclusionRules
from catalogue_app.domain.flagging.source import ANSWERS
from catalogue_app.domain.flagging.stale import CycleRule
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.profile import FormatTerm, Profile
from catalogue_app.domain.schedule import HarvestRules
from catalogue_app.domain.standing import Standing
from catalogue_app.domain.vocabulary import DisclosureCategory, UpdateCycle
from catalogue_app.messages import (
    LetterWordings,
    Messages,
    SourceWords,
    read_letters,
    read_messages,
    read_source_words,
)
from catalogue_app.reference_harvest import read_harvest_rules
from catalogue_app.reference_organs import (
    OrganCells,
    check_obligations,
    read_default_obligations,
    read_obligations,
    read_organ_table,
)
from catalogue_app.reference_rules import read_calendar, read_deadlines, read_flags, read_profile
from catalogue_app.reference_values import Alias, Deadline, Division, SynonymGroup, Term
from catalogue_app.reference_words import (
    DIVISIONS,
    read_aliases,
    read_cycles,
    read_divisions,
    read_formats,
    read_headers,
    read_noise,
    read_sharing_methods,
    read_synonyms,
    read_vocabularies,
)

CODES_FOUND: Final[Mapping[str, str]] = {
    "basic_not_shared": "sharing_type",
    "method_does_not_fit": "sharing_method",
}
"""Problems whose value is a code, and the vocabulary that names it; every other value is what somebody wrote."""


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
    source_words: SourceWords
    harvest_rules: HarvestRules
    letters: LetterWordings

    @property
    def organ_cells(self) -> OrganCells:
        """What tables of organs are checked against."""
        return OrganCells(
            divisions=self.divisions.keys(),
            themes=self.vocabularies["theme"].keys(),
            owed=self.obligations,
            default=self.default_obligations,
        )

    @property
    def failing_after(self) -> int:
        """Failed runs in a row after which a source counts as failing (R82)."""
        return int(self.deadlines[ANSWERS].limit)

    @property
    def conclusions(self) -> ConclusionRules:
        """What runs may conclude in time (R84 … R86)."""
        runs, grace, hold = (int(self.deadlines[rule].limit) for rule in (ABSENCE_RUNS, ABSENCE_GRACE, HOLD_TIME))
        return ConclusionRules(absence_runs=runs, absence_grace=grace, hold_days=hold, calendar=self.calendar)

    def name(self, vocabulary: str, code: str, language: str) -> str:
        """Return the name of a code in `zh` or `en`; the code itself where the vocabulary has no such row."""
        term = self.vocabularies[vocabulary].get(code)
        return term.name(language) if term else code

    def problem(self, code: str, language: str, *, value: str, element: str) -> tuple[str, str]:
        """Return (what is wrong with an entry, how to mend it) in `zh` or `en`, naming what was found."""
        vocabulary = CODES_FOUND.get(code)
        found = self.name(vocabulary, value, language) if vocabulary else value
        return self.messages.problem(code, language, value=found, element=element)


def load_reference(config_dir: Path) -> Reference:
    """Read and check every table.

    Raises:
        ConfigurationError: a table is missing or broken; names file, row, column and how to mend it.
    """
    words, rules, search = config_dir / "vocabularies", config_dir / "rules", config_dir / "search"
    vocabularies = read_vocabularies(words)
    divisions = read_divisions(words / DIVISIONS)
    deadlines = read_deadlines(rules / "deadlines.csv")
    formats = read_formats(words / "format.csv")
    methods = read_sharing_methods(words / "sharing_method.csv")
    obligations, rows = read_obligations(rules / "obligations.csv")
    default = read_default_obligations(words / "disclosure_category.csv")
    themes = vocabularies["theme"].keys()
    cells = OrganCells(divisions=divisions.keys(), themes=themes, owed=obligations, default=default)
    organs = read_organ_table(config_dir / "organs" / "organs.csv", cells)
    check_obligations(rows, organs.keys())
    fits = {kind: classes for kind, (_, classes) in methods.items()}
    return Reference(
        organs=organs,
        profile=read_profile(config_dir, vocabularies, divisions.keys(), formats, fits),
        vocabularies=vocabularies,
        cycles=read_cycles(words / "update_cycle.csv"),
        calendar=read_calendar(sorted((config_dir / "calendar").glob("*.csv"))),
        deadlines=deadlines,
        flags=read_flags(rules / "flags.csv", deadlines),
        divisions=divisions,
        synonyms=read_synonyms(search / "synonyms.csv"),
        noise=read_noise(search / "noise.csv"),
        aliases=read_aliases(words / "value_aliases.csv", vocabularies, formats.keys()),
        sheet_headers=read_headers(config_dir / "sheets" / "header_aliases.csv"),
        formats=formats,
        sharing_methods={kind: method for kind, (method, _) in methods.items()},
        default_obligations=default,
        obligations=obligations,
        messages=read_messages(config_dir / "messages" / "problems.csv"),
        source_words=read_source_words(config_dir / "messages" / "source_kinds.csv"),
        harvest_rules=read_harvest_rules(rules / "harvest.csv"),
        letters=read_letters(config_dir / "messages" / "letters.csv", Standing),
    )
