"""From a source to facts: fetched, gathered, failed. The one loop every harvest runs through.

A run consumes `run` to its end and reads each record it needs with `read`:

- ending normally proves that the source was read whole (and speaks about the rest, unless `harvester.is_partial`);
- `SourceCutShort` means that what was gathered until then is sound and may be applied, nothing more;
- any other `SourceError` means that what was gathered until then must not be applied either.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

from catalogue_app.domain.errors import CatalogueError, SourceError
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import EntryMetadata
from harvesters.port import Fetcher, Harvester, Payload, RawRecord, RecordRejected


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
    for payload in harvester.gather(fetcher):
        yield Fetched(payload=payload)
        yield from _split(harvester, payload)


def read(harvester: Harvester, record: RawRecord) -> EntryMetadata | Problem:
    """Read one record; whatever is wrong inside it stays its own problem and never stops the source."""
    try:
        return harvester.parse(record)
    except RecordRejected as rejected:
        return rejected.problem
    except Exception as fault:  # noqa: BLE001 — a record nobody foresaw must not cost its source the others
        return Problem(record=record.identifier, code="unreadable_record", value=type(fault).__name__)


def _split(harvester: Harvester, payload: Payload) -> Iterator[Fact]:
    try:
        for part in harvester.split(payload):
            yield Failed(problem=part) if isinstance(part, Problem) else Gathered(record=part)
    except CatalogueError:
        raise
    except Exception as fault:
        raise SourceError("unreadable_payload", address=payload.address, fault=type(fault).__name__) from fault
