"""An organ's catalogue written as the standard workbook or CSV, as far as who asks may see it."""

from pathlib import Path
from typing import Final, final

from catalogue_app.domain.ids import OrganId
from catalogue_app.domain.selection import EntryFilter
from catalogue_app.domain.visibility import Audience
from catalogue_app.persistence.unit_of_work import UnitsOfWork
from catalogue_app.reference import Reference
from catalogue_app.services.organ_sheet_files import SheetForm, csv_lines, write_workbook


@final
class OrganSheets:
    """Exports for organs; anybody may read what they see anyway, so nothing is audited."""

    def __init__(self, uow: UnitsOfWork, reference: Reference) -> None:
        self._uow: Final = uow
        self._reference: Final = reference

    def write(self, organ_id: OrganId, audience: Audience, form: SheetForm, path: Path) -> None:
        """Write every entry of an organ that an audience sees; an upload of the file changes nothing.

        Raises:
            NotFound: no such organ.
        """
        with self._uow.reading() as look:
            organ = look.organs.by_id(organ_id)
            entries = look.entries.walk(EntryFilter(organs=frozenset({organ_id})), audience)
            if form is SheetForm.XLSX:
                write_workbook(entries, organ.name.original, self._reference, path)
                return
            with path.open("wb") as file:
                file.writelines(csv_lines(entries, self._reference))
