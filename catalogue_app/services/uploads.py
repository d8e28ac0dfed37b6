"""Organs upload whole tables of entries: received, looked at in a dry run, and taken as their editor chooses."""

import threading
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Final, final

import structlog

from catalogue_app.domain.account import Account
from catalogue_app.domain.clock import Clock
from catalogue_app.domain.errors import CatalogueError, InvalidInput, NotAllowed, NotFound
from catalogue_app.domain.ids import OrganId, new_id
from catalogue_app.domain.long_work import NOBODY, WorkKind
from catalogue_app.domain.task import upload_task
from catalogue_app.domain.text import clean, clean_line
from catalogue_app.domain.upload import Rows, Upload, UploadId, UploadRow, UploadState, Verdict
from catalogue_app.domain.visibility import Audience
from catalogue_app.domain.vocabulary import Tier
from catalogue_app.persistence.unit_of_work import UnitOfWork, UnitsOfWork
from catalogue_app.persistence.uploads import RowPage
from catalogue_app.services.lease import is_left, this_process
from catalogue_app.services.long_work import LongWorks, Meter
from catalogue_app.services.registration import SHORTEST_STATEMENT
from catalogue_app.services.similar import Similar
from catalogue_app.services.upload_check import Check, Judge, known_to
from catalogue_app.services.upload_rows import RowReader
from catalogue_app.services.upload_taking import Taking, upload_event

LARGEST_BYTES: Final = 32 << 20
"""Bytes of an uploaded file."""
MOST_ROWS: Final = 20_000
"""Entries of an uploaded file."""

_BATCH: Final = 200
_LISTED: Final = 50
_LONGEST_NAME: Final = 120
_LONGEST_STATEMENT: Final = 1_000

_log = structlog.get_logger()

MakeReader = Callable[[OrganId], RowReader]


