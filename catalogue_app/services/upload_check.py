"""The dry run of an upload: rows are read, matched with what is there and judged; the catalogue stays as it is."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, final

from catalogue_app.domain.entry import Entry, EntryState
from catalogue_app.domain.errors import InvalidInput
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.ids import EntryId
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.profile import Violation
from catalogue_app.domain.proposal import Proposal, ProposalKind
from catalogue_app.domain.selection import EntryFilter
from catalogue_app.domain.text import fold
from catalogue_app.domain.upload import CellFlaw, Upload, UploadRow, Verdict
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.proposals import ProposalFilter
from catalogue_app.persistence.unit_of_work import UnitOfWork
from catalogue_app.services.registration import OPEN
from catalogue_app.services.similar import Similar
from catalogue_app.services.upload_rows import ReadRow, RowReader, merged

_MOST_PROPOSALS: Final = 1_000_000

Check = Callable[[EntryMetadata, Organ], tuple[Violation, ...]]
"""What departs from the profile in what an entry of an organ says."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What an organ has, as far as who uploads may know, in the ways a row can mean it.

    Attributes:
        by_code: catalogue code to entry.
        by_resource_code: resource code to entries.
        by_title: folded title to entries.
        drafts: folded title to the open proposal of a new entry.
        pending: entry to what is proposed for it.
    """

    by_code: Mapping[str, EntryId]
    by_resource_code: Mapping[str, Sequence[EntryId]]
    by_title: Mapping[str, Sequence[EntryId]]
    drafts: Mapping[str, Proposal]
    pending: Mapping[EntryId, Proposal]


def known_to(look: UnitOfWork, upload: Upload, audience: Audience) -> Known:
    """Gather what the organ of an upload has."""
    by_code: dict[str, EntryId] = {}
    by_resource_code, by_title = defaultdict[str, list[EntryId]](list), defaultdict[str, list[EntryId]](list)
    for entry in look.entries.walk(EntryFilter(organs=frozenset({upload.organ_id})), audience):
        by_code[entry.code] = entry.id
        by_title[fold(entry.metadata.title.original)].append(entry.id)
        if entry.metadata.resource_code:
            by_resource_code[entry.metadata.resource_code].append(entry.id)
    proposals = look.proposals.list(ProposalFilter(states=OPEN), audience, _MOST_PROPOSALS)
    own = [proposal for proposal in proposals if proposal.organ_id == upload.organ_id]
    return Known(
        by_code=by_code,
        by_resource_code=by_resource_code,
        by_title=by_title,
        drafts={fold(one.metadata.title.original): one for one in own if one.kind is ProposalKind.NEW},
        pending={one.entry_id: one for one in own if one.entry_id is not None},
    )


@final
class Judge:
    """Judges the rows of one upload, in their order."""

    def __init__(
        self, upload: Upload, organ: Organ, known: Known, reader: RowReader, *, check: Check, similar: Similar
    ) -> None:
        self._upload: Final = upload
        self._organ: Final = organ
        self._known: Final = known
        self._reader: Final = reader
        self._check: Final = check
        self._similar: Final = similar
        self._audience: Final = Audience(tier=upload.reached, organs=frozenset({upload.organ_id}))
        self._first_places: Final[dict[str, str]] = {}
        self._judged_by = Tier.PORTAL

    @property
    def judged_by(self) -> Tier:
        """Highest tier of what rows were held against, entries like them and proposals: what was found tells of it."""
        return self._judged_by

    def judge(self, first: int, read: Sequence[ReadRow], look: UnitOfWork) -> list[UploadRow]:
        """Judge some rows.

        Args:
            first: number of the first of them.
            read: what was read.
            look: the catalogue as it stands.

        Raises:
            InvalidInput: a row is above what who uploads may see; nothing of the file may be kept.
        """
        ids = {entry_id for row in read if (entry_id := self._entry_of(row))}
        entries = {entry.id: entry for entry in look.entries.by_ids(sorted(ids))}
        rows = []
        for number, row in enumerate(read, start=first):
            entry_id = self._entry_of(row)
            judged = self._row(number, row, entries.get(entry_id) if entry_id else None)
            if judged.tier.level > self._upload.reached.level:
                raise InvalidInput("tier_above_network", value=judged.tier, allowed=self._upload.reached)
            rows.append(judged)
        return rows

    def _entry_of(self, row: ReadRow) -> EntryId | None:
        """Return the entry that a row means: by the catalogue's code, else the resource code, else the title."""
        if row.code or isinstance(row.said, Problem):
            return self._known.by_code.get(row.code)
        titled = self._known.by_title.get(fold(row.said.title.original), ())
        if coded := self._known.by_resource_code.get(row.said.resource_code, ()):
            both = [entry_id for entry_id in coded if entry_id in titled]
            return both[0] if both else coded[0] if len(coded) == 1 else None
        return titled[0] if len(titled) == 1 else None

    def _row(self, number: int, row: ReadRow, entry: Entry | None) -> UploadRow:
        if isinstance(row.said, Problem):
            flaw = CellFlaw(element=row.said.element, code=row.said.code, value=row.said.value)
            return _bad(number, row, row.said.value, flaw)
        title = row.said.title.original
        if row.code and entry is None:
            return _bad(number, row, title, CellFlaw(element="identifier", code="unknown_entry_code", value=row.code))
        before = self._first_places.setdefault(entry.code if entry else fold(title), row.place)
        if before != row.place:
            return _bad(number, row, title, CellFlaw(element="title", code="repeated_in_file", value=before))
        return self._of_entry(number, row, row.said, entry) if entry else self._of_new(number, row, row.said)

    def _of_entry(self, number: int, row: ReadRow, said: EntryMetadata, entry: Entry) -> UploadRow:
        echo = self._reader.echo(entry, row.columns)
        pending = self._known.pending.get(entry.id)
        self._note(pending)
        draft = pending if pending and pending.kind is ProposalKind.CHANGE and pending.state.is_with_organ else None
        metadata, tier = merged(entry.metadata, echo, said), entry.tier
        if said.network_tier in {None, echo.network_tier}:
            metadata = replace(metadata, network_tier=entry.metadata.network_tier)
        else:
            tier = said.network_tier or tier
        judged = UploadRow(
            number=number,
            place=row.place,
            title=metadata.title.original,
            verdict=Verdict.SAME,
            tier=tier,
            code=entry.code,
            entry_id=entry.id,
            base_revision=entry.revision,
        )
        if (metadata, tier) in [(one.metadata, one.tier) for one in (entry, draft) if one is not None]:
            return judged
        if flaw := _hindrance(entry, pending if draft is None else None):
            return replace(judged, verdict=Verdict.BAD, flaws=(flaw,))
        judged = replace(judged, verdict=Verdict.CHANGE, metadata=metadata)
        if draft:
            judged = replace(judged, draft_id=draft.id, draft_version=draft.version)
        return self._with_flaws(judged, metadata)

    def _of_new(self, number: int, row: ReadRow, said: EntryMetadata) -> UploadRow:
        tier = said.network_tier or Tier.PORTAL
        metadata = replace(
            said,
            provider_name=said.provider_name or self._organ.name.original,
            provider_uscc=said.provider_uscc or self._organ.uscc,
        )
        judged = UploadRow(
            number=number,
            place=row.place,
            title=said.title.original,
            verdict=Verdict.NEW,
            tier=tier,
            metadata=metadata,
        )
        draft = self._known.drafts.get(fold(said.title.original))
        self._note(draft)
        if draft is not None and (draft.metadata, draft.tier) == (metadata, tier):
            return replace(judged, verdict=Verdict.SAME, metadata=None)
        if draft is not None and not draft.state.is_with_organ:
            flaw = CellFlaw(element="title", code="proposal_pending", value=said.title.original)
            return replace(judged, verdict=Verdict.BAD, metadata=None, flaws=(flaw,))
        if draft is not None:
            judged = replace(judged, verdict=Verdict.CHANGE, draft_id=draft.id, draft_version=draft.version)
        judged = self._with_flaws(judged, metadata)
        if judged.verdict is Verdict.BAD or judged.tier.level > self._upload.reached.level:
            return judged
        found = [one.entry for one in self._similar.to(metadata, self._audience)]
        self._note(*found)
        return replace(judged, similar=tuple(entry.code for entry in found))

    def _note(self, *found: Entry | Proposal | None) -> None:
        tiers = [one.tier for one in found if one is not None]
        self._judged_by = max([self._judged_by, *tiers], key=lambda tier: tier.level)

    def _with_flaws(self, judged: UploadRow, metadata: EntryMetadata) -> UploadRow:
        violations = self._check(metadata, self._organ)
        if not violations:
            return judged
        flaws = tuple(CellFlaw(element=one.element, code=one.code, value=one.value) for one in violations)
        return replace(judged, verdict=Verdict.BAD, metadata=None, flaws=flaws)


def _hindrance(entry: Entry, pending: Proposal | None) -> CellFlaw | None:
    """Return why nothing may be proposed for an entry now."""
    if entry.source_id is not None:
        return CellFlaw(element="identifier", code="entry_kept_by_source", value=entry.code)
    if pending is not None or entry.state is not EntryState.PUBLISHED:
        return CellFlaw(element="identifier", code="proposal_pending", value=entry.code)
    return None


def _bad(number: int, row: ReadRow, title: str, flaw: CellFlaw) -> UploadRow:
    tier = Tier.PORTAL if isinstance(row.said, Problem) else row.said.network_tier or Tier.PORTAL
    return UploadRow(number=number, place=row.place, title=title, verdict=Verdict.BAD, tier=tier, flaws=(flaw,))
