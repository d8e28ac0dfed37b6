"""The port of a source format: how pages are gathered, split into records and read as entry metadata.

A harvester is made once a run, from a source and the shared reading tables. `gather` is the only step that may use the
network; `split` and `parse` are pure, so that a stored payload can be read again years later.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import BinaryIO, Protocol, final, runtime_checkable

from catalogue_app.domain.bundle import Carried
from catalogue_app.domain.errors import CatalogueError, SourceError
from catalogue_app.domain.harvest import Problem
from catalogue_app.domain.metadata import EntryMetadata, JsonValue
from catalogue_app.domain.source import SourceKind
from catalogue_app.domain.validators import Validators

__all__ = [
    "Fetcher",
    "Harvester",
    "Part",
    "Payload",
    "Poster",
    "RawRecord",
    "RecordRejected",
    "RefusedByServer",
    "Unreadable",
]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of several files or pages of a source, each of which may be bad without harm to the others.

    Attributes:
        name: what people call it: its path inside the folder or archive, or its address.
        is_expected: whether it ought to hold records. A bad one that ought to leaves the source unread; a bad one that
            need not, such as a readme, is named and passed over.
    """

    name: str
    is_expected: bool


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """One answer of a source as it came, after transfer decoding: a whole file or one page.

    Attributes:
        address: where it came from, without credentials.
        media_type: lower-case type the server named, without parameters; empty for files.
        charset: charset the server named; empty when it named none.
        size_bytes: length of the body.
        digest: 32 hexadecimal characters over the body.
        open: opens the body for reading from its start; may be called again.
        link: the answer's Link header (RFC 8288); empty for files.
        validators: what the server said of the state of the page; none for files.
        part: which of several files or pages it is; none where it stands for itself and a fault in it ends the run.
    """

    address: str
    media_type: str = ""
    charset: str = ""
    size_bytes: int
    digest: str
    open: Callable[[], BinaryIO]
    link: str = ""
    part: Part | None = None
    validators: Validators | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A part of a source that could not be got at all; the others are read all the same."""

    part: Part
    error: SourceError


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RawRecord:
    """One record of a payload, found but not yet understood.

    Attributes:
        identifier: what the source calls it, cleaned; never empty.
        place: where it stands, such as `row 17` or `dataset[3]`.
        digest: 32 hexadecimal characters over its canonical form; key order and white space do not matter, nor does the
            order of the records.
        raw: the record as JSON value; what `parse` reads.
        carried: what a trusted deployment has decided about its entry; None where that is for this one to decide.
    """

    identifier: str
    place: str
    digest: str
    raw: Mapping[str, JsonValue]
    carried: Carried | None = None


class RecordRejected(CatalogueError):
    """A record without identity or title; carries the problem to report."""

    code = "record_rejected"

    def __init__(self, problem: Problem) -> None:
        """Keep the problem."""
        super().__init__(problem.code, record=problem.record, element=problem.element)
        self.problem = problem


class RefusedByServer(SourceError):
    """A server answered with a status that is no success; some protocols tell their own errors in such an answer.

    Attributes:
        status: of the answer.
        body: the first 64 KiB of what came with it; never shown or stored, because a redirect may have led anywhere.
    """

    code = "http_status"

    def __init__(self, *, address: str, status: int, body: bytes = b"") -> None:
        """Keep what was answered."""
        super().__init__(address=address, status=status)
        self.status, self.body = status, body


class Fetcher(Protocol):
    """The polite way to bytes; enforces addresses, sizes, deadlines and retries."""

    def fetch(self, address: str, parameters: Mapping[str, str] | None = None) -> AbstractContextManager[Payload]:
        """Get one address; the payload's body lives until the context ends.

        Raises:
            SourceError: no whole, good answer within the limits.
            SourceRefused: the address or the size is not allowed.
        """
        ...

    def expand(self, address: str) -> tuple[str, ...]:
        """Return what is to be fetched of an address: the files of a folder in name order, else the address itself.

        Raises:
            SourceError: the folder is empty or cannot be read.
        """
        ...


@runtime_checkable
class Poster(Protocol):
    """A fetcher that can also send a request as a document, for services that answer nothing else."""

    def post(self, address: str, body: bytes, media_type: str) -> AbstractContextManager[Payload]:
        """Send a document to an address; as `Fetcher.fetch` in everything else."""
        ...


class Harvester(Protocol):
    """One source format. Implementations take `(source, readings)`; see `harvesters.registry`."""

    kind: SourceKind
    version: int
    """Raised when `parse` learns to read more, so that unchanged records are read anew once."""
    options: Mapping[str, str]
    """Options of its own: name (or `prefix.*`) to the pattern a value must match wholly."""

    @property
    def is_partial(self) -> bool:
        """True for a run that asks only for what changed: even when read to its end it says nothing about the rest.

        It holds once everything was gathered: until then an adapter may turn to asking for everything.
        """
        ...

    def gather(self, fetcher: Fetcher) -> Iterator[Payload | Unreadable]:
        """Yield the payloads of the whole source in order; each lives until the next is asked for.

        Ending normally is the proof that the source was read whole.

        Raises:
            SourceCutShort: what was yielded is sound, but the source does not lead to its end.
            SourceError: the source cannot be read; nothing it gave may be trusted.
        """
        ...

    def split(self, payload: Payload) -> Iterator[RawRecord | Problem]:
        """Yield the records of one payload; a `Problem` for each one that has no identity.

        Raises:
            SourceError: the payload is not what its kind demands.
        """
        ...

    def parse(self, record: RawRecord) -> EntryMetadata:
        """Read a record; what cannot be understood goes into `unread`, never away.

        Raises:
            RecordRejected: the record has no title.
        """
        ...
