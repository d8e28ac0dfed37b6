"""The audit log, read and verified."""

from collections.abc import Iterator
from typing import Final, final

from catalogue_app.persistence.audit import AuditLine, ChainVerdict
from catalogue_app.persistence.unit_of_work import UnitsOfWork


@final
class Audit:
    """Use cases of auditors; nothing here changes anything."""

    def __init__(self, uow: UnitsOfWork) -> None:
        self._uow: Final = uow

    def verify(self) -> ChainVerdict:
        """Walk the whole chain of digests and say where it breaks, if anywhere."""
        with self._uow.reading() as look:
            return look.audit.verify()

    def backwards(self, subject: str | None = None, before: int | None = None) -> Iterator[AuditLine]:
        """Yield the lines, newest first: those about one subject, those before a position, where one is given."""
        with self._uow.reading() as look:
            yield from look.audit.backwards(subject, before)
