"""What readers of the catalogue are shown: the values that pages and the API turn into HTML and JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum, unique
from typing import final

from catalogue_app.domain.curation import Curation
from catalogue_app.domain.diff import FieldChange
from catalogue_app.domain.entry import Entry, Revision
from catalogue_app.domain.flagging.stale import Freshness
from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.source import SourceKind
from catalogue_app.domain.vocabulary import DisclosureCategory


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class EntryCard:
    """One entry as a list shows it.

    Attributes:
        entry: the entry itself; its title, abstract, cycle and dates are in `entry.metadata`.
        organ: who answers for it.
        freshness: how its content stands against its declared cycle on the present day (art. 13).
    """

    entry: Entry
    organ: Organ
    freshness: Freshness


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class EntryList:
    """One page of a list of entries.

    Attributes:
        total: entries of the whole list that this audience may see.
        cards: those of this page, in order.
        next_cursor: asks for the next page; None on the last.
    """

    total: int
    cards: tuple[EntryCard, ...]
    next_cursor: str | None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSummary:
    """Where an entry was harvested from, as far as everybody may know: never the address.

    Attributes:
        kind: format of the source.
        checked_at: when a complete run last read the source; None before the first.
    """

    kind: SourceKind
    checked_at: datetime | None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemWords:
    """One departure from the profile, in words.

    Attributes:
        element: profile element.
        code: row of `config/messages/problems.csv`.
        value: what was found.
        message: what is wrong.
        mend: what the organ can do about it.
        rule: row of `config/rules/deadlines.csv` that it breaks.
    """

    element: str
    code: str
    value: str
    message: str
    mend: str
    rule: str


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """One entry as its own page shows it.

    Attributes:
        source: None for an entry registered by hand.
        revisions: how many revisions this audience may read.
    """

    entry: Entry
    organ: Organ
    freshness: Freshness
    source: SourceSummary | None
    revisions: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryStep:
    """One revision with what it changed.

    Attributes:
        revision: the state stored.
        before: what the entry said in the revision before it that this audience may read; None for the first one.
        changes: differences from that; empty for the first one shown.
    """

    revision: Revision
    before: EntryMetadata | None
    changes: tuple[FieldChange, ...]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The life of an entry so far.

    Attributes:
        entry: as it stands.
        steps: newest first; revisions of a higher tier than the audience's are left out.
        curations: what the desk let single elements say instead of the source, oldest first; also ended ones.
    """

    entry: Entry
    organ: Organ
    steps: tuple[HistoryStep, ...]
    curations: tuple[Curation, ...]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Timeliness:
    """How many entries are renewed in time (art. 13).

    Attributes:
        on_time: entries with a due day that are not stale.
        late: stale entries.
    """

    on_time: int = 0
    late: int = 0

    @property
    def share(self) -> float | None:
        """Part of the entries that are on time, 0 to 1; None where no entry has a due day."""
        judged = self.on_time + self.late
        return self.on_time / judged if judged else None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class OrganSummary:
    """One organ of the directory.

    Attributes:
        entries: its entries that this audience may see.
        timeliness: of those entries.
        changed_at: when one of them last changed; None where it has none.
    """

    organ: Organ
    entries: int
    timeliness: Timeliness
    changed_at: datetime | None


@unique
class CoverageState(StrEnum):
    """How an organ stands in one disclosure category (art. 14)."""

    PRESENT = "present"
    """At least one entry that is not stale."""
    STALE = "stale"
    """Entries, all of them stale."""
    MISSING = "missing"
    """Owed, and no entry."""
    NOT_OWED = "not_owed"
    """Not owed, and no entry."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryCoverage:
    """One organ in one disclosure category.

    Attributes:
        owed: whether the table of obligations demands an entry.
        entries: its entries in the category that this audience may see.
    """

    category: DisclosureCategory
    owed: bool
    state: CoverageState
    entries: int


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class OrganView:
    """One organ as its own page shows it.

    Attributes:
        coverage: all nine categories, (a) to (i).
        recent: its entries that changed last, newest first.
        successor: who answers for its duties today, where it is no more.
        predecessors: organs whose duties it took over.
        parent: the organ it stands below.
        children: organs that stand below it, as far as they still stand.
    """

    organ: Organ
    entries: int
    timeliness: Timeliness
    coverage: tuple[CategoryCoverage, ...]
    recent: tuple[EntryCard, ...]
    successor: Organ | None
    predecessors: tuple[Organ, ...]
    parent: Organ | None
    children: tuple[Organ, ...]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The catalogue at a glance, in the figures of one audience.

    Attributes:
        entries: all entries it may see.
        organs: organs with at least one such entry.
        timeliness: of all those entries.
        themes: theme code to entries; themes without entries are left out.
        categories: all nine disclosure categories to entries.
        recent: entries that changed last, newest first.
    """

    entries: int
    organs: int
    timeliness: Timeliness
    themes: Mapping[str, int]
    categories: Mapping[DisclosureCategory, int]
    recent: tuple[EntryCard, ...]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapRow:
    """One entry as sitemaps and feeds of addresses need it."""

    code: str
    organ_id: OrganId
    changed_at: datetime
