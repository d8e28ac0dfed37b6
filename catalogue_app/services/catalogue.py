"""Read the catalogue for an audience: one entry, its history, lists, organs and the catalogue at a glance.

Nothing here changes anything, nothing is audited, and every figure counts only what its audience may see. The number of
statements of an answer never depends on the number of entries.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final, TypedDict, final

from catalogue_app.domain.clock import Clock, today
from catalogue_app.domain.diff import compare
from catalogue_app.domain.entry import Entry, Revision
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.profile import Violation
from catalogue_app.domain.register import heirs
from catalogue_app.domain.selection import EVERYTHING, EntryFilter
from catalogue_app.domain.text import LocalizedText
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import DisclosureCategory
from catalogue_app.persistence.entry_rows import CATEGORY, THEME
from catalogue_app.persistence.reports import Figures
from catalogue_app.persistence.unit_of_work import UnitOfWork, UnitsOfWork
from catalogue_app.reference import Reference
from catalogue_app.services.catalogue_views import (
    CategoryCoverage,
    CoverageState,
    EntryCard,
    EntryList,
    EntryView,
    History,
    HistoryStep,
    OrganSummary,
    OrganView,
    Overview,
    ProblemWords,
    SourceSummary,
    Timeliness,
)
from catalogue_app.services.timeliness import Timekeeper

_RECENT: Final = 10
"""Entries shown as recently changed."""


@final
class Catalogue:
    """What may be read about entries and organs."""

    def __init__(self, uow: UnitsOfWork, reference: Reference, clock: Clock) -> None:
        self._uow: Final = uow
        self._reference: Final = reference
        self._clock: Final = clock

    def entry(self, code: str, audience: Audience) -> EntryView:
        """Return one entry.

        Raises:
            NotFound: there is none with this code, or it is above the audience: the same answer.
            Gone: it was withdrawn.
        """
        with self._uow.reading() as work:
            entry = work.entries.by_code(code, audience)
            return EntryView(
                entry=entry,
                organ=work.organs.by_id(entry.organ_id),
                freshness=self._timekeeper().judge(entry),
                source=_source(work, entry),
                revisions=work.reports.revisions(entry.id, audience),
            )

    def history(self, code: str, audience: Audience) -> History:
        """Return the revisions of an entry, newest first, each with what it changed.

        Raises:
            NotFound: as for `entry`.
            Gone: as for `entry`.
        """
        with self._uow.reading() as work:
            entry = work.entries.by_code(code, audience)
            organ = work.organs.by_id(entry.organ_id)
            steps = _steps(work.entries.revisions(entry.id, audience))
            curations = work.curations.of_entry(entry.id, audience)
        return History(entry=entry, organ=organ, steps=steps, curations=curations)

    def entries(self, wanted: EntryFilter, audience: Audience, cursor: str | None = None, limit: int = 20) -> EntryList:
        """Return a page of entries, those that changed last first.

        Raises:
            InvalidCursor: the cursor is not one of this list.
        """
        with self._uow.reading() as work:
            if wanted.organs:  # an address from before a merger leads on
                now = heirs(work.organs.all())
                wanted = replace(wanted, organs=frozenset(now.get(organ, organ) for organ in wanted.organs))
            page = work.entries.list(wanted, audience, cursor, limit)
            cards = self._cards(work, page.entries)
            total = work.entries.count(wanted, audience)
        return EntryList(total=total, cards=cards, next_cursor=page.next_cursor)

    def cards(self, found: Iterable[tuple[Entry, Organ]]) -> tuple[EntryCard, ...]:
        """Return entries that an audience was found to see, such as the hits of a search, as lists show them."""
        judge = self._timekeeper().judge
        return tuple(EntryCard(entry=entry, organ=organ, freshness=judge(entry)) for entry, organ in found)

    def organ_names(self) -> Mapping[OrganId, LocalizedText]:
        """Return the name of every organ of the register, in its order; organs have no tier."""
        with self._uow.reading() as work:
            return work.organs.names()

    def register(self) -> Mapping[OrganId, Organ]:
        """Return every organ of the register, in its order; organs have no tier."""
        with self._uow.reading() as work:
            return {organ.id: organ for organ in work.organs.all()}

    def related(self, entry: Entry, audience: Audience, limit: int = 6) -> tuple[EntryCard, ...]:
        """Return other entries of the same organ, those that share a theme first."""
        same_organ = EntryFilter(organs=frozenset({entry.organ_id}))
        same_theme = replace(same_organ, themes=frozenset(entry.metadata.themes))
        with self._uow.reading() as work:
            pages = (work.entries.list(wanted, audience, None, limit + 1) for wanted in (same_theme, same_organ))
            found = {other.id: other for page in pages for other in page.entries if other.id != entry.id}
            return self._cards(work, tuple(found.values())[:limit])

    def organs(self, audience: Audience) -> tuple[OrganSummary, ...]:
        """Return every organ of the register in its order, also those without an entry."""
        with self._uow.reading() as work:
            figures = self._figures(work, audience)
            return tuple(_summary(organ, figures.get(organ.id, Figures())) for organ in work.organs.all())

    def organ(self, organ_id: str, audience: Audience) -> OrganView:
        """Return one organ with its nine disclosure categories (art. 14).

        Raises:
            NotFound: no such organ.
        """
        key = OrganId(organ_id)
        with self._uow.reading() as work:
            organ = work.organs.by_id(key)
            last_late = self._timekeeper().last_late_days(work.reports.own_periods())
            figures = work.reports.of_organs(audience, last_late, key).get(key, Figures())
            by_category = work.reports.of_categories(key, audience, last_late)
            recent = work.entries.list(EntryFilter(organs=frozenset({key})), audience, None, _RECENT)
            return OrganView(
                organ=organ,
                entries=figures.entries,
                timeliness=_timeliness(figures),
                coverage=_coverage(organ, by_category),
                recent=self._cards(work, recent.entries),
                **_kin(organ, work.organs.all()),
            )

    def overview(self, audience: Audience) -> Overview:
        """Return the catalogue at a glance."""
        with self._uow.reading() as work:
            figures = self._figures(work, audience)
            counts = work.reports.of_attributes(audience)
            recent = self._cards(work, work.entries.list(EVERYTHING, audience, None, _RECENT).entries)
        return Overview(
            entries=sum(organ.entries for organ in figures.values()),
            organs=len(figures),
            timeliness=_sum(figures.values()),
            themes=counts.get(THEME, {}),
            categories={category: counts.get(CATEGORY, {}).get(category.value, 0) for category in DisclosureCategory},
            recent=recent,
        )

    def problems(self, entry: Entry, language: str) -> tuple[ProblemWords, ...]:
        """Put what is wrong with an entry into words, `zh` or `en`."""
        return self.in_words(entry.violations, language)

    def in_words(self, violations: Iterable[Violation], language: str) -> tuple[ProblemWords, ...]:
        """Put departures from the profile into words, `zh` or `en`."""
        return tuple(
            ProblemWords(
                element=violation.element,
                code=violation.code,
                value=violation.value,
                message=message,
                mend=mend,
                rule=violation.rule,
            )
            for violation in violations
            for message, mend in [
                self._reference.problem(violation.code, language, value=violation.value, element=violation.element)
            ]
        )

    def _timekeeper(self) -> Timekeeper:
        return Timekeeper(self._reference.cycles, today(self._clock))

    def _figures(self, work: UnitOfWork, audience: Audience) -> Mapping[OrganId, Figures]:
        last_late = self._timekeeper().last_late_days(work.reports.own_periods())
        return work.reports.of_organs(audience, last_late)

    def _cards(self, work: UnitOfWork, entries: Sequence[Entry]) -> tuple[EntryCard, ...]:
        organs = work.organs.by_ids(entry.organ_id for entry in entries)
        return self.cards((entry, organs[entry.organ_id]) for entry in entries)


class _Kin(TypedDict):
    """Whom an organ passed its duties to and had them from, and who stands above and below it."""

    successor: Organ | None
    predecessors: tuple[Organ, ...]
    parent: Organ | None
    children: tuple[Organ, ...]


def _kin(organ: Organ, register: Sequence[Organ]) -> _Kin:
    now, by_id = heirs(register), {other.id: other for other in register}
    return {
        "successor": by_id[now[organ.id]] if now[organ.id] != organ.id else None,
        "predecessors": tuple(other for other in register if other.id != organ.id and now[other.id] == organ.id),
        "parent": by_id.get(organ.parent) if organ.parent else None,
        "children": tuple(other for other in register if other.parent == organ.id and other.successor is None),
    }


def _source(work: UnitOfWork, entry: Entry) -> SourceSummary | None:
    if entry.source_id is None:
        return None
    source = work.sources.by_id(entry.source_id)
    return SourceSummary(kind=source.kind, checked_at=work.reports.read_whole_at(source.id))


def _steps(revisions: Sequence[Revision]) -> tuple[HistoryStep, ...]:
    later = [
        HistoryStep(revision=after, before=before.metadata, changes=compare(before.metadata, after.metadata))
        for before, after in pairwise(revisions)
    ]
    first = [HistoryStep(revision=revision, before=None, changes=()) for revision in revisions[:1]]
    return tuple(reversed(first + later))


def _summary(organ: Organ, figures: Figures) -> OrganSummary:
    return OrganSummary(
        organ=organ, entries=figures.entries, timeliness=_timeliness(figures), changed_at=figures.changed_at
    )


def _timeliness(figures: Figures) -> Timeliness:
    return Timeliness(on_time=figures.judged - figures.late, late=figures.late)


def _sum(figures: Iterable[Figures]) -> Timeliness:
    parts = [_timeliness(part) for part in figures]
    return Timeliness(on_time=sum(part.on_time for part in parts), late=sum(part.late for part in parts))


def _coverage(organ: Organ, found: Mapping[DisclosureCategory, Figures]) -> tuple[CategoryCoverage, ...]:
    return tuple(
        CategoryCoverage(
            category=category,
            owed=category in organ.obligations,
            state=_state(found.get(category, Figures()), owed=category in organ.obligations),
            entries=found.get(category, Figures()).entries,
        )
        for category in DisclosureCategory
    )


def _state(figures: Figures, *, owed: bool) -> CoverageState:
    if figures.entries > figures.late:
        return CoverageState.PRESENT
    if figures.entries:
        return CoverageState.STALE
    return CoverageState.MISSING if owed else CoverageState.NOT_OWED
