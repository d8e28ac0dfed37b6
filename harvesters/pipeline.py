"""From a source to facts: fetched, gathered, failed. The one loop every harvest runs through.

A run consumes `run` to its end and reads each record it needs with `read`:

- ending normally proves that the source was read whole (and speaks about the rest, unless `harvester.is_partial`);
- `SourceCutShort` means that what was gathered until then is sound and may be applied, nothing more;
- any other `SourceError` means that what was gathered until then must not be applied either.

Of a source that has parts, such as the files of a folder, a bad part is a problem of its own and the others count. Only
where a bad part ought to hold records is the source then cut short: what stands in it is not gone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, final

from catalogue_app.domain.errors import CatalogueError, SourceCutShort, SourceError
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import EntryMetadata
from harvesters.port import Fetcher, Harvester, Part, Payload, RawRecord, RecordRejected, Unreadable
from harvesters.raw_values import NOTE_LIMIT

_OF_THE_SOURCE: Final = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What code raises that met data it was not made for."""

PARTS_NAMED: Final = 10
"""Bad parts named in the reason of a run that is cut short; each has its own problem besides."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """One answer of the source, told before anything of it is understood: the moment to store it.

    Attributes:
        payload: lives until the next fact is asked for.
    """

    payload: Payload


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """One record with an identity, not yet read."""

    record: RawRecord


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """One record without identity: gathered, and rejected already."""

    problem: Problem


Fact = Fetched | Gathered | Failed


def run(harvester: Harvester, fetcher: Fetcher) -> Iterator[Fact]:
    """Tell the facts of one run in the order of the source, one payload at a time.

    Raises:
        SourceCutShort: the source did not lead to its end; what was told stands.
        SourceError: the source cannot be read; what was told must not be applied.
    """
    parts = _Parts(harvester)
    for found in _gathered(harvester, fetcher):
        if isinstance(found, Payload) and found.part is None:
            yield Fetched(payload=found)
            yield from _split(harvester, found)
            parts.note_good()
        else:
            yield from parts.read(found)
    parts.end()


def read(harvester: Harvester, record: RawRecord) -> EntryMetadata | Problem:
    """Read one record; whatever is wrong inside it stays its own problem and never stops the source."""
    try:
        return harvester.parse(record)
    except RecordRejected as rejected:
        return rejected.problem
    except Exception as fault:  # noqa: BLE001 — a record nobody foresaw must not cost its source the others
        return Problem(record=record.identifier, code="unreadable_record", value=type(fault).__name__)


class _Parts:
    """The parts of a source: which were good, and which were bad although they ought to be good."""

    def __init__(self, harvester: Harvester) -> None:
        self._harvester = harvester
        self._is_any_good = False
        self._missed: list[str] = []
        self._first_error: SourceError | None = None

    def note_good(self) -> None:
        """Note that the source answered with something that could be read."""
        self._is_any_good = True

    def read(self, found: Payload | Unreadable) -> Iterator[Fact]:
        """Tell the facts of one part. It is read twice, first to its end, so that half a file never counts."""
        if isinstance(found, Unreadable):
            yield self._bad(found.part, found.error)
            return
        part = found.part or Part(name=found.address, is_expected=True)
        try:
            for _ in _split(self._harvester, found):
                pass
        except SourceError as error:
            if part.is_expected:
                yield Fetched(payload=found)
            yield self._bad(part, error)
            return
        self.note_good()
        yield Fetched(payload=found)
        for fact in _split(self._harvester, found):
            yield _placed(fact, part)

    def end(self) -> None:
        """Say what the bad parts mean for the source.

        Raises:
            SourceCutShort: some ought to hold records.
            SourceError: none was good.
        """
        if self._first_error is not None and not self._is_any_good:
            raise self._first_error
        if self._missed:
            raise SourceCutShort("parts_unread", parts=", ".join(self._missed[:PARTS_NAMED]), count=len(self._missed))

    def _bad(self, part: Part, error: SourceError) -> Failed:
        self._first_error = self._first_error or error
        if not part.is_expected:
            return Failed(problem=Problem(record=part.name, code="foreign_file", value=error.code))
        self._missed.append(part.name)
        words = ", ".join(f"{name}={value}" for name, value in error.parameters.items() if name != "address")
        return Failed(problem=Problem(record=part.name, code=error.code, value=words[:NOTE_LIMIT]))


def _placed(fact: Fact, part: Part) -> Fact:
    """Put the name of the part before the place in it."""
    match fact:
        case Gathered():
            return Gathered(record=replace(fact.record, place=f"{part.name} {fact.record.place}"))
        case Failed():
            return Failed(problem=replace(fact.problem, record=f"{part.name} {fact.problem.record}"))
    return fact


def _gathered(harvester: Harvester, fetcher: Fetcher) -> Iterator[Payload | Unreadable]:
    """Yield what an adapter gathers; what nobody foresaw in a source costs that source alone.

    Faults of the catalogue itself, such as a database that does not answer, are no fault of the source.
    """
    try:
        yield from harvester.gather(fetcher)
    except _OF_THE_SOURCE as fault:
        raise SourceError("unreadable_payload", fault=type(fault).__name__) from fault


def _split(harvester: Harvester, payload: Payload) -> Iterator[Fact]:
    try:
        for part in harvester.split(payload):
            yield Failed(problem=part) if isinstance(part, Problem) else Gathered(record=part)
    except CatalogueError:
        raise
    except Exception as fault:
        raise SourceError("unreadable_payload", address=payload.address, fault=type(fault).__name__) from fault
