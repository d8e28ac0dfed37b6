"""Let go of what was handed in and is not needed any more: uploaded tables, and files that no source names."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final, final

from catalogue_app.domain.audit import AuditEvent
from catalogue_app.domain.clock import Clock
from catalogue_app.domain.schedule import HarvestRules
from catalogue_app.domain.upload import Upload, UploadId, UploadState
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from catalogue_app.services.lease import is_left
from catalogue_app.services.source_files import SourceFiles
from catalogue_app.services.upload_taking import upload_event

BATCH: Final = 100
"""Uploads let go of in one sweep; the next sweep goes on."""

_ENDED: Final = frozenset({UploadState.TAKEN, UploadState.REFUSED, UploadState.DISCARDED})


@final
class UploadRetention:
    """Sweeps that the scheduler calls, each safe to repeat."""

    def __init__(self, uow: UnitsOfWork, files: SourceFiles, rules: HarvestRules, clock: Clock) -> None:
        self._uow: Final = uow
        self._files: Final = files
        self._kept: Final = timedelta(days=rules.kept_upload_days)
        self._clock: Final = clock

    def sweep_tables(self, *, actor: str) -> int:
        """Let go of file and rows of tables that nothing happened to for long; returns how many.

        What became of a table stays: its figures, and the proposals that its rows became. One that nobody took, or that
        was cut off, is expired by it; one that a process is at is passed over. Audited as `upload_swept`, each in a
        transaction of its own.
        """
        with self._uow.reading() as look:
            old = look.uploads.outlived(self._clock() - self._kept, BATCH)
        return sum(self._let_go(upload_id, actor) for upload_id in old)

    def sweep_files(self, *, actor: str) -> int:
        """Remove files handed in long ago that no source names; returns how many. Audited as `source_file_swept`.

        A source counts whether it is enabled or not, and wherever the data directory stood when it was registered. A
        form that still shows a file makes it young again.
        """
        before = self._clock() - self._kept
        old = self._files.older(before)
        with self._uow.reading() as look:
            named = {part for source in look.sources.all() for part in Path(source.address).parts}
        unnamed = [folder for folder in old if folder.name not in named]
        for folder in unnamed:
            with self._uow() as work:
                work.record(AuditEvent(actor=actor, action="source_file_swept", subject=f"file:{folder.name}"))
                work.commit()
            self._files.remove(folder, before)
        return len(unnamed)

    def _let_go(self, upload_id: UploadId, actor: str) -> bool:
        with self._uow() as work:
            upload = work.uploads.held(upload_id)
            if upload.state.is_at_work and not is_left(upload, self._clock()):
                return False
            swept = self._swept(upload)
            work.uploads.forget_file(upload_id)
            work.uploads.keep(swept)
            work.record(replace(upload_event("upload_swept", swept), actor=actor, before=upload.state.value))
            work.commit()
        return True

    def _swept(self, upload: Upload) -> Upload:
        return upload if upload.state in _ENDED else upload.in_state(UploadState.EXPIRED, self._clock())
