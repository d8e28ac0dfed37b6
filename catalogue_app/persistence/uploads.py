"""Uploaded tables: the file in parts, the rows as they were looked at, and how far each upload has come."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Final, final
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, LargeBinary, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from catalogue_app.domain.errors import NotFound
from catalogue_app.domain.ids import EntryId, OrganId
from catalogue_app.domain.metadata import JsonValue, from_document, to_document
from catalogue_app.domain.proposal import ProposalId
from catalogue_app.domain.upload import CellFlaw, Rows, Upload, UploadId, UploadRow, UploadState, Verdict
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.accountability import demand_audit
from catalogue_app.persistence.base import Base, JsonDocument, streamed
from catalogue_app.persistence.bulk import insert_rows

CHUNK_BYTES: Final = 1 << 20
_BATCH: Final = 200


class UploadRecord(Base):
    """One upload; its row is never deleted."""

    __tablename__ = "upload"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organ_id: Mapped[str] = mapped_column(ForeignKey("organ.id"), index=True)
    by: Mapped[str]
    file_name: Mapped[str]
    size_bytes: Mapped[int]
    reached: Mapped[str]
    tier: Mapped[str]
    state: Mapped[str]
    holder: Mapped[str]
    counts: Mapped[dict[str, JsonValue]] = mapped_column(JsonDocument)
    with_similar: Mapped[int]
    rows: Mapped[str]
    submits: Mapped[bool]
    statement: Mapped[str]
    taken: Mapped[int]
    left: Mapped[int]
    problem: Mapped[str]
    problem_value: Mapped[str]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class UploadChunkRow(Base):
    """One compressed part of the file."""

    __tablename__ = "upload_chunk"

    upload_id: Mapped[UUID] = mapped_column(ForeignKey("upload.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class UploadedRow(Base):
    """One row of a table as it was looked at."""

    __tablename__ = "upload_row"

    upload_id: Mapped[UUID] = mapped_column(ForeignKey("upload.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[str]
    title: Mapped[str]
    verdict: Mapped[str]
    tier: Mapped[str]
    code: Mapped[str]
    document: Mapped[dict[str, JsonValue] | None] = mapped_column(JsonDocument)
    flaws: Mapped[list[JsonValue]] = mapped_column(JsonDocument)
    entry_id: Mapped[UUID | None]
    base_revision: Mapped[int]
    draft_id: Mapped[UUID | None]
    draft_version: Mapped[int]
    similar: Mapped[list[JsonValue]] = mapped_column(JsonDocument)
    proposal_id: Mapped[UUID | None]


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class RowPage:
    """Rows of one page.

    Attributes:
        after: number after which the next page begins; None on the last.
    """

    rows: tuple[UploadRow, ...]
    after: int | None


@final
class UploadRepository:
    """All uploads; an organ sees its own, up to the tier of who asks."""

    def __init__(self, session: Session) -> None:
        self._session: Final = session

    def add(self, upload: Upload, body: IO[bytes]) -> None:
        """Store a new upload with its file."""
        demand_audit(self._session)
        record = UploadRecord(id=upload.id)
        _fill(record, upload)
        self._session.add(record)
        self._session.flush()
        for number, part in enumerate(iter(lambda: body.read(CHUNK_BYTES), b"")):
            row = {"upload_id": upload.id, "number": number, "body": zlib.compress(part, 1)}
            self._session.execute(insert(UploadChunkRow), row)

    def save(self, upload: Upload) -> None:
        """Store how an upload stands now."""
        demand_audit(self._session)
        self.keep(upload)

    def keep(self, upload: Upload) -> None:
        """Store who is at work on an upload and how far they are; nobody answers for that."""
        record = self._session.get(UploadRecord, upload.id)
        if record is None:
            raise NotFound("upload_not_found")
        _fill(record, upload)
        self._session.flush()

    def held(self, upload_id: UploadId) -> Upload:
        """Return an upload for whoever goes on with it, kept from others until this unit ends.

        Raises:
            NotFound: there is none.
        """
        record = self._session.get(UploadRecord, upload_id, with_for_update=True, populate_existing=True)
        if record is None:
            raise NotFound("upload_not_found")
        return _upload(record)

    def by_id(self, upload_id: UploadId, audience: Audience) -> Upload:
        """Return one upload.

        Raises:
            NotFound: there is none, or this audience may not know of it: the same answer.
        """
        found = self._session.scalar(select(UploadRecord).where(UploadRecord.id == upload_id, *_seen(audience)))
        if found is None:
            raise NotFound("upload_not_found")
        return _upload(found)

    def latest(self, audience: Audience, limit: int) -> tuple[Upload, ...]:
        """Return the uploads that an audience may know of, newest first."""
        rows = select(UploadRecord).where(*_seen(audience)).order_by(UploadRecord.id.desc()).limit(limit)
        return tuple(map(_upload, self._session.scalars(rows)))

    def at_work(self) -> tuple[Upload, ...]:
        """Return what is to be gone on with, oldest first, whoever may see it."""
        states = [state.value for state in UploadState if state.is_at_work]
        rows = select(UploadRecord).where(UploadRecord.state.in_(states)).order_by(UploadRecord.id)
        return tuple(map(_upload, self._session.scalars(rows)))

    def outlived(self, before: datetime, limit: int) -> tuple[UploadId, ...]:
        """Return uploads whose file or rows are still kept and that nothing happened to since, oldest first."""
        has_file = select(UploadChunkRow.number).where(UploadChunkRow.upload_id == UploadRecord.id).exists()
        has_rows = select(UploadedRow.number).where(UploadedRow.upload_id == UploadRecord.id).exists()
        rows = select(UploadRecord.id).where(UploadRecord.changed_at < before, or_(has_file, has_rows))
        return tuple(map(UploadId, self._session.scalars(rows.order_by(UploadRecord.id).limit(limit))))

    def has_file(self, upload_id: UploadId) -> bool:
        """Say whether the file is still kept."""
        kept = select(UploadChunkRow.number).where(UploadChunkRow.upload_id == upload_id).limit(1)
        return self._session.scalar(kept) is not None

    def chunks(self, upload_id: UploadId) -> Iterator[bytes]:
        """Yield the file in parts; nothing once it was let go."""
        parts = select(UploadChunkRow.body).where(UploadChunkRow.upload_id == upload_id)
        for (body,) in streamed(self._session, parts.order_by(UploadChunkRow.number), 4):
            yield zlib.decompress(body)

    def forget_file(self, upload_id: UploadId) -> None:
        """Let the file and what was read from it go."""
        for table in (UploadChunkRow, UploadedRow):
            self._session.execute(delete(table).where(table.upload_id == upload_id))

    def forget_rows(self, upload_id: UploadId) -> None:
        """Let the rows of a dry run go that did not come to its end."""
        self._session.execute(delete(UploadedRow).where(UploadedRow.upload_id == upload_id))

    def add_rows(self, upload_id: UploadId, rows: Sequence[UploadRow]) -> None:
        """Store rows as they were looked at."""
        insert_rows(self._session.connection(), UploadedRow, (_tuple(upload_id, row) for row in rows))

    def count_rows(self, upload_id: UploadId) -> Mapping[Verdict, int]:
        """Return verdict to number of rows so far."""
        rows = select(UploadedRow.verdict, func.count()).where(UploadedRow.upload_id == upload_id)
        return {Verdict(verdict): count for verdict, count in self._session.execute(rows.group_by(UploadedRow.verdict))}

    def page(self, upload_id: UploadId, verdicts: AbstractSet[Verdict], after: int, limit: int) -> RowPage:
        """Return rows after a number, of some verdicts where some are named."""
        rows = select(UploadedRow).where(UploadedRow.upload_id == upload_id, UploadedRow.number > after)
        if verdicts:
            rows = rows.where(UploadedRow.verdict.in_(sorted(verdicts)))
        found = tuple(map(_row, self._session.scalars(rows.order_by(UploadedRow.number).limit(limit + 1))))
        has_more = len(found) > limit
        return RowPage(rows=found[:limit], after=found[limit - 1].number if has_more else None)

    def walk(self, upload_id: UploadId) -> Iterator[UploadRow]:
        """Yield every row in its order; memory stays flat."""
        rows = select(UploadedRow).where(UploadedRow.upload_id == upload_id).order_by(UploadedRow.number)
        for (row,) in streamed(self._session, rows, _BATCH):
            yield _row(row)

    def to_take(self, upload_id: UploadId, limit: int) -> tuple[UploadRow, ...]:
        """Return the next rows that are to become proposals and did not yet."""
        taken = [Verdict.NEW.value, Verdict.CHANGE.value]
        rows = select(UploadedRow).where(
            UploadedRow.upload_id == upload_id, UploadedRow.verdict.in_(taken), UploadedRow.proposal_id.is_(None)
        )
        return tuple(map(_row, self._session.scalars(rows.order_by(UploadedRow.number).limit(limit))))

    def note_taken(self, upload_id: UploadId, taken: Mapping[int, ProposalId]) -> None:
        """Note what rows became: number to proposal."""
        if not taken:
            return
        table = UploadedRow.__table__
        row = update(table).where(table.c.upload_id == bindparam("of"), table.c.number == bindparam("at"))  # type: ignore[arg-type]  # a table it is
        values = [{"of": upload_id, "at": number, "became": proposal} for number, proposal in taken.items()]
        self._session.connection().execute(row.values(proposal_id=bindparam("became")), values)

    def note_left(self, upload_id: UploadId, left: Mapping[int, CellFlaw]) -> None:
        """Note which rows could not be taken after all, and why."""
        for number, flaw in left.items():
            row = update(UploadedRow).where(UploadedRow.upload_id == upload_id, UploadedRow.number == number)
            self._session.execute(row.values(verdict=Verdict.BAD.value, flaws=[_flaw_document(flaw)]))


def _seen(audience: Audience) -> list[ColumnElement[bool]]:
    reached = [tier.value for tier in Tier if tier.level <= audience.tier.level]
    return [UploadRecord.organ_id.in_(sorted(audience.organs)), UploadRecord.tier.in_(reached)]


def _fill(record: UploadRecord, upload: Upload) -> None:
    record.organ_id, record.by, record.file_name = upload.organ_id, upload.by, upload.file_name
    record.size_bytes, record.reached, record.tier = upload.size_bytes, upload.reached.value, upload.tier.value
    record.state, record.holder = upload.state.value, upload.holder
    record.counts = {verdict.value: count for verdict, count in upload.counts.items()}
    record.with_similar, record.rows, record.submits = upload.with_similar, upload.rows.value, upload.submits
    record.statement, record.taken, record.left = upload.statement, upload.taken, upload.left
    record.problem, record.problem_value = upload.problem, upload.problem_value
    record.created_at, record.changed_at = upload.created_at, upload.changed_at


def _upload(record: UploadRecord) -> Upload:
    return Upload(
        id=UploadId(record.id),
        organ_id=OrganId(record.organ_id),
        by=record.by,
        file_name=record.file_name,
        size_bytes=record.size_bytes,
        reached=Tier(record.reached),
        tier=Tier(record.tier),
        state=UploadState(record.state),
        created_at=record.created_at,
        changed_at=record.changed_at,
        holder=record.holder,
        counts={Verdict(verdict): int(str(count)) for verdict, count in record.counts.items()},
        with_similar=record.with_similar,
        rows=Rows(record.rows),
        submits=record.submits,
        statement=record.statement,
        taken=record.taken,
        left=record.left,
        problem=record.problem,
        problem_value=record.problem_value,
    )


def _tuple(upload_id: UploadId, row: UploadRow) -> tuple[object, ...]:
    return (
        upload_id,
        row.number,
        row.place,
        row.title,
        row.verdict.value,
        row.tier.value,
        row.code,
        to_document(row.metadata) if row.metadata else None,
        [_flaw_document(flaw) for flaw in row.flaws],
        row.entry_id,
        row.base_revision,
        row.draft_id,
        row.draft_version,
        list(row.similar),
        row.proposal_id,
    )


def _row(row: UploadedRow) -> UploadRow:
    return UploadRow(
        number=row.number,
        place=row.place,
        title=row.title,
        verdict=Verdict(row.verdict),
        tier=Tier(row.tier),
        code=row.code,
        metadata=from_document(row.document) if row.document else None,
        flaws=tuple(_flaw(flaw) for flaw in row.flaws),
        entry_id=EntryId(row.entry_id) if row.entry_id else None,
        base_revision=row.base_revision,
        draft_id=ProposalId(row.draft_id) if row.draft_id else None,
        draft_version=row.draft_version,
        similar=tuple(map(str, row.similar)),
        proposal_id=ProposalId(row.proposal_id) if row.proposal_id else None,
    )


def _flaw_document(flaw: CellFlaw) -> JsonValue:
    return [flaw.element, flaw.code, flaw.value]


def _flaw(document: JsonValue) -> CellFlaw:
    assert isinstance(document, list)  # noqa: S101 — the document is our own
    element, code, value = map(str, document)
    return CellFlaw(element=element, code=code, value=value)
