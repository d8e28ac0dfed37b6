"""The bad catalogues of `data/malformed`: what each must come to, and a catalogue that met them all."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from catalogue_app.container import Container
from catalogue_app.domain.entry import Entry
from catalogue_app.domain.harvest import Problem, RunState
from catalogue_app.domain.ids import SourceId
from catalogue_app.domain.source import Source, SourceKind
from catalogue_app.services.harvest_report import RunReport
from tests.living import add_source, harvest, open_catalogue
from tests.shared import shared_path

COMPLETE: Final = RunState.COMPLETE
ABORTED: Final = RunState.ABORTED
SHEET: Final = SourceKind.SHEET
DATA_JSON: Final = SourceKind.DATA_JSON
DCAT: Final = SourceKind.DCAT


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A file, and what a first harvest of it comes to.

    Attributes:
        figures: gathered, added, changed, unchanged, rejected, duplicate, vanished.
        told: codes that must be among the problems.
    """

    file: str
    kind: SourceKind
    state: RunState
    figures: tuple[int, ...]
    told: frozenset[str] = frozenset()

    def again(self) -> tuple[int, ...]:
        """Return what a second harvest comes to: the same, with everything unchanged that was added."""
        gathered, added, changed, unchanged, *rest = self.figures
        return (gathered, 0, 0, added + changed + unchanged, *rest)


NOTHING: Final = (0, 0, 0, 0, 0, 0, 0)


def refused(file: str, kind: SourceKind, code: str) -> Case:
    return Case(file=file, kind=kind, state=ABORTED, figures=NOTHING, told=frozenset({code}))


def read(file: str, kind: SourceKind, added: int, *told: str, rejected: int = 0, duplicate: int = 0) -> Case:
    figures = (added + rejected + duplicate, added, 0, 0, rejected, duplicate, 0)
    return Case(file=file, kind=kind, state=COMPLETE, figures=figures, told=frozenset(told))


CASES: Final = [
    refused("01-truncated.json", DATA_JSON, "invalid_json"),
    refused("02-billion-laughs.rdf", DCAT, "xml_dtd_refused"),
    refused("03-xxe-file.rdf", DCAT, "xml_dtd_refused"),
    refused("04-gzip-bomb.json.gz", DATA_JSON, "too_large"),
    read("05-gbk-no-declaration.csv", SHEET, 5),
    read("06-utf8-bom.csv", SHEET, 5),
    read("07-nul-in-strings.json", DATA_JSON, 2),
    refused("08-deep-nesting.json", DATA_JSON, "too_deep"),
    read("09-bad-dates.json", DATA_JSON, 15, "not_a_date", "far_future_date", "ambiguous_date"),
    read("10-merged-header.xlsx", SHEET, 3),
    read("11-formulas-and-serials.xlsx", SHEET, 2, "formula_without_value", "not_a_date", rejected=1),
    read("12-macro.xlsm", SHEET, 1),
    read("13-duplicate-identifiers.json", DATA_JSON, 3, "duplicate_identifier", duplicate=3),
    read("14-relation-cycle.ttl", DCAT, 4, "relation_cycle"),
    refused("15-remote-context.jsonld", DCAT, "remote_context"),
    read("16-huge-int.json", DATA_JSON, 1, "number_out_of_range"),
    read("17-nan-infinity.json", DATA_JSON, 1, "number_out_of_range"),
    read("18-lone-surrogate.json", DATA_JSON, 2),
    read("19-script-tags.json", DATA_JSON, 2),
    read("20-javascript-url.json", DATA_JSON, 1, "unsafe_url"),
    refused("29-maintenance-page-200.html", DATA_JSON, "html_instead_of_json"),
    read("30-ten-megabyte-title.json", DATA_JSON, 2, "too_long"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvested:
    """A file's source, its two runs, and what it left."""

    case: Case
    source: Source
    first: RunReport
    second: RunReport
    entries: Mapping[str, Entry]

    def entry(self, identifier: str) -> Entry:
        return self.entries[identifier]

    def problem(self, code: str) -> Problem:
        return next(problem for problem in self.first.problems if problem.code == code)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A catalogue that met every bad file, between two harvests of a good one."""

    container: Container
    good: tuple[RunReport, RunReport]
    by_file: Mapping[str, Harvested]


def place_of(file: str, folder: Path) -> Path:
    """Return where a bad file is; the one that is too large to keep is made."""
    if not file.startswith("30"):
        return shared_path(f"data/malformed/{file}")
    path = folder / file
    titles = {"big-1": "长" * 3_500_000, "ok-2": "正常"}
    datasets = [{"identifier": name, "title": title, "description": "x"} for name, title in titles.items()]
    path.write_text(json.dumps({"dataset": datasets}, ensure_ascii=False), encoding="utf-8")
    return path


def write_datasets(path: Path, titles: Mapping[str, str]) -> Path:
    datasets = [{"identifier": name, "title": title, "accessLevel": "public"} for name, title in titles.items()]
    path.write_text(json.dumps({"dataset": datasets}), encoding="utf-8")
    return path


def entries_of(container: Container, source_id: SourceId) -> dict[str, Entry]:
    """Return the entries of a source by identifier, in its order."""
    with container.uow.reading() as look:
        own = [entry for entry in look.entries.stream() if entry.source_id == source_id]
    return {entry.identifier: entry for entry in sorted(own, key=lambda entry: entry.code)}


def harvested(container: Container, case: Case, folder: Path) -> Harvested:
    source = add_source(container, case.kind, place_of(case.file, folder), tier="portal")
    first, second = harvest(container, source.id), harvest(container, source.id)
    entries = entries_of(container, source.id)
    return Harvested(case=case, source=source, first=first, second=second, entries=entries)


def meet_all(folder: Path) -> House:
    """Harvest every bad file twice, between two harvests of a good one."""
    shared_path("data/malformed")
    container = open_catalogue(folder / "var")
    titles = {"g-1": "幼儿园名录", "g-2": "公园名录"}
    good = add_source(container, DATA_JSON, write_datasets(folder / "good.json", titles))
    before = harvest(container, good.id)
    by_file = {case.file: harvested(container, case, folder) for case in CASES}
    return House(container=container, good=(before, harvest(container, good.id)), by_file=by_file)
