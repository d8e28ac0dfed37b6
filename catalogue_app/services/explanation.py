"""Why an entry looks as it does: its source, run, snapshot and raw record, what was read, curated and found wrong."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, final
from uuid import UUID

from catalogue_app.domain.curation import Curation
from catalogue_app.domain.diff import FieldChange, compare
from catalogue_app.domain.entry import Entry, Revision
from catalogue_app.domain.errors import CatalogueError, NotFound
from catalogue_app.domain.harvest import HarvestRun, Problem
from catalogue_app.domain.ids import RunId
from catalogue_app.domain.metadata import EntryMetadata
from catalogue_app.domain.source import Source
from catalogue_app.domain.visibility import Audience
from catalogue_app.persistence.snapshots import Fetch
from catalogue_app.persistence.unit_of_work import UnitOfWork, UnitsOfWork
from catalogue_app.services.harvesting import MakeHarvester
from harvesters import pipeline
from harvesters.port import Payload, RawRecord


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The record that an entry was read from, as the source sent it.

    Attributes:
        fetch: the answer of the source that holds it.
        record: found there by its identifier.
        parsed: what is read from it today; a problem where it cannot be read.
    """

    fetch: Fetch
    record: RawRecord
    parsed: EntryMetadata | Problem


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything that an entry rests on.

    Attributes:
        source: none for an entry registered by hand.
        shows_source: whether the audience may look at the source beyond this one record.
        run: the harvest that stored what the source says now; none where no run is known.
        origin: none where the answers of that run are kept no more.
        curations: what the desk lets elements say, also what it did once.
        former_identifiers: what the source called the entry before, oldest first.
        last_change: what the current revision changed.
        departs_from_record: elements that say something else than is read from the record today, by curation or because
            the record is read in another way now.
    """

    entry: Entry
    source: Source | None
    shows_source: bool
    run: HarvestRun | None
    origin: Origin | None
    curations: tuple[Curation, ...]
    former_identifiers: tuple[str, ...]
    last_change: tuple[FieldChange, ...]
    departs_from_record: tuple[FieldChange, ...]


@final
class Explanations:
    """Answers to "why does this entry look like this?", for the desk and the organ that answers for the entry."""

    def __init__(self, uow: UnitsOfWork, make_harvester: MakeHarvester) -> None:
        self._uow: Final = uow
        self._make_harvester: Final = make_harvester

    def explain(self, code: str, audience: Audience) -> Explanation:
        """Gather what an entry rests on; its answer is searched for the record, as long as the source is.

        Raises:
            NotFound: no such entry, or the audience neither supervises nor answers for it.
            Gone: it was withdrawn.
        """
        with self._uow.reading() as look:
            entry = look.entries.by_code(code, audience)
            if not (audience.supervises or entry.organ_id in audience.organs):
                raise NotFound("entry_not_found", entry=code)
            revisions = look.entries.revisions(entry.id, audience)
            source = look.sources.by_id(entry.source_id) if entry.source_id else None
            shows_source = source is not None and not look.source_reach.is_hidden(source.id, audience)
            run = _run_of(look, revisions)
            origin = self._origin(look, entry, source, run) if source and run else None
            curations = look.curations.of_entry(entry.id, audience)
            former = look.held.former_of(entry.id)
        parsed = origin.parsed if origin else None
        departs = compare(parsed, entry.metadata) if isinstance(parsed, EntryMetadata) else ()
        return Explanation(
            entry=entry,
            source=source,
            shows_source=shows_source,
            run=run,
            origin=origin,
            curations=curations,
            former_identifiers=former,
            last_change=compare(revisions[-2].metadata, revisions[-1].metadata) if len(revisions) > 1 else (),
            departs_from_record=departs,
        )

    def _origin(self, look: UnitOfWork, entry: Entry, source: Source, run: HarvestRun) -> Origin | None:
        """Find the record in the answers of a run; of several of one identifier the one that was stored."""
        harvester = self._make_harvester(source, None)
        stored, found = look.entries.source_digest(entry.id), None
        for fetch in look.snapshots.of_run(run.id):
            try:
                with _payload(look, fetch) as payload:
                    for part in harvester.split(payload):
                        if isinstance(part, RawRecord) and part.identifier == entry.identifier:
                            found = Origin(fetch=fetch, record=part, parsed=pipeline.read(harvester, part))
                            if part.digest == stored:
                                return found
            except CatalogueError:
                continue  # an answer that holds no records, or is kept no more, explains nothing
        return found


def _run_of(look: UnitOfWork, revisions: Sequence[Revision]) -> HarvestRun | None:
    """Return the run that stored the newest revision a harvest led to."""
    harvested = (one.run_id for one in reversed(revisions) if one.cause == "harvest" and one.run_id)
    run_id = next(harvested, None)
    return look.runs.by_id(RunId(UUID(run_id))) if run_id else None


@contextmanager
def _payload(look: UnitOfWork, fetch: Fetch) -> Iterator[Payload]:
    """Lay a stored answer out as it came; the file lives as long as the payload."""
    with TemporaryDirectory(prefix="catalogue-explain-") as folder:
        path = Path(folder) / "body"
        with path.open("wb") as body:
            for chunk in look.snapshots.chunks(fetch.digest):
                body.write(chunk)
        yield Payload(
            address=fetch.address,
            media_type=fetch.media_type,
            charset=fetch.charset,
            size_bytes=fetch.size_bytes,
            digest=fetch.digest,
            open=lambda: path.open("rb"),
        )
