"""Raw payloads as fetched: insert-only, addressed by digest, stored once, in compressed chunks for flat memory."""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import chain
from typing import BinaryIO, Final, cast, final
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, func, insert, select, true
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalogue_app.domain.errors import NotFound
from catalogue_app.domain.ids import RunId, SourceId
from catalogue_app.domain.validators import Validators
from catalogue_app.persistence.base import Base, streamed
from catalogue_app.persistence.dialects import insert_new
from catalogue_app.persistence.runs import RunRow

CHUNK_BYTES: Final = 1 << 20
"""Largest part of a body in one row, before compression."""

_LEVEL: Final = 1
"""zlib's fastest: text shrinks to about a fifth, and storing stays faster than fetching."""


_UNVALIDATED: Final = {"etag": "", "last_modified": "", "read_at": None, "is_trusted": True}
"""What a row says of a page of whose state its server said nothing."""


class SnapshotRow(Base):
    """One body, whoever sent it."""

    __tablename__ = "snapshot"

    digest: Mapped[str] = mapped_column(primary_key=True)
    size_bytes: Mapped[int]
    stored_at: Mapped[datetime]


class SnapshotChunkRow(Base):
    """One compressed part of a body."""

    __tablename__ = "snapshot_chunk"

    digest: Mapped[str] = mapped_column(ForeignKey("snapshot.digest"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class FetchRow(Base):
    """One answer of a source in a run: which body came from which address."""

    __tablename__ = "harvest_fetch"

    run_id: Mapped[UUID] = mapped_column(ForeignKey("harvest_run.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(ForeignKey("snapshot.digest"), index=True)
    address: Mapped[str]
    media_type: Mapped[str]
    charset: Mapped[str]
    fetched_at: Mapped[datetime]
    link: Mapped[str] = mapped_column(server_default="")
    etag: Mapped[str] = mapped_column(server_default="")
    last_modified: Mapped[str] = mapped_column(server_default="")
    read_at: Mapped[datetime | None]
    is_trusted: Mapped[bool] = mapped_column(server_default=true())


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """One answer of a source.

    Attributes:
        address: where it came from, without credentials.
        media_type: as the server named it; empty for files.
        charset: as the server named it; empty when it named none.
        digest: 32 hexadecimal characters over the body; its key.
        size_bytes: length of the body.
        fetched_at: when it came.
        link: the answer's Link header.
        validators: what the server said of the state of the page; none for files.
    """

    address: str
    media_type: str
    charset: str
    digest: str
    size_bytes: int
    fetched_at: datetime
    link: str = ""
    validators: Validators | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer of a source and its body, to be read once from where it stands."""

    fetch: Fetch
    body: BinaryIO


@final
class SnapshotRepository:
    """Everything that sources ever sent."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def add(self, run_id: RunId, answers: Sequence[Answer]) -> None:
        """Keep answers of a run in the order they came; a body known byte for byte is not read or stored again.

        Bodies are stored in the order of their digests: two runs that bring the same ones at the same moment wait for
        each other in one order.
        """
        self._store(sorted(answers, key=lambda it: it.fetch.digest))
        connection = self._session.connection()
        first = connection.scalar(select(func.count()).where(FetchRow.run_id == run_id)) or 0
        fetches = [answer.fetch for answer in answers]
        connection.execute(insert(FetchRow), [_row(run_id, first + at, fetch) for at, fetch in enumerate(fetches)])

    def of_run(self, run_id: RunId) -> tuple[Fetch, ...]:
        """Return the answers of a run in the order they came."""
        rows = (
            select(FetchRow, SnapshotRow.size_bytes)
            .join(SnapshotRow, SnapshotRow.digest == FetchRow.digest)
            .where(FetchRow.run_id == run_id)
            .order_by(FetchRow.number)
        )
        return tuple(_fetch(row, size) for row, size in self._session.execute(rows))

    def remembered(self, source_id: SourceId, runs: int) -> Mapping[str, Fetch]:
        """Return the pages that a source's last runs brought home, address to the last answer with validators."""
        last = select(RunRow.id).where(RunRow.source_id == source_id).order_by(RunRow.started_at.desc()).limit(runs)
        rows = (
            select(FetchRow, SnapshotRow.size_bytes)
            .join(SnapshotRow, SnapshotRow.digest == FetchRow.digest)
            .where(FetchRow.run_id.in_(last), FetchRow.read_at.is_not(None))
            .order_by(FetchRow.fetched_at, FetchRow.number)
        )
        return {row.address: _fetch(row, size) for row, size in self._session.execute(rows)}

    def chunks(self, digest: str) -> Iterator[bytes]:
        """Yield a body in parts of at most `CHUNK_BYTES`.

        Raises:
            NotFound: no body has this digest.
        """
        if self._session.get(SnapshotRow, digest) is None:
            raise NotFound("snapshot_not_found", digest=digest)
        parts = select(SnapshotChunkRow.body).where(SnapshotChunkRow.digest == digest).order_by(SnapshotChunkRow.number)
        for (body,) in streamed(self._session, parts, 4):
            yield zlib.decompress(body)

    def _store(self, answers: Sequence[Answer]) -> Sequence[str]:
        """Store the bodies that are not there, and return their digests.

        Whoever stores the same one at this moment is waited for.
        """
        connection = self._session.connection()
        bodies = {answer.fetch.digest: answer for answer in answers}
        snapshots = [_snapshot(answer.fetch) for answer in bodies.values()]
        insert_bodies = insert_new(connection, SnapshotRow).returning(SnapshotRow.digest)
        stored = sorted(connection.scalars(insert_bodies, snapshots))
        chunks = chain.from_iterable(_chunks(digest, bodies[digest].body) for digest in stored)
        for rows in _weighed(chunks):
            connection.execute(insert(SnapshotChunkRow), rows)
        return stored


def _snapshot(fetch: Fetch) -> dict[str, object]:
    return {"digest": fetch.digest, "size_bytes": fetch.size_bytes, "stored_at": fetch.fetched_at}


def _chunks(digest: str, body: BinaryIO) -> Iterator[dict[str, object]]:
    for number, part in enumerate(iter(lambda: body.read(CHUNK_BYTES), b"")):
        yield {"digest": digest, "number": number, "body": zlib.compress(part, _LEVEL)}


def _weighed(chunks: Iterable[dict[str, object]]) -> Iterator[list[dict[str, object]]]:
    """Yield chunks in batches that are as heavy as one large chunk, so that small bodies share a statement."""
    batch, weight = list[dict[str, object]](), 0
    for chunk in chunks:
        batch.append(chunk)
        weight += len(cast(bytes, chunk["body"]))
        if weight >= CHUNK_BYTES:
            yield batch
            batch, weight = [], 0
    if batch:
        yield batch


def _fetch(row: FetchRow, size_bytes: int) -> Fetch:
    return Fetch(
        address=row.address,
        media_type=row.media_type,
        charset=row.charset,
        digest=row.digest,
        size_bytes=size_bytes,
        fetched_at=row.fetched_at,
        link=row.link,
        validators=_validators(row),
    )


def _row(run_id: RunId, number: int, fetch: Fetch) -> dict[str, object]:
    row = {
        "run_id": run_id,
        "number": number,
        "digest": fetch.digest,
        "address": fetch.address,
        "media_type": fetch.media_type,
        "charset": fetch.charset,
        "fetched_at": fetch.fetched_at,
        "link": fetch.link,
    }
    return row | (_UNVALIDATED if fetch.validators is None else asdict(fetch.validators))


def _validators(row: FetchRow) -> Validators | None:
    if row.read_at is None:
        return None
    return Validators(etag=row.etag, last_modified=row.last_modified, read_at=row.read_at, is_trusted=row.is_trusted)