@final
class Uploads:
    """Use cases of an organ's editors with whole tables; all are for accounts of that organ alone."""

    def __init__(
        self,
        uow: UnitsOfWork,
        make_reader: MakeReader,
        check: Check,
        similar: Similar,
        works: LongWorks,
        clock: Clock,
    ) -> None:
        self._uow: Final = uow
        self._make_reader: Final = make_reader
        self._check: Final = check
        self._similar: Final = similar
        self._works: Final = works
        self._clock: Final = clock

    def receive(self, account: Account, name: str, body: IO[bytes], audience: Audience) -> Upload:
        """Keep an uploaded file; its dry run is still to come. Audited as `upload_received`.

        Raises:
            NotAllowed: the account is of no organ.
            InvalidInput: the file is empty or too large.
        """
        if account.organ_id is None:
            raise NotAllowed
        size_bytes = _size_of(body)
        now = self._clock()
        upload = Upload(
            id=UploadId(new_id()),
            organ_id=account.organ_id,
            by=account.actor,
            file_name=_shown_name(name),
            size_bytes=size_bytes,
            reached=audience.tier,
            tier=audience.tier,
            state=UploadState.CHECKING,
            created_at=now,
            changed_at=now,
        )
        with self._uow() as work:
            work.uploads.add(upload, body)
            self._queue(work, upload, "upload_received")
        return upload

    def choose(
        self,
        account: Account,
        upload_id: UploadId,
        audience: Audience,
        *,
        rows: Rows,
        submits: bool,
        statement: str = "",
    ) -> Upload:
        """Let the rows of a looked-at upload become proposals. Audited as `upload_chosen`.

        Args:
            account: an editor of its organ.
            upload_id: which upload.
            audience: who asks.
            rows: only the good ones, or all or nothing.
            submits: whether they are handed in at once.
            statement: why new ones that are like others are no duplicates (art. 9).

        Raises:
            NotFound: no such upload for this audience.
            NotAllowed: it is another organ's.
            Conflict: it is not looked at yet, or was taken already.
            InvalidInput: nothing is to be taken, some rows have errors where all shall be taken, or the statement that
                is due is missing.
        """
        with self._uow() as work:
            upload = self._own(work, account, upload_id, audience)
            upload.demand(UploadState.CHECKED)
            if upload.to_take == 0:
                raise InvalidInput("upload_takes_nothing")
            if rows is Rows.ALL and (bad := upload.counts.get(Verdict.BAD, 0)):
                raise InvalidInput("upload_has_errors", count=bad)
            said = clean(statement)[:_LONGEST_STATEMENT]
            if submits and upload.with_similar and len(said) < SHORTEST_STATEMENT:
                raise InvalidInput("statement_missing", count=upload.with_similar, shortest=SHORTEST_STATEMENT)
            chosen = upload.in_state(
                UploadState.TAKING,
                self._clock(),
                rows=rows,
                submits=submits,
                statement=said,
                by=account.actor,
                problem="",
                problem_value="",
            )
            work.uploads.save(chosen)
            self._queue(work, chosen, "upload_chosen")
        return chosen

    def discard(self, account: Account, upload_id: UploadId, audience: Audience) -> Upload:
        """Give an upload up that was not taken; its file goes at once. Audited as `upload_discarded`.

        Raises:
            NotFound: no such upload for this audience.
            NotAllowed: it is another organ's.
            Conflict: it is being taken, or was.
        """
        with self._uow() as work:
            upload = self._own(work, account, upload_id, audience)
            upload.demand(UploadState.CHECKED)
            given_up = upload.in_state(UploadState.DISCARDED, self._clock())
            work.uploads.forget_file(upload.id)
            work.uploads.save(given_up)
            work.record(replace(upload_event("upload_discarded", given_up), actor=account.actor))
            work.commit()
        return given_up

    def read(self, account: Account, upload_id: UploadId, audience: Audience) -> Upload:
        """Return an upload of one's own organ as it stands; while it is looked at, with its figures so far.

        Raises:
            NotFound: no such upload for this audience.
            NotAllowed: it is another organ's.
        """
        with self._uow.reading() as look:
            upload = self._own(look, account, upload_id, audience)
            if upload.state is UploadState.CHECKING:
                upload = replace(upload, counts=look.uploads.count_rows(upload.id))
        return upload

    def latest(self, account: Account, audience: Audience) -> tuple[Upload, ...]:
        """Return the uploads of one's own organ, newest first."""
        with self._uow.reading() as look:
            found = look.uploads.latest(audience, _LISTED)
        return tuple(upload for upload in found if upload.organ_id == account.organ_id)

    def rows(self, upload: Upload, verdicts: AbstractSet[Verdict], after: int, limit: int) -> RowPage:
        """Return a page of the rows of an upload that was read."""
        with self._uow.reading() as look:
            return look.uploads.page(upload.id, verdicts, after, limit)

    def all_rows(self, upload: Upload) -> list[UploadRow]:
        """Return every row of an upload that was read."""
        with self._uow.reading() as look:
            return list(look.uploads.walk(upload.id))

    def lay_out(self, upload: Upload, path: Path) -> None:
        """Write the file of an upload as it came.

        Raises:
            NotFound: it was let go.
        """
        with self._uow.reading() as look, path.open("wb") as body:
            written = sum(body.write(chunk) for chunk in look.uploads.chunks(upload.id))
        if not written:
            raise NotFound("upload_not_found")

    def is_kept(self, upload: Upload) -> bool:
        """Say whether the file of an upload and what was read from it are still kept."""
        with self._uow.reading() as look:
            return look.uploads.has_file(upload.id)

    def is_cut_off(self, upload: Upload) -> bool:
        """Say whether the process that was at an upload is gone; one that nobody has begun yet only waits."""
        return upload.holder != NOBODY and is_left(upload, self._clock())

    def resume(self, account: Account, upload_id: UploadId, audience: Audience) -> Upload:
        """Let an upload that was cut off wait for whoever goes on with it. Audited as `upload_resumed`.

        One that was not cut off is left as it is.

        Raises:
            NotFound: no such upload for this audience.
            NotAllowed: it is another organ's.
        """
        with self._uow() as work:
            upload = self._own(work, account, upload_id, audience)
            if self.is_cut_off(upload):
                upload = replace(upload, holder=NOBODY, changed_at=self._clock())
                work.uploads.keep(upload)
                self._queue(work, upload, "upload_resumed")
        return upload

    def go_on(self, upload_id: UploadId) -> Upload:
        """Do what an upload waits for, unless a process is at it; safe to repeat, also after a kill.

        A dry run that was cut off begins anew; taking goes on after the last batch, or begins anew where all rows are
        taken in one transaction.

        Raises:
            NotFound: there is none.
        """
        with self._uow() as work:
            upload = work.uploads.held(upload_id)
            if not is_left(upload, self._clock()):
                return upload
            upload = replace(upload, holder=str(this_process()), changed_at=self._clock())
            work.uploads.keep(upload)
            if upload.state is UploadState.CHECKING:
                work.uploads.forget_rows(upload_id)
            work.commit()
        total = upload.to_take if upload.state is UploadState.TAKING else None
        with self._works.shown(WorkKind.UPLOAD, subject=f"upload:{upload_id}", total=total) as meter:
            return (
                self._looked_at(upload, meter) if upload.state is UploadState.CHECKING else self._taken(upload, meter)
            )

    def begin(self, upload_id: UploadId) -> None:
        """Go on with an upload beside what this process does; a process that ends meanwhile loses nothing."""
        threading.Thread(target=self._quietly, args=(upload_id,), name=f"upload-{upload_id}", daemon=True).start()

    def take_up(self) -> int:
        """Go on with every upload that waits or was left; returns how many."""
        with self._uow.reading() as look:
            left = [upload.id for upload in look.uploads.at_work() if is_left(upload, self._clock())]
        for upload_id in left:
            self._quietly(upload_id)
        return len(left)

    def _quietly(self, upload_id: UploadId) -> None:
        try:
            self.go_on(upload_id)
        except Exception as error:  # noqa: BLE001 — nobody waits for an answer; the next sweep tries again
            _log.warning("upload_interrupted", upload_id=str(upload_id), why=type(error).__name__)

    def _looked_at(self, upload: Upload, meter: Meter) -> Upload:
        try:
            with TemporaryDirectory(prefix="catalogue-upload-") as folder:
                path = Path(folder) / "table"
                self.lay_out(upload, path)
                return self._look_at(upload, path, meter)
        except CatalogueError as error:
            return self._refused(upload, error)

    def _look_at(self, upload: Upload, path: Path, meter: Meter) -> Upload:
        with self._uow.reading() as look:
            organ = look.organs.by_id(upload.organ_id)
            known = known_to(look, upload, Audience(tier=upload.reached, organs=frozenset({upload.organ_id})))
        reader = self._make_reader(upload.organ_id)
        judge = Judge(upload, organ, known, reader, check=self._check, similar=self._similar)
        found, number, tier, with_similar = reader.rows(path), 0, Tier.PORTAL, 0
        while read := list(islice(found, _BATCH)):
            if number + len(read) > MOST_ROWS:
                raise InvalidInput("upload_too_many_rows", limit=MOST_ROWS)
            with self._uow.reading() as look:
                rows = judge.judge(number + 1, read, look)
            number += len(read)
            tier = max([tier, judge.judged_by, *(row.tier for row in rows)], key=lambda one: one.level)
            with_similar += sum(1 for row in rows if row.similar)
            with self._uow() as work:
                work.uploads.add_rows(upload.id, rows)
                work.commit()
            meter.at(number)
        return self._checked(upload, tier, with_similar)

    def _checked(self, upload: Upload, tier: Tier, with_similar: int) -> Upload:
        with self._uow() as work:
            counts = work.uploads.count_rows(upload.id)
            checked = upload.in_state(
                UploadState.CHECKED, self._clock(), counts=counts, tier=tier, with_similar=with_similar
            )
            work.uploads.save(checked)
            work.record(upload_event("upload_checked", checked))
            work.commit()
        return checked

    def _refused(self, upload: Upload, error: CatalogueError) -> Upload:
        """Keep why a file was refused, and nothing of the file."""
        value = ", ".join(str(part) for name, part in error.parameters.items() if name != "address")
        with self._uow() as work:
            refused = upload.in_state(
                UploadState.REFUSED, self._clock(), problem=error.code, problem_value=clean_line(value)[:200]
            )
            work.uploads.forget_file(upload.id)
            work.uploads.save(refused)
            work.record(upload_event("upload_refused", refused))
            work.commit()
        return refused

    def _taken(self, upload: Upload, meter: Meter) -> Upload:
        after = Taking(self._uow, upload, self._clock).take(meter.at)
        if after.state is UploadState.CHECKED:
            with self._uow() as work:
                work.uploads.save(after)
                work.record(upload_event("upload_not_taken", after))
                work.commit()
        return after

    def _queue(self, work: UnitOfWork, upload: Upload, action: str) -> None:
        """End a unit that leaves an upload to be gone on with: a worker is told, where there are workers."""
        work.record(upload_event(action, upload))
        work.queue.put(upload_task(upload.id))
        work.commit()

    def _own(self, work: UnitOfWork, account: Account, upload_id: UploadId, audience: Audience) -> Upload:
        upload = work.uploads.by_id(upload_id, audience)
        if upload.organ_id != account.organ_id:
            raise NotAllowed
        return upload


def _size_of(body: IO[bytes]) -> int:
    size_bytes = body.seek(0, 2)
    body.seek(0)
    if size_bytes == 0:
        raise InvalidInput("upload_empty")
    if size_bytes > LARGEST_BYTES:
        raise InvalidInput("upload_too_large", limit=LARGEST_BYTES >> 20)
    return size_bytes


def _shown_name(name: str) -> str:
    """Return what a file is called, for showing alone: no path leads anywhere, and nothing is ever stored under it."""
    last = clean_line(name).replace("\\", "/").rpartition("/")[2]
    return last[-_LONGEST_NAME:] or "—"
