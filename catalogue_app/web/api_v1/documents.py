"""Values of the services as JSON objects: the same names everywhere, in the language asked for."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final
from urllib.parse import quote

from catalogue_app.domain.curation import Curation
from catalogue_app.domain.diff import FieldChange
from catalogue_app.domain.flagging.stale import Freshness
from catalogue_app.domain.metadata import Document, EntryMetadata, JsonValue, to_document
from catalogue_app.domain.organ import Organ
from catalogue_app.domain.patch import patch
from catalogue_app.domain.proposal import Proposal
from catalogue_app.services.catalogue_views import (
    CategoryCoverage,
    EntryCard,
    EntryView,
    HistoryStep,
    ProblemWords,
    SourceSummary,
    Timeliness,
)
from catalogue_app.services.merging import Merge
from catalogue_app.web.language import Language

API: Final = "/api/v1"

_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]*):(?!\d)", re.IGNORECASE)
"""A scheme; what stands before a port is a host."""

_FETCHED: Final = frozenset({"http", "https", "ftp", "ftps"})
_WITH_ADDRESSES: Final = frozenset({"distributions", "online_urls"})
"""Elements that hold addresses."""


def iso(moment: date | datetime | None) -> str | None:
    """Write a day or an instant; instants are in UTC and end in Z."""
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def item_of(card: EntryCard, language: Language) -> Document:
    """Write an entry as item of a list."""
    entry, said = card.entry, card.entry.metadata
    return {
        "code": entry.code,
        "title": said.title.pick(language)[1],
        "organ": card.organ.id,
        "organ_name": card.organ.name.pick(language)[1],
        "abstract": said.abstract.pick(language)[1] if said.abstract else None,
        "state": entry.state.value,
        "tier": entry.tier.value,
        "themes": _list(said.themes),
        "disclosure_categories": _list(said.disclosure_categories),
        "format_types": _list(said.format_types),
        "sharing_type": said.sharing_type,
        "open_type": said.open_type,
        "update_cycle": said.update_cycle,
        "issued_on": iso(said.issued_on),
        "updated_on": iso(said.updated_on),
        "freshness": freshness_of(card.freshness),
        "violations": len(entry.violations),
        "revision": entry.revision,
        "changed_at": iso(entry.changed_at),
        "links": _entry_links(entry.code, card.organ, language),
    }


def entry_of(view: EntryView, problems: Iterable[ProblemWords], language: Language) -> Document:
    """Write an entry whole."""
    entry = view.entry
    return {
        "code": entry.code,
        "title": entry.metadata.title.pick(language)[1],
        "organ": view.organ.id,
        "organ_name": view.organ.name.pick(language)[1],
        "state": entry.state.value,
        "tier": entry.tier.value,
        "revision": entry.revision,
        "created_at": iso(entry.created_at),
        "changed_at": iso(entry.changed_at),
        "missing_since": iso(entry.missing_since),
        "confirmed_on": iso(entry.confirmed_on),
        "freshness": freshness_of(view.freshness),
        "source": _source(view.source),
        "metadata": metadata_of(entry.metadata),
        "violations": problems_of(problems),
        "links": _entry_links(entry.code, view.organ, language),
    }


def metadata_of(said: EntryMetadata) -> Document:
    """Write what an organ said, less addresses that would run as code where somebody makes a link of them.

    Those stand among the violations, as text.
    """
    return {
        element: _without_running(value) if element in _WITH_ADDRESSES else value
        for element, value in to_document(said).items()
    }


def _runs(url: str) -> bool:
    """Say whether an address is of a scheme that fetches nothing; browsers skip blanks inside a scheme."""
    scheme = _SCHEME.match("".join(url.split()))
    return scheme is not None and scheme[1].lower() not in _FETCHED


def freshness_of(found: Freshness) -> Document:
    """Write how content stands against its cycle."""
    return {"state": found.state.value, "due_on": iso(found.due_on), "stale_from": iso(found.stale_from)}


def revision_of(step: HistoryStep) -> Document:
    """Write one revision with what it changed."""
    revision = step.revision
    return {
        "number": revision.number,
        "recorded_at": iso(revision.recorded_at),
        "cause": revision.cause,
        "run": revision.run_id,
        "changes": [_change(change) for change in step.changes],
        "metadata": metadata_of(revision.metadata),
    }


def change_of(step: HistoryStep) -> Document:
    """Write what one revision changed, for people element by element and for machines as JSON Patch (RFC 6902)."""
    revision = step.revision
    before = metadata_of(step.before) if step.before is not None else {}
    return {
        "number": revision.number,
        "recorded_at": iso(revision.recorded_at),
        "cause": revision.cause,
        "run": revision.run_id,
        "tier": revision.tier.value,
        "changes": [_change(change) for change in step.changes],
        "patch": [operation.document() for operation in patch(before, metadata_of(revision.metadata))],
    }


def curation_of(curation: Curation) -> Document:
    """Write what the desk let an element say; not by whom, which is for the audit log."""
    has_addresses = curation.element in _WITH_ADDRESSES
    value, said = (_without_running(it) if has_addresses else it for it in (curation.value, curation.source_value))
    return {
        "element": curation.element,
        "value": value,
        "source_value": said,
        "reason": curation.reason,
        "since": iso(curation.at),
        "until": iso(curation.ended_at),
        "note": curation.note or None,
    }


def proposal_of(proposal: Proposal, problems: Iterable[ProblemWords], language: Language) -> Document:
    """Write a proposal whole."""
    place = f"{language.prefix}/workspace/proposals/{proposal.id}/what"
    links: Document = {
        "self": f"{API}/proposals/{proposal.id}",
        "page": place if proposal.state.is_with_organ else f"{language.prefix}/desk/queue/{proposal.id}",
        "entry": f"{API}/entries/{proposal.code}" if proposal.code else None,
    }
    return {
        "id": str(proposal.id),
        "kind": proposal.kind.value,
        "state": proposal.state.value,
        "version": proposal.version,
        "organ": proposal.organ_id,
        "entry": proposal.code,
        "tier": proposal.tier.value,
        "metadata": metadata_of(proposal.metadata),
        "violations": problems_of(problems),
        "statement": proposal.statement,
        "reason": proposal.reason,
        "created_at": iso(proposal.created_at),
        "changed_at": iso(proposal.changed_at),
        "submitted_at": iso(proposal.submitted_at),
        "links": links,
    }


def merge_of(merge: Merge) -> Document:
    """Write a change beside its entry as it stands now."""
    differences: list[JsonValue] = [
        {
            "element": one.element,
            "base": one.base,
            "theirs": one.theirs,
            "mine": one.mine,
            "advised": one.advised.value if one.advised else None,
        }
        for one in merge.differences
    ]
    return {
        "id": str(merge.proposal.id),
        "version": merge.proposal.version,
        "revision": merge.revision,
        "needed": merge.is_needed,
        "differences": differences,
    }


def problems_of(problems: Iterable[ProblemWords]) -> list[JsonValue]:
    """Write departures from the profile."""
    return [_problem(problem) for problem in problems]


def organ_of(organ: Organ, entries: int, timeliness: Timeliness, language: Language) -> Document:
    """Write an organ with its figures."""
    place = quote(organ.id, safe="")
    return {
        "id": organ.id,
        "name": organ.name.pick(language)[1],
        "short_name": organ.short_name,
        "aliases": _list(organ.aliases),
        "kind": organ.kind.value,
        "district": organ.district_code,
        "successor": organ.successor,
        "entries": entries,
        "on_time": timeliness.on_time,
        "late": timeliness.late,
        "on_time_share": timeliness.share,
        "links": {
            "self": f"{API}/organs/{place}",
            "page": f"{language.prefix}/organs/{place}",
            "entries": f"{API}/entries?organ={place}",
        },
    }


def coverage_of(coverage: CategoryCoverage, name: str) -> Document:
    """Write how an organ stands in one disclosure category."""
    return {
        "category": coverage.category.value,
        "name": name,
        "owed": coverage.owed,
        "state": coverage.state.value,
        "entries": coverage.entries,
    }


def only(item: Document, wanted: Iterable[str]) -> Document:
    """Keep the members asked for; all where none is named."""
    names = frozenset(wanted)
    return {name: value for name, value in item.items() if name in names} if names else item


def named(counts: Mapping[str, int], names: Mapping[str, str]) -> list[JsonValue]:
    """Write the values of a facet with their names and counts, in the order given."""
    return [{"value": value, "label": names.get(value, value), "count": count} for value, count in counts.items()]


def _entry_links(code: str, organ: Organ, language: Language) -> Document:
    return {
        "self": f"{API}/entries/{code}",
        "page": f"{language.prefix}/entries/{code}",
        "revisions": f"{API}/entries/{code}/revisions",
        "history": f"{API}/entries/{code}/history",
        "organ": f"{API}/organs/{quote(organ.id, safe='')}",
    }


def _source(source: SourceSummary | None) -> Document | None:
    return {"kind": source.kind.value, "checked_at": iso(source.checked_at)} if source else None


def _problem(problem: ProblemWords) -> Document:
    return {
        "element": problem.element,
        "code": problem.code,
        "value": problem.value,
        "message": problem.message,
        "mend": problem.mend,
        "rule": problem.rule,
    }


def _change(change: FieldChange) -> Document:
    has_addresses = change.element in _WITH_ADDRESSES
    before, after = (_without_running(it) if has_addresses else it for it in (change.before, change.after))
    return {"element": change.element, "before": before, "after": after}


def _without_running(value: JsonValue) -> JsonValue:
    match value:
        case list():
            return [_without_running(part) for part in value]
        case dict():
            return {name: _without_running(part) for name, part in value.items()}
        case str():
            return "" if _runs(value) else value
    return value


def _list(values: Iterable[str]) -> list[JsonValue]:
    return [str(value) for value in values]
